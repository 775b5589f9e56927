
-- task/task: the queue of background work

/*
 * A task belongs to the database and cluster that made it ("home"): a restored
 * or cloned copy does not run it until resume_after_restore() says so.
 * "ready" is false until run_at has come; workers turn it.  "held" tasks wait
 * until their tenant is resumed.  "fair_key" is whom the round of the claim goes
 * over: the tenant, or the role of no tenant.  Roles are known by their OID at
 * home, so that a role that is made later under the name of a dropped one is not
 * taken for it; by their name elsewhere.
 */
CREATE TABLE sql_agent.task (
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY,
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  home text COLLATE "C" NOT NULL,
  tenant name,
  owner_role name NOT NULL,
  owner_id oid NOT NULL,
  fair_key text COLLATE "C" NOT NULL CHECK (pg_catalog.octet_length(fair_key) OPERATOR(pg_catalog.<=) 65),
  queue name NOT NULL,
  kind name NOT NULL,
  priority smallint NOT NULL DEFAULT 0,
  status text NOT NULL DEFAULT 'PENDING'
    CHECK (status IN ('PENDING', 'PROCESSING', 'SUCCESS', 'FAILURE', 'CANCELLED')),
  ready boolean NOT NULL DEFAULT true,
  held boolean NOT NULL DEFAULT false,
  progress real NOT NULL DEFAULT 0,
  message text,
  payload jsonb NOT NULL DEFAULT '{}',
  result jsonb,
  error jsonb,
  attempts int NOT NULL DEFAULT 0,
  max_attempts int NOT NULL DEFAULT 1,
  run_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  unique_key text,
  worker_pid int,
  worker_started timestamptz,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz,
  CHECK (NOT (ready AND held))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
COMMENT ON TABLE sql_agent.task IS 'background work: waiting, running and ended';
COMMENT ON COLUMN sql_agent.task.home IS 'system identifier and OID of the database that runs it';
COMMENT ON COLUMN sql_agent.task.owner_role IS 'name of the role that it runs as, when it was enqueued';
COMMENT ON COLUMN sql_agent.task.owner_id IS 'OID of that role in the cluster of "home"';
COMMENT ON COLUMN sql_agent.task.fair_key IS 't: and the tenant, or r: and the role that has none';
COMMENT ON COLUMN sql_agent.task.ready IS 'false until a worker has seen that run_at has come';
COMMENT ON COLUMN sql_agent.task.held IS 'waits until its tenant is resumed';
COMMENT ON COLUMN sql_agent.task.error IS 'sqlstate, message, detail, hint and context of the last try that failed';
COMMENT ON COLUMN sql_agent.task.worker_started IS 'start of the process worker_pid: its number may be used again';
CREATE INDEX task_ready ON sql_agent.task (home, queue, fair_key, priority DESC, seq)
  WHERE status OPERATOR(pg_catalog.=) 'PENDING' AND ready;
CREATE INDEX task_later ON sql_agent.task (home, run_at)
  WHERE status OPERATOR(pg_catalog.=) 'PENDING' AND NOT ready AND NOT held;
CREATE INDEX task_running ON sql_agent.task (home) WHERE status OPERATOR(pg_catalog.=) 'PROCESSING';
CREATE INDEX task_tenant ON sql_agent.task (tenant, home)
  WHERE tenant IS NOT NULL AND status IN ('PENDING', 'PROCESSING');
CREATE INDEX task_owner ON sql_agent.task (owner_id, created_at);
CREATE INDEX task_finished ON sql_agent.task (finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX task_unique_key ON sql_agent.task (home, owner_id, kind, unique_key)
  WHERE unique_key IS NOT NULL AND status IN ('PENDING', 'PROCESSING');

CREATE TABLE sql_agent.task_queue (
  queue name NOT NULL PRIMARY KEY,
  places int CHECK (places OPERATOR(pg_catalog.>=) 0),
  places_per_tenant int CHECK (places_per_tenant OPERATOR(pg_catalog.>=) 0),
  paused boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE sql_agent.task_queue IS 'queues whose places are not the default ones, see queue_set()';
COMMENT ON COLUMN sql_agent.task_queue.places IS 'tasks that run at one time, NULL = the default';
COMMENT ON COLUMN sql_agent.task_queue.places_per_tenant IS 'of one tenant, or of one role without a tenant; 0 = no limit, NULL = the default';

REVOKE ALL ON sql_agent.task, sql_agent.task_queue FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.task', '');
SELECT pg_catalog.pg_extension_config_dump('sql_agent.task_seq_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sql_agent.task_queue', '');

CREATE FUNCTION sql_agent.task_kinds(OUT kind name, OUT queue name, OUT timeout interval, OUT max_attempts int,
  OUT effect text, OUT installation boolean, OUT open boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'sql_agent_task_kinds'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.task_kinds() IS 'the kinds of tasks that are registered in this session';
REVOKE ALL ON FUNCTION sql_agent.task_kinds() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.task_kinds() TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.task_enqueue(kind name, payload jsonb DEFAULT '{}', queue name DEFAULT NULL,
  priority int DEFAULT 0, run_at timestamptz DEFAULT NULL, unique_key text DEFAULT NULL)
RETURNS uuid
AS 'MODULE_PATHNAME', 'sql_agent_task_enqueue'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.task_enqueue(name, jsonb, name, int, timestamptz, text) IS
  'enqueues a task of an open kind with this transaction and returns its id';
REVOKE ALL ON FUNCTION sql_agent.task_enqueue(name, jsonb, name, int, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.task_enqueue(name, jsonb, name, int, timestamptz, text)
  TO sql_agent_user, sql_agent_admin;

/*
 * The launcher finds its databases by this setting, without connecting to them.
 */
DO $$
BEGIN
  EXECUTE pg_catalog.format('ALTER DATABASE %I SET sql_agent.enabled = on', pg_catalog.current_database());
END
$$;
