-- which relations a generated statement may read
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_rel_owner;
CREATE ROLE regress_rel_asker IN ROLE sql_agent_user;
CREATE SCHEMA regress_rel_asker;
GRANT USAGE, CREATE ON SCHEMA regress_rel_asker TO regress_rel_owner;
GRANT USAGE ON SCHEMA regress_rel_asker TO regress_rel_asker;
CREATE FUNCTION regress_rel_asker.by_superuser(text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS 'SELECT current_user::text';
CREATE FUNCTION regress_rel_asker.by_setting() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN current_setting('a.b', true); END $$;
-- what a policy's function leads to
SET search_path = regress_rel_asker;
CREATE FUNCTION two_deep() RETURNS text LANGUAGE sql STABLE AS 'SELECT by_setting()';
CREATE FUNCTION atomic_deep() RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT two_deep(); END;
CREATE FUNCTION text_deep() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN /* current_user() */ RETURN regress_rel_asker . "atomic_deep" (); END $$;
CREATE FUNCTION quoted() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN CURRENT_SETTING/**/ ('a.b', true); END $$;
CREATE FUNCTION dynamic() RETURNS text LANGUAGE plpgsql STABLE AS $$ DECLARE r text; BEGIN EXECUTE 'SELECT curr' || 'ent_setting(''a.b'')' INTO r; RETURN r; END $$;
CREATE FUNCTION circle(int) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN CASE WHEN $1 > 0 THEN circle($1 - 1) END; END $$;
CREATE FUNCTION innocent(text) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN -- no current_setting('a.b')
  RETURN 'current_setting' || lower($1) || circle(1)::text || 1e5; END $$;
CREATE FUNCTION by_tenant() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN sql_agent.current_tenant(); END $$;
CREATE FUNCTION compiled() RETURNS text LANGUAGE C STABLE AS '$libdir/sql_agent', 'sql_agent_registry_state';
CREATE VIEW by_view AS SELECT two_deep() AS v;
CREATE FUNCTION eq_setting(text, text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1 = by_setting()';
CREATE OPERATOR =~= (LEFTARG = text, RIGHTARG = text, PROCEDURE = eq_setting);
GRANT SELECT ON by_view TO PUBLIC;
SET ROLE regress_rel_owner;
CREATE FUNCTION code(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN 1; END $$;
CREATE DOMAIN short AS text CHECK (length(VALUE) < 10);
CREATE DOMAIN coded AS int CHECK (code(VALUE) = 1);
CREATE TABLE plain (a int PRIMARY KEY CHECK (a > 0), b text, c text GENERATED ALWAYS AS (lower(b)) STORED);
CREATE INDEX ON plain (upper(b)) WHERE a > 5;
CREATE TABLE with_short (a short);
CREATE TABLE with_coded (a coded);
CREATE TYPE pair AS (x int, y coded);
CREATE TABLE with_pair (a pair[]);
CREATE TABLE index_code (a int); CREATE INDEX ON index_code (code(a));
CREATE TABLE predicate_code (a int); CREATE INDEX ON predicate_code (a) WHERE code(1) = 1;
CREATE TABLE check_code (a int CHECK (code(a) = 1));
CREATE TABLE generated_code (a int, b int GENERATED ALWAYS AS (code(a)) STORED);
CREATE TABLE default_code (a int DEFAULT code(1));
CREATE TABLE statistics_code (a int, b int); CREATE STATISTICS st ON (code(a)), (code(b)) FROM statistics_code;
CREATE TABLE partition_code (a int) PARTITION BY RANGE (code(a));
CREATE TABLE parent_of_code (a int); CREATE TABLE child_of_code () INHERITS (parent_of_code); CREATE INDEX ON child_of_code (code(a));
CREATE TABLE policy_user (a text); ALTER TABLE policy_user ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_user USING (a = current_user);
CREATE TABLE policy_role (a text); ALTER TABLE policy_role ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_role USING (pg_has_role(a::name, 'member'));
CREATE TABLE policy_trusted (a text); ALTER TABLE policy_trusted ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_trusted USING (a = by_superuser(a));
CREATE TABLE policy_setting (a text); ALTER TABLE policy_setting ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_setting USING (a = current_setting('a.b', true));
CREATE TABLE policy_function (a text); ALTER TABLE policy_function ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_function USING (a = by_setting());
CREATE TABLE policy_deep (a text); ALTER TABLE policy_deep ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_deep USING (a = two_deep());
CREATE TABLE policy_atomic (a text); ALTER TABLE policy_atomic ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_atomic USING (a = atomic_deep());
CREATE TABLE policy_text (a text); ALTER TABLE policy_text ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_text USING (a = text_deep());
CREATE TABLE policy_quoted (a text); ALTER TABLE policy_quoted ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_quoted USING (a = quoted());
CREATE TABLE policy_dynamic (a text); ALTER TABLE policy_dynamic ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_dynamic USING (a = dynamic());
CREATE TABLE policy_circle (a text); ALTER TABLE policy_circle ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_circle USING (a = circle(1)::text);
CREATE TABLE policy_view (a text); ALTER TABLE policy_view ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_view USING (a IN (SELECT v FROM by_view));
CREATE TABLE policy_settings (a text); ALTER TABLE policy_settings ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_settings USING (a IN (SELECT setting FROM pg_settings WHERE name = 'a.b'));
CREATE TABLE policy_activity (a text); ALTER TABLE policy_activity ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_activity USING (a IN (SELECT application_name FROM pg_stat_activity));
CREATE TABLE policy_table (a text); ALTER TABLE policy_table ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_table USING (a IN (SELECT m.a FROM policy_deep m));
CREATE TABLE policy_table_fine (a text); ALTER TABLE policy_table_fine ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_table_fine USING (a IN (SELECT m.a FROM policy_user m));
CREATE TABLE policy_operator (a text); ALTER TABLE policy_operator ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_operator USING (a OPERATOR(regress_rel_asker.=~=) 'x');
CREATE TABLE policy_innocent (a text); ALTER TABLE policy_innocent ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_innocent USING (a = innocent(a));
CREATE TABLE policy_agent (a text); ALTER TABLE policy_agent ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_agent USING (sql_agent.function_policy('abs(int)'::regprocedure) IS NOT NULL);
CREATE TABLE policy_tenant (a text); ALTER TABLE policy_tenant ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_tenant USING (a = sql_agent.current_tenant() OR sql_agent.outside_tenants());
CREATE TABLE policy_key (a text); ALTER TABLE policy_key ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_key USING (a = sql_agent.current_tenant_key(NULL::text) OR a = by_tenant());
CREATE TABLE policy_compiled (a text); ALTER TABLE policy_compiled ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_compiled USING (a = compiled());
CREATE TABLE policy_both (a text); ALTER TABLE policy_both ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_both USING (a = current_setting('a.b', true)); CREATE POLICY q ON policy_both USING (code(1) = 1);
CREATE TABLE policy_code (a int); ALTER TABLE policy_code ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON policy_code USING (code(a) = 1);
CREATE TABLE policy_of_others (a text); ALTER TABLE policy_of_others ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON policy_of_others USING (a = current_user); CREATE POLICY q ON policy_of_others TO regress_rel_owner USING (a = current_setting('a.b', true));
CREATE POLICY r ON policy_of_others FOR INSERT WITH CHECK (a = current_setting('a.b', true));
CREATE TABLE rls_parent (a int, b text) PARTITION BY LIST (a); CREATE TABLE rls_child PARTITION OF rls_parent FOR VALUES IN (1);
CREATE TABLE rls_own_child PARTITION OF rls_parent FOR VALUES IN (2); ALTER TABLE rls_own_child ENABLE ROW LEVEL SECURITY;
ALTER TABLE rls_parent ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON rls_parent USING (b = current_user);
CREATE TABLE open_parent (a int) PARTITION BY LIST (a); CREATE TABLE open_child PARTITION OF open_parent FOR VALUES IN (1);
CREATE VIEW definer_view AS SELECT * FROM plain;
CREATE VIEW invoker_view WITH (security_invoker = true) AS SELECT * FROM plain;
CREATE VIEW invoker_over_definer WITH (security_invoker = true) AS SELECT * FROM definer_view;
CREATE VIEW invoker_over_code WITH (security_invoker = true) AS SELECT code(a) FROM plain;
CREATE VIEW invoker_over_catalog WITH (security_invoker = true) AS SELECT relname FROM pg_class;
CREATE MATERIALIZED VIEW matview AS SELECT 1 AS a;
CREATE SEQUENCE seq;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_rel_asker TO regress_rel_asker;
GRANT SELECT ON seq TO regress_rel_asker;
RESET ROLE;
RESET search_path;

CREATE VIEW regress_rel_asker.verdicts AS SELECT c.relname, c.relkind FROM pg_class c
WHERE c.relnamespace = 'regress_rel_asker'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relname <> 'verdicts';
GRANT SELECT ON regress_rel_asker.verdicts TO regress_rel_asker;
SET ROLE regress_rel_asker;
SELECT v.relname, v.relkind, coalesce(c.rule, 'allowed') AS verdict
FROM regress_rel_asker.verdicts v, LATERAL sql_agent.check_sql(format('SELECT * FROM %I', v.relname)) c ORDER BY v.relname COLLATE "C";
-- what may be asked about is what the guard lets through
WITH verdict AS (
  SELECT v.relname::text FROM regress_rel_asker.verdicts v, LATERAL sql_agent.check_sql(format('SELECT * FROM %I', v.relname)) c WHERE c.allowed
), known AS (SELECT name::text FROM sql_agent.my_tables WHERE schema = 'regress_rel_asker')
SELECT name FROM known EXCEPT SELECT relname FROM verdict;
-- what was found is not kept when it changes
SELECT count(*) FROM unnest(ARRAY['plain', 'with_short', 'open_parent']) s, sql_agent.check_sql('SELECT * FROM ' || s) c WHERE c.allowed;
RESET ROLE;
CREATE INDEX added ON regress_rel_asker.plain (a) WHERE regress_rel_asker.code(1) = 1;
ALTER DOMAIN regress_rel_asker.short ADD CONSTRAINT added CHECK (regress_rel_asker.code(length(VALUE)) = 1);
CREATE INDEX added_below ON regress_rel_asker.open_child (regress_rel_asker.code(a));
SET ROLE regress_rel_asker;
SELECT s, c.rule FROM unnest(ARRAY['plain', 'with_short', 'open_parent']) s, sql_agent.check_sql('SELECT * FROM ' || s) c;
RESET ROLE;
ALTER FUNCTION regress_rel_asker.code(int) OWNER TO CURRENT_USER;
SET ROLE regress_rel_asker;
SELECT s, c.rule FROM unnest(ARRAY['plain', 'with_short', 'open_parent']) s, sql_agent.check_sql('SELECT * FROM ' || s) c;
RESET ROLE;
ALTER FUNCTION regress_rel_asker.code(int) OWNER TO regress_rel_owner;
DROP INDEX regress_rel_asker.added, regress_rel_asker.added_below;
ALTER DOMAIN regress_rel_asker.short DROP CONSTRAINT added;
SET ROLE regress_rel_asker;
SELECT count(*) FROM unnest(ARRAY['plain', 'with_short', 'open_parent']) s, sql_agent.check_sql('SELECT * FROM ' || s) c WHERE c.allowed;
-- code is not reached by a literal either
SELECT rule FROM unnest(ARRAY['SELECT 1::coded', 'SELECT coded(1)', 'SELECT ''(1,1)''::pair', 'SELECT pair(''(1,1)'')', 'SELECT * FROM with_pair WHERE a = ''{}''']) s, sql_agent.check_sql(s);
-- temporary relations
CREATE TEMP TABLE plain (a text); CREATE TEMP TABLE mine (a int);
SELECT coalesce(rule, 'allowed') FROM unnest(ARRAY['SELECT a + 1 FROM plain', 'SELECT * FROM mine', 'SELECT * FROM pg_temp.plain']) s, sql_agent.check_sql(s);
DROP TABLE pg_temp.plain, mine;
RESET ROLE;
-- the owner of a table is exempt from its row security
GRANT sql_agent_user TO regress_rel_owner;
SET ROLE regress_rel_owner;
SELECT rule FROM sql_agent.check_sql('SELECT * FROM regress_rel_asker.policy_user');
RESET ROLE;
SET sql_agent.allowed_schemas = 'regress_rel_asker';
SET ROLE regress_rel_owner;
SELECT rule, reason FROM sql_agent.check_sql('SELECT * FROM regress_rel_asker.policy_user');
ALTER TABLE regress_rel_asker.policy_user FORCE ROW LEVEL SECURITY;
SELECT allowed, rule FROM sql_agent.check_sql('SELECT * FROM regress_rel_asker.policy_user');
RESET ROLE;
RESET sql_agent.allowed_schemas;

-- registered ones
SELECT sql_agent.allow_relation('regress_rel_asker.definer_view'), sql_agent.allow_relation('regress_rel_asker.matview'), sql_agent.allow_relation('regress_rel_asker.seq');
SELECT identity, allowed_by FROM sql_agent.allowed_relation ORDER BY 1;
SET ROLE regress_rel_asker;
SELECT s, coalesce(c.rule, 'allowed') FROM unnest(ARRAY['definer_view', 'invoker_over_definer', 'matview', 'seq']) s, sql_agent.check_sql('SELECT * FROM ' || s) c;
SELECT sql_agent.allow_relation('regress_rel_asker.plain');
RESET ROLE;
-- a changed view is another view
CREATE OR REPLACE VIEW regress_rel_asker.definer_view AS SELECT * FROM regress_rel_asker.plain WHERE true;
SET ROLE regress_rel_asker;
SELECT rule FROM sql_agent.check_sql('SELECT * FROM definer_view');
RESET ROLE;
SELECT object, rule, detail FROM sql_agent.lint() WHERE rule = 'allowed_relation_changed';
SELECT sql_agent.disallow_relation('regress_rel_asker.definer_view'), sql_agent.disallow_relation('regress_rel_asker.matview'), sql_agent.disallow_relation('regress_rel_asker.seq');
-- a parameter can be vouched for, what runs code can not; the catalog says what the guard says
CREATE VIEW regress_rel_asker.calls_code WITH (security_invoker = true) AS SELECT pg_sleep(a) IS NULL AS slept FROM regress_rel_asker.plain;
CREATE VIEW regress_rel_asker.over_calls_code AS SELECT * FROM regress_rel_asker.calls_code;
CREATE VIEW regress_rel_asker.over_index_code AS SELECT * FROM regress_rel_asker.index_code;
CREATE VIEW regress_rel_asker.over_policy_code WITH (security_invoker = true) AS SELECT * FROM regress_rel_asker.policy_code;
CREATE VIEW regress_rel_asker.past_policy_code AS SELECT * FROM regress_rel_asker.policy_code;
CREATE VIEW regress_rel_asker.over_definer AS SELECT * FROM regress_rel_asker.definer_view UNION ALL SELECT * FROM regress_rel_asker.definer_view;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_rel_asker TO regress_rel_asker;
SELECT count(sql_agent.allow_relation(('regress_rel_asker.' || name)::regclass)::text)
FROM unnest('{policy_deep,policy_both,calls_code,over_calls_code,over_index_code,over_policy_code,past_policy_code,over_definer}'::text[]) name;
SET ROLE regress_rel_asker;
SELECT s, coalesce(c.rule, 'allowed') AS verdict, m.name IS NOT NULL AS known
FROM unnest('{policy_deep,policy_both,calls_code,over_calls_code,over_index_code,over_policy_code,past_policy_code,over_definer}'::text[]) s
CROSS JOIN sql_agent.check_sql('SELECT * FROM ' || s) c
LEFT JOIN sql_agent.my_tables m ON m.schema = 'regress_rel_asker' AND m.name = s;
RESET ROLE;
DELETE FROM sql_agent.allowed_relation WHERE identity LIKE 'regress_rel_asker.%';
-- a function that a policy leads to changes: so does the verdict
CREATE OR REPLACE FUNCTION regress_rel_asker.by_setting() RETURNS text LANGUAGE sql STABLE AS 'SELECT current_user::text';
SET ROLE regress_rel_asker;
SELECT s, coalesce(c.rule, 'allowed') AS verdict FROM unnest('{policy_function,policy_deep,policy_atomic,policy_table,policy_operator}'::text[]) s, sql_agent.check_sql('SELECT * FROM ' || s) c;
RESET ROLE;
CREATE OR REPLACE FUNCTION regress_rel_asker.by_setting() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN current_setting('a.b', true); END $$;
-- what others call their functions shuts no table
CREATE SCHEMA regress_rel_other AUTHORIZATION regress_rel_asker;
SET ROLE regress_rel_asker;
CREATE FUNCTION regress_rel_other.circle(int) RETURNS text LANGUAGE sql AS $$ SELECT current_setting('a.b', true) $$;
SELECT s, coalesce(c.rule, 'allowed') AS verdict FROM unnest('{policy_circle,policy_function}'::text[]) s, sql_agent.check_sql('SELECT * FROM ' || s) c;
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA regress_rel_other CASCADE;
SET client_min_messages = notice;
SELECT sql_agent.disallow_relation('regress_rel_asker.matview');
SELECT sql_agent.allow_relation('pg_catalog.pg_class');
SELECT sql_agent.allow_relation('regress_rel_asker.plain_pkey');

-- functions
CREATE FUNCTION regress_rel_asker.twice(int) RETURNS int LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT $1 * 2';
CREATE FUNCTION regress_rel_asker.unpinned(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION regress_rel_asker.definer(int) RETURNS int LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT 1';
CREATE PROCEDURE regress_rel_asker.proc() LANGUAGE sql AS 'SELECT 1';
SET ROLE regress_rel_asker;
SELECT rule FROM sql_agent.check_sql('SELECT twice(2)');
SELECT sql_agent.allow_function('regress_rel_asker.twice(int)');
RESET ROLE;
SELECT sql_agent.function_policy('regress_rel_asker.twice(int)');
SELECT sql_agent.allow_function('regress_rel_asker.twice(int)');
SELECT sql_agent.function_policy('regress_rel_asker.twice(int)');
SELECT sql_agent.allow_function('regress_rel_asker.unpinned(int)');
SELECT sql_agent.allow_function('regress_rel_asker.definer(int)');
SELECT sql_agent.allow_function('regress_rel_asker.code(int)');
SELECT sql_agent.allow_function('regress_rel_asker.proc()');
SELECT sql_agent.allow_function('pg_catalog.pg_sleep(double precision)');
SET ROLE regress_rel_asker;
SELECT * FROM sql_agent.run_sql('SELECT twice(a) FROM generate_series(1, 2) a');
RESET ROLE;
REVOKE EXECUTE ON FUNCTION regress_rel_asker.twice(int) FROM PUBLIC;
SET ROLE regress_rel_asker;
SELECT rule FROM sql_agent.check_sql('SELECT twice(2)');
RESET ROLE;
GRANT EXECUTE ON FUNCTION regress_rel_asker.twice(int) TO PUBLIC;
CREATE OR REPLACE FUNCTION regress_rel_asker.twice(int) RETURNS int LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT $1 * 3';
SET ROLE regress_rel_asker;
SELECT rule FROM sql_agent.check_sql('SELECT twice(2)');
RESET ROLE;
SELECT object, rule FROM sql_agent.lint() WHERE rule LIKE 'allowed_function%' ORDER BY 1, 2;
SELECT sql_agent.disallow_function('regress_rel_asker.twice(int)'), sql_agent.disallow_function('regress_rel_asker.unpinned(int)');
SELECT sql_agent.disallow_function('regress_rel_asker.twice(int)');

-- every built-in function has been looked at, and one that comes later is refused
SELECT p.oid::regprocedure FROM pg_catalog.pg_proc p
WHERE p.oid < 12000 AND sql_agent.function_policy(p.oid::regprocedure) NOT IN ('allowed', 'refused');
SELECT p.oid::regprocedure FROM pg_catalog.pg_proc p
WHERE p.oid < 12000 AND p.provolatile = 'v' AND sql_agent.function_policy(p.oid::regprocedure) = 'allowed'
  AND p.proname NOT IN ('random', 'random_normal', 'clock_timestamp', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'array_sample', 'array_shuffle', 'timezone');
SELECT count(*) > 50 AS enough, count(*) < 250 AS not_more FROM pg_catalog.pg_proc p
WHERE p.oid < 12000 AND p.provolatile = 's' AND sql_agent.function_policy(p.oid::regprocedure) = 'allowed';
SELECT p.oid::regprocedure FROM pg_catalog.pg_proc p
WHERE p.oid < 12000 AND sql_agent.function_policy(p.oid::regprocedure) = 'allowed'
  AND ('internal'::regtype = ANY (p.proargtypes) OR p.prorettype IN ('internal'::regtype, 'trigger'::regtype));
SELECT sql_agent.function_policy('information_schema._pg_index_position(oid,smallint)');

-- lint: who may call it, and that it speaks of what is here
SET ROLE regress_rel_asker;
SELECT * FROM sql_agent.lint();
RESET ROLE;
GRANT regress_rel_owner TO regress_rel_asker;
SET ROLE sql_agent_admin;
SELECT count(*) > 0 AS speaks FROM sql_agent.lint();
RESET ROLE;
SELECT severity, object, rule FROM sql_agent.lint() WHERE object LIKE '%regress_rel%' AND rule NOT LIKE 'allowed%' ORDER BY 3, 2;

SET client_min_messages = warning;
DROP SCHEMA regress_rel_asker CASCADE;
DROP ROLE regress_rel_owner, regress_rel_asker;
