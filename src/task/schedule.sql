
-- task/schedule: tasks at times

CREATE FUNCTION sql_agent.cron_next(cron text, after timestamptz DEFAULT pg_catalog.now(),
  timezone text DEFAULT pg_catalog.current_setting('TimeZone'), count int DEFAULT 1)
RETURNS SETOF timestamptz
AS 'MODULE_PATHNAME', 'sql_agent_cron_next'
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 1;
COMMENT ON FUNCTION sql_agent.cron_next(text, timestamptz, text, int) IS 'the next times of a cron expression in a time zone';
REVOKE ALL ON FUNCTION sql_agent.cron_next(text, timestamptz, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.cron_next(text, timestamptz, text, int) TO sql_agent_user, sql_agent_admin;

/*
 * "home" and the owner are as a task's: the role of that OID at that home, so that
 * a role which gets the name later does not get the schedule.  next_run is NULL
 * while a schedule is paused; what is due of a suspended tenant waits.
 */
CREATE TABLE sql_agent.schedule (
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  home text COLLATE "C" NOT NULL,
  tenant name,
  owner_role name NOT NULL,
  owner_id oid NOT NULL,
  kind name NOT NULL,
  payload jsonb NOT NULL,
  cron text,
  every interval,
  timezone text NOT NULL,
  started_at timestamptz NOT NULL,
  missed text NOT NULL CHECK (missed IN ('once', 'skip')),
  next_run timestamptz,
  last_run timestamptz,
  last_task uuid,
  runs bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  last_skip timestamptz,
  last_skip_reason text,
  paused_at timestamptz,
  paused_reason text,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  CHECK ((cron IS NULL) <> (every IS NULL)),
  CHECK (paused_at IS NULL OR next_run IS NULL)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
COMMENT ON TABLE sql_agent.schedule IS 'tasks that are enqueued at times';
COMMENT ON COLUMN sql_agent.schedule.home IS 'system identifier and OID of the database that runs it';
COMMENT ON COLUMN sql_agent.schedule.owner_id IS 'the owner''s OID at home; runs end when that role goes';
COMMENT ON COLUMN sql_agent.schedule.every IS 'counted from started_at';
COMMENT ON COLUMN sql_agent.schedule.missed IS 'once: of times that nobody looked at one is made up for; skip: none';
COMMENT ON COLUMN sql_agent.schedule.last_task IS 'the task of the last run; it goes some time after it has ended';
COMMENT ON COLUMN sql_agent.schedule.skipped IS 'times that were left out, each with last_skip and last_skip_reason';
COMMENT ON COLUMN sql_agent.schedule.paused_reason IS 'who paused it, or why it can not run';
CREATE INDEX schedule_due ON sql_agent.schedule (home, next_run) WHERE next_run IS NOT NULL;
CREATE UNIQUE INDEX schedule_of_tenant ON sql_agent.schedule (tenant, name) WHERE tenant IS NOT NULL;
CREATE UNIQUE INDEX schedule_of_role ON sql_agent.schedule (name, owner_role) WHERE tenant IS NULL;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.schedule', '');

/*
 * Others than operators see schedules through their view.
 */
ALTER TABLE sql_agent.schedule ENABLE ROW LEVEL SECURITY;
CREATE POLICY operator ON sql_agent.schedule FOR SELECT TO sql_agent_admin USING (true);
REVOKE ALL ON sql_agent.schedule FROM PUBLIC;
GRANT SELECT ON sql_agent.schedule TO sql_agent_admin;

CREATE FUNCTION sql_agent.schedule_create(name text, kind text, payload jsonb DEFAULT '{}', cron text DEFAULT NULL,
  every interval DEFAULT NULL, timezone text DEFAULT NULL, missed text DEFAULT 'once', tenant text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_schedule_create'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.schedule_create(text, text, jsonb, text, interval, text, text, text) IS
  'enqueues a task of an open kind at the times of a cron expression, or each interval';

CREATE FUNCTION sql_agent.schedule_drop(name text, tenant text DEFAULT NULL, owner text DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_schedule_drop'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.schedule_drop(text, text, text) IS 'drops a schedule; a task of it that is there stays';

CREATE FUNCTION sql_agent.schedule_pause(name text, tenant text DEFAULT NULL, owner text DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_schedule_pause'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.schedule_pause(text, text, text) IS 'nothing is due of the schedule until schedule_resume()';

CREATE FUNCTION sql_agent.schedule_resume(name text, tenant text DEFAULT NULL, owner text DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_schedule_resume'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.schedule_resume(text, text, text) IS 'undoes schedule_pause(): the next time is the first from now on';

CREATE FUNCTION sql_agent.schedule_run_now(name text, tenant text DEFAULT NULL, owner text DEFAULT NULL) RETURNS uuid
AS 'MODULE_PATHNAME', 'sql_agent_schedule_run_now'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.schedule_run_now(text, text, text) IS
  'enqueues the schedule''s task now, unless one of it has not ended; returns the task';

CREATE FUNCTION sql_agent.schedule_tick() RETURNS int
AS 'MODULE_PATHNAME', 'sql_agent_schedule_tick'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.schedule_tick() IS
  'enqueues the tasks of all schedules that are due, as workers do each second; returns how many';

REVOKE ALL ON FUNCTION
  sql_agent.schedule_create(text, text, jsonb, text, interval, text, text, text),
  sql_agent.schedule_drop(text, text, text),
  sql_agent.schedule_pause(text, text, text),
  sql_agent.schedule_resume(text, text, text),
  sql_agent.schedule_run_now(text, text, text),
  sql_agent.schedule_tick() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  sql_agent.schedule_create(text, text, jsonb, text, interval, text, text, text),
  sql_agent.schedule_drop(text, text, text),
  sql_agent.schedule_pause(text, text, text),
  sql_agent.schedule_resume(text, text, text),
  sql_agent.schedule_run_now(text, text, text) TO sql_agent_user, sql_agent_admin;
GRANT EXECUTE ON FUNCTION sql_agent.schedule_tick() TO sql_agent_admin;

/*
 * Reads as its owner, whom row security does not bind; so it says itself whose
 * rows it shows.  What a schedule works with is for its owner and operators.
 */
CREATE VIEW sql_agent.schedules WITH (security_barrier) AS
  SELECT s.name, s.tenant, s.owner_role, s.kind,
         CASE WHEN s.in_full THEN s.payload END AS payload,
         s.cron, s.every, s.timezone, s.missed,
         CASE WHEN NOT s.at_home THEN 'waiting'
              WHEN s.paused_at IS NOT NULL THEN 'paused'
              WHEN n.suspended_at IS NOT NULL THEN 'suspended'
              WHEN s.next_run IS NULL THEN 'ended'
              ELSE 'active' END AS status,
         CASE WHEN NOT s.at_home THEN 'waits for resume_after_restore(): it was restored or copied from another database'
              WHEN s.paused_at IS NOT NULL THEN s.paused_reason
              WHEN n.suspended_at IS NOT NULL THEN 'waits for tenant_resume()' END AS reason,
         s.next_run, s.last_run, s.last_task, t.status AS last_status,
         CASE WHEN s.in_full THEN t.error OPERATOR(pg_catalog.->>) 'message' END AS last_error,
         s.runs, s.skipped, s.last_skip, CASE WHEN s.in_full THEN s.last_skip_reason END AS last_skip_reason, s.created_at
    FROM (SELECT x.*, x.home OPERATOR(pg_catalog.=) (SELECT sql_agent.task_home()) AS at_home,
                 pg_catalog.pg_has_role('sql_agent_admin', 'USAGE')
                 OR CASE WHEN x.home OPERATOR(pg_catalog.=) (SELECT sql_agent.task_home())
                         THEN x.owner_id OPERATOR(pg_catalog.=) (SELECT r.oid FROM pg_catalog.pg_roles r
                                                                  WHERE r.rolname OPERATOR(pg_catalog.=) CURRENT_USER)
                         ELSE x.owner_role OPERATOR(pg_catalog.=) CURRENT_USER END
                    AND (x.tenant IS NULL OR x.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant()))
                   AS in_full
            FROM sql_agent.schedule x) s
    LEFT JOIN sql_agent.tenant n ON n.name OPERATOR(pg_catalog.=) s.tenant
    LEFT JOIN sql_agent.task t ON t.id OPERATOR(pg_catalog.=) s.last_task
   WHERE s.in_full OR s.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.administered_tenant());
COMMENT ON VIEW sql_agent.schedules IS 'your schedules, as an administrator those of your tenant; operators see all';
REVOKE ALL ON sql_agent.schedules FROM PUBLIC;
GRANT SELECT ON sql_agent.schedules TO sql_agent_user, sql_agent_admin;

/*
 * The schedules of a tenant are renamed with it and its roles, and go with it.
 */
CREATE FUNCTION sql_agent.schedules_follow_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
    DELETE FROM sql_agent.schedule s WHERE s.tenant OPERATOR(pg_catalog.=) OLD.name;
  ELSE
    UPDATE sql_agent.schedule s
       SET tenant = NEW.name,
           owner_role = CASE s.owner_role
             WHEN ('tenant_' OPERATOR(pg_catalog.||) OLD.name)::name THEN ('tenant_' OPERATOR(pg_catalog.||) NEW.name)::name
             WHEN ('tenant_' OPERATOR(pg_catalog.||) OLD.name OPERATOR(pg_catalog.||) '_owner')::name
               THEN ('tenant_' OPERATOR(pg_catalog.||) NEW.name OPERATOR(pg_catalog.||) '_owner')::name
             ELSE s.owner_role END
     WHERE s.tenant OPERATOR(pg_catalog.=) OLD.name;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION sql_agent.schedules_follow_tenant() IS 'schedules follow their tenant''s name and go with it';
REVOKE ALL ON FUNCTION sql_agent.schedules_follow_tenant() FROM PUBLIC;
CREATE TRIGGER schedules_follow AFTER DELETE OR UPDATE OF name ON sql_agent.tenant
  FOR EACH ROW EXECUTE FUNCTION sql_agent.schedules_follow_tenant();
