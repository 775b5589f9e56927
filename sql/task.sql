-- tasks: enqueueing, what is seen of them by whom, cancelling, queues; nothing is run here
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
RESET client_min_messages;
-- the kinds of test/task_kinds must be preloaded
SELECT NOT EXISTS (SELECT FROM sql_agent.task_kinds() WHERE kind = 'test_ok') AS skip \gset
\if :skip
\quit
\endif
CREATE ROLE regress_operator LOGIN IN ROLE sql_agent_admin;
CREATE ROLE regress_plain LOGIN IN ROLE sql_agent_user;
CREATE ROLE regress_outsider LOGIN;
SELECT sql_agent.tenant_provision('acme'), sql_agent.tenant_provision('beta');
SELECT sql_agent.tenant_add_member('acme', 'regress_ann', tenant_admin => true, create_login => true),
       sql_agent.tenant_add_member('acme', 'regress_bob', create_login => true),
       sql_agent.tenant_add_member('beta', 'regress_eve', create_login => true);
-- the error of a statement, without ids
CREATE FUNCTION regress_error(sql text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE sql;
  RETURN 'none';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || regexp_replace(SQLERRM, '[0-9a-f]{8}-[0-9a-f-]{27}', 'ID');
END $$;
-- nobody takes anything while we look
SELECT sql_agent.queue_set('default', paused => true), sql_agent.queue_set('maintenance', paused => true),
       sql_agent.queue_set('own', paused => true);
SELECT * FROM sql_agent.task_kinds() WHERE kind IN ('test_ok', 'test_closed', 'test_sleep_once', 'test_installation');

-- who may enqueue what
SELECT sql_agent.task_enqueue(NULL);
SELECT sql_agent.task_enqueue('nothing');
SELECT sql_agent.task_enqueue(E'no\nthing');
SELECT sql_agent.task_enqueue('test_closed');
SELECT sql_agent.task_enqueue('test_ok', '[]');
SELECT sql_agent.task_enqueue('test_ok', '{"refuse": true}');
SELECT sql_agent.task_enqueue('test_ok', priority => 40000);
SELECT sql_agent.task_enqueue('test_ok', unique_key => repeat('x', 201));
SELECT sql_agent.task_enqueue('test_ok', queue => '');
SELECT sql_agent.task_enqueue('test_ok', queue => 'mine');
SELECT sql_agent.task_enqueue('test_ok', run_at => 'infinity');
BEGIN READ ONLY;
SELECT sql_agent.task_enqueue('test_ok');
ROLLBACK;
SET SESSION AUTHORIZATION regress_outsider;
SELECT sql_agent.task_enqueue('test_ok');
SELECT sql_agent.task_status(gen_random_uuid());
TABLE sql_agent.tasks;
TABLE sql_agent.task;
SET SESSION AUTHORIZATION regress_plain;
SELECT sql_agent.task_enqueue('test_installation');
SELECT sql_agent.task_enqueue('test_ok', '{"whose": "plain"}') AS plain \gset
SET SESSION AUTHORIZATION regress_operator;
SELECT sql_agent.task_enqueue('test_installation', run_at => '2100-01-01 00:00 UTC') AS operator \gset
SET SESSION AUTHORIZATION regress_ann;
SELECT sql_agent.task_enqueue('test_ok', queue => 'maintenance');
SELECT sql_agent.task_enqueue('test_ok', '{"whose": "ann"}', priority => 5) AS ann \gset
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.task_enqueue('test_ok', '{"whose": "bob"}', queue => 'own', unique_key => 'bob''s') AS bob \gset
SET SESSION AUTHORIZATION regress_eve;
SELECT sql_agent.task_enqueue('test_ok', '{"whose": "eve"}', unique_key => 'bob''s') AS eve \gset
-- what a rollback takes back
BEGIN;
SELECT sql_agent.task_enqueue('test_ok') IS NOT NULL AS enqueued;
ROLLBACK;
RESET SESSION AUTHORIZATION;
SELECT kind, queue, tenant, owner_role, fair_key, status, ready, payload, priority, max_attempts, unique_key,
       home = sql_agent.task_home() AS here, owner_id = to_regrole(owner_role::text) AS same_owner
  FROM sql_agent.task WHERE kind LIKE 'test%' ORDER BY seq;

-- the same key: the same task, while it has not ended
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.task_enqueue('test_ok', unique_key => 'bob''s') = :'bob' AS same;
SELECT sql_agent.task_cancel(:'bob');
SELECT sql_agent.task_cancel(:'bob');
SELECT sql_agent.task_enqueue('test_ok', '{"whose": "bob"}', unique_key => 'bob''s') AS bob2 \gset
SELECT :'bob' <> :'bob2' AS another;
-- so the first can not come back beside it
SELECT regress_error(format('SELECT sql_agent.task_retry(%L)', :'bob')) AS error;
SELECT task - '{task_id,created_at,finished_at}'::text[] AS task FROM sql_agent.task_status(:'bob') AS task;

-- whose tasks are seen, and what of them
\set look 'SELECT kind, queue, tenant, owner_role, status, message, priority, payload FROM sql_agent.tasks WHERE kind LIKE ''test%'' ORDER BY created_at'
:look;
SELECT owner_role FROM sql_agent.task;
SELECT queue, places, places_per_tenant, paused, waiting, delayed, running, ended_last_hour, rate_per_minute FROM sql_agent.queues;
SET SESSION AUTHORIZATION regress_ann;
:look;
SELECT owner_role FROM sql_agent.task;
SELECT task->'status' AS status, task->'result' AS result, task->'error' AS error FROM sql_agent.task_status(:'bob2') AS task;
SET SESSION AUTHORIZATION regress_eve;
:look;
SELECT regress_error(format('SELECT sql_agent.task_status(%L)', :'bob2')) AS error;
SELECT regress_error(format('SELECT sql_agent.task_wait(%L)', :'bob2')) AS error;
SELECT regress_error(format('SELECT sql_agent.task_cancel(%L)', :'bob2')) AS error;
SELECT regress_error(format('SELECT sql_agent.task_retry(%L)', :'bob')) AS error;
SET SESSION AUTHORIZATION regress_operator;
:look;
SELECT queue, waiting, delayed, ended_last_hour, oldest IS NOT NULL AS has_oldest FROM sql_agent.queues WHERE queue IN ('default', 'own');
TABLE sql_agent.task_queue;

-- a tenant's administrator may stop what runs for it, not start it as another
SET SESSION AUTHORIZATION regress_ann;
SELECT sql_agent.task_retry(:'bob');
SELECT sql_agent.task_cancel(:'bob2');
SELECT regress_error(format('SELECT sql_agent.task_cancel(%L)', :'plain')) AS error;
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.task_status(:'bob2')->>'message' AS message;
SELECT sql_agent.task_retry(:'bob2');
SELECT sql_agent.task_retry(:'bob2');

-- nobody writes the tables, or calls what others call for them
INSERT INTO sql_agent.task (home, owner_role, owner_id, fair_key, queue, kind) VALUES ('', 'regress_eve', 10, '', '', '');
UPDATE sql_agent.task SET owner_role = 'postgres', owner_id = 10;
DELETE FROM sql_agent.task;
UPDATE sql_agent.tasks SET status = 'SUCCESS';
TABLE sql_agent.task_visible;
TABLE sql_agent.task_queue;
SELECT nextval('sql_agent.task_seq_seq');
SELECT sql_agent.task_wake();
SELECT sql_agent.resume_after_restore();
SELECT sql_agent.queue_set('default', paused => false);
SELECT sql_agent.queue_reset('default');
-- settings, temporary objects and the search_path of the caller change nothing
CREATE TEMP TABLE task (id uuid, home text, status text);
CREATE FUNCTION pg_temp.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 1/0; SELECT now() $$;
CREATE FUNCTION pg_temp.steal(name, name) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
CREATE OPERATOR pg_temp.= (LEFTARG = name, RIGHTARG = name, FUNCTION = pg_temp.steal);
SET search_path = pg_temp, sql_agent, pg_catalog;
:look;
SELECT sql_agent.task_enqueue('test_ok', '{"whose": "bob"}') AS bob3 \gset
SET sql_agent.enabled = off;
SET sql_agent.task_notify = on;
SET sql_agent.workers = 0;
RESET search_path;
DROP OPERATOR pg_temp.= (name, name);
-- a function that looks at more than is shown is not called for it
CREATE FUNCTION pg_temp.spy(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS
  $$ BEGIN RAISE NOTICE 'seen: %', $1; RETURN true; END $$;
SELECT count(*) FROM sql_agent.tasks WHERE pg_temp.spy(owner_role::text);
SELECT count(*) FROM sql_agent.task WHERE pg_temp.spy(owner_role::text);
DROP FUNCTION pg_temp.spy(text);
DROP FUNCTION pg_temp.steal(name, name);
DROP FUNCTION pg_temp.clock_timestamp();
DROP TABLE pg_temp.task;
RESET SESSION AUTHORIZATION;

-- waiting
BEGIN;
SELECT sql_agent.task_enqueue('test_ok') AS fresh \gset
SELECT sql_agent.task_wait(:'fresh');
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT sql_agent.task_wait(:'plain');
ROLLBACK;
SELECT sql_agent.task_wait(NULL);
SELECT sql_agent.task_wait(:'plain', '20 ms')->>'status' AS status;
SELECT sql_agent.task_wait(:'plain', '-1 day')->>'status' AS status;
SET statement_timeout = '100ms';
SELECT sql_agent.task_wait(:'plain', NULL);
RESET statement_timeout;

-- a limit of the tenant
SELECT sql_agent.tenant_set_options('acme', '{"max_tasks": 3}');
SET SESSION AUTHORIZATION regress_ann;
SELECT sql_agent.task_enqueue('test_ok');
SELECT sql_agent.task_cancel(:'bob3');
SELECT sql_agent.task_enqueue('test_ok') AS ann2 \gset
SELECT sql_agent.task_enqueue('test_ok');
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.task_retry(:'bob3');
-- one that is there already needs no room
SELECT sql_agent.task_enqueue('test_ok', unique_key => 'bob''s') = :'bob2' AS same;
SET SESSION AUTHORIZATION regress_eve;
SELECT sql_agent.task_enqueue('test_ok') IS NOT NULL AS enqueued;
RESET SESSION AUTHORIZATION;

-- tasks follow their tenant
SELECT sql_agent.tenant_suspend('acme');
SELECT owner_role, ready, held FROM sql_agent.task WHERE tenant = 'acme' AND status = 'PENDING' AND kind LIKE 'test%' ORDER BY seq;
SELECT owner_role, message FROM sql_agent.tasks WHERE tenant = 'acme' AND status = 'PENDING' AND kind LIKE 'test%' ORDER BY created_at;
SELECT sql_agent.task_retry(:'bob3');
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.task_enqueue('test_ok');
SELECT regress_error(format('SELECT sql_agent.task_status(%L)', :'bob2')) AS error;
RESET SESSION AUTHORIZATION;
SELECT sql_agent.tenant_resume('acme');
SELECT owner_role, held FROM sql_agent.task WHERE tenant = 'acme' AND status = 'PENDING' AND kind LIKE 'test%' ORDER BY seq;
SELECT sql_agent.tenant_rename('acme', 'acme2');
SELECT tenant, fair_key, owner_role FROM sql_agent.task WHERE owner_role = 'regress_bob' ORDER BY seq;
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.task_status(:'bob2')->>'status' AS status;
RESET SESSION AUTHORIZATION;
SELECT sql_agent.tenant_drop('acme2', cascade => true);
SELECT tenant, owner_role FROM sql_agent.task WHERE kind LIKE 'test%' ORDER BY seq;

-- a role of the same name is another one
DROP ROLE regress_plain;
CREATE ROLE regress_plain LOGIN IN ROLE sql_agent_user;
SET SESSION AUTHORIZATION regress_plain;
SELECT count(*) FROM sql_agent.tasks;
SELECT count(*) FROM sql_agent.task;
SELECT regress_error(format('SELECT sql_agent.task_status(%L)', :'plain')) AS error;
RESET SESSION AUTHORIZATION;

-- what is too large, and what is said to be long overdue
SELECT sql_agent.task_enqueue('test_ok', jsonb_build_object('data', repeat('x', 300000)));
SELECT sql_agent.schedule_create('large', 'test_ok', jsonb_build_object('data', repeat('x', 300000)), every => '1 day');
SELECT sql_agent.task_enqueue('test_ok', run_at => '0001-01-01 BC') AS late \gset
SELECT ready, clock_timestamp() - run_at < '1 minute' AS since_now FROM sql_agent.task WHERE id = :'late';

-- queues
SELECT sql_agent.queue_set(NULL);
SELECT sql_agent.queue_set('');
SELECT sql_agent.queue_set('own', places => 0);
SELECT sql_agent.queue_set('own', places_per_tenant => -1);
SELECT sql_agent.queue_set('own', places => 5);
SELECT queue, places, places_per_tenant, paused FROM sql_agent.queues WHERE queue = 'own';
SELECT sql_agent.queue_reset('own'), sql_agent.queue_reset('own');

-- a copy of another database waits until somebody says so
UPDATE sql_agent.task SET home = '1/1', owner_id = 1 WHERE id IN (:'plain', :'eve');
SELECT sql_agent.task_status(:'eve')->>'message' AS message;
SELECT message FROM sql_agent.tasks WHERE id = :'eve';
SELECT sql_agent.task_wait(:'eve');
SELECT sql_agent.task_retry(:'eve');
SET SESSION AUTHORIZATION regress_eve;
SELECT sql_agent.task_status(:'eve')->>'status' AS status;
-- meanwhile the same is enqueued here
SELECT sql_agent.task_enqueue('test_ok', unique_key => 'bob''s') <> :'eve' AS another;
RESET SESSION AUTHORIZATION;
SELECT sql_agent.resume_after_restore();
SELECT status, message, home = sql_agent.task_home() AS here, owner_id = to_regrole(owner_role::text) AS same_owner
  FROM sql_agent.task WHERE id IN (:'plain', :'eve') ORDER BY seq;

DELETE FROM sql_agent.task WHERE kind LIKE 'test%';
SELECT sql_agent.queue_reset('default'), sql_agent.queue_reset('maintenance');
SELECT sql_agent.tenant_drop('beta', cascade => true);
DROP ROLE regress_operator, regress_plain, regress_outsider, regress_ann, regress_bob, regress_eve;
DROP FUNCTION regress_error(text);
