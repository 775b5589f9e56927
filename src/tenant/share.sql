
-- tenant/share: tables outside the tenants' schemas that tenants may read

/*
 * Names, no OIDs: the rows are dumped.  What a row says is only what can not
 * be seen in the catalogs; whether a table is shared is decided there, by its
 * privileges and policies.
 */
CREATE TABLE sql_agent.shared_table (
  schema_name name NOT NULL,
  table_name name NOT NULL,
  tenant_column name,
  had_row_security boolean NOT NULL,
  had_force boolean NOT NULL,
  shared_by name NOT NULL,
  shared_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  PRIMARY KEY (schema_name, table_name)
);
COMMENT ON TABLE sql_agent.shared_table IS 'tables given to tenants by share_table()';
COMMENT ON COLUMN sql_agent.shared_table.tenant_column IS 'holds the tenant_key that a row belongs to; NULL = every tenant reads every row';
COMMENT ON COLUMN sql_agent.shared_table.had_row_security IS 'was row security on before? unshare_table() restores that';
COMMENT ON COLUMN sql_agent.shared_table.had_force IS 'was it forced?';
ALTER TABLE sql_agent.shared_table ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON sql_agent.shared_table FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.shared_table', '');

/*
 * For the policies of shared tables.  The support function lets the planner
 * leave the call out for a tenant's member, whose query can then use the index
 * of the tenant column.
 */
CREATE FUNCTION sql_agent.outside_tenants_support(internal) RETURNS internal
AS 'MODULE_PATHNAME', 'sql_agent_outside_tenants_support'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.outside_tenants_support(internal) IS 'planner support of outside_tenants()';
REVOKE ALL ON FUNCTION sql_agent.outside_tenants_support(internal) FROM PUBLIC;

CREATE FUNCTION sql_agent.outside_tenants() RETURNS boolean
AS 'MODULE_PATHNAME', 'sql_agent_outside_tenants'
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1
SUPPORT sql_agent.outside_tenants_support;
COMMENT ON FUNCTION sql_agent.outside_tenants() IS
  'true where neither the effective role, nor the role that was set, nor the login has to do with a tenant';

CREATE FUNCTION sql_agent.tenant_group() RETURNS name
AS 'MODULE_PATHNAME', 'sql_agent_tenant_group'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.tenant_group() IS 'the role that holds what is shared with all tenants; NULL before the first tenant';
REVOKE ALL ON FUNCTION sql_agent.tenant_group() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.tenant_group() TO sql_agent_admin;

CREATE FUNCTION sql_agent.share_table(relation regclass, tenant_column name DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_share_table'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.share_table(regclass, name) IS
  'lets all tenants read a table: every row, or those whose tenant_column holds their tenant_key';

CREATE FUNCTION sql_agent.unshare_table(relation regclass) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_unshare_table'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.unshare_table(regclass) IS 'undoes share_table()';

CREATE FUNCTION sql_agent.shared_table_state(relation regclass, tenant_column name) RETURNS text
AS 'MODULE_PATHNAME', 'sql_agent_shared_table_state'
LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION sql_agent.shared_table_state(regclass, name) IS
  'shared, missing, or altered: is the table still as share_table() left it?';

REVOKE ALL ON FUNCTION sql_agent.share_table(regclass, name), sql_agent.unshare_table(regclass),
  sql_agent.shared_table_state(regclass, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.share_table(regclass, name), sql_agent.unshare_table(regclass),
  sql_agent.shared_table_state(regclass, name) TO sql_agent_user, sql_agent_admin;

/*
 * Reads as its owner, whom row security does not bind; so it says itself whose
 * rows it shows: to operators all, to others the tables that they may read.
 */
CREATE VIEW sql_agent.shared_tables WITH (security_barrier) AS
  SELECT s.schema_name AS schema, s.table_name AS name, s.tenant_column,
         sql_agent.shared_table_state(c.oid, s.tenant_column) AS state,
         CASE WHEN c.reltuples OPERATOR(pg_catalog.>=) 0 AND s.tenant_column IS NULL
              THEN c.reltuples::bigint END AS row_estimate,
         CASE WHEN o.is_operator THEN s.shared_by END AS shared_by,
         s.shared_at
    FROM (SELECT pg_catalog.pg_has_role('sql_agent_admin', 'USAGE') AS is_operator) o
   CROSS JOIN sql_agent.shared_table s
    LEFT JOIN (pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace)
           ON n.nspname OPERATOR(pg_catalog.=) s.schema_name AND c.relname OPERATOR(pg_catalog.=) s.table_name
   WHERE o.is_operator OR pg_catalog.has_table_privilege(c.oid, 'SELECT');
COMMENT ON VIEW sql_agent.shared_tables IS 'the tables that share_table() gave to tenants; operators see all, others those that they may read';
REVOKE ALL ON sql_agent.shared_tables FROM PUBLIC;
GRANT SELECT ON sql_agent.shared_tables TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.keep_roles() RETURNS event_trigger
AS 'MODULE_PATHNAME', 'sql_agent_keep_roles'
LANGUAGE C;
COMMENT ON FUNCTION sql_agent.keep_roles() IS 'refuses DROP OWNED of sql_agent''s roles';
REVOKE ALL ON FUNCTION sql_agent.keep_roles() FROM PUBLIC;
CREATE EVENT TRIGGER sql_agent_keep_roles ON ddl_command_start WHEN TAG IN ('DROP OWNED')
  EXECUTE FUNCTION sql_agent.keep_roles();
ALTER EVENT TRIGGER sql_agent_keep_roles ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER sql_agent_keep_roles IS 'keeps what tenants were granted from DROP OWNED by one of their members';
