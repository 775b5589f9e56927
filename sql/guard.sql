-- the guard: what is allowed, what is refused, and how that is said
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SET client_min_messages = notice;
CREATE ROLE regress_guard_owner;
CREATE ROLE regress_guard_asker IN ROLE sql_agent_user;
CREATE ROLE regress_guard_other;
CREATE SCHEMA regress_guard_asker;
CREATE SCHEMA guard_hidden;
GRANT USAGE, CREATE ON SCHEMA regress_guard_asker TO regress_guard_owner;
GRANT USAGE ON SCHEMA regress_guard_asker TO regress_guard_asker;
GRANT CREATE ON SCHEMA guard_hidden TO regress_guard_owner;

SET ROLE regress_guard_owner;
SET search_path = regress_guard_asker;
CREATE TYPE size AS ENUM ('small', 'large');
CREATE TABLE item (id int PRIMARY KEY, name text, size size, price numeric, made date, attrs jsonb, tags text[]);
INSERT INTO item VALUES (1, 'bolt', 'small', 1.50, '2025-01-02', '{"a": [1, "x"]}', '{x,y}'),
                        (2, 'beam', 'large', NULL, '2025-02-03', NULL, NULL);
CREATE TABLE partly (id int, secret text);
CREATE TABLE guard_hidden.t (secret_column int);
GRANT SELECT ON item TO regress_guard_asker;
GRANT SELECT (id) ON partly TO regress_guard_asker;
RESET ROLE;
CREATE FUNCTION guard_hidden.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION guard_hidden.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR guard_hidden.=== (LEFTARG = text, RIGHTARG = text, PROCEDURE = guard_hidden.same);

-- the verdict without what depends on the planner
CREATE FUNCTION verdict(sql text) RETURNS text LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS
$$ SELECT CASE WHEN c.allowed THEN 'allowed' ELSE c.rule || ': ' || c.reason END FROM sql_agent.check_sql(sql) c $$;
GRANT EXECUTE ON FUNCTION verdict(text) TO PUBLIC;
RESET search_path;

SET ROLE regress_guard_asker;
SELECT allowed, rule, reason, relations, estimated_cost > 0 AS has_cost, estimated_rows
FROM sql_agent.check_sql('SELECT count(*) FROM item');
SELECT * FROM sql_agent.check_sql(NULL);
SELECT * FROM sql_agent.run_sql('SELECT id, name, size, price, made, attrs, tags, price > 1 AS dear FROM item ORDER BY id');
SELECT * FROM sql_agent.run_sql('SELECT id FROM item ORDER BY id', max_rows => 1);
SELECT * FROM sql_agent.run_sql('SELECT id FROM item WHERE false');
SELECT * FROM sql_agent.run_sql(NULL);
SELECT * FROM sql_agent.run_sql('SELECT 1', 0);
-- a refusal is an error of run_sql
\set VERBOSITY verbose
DO $$ BEGIN PERFORM sql_agent.run_sql('SELECT pg_sleep(1)');
EXCEPTION WHEN OTHERS THEN RAISE NOTICE '% %', SQLSTATE, SQLERRM; END $$;
\set VERBOSITY terse

-- one SELECT
SELECT s AS statement, regress_guard_asker.verdict(s) FROM unnest(ARRAY[
  '', ';', 'SELECT 1;', 'SELECT 1; SELECT 2', 'DELETE FROM item', 'EXPLAIN SELECT 1', 'COPY item TO STDOUT',
  'WITH d AS (DELETE FROM item RETURNING 1) SELECT 1', 'SELECT 1 INTO x', 'SELECT * FROM item FOR UPDATE',
  'SELECT * FROM (SELECT * FROM item FOR SHARE) q', 'SELECT $1', 'VALUES (1)', 'TABLE item']) s;
-- text
SELECT regress_guard_asker.verdict(s) FROM unnest(ARRAY[
  'SELECT 1' || chr(8203), 'SELECT ''' || chr(8203) || '''', 'SELECT 1' || chr(7), 'SELECT ''' || chr(27) || '''', 'SELECT "' || chr(8238) || '"']) s;
-- syntax and names: passed on where they tell nothing
SELECT s AS statement, regress_guard_asker.verdict(s) FROM unnest(ARRAY[
  'SELEC 1', 'SELECT nam FROM item', 'SELECT nosuch(1)', 'SELECT 1 + ''x''', 'SELECT * FROM nosuch', 'SELECT * FROM nosuch.t',
  'SELECT * FROM guard_hidden.t', 'SELECT secret_colum FROM guard_hidden.t', 'SELECT nosuch FROM partly', 'SELECT secret FROM partly',
  'SELECT id FROM partly', 'SELECT * FROM partly', 'SELECT p FROM partly p', 'SELECT * FROM pg_class', 'SELECT * FROM information_schema.tables']) s;
-- what is in a hidden schema is not told from what is not there, nor the schema from one that is not
SELECT s AS statement, regress_guard_asker.verdict(s) FROM unnest(ARRAY[
  'SELECT guard_hidden.f()', 'SELECT guard_hidden.g()', 'SELECT guard_nosuch.f()', 'SELECT ''a'' OPERATOR(guard_hidden.===) ''b''',
  'SELECT ''a'' OPERATOR(guard_hidden.====) ''b''', 'SELECT NULL::guard_hidden.t', 'SELECT NULL::guard_hidden.nosuch', 'SELECT ''a'' COLLATE guard_hidden.c']) s;
-- functions, operators, types, nodes
SELECT s AS statement, regress_guard_asker.verdict(s) FROM unnest(ARRAY[
  'SELECT set_config(''a.b'', ''x'', false)', 'SELECT current_setting(''role'')', 'SELECT version()', 'SELECT session_user', 'SELECT current_user',
  'SELECT pg_catalog.pg_read_file(''x'')', 'SELECT query_to_xml(''SELECT 1'', true, true, '''')', 'SELECT lo_create(0)', 'SELECT pg_advisory_lock(1)',
  'SELECT ''item''::regclass', 'SELECT regclass(''item'')', 'SELECT ''a=r/b''::aclitem', 'SELECT int4in(''1'')', 'SELECT ctid FROM item', 'SELECT xmin FROM item',
  'SELECT ''small''::size', 'SELECT * FROM item WHERE size > ''small''', 'SELECT 1 = ANY (ARRAY[1])', 'SELECT now(), random() < 2, CURRENT_DATE',
  'SELECT * FROM item TABLESAMPLE SYSTEM (10)', 'SELECT sql_agent.run_sql(''SELECT 1'')']) s;
-- size
SELECT regress_guard_asker.verdict(s) FROM unnest(ARRAY[
  'SELECT ''' || repeat('x', 70000) || '''', 'SELECT 1' || repeat(' UNION ALL SELECT 1', 200), 'SELECT ' || repeat('lower(', 300) || '1' || repeat(')', 300),
  'SELECT 1 IN (' || repeat('1,', 6000) || '1)', 'SELECT 1 FROM item' || repeat(', item', 100), 'SELECT ' || repeat('+', 1000) || '1',
  'WITH a AS (SELECT 1)' || (SELECT string_agg(', a' || g || ' AS (SELECT 1)', '') FROM generate_series(1, 60) g) || ' SELECT 1',
  'SELECT 1' || repeat(',1', 2000)]) s;
-- cost
SELECT rule FROM sql_agent.check_sql('SELECT count(*) FROM generate_series(1, 10000) a, generate_series(1, 100000) b');
RESET ROLE;
SET sql_agent.max_cost = 0;
SET ROLE regress_guard_asker;
SELECT allowed FROM sql_agent.check_sql('SELECT count(*) FROM generate_series(1, 10000) a, generate_series(1, 100000) b');
RESET ROLE;
RESET sql_agent.max_cost;

-- failures while running echo no data
SET ROLE regress_guard_asker;
SELECT * FROM sql_agent.run_sql('SELECT name::int FROM item');
SELECT * FROM sql_agent.run_sql('SELECT 1 / (id - 1) FROM item');
SELECT * FROM sql_agent.run_sql('SELECT (SELECT id FROM item)');
DO $$ DECLARE d text; BEGIN PERFORM sql_agent.run_sql('SELECT name::int FROM item');
EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL; RAISE NOTICE '% %', SQLSTATE, d; END $$;

-- limits while running: rows, bytes, value size, time, memory
SELECT count(*) FROM sql_agent.run_sql('SELECT g FROM generate_series(1, 20000) g');
SELECT count(*) BETWEEN 10 AND 100 AS cut FROM sql_agent.run_sql('SELECT repeat(''x'', 60000) FROM generate_series(1, 1000)');
SELECT right(run_sql->>'v', 20) FROM sql_agent.run_sql('SELECT repeat(''x'', 100000) AS v');
RESET ROLE;
SET sql_agent.max_cost = 0;
SET sql_agent.max_memory = '16MB';
SET ROLE regress_guard_asker;
SELECT * FROM sql_agent.run_sql('SELECT length(repeat(''x'', 100000000))');
SELECT * FROM sql_agent.run_sql('SELECT array_length(array_agg(g), 1) FROM generate_series(1, 50000000) g');
SELECT * FROM sql_agent.run_sql('WITH RECURSIVE r AS (SELECT repeat(''x'', 1000) AS a UNION ALL SELECT a || a FROM r) SELECT max(length(a)) FROM r');
RESET ROLE;
SET sql_agent.statement_timeout = '100ms';
SET ROLE regress_guard_asker;
SELECT * FROM sql_agent.run_sql('SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000) b WHERE a % 2 = 3');
-- the session's own timeout stays the session's
SET statement_timeout = '50ms';
SELECT * FROM sql_agent.run_sql('SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000) b WHERE a % 2 = 3');
RESET statement_timeout;
-- and nothing of ours cancels what follows
SELECT count(*) FROM pg_catalog.pg_sleep(0.2);
RESET ROLE;
RESET sql_agent.statement_timeout;
RESET sql_agent.max_memory;
RESET sql_agent.max_cost;

-- functions whose time grows with the product of their arguments' sizes
SET ROLE regress_guard_asker;
SELECT s AS statement, c.rule FROM unnest(ARRAY[
  'SELECT xpath(name, ''<a/>''::xml) FROM item', 'SELECT string_to_array(name, name) FROM item', 'SELECT * FROM item, string_to_table(name, repeat(''x'', 100))',
  'SELECT * FROM item, xmltable(name PASSING (''<a/>''::xml) COLUMNS a text)', 'SELECT jsonb_path_query(attrs, ''$.a ? ($ == $)'', attrs) FROM item',
  'SELECT string_to_array(name, '',''), string_to_array(name, NULL), xpath(''//a[@b="1"]'', ''<a/>''::xml) FROM item']) s, sql_agent.check_sql(s) c;
DO $$
DECLARE
  s text;
BEGIN
  FOREACH s IN ARRAY ARRAY[
    'SELECT position(''b'' || repeat(''a'', 100000) IN repeat(''a'', 100000))', 'SELECT replace(repeat(''a'', 100000), ''b'' || repeat(''a'', 100000), '''')',
    'SELECT repeat(''a'', 100000) LIKE ''%'' || repeat(''a'', 100000) || ''b''', 'SELECT btrim(repeat(''a'', 100000), repeat(''b'', 100000))',
    'SELECT array_agg(g) && array_agg(-g) FROM generate_series(1, 20000) g', 'SELECT jsonb_agg(g) @> jsonb_agg(g) FROM generate_series(1, 20000) g',
    'SELECT position(decode(repeat(''00'', 100000), ''hex'') IN decode(repeat(''00'', 100000), ''hex''))', 'SELECT normalize(repeat(U&''\0316\0301'', 100000))',
    'SELECT xpath(''//*[//*[//*]]'', (''<a>'' || repeat(''<b/>'', 1000) || ''</a>'')::xml)',
    'SELECT xmlexists(''//*[//*[//*]]'' PASSING ((''<a>'' || repeat(''<b/>'', 1000) || ''</a>'')::xml))',
    'SELECT * FROM xmltable(''//b'' PASSING ((''<a>'' || repeat(''<b/>'', 10000) || ''</a>'')::xml) COLUMNS n text PATH ''/a/b[last()]'')',
    'SELECT jsonb_path_query_array(jsonb_agg(g), ''$ ? (@[*] == -1 || @[*] == -2)'') FROM generate_series(1, 20000) g',
    'SELECT jsonb_path_query(jsonb_agg(g), ''$ ? (@[*] == -1 || @[*] == -2)'') FROM generate_series(1, 20000) g',
    'SELECT jsonb_agg(g) @? ''$ ? (@[*] == -1 || @[*] == -2)'' FROM generate_series(1, 20000) g',
    'SELECT repeat(''b'', 100000) LIKE ANY (ARRAY[x]) FROM (SELECT repeat(''%a'', 100000) AS x) q',
    'SELECT (''<a '' || repeat(''b="1" '', 100000) || ''/>'')::xml', 'SELECT xmlparse(CONTENT ''<a '' || repeat(''b="1" '', 100000) || ''/>'')',
    'SELECT xml_is_well_formed(''<a '' || repeat(''b="1" '', 100000) || ''/>'')',
    'SELECT translate(repeat(''a'', 100000), repeat(''b'', 100000), ''x'')', 'SELECT to_date(repeat(''2'', 100000), repeat(''Y'', 100000))',
    'SELECT ts_rank((SELECT string_agg(''l'' || g || '':1,2'', '' '')::tsvector FROM generate_series(1, 9000) g), ''' || (SELECT string_agg('l' || g, ' & ') FROM generate_series(1, 3000) g) || '''::tsquery)']
  LOOP
    BEGIN
      PERFORM sql_agent.run_sql(s);
      RAISE NOTICE 'ran: %', left(s, 40);
    EXCEPTION WHEN OTHERS THEN
      RAISE NOTICE '% %', SQLSTATE, left(s, 40);
    END;
  END LOOP;
END $$;
SELECT * FROM sql_agent.run_sql('SELECT position(''b'' || repeat(''a'', 100000) IN repeat(''a'', 100000))');
-- and what is small runs as ever
SELECT * FROM sql_agent.run_sql($q$ WITH p AS (SELECT ARRAY[1,2,3] AS a, ARRAY[3] AS b, 'aXb' AS t, '%X%' AS u, '{"a": [1, 2]}'::jsonb AS j, '<a><b x="1">c</b></a>'::xml AS d)
  SELECT a && b AS a1, a @> b AS a2, a <@ b AS a3, t LIKE u AS t1, t NOT ILIKE u AS t2, t LIKE ANY (ARRAY[u]) AS t3, replace(t, 'X', t) AS t4, position(u IN t) AS t5, btrim(t, u) AS t6,
    translate(t, u, 'yz') AS t7, split_part(t, 'X', 2) AS t8, j @> '{"a": [1]}' AS j1, j ?| ARRAY[t, 'a'] AS j2, j - ARRAY['a'] AS j3,
    jsonb_path_query_array(j, vars => '{"x": 2}', path => '$.a[*] ? (@ == $x)') AS j4, j @? '$.a[*] ? (@ > 1 && @ < $.a[0])' AS j5,
    xpath('//b[@x="1"]/text()', d)::text AS d1, (SELECT string_agg(n, ',') FROM xmltable('//b[@x=1]' PASSING d COLUMNS n text PATH '.')) AS d2,
    to_date('2025-02-03', 'YYYY-MM-DD') AS f1, normalize(t) AS f2, NULL LIKE u AS f3 FROM p $q$);
SELECT count(*) FROM sql_agent.run_sql($q$ SELECT * FROM item WHERE name LIKE 'b%' AND lower(name) LIKE '%o%' AND tags && ARRAY['x'] AND attrs @> '{"a": [1]}' $q$);
-- of no use by hand
SELECT sql_agent.bounded('a'::text, 'b'::text, 'strpos(text,text)'::regprocedure::oid);
SELECT sql_agent.bounded('abc'::text, 'strpos(text,text)'::regprocedure::oid);
SELECT rule FROM sql_agent.check_sql('SELECT sql_agent.bounded(''a''::text, ''b''::text)');
RESET ROLE;

-- hostile values and names
SET ROLE regress_guard_asker;
SELECT run_sql::text FROM sql_agent.run_sql($q$ SELECT E'a\x1b[2J' AS v, U&'x\202Ey' AS w, E'two\nlines' AS "a ""name""", 1 AS same, 2 AS same, '{"k\u0001": "\u202e"}'::jsonb AS j,
  ARRAY[U&'\200B'] AS a, '"\u0000"'::json AS zero, 'NaN'::float8 AS nan, 'Infinity'::numeric AS inf, 1e400::text::numeric > 1 AS big $q$);
SELECT run_sql::text FROM sql_agent.run_sql($q$ SELECT 1 AS U&"\202Eevil" $q$);
SELECT run_sql FROM sql_agent.run_sql($q$ SELECT i, row(1, 'x') AS r, interval '1 day' AS d, timestamptz '2025-01-02 03:04:05+00' AS t FROM item i WHERE id = 2 $q$);
-- whatever the session says
SET DateStyle = 'German'; SET search_path = pg_temp; SET standard_conforming_strings = off; SET row_security = off;
SELECT run_sql FROM sql_agent.run_sql($q$ SELECT made, made::text AS as_text, 'a\b' AS s FROM item WHERE id = 1 $q$);
RESET DateStyle; RESET search_path; RESET standard_conforming_strings; RESET row_security;

-- read only and nested
BEGIN READ ONLY;
SELECT count(*) FROM sql_agent.run_sql('SELECT * FROM item');
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT sql_agent.run_sql('SELECT 1/0');
ROLLBACK TO s;
SELECT sql_agent.run_sql('SELECT 1 AS after');
COMMIT;
RESET ROLE;

-- roles that must not run generated statements
SELECT current_user = 'regress_guard_asker' AS same, allowed FROM sql_agent.check_sql('SELECT 1');
SET ROLE regress_guard_other;
SELECT allowed FROM sql_agent.check_sql('SELECT 1');
RESET ROLE;

SET client_min_messages = warning;
DROP FUNCTION regress_guard_asker.verdict(text);
DROP SCHEMA regress_guard_asker, guard_hidden CASCADE;
DROP ROLE regress_guard_owner, regress_guard_asker, regress_guard_other;
