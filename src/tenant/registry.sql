
-- tenant/registry: tenants and their members

/*
 * Rows hold names and stable keys, no OIDs.  The id is written into the
 * comments of the tenant's roles: roles belong to the cluster, and another
 * database may have a tenant of the same name.
 */
CREATE TABLE sql_agent.tenant (
  name name NOT NULL PRIMARY KEY,
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  tenant_key text NOT NULL,
  display_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  created_by name NOT NULL,
  suspended_at timestamptz,
  options jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT tenant_key UNIQUE (tenant_key)
);
COMMENT ON TABLE sql_agent.tenant IS 'customers of the installation: each has a schema, a reader role and an owner role';
COMMENT ON COLUMN sql_agent.tenant.id IS 'stands in the comments of the tenant''s roles';
COMMENT ON COLUMN sql_agent.tenant.tenant_key IS 'what the tenant''s rows in shared tables carry';
COMMENT ON COLUMN sql_agent.tenant.suspended_at IS 'since when the tenant may not ask or read, or NULL';
COMMENT ON COLUMN sql_agent.tenant.options IS 'limits and settings, see tenant_set_options()';

CREATE TABLE sql_agent.member (
  login name NOT NULL PRIMARY KEY,
  tenant name NOT NULL REFERENCES sql_agent.tenant (name) ON UPDATE CASCADE ON DELETE CASCADE,
  department text,
  job_role text,
  email text,
  tenant_admin boolean NOT NULL DEFAULT false,
  added_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  added_by name NOT NULL
);
COMMENT ON TABLE sql_agent.member IS 'logins that belong to a tenant; a login belongs to one at most';
COMMENT ON COLUMN sql_agent.member.tenant_admin IS 'sees the questions and costs of the whole tenant';
CREATE INDEX member_tenant ON sql_agent.member (tenant);

/*
 * What this installation called the role that stands for all its tenants.  One
 * row, made with the first tenant: a row made by this script would collide
 * with the dumped one in a restore.
 */
CREATE TABLE sql_agent.installation (
  only_row boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (only_row),
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  tenant_group name NOT NULL
);
COMMENT ON TABLE sql_agent.installation IS 'one row: the role that holds what is shared with all tenants';

CREATE FUNCTION sql_agent.current_tenant() RETURNS text
AS 'MODULE_PATHNAME', 'sql_agent_current_tenant'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.current_tenant() IS
  'name of the tenant that the effective role belongs to; NULL for none, several, or a suspended one';

CREATE FUNCTION sql_agent.current_tenant_key(anyelement) RETURNS anyelement
AS 'MODULE_PATHNAME', 'sql_agent_current_tenant_key'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.current_tenant_key(anyelement) IS
  'the tenant_key of current_tenant() as the type of the argument, for policies: tenant_id = current_tenant_key(NULL::int)';

CREATE FUNCTION sql_agent.administered_tenant() RETURNS text
AS 'MODULE_PATHNAME', 'sql_agent_administered_tenant'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.administered_tenant() IS
  'current_tenant() where the effective role is an administrator of it, otherwise NULL';
REVOKE ALL ON FUNCTION sql_agent.administered_tenant() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.administered_tenant() TO sql_agent_user, sql_agent_admin;

ALTER TABLE sql_agent.tenant ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sql_agent.tenant FOR SELECT
  USING (name OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant()));
CREATE POLICY operator ON sql_agent.tenant FOR SELECT TO sql_agent_admin USING (true);
ALTER TABLE sql_agent.member ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sql_agent.member FOR SELECT
  USING (tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant()));
CREATE POLICY operator ON sql_agent.member FOR SELECT TO sql_agent_admin USING (true);

REVOKE ALL ON sql_agent.tenant, sql_agent.member, sql_agent.installation FROM PUBLIC;
GRANT SELECT ON sql_agent.tenant, sql_agent.member TO sql_agent_user, sql_agent_admin;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.tenant', '');
SELECT pg_catalog.pg_extension_config_dump('sql_agent.member', '');
SELECT pg_catalog.pg_extension_config_dump('sql_agent.installation', '');

CREATE TRIGGER tenant_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sql_agent.tenant
  FOR EACH STATEMENT EXECUTE FUNCTION sql_agent.config_changed();
CREATE TRIGGER member_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sql_agent.member
  FOR EACH STATEMENT EXECUTE FUNCTION sql_agent.config_changed();
ALTER TABLE sql_agent.tenant ENABLE ALWAYS TRIGGER tenant_changed;
ALTER TABLE sql_agent.member ENABLE ALWAYS TRIGGER member_changed;

/*
 * The views read as their owner, whom row security does not bind; so they say
 * themselves whose rows they show.
 */
CREATE VIEW sql_agent.tenants WITH (security_barrier) AS
  SELECT t.name, t.display_name, t.tenant_key,
         ('tenant_' OPERATOR(pg_catalog.||) t.name)::name AS reader_role,
         ('tenant_' OPERATOR(pg_catalog.||) t.name OPERATOR(pg_catalog.||) '_owner')::name AS owner_role,
         (SELECT pg_catalog.count(*) FROM sql_agent.member m WHERE m.tenant OPERATOR(pg_catalog.=) t.name) AS members,
         t.created_at, t.created_by, t.suspended_at, t.options
  FROM sql_agent.tenant t
  WHERE t.name OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())
     OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE');
COMMENT ON VIEW sql_agent.tenants IS 'your tenant; operators see all';

CREATE VIEW sql_agent.members WITH (security_barrier) AS
  SELECT m.login, m.tenant, m.department, m.job_role, m.email, m.tenant_admin, m.added_at, m.added_by,
         EXISTS (SELECT FROM pg_catalog.pg_auth_members a
                   JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) a.roleid
                   JOIN pg_catalog.pg_roles l ON l.oid OPERATOR(pg_catalog.=) a.member
                  WHERE l.rolname OPERATOR(pg_catalog.=) m.login
                    AND r.rolname OPERATOR(pg_catalog.=) ('tenant_' OPERATOR(pg_catalog.||) m.tenant)::name) AS active
  FROM sql_agent.member m
  WHERE m.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())
     OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE');
COMMENT ON VIEW sql_agent.members IS
  'the members of your tenant; operators see all.  One is active where its login holds the tenant''s reader role';

REVOKE ALL ON sql_agent.tenants, sql_agent.members FROM PUBLIC;
GRANT SELECT ON sql_agent.tenants, sql_agent.members TO sql_agent_user, sql_agent_admin;

/*
 * What operators do with tenants.  The functions act with the rights of the
 * extension's owner, after they have checked that the caller is an operator.
 */
CREATE FUNCTION sql_agent.tenant_provision(name text, display_name text DEFAULT NULL, tenant_key text DEFAULT NULL,
  if_not_exists boolean DEFAULT false, options jsonb DEFAULT '{}')
RETURNS regnamespace
AS 'MODULE_PATHNAME', 'sql_agent_tenant_provision'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.tenant_provision(text, text, text, boolean, jsonb) IS
  'makes a tenant: its schema, its reader and its owner role; with if_not_exists repairs one that is there';

CREATE FUNCTION sql_agent.tenant_drop(name text, cascade boolean DEFAULT false) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_tenant_drop'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.tenant_drop(text, boolean) IS
  'removes a tenant, its schema and its roles; refuses while there are members or tables, unless cascade';

CREATE FUNCTION sql_agent.tenant_rename(name text, new_name text) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_tenant_rename'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.tenant_rename(text, text) IS
  'renames a tenant, its schema and its roles; the tenant_key stays';

CREATE FUNCTION sql_agent.tenant_suspend(name text) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_tenant_suspend'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.tenant_suspend(text) IS 'takes a tenant''s members the right to ask and read, until tenant_resume()';

CREATE FUNCTION sql_agent.tenant_resume(name text) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_tenant_resume'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.tenant_resume(text) IS 'undoes tenant_suspend()';

CREATE FUNCTION sql_agent.tenant_set_options(name text, options jsonb) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_tenant_set_options'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.tenant_set_options(text, jsonb) IS
  'changes limits of a tenant; those that are not named stay, null takes one away';

CREATE FUNCTION sql_agent.tenant_add_member(tenant text, login text, department text DEFAULT NULL,
  job_role text DEFAULT NULL, email text DEFAULT NULL, tenant_admin boolean DEFAULT false,
  create_login boolean DEFAULT false)
RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_tenant_add_member'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.tenant_add_member(text, text, text, text, text, boolean, boolean) IS
  'makes a login a member of a tenant, or changes what is known of one';

CREATE FUNCTION sql_agent.tenant_remove_member(login text) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_tenant_remove_member'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.tenant_remove_member(text) IS 'takes a login out of its tenant; the login itself stays';

REVOKE ALL ON FUNCTION
  sql_agent.tenant_provision(text, text, text, boolean, jsonb),
  sql_agent.tenant_drop(text, boolean),
  sql_agent.tenant_rename(text, text),
  sql_agent.tenant_suspend(text),
  sql_agent.tenant_resume(text),
  sql_agent.tenant_set_options(text, jsonb),
  sql_agent.tenant_add_member(text, text, text, text, text, boolean, boolean),
  sql_agent.tenant_remove_member(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  sql_agent.tenant_provision(text, text, text, boolean, jsonb),
  sql_agent.tenant_drop(text, boolean),
  sql_agent.tenant_rename(text, text),
  sql_agent.tenant_suspend(text),
  sql_agent.tenant_resume(text),
  sql_agent.tenant_set_options(text, jsonb),
  sql_agent.tenant_add_member(text, text, text, text, text, boolean, boolean),
  sql_agent.tenant_remove_member(text) TO sql_agent_admin;
