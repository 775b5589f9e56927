-- where a role may look follows what it rests on, at once and in the same session
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_sch_asker IN ROLE sql_agent_user;
CREATE ROLE regress_sch_other IN ROLE sql_agent_user;
CREATE ROLE regress_sch_group;
CREATE SCHEMA regress_sch_asker;
CREATE SCHEMA regress_sch_two;
CREATE TABLE regress_sch_asker.t (a int); INSERT INTO regress_sch_asker.t VALUES (1);
CREATE TABLE regress_sch_two.t (a int, b int);
GRANT SELECT ON regress_sch_asker.t, regress_sch_two.t TO PUBLIC;
GRANT USAGE ON SCHEMA regress_sch_asker TO regress_sch_asker;
-- each line: what the asking role may read, and what the bare name means
CREATE FUNCTION public.regress_sch_ask(role name) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  result text := role || ':';
  name text;
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', role);
  FOREACH name IN ARRAY '{regress_sch_asker.t,regress_sch_two.t,regress_sch_renamed.t,t}'::text[] LOOP
    SELECT result || format(' %s=%s', replace(name, 'regress_sch_', ''), coalesce(c.relations::text, '-'))
      INTO result FROM sql_agent.check_sql('SELECT a FROM ' || name) c;
  END LOOP;
  RESET ROLE;
  RETURN replace(result, 'regress_sch_', '');
END $$;
SELECT regress_sch_ask('regress_sch_asker');
-- the privilege on the schema
REVOKE USAGE ON SCHEMA regress_sch_asker FROM regress_sch_asker;
SELECT regress_sch_ask('regress_sch_asker');
GRANT USAGE ON SCHEMA regress_sch_asker TO PUBLIC;
SELECT regress_sch_ask('regress_sch_asker');
REVOKE USAGE ON SCHEMA regress_sch_asker FROM PUBLIC;
-- by a group
GRANT USAGE ON SCHEMA regress_sch_asker TO regress_sch_group;
SELECT regress_sch_ask('regress_sch_asker');
GRANT regress_sch_group TO regress_sch_asker;
SELECT regress_sch_ask('regress_sch_asker');
REVOKE regress_sch_group FROM regress_sch_asker;
SELECT regress_sch_ask('regress_sch_asker');
GRANT regress_sch_group TO regress_sch_asker;
-- the setting
SET sql_agent.allowed_schemas = 'regress_sch_two';
GRANT USAGE ON SCHEMA regress_sch_two TO PUBLIC;
SELECT regress_sch_ask('regress_sch_asker');
SET sql_agent.allowed_schemas = '"$user", regress_sch_two';
SELECT regress_sch_ask('regress_sch_asker');
SET sql_agent.allowed_schemas = 'regress_sch_two, regress_sch_asker';
SELECT regress_sch_ask('regress_sch_asker');
-- another role of the same session
SELECT regress_sch_ask('regress_sch_other');
SELECT regress_sch_ask('regress_sch_asker');
-- the schema is renamed, dropped, made again
SET sql_agent.allowed_schemas = '"$user", regress_sch_renamed';
SELECT regress_sch_ask('regress_sch_asker');
ALTER SCHEMA regress_sch_two RENAME TO regress_sch_renamed;
SELECT regress_sch_ask('regress_sch_asker');
BEGIN;
DROP SCHEMA regress_sch_renamed CASCADE;
SELECT regress_sch_ask('regress_sch_asker');
CREATE SCHEMA regress_sch_renamed;
CREATE TABLE regress_sch_renamed.t (a int);
GRANT ALL ON SCHEMA regress_sch_renamed TO PUBLIC;
GRANT SELECT ON regress_sch_renamed.t TO PUBLIC;
SELECT regress_sch_ask('regress_sch_asker');
ROLLBACK;
SELECT regress_sch_ask('regress_sch_asker');
-- a change that is undone with its subtransaction
BEGIN;
SAVEPOINT s;
REVOKE USAGE ON SCHEMA regress_sch_renamed FROM PUBLIC;
SELECT regress_sch_ask('regress_sch_asker');
ROLLBACK TO s;
SELECT regress_sch_ask('regress_sch_asker');
COMMIT;
-- the role takes another's name: "$user" is another schema
RESET sql_agent.allowed_schemas;
SELECT regress_sch_ask('regress_sch_asker');
ALTER ROLE regress_sch_asker RENAME TO regress_sch_gone;
ALTER ROLE regress_sch_other RENAME TO regress_sch_asker;
SELECT regress_sch_ask('regress_sch_asker');
GRANT regress_sch_group TO regress_sch_asker;
SELECT regress_sch_ask('regress_sch_asker');
-- what is exposed
CREATE ROLE regress_sch_third IN ROLE sql_agent_user, regress_sch_group;
SELECT regress_sch_ask('regress_sch_third');
GRANT USAGE ON SCHEMA regress_sch_asker TO sql_agent_reader;
SELECT regress_sch_ask('regress_sch_third');
BEGIN;
ALTER ROLE sql_agent_reader RENAME TO regress_sch_reader;
SELECT regress_sch_ask('regress_sch_third');
ROLLBACK;
SELECT regress_sch_ask('regress_sch_third');
REVOKE USAGE ON SCHEMA regress_sch_asker FROM sql_agent_reader;
SELECT regress_sch_ask('regress_sch_third');
-- the owner of the database is a member of pg_database_owner
GRANT USAGE ON SCHEMA regress_sch_asker TO sql_agent_reader, pg_database_owner;
REVOKE regress_sch_group FROM regress_sch_third;
SELECT regress_sch_ask('regress_sch_third');
BEGIN;
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO regress_sch_third', current_database()); END $$;
SELECT regress_sch_ask('regress_sch_third');
ROLLBACK;
SELECT regress_sch_ask('regress_sch_third');
REVOKE USAGE ON SCHEMA regress_sch_asker FROM sql_agent_reader, pg_database_owner;
SET client_min_messages = warning;
DROP FUNCTION public.regress_sch_ask(name);
DROP SCHEMA regress_sch_asker CASCADE;
DROP SCHEMA regress_sch_renamed CASCADE;
DROP ROLE regress_sch_asker, regress_sch_gone, regress_sch_third, regress_sch_group;
