-- tenant/tenant

/*
 * expose_schema: what questions of superusers and operators may be about.
 * Runs as the caller: it can grant what the caller can grant, no more.
 */
CREATE FUNCTION sql_agent.expose_schema(schema name, tables boolean DEFAULT true) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target CONSTANT pg_catalog.name := expose_schema.schema;
  nsp record;
  rel record;
  grantor record;
  skipped text;
  skipped_count bigint;
BEGIN
  SELECT n.* INTO nsp FROM sql_agent.exposable_schema(target) n;
  EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %I TO sql_agent_reader', target);
  IF expose_schema.tables IS NOT TRUE THEN
    RETURN;
  END IF;

  FOR rel IN
    SELECT c.relname FROM pg_catalog.pg_class c
     WHERE c.relnamespace OPERATOR(pg_catalog.=) nsp.oid
       AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f}'::"char"[])
       AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
            OR pg_catalog.has_table_privilege(c.oid, 'SELECT WITH GRANT OPTION'))
  LOOP
    EXECUTE pg_catalog.format('GRANT SELECT ON TABLE %I.%I TO sql_agent_reader', target, rel.relname);
  END LOOP;
  SELECT pg_catalog.string_agg(pg_catalog.quote_ident(s.relname), ', ' ORDER BY s.relname COLLATE "C")
           FILTER (WHERE s.nr OPERATOR(pg_catalog.<=) 10),
         pg_catalog.count(*)
    INTO skipped, skipped_count
    FROM (SELECT c.relname, pg_catalog.row_number() OVER (ORDER BY c.relname COLLATE "C") AS nr
            FROM pg_catalog.pg_class c
           WHERE c.relnamespace OPERATOR(pg_catalog.=) nsp.oid
             AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f}'::"char"[])
             AND NOT pg_catalog.has_table_privilege('sql_agent_reader', c.oid, 'SELECT')) s;
  IF skipped_count OPERATOR(pg_catalog.>) 0 THEN
    RAISE NOTICE '% of schema "%" not exposed: %',
      CASE skipped_count WHEN 1 THEN '1 table' ELSE pg_catalog.format('%s tables', skipped_count) END,
      target, skipped
      USING HINT = 'Their owners can GRANT SELECT on them to sql_agent_reader.';
  END IF;

  FOR grantor IN
    SELECT o.rolname, pg_catalog.pg_has_role(o.oid, 'USAGE') AS mine
      FROM sql_agent.table_owners(nsp.oid) o
  LOOP
    IF grantor.mine THEN
      EXECUTE pg_catalog.format(
        'ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT SELECT ON TABLES TO sql_agent_reader',
        grantor.rolname, target);
    ELSE
      RAISE NOTICE 'tables that role "%" creates in schema "%" later will not be exposed',
        grantor.rolname, target
        USING HINT = 'That role can call expose_schema() again, or ALTER DEFAULT PRIVILEGES.';
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION sql_agent.expose_schema(name, boolean) IS 'let questions of superusers and operators see a schema and its tables';

CREATE FUNCTION sql_agent.hide_schema(schema name) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target CONSTANT pg_catalog.name := hide_schema.schema;
  nsp record;
  rel record;
  grantor record;
BEGIN
  SELECT n.* INTO nsp FROM sql_agent.exposable_schema(target) n;
  EXECUTE pg_catalog.format('REVOKE USAGE ON SCHEMA %I FROM sql_agent_reader', target);
  FOR rel IN
    SELECT c.relname FROM pg_catalog.pg_class c
     WHERE c.relnamespace OPERATOR(pg_catalog.=) nsp.oid
       AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f}'::"char"[])
       AND pg_catalog.has_any_column_privilege('sql_agent_reader', c.oid, 'SELECT')
       AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
            OR pg_catalog.has_table_privilege(c.oid, 'SELECT WITH GRANT OPTION'))
  LOOP
    EXECUTE pg_catalog.format('REVOKE SELECT ON TABLE %I.%I FROM sql_agent_reader', target, rel.relname);
  END LOOP;
  FOR grantor IN
    SELECT r.rolname
      FROM pg_catalog.pg_default_acl d
      JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) d.defaclrole
     WHERE d.defaclnamespace OPERATOR(pg_catalog.=) nsp.oid
       AND d.defaclobjtype OPERATOR(pg_catalog.=) 'r'
       AND pg_catalog.pg_has_role(r.oid, 'USAGE')
  LOOP
    EXECUTE pg_catalog.format(
      'ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I REVOKE SELECT ON TABLES FROM sql_agent_reader',
      grantor.rolname, target);
  END LOOP;
  IF EXISTS (SELECT FROM sql_agent.exposed_schemas e WHERE e.schema OPERATOR(pg_catalog.=) target) THEN
    RAISE WARNING 'schema "%" is still exposed', target
      USING DETAIL = 'Another role granted USAGE on it to sql_agent_reader.',
            HINT = 'That role can REVOKE it.';
  END IF;
END
$$;
COMMENT ON FUNCTION sql_agent.hide_schema(name) IS 'undo expose_schema()';

/* the schema, where the caller may expose it; raises otherwise */
CREATE FUNCTION sql_agent.exposable_schema(schema name, OUT oid oid, OUT owner oid) RETURNS record
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF exposable_schema.schema IS NULL THEN
    RAISE EXCEPTION 'schema must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  SELECT n.oid, n.nspowner INTO exposable_schema.oid, exposable_schema.owner
    FROM pg_catalog.pg_namespace n
   WHERE n.nspname OPERATOR(pg_catalog.=) exposable_schema.schema;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'schema "%" does not exist', exposable_schema.schema
      USING ERRCODE = 'invalid_schema_name';
  END IF;
  IF exposable_schema.schema OPERATOR(pg_catalog.~~) 'pg\_%'
     OR exposable_schema.schema OPERATOR(pg_catalog.=) ANY ('{information_schema,sql_agent}'::name[]) THEN
    RAISE EXCEPTION 'schema "%" can not be exposed', exposable_schema.schema
      USING ERRCODE = 'invalid_parameter_value',
            DETAIL = 'System schemas and sql_agent''s own are never asked about.';
  END IF;
  IF NOT pg_catalog.pg_has_role(exposable_schema.owner, 'USAGE') THEN
    RAISE EXCEPTION 'must be owner of schema %', exposable_schema.schema
      USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;
COMMENT ON FUNCTION sql_agent.exposable_schema(name) IS 'check that the caller may expose the schema';

/* who makes tables in the schema: the owners of those that are there, and the caller */
CREATE FUNCTION sql_agent.table_owners(schema oid) RETURNS TABLE (oid oid, rolname name)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r.oid, r.rolname
    FROM pg_catalog.pg_roles r
   WHERE r.rolname OPERATOR(pg_catalog.=) current_user
      OR r.oid IN (SELECT c.relowner FROM pg_catalog.pg_class c
                    WHERE c.relnamespace OPERATOR(pg_catalog.=) $1
                      AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f}'::"char"[]))
   ORDER BY r.rolname COLLATE "C"
$$;
COMMENT ON FUNCTION sql_agent.table_owners(oid) IS 'the roles whose later tables expose_schema() must provide for';

REVOKE ALL ON FUNCTION sql_agent.expose_schema(name, boolean), sql_agent.hide_schema(name),
  sql_agent.exposable_schema(name), sql_agent.table_owners(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.expose_schema(name, boolean), sql_agent.hide_schema(name),
  sql_agent.exposable_schema(name), sql_agent.table_owners(oid) TO sql_agent_user, sql_agent_admin;

CREATE VIEW sql_agent.exposed_schemas AS
  SELECT n.nspname AS schema,
         pg_catalog.pg_get_userbyid(n.nspowner) AS owner,
         (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c
           WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid
             AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f}'::"char"[])
             AND pg_catalog.has_any_column_privilege('sql_agent_reader', c.oid, 'SELECT')) AS tables
    FROM pg_catalog.pg_namespace n
   WHERE EXISTS (SELECT FROM pg_catalog.aclexplode(n.nspacl) a
                   JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) a.grantee
                  WHERE r.rolname OPERATOR(pg_catalog.=) 'sql_agent_reader'
                    AND a.privilege_type OPERATOR(pg_catalog.=) 'USAGE')
     AND n.nspname OPERATOR(pg_catalog.<>) 'sql_agent';
COMMENT ON VIEW sql_agent.exposed_schemas IS 'schemas that expose_schema() opened, and how many of their tables questions can see';
GRANT SELECT ON sql_agent.exposed_schemas TO sql_agent_user, sql_agent_admin;
