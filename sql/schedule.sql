-- schedules: who may have which, when they are due, what a tick does with them
\pset null '(null)'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SELECT sql_agent.tenant_provision('acme', options => '{"timezone": "Asia/Tokyo"}');
SELECT sql_agent.tenant_provision('beta');
SELECT sql_agent.tenant_add_member('acme', 'regress_ann', tenant_admin => true, create_login => true);
SELECT sql_agent.tenant_add_member('acme', 'regress_bob', create_login => true);
SELECT sql_agent.tenant_add_member('beta', 'regress_eve', create_login => true);
RESET client_min_messages;
CREATE ROLE regress_plain IN ROLE sql_agent_user;
CREATE ROLE regress_op IN ROLE sql_agent_admin;
CREATE ROLE regress_nobody;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET IntervalStyle = 'postgres';

-- ---- what can be made ----
SET ROLE regress_plain;
SELECT sql_agent.schedule_create(NULL, 'test_ok', cron => '@daily');
SELECT sql_agent.schedule_create('', 'test_ok', cron => '@daily');
SELECT sql_agent.schedule_create(E'a\u202eb', 'test_ok', cron => '@daily');
SELECT sql_agent.schedule_create(repeat('x', 201), 'test_ok', cron => '@daily');
SELECT sql_agent.schedule_create('daily', NULL, cron => '@daily');
SELECT sql_agent.schedule_create('daily', 'nothing', cron => '@daily');
SELECT sql_agent.schedule_create('daily', 'test_closed', cron => '@daily');
SELECT sql_agent.schedule_create('daily', 'test_installation', cron => '@daily');
SELECT sql_agent.schedule_create('daily', 'test_ok', '[]', cron => '@daily');
SELECT sql_agent.schedule_create('daily', 'test_ok', '{"refuse": true}', cron => '@daily');
SELECT sql_agent.schedule_create('daily', 'test_ok');
SELECT sql_agent.schedule_create('daily', 'test_ok', cron => '@daily', every => '1 day');
SELECT sql_agent.schedule_create('daily', 'test_ok', cron => '0 0 31 2 *');
SELECT sql_agent.schedule_create('daily', 'test_ok', cron => '@daily', timezone => 'Europe/Berlni');
SELECT sql_agent.schedule_create('daily', 'test_ok', cron => '@daily', missed => 'twice');
SELECT sql_agent.schedule_create('daily', 'test_ok', cron => '@daily', missed => NULL);
SELECT sql_agent.schedule_create('daily', 'test_ok', every => '0.9 seconds');
SELECT sql_agent.schedule_create('daily', 'test_ok', every => '1 month -1 day');
SELECT sql_agent.schedule_create('daily', 'test_ok', every => '-1 day');
SELECT sql_agent.schedule_create('daily', 'test_ok', every => '101 years');
SELECT sql_agent.schedule_create('daily', 'test_ok', every => '178000000 years');
SELECT sql_agent.schedule_create('daily', 'test_ok', cron => '@daily', tenant => 'acme');
BEGIN READ ONLY;
SELECT sql_agent.schedule_create('daily', 'test_ok', cron => '@daily');
ROLLBACK;
SET ROLE regress_nobody;
SELECT sql_agent.schedule_create('daily', 'test_ok', cron => '@daily');
SELECT * FROM sql_agent.schedules;
SELECT * FROM sql_agent.schedule;

-- the zone: said, or the tenant's, or the session's; one name for a tenant, and for a role that has none
SET ROLE regress_plain;
SELECT sql_agent.schedule_create('yearly', 'test_ok', '{"a": 1}', cron => '@yearly', timezone => 'America/New_York');
SELECT sql_agent.schedule_create('weekly', 'test_ok', every => '1 week', missed => 'skip');
SELECT sql_agent.schedule_create('weekly', 'test_ok', every => '2 weeks');
SET TimeZone = 'Europe/Berlin';
SET ROLE regress_ann;
SELECT sql_agent.schedule_create('yearly', 'test_ok', '{"secret": 1}', cron => '@yearly');
SET ROLE regress_bob;
SELECT sql_agent.schedule_create('yearly', 'test_ok', cron => '@yearly');
SELECT sql_agent.schedule_create('february', 'test_ok', '{"secret": 2}', cron => '0 0 1 2 *', timezone => 'UTC');
SET ROLE regress_eve;
SELECT sql_agent.schedule_create('yearly', 'test_ok', cron => '@yearly');
SET ROLE regress_op;
SELECT sql_agent.schedule_create('yearly', 'test_installation', cron => '@yearly', timezone => 'UTC');
SELECT sql_agent.schedule_create('report', 'test_ok', cron => '@yearly', tenant => 'acme');
SELECT sql_agent.schedule_create('report', 'test_ok', cron => '@yearly', tenant => 'nobody');
RESET ROLE;
SET TimeZone = 'UTC';

-- ---- who sees what ----
SELECT name, tenant, owner_role, kind, payload, cron, every, timezone, missed, status, to_char(next_run, 'MM-DD HH24:MI') AS next, next_run > now() AS later
  FROM sql_agent.schedules WHERE name <> 'weekly' ORDER BY tenant, owner_role, name;
SET ROLE regress_op;
SELECT count(*), count(payload) FROM sql_agent.schedules;
SELECT count(*) FROM sql_agent.schedule;
SET ROLE regress_ann;
SELECT name, tenant, owner_role, payload FROM sql_agent.schedules ORDER BY name;
SELECT count(*) FROM sql_agent.schedule;
SET ROLE regress_bob;
SELECT name, tenant, owner_role, payload FROM sql_agent.schedules ORDER BY name;
SET ROLE regress_eve;
SELECT name, tenant, owner_role, payload FROM sql_agent.schedules ORDER BY name;
SET ROLE regress_plain;
SELECT name, tenant, owner_role, payload FROM sql_agent.schedules ORDER BY name;

-- ---- who manages what ----
SET ROLE regress_bob;
SELECT sql_agent.schedule_pause('yearly');
SELECT sql_agent.schedule_drop('report');
SELECT sql_agent.schedule_run_now('nothing');
SELECT sql_agent.schedule_pause(NULL);
SELECT sql_agent.schedule_pause('yearly', tenant => 'beta');
SELECT sql_agent.schedule_pause('yearly', owner => 'regress_plain');
SELECT sql_agent.schedule_tick();
SET ROLE regress_eve;
SELECT sql_agent.schedule_drop('february');
SET ROLE regress_ann;
SELECT sql_agent.schedule_pause('february');
SET ROLE regress_op;
SELECT sql_agent.schedule_pause('yearly', tenant => 'beta');
SELECT sql_agent.schedule_pause('yearly', owner => 'regress_plain');
SELECT sql_agent.schedule_pause('yearly', owner => 'regress_plain', tenant => 'beta');
SELECT name, tenant, owner_role, status, reason, next_run FROM sql_agent.schedules WHERE status <> 'active' ORDER BY tenant, name;
SET ROLE regress_bob;
SELECT sql_agent.schedule_resume('february');
SET ROLE regress_op;
SELECT sql_agent.schedule_resume('yearly', tenant => 'beta');
SELECT sql_agent.schedule_resume('yearly', owner => 'regress_plain');
SELECT count(*) FROM sql_agent.schedules WHERE status = 'active' AND reason IS NULL AND next_run > now();
RESET ROLE;

/*
 * ---- ticks ----
 * In transactions: the workers of this server do not see what is due in them.
 */
CREATE FUNCTION pg_temp.due(schedules text[], ago interval DEFAULT '1 second') RETURNS void LANGUAGE sql AS
$$ UPDATE sql_agent.schedule SET next_run = clock_timestamp() - ago WHERE name = ANY (schedules) AND paused_at IS NULL $$;
CREATE VIEW pg_temp.seen AS
  SELECT name, coalesce(tenant, owner_role) AS whose, status, reason, runs, skipped, last_skip_reason, last_status, next_run > clock_timestamp() AS later, CASE WHEN next_run > clock_timestamp() AND cron IS NOT NULL THEN to_char(next_run, 'MM-DD HH24:MI') END AS next
    FROM sql_agent.schedules ORDER BY tenant, owner_role, name;

-- one task each, as the owner; the next time is later; then it is busy
BEGIN;
SELECT sql_agent.schedule_tick();
SELECT pg_temp.due('{yearly}');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE name = 'yearly';
SELECT t.tenant, t.owner_role, t.kind, t.payload, t.status, t.unique_key = 'schedule:' || s.id AS unique_key FROM sql_agent.task t JOIN sql_agent.schedule s ON s.last_task = t.id ORDER BY 1, 2;
SELECT sql_agent.schedule_tick();
SELECT pg_temp.due('{yearly}');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE name = 'yearly';
UPDATE sql_agent.task SET finished_at = now(), status = 'FAILURE', ready = false, error = '{"message": "went wrong"}' WHERE unique_key LIKE 'schedule:%';
SELECT pg_temp.due('{yearly}');
SET ROLE regress_ann;
SELECT name, last_status, last_error FROM sql_agent.schedules WHERE name = 'yearly';
RESET ROLE;
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE name = 'yearly';
ROLLBACK;

-- missed: one is made up for, or none; one that is a little late was not missed
BEGIN;
SELECT pg_temp.due('{weekly,february}', '400 days');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE name IN ('weekly', 'february');
SELECT pg_temp.due('{weekly}', '50 seconds');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE name IN ('weekly');
ROLLBACK;

-- the clock was put back: what has run is not due again
BEGIN;
SELECT sql_agent.schedule_create('each_second', 'test_ok', every => '1 second');
UPDATE sql_agent.schedule SET started_at = now() + interval '1 hour', next_run = now() + interval '1 hour 1 second' WHERE name = 'each_second';
SELECT sql_agent.schedule_tick();
SELECT sql_agent.schedule_resume('each_second');
SELECT next_run > now() + interval '1 hour' AS after_start FROM sql_agent.schedules WHERE name = 'each_second';
ROLLBACK;

-- run now: whether paused or not, and not beside a task that has not ended
BEGIN;
SET LOCAL ROLE regress_bob;
SELECT sql_agent.schedule_pause('february');
SELECT sql_agent.schedule_run_now('february') = sql_agent.schedule_run_now('february') AS same;
RESET ROLE;
SELECT * FROM pg_temp.seen WHERE name = 'february';
SELECT tenant, owner_role, payload FROM sql_agent.task WHERE unique_key LIKE 'schedule:%';
ROLLBACK;

-- what the tenant has no room for is left out, and does not stop the others
BEGIN;
SELECT sql_agent.tenant_set_options('acme', '{"max_tasks": 1}');
SELECT pg_temp.due('{yearly,february}');
SELECT sql_agent.schedule_tick();
SELECT sum(runs) AS runs, sum(skipped) AS skipped, max(last_skip_reason) AS reason FROM sql_agent.schedules WHERE tenant = 'acme';
SELECT * FROM pg_temp.seen WHERE name = 'yearly' AND whose <> 'acme';
ROLLBACK;

-- a suspended tenant's wait
BEGIN;
SELECT sql_agent.tenant_suspend('acme');
SELECT pg_temp.due('{yearly}');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE name = 'yearly' AND whose = 'acme';
SAVEPOINT s;
SELECT sql_agent.schedule_run_now('yearly', tenant => 'acme');
ROLLBACK TO s;
SELECT sql_agent.tenant_resume('acme');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE name = 'yearly' AND whose = 'acme';
ROLLBACK;

-- owners that are not what they were: paused, with the reason
BEGIN;
DROP ROLE regress_plain;
SELECT sql_agent.tenant_remove_member('regress_bob');
REVOKE sql_agent_admin FROM regress_op;
GRANT sql_agent_user TO regress_op;
SELECT pg_temp.due('{yearly,february,weekly}');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE status = 'paused';
-- a role that gets the name later does not get them, but may use their names
CREATE ROLE regress_plain IN ROLE sql_agent_user;
UPDATE sql_agent.schedule SET paused_at = NULL, next_run = now() WHERE owner_role = 'regress_plain';
SELECT sql_agent.schedule_tick();
SAVEPOINT s;
SELECT sql_agent.schedule_resume('yearly', owner => 'regress_plain');
ROLLBACK TO s;
SET LOCAL ROLE regress_plain;
SELECT count(*) FROM sql_agent.schedules;
SELECT sql_agent.schedule_run_now('yearly');
ROLLBACK TO s;
SET LOCAL ROLE regress_plain;
SELECT sql_agent.schedule_create('yearly', 'test_ok', '{"mine": 1}', cron => '@yearly', timezone => 'UTC');
SELECT name, payload, status FROM sql_agent.schedules;
RESET ROLE;
SELECT sql_agent.schedule_drop('weekly', owner => 'regress_plain');
SELECT * FROM pg_temp.seen WHERE whose = 'regress_plain';
ROLLBACK;
BEGIN;
REVOKE sql_agent_user FROM regress_plain;
SELECT sql_agent.tenant_add_member('beta', 'regress_op2', create_login => true);
UPDATE sql_agent.schedule SET owner_role = 'regress_op2', owner_id = 'regress_op2'::regrole WHERE owner_role = 'regress_op';
SELECT pg_temp.due('{yearly}');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE status = 'paused';
ROLLBACK;
-- a new name is followed
BEGIN;
ALTER ROLE regress_plain RENAME TO regress_simple;
SET LOCAL ROLE regress_simple;
SELECT name, owner_role FROM sql_agent.schedules ORDER BY name;
SELECT sql_agent.schedule_pause('weekly');
RESET ROLE;
SELECT pg_temp.due('{yearly}');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE whose = 'regress_simple';
ROLLBACK;
-- rows that make no sense
BEGIN;
UPDATE sql_agent.schedule SET cron = '0 0 31 2 *' WHERE tenant = 'beta';
UPDATE sql_agent.schedule SET timezone = 'Nowhere' WHERE tenant = 'acme' AND name = 'yearly';
UPDATE sql_agent.schedule SET kind = 'gone' WHERE tenant = 'acme' AND name = 'report';
UPDATE sql_agent.schedule SET every = '-1 day' WHERE name = 'weekly';
SELECT pg_temp.due('{yearly,report,weekly}');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen;
ROLLBACK;

-- another home: they wait
BEGIN;
UPDATE sql_agent.schedule SET home = '1/2' WHERE name = 'yearly';
SELECT pg_temp.due('{yearly}');
SELECT sql_agent.schedule_tick();
SELECT DISTINCT status, reason FROM sql_agent.schedules WHERE name = 'yearly';
SET LOCAL ROLE regress_ann;
SAVEPOINT s;
SELECT sql_agent.schedule_run_now('yearly');
ROLLBACK TO s;
SELECT sql_agent.schedule_resume('yearly');
ROLLBACK TO s;
SELECT sql_agent.schedule_drop('yearly');
RESET ROLE;
UPDATE sql_agent.schedule SET owner_id = 1 WHERE name = 'yearly';
SELECT sql_agent.resume_after_restore() IS NOT NULL AS resumed;
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE name = 'yearly';
ROLLBACK;

-- intervals are counted from the start: as PostgreSQL adds them up in the zone
BEGIN;
CREATE FUNCTION pg_temp.by_force(start timestamptz, every interval, zone text) RETURNS timestamptz LANGUAGE plpgsql SET TimeZone = 'UTC' AS $$
BEGIN
  PERFORM set_config('TimeZone', zone, true);
  RETURN (SELECT min(t) FROM generate_series(1, 8000) AS n, LATERAL (SELECT start + n * every AS t) x WHERE t > clock_timestamp());
END
$$;
INSERT INTO sql_agent.schedule (name, home, owner_role, owner_id, kind, payload, every, timezone, started_at, missed, next_run)
SELECT 'r' || row_number() OVER (), task_home, current_user, current_user::regrole, 'test_ok', '{}', e, z, s, 'once', now()
  FROM sql_agent.task_home(), unnest('{1 month,1 day,3 days,2 months 15 days,1 year,1 day 36 hours,100 hours,7 days 1 second}'::interval[]) AS e,
       unnest('{UTC,Europe/Berlin,America/New_York,Australia/Lord_Howe,Asia/Kathmandu}'::text[]) AS z,
       unnest('{2012-01-31 23:30,2020-02-29 12:00,2016-10-30 00:30,2017-03-26 01:30,2021-12-31 08:00:00.123456}'::timestamptz[]) AS s;
SELECT count(sql_agent.schedule_resume(name)) FROM sql_agent.schedule WHERE name LIKE 'r_%' AND tenant IS NULL AND owner_role = current_user;
SELECT count(*) AS compared, count(*) FILTER (WHERE next_run IS DISTINCT FROM pg_temp.by_force(started_at, every, timezone)) AS different
  FROM sql_agent.schedule WHERE name ~ '^r[0-9]';
ROLLBACK;

-- ---- tenants come and go ----
BEGIN;
SELECT sql_agent.tenant_rename('acme', 'acme2');
SELECT name, tenant, owner_role FROM sql_agent.schedules WHERE tenant LIKE 'acme%' ORDER BY name;
SELECT pg_temp.due('{yearly,report}');
SELECT sql_agent.schedule_tick();
SELECT * FROM pg_temp.seen WHERE name IN ('yearly', 'report') AND whose LIKE 'acme%';
SELECT sql_agent.tenant_remove_member('regress_ann'), sql_agent.tenant_remove_member('regress_bob'), sql_agent.tenant_drop('acme2');
SELECT count(*) FROM sql_agent.schedules WHERE tenant LIKE 'acme%';
ROLLBACK;

-- ---- there is an end to them ----
BEGIN;
SET LOCAL ROLE regress_plain;
SELECT count(sql_agent.schedule_create('number ' || i, 'test_ok', every => '1 day')::text) FROM generate_series(1, 400) i;
SELECT sql_agent.schedule_create('number ' || i, 'test_ok', every => '1 day') FROM generate_series(401, 501) i;
ROLLBACK;

-- dropped
SET ROLE regress_plain;
SELECT sql_agent.schedule_drop('weekly'), sql_agent.schedule_drop('yearly');
SELECT count(*) FROM sql_agent.schedules;
SET ROLE regress_op;
SELECT sql_agent.schedule_drop('yearly'), sql_agent.schedule_drop('yearly', tenant => 'beta'), sql_agent.schedule_drop('yearly', tenant => 'acme'), sql_agent.schedule_drop('report', tenant => 'acme'), sql_agent.schedule_drop('february', 'acme');
SELECT count(*) FROM sql_agent.schedules;
RESET ROLE;
SET client_min_messages = warning;
SELECT sql_agent.tenant_remove_member('regress_ann'), sql_agent.tenant_remove_member('regress_bob'), sql_agent.tenant_remove_member('regress_eve');
SELECT sql_agent.tenant_drop('acme'), sql_agent.tenant_drop('beta');
DROP ROLE regress_ann, regress_bob, regress_eve, regress_plain, regress_op, regress_nobody;
