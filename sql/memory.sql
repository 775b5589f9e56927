--
-- What is remembered: feedback, examples, forgetting; whose entries serve whom.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_memory_a;
CREATE ROLE regress_memory_b;
CREATE ROLE regress_memory_stranger;
GRANT sql_agent_user TO regress_memory_a, regress_memory_b;
CREATE SCHEMA memory_test;
CREATE TABLE memory_test.customers (id int PRIMARY KEY, name text, country text, city text, credit numeric, joined date);
INSERT INTO memory_test.customers VALUES
  (1, 'Ada', 'France', 'Paris', 100, '2024-01-10'), (2, 'Bob', 'Peru', 'Lima', 200, '2024-02-10'),
  (3, 'Cid', 'Peru', 'Cusco', 300, '2025-03-10'), (4, 'Dee', 'Chile', 'Santiago', 400, '2025-04-10');
CREATE TABLE memory_test.secrets (id int PRIMARY KEY, word text);
GRANT USAGE ON SCHEMA memory_test TO regress_memory_a, regress_memory_b;
GRANT SELECT ON memory_test.customers TO regress_memory_a, regress_memory_b;
SET sql_agent.allowed_schemas = 'memory_test';
SET sql_agent.as_of = '2025-06-30';
SET sql_agent.ask_summary = off;
SET search_path = public;

-- one question, its translator and its SQL
CREATE FUNCTION public.regress_ask(question text) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(': ', a->>'status', CASE WHEN a->>'status' = 'answered' THEN a->>'translator' END, a->>'query_used')
   FROM (SELECT ask_json(question) AS a) q $$;
CREATE FUNCTION public.regress_id(asked text) RETURNS uuid LANGUAGE sql AS
$$ SELECT id FROM sql_agent.questions WHERE question = asked ORDER BY created_at DESC LIMIT 1 $$;
CREATE VIEW public.regress_memory WITH (security_invoker) AS
  SELECT kind, question, verified, verified_by, template, shared, hits, status, reason FROM sql_agent.memory;
GRANT SELECT ON public.regress_memory TO PUBLIC;

SET ROLE regress_memory_a;

-- example_add: the guard first
SELECT sql_agent.example_add('rich customers', 'SELECT * FROM memory_test.secrets');
SELECT sql_agent.example_add('rich customers', 'SELECT rolname FROM pg_catalog.pg_authid');
SELECT sql_agent.example_add('rich customers', 'DELETE FROM memory_test.customers');
SELECT sql_agent.example_add('rich customers', 'SELECT 1; SELECT 2');
SELECT sql_agent.example_add('rich customers', 'SELECT nonsense FROM memory_test.customers');
SELECT sql_agent.example_add('rich customers', 'SELECT pg_sleep(1)');
SELECT sql_agent.example_add(NULL, 'SELECT 1');
SELECT sql_agent.example_add('rich customers', NULL);
SELECT sql_agent.example_add('  ', 'SELECT 1');
SELECT sql_agent.example_add(E'rich\x01customers', 'SELECT 1');
SELECT sql_agent.example_add(repeat('x', 8193), 'SELECT 1');
SELECT * FROM regress_memory;

-- an example answers its question, whatever the blanks, the capital at the start and the mark at the end
SELECT sql_agent.example_add('rich customers', $$SELECT name FROM memory_test.customers WHERE credit > 250 ORDER BY name;$$) IS NOT NULL AS added;
SELECT regress_ask('rich customers');
SELECT regress_ask('  Rich   customers ?');
SELECT * FROM ask('rich customers');
SELECT kind, question, verified, verified_by, template, shared, hits, status, reason, last_used IS NOT NULL AS used FROM sql_agent.memory;
-- a capital inside may be a name
SELECT regress_ask('rich Customers') LIKE 'answered: memory%' AS from_memory;
-- another day that times count from is another question
SET sql_agent.as_of = '2025-05-31';
SELECT regress_ask('rich customers') LIKE 'answered: memory%' AS from_memory;
SET sql_agent.as_of = '2025-06-30';
-- added again, it takes the place of the first
SELECT sql_agent.example_add('rich customers', $$SELECT name FROM memory_test.customers WHERE credit >= 200$$) IS NOT NULL AS added;
SELECT regress_ask('rich customers');
SELECT count(*) FROM sql_agent.memory;

-- nobody else has it, nor sees it
SET ROLE regress_memory_b;
SELECT regress_ask('rich customers');
SELECT count(*) FROM sql_agent.memory;
SELECT count(*) FROM sql_agent.nearest_examples('rich customers');
SET ROLE regress_memory_a;
SELECT id AS example FROM sql_agent.memory \gset
SET ROLE regress_memory_b;
\set VERBOSITY sqlstate
SELECT sql_agent.example_drop(:'example');
\set VERBOSITY default
SELECT sql_agent.forget('rich customers');
SET ROLE regress_memory_a;
SELECT count(*) FROM sql_agent.memory;
SELECT sql_agent.example_drop(:'example');
SELECT sql_agent.example_drop('00000000-0000-0000-0000-000000000000');
SELECT regress_ask('rich customers');

-- feedback: a correct answer is verified
SELECT regress_ask('how many customers in Peru');
SELECT sql_agent.feedback(regress_id('how many customers in Peru'), true);
SELECT regress_ask('how many customers in Peru');
SELECT * FROM ask('how many customers in Peru');
SELECT * FROM regress_memory;
-- what the built-in translator made is left to it for other values
SELECT regress_ask('how many customers in Chile');
-- verified twice is verified once
SELECT sql_agent.feedback(regress_id('how many customers in Peru'), true);
SELECT count(*) FROM sql_agent.memory;

-- a wrong one is not given again
SELECT sql_agent.feedback(regress_id('how many customers in Peru'), false);
SELECT regress_ask('how many customers in Peru');
SELECT * FROM ask('how many customers in Peru');
SELECT * FROM regress_memory;
-- a corrected one is given from then on, and is the pattern for others
SELECT sql_agent.feedback(regress_id('how many customers in Peru'), false,
  $$SELECT count(*) AS customers FROM memory_test.customers WHERE country = 'Peru'$$);
SELECT regress_ask('how many customers in Peru');
SELECT regress_ask('how many customers in Chile');
SELECT * FROM ask('how many customers in Chile');
SELECT kind, question, template, hits, status FROM regress_memory ORDER BY kind, question;
-- a pattern that led to a wrong answer is none any more
SELECT sql_agent.feedback(regress_id('how many customers in Chile'), false);
SELECT regress_ask('how many customers in Chile');
SELECT regress_ask('how many customers in Peru');
SELECT regress_ask('how many customers in France');
-- called right after all
SELECT sql_agent.feedback(regress_id('how many customers in Chile'), true);
SELECT sql_agent.feedback(regress_id('how many customers in Chile'), false,
  $$SELECT count(*) AS number_of_customers FROM memory_test.customers AS c WHERE c.country = 'Chile'$$);
SELECT regress_ask('how many customers in Chile');

-- corrected SQL passes the guard, as the one who asked
SELECT sql_agent.feedback(regress_id('how many customers in Chile'), false, 'SELECT word FROM memory_test.secrets');
SELECT sql_agent.feedback(regress_id('how many customers in Chile'), false, 'SELECT * FROM sql_agent.question');
SELECT sql_agent.feedback(regress_id('how many customers in Chile'), false, 'DROP TABLE memory_test.customers');
SELECT regress_ask('how many customers in Chile');
SELECT sql_agent.feedback(regress_id('how many customers in Chile'), true, 'SELECT 1');
SELECT sql_agent.feedback(NULL, true);
SELECT sql_agent.feedback(regress_id('how many customers in Chile'), NULL);
SELECT sql_agent.feedback('00000000-0000-0000-0000-000000000000', true);
-- a question without an answer can be taught
SELECT regress_ask('frobnicated customers');
SELECT sql_agent.feedback(regress_id('frobnicated customers'), true);
SELECT sql_agent.feedback(regress_id('frobnicated customers'), false, 'SELECT name FROM memory_test.customers WHERE id = 1');
SELECT regress_ask('frobnicated customers');
-- of others' questions nobody may speak
SELECT regress_id('frobnicated customers') AS question \gset
SET ROLE regress_memory_b;
\set VERBOSITY sqlstate
SELECT sql_agent.feedback(:'question', true);
SELECT sql_agent.forget(question_id => :'question');
\set VERBOSITY default
RESET ROLE;

-- an operator's verdict counts for all whose questions run as the role
SELECT sql_agent.feedback(:'question', false, 'SELECT name FROM memory_test.customers WHERE id = 2');
SET ROLE regress_memory_a;
SELECT regress_ask('frobnicated customers');
SELECT kind, question, verified_by = current_user AS mine, shared, status FROM regress_memory WHERE question LIKE 'frob%' ORDER BY shared;
SET ROLE regress_memory_b;
SELECT regress_ask('frobnicated customers');
SELECT count(*) FROM sql_agent.memory;

-- forget
SET ROLE regress_memory_a;
SELECT sql_agent.forget();
SELECT sql_agent.forget('x', everything => true);
SELECT sql_agent.forget('nobody asked this');
SELECT sql_agent.forget('How many customers in Peru?');
SELECT sql_agent.forget(question_id => regress_id('frobnicated customers'));
SELECT regress_ask('how many customers in Peru');
SELECT question, kind, shared FROM regress_memory ORDER BY question, kind, shared;
SELECT sql_agent.forget(everything => true) > 0 AS forgot;
SELECT question, kind, shared FROM regress_memory;
RESET ROLE;
SELECT sql_agent.example_drop(id) FROM sql_agent.memory WHERE kind = 'example' AND asking_role = 'regress_memory_a';

-- rolled back, nothing is kept
SET ROLE regress_memory_a;
BEGIN;
SELECT sql_agent.example_add('rich customers', 'SELECT name FROM memory_test.customers WHERE credit > 250') IS NOT NULL AS added;
SELECT regress_ask('rich customers') LIKE 'answered: memory%' AS from_memory;
ROLLBACK;
SELECT regress_ask('rich customers') LIKE 'answered: memory%' AS from_memory;
-- a transaction that only reads is served, and writes nothing
SELECT sql_agent.example_add('rich customers', 'SELECT name FROM memory_test.customers WHERE credit > 250') IS NOT NULL AS added;
BEGIN READ ONLY;
SELECT regress_ask('rich customers');
SELECT sql_agent.example_add('a', 'SELECT 1');
ROLLBACK;
BEGIN READ ONLY;
SELECT sql_agent.feedback('00000000-0000-0000-0000-000000000000', true);
ROLLBACK;
BEGIN READ ONLY;
SELECT sql_agent.forget(everything => true);
ROLLBACK;
BEGIN READ ONLY;
SELECT sql_agent.example_drop('00000000-0000-0000-0000-000000000000');
ROLLBACK;
SELECT hits FROM sql_agent.memory;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT regress_ask('rich customers');
COMMIT;
SELECT hits FROM sql_agent.memory;
-- not recorded, not counted
SELECT count(*) FROM ask('rich customers', options => '{"record": false}');
SELECT hits FROM sql_agent.memory;

-- an example goes when what it reads goes
RESET ROLE;
ALTER TABLE memory_test.customers RENAME credit TO limit_amount;
SET ROLE regress_memory_a;
SELECT regress_ask('rich customers');
SELECT status, reason FROM sql_agent.memory;
SELECT count(*) FROM sql_agent.nearest_examples('rich customers');
RESET ROLE;
ALTER TABLE memory_test.customers RENAME limit_amount TO credit;
ALTER TABLE memory_test.customers ALTER credit TYPE int;
SET ROLE regress_memory_a;
SELECT regress_ask('rich customers');
SELECT status, reason FROM sql_agent.memory;
RESET ROLE;
ALTER TABLE memory_test.customers ALTER credit TYPE numeric;
REVOKE SELECT ON memory_test.customers FROM regress_memory_a;
GRANT SELECT (id, name, country) ON memory_test.customers TO regress_memory_a;
SET ROLE regress_memory_a;
SELECT regress_ask('rich customers');
SELECT status, reason FROM sql_agent.memory;
RESET ROLE;
GRANT SELECT ON memory_test.customers TO regress_memory_a;
SET ROLE regress_memory_a;
SELECT regress_ask('rich customers');
SELECT status, reason FROM sql_agent.memory;

-- a value that is stored no longer does not serve
SELECT sql_agent.example_add('people of Chile', $$SELECT name FROM memory_test.customers WHERE country = 'Chile'$$) IS NOT NULL AS added;
SELECT regress_ask('people of Chile');
RESET ROLE;
UPDATE memory_test.customers SET country = 'CHILE' WHERE country = 'Chile';
\c -
SET client_min_messages = warning;
SET sql_agent.allowed_schemas = 'memory_test';
SET sql_agent.as_of = '2025-06-30';
SET ROLE regress_memory_a;
SELECT regress_ask('people of Chile') LIKE 'answered: memory%' AS from_memory;
SELECT question, template, status, reason FROM regress_memory ORDER BY question;

-- dates that the question does not say hold for a day, unless a person wrote them for good
RESET sql_agent.as_of;
SELECT sql_agent.example_add('recent customers', $$SELECT name FROM memory_test.customers WHERE joined >= '2025-01-01'$$) IS NOT NULL AS added;
SELECT sql_agent.example_add('customers of last month', $$SELECT name FROM memory_test.customers WHERE joined >= '2025-01-01'$$) IS NOT NULL AS added;
RESET ROLE;
SELECT question, only_on = current_date AS only_today FROM sql_agent.memory_entry WHERE question IN ('recent customers', 'customers of last month') ORDER BY question;
UPDATE sql_agent.memory_entry SET only_on = '2020-01-01' WHERE only_on IS NOT NULL;
SET ROLE regress_memory_a;
SELECT status, reason FROM sql_agent.memory WHERE question = 'customers of last month';
SELECT regress_ask('customers of last month') LIKE 'answered: memory%' AS from_memory;
SELECT regress_ask('recent customers');

-- the likest example first
SELECT sql_agent.forget(everything => true) > 0 AS forgot;
SELECT count(sql_agent.example_add(q, 'SELECT name FROM memory_test.customers')) FROM unnest(ARRAY['customers of Peru by credit',
  'customers by city', 'how many customers joined in 2024', 'average credit per country', 'names']) q;
SELECT example FROM sql_agent.nearest_examples('average credit of customers by city');
SELECT example FROM sql_agent.nearest_examples('average credit of customers by city', 2);
SELECT example FROM sql_agent.nearest_examples('something else');
SELECT sql_agent.nearest_examples('x', 0);
SELECT sql_agent.nearest_examples('  ');

-- as many as the setting says
RESET ROLE;
SET sql_agent.memory_max_entries = 5;
SET ROLE regress_memory_a;
SELECT sql_agent.example_add('one more', 'SELECT 1');
SET sql_agent.memory_max_entries = 50;
RESET ROLE;
RESET sql_agent.memory_max_entries;

-- hostile texts stay texts
SET ROLE regress_memory_a;
SELECT sql_agent.forget(everything => true) > 0 AS forgot;
SELECT sql_agent.example_add($q$'; DROP TABLE memory_test.customers; -- in Peru$q$,
  $$SELECT name FROM memory_test.customers WHERE country = 'Peru'$$) IS NOT NULL AS added;
RESET ROLE;
UPDATE memory_test.customers SET country = $$Peru'); DELETE FROM memory_test.customers; --$$ WHERE id = 3;
UPDATE memory_test.customers SET country = 'Cote d''Ivoire\' WHERE id = 4;
\c -
SET client_min_messages = warning;
SET sql_agent.allowed_schemas = 'memory_test';
SET ROLE regress_memory_a;
SELECT regress_ask($q$'; DROP TABLE memory_test.customers; -- in Peru$q$);
SELECT sql_agent.example_add('who lives in "Peru"', $$SELECT name FROM memory_test.customers WHERE country = 'Peru'$$) IS NOT NULL AS added;
SELECT regress_ask('who lives in "Cote d''Ivoire\"');
SELECT regress_ask('who lives in "Peru''); DELETE FROM memory_test.customers; --"');

-- privileges
RESET ROLE;
SET ROLE regress_memory_stranger;
SELECT sql_agent.example_add('a', 'SELECT 1');
SELECT sql_agent.feedback('00000000-0000-0000-0000-000000000000', true);
SELECT sql_agent.forget(everything => true);
SELECT * FROM sql_agent.memory;
SELECT * FROM sql_agent.memory_entry;
RESET ROLE;
SET ROLE regress_memory_a;
SELECT * FROM sql_agent.memory_entry;
INSERT INTO sql_agent.memory_entry DEFAULT VALUES;
DELETE FROM sql_agent.memory_entry;
RESET ROLE;

DROP VIEW public.regress_memory;
DROP FUNCTION public.regress_ask(text), public.regress_id(text);
DELETE FROM sql_agent.memory_entry WHERE asking_role LIKE 'regress%';
DELETE FROM sql_agent.question WHERE asked_by LIKE 'regress%';
DROP SCHEMA memory_test CASCADE;
DROP OWNED BY regress_memory_a, regress_memory_b;
DROP ROLE regress_memory_a, regress_memory_b, regress_memory_stranger;
