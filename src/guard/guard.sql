-- guard: decides whether a statement may run, and runs it inside the fence

CREATE FUNCTION sql_agent.check_sql(sql text, OUT allowed boolean, OUT rule text, OUT reason text,
                                    OUT relations regclass[], OUT estimated_cost double precision,
                                    OUT estimated_rows double precision)
RETURNS record
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 10000
AS 'MODULE_PATHNAME', 'sql_agent_check_sql';
COMMENT ON FUNCTION sql_agent.check_sql(text) IS
  'would the guard let the statement run for the asking role? plans it, does not run it';
REVOKE ALL ON FUNCTION sql_agent.check_sql(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.check_sql(text) TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.run_sql(sql text, max_rows integer DEFAULT NULL)
RETURNS SETOF jsonb
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1000
AS 'MODULE_PATHNAME', 'sql_agent_run_sql';
COMMENT ON FUNCTION sql_agent.run_sql(text, integer) IS
  'runs one SELECT through the guard as the asking role; one JSON object a row';
REVOKE ALL ON FUNCTION sql_agent.run_sql(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.run_sql(text, integer) TO sql_agent_user, sql_agent_admin;

CREATE TABLE sql_agent.allowed_function (
  identity   text PRIMARY KEY,
  hash       text NOT NULL,
  allowed_by name NOT NULL DEFAULT current_user,
  allowed_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE sql_agent.allowed_function IS 'functions that generated statements may call; see allow_function()';
SELECT pg_catalog.pg_extension_config_dump('sql_agent.allowed_function', '');

CREATE TABLE sql_agent.allowed_relation (
  identity   text PRIMARY KEY,
  hash       text NOT NULL,
  allowed_by name NOT NULL DEFAULT current_user,
  allowed_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE sql_agent.allowed_relation IS 'relations that generated statements may read though their kind is refused; see allow_relation()';
SELECT pg_catalog.pg_extension_config_dump('sql_agent.allowed_relation', '');
REVOKE ALL ON sql_agent.allowed_function, sql_agent.allowed_relation FROM PUBLIC;
