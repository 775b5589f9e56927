
-- common/changed

CREATE FUNCTION sql_agent.config_changed() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'sql_agent_config_changed';
COMMENT ON FUNCTION sql_agent.config_changed() IS 'tells all backends that rows of the table changed';
REVOKE ALL ON FUNCTION sql_agent.config_changed() FROM PUBLIC;
