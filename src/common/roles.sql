
/*
 * The group roles belong to the cluster, not to this database: another
 * database of the cluster may have made them.  They are reused only when they
 * are what we would have made; anything else could be somebody's trap.
 */
DO $$
DECLARE
  role_name text;
  existing record;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['sql_agent_user', 'sql_agent_admin', 'sql_agent_reader', 'sql_agent_keys']
  LOOP
    SELECT r.* INTO existing FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) role_name;
    IF NOT FOUND THEN
      EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', role_name);
    ELSIF existing.rolcanlogin OR existing.rolsuper OR existing.rolcreaterole OR existing.rolcreatedb
          OR existing.rolreplication OR existing.rolbypassrls THEN
      RAISE EXCEPTION 'role "%" exists already and is not a plain group role', role_name
        USING ERRCODE = 'duplicate_object',
              DETAIL = 'sql_agent needs it NOLOGIN and without any special attribute.',
              HINT = 'Rename that role, or ALTER ROLE it to NOLOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS.';
    END IF;
  END LOOP;
  IF EXISTS (SELECT FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r
               ON r.oid OPERATOR(pg_catalog.=) m.member
             WHERE r.rolname OPERATOR(pg_catalog.=) 'sql_agent_reader') THEN
    RAISE EXCEPTION 'role "sql_agent_reader" is a member of other roles'
      USING ERRCODE = 'invalid_grant_operation',
            DETAIL = 'Generated SQL runs as this role; a membership would give it more than was exposed.',
            HINT = 'REVOKE those memberships, then create the extension.';
  END IF;
END
$$;

/*
 * Every object here carries its own privileges.  Without USAGE a role that lacks
 * one would be told about the schema instead of what it may not do, and a grant
 * of a single function to a role that inherits nothing would not work.
 */
GRANT USAGE ON SCHEMA sql_agent TO PUBLIC;
