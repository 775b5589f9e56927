-- Bad input, missing privileges and other trouble: each gets a clear answer or error.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_ask_errors;
CREATE SCHEMA ask_errors;
CREATE TABLE ask_errors.items (id int PRIMARY KEY, name text, price int);
INSERT INTO ask_errors.items SELECT i, 'item ' || i, i FROM generate_series(1, 3) i;
SET sql_agent.allowed_schemas = 'ask_errors';
SET sql_agent.ask_summary = off;
SET search_path = public;
\pset format unaligned
CREATE FUNCTION ask_errors.try(q text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; detail text; hint text; state text;
BEGIN
  RETURN public.ask_json(q)->>'status';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
  RETURN concat_ws(E'\n  ', state || ' ' || message, nullif(detail, ''), nullif(hint, ''));
END $$;

-- who may ask: the functions are for members of sql_agent_user
SET ROLE regress_ask_errors;
SELECT ask('how many items');
SELECT sql_agent.ask_json('how many items');
RESET ROLE;
GRANT sql_agent_user TO regress_ask_errors;
GRANT USAGE ON SCHEMA ask_errors TO PUBLIC;

-- nothing to ask about: an answer with the step that is missing, raised where rows are expected
SELECT ask('how many items');
SELECT * FROM ask_rows('how many items');
SET ROLE regress_ask_errors;
SELECT ask('how many items');
SELECT a->>'status' AS status, a->'success' AS success, a->'error' AS error, a->'translator' AS translator
  FROM ask_json('how many items') AS a;
SELECT ask_sql('how many items');
SELECT * FROM sql_agent.suggest_questions();
RESET ROLE;
REVOKE USAGE ON SCHEMA ask_errors FROM PUBLIC;
SET ROLE regress_ask_errors;
SELECT ask('how many items');
RESET ROLE;
GRANT USAGE ON SCHEMA ask_errors TO PUBLIC;
GRANT SELECT ON ask_errors.items TO regress_ask_errors;
SET ROLE regress_ask_errors;
SELECT ask('how many items') LIMIT 1;

-- questions that are none
SELECT ask(NULL);
SELECT ask_json(NULL) IS NULL, ask_sql(NULL) IS NULL, (SELECT count(*) FROM ask_rows(NULL)), (SELECT count(*) FROM ask_as(null::int, NULL));
SELECT q, ask_errors.try(q) FROM unnest(ARRAY['', '   ', E' \n\t ']) q;
SELECT ask_errors.try(repeat('how many items ', 547)) AS longest;
SELECT ask_errors.try(repeat('x', 100000)) AS too_long;
SELECT ask_errors.try(E'how many\x01 items') AS control, ask_errors.try(convert_from('\x7f', 'UTF8')) AS del;
SELECT ask_errors.try(convert_from('\xff00fe', 'UTF8'));
-- other languages, rubbish, quotes, SQL: no error, no harm
SELECT q, ask_errors.try(q) FROM unnest(ARRAY['wie viele Kunden gibt es in Berlin?', 'сколько товаров продано', '有多少产品', '؟؟؟', '🙂🙂🙂',
  '????', '''; DROP TABLE ask_errors.items; --', 'SELECT * FROM pg_authid', '"$$"', E'\\', '%s%n%d', '{"a":1}', '<script>alert(1)</script>',
  E'zero\u200bwidth \u202eitems', repeat('(', 4000), repeat('a ', 4000)]) WITH ORDINALITY AS t(q, i) WHERE ask_errors.try(q) <> 'failed' OR i > 100;
SELECT ask('items '' named "x''; DROP TABLE ask_errors.items"');
SELECT count(*) FROM ask_errors.items;

-- arguments
SELECT ask('how many items', databases => '{other}');
SELECT ask('how many items', tenant => 'acme');
SELECT ask('how many items', token => 'x');
SELECT ask('how many items', max_rows => 0);
SELECT ask('how many items', options => '{"colour": true}');
SELECT ask('how many items', options => '[]');
SELECT ask('how many items', options => '{"clarify": "perhaps"}');
SELECT ask('how many items', options => '{"clarify": {}}');
SELECT ask('how many items', options => '{"record": 1}');
SELECT ask('how many items', options => '{"display_rows": 0}');
SELECT ask('how many items', options => NULL, max_rows => NULL) LIMIT 1;
-- a wrong option leaves no setting behind
SHOW sql_agent.clarify;

-- cancel and timeout of the caller are the caller's
RESET ROLE;
CREATE VIEW ask_errors.slow WITH (security_invoker) AS
  SELECT count(*) AS slow_number FROM generate_series(1, 3000) a, generate_series(1, 5000) b;
GRANT SELECT ON ask_errors.slow TO regress_ask_errors;
SET ROLE regress_ask_errors;
SET statement_timeout = '100ms';
SELECT ask('list slow');
RESET statement_timeout;
SELECT ask('how many items') LIMIT 1;

-- names that need quoting, hostile names, a view of a view of itself, many columns
RESET ROLE;
CREATE TABLE ask_errors."Weird ""Names""; --" (id int PRIMARY KEY, "select" text, "Größe (cm)" int);
CREATE TABLE ask_errors.colored (id int PRIMARY KEY, U&"esc\001b[31m" int);
INSERT INTO ask_errors."Weird ""Names""; --" VALUES (1, E'two\nlines', 5);
CREATE VIEW ask_errors.loop_one WITH (security_invoker) AS SELECT 1 AS loop_number;
CREATE VIEW ask_errors.loop_two WITH (security_invoker) AS SELECT loop_number FROM ask_errors.loop_one;
CREATE OR REPLACE VIEW ask_errors.loop_one WITH (security_invoker) AS SELECT loop_number FROM ask_errors.loop_two;
GRANT SELECT ON ALL TABLES IN SCHEMA ask_errors TO regress_ask_errors;
SET ROLE regress_ask_errors;
SELECT ask('list weird names');
SELECT ask('total größe of weird names');
SELECT ask('list colored');
SELECT ask('list loop one');
RESET ROLE;
DO $$ BEGIN EXECUTE 'CREATE TABLE ask_errors.wide (' || (SELECT string_agg('wide_column_' || i || ' int', ', ') FROM generate_series(1, 1600) i) || ')'; END $$;
INSERT INTO ask_errors.wide (wide_column_1) VALUES (1), (2);
GRANT SELECT ON ask_errors.wide TO regress_ask_errors;
SET ROLE regress_ask_errors;
SELECT ask('how many wide') LIMIT 1;
SELECT a->>'status', jsonb_array_length(a->'columns') > 0 FROM ask_json('list wide') AS a;
SELECT count(*) FROM ask('list wide');

-- a privilege that is missing under a view: refused, without saying which
RESET ROLE;
CREATE TABLE ask_errors.hidden (secret_number int);
CREATE VIEW ask_errors.revealing WITH (security_invoker) AS SELECT secret_number FROM ask_errors.hidden;
GRANT SELECT ON ask_errors.revealing TO regress_ask_errors;
SET ROLE regress_ask_errors;
SELECT ask('list revealing');
SELECT ask_errors.try('list revealing');

-- a table that went away, in a session that knew it
RESET ROLE;
DROP TABLE ask_errors.items;
SET ROLE regress_ask_errors;
SELECT ask_errors.try('how many items');

RESET ROLE;
DROP OWNED BY regress_ask_errors;
DROP SCHEMA ask_errors CASCADE;
DROP ROLE regress_ask_errors;
