-- Questions that can be read in more than one way, and the sentence of an answer.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_ask_clarify;
GRANT sql_agent_user TO regress_ask_clarify;
CREATE SCHEMA clarify_test;
CREATE TABLE clarify_test.sales (id int PRIMARY KEY, amount numeric, city text, region text, weight float8, sold timestamptz);
CREATE TABLE clarify_test.refunds (id int PRIMARY KEY, amount numeric, city text);
INSERT INTO clarify_test.sales VALUES
  (1, 10, 'Paris', 'Paris', 1.123456789012345, '2025-01-05 10:00+00'), (2, 20, 'Rome', 'Paris', 0.000123456789, '2025-03-06'),
  (3, 20, 'Oslo', 'North', -2, '2024-12-31 23:59+00'), (4, NULL, 'Bern', NULL, 0, '2025-03-09');
INSERT INTO clarify_test.refunds VALUES (1, 999999.5, 'Rome');
GRANT USAGE ON SCHEMA clarify_test TO regress_ask_clarify;
GRANT SELECT ON ALL TABLES IN SCHEMA clarify_test TO regress_ask_clarify;
SET sql_agent.allowed_schemas = 'clarify_test';
SET sql_agent.ask_summary = off;
SET search_path = public;
SET timezone = 'UTC';
SET ROLE regress_ask_clarify;
\pset format unaligned

-- suggest: answered, the other readings offered; ask: asked back; off: neither
SELECT ask('total amount in Paris');
SELECT a->>'status' AS status, a->'clarification' AS clarification FROM ask_json('total amount in Paris') AS a;
SELECT regexp_replace(l, '[0-9a-f-]{36}', 'ID') FROM ask('total amount in Paris', options => '{"clarify": "ask"}') l;
SELECT a->>'status' AS status, a->'success' AS success, a->'query_used' AS query_used, a->'error'->>'sqlstate' AS sqlstate,
       a->'clarification'->'ambiguous' AS ambiguous
  FROM ask_json('total amount in Paris', options => '{"clarify": "ask"}') AS a;
SELECT * FROM ask_rows('total amount in Paris', options => '{"clarify": "ask"}');
SELECT ask('total amount in Paris', options => '{"clarify": "off"}');
SET sql_agent.clarify = ask;
SELECT status FROM (SELECT ask_json('total amount in Paris')->>'status') AS s(status);
RESET sql_agent.clarify;
SELECT question, status, sql IS NULL AS no_sql, error_sqlstate FROM sql_agent.questions WHERE status = 'needs_clarification' LIMIT 1;

-- sentences
CREATE FUNCTION pg_temp.say(q text) RETURNS text LANGUAGE sql AS $$ SELECT public.ask_json(q, options => '{"clarify": "off"}')->>'answer' $$;
SELECT q, pg_temp.say(q) FROM unnest(ARRAY['how many sales', 'how many refunds', 'list refunds', 'list sales', 'average weight of sales',
  'total amount of sales by city', 'top 2 sales by amount', 'total amount of sales by month', 'total amount of refunds',
  'number of sales by region', 'average weight of sales by city', 'sales where city is "Atlantis"', 'minimum amount of sales']) q;
-- in a session with another look of dates
SET datestyle = 'German, DMY';
SELECT pg_temp.say('total amount of sales by month');
SELECT * FROM ask('total amount of sales by month');
RESET datestyle;

SELECT sql_agent.forget_questions() > 0 AS forgotten;
RESET ROLE;
DROP OWNED BY regress_ask_clarify;
DROP SCHEMA clarify_test CASCADE;
DROP ROLE regress_ask_clarify;
