
-- task/schedule: tasks at times

CREATE FUNCTION sql_agent.cron_next(cron text, after timestamptz DEFAULT pg_catalog.now(),
  timezone text DEFAULT pg_catalog.current_setting('TimeZone'), count int DEFAULT 1)
RETURNS SETOF timestamptz
AS 'MODULE_PATHNAME', 'sql_agent_cron_next'
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 1;
COMMENT ON FUNCTION sql_agent.cron_next(text, timestamptz, text, int) IS 'the next times of a cron expression in a time zone';
REVOKE ALL ON FUNCTION sql_agent.cron_next(text, timestamptz, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.cron_next(text, timestamptz, text, int) TO sql_agent_user, sql_agent_admin;
