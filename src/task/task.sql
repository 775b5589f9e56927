
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
COMMENT ON SEQUENCE sql_agent.task_seq_seq IS 'the order in which tasks were enqueued';
COMMENT ON COLUMN sql_agent.task.home IS 'system identifier and OID of the database that runs it';
COMMENT ON COLUMN sql_agent.task.owner_role IS 'name of the role that it runs as, when it was enqueued';
COMMENT ON COLUMN sql_agent.task.owner_id IS 'OID of that role in the cluster of "home"';
COMMENT ON COLUMN sql_agent.task.fair_key IS 't: and the tenant, or r: and the role that has none';
COMMENT ON COLUMN sql_agent.task.ready IS 'false until a worker has seen that run_at has come';
COMMENT ON COLUMN sql_agent.task.held IS 'waits until its tenant is resumed';
COMMENT ON COLUMN sql_agent.task.error IS 'sqlstate, message, detail, hint and context of the last try that failed';
COMMENT ON COLUMN sql_agent.task.worker_started IS 'start of the process worker_pid: its number may be used again';
CREATE INDEX task_ready ON sql_agent.task (home, queue, fair_key, (0 OPERATOR(pg_catalog.-) priority), seq)
  WHERE status OPERATOR(pg_catalog.=) 'PENDING' AND ready;
CREATE INDEX task_later ON sql_agent.task (home, held, run_at)
  WHERE status OPERATOR(pg_catalog.=) 'PENDING' AND NOT ready;
CREATE INDEX task_running ON sql_agent.task (home) WHERE status OPERATOR(pg_catalog.=) 'PROCESSING';
CREATE INDEX task_tenant ON sql_agent.task (tenant, home)
  WHERE tenant IS NOT NULL AND status IN ('PENDING', 'PROCESSING');
CREATE INDEX task_finished ON sql_agent.task (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX task_recurrent ON sql_agent.task (home, kind, created_at)
  WHERE unique_key OPERATOR(pg_catalog.=) 'recurrent';
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

CREATE FUNCTION sql_agent.task_home() RETURNS text
AS 'MODULE_PATHNAME', 'sql_agent_task_home'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.task_home() IS 'what tasks of this database and cluster have as their home';
REVOKE ALL ON FUNCTION sql_agent.task_home() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.task_home() TO sql_agent_user, sql_agent_admin;

/*
 * Own rows, but those of a tenant only while one belongs to it.  A tenant's
 * administrators see its tasks in the views, without what is in them.
 */
ALTER TABLE sql_agent.task ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sql_agent.task FOR SELECT
  USING (CASE WHEN home OPERATOR(pg_catalog.=) (SELECT sql_agent.task_home())
              THEN owner_id OPERATOR(pg_catalog.=) (SELECT r.oid FROM pg_catalog.pg_roles r
                                                     WHERE r.rolname OPERATOR(pg_catalog.=) CURRENT_USER)
              ELSE owner_role OPERATOR(pg_catalog.=) CURRENT_USER END
         AND (tenant IS NULL OR tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())));
CREATE POLICY operator ON sql_agent.task FOR SELECT TO sql_agent_admin USING (true);
ALTER TABLE sql_agent.task_queue ENABLE ROW LEVEL SECURITY;
CREATE POLICY operator ON sql_agent.task_queue FOR SELECT TO sql_agent_admin USING (true);

REVOKE ALL ON sql_agent.task, sql_agent.task_queue FROM PUBLIC;
GRANT SELECT ON sql_agent.task TO sql_agent_user, sql_agent_admin;
GRANT SELECT ON sql_agent.task_queue TO sql_agent_admin;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.task', '');
SELECT pg_catalog.pg_extension_config_dump('sql_agent.task_seq_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sql_agent.task_queue', '');

/*
 * The views read as their owner, whom row security does not bind; so this one
 * says whose rows the others show.
 */
CREATE VIEW sql_agent.task_visible WITH (security_barrier) AS
  SELECT s.*
    FROM (SELECT t.*, t.home OPERATOR(pg_catalog.=) (SELECT sql_agent.task_home()) AS at_home,
                 pg_catalog.pg_has_role('sql_agent_admin', 'USAGE')
                 OR CASE WHEN t.home OPERATOR(pg_catalog.=) (SELECT sql_agent.task_home())
                         THEN t.owner_id OPERATOR(pg_catalog.=) (SELECT r.oid FROM pg_catalog.pg_roles r
                                                                  WHERE r.rolname OPERATOR(pg_catalog.=) CURRENT_USER)
                         ELSE t.owner_role OPERATOR(pg_catalog.=) CURRENT_USER END
                    AND (t.tenant IS NULL OR t.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant()))
                   AS in_full
            FROM sql_agent.task t) s
   WHERE s.in_full OR s.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.administered_tenant());
COMMENT ON VIEW sql_agent.task_visible IS 'the tasks that the caller may see; for other views';
REVOKE ALL ON sql_agent.task_visible FROM PUBLIC;

CREATE FUNCTION sql_agent.task_workers(OUT pid int, OUT started timestamptz, OUT state text, OUT since timestamptz,
  OUT task_id uuid, OUT kind name, OUT queue name, OUT tenant name, OUT progress real, OUT message text,
  OUT tasks_done bigint, OUT tasks_failed bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'sql_agent_task_workers'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 4;
COMMENT ON FUNCTION sql_agent.task_workers() IS 'the workers of this database that are at a task which the caller may see; for view workers';
REVOKE ALL ON FUNCTION sql_agent.task_workers() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.task_workers() TO sql_agent_user, sql_agent_admin;

CREATE VIEW sql_agent.tasks WITH (security_barrier) AS
  SELECT t.id, t.kind, t.queue, t.tenant, t.owner_role, t.status,
         CASE t.status WHEN 'PROCESSING' THEN COALESCE(w.progress, t.progress) ELSE t.progress END AS progress,
         CASE WHEN NOT t.at_home AND t.status IN ('PENDING', 'PROCESSING')
              THEN 'waits for resume_after_restore(): it was restored or copied from another database'
              WHEN t.held THEN 'waits for tenant_resume()'
              WHEN t.status OPERATOR(pg_catalog.=) 'PROCESSING' THEN COALESCE(w.message, t.message)
              ELSE t.message END AS message,
         t.priority, t.attempts, t.max_attempts, t.created_at, t.run_at, t.started_at, t.finished_at,
         t.worker_pid, t.unique_key,
         CASE WHEN t.in_full THEN t.payload END AS payload,
         CASE WHEN t.in_full THEN t.result END AS result,
         CASE WHEN t.in_full THEN t.error END AS error
    FROM sql_agent.task_visible t
    LEFT JOIN sql_agent.task_workers() w ON w.task_id OPERATOR(pg_catalog.=) t.id;
COMMENT ON VIEW sql_agent.tasks IS
  'your tasks; a tenant''s administrators see those of its members without their contents, operators all';

CREATE VIEW sql_agent.workers WITH (security_barrier) AS
  SELECT w.pid, w.started, w.state, w.since, w.task_id, w.kind, w.queue, w.tenant, w.progress, w.message,
         w.tasks_done, w.tasks_failed
    FROM sql_agent.task_workers() w;
COMMENT ON VIEW sql_agent.workers IS 'workers of this database: those at your tasks, for operators all';

CREATE FUNCTION sql_agent.queue_places(queue name) RETURNS int
AS 'MODULE_PATHNAME', 'sql_agent_queue_places'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.queue_places(name) IS 'how many tasks of a queue run at one time where queue_set() does not say';

CREATE FUNCTION sql_agent.queue_places_per_tenant(places int) RETURNS int
AS 'MODULE_PATHNAME', 'sql_agent_queue_places_per_tenant'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.queue_places_per_tenant(int) IS
  'how many of the places of a queue one tenant has where queue_set() does not say';
REVOKE ALL ON FUNCTION sql_agent.queue_places(name), sql_agent.queue_places_per_tenant(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.queue_places(name), sql_agent.queue_places_per_tenant(int)
  TO sql_agent_user, sql_agent_admin;

/* each branch goes by an index of its own, so that ended tasks cost nothing */
CREATE VIEW sql_agent.queues WITH (security_barrier) AS
  WITH live AS (
    SELECT t.queue, 'waiting' AS state, t.run_at AS at FROM sql_agent.task_visible t
     WHERE t.status OPERATOR(pg_catalog.=) 'PENDING' AND t.ready
    UNION ALL
    SELECT t.queue, 'delayed', NULL FROM sql_agent.task_visible t
     WHERE t.status OPERATOR(pg_catalog.=) 'PENDING' AND NOT t.ready
    UNION ALL
    SELECT t.queue, 'running', NULL FROM sql_agent.task_visible t
     WHERE t.status OPERATOR(pg_catalog.=) 'PROCESSING'
    UNION ALL
    SELECT t.queue, t.status, t.finished_at FROM sql_agent.task_visible t
     WHERE t.finished_at OPERATOR(pg_catalog.>) (pg_catalog.statement_timestamp() OPERATOR(pg_catalog.-) interval '1 hour')
  ), name (queue) AS (
    VALUES ('default'::name), ('file_processing'), ('query_processing'), ('maintenance')
    UNION SELECT s.queue FROM sql_agent.task_queue s
    UNION SELECT l.queue FROM live l
  ), counted AS (
    SELECT l.queue,
           pg_catalog.count(*) FILTER (WHERE l.state OPERATOR(pg_catalog.=) 'waiting') AS waiting,
           pg_catalog.min(l.at) FILTER (WHERE l.state OPERATOR(pg_catalog.=) 'waiting') AS oldest,
           pg_catalog.count(*) FILTER (WHERE l.state OPERATOR(pg_catalog.=) 'delayed') AS delayed,
           pg_catalog.count(*) FILTER (WHERE l.state OPERATOR(pg_catalog.=) 'running') AS running,
           pg_catalog.count(*) FILTER (WHERE l.state IN ('SUCCESS', 'FAILURE', 'CANCELLED')) AS ended,
           pg_catalog.count(*) FILTER (WHERE l.state OPERATOR(pg_catalog.=) 'FAILURE') AS failed,
           pg_catalog.count(*) FILTER (WHERE l.state IN ('SUCCESS', 'FAILURE', 'CANCELLED')
             AND l.at OPERATOR(pg_catalog.>) (pg_catalog.statement_timestamp() OPERATOR(pg_catalog.-) interval '5 minutes'))
             AS lately
      FROM live l GROUP BY l.queue
  )
  SELECT n.queue, p.places,
         COALESCE(s.places_per_tenant, sql_agent.queue_places_per_tenant(p.places)) AS places_per_tenant,
         COALESCE(s.paused, false) AS paused,
         COALESCE(c.waiting, 0) AS waiting,
         pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) c.oldest AS oldest,
         COALESCE(c.delayed, 0) AS delayed,
         COALESCE(c.running, 0) AS running,
         COALESCE(c.ended, 0) AS ended_last_hour,
         COALESCE(c.failed, 0) AS failed_last_hour,
         pg_catalog.round(COALESCE(c.lately, 0) OPERATOR(pg_catalog./) 5.0, 1) AS rate_per_minute
    FROM name n
    LEFT JOIN sql_agent.task_queue s ON s.queue OPERATOR(pg_catalog.=) n.queue
    CROSS JOIN LATERAL (SELECT COALESCE(s.places, sql_agent.queue_places(n.queue)) AS places) p
    LEFT JOIN counted c ON c.queue OPERATOR(pg_catalog.=) n.queue
   ORDER BY n.queue;
COMMENT ON VIEW sql_agent.queues IS 'queues, with the numbers of the tasks that you can see';

REVOKE ALL ON sql_agent.tasks, sql_agent.workers, sql_agent.queues FROM PUBLIC;
GRANT SELECT ON sql_agent.tasks, sql_agent.workers, sql_agent.queues TO sql_agent_user, sql_agent_admin;

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

CREATE FUNCTION sql_agent.task_status(task uuid) RETURNS jsonb
AS 'MODULE_PATHNAME', 'sql_agent_task_status'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION sql_agent.task_status(uuid) IS 'where a task stands: status, progress, result or error';

CREATE FUNCTION sql_agent.task_wait(task uuid, timeout interval DEFAULT '1 hour') RETURNS jsonb
AS 'MODULE_PATHNAME', 'sql_agent_task_wait'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.task_wait(uuid, interval) IS
  'waits until a task has ended, or as long as is said, and returns its task_status()';

CREATE FUNCTION sql_agent.task_cancel(task uuid) RETURNS boolean
AS 'MODULE_PATHNAME', 'sql_agent_task_cancel'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.task_cancel(uuid) IS
  'cancels a waiting task, tells the worker of a running one to stop; false where it has ended';

CREATE FUNCTION sql_agent.task_retry(task uuid) RETURNS boolean
AS 'MODULE_PATHNAME', 'sql_agent_task_retry'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.task_retry(uuid) IS
  'puts a task that failed or was cancelled back into its queue; false where it is in another state';

REVOKE ALL ON FUNCTION sql_agent.task_status(uuid), sql_agent.task_wait(uuid, interval), sql_agent.task_cancel(uuid),
  sql_agent.task_retry(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.task_status(uuid), sql_agent.task_wait(uuid, interval),
  sql_agent.task_cancel(uuid), sql_agent.task_retry(uuid) TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.queue_set(queue name, places int DEFAULT NULL, places_per_tenant int DEFAULT NULL,
  paused boolean DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_queue_set'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.queue_set(name, int, int, boolean) IS
  'sets how many tasks of a queue run at one time, or pauses it; what is not said stays';

CREATE FUNCTION sql_agent.queue_reset(queue name) RETURNS boolean
AS 'MODULE_PATHNAME', 'sql_agent_queue_reset'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.queue_reset(name) IS 'takes back what queue_set() has set; false where there is nothing';

REVOKE ALL ON FUNCTION sql_agent.queue_set(name, int, int, boolean), sql_agent.queue_reset(name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.queue_set(name, int, int, boolean), sql_agent.queue_reset(name) TO sql_agent_admin;

CREATE FUNCTION sql_agent.task_wake() RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_task_wake'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.task_wake() IS 'wakes workers of this database when the transaction commits';
REVOKE ALL ON FUNCTION sql_agent.task_wake() FROM PUBLIC;

/*
 * Tasks follow their tenant.  Those of a suspended one are held, so that nobody
 * looks at them until it is resumed; one that runs just then is cancelled and
 * put back by its worker.  The owner is renamed where it is a role of the tenant.
 */
CREATE FUNCTION sql_agent.tasks_follow_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
    DELETE FROM sql_agent.task t WHERE t.tenant OPERATOR(pg_catalog.=) OLD.name;
    RETURN NULL;
  END IF;
  IF NEW.name OPERATOR(pg_catalog.<>) OLD.name THEN
    UPDATE sql_agent.task t
       SET tenant = NEW.name,
           fair_key = 't:' OPERATOR(pg_catalog.||) NEW.name,
           owner_role = CASE t.owner_role
                          WHEN 'tenant_' OPERATOR(pg_catalog.||) OLD.name
                            THEN 'tenant_' OPERATOR(pg_catalog.||) NEW.name
                          WHEN 'tenant_' OPERATOR(pg_catalog.||) OLD.name OPERATOR(pg_catalog.||) '_owner'
                            THEN 'tenant_' OPERATOR(pg_catalog.||) NEW.name OPERATOR(pg_catalog.||) '_owner'
                          ELSE t.owner_role END
     WHERE t.tenant OPERATOR(pg_catalog.=) OLD.name;
  END IF;
  IF NEW.suspended_at IS NOT NULL AND OLD.suspended_at IS NULL THEN
    UPDATE sql_agent.task t SET held = true, ready = false
     WHERE t.tenant OPERATOR(pg_catalog.=) NEW.name AND t.status OPERATOR(pg_catalog.=) 'PENDING';
  ELSIF NEW.suspended_at IS NULL AND OLD.suspended_at IS NOT NULL THEN
    UPDATE sql_agent.task t SET held = false
     WHERE t.tenant OPERATOR(pg_catalog.=) NEW.name AND t.status OPERATOR(pg_catalog.=) 'PENDING' AND t.held;
    PERFORM sql_agent.task_wake();
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION sql_agent.tasks_follow_tenant() IS 'tasks are renamed, held and deleted with their tenant';
REVOKE ALL ON FUNCTION sql_agent.tasks_follow_tenant() FROM PUBLIC;
CREATE TRIGGER tasks_follow AFTER DELETE OR UPDATE OF name, suspended_at ON sql_agent.tenant
  FOR EACH ROW EXECUTE FUNCTION sql_agent.tasks_follow_tenant();

/*
 * What ran when the dump or copy was made is seen to have lost its worker then.
 * Where the database has a task of the same unique key already, that one stays.
 */
CREATE FUNCTION sql_agent.resume_after_restore() RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  here CONSTANT text := sql_agent.task_home();
  resumed bigint;
BEGIN
  IF NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) CURRENT_USER) THEN
    RAISE EXCEPTION 'permission denied to let restored tasks run'
      USING ERRCODE = 'insufficient_privilege', DETAIL = 'Only superusers may do so.';
  END IF;
  UPDATE sql_agent.task t
     SET owner_id = COALESCE((SELECT r.oid FROM pg_catalog.pg_roles r
                               WHERE r.rolname OPERATOR(pg_catalog.=) t.owner_role), 0)
   WHERE t.home OPERATOR(pg_catalog.<>) here;
  UPDATE sql_agent.task t
     SET status = 'CANCELLED', finished_at = pg_catalog.clock_timestamp(),
         message = 'a task of the same unique key waits already'
   WHERE t.home OPERATOR(pg_catalog.<>) here AND t.unique_key IS NOT NULL AND t.status IN ('PENDING', 'PROCESSING')
     AND EXISTS (SELECT FROM sql_agent.task o
                  WHERE o.owner_id OPERATOR(pg_catalog.=) t.owner_id AND o.kind OPERATOR(pg_catalog.=) t.kind
                    AND o.unique_key OPERATOR(pg_catalog.=) t.unique_key AND o.status IN ('PENDING', 'PROCESSING')
                    AND (o.home OPERATOR(pg_catalog.=) here
                         OR o.home OPERATOR(pg_catalog.<>) t.home AND o.seq OPERATOR(pg_catalog.>) t.seq));
  UPDATE sql_agent.task t SET home = here
   WHERE t.home OPERATOR(pg_catalog.<>) here AND t.status IN ('PENDING', 'PROCESSING');
  GET DIAGNOSTICS resumed = ROW_COUNT;
  UPDATE sql_agent.task t SET home = here WHERE t.home OPERATOR(pg_catalog.<>) here;
  UPDATE sql_agent.schedule s
     SET home = here,
         owner_id = COALESCE((SELECT r.oid FROM pg_catalog.pg_roles r
                               WHERE r.rolname OPERATOR(pg_catalog.=) s.owner_role), 0)
   WHERE s.home OPERATOR(pg_catalog.<>) here;
  EXECUTE pg_catalog.format('ALTER DATABASE %I SET sql_agent.enabled = on', pg_catalog.current_database());
  PERFORM sql_agent.task_wake();
  RETURN resumed;
END
$$;
COMMENT ON FUNCTION sql_agent.resume_after_restore() IS
  'lets tasks and schedules of a restored or copied database run here, and returns how many tasks wait; for superusers';
REVOKE ALL ON FUNCTION sql_agent.resume_after_restore() FROM PUBLIC;

/*
 * The launcher finds its databases by this setting, without connecting to them.
 */
DO $$
BEGIN
  EXECUTE pg_catalog.format('ALTER DATABASE %I SET sql_agent.enabled = on', pg_catalog.current_database());
END
$$;

CREATE FUNCTION sql_agent.health() RETURNS jsonb
AS 'MODULE_PATHNAME', 'sql_agent_health'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION sql_agent.health() IS
  'is the installation well? status (healthy, degraded, unhealthy), message and checks; for probes';
REVOKE ALL ON FUNCTION sql_agent.health() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.health() TO sql_agent_user, sql_agent_admin;
