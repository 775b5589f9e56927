
-- ledger/ledger: what models were called for, and what it cost

CREATE TABLE sql_agent.model_call (
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  question_id uuid,
  asked_by name NOT NULL,
  tenant name,
  attempt int NOT NULL DEFAULT 1,
  gen_ai_operation_name text NOT NULL DEFAULT 'chat',
  gen_ai_provider_name text,
  sql_agent_server text,
  gen_ai_request_model text,
  gen_ai_response_model text,
  gen_ai_response_finish_reasons text[],
  gen_ai_usage_input_tokens bigint,
  gen_ai_usage_cached_tokens bigint,
  gen_ai_usage_cache_write_tokens bigint,
  gen_ai_usage_output_tokens bigint,
  gen_ai_usage_reasoning_tokens bigint,
  duration_seconds float8,
  cost_usd numeric,
  error_type text
);
COMMENT ON TABLE sql_agent.model_call IS
  'one row a call of a model; columns are named after the OpenTelemetry attributes of generative AI';
COMMENT ON COLUMN sql_agent.model_call.tenant IS 'tenant that the question was asked for; NULL = none, or one that was dropped';
COMMENT ON COLUMN sql_agent.model_call.gen_ai_usage_input_tokens IS 'all of the prompt, cached tokens included';
COMMENT ON COLUMN sql_agent.model_call.cost_usd IS 'with the prices of the day; NULL = not known';
COMMENT ON COLUMN sql_agent.model_call.error_type IS 'SQLSTATE of what went wrong with the call';
CREATE INDEX model_call_question ON sql_agent.model_call (question_id);
CREATE INDEX model_call_server ON sql_agent.model_call (sql_agent_server, created_at);
CREATE INDEX model_call_tenant ON sql_agent.model_call (tenant, created_at) WHERE tenant IS NOT NULL;

ALTER TABLE sql_agent.model_call ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sql_agent.model_call FOR SELECT
  USING (asked_by OPERATOR(pg_catalog.=) CURRENT_USER
         AND (tenant IS NULL OR tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())));
CREATE POLICY tenant_admin ON sql_agent.model_call FOR SELECT
  USING (tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.administered_tenant()));
CREATE POLICY operator ON sql_agent.model_call FOR SELECT TO sql_agent_admin USING (true);

REVOKE ALL ON sql_agent.model_call FROM PUBLIC;
GRANT SELECT ON sql_agent.model_call TO sql_agent_user, sql_agent_admin;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.model_call', '');

/*
 * What was spent stays when a tenant goes; it says no more for whom, for its
 * name may become another's.
 */
CREATE FUNCTION sql_agent.costs_follow_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE sql_agent.model_call m
     SET tenant = CASE WHEN TG_OP OPERATOR(pg_catalog.=) 'UPDATE' THEN NEW.name END
   WHERE m.tenant OPERATOR(pg_catalog.=) OLD.name;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION sql_agent.costs_follow_tenant() IS 'model calls are renamed with their tenant';
REVOKE ALL ON FUNCTION sql_agent.costs_follow_tenant() FROM PUBLIC;
CREATE TRIGGER costs_follow AFTER DELETE OR UPDATE OF name ON sql_agent.tenant
  FOR EACH ROW EXECUTE FUNCTION sql_agent.costs_follow_tenant();
