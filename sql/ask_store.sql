-- The history of questions: what is recorded, who sees it, how it goes away.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_store_ann;
CREATE ROLE regress_store_bob;
CREATE ROLE regress_store_op;
GRANT sql_agent_user TO regress_store_ann, regress_store_bob;
GRANT sql_agent_admin TO regress_store_op;
CREATE SCHEMA store_test;
CREATE TABLE store_test.items (id int PRIMARY KEY, name text);
INSERT INTO store_test.items SELECT i, 'item ' || i FROM generate_series(1, 3) i;
GRANT USAGE ON SCHEMA store_test TO regress_store_ann, regress_store_bob;
GRANT SELECT ON store_test.items TO regress_store_ann, regress_store_bob;
SET sql_agent.allowed_schemas = 'store_test';
SET sql_agent.ask_summary = off;
SET search_path = public;

SET ROLE regress_store_ann;
SELECT a->>'answer' AS answer FROM ask_json('how many items') AS a;
SELECT count(*) FROM ask('how many flurbles');
SELECT ask_sql('list items');
-- in a chat of her own: a new uuid begins one
SELECT a->>'chat_id' AS chat FROM ask_json('how many items', chat => 'a0000000-0000-0000-0000-000000000001') AS a;
SELECT asked_by, asking_role, question, status, sql IS NOT NULL AS has_sql, translator, attempts, row_count, truncated,
       error_sqlstate, execution_time >= 0 AS timed, total_time > 0 AS total_timed, created_at <= clock_timestamp() AS created
  FROM sql_agent.questions ORDER BY created_at;
SELECT is_default, questions, last_question_at IS NOT NULL AS asked FROM sql_agent.chats ORDER BY is_default DESC;
SELECT count(DISTINCT chat_id) FROM sql_agent.questions;
-- the id of the answer is the id of the row
SELECT ask_json('list items')->>'question_id' AS id \gset
SELECT question FROM sql_agent.questions WHERE id = :'id';
-- rolled back with the caller
BEGIN;
SELECT a->>'status' AS status FROM ask_json('how many items') AS a;
ROLLBACK;
SELECT count(*) FROM sql_agent.questions;
-- not recorded at will
SELECT a->'question_id' AS question_id FROM ask_json('how many items', options => '{"record": false}') AS a;
SELECT count(*) FROM sql_agent.questions;

-- nobody else's
SET ROLE regress_store_bob;
SELECT count(*) FROM sql_agent.questions;
SELECT count(*) FROM sql_agent.question;
SELECT count(*) FROM sql_agent.chats;
SELECT count(*) FROM sql_agent.chat;
SELECT count(*) FROM sql_agent.model_call;
SELECT ask_json('how many items', chat => 'a0000000-0000-0000-0000-000000000001');
-- a leaky function in a condition sees no row that the view hides
CREATE FUNCTION pg_temp.leak(t text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'leaked %', t; RETURN true; END $$;
SET client_min_messages = notice;
SELECT count(*) FROM sql_agent.questions WHERE pg_temp.leak(question);
SELECT count(*) FROM sql_agent.question WHERE pg_temp.leak(question);
SET client_min_messages = warning;
SELECT sql_agent.forget_questions();
INSERT INTO sql_agent.question SELECT * FROM sql_agent.question;
DELETE FROM sql_agent.question;
UPDATE sql_agent.chat SET owned_by = 'regress_store_bob';
-- operators see all, and write nothing either
SET ROLE regress_store_op;
SELECT count(*) FROM sql_agent.questions WHERE asked_by = 'regress_store_ann';
SELECT count(*) FROM sql_agent.question WHERE asked_by = 'regress_store_ann';
DELETE FROM sql_agent.question;

-- forgetting: one's own, before a time or all
SET ROLE regress_store_ann;
SELECT sql_agent.forget_questions('2020-01-01');
SELECT sql_agent.forget_questions(NULL);
BEGIN READ ONLY;
SELECT sql_agent.forget_questions();
ROLLBACK;
SELECT sql_agent.forget_questions();
SELECT count(*) FROM sql_agent.questions;

-- the extension dropped and made again in one session that had recorded
RESET ROLE;
CREATE DATABASE regress_store_db;
\c regress_store_db
SET client_min_messages = warning;
CREATE EXTENSION sql_agent;
SET sql_agent.ask_summary = off;
CREATE TABLE things (id int PRIMARY KEY);
SELECT sql_agent.expose_schema('public');
SELECT ask('how many things') LIMIT 1;
DROP EXTENSION sql_agent;
CREATE EXTENSION sql_agent;
SELECT ask('how many things') LIMIT 1;
BEGIN;
DROP EXTENSION sql_agent;
ROLLBACK;
SELECT ask('how many things') LIMIT 1;
SELECT count(*) FROM sql_agent.questions;
-- a function that stands in the target schema is left alone, and the rest is made
DROP EXTENSION sql_agent;
CREATE FUNCTION ask_sql(question text, chat uuid DEFAULT NULL, databases text[] DEFAULT NULL, max_rows int DEFAULT NULL,
  tenant text DEFAULT NULL, token text DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$ SELECT 'mine'::text $$;
SET client_min_messages = notice;
CREATE EXTENSION sql_agent;
SELECT ask_sql('how many things'), ask('how many things') LIMIT 1;
DROP EXTENSION sql_agent;
-- into another schema, and into our own
CREATE SCHEMA tools;
CREATE EXTENSION sql_agent SCHEMA tools;
SELECT tools.ask('how many things') LIMIT 1;
SELECT n.nspname, count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE p.proname IN ('ask', 'ask_json', 'ask_rows', 'ask_as', 'ask_view') GROUP BY 1 ORDER BY 1;
DROP EXTENSION sql_agent;
-- without the extension the library says so
LOAD 'sql_agent';
\c contrib_regression
DROP DATABASE regress_store_db;
SET client_min_messages = warning;
DROP SCHEMA store_test CASCADE;
DROP OWNED BY regress_store_ann, regress_store_bob, regress_store_op;
DROP ROLE regress_store_ann, regress_store_bob, regress_store_op;
