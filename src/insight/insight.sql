
-- insight/insight: KPIs and what is found in their values

/*
 * A KPI is a tenant's, or the role's that made it where that has no tenant.
 * Names, not OIDs, so that a dump can be restored.
 */
CREATE TABLE sql_agent.kpi (
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY,
  tenant name REFERENCES sql_agent.tenant (name) ON UPDATE CASCADE ON DELETE CASCADE,
  owner_role name NOT NULL,
  name name NOT NULL,
  schema_name name NOT NULL,
  relation_name name NOT NULL,
  measure text NOT NULL,
  time_column name NOT NULL,
  time_zone text,
  dimensions name[] NOT NULL,
  granularity text NOT NULL,
  favorable text NOT NULL,
  filter text,
  options jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  created_by name NOT NULL,
  last_run_at timestamptz,
  last_error text
);
COMMENT ON TABLE sql_agent.kpi IS 'measures that insight_run() watches';
CREATE UNIQUE INDEX kpi_of_tenant ON sql_agent.kpi (tenant, name) WHERE tenant IS NOT NULL;
CREATE UNIQUE INDEX kpi_of_role ON sql_agent.kpi (owner_role, name) WHERE tenant IS NULL;

CREATE TABLE sql_agent.insight (
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY,
  kpi_id uuid NOT NULL REFERENCES sql_agent.kpi (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  type text NOT NULL,
  priority text NOT NULL,
  sentiment text NOT NULL,
  first_day date NOT NULL,
  last_day date NOT NULL,
  dimension_values jsonb NOT NULL,
  current_value double precision NOT NULL,
  expected_value double precision NOT NULL,
  low_value double precision NOT NULL,
  high_value double precision NOT NULL,
  change double precision NOT NULL,
  score double precision NOT NULL,
  sentence text NOT NULL,
  sql text NOT NULL,
  dismissed_at timestamptz,
  dismissed_by name,
  CONSTRAINT insight_once UNIQUE (kpi_id, type, last_day, dimension_values)
);
COMMENT ON TABLE sql_agent.insight IS 'what insight_run() found, once for a KPI, a kind of finding and a day';
CREATE INDEX insight_created ON sql_agent.insight (created_at);

/* only the functions and views below read and write them */
ALTER TABLE sql_agent.kpi ENABLE ROW LEVEL SECURITY;
ALTER TABLE sql_agent.insight ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON sql_agent.kpi, sql_agent.insight FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.kpi', '');
SELECT pg_catalog.pg_extension_config_dump('sql_agent.insight', '');

CREATE VIEW sql_agent.kpis WITH (security_barrier) AS
  SELECT k.name, k.tenant, k.owner_role,
         pg_catalog.format('%I.%I', k.schema_name, k.relation_name) AS relation,
         k.measure, k.time_column, k.time_zone, k.dimensions, k.granularity, k.favorable, k.filter, k.options,
         k.created_at, k.created_by, k.last_run_at, k.last_error
    FROM sql_agent.kpi k
   WHERE CASE WHEN k.tenant IS NULL THEN k.owner_role OPERATOR(pg_catalog.=) CURRENT_USER
              ELSE k.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())::name END
      OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE');
COMMENT ON VIEW sql_agent.kpis IS 'the measures of your tenant that are watched, or your own; operators see all';

CREATE VIEW sql_agent.insights WITH (security_barrier) AS
  SELECT i.id, k.tenant, k.name AS kpi, i.created_at, i.type, i.priority, i.sentiment, k.granularity,
         i.first_day, i.last_day, i.dimension_values, i.current_value, i.expected_value, i.low_value,
         i.high_value, i.change, i.score, i.sentence, i.sql, i.dismissed_at, i.dismissed_by
    FROM sql_agent.insight i JOIN sql_agent.kpi k ON k.id OPERATOR(pg_catalog.=) i.kpi_id
   WHERE CASE WHEN k.tenant IS NULL THEN k.owner_role OPERATOR(pg_catalog.=) CURRENT_USER
              ELSE k.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())::name END
      OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE');
COMMENT ON VIEW sql_agent.insights IS 'what was found in the KPIs of your tenant, or in your own; operators see all';
REVOKE ALL ON sql_agent.kpis, sql_agent.insights FROM PUBLIC;
GRANT SELECT ON sql_agent.kpis, sql_agent.insights TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.kpi_create(name text, relation regclass, measure text, time_column name,
  dimensions name[] DEFAULT '{}', granularity text DEFAULT 'day', favorable text DEFAULT 'up',
  filter text DEFAULT NULL, options jsonb DEFAULT '{}', tenant text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_kpi_create'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.kpi_create(text, regclass, text, name, name[], text, text, text, jsonb, text) IS
  'watch a measure of a table, view or shared table: insight_run() looks at its days, weeks or months';

CREATE FUNCTION sql_agent.kpi_drop(name text, tenant text DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_kpi_drop'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.kpi_drop(text, text) IS 'no longer watch a measure; its insights go with it';

CREATE FUNCTION sql_agent.kpi_values(name text, buckets int DEFAULT 28, tenant text DEFAULT NULL)
RETURNS TABLE (bucket date, value double precision)
AS 'MODULE_PATHNAME', 'sql_agent_kpi_values'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.kpi_values(text, int, text) IS 'the last complete days, weeks or months of a KPI';

CREATE FUNCTION sql_agent.insight_run(tenant text DEFAULT NULL) RETURNS int
AS 'MODULE_PATHNAME', 'sql_agent_insight_run'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.insight_run(text) IS
  'looks at the last complete day, week or month of each KPI, and says how many new insights there are';

CREATE FUNCTION sql_agent.insight_dismiss(id uuid, dismissed boolean DEFAULT true) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_insight_dismiss'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.insight_dismiss(uuid, boolean) IS 'marks an insight as dealt with, or takes that back';

REVOKE ALL ON FUNCTION
  sql_agent.kpi_create(text, regclass, text, name, name[], text, text, text, jsonb, text),
  sql_agent.kpi_drop(text, text), sql_agent.kpi_values(text, int, text), sql_agent.insight_run(text),
  sql_agent.insight_dismiss(uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  sql_agent.kpi_create(text, regclass, text, name, name[], text, text, text, jsonb, text),
  sql_agent.kpi_drop(text, text), sql_agent.kpi_values(text, int, text), sql_agent.insight_run(text),
  sql_agent.insight_dismiss(uuid, boolean) TO sql_agent_user, sql_agent_admin;

/*
 * Names in KPIs follow the tenant; its rows go with it by the foreign key.
 */
CREATE FUNCTION sql_agent.kpis_follow_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE sql_agent.kpi k
     SET schema_name = CASE WHEN k.schema_name OPERATOR(pg_catalog.=) OLD.name THEN NEW.name ELSE k.schema_name END,
         owner_role = ('tenant_' OPERATOR(pg_catalog.||) NEW.name OPERATOR(pg_catalog.||) '_owner')::name
   WHERE k.tenant OPERATOR(pg_catalog.=) NEW.name;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION sql_agent.kpis_follow_tenant() IS 'KPIs follow the schema of their tenant when it is renamed';
REVOKE ALL ON FUNCTION sql_agent.kpis_follow_tenant() FROM PUBLIC;
CREATE TRIGGER kpis_follow AFTER UPDATE OF name ON sql_agent.tenant
  FOR EACH ROW EXECUTE FUNCTION sql_agent.kpis_follow_tenant();
