-- Columns that never leave for a model, and the prompt without them.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_private_owner;
CREATE ROLE regress_private_user;
CREATE ROLE regress_private_admin;
GRANT sql_agent_user TO regress_private_owner, regress_private_user;
GRANT sql_agent_admin TO regress_private_admin;
CREATE SCHEMA regress_private AUTHORIZATION regress_private_owner;
SET ROLE regress_private_owner;
CREATE TABLE regress_private.person (id int PRIMARY KEY, name text, "Secret Code" text, salary_grade text);
CREATE TABLE regress_private.vault (content text);
CREATE TABLE regress_private.visit (person_code text, day date);
COMMENT ON TABLE regress_private.person IS 'people; salary_grade is confidential';
COMMENT ON COLUMN regress_private.person.name IS 'as in the passport';
INSERT INTO regress_private.person VALUES (1, 'Ann', 'zebra-1', 'A'), (2, 'Bob', 'zebra-2', 'B'), (3, 'Ann', 'zebra-2', 'B');
GRANT USAGE ON SCHEMA regress_private TO regress_private_user, sql_agent_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_private TO regress_private_user, sql_agent_reader;
RESET ROLE;
SET sql_agent.allowed_schemas = 'regress_private';
CREATE SERVER regress_private_model FOREIGN DATA WRAPPER sql_agent_llm
  OPTIONS (provider 'openai_compatible', model 'none', base_url 'http://127.0.0.1:1/v1', private_network 'true');
GRANT USAGE ON FOREIGN SERVER regress_private_model TO regress_private_user;
SET sql_agent.llm = 'regress_private_model';
-- what is told of the tables
CREATE FUNCTION regress_private.told(question text DEFAULT 'who is Ann') RETURNS SETOF text LANGUAGE sql AS $$
  SELECT l FROM regexp_split_to_table(substring(sql_agent.ask_prompt(question) FROM '--- Message ---\n(.*)--- Body ---'), '\n') l
  WHERE l !~ '^(<<<.*|.*>>>|Today: .*|Database: .*|)$' $$;
RESET client_min_messages;

SELECT * FROM regress_private.told();
SET ROLE regress_private_owner;
SELECT sql_agent.mark_private('regress_private.person', 'Secret Code');
SELECT sql_agent.mark_private('regress_private.person', 'salary_grade');
SELECT sql_agent.mark_private('regress_private.person', 'salary_grade');
SELECT sql_agent.mark_private('regress_private.vault', 'content');
SELECT sql_agent.mark_private('regress_private.visit', 'person_code');
SELECT schema_name, table_name, column_name, marked_by FROM sql_agent.private_column ORDER BY 1, 2, 3;
RESET ROLE;
-- neither names nor values, nor a comment that names one
SELECT * FROM regress_private.told();
SELECT * FROM regress_private.told('whose secret code is zebra-2');
SELECT sql_agent.ask_prompt('x') ~ 'zebra|salary_grade|Secret Code|vault|person_code';

-- another name, another schema: private still
SET ROLE regress_private_owner;
ALTER TABLE regress_private.person RENAME COLUMN "Secret Code" TO phrase;
ALTER TABLE regress_private.visit RENAME TO visits;
RESET ROLE;
CREATE SCHEMA regress_private2 AUTHORIZATION regress_private_owner;
GRANT USAGE ON SCHEMA regress_private2 TO sql_agent_reader;
SET sql_agent.allowed_schemas = 'regress_private, regress_private2';
ALTER TABLE regress_private.visits SET SCHEMA regress_private2;
ALTER SCHEMA regress_private2 RENAME TO regress_private3;
SET sql_agent.allowed_schemas = 'regress_private, regress_private3';
SELECT schema_name, table_name, column_name FROM sql_agent.private_column ORDER BY 1, 2, 3;
SELECT * FROM regress_private.told();
-- a restored copy has other OIDs: the names count; and another column of that number is not meant
UPDATE sql_agent.private_column SET relation = 'regress_private.person'::regclass, attnum = 2, installation = 'elsewhere'
  WHERE column_name = 'phrase';
SELECT * FROM regress_private.told();

-- none of it for those who do not own the table
SET ROLE regress_private_user;
SELECT sql_agent.mark_private('regress_private.person', 'name');
SELECT sql_agent.unmark_private('regress_private.person', 'salary_grade');
SELECT schema_name, table_name, column_name FROM sql_agent.private_column ORDER BY 1, 2, 3;
DELETE FROM sql_agent.private_column;
RESET ROLE;
GRANT USAGE ON SCHEMA regress_private TO regress_private_admin;
SET ROLE regress_private_admin;
SELECT sql_agent.mark_private('regress_private.person', 'name');
SELECT sql_agent.unmark_private('regress_private.person', 'name');
SELECT count(*) FROM sql_agent.private_column;
RESET ROLE;
-- errors
SELECT sql_agent.mark_private('regress_private.person', 'nothing');
SELECT sql_agent.mark_private('regress_private.person', 'ctid');
SELECT sql_agent.unmark_private('regress_private.person', 'id');
SELECT sql_agent.mark_private(1, 'x');
SELECT sql_agent.mark_private(NULL, 'x');
-- taken back
SELECT sql_agent.unmark_private('regress_private.person', 'salary_grade');
SELECT * FROM regress_private.told();

-- the values of rows: not at all
SET sql_agent.share_values = none;
SELECT * FROM regress_private.told();
SET ROLE regress_private_user;
SET sql_agent.share_values = profiles;
RESET ROLE;
RESET sql_agent.share_values;

-- without a model, or without the right to use it
SET sql_agent.llm = '';
SELECT sql_agent.ask_prompt('who is Ann');
SET sql_agent.llm = 'regress_private_model';
SET ROLE regress_private_owner;
SELECT sql_agent.ask_prompt('who is Ann');
SELECT line FROM sql_agent.ask('gibberish xyzzy', options => '{"summary": false}') line WHERE line LIKE 'Hint%';
RESET ROLE;
SET sql_agent.llm = 'nothing';
SELECT sql_agent.ask_prompt('who is Ann');
SET sql_agent.llm = 'regress_private_model';
SELECT sql_agent.ask_prompt('');
SELECT sql_agent.ask_prompt(NULL);
REVOKE USAGE ON SCHEMA regress_private FROM regress_private_user;
SET ROLE regress_private_user;
SELECT sql_agent.ask_prompt('who is Ann');
RESET ROLE;

-- settings
SET sql_agent.translators = 'builtin, oracle';
SET sql_agent.translators = 'llm, llm';
SET sql_agent.translators = '';
SET sql_agent.translators = '"';
SET sql_agent.translators = 'LLM,memory';
SHOW sql_agent.translators;
SET sql_agent.max_prompt_tokens = 100;
SET sql_agent.max_attempts = 0;
SET sql_agent.candidates = 10;
SET sql_agent.share_values = everything;
SET sql_agent.narrate = always;
SET ROLE regress_private_user;
SET sql_agent.max_attempts = 5;
SET sql_agent.max_prompt_tokens = 100000;
SET sql_agent.candidates = 2;
RESET ROLE;
-- only what was answered before
SET sql_agent.translators = 'memory';
SET sql_agent.allowed_schemas = 'regress_private';
SELECT * FROM sql_agent.ask('who is Ann', options => '{"summary": false, "record": false}');
RESET sql_agent.translators;

-- prices: seeds are not changed, another price is another row
SET ROLE regress_private_admin;
SELECT provider, model_pattern, input_per_mtok, output_per_mtok FROM sql_agent.model_price
  WHERE model_pattern IN ('gpt-5.4', 'claude-sonnet-5') ORDER BY 1;
UPDATE sql_agent.model_price SET input_per_mtok = 0;
DELETE FROM sql_agent.model_price;
INSERT INTO sql_agent.model_price (provider, model_pattern, valid_from, input_per_mtok, output_per_mtok)
  VALUES ('openai', 'gpt-5.4', '2026-11-01', 1, 2);
INSERT INTO sql_agent.model_price (provider, model_pattern, input_per_mtok, output_per_mtok, seeded)
  VALUES ('openai', 'x', 1, 2, true);
INSERT INTO sql_agent.model_price (provider, model_pattern, input_per_mtok, output_per_mtok)
  VALUES ('openai', 'x', -1, 2);
SET ROLE regress_private_user;
SELECT count(*) > 40 FROM sql_agent.model_price;
INSERT INTO sql_agent.model_price (provider, model_pattern, input_per_mtok, output_per_mtok) VALUES ('openai', 'x', 1, 2);
RESET ROLE;
DELETE FROM sql_agent.model_price WHERE NOT seeded;

SET client_min_messages = warning;
DROP SERVER regress_private_model CASCADE;
DROP SCHEMA regress_private, regress_private3 CASCADE;
DELETE FROM sql_agent.private_column;
DELETE FROM sql_agent.question WHERE asked_by LIKE 'regress_private%';
DROP OWNED BY regress_private_owner, regress_private_user, regress_private_admin;
DROP ROLE regress_private_owner, regress_private_user, regress_private_admin;
