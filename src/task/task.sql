
-- task/task: the queue of background work

/*
 * A task belongs to the database and cluster that made it ("home"): a restored
 * or cloned copy does not run it until resume_after_restore() says so.
 * "ready" is false until run_at has come; workers turn it.  "fair_key" is whom
 * the round of the claim goes over: the tenant, or the role of no tenant.
 */
CREATE TABLE sql_agent.task (
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY,
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  home text NOT NULL,
  tenant name,
  owner_role name NOT NULL,
  fair_key text NOT NULL,
  queue name NOT NULL,
  kind name NOT NULL,
  priority smallint NOT NULL DEFAULT 0,
  status text NOT NULL DEFAULT 'PENDING'
    CHECK (status IN ('PENDING', 'PROCESSING', 'SUCCESS', 'FAILURE', 'CANCELLED')),
  ready boolean NOT NULL DEFAULT true,
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
  finished_at timestamptz
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
COMMENT ON TABLE sql_agent.task IS 'background work: waiting, running and ended';
CREATE INDEX task_ready ON sql_agent.task (home, queue, fair_key, priority DESC, seq)
  WHERE status OPERATOR(pg_catalog.=) 'PENDING' AND ready;
CREATE INDEX task_later ON sql_agent.task (home, run_at)
  WHERE status OPERATOR(pg_catalog.=) 'PENDING' AND NOT ready;
CREATE INDEX task_running ON sql_agent.task (home) WHERE status OPERATOR(pg_catalog.=) 'PROCESSING';
CREATE UNIQUE INDEX task_unique_key ON sql_agent.task (owner_role, kind, unique_key)
  WHERE unique_key IS NOT NULL AND status IN ('PENDING', 'PROCESSING');
