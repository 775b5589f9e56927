-- service/service

CREATE FUNCTION sql_agent.llm_validator(options text[], catalog oid) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE STRICT AS 'MODULE_PATHNAME', 'sql_agent_llm_validator';
COMMENT ON FUNCTION sql_agent.llm_validator(text[], oid) IS 'check the options of servers of sql_agent_llm and of their user mappings';

CREATE FUNCTION sql_agent.smtp_validator(options text[], catalog oid) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE STRICT AS 'MODULE_PATHNAME', 'sql_agent_smtp_validator';
COMMENT ON FUNCTION sql_agent.smtp_validator(text[], oid) IS 'check the options of servers of sql_agent_smtp and of their user mappings';

CREATE FUNCTION sql_agent.webhook_validator(options text[], catalog oid) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE STRICT AS 'MODULE_PATHNAME', 'sql_agent_webhook_validator';
COMMENT ON FUNCTION sql_agent.webhook_validator(text[], oid) IS 'check the options of servers of sql_agent_webhook and of their user mappings';

-- whoever defines options is checked by them; nobody else has a use for the functions
REVOKE ALL ON FUNCTION sql_agent.llm_validator(text[], oid), sql_agent.smtp_validator(text[], oid),
  sql_agent.webhook_validator(text[], oid) FROM PUBLIC;

CREATE FOREIGN DATA WRAPPER sql_agent_llm VALIDATOR sql_agent.llm_validator;
COMMENT ON FOREIGN DATA WRAPPER sql_agent_llm IS 'language models: provider, model and address; keys are user mappings';

CREATE FOREIGN DATA WRAPPER sql_agent_smtp VALIDATOR sql_agent.smtp_validator;
COMMENT ON FOREIGN DATA WRAPPER sql_agent_smtp IS 'mail servers; passwords are user mappings';

CREATE FOREIGN DATA WRAPPER sql_agent_webhook VALIDATOR sql_agent.webhook_validator;
COMMENT ON FOREIGN DATA WRAPPER sql_agent_webhook IS 'webhooks; secrets are user mappings';

CREATE FUNCTION sql_agent.llm_test(server text, tenant text DEFAULT NULL) RETURNS jsonb
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sql_agent_llm_test';
COMMENT ON FUNCTION sql_agent.llm_test(text, text) IS 'ask a language model something that tells nothing, and report how it went';
REVOKE ALL ON FUNCTION sql_agent.llm_test(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.llm_test(text, text) TO sql_agent_admin;
