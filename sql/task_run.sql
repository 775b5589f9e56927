-- tasks from their enqueueing to their end: as whom, how often, in which order
\pset null '(null)'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
-- the kinds of test/task_kinds must be preloaded
SELECT NOT EXISTS (SELECT FROM sql_agent.task_kinds() WHERE kind = 'test_ok') AS skip \gset
\if :skip
\quit
\endif
CREATE ROLE regress_operator LOGIN IN ROLE sql_agent_admin;
CREATE ROLE regress_plain LOGIN IN ROLE sql_agent_user;
SELECT sql_agent.tenant_provision('acme'), sql_agent.tenant_provision('beta');
SELECT sql_agent.tenant_add_member('acme', 'regress_ann', tenant_admin => true, create_login => true),
       sql_agent.tenant_add_member('acme', 'regress_bob', create_login => true),
       sql_agent.tenant_add_member('beta', 'regress_eve', create_login => true);
RESET client_min_messages;

-- as its owner, or as the installation
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.task_enqueue('test_ok', '{"a": [1, "b"]}') AS id \gset
SELECT task - '{task_id,created_at,started_at,finished_at}'::text[] AS task FROM sql_agent.task_wait(:'id', '30 s') AS task;
SELECT status, progress, attempts, started_at BETWEEN created_at AND finished_at AS in_order FROM sql_agent.tasks WHERE id = :'id';
SET SESSION AUTHORIZATION regress_ann;
SELECT status, payload, result, error FROM sql_agent.tasks WHERE id = :'id';
SELECT sql_agent.task_status(:'id')->'result' AS result;
SET SESSION AUTHORIZATION regress_operator;
SELECT sql_agent.task_enqueue('test_installation') AS id \gset
SELECT sql_agent.task_wait(:'id', '30 s')->'result'->>'role' =
       (SELECT extowner::regrole::text FROM pg_extension WHERE extname = 'sql_agent') AS as_owner_of_the_extension;

-- what can not pass fails at once, and says why
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.task_enqueue('test_error', '{"message": "no such thing", "detail": "Look closer.", "hint": "Try another."}') AS id \gset
SELECT task->'status' AS status, task->'attempts' AS attempts, (task->'error') - 'context' AS error
  FROM sql_agent.task_wait(:'id', '30 s') AS task;
SELECT regexp_replace(task->'error'->>'context', '[0-9a-f]{8}-[0-9a-f-]{27}', 'ID') AS context FROM sql_agent.task_status(:'id') AS task;
SELECT sql_agent.task_retry(:'id');
SELECT task->'status' AS status, task->'attempts' AS attempts FROM sql_agent.task_wait(:'id', '30 s') AS task;

-- what can is tried again, later and later, while there are attempts
CREATE FUNCTION pg_temp.tried(task uuid, attempts int) RETURNS TABLE (state text, tried int, wait text, message text)
LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 3000 LOOP
    RETURN QUERY SELECT t.status, t.attempts,
        CASE WHEN t.run_at - t.started_at BETWEEN interval '5 s' AND interval '15.5 s' THEN '5 .. 15 s'
             WHEN t.run_at - t.started_at BETWEEN interval '10 s' AND interval '31 s' THEN '10 .. 30 s' END,
        t.error->>'message'
      FROM sql_agent.task t WHERE t.id = $1 AND t.attempts = $2 AND t.status <> 'PROCESSING';
    EXIT WHEN FOUND;
    PERFORM pg_sleep(0.01);
  END LOOP;
END $$;
SELECT sql_agent.task_enqueue('test_flaky', '{"succeed_at": 3}') AS id \gset
SELECT * FROM pg_temp.tried(:'id', 1);
RESET SESSION AUTHORIZATION;
UPDATE sql_agent.task SET run_at = clock_timestamp() WHERE id = :'id';
SET SESSION AUTHORIZATION regress_bob;
SELECT state, tried, wait IS NOT NULL AS waits, message FROM pg_temp.tried(:'id', 2);
RESET SESSION AUTHORIZATION;
UPDATE sql_agent.task SET run_at = clock_timestamp() WHERE id = :'id';
SET SESSION AUTHORIZATION regress_bob;
SELECT task->'status' AS status, task->'attempts' AS attempts, task->'error' AS error
  FROM sql_agent.task_wait(:'id', '30 s') AS task;

-- stopped while it runs
SELECT sql_agent.task_enqueue('test_sleep', '{"seconds": 60}') AS id \gset
DO $$
BEGIN
  FOR i IN 1 .. 3000 LOOP
    EXIT WHEN (SELECT progress > 0 FROM sql_agent.workers WHERE kind = 'test_sleep');
    PERFORM pg_sleep(0.01);
  END LOOP;
END $$;
SELECT state, kind, queue, tenant, progress BETWEEN 0.001 AND 99 AS some, message FROM sql_agent.workers WHERE task_id = :'id';
SELECT status, progress BETWEEN 0.001 AND 99 AS some, message, result FROM sql_agent.tasks WHERE id = :'id';
SELECT sql_agent.task_status(:'id') @> '{"status": "PROCESSING", "message": "sleeping"}' AS runs;
SELECT sql_agent.task_retry(:'id');
SET SESSION AUTHORIZATION regress_eve;
SELECT * FROM sql_agent.workers;
SELECT queue, running FROM sql_agent.queues WHERE queue = 'default';
SET SESSION AUTHORIZATION regress_bob;
SELECT queue, running FROM sql_agent.queues WHERE queue = 'default';
SELECT sql_agent.task_cancel(:'id');
SELECT task->'status' AS status, task->'error' AS error FROM sql_agent.task_wait(:'id', '30 s') AS task;
SELECT sql_agent.task_cancel(:'id');

-- who may no more work for the tenant
RESET SESSION AUTHORIZATION;
SELECT sql_agent.queue_set('default', paused => true);
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.task_enqueue('test_ok') AS moved \gset
SET SESSION AUTHORIZATION regress_plain;
SELECT sql_agent.task_enqueue('test_ok') AS dropped \gset
SET SESSION AUTHORIZATION regress_operator;
SELECT sql_agent.task_enqueue('test_installation', queue => 'default') AS deposed \gset
RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
SELECT sql_agent.tenant_remove_member('regress_bob');
SELECT sql_agent.tenant_add_member('beta', 'regress_bob');
RESET client_min_messages;
DROP ROLE regress_plain;
CREATE ROLE regress_plain LOGIN IN ROLE sql_agent_user;
REVOKE sql_agent_admin FROM regress_operator;
SELECT sql_agent.queue_set('default', paused => false);
SELECT task->'status' AS status, task->'error'->'sqlstate' AS sqlstate, task->'error'->'message' AS message
  FROM unnest(ARRAY[:'moved', :'dropped', :'deposed']::uuid[]) AS id, sql_agent.task_wait(id, '30 s') AS task;

-- turns: one place; ten of one tenant, the last of them the most urgent, do not keep others waiting
SELECT sql_agent.queue_set('default', places => 1, places_per_tenant => 0, paused => true);
SET SESSION AUTHORIZATION regress_ann;
SELECT count(sql_agent.task_enqueue('test_ok', jsonb_build_object('n', g), priority => g / 10)) FROM generate_series(1, 10) g;
SET SESSION AUTHORIZATION regress_eve;
SELECT count(sql_agent.task_enqueue('test_ok', jsonb_build_object('n', g))) FROM generate_series(1, 3) g;
SET SESSION AUTHORIZATION regress_plain;
SELECT count(sql_agent.task_enqueue('test_ok', jsonb_build_object('n', g))) FROM generate_series(1, 2) g;
RESET SESSION AUTHORIZATION;
SELECT sql_agent.queue_set('default', paused => false);
SELECT bool_and(sql_agent.task_wait(id, '30 s')->>'status' = 'SUCCESS') AS all_done
  FROM sql_agent.task WHERE payload ? 'n';
SELECT string_agg(who, ' ' ORDER BY who) AS turn
  FROM (SELECT owner_role || (payload->>'n') AS who, (row_number() OVER (ORDER BY started_at) - 1) / 3 AS turn
          FROM sql_agent.task WHERE payload ? 'n') t
 WHERE turn < 2 GROUP BY turn ORDER BY turn;
SELECT string_agg(owner_role || (payload->>'n'), ' ' ORDER BY started_at) AS last
  FROM (SELECT *, row_number() OVER (ORDER BY started_at) AS nr FROM sql_agent.task WHERE payload ? 'n') t
 WHERE nr > 8;
-- one at a time
SELECT count(*) AS overlaps FROM sql_agent.task a JOIN sql_agent.task b ON a.id <> b.id
   AND a.started_at < b.finished_at AND b.started_at < a.started_at
 WHERE a.payload ? 'n' AND b.payload ? 'n';

-- at most so many of a tenant, while others find a place
SELECT sql_agent.queue_set('default', places => 3, places_per_tenant => 1);
SET SESSION AUTHORIZATION regress_ann;
SELECT count(sql_agent.task_enqueue('test_sleep', '{"seconds": 0.3, "m": 1}')) FROM generate_series(1, 3);
SET SESSION AUTHORIZATION regress_eve;
SELECT count(sql_agent.task_enqueue('test_sleep', '{"seconds": 0.3, "m": 1}')) FROM generate_series(1, 3);
RESET SESSION AUTHORIZATION;
SELECT bool_and(sql_agent.task_wait(id, '30 s')->>'status' = 'SUCCESS') AS all_done
  FROM sql_agent.task WHERE payload ? 'm';
SELECT a.fair_key, b.fair_key, count(*) > 0 AS beside FROM sql_agent.task a JOIN sql_agent.task b ON a.id <> b.id
   AND a.started_at < b.finished_at AND b.started_at < a.started_at
 WHERE a.payload ? 'm' AND b.payload ? 'm' GROUP BY 1, 2 HAVING a.fair_key = b.fair_key;
SELECT sql_agent.queue_reset('default');

-- not before its time
SELECT sql_agent.task_enqueue('test_ok', run_at => clock_timestamp() + interval '1 s') AS id \gset
SELECT status FROM sql_agent.tasks WHERE id = :'id';
SELECT sql_agent.task_wait(:'id', '30 s')->>'status' AS status;
SELECT started_at >= run_at AS after FROM sql_agent.tasks WHERE id = :'id';

DELETE FROM sql_agent.task WHERE kind LIKE 'test%';
SELECT sql_agent.tenant_drop('acme', cascade => true), sql_agent.tenant_drop('beta', cascade => true);
DROP FUNCTION pg_temp.tried(uuid, int);
DROP ROLE regress_operator, regress_plain, regress_ann, regress_bob, regress_eve;
