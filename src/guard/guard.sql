-- guard: decides whether a statement may run, and runs it inside the fence

CREATE FUNCTION sql_agent.check_sql(sql text, OUT allowed boolean, OUT rule text, OUT reason text,
                                    OUT relations regclass[], OUT estimated_cost double precision,
                                    OUT estimated_rows double precision)
RETURNS record
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 10000
AS 'MODULE_PATHNAME', 'sql_agent_check_sql';
COMMENT ON FUNCTION sql_agent.check_sql(text) IS
  'would the guard let the statement run for the asking role? plans it, does not run it';

CREATE FUNCTION sql_agent.run_sql(sql text, max_rows integer DEFAULT NULL)
RETURNS SETOF jsonb
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 ROWS 1000
AS 'MODULE_PATHNAME', 'sql_agent_run_sql';
COMMENT ON FUNCTION sql_agent.run_sql(text, integer) IS
  'runs one SELECT through the guard as the asking role; one JSON object a row';

/*
 * check_sql() and run_sql() stay open to PUBLIC: they send, spend and write
 * nothing, and do less with the caller's own rights than a plain SELECT would.
 */

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

-- Put by the guard in the place of functions whose time grows with the product of their arguments' sizes; the
-- statement runs as the asking role, so every role may execute it.  Of no use by hand.
CREATE FUNCTION sql_agent.bounded(VARIADIC arguments "any") RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sql_agent_bounded';
COMMENT ON FUNCTION sql_agent.bounded("any") IS
  'calls a function of a generated statement if the sizes of its arguments are within bounds; the guard puts it there';

CREATE FUNCTION sql_agent.allow_function(function regprocedure) RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_allow_function';
COMMENT ON FUNCTION sql_agent.allow_function(regprocedure) IS
  'lets generated statements call the function as it is now; changing it ends that';

CREATE FUNCTION sql_agent.disallow_function(function regprocedure) RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_disallow_function';
COMMENT ON FUNCTION sql_agent.disallow_function(regprocedure) IS 'undoes allow_function()';

CREATE FUNCTION sql_agent.allow_relation(relation regclass) RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_allow_relation';
COMMENT ON FUNCTION sql_agent.allow_relation(regclass) IS
  'lets generated statements read the relation as it is defined now, though its kind is refused';

CREATE FUNCTION sql_agent.disallow_relation(relation regclass) RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_disallow_relation';
COMMENT ON FUNCTION sql_agent.disallow_relation(regclass) IS 'undoes allow_relation()';

CREATE FUNCTION sql_agent.function_policy(function regprocedure) RETURNS text
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sql_agent_function_policy';
COMMENT ON FUNCTION sql_agent.function_policy(regprocedure) IS
  'what the guard thinks of a function: allowed, refused, not reviewed (built in, but new), foreign';

CREATE FUNCTION sql_agent.policy_on_parameter(policy oid) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sql_agent_policy_on_parameter';
COMMENT ON FUNCTION sql_agent.policy_on_parameter(oid) IS
  'does the row policy with this oid rest on what a session can set? for lint()';

CREATE FUNCTION sql_agent.registry_state(object oid, is_relation boolean) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sql_agent_registry_state';
COMMENT ON FUNCTION sql_agent.registry_state(oid, boolean) IS
  'is the function or relation allowed with the definition that it has now? for lint()';

REVOKE ALL ON FUNCTION sql_agent.allow_function(regprocedure), sql_agent.disallow_function(regprocedure),
  sql_agent.allow_relation(regclass), sql_agent.disallow_relation(regclass),
  sql_agent.function_policy(regprocedure), sql_agent.registry_state(oid, boolean), sql_agent.policy_on_parameter(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.function_policy(regprocedure), sql_agent.registry_state(oid, boolean),
  sql_agent.policy_on_parameter(oid) TO sql_agent_admin;
-- admins read them, superusers write them
GRANT SELECT ON sql_agent.allowed_function, sql_agent.allowed_relation TO sql_agent_admin;
ALTER TABLE sql_agent.allowed_function ENABLE ROW LEVEL SECURITY;
ALTER TABLE sql_agent.allowed_relation ENABLE ROW LEVEL SECURITY;
CREATE POLICY admins_read ON sql_agent.allowed_function FOR SELECT TO sql_agent_admin USING (true);
CREATE POLICY admins_read ON sql_agent.allowed_relation FOR SELECT TO sql_agent_admin USING (true);
COMMENT ON POLICY admins_read ON sql_agent.allowed_function IS 'lint() reads them as the caller';
COMMENT ON POLICY admins_read ON sql_agent.allowed_relation IS 'lint() reads them as the caller';
