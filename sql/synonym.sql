-- Words that somebody gives to tables and columns.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_synonym_ann;
CREATE ROLE regress_synonym_bob;
CREATE ROLE regress_synonym_admin;
CREATE ROLE regress_synonym_nobody;
GRANT sql_agent_user TO regress_synonym_ann, regress_synonym_bob;
GRANT sql_agent_admin TO regress_synonym_admin;
CREATE SCHEMA synonym_shop;
CREATE SCHEMA synonym_other;
CREATE TABLE synonym_shop.sales (id int, amount numeric, "Unit Price" numeric);
CREATE TABLE synonym_shop.customers (id int, name text);
CREATE TABLE synonym_shop.secrets (id int);
CREATE TABLE synonym_other.customers (id int, name text);
GRANT USAGE ON SCHEMA synonym_shop, synonym_other TO regress_synonym_ann, regress_synonym_bob, sql_agent_reader;
GRANT SELECT ON synonym_shop.sales, synonym_shop.customers, synonym_other.customers
  TO regress_synonym_ann, regress_synonym_bob, sql_agent_reader;
SET sql_agent.allowed_schemas = 'synonym_shop, synonym_other';
RESET client_min_messages;

-- a user's own
SET ROLE regress_synonym_ann;
SELECT sql_agent.synonym_add('Turnover', 'sales.amount');
SELECT sql_agent.synonym_add('turnover', 'sales.amount');
SELECT sql_agent.synonym_add('list price', 'synonym_shop.sales."Unit Price"');
SELECT sql_agent.synonym_add('buyers', 'synonym_shop.customers');
SELECT * FROM sql_agent.synonyms ORDER BY word;
SELECT * FROM sql_agent.synonym ORDER BY word;
SELECT "table", "column", source, words FROM sql_agent.find_word('turnovers');
SELECT "table", "column", source, words FROM sql_agent.find_word('list');
SELECT "table", "column", source, words FROM sql_agent.find_word('buyer');

-- counts for nobody else
SET ROLE regress_synonym_bob;
SELECT * FROM sql_agent.synonyms;
SELECT * FROM sql_agent.synonym;
SELECT * FROM sql_agent.find_word('turnover');
SELECT sql_agent.synonym_drop('turnover');
INSERT INTO sql_agent.synonym VALUES ('x', 'y');

-- an operator's counts for all
SET ROLE regress_synonym_admin;
SELECT sql_agent.synonym_add('revenue', 'sales.amount');
SELECT * FROM sql_agent.synonyms ORDER BY word;
SET ROLE regress_synonym_bob;
SELECT * FROM sql_agent.synonyms;
SELECT "table", "column", source FROM sql_agent.find_word('revenue');
SELECT sql_agent.synonym_drop('revenue');

-- what is refused
SELECT sql_agent.synonym_add('', 'sales.amount');
SELECT sql_agent.synonym_add(' -- ', 'sales.amount');
SELECT sql_agent.synonym_add(repeat('long ', 100), 'sales.amount');
SELECT sql_agent.synonym_add('x', 'customers');
SELECT sql_agent.synonym_add('x', 'secrets');
SELECT sql_agent.synonym_add('x', 'sales.nothing');
SELECT sql_agent.synonym_add('x', 'synonym_shop.sales.amount.more');
SELECT sql_agent.synonym_add('x', '');
SELECT sql_agent.synonym_add('x', 'sales."amount');
SELECT sql_agent.synonym_add('x', 'sales; DROP TABLE sales');
SELECT sql_agent.synonym_add('x', NULL);
SELECT sql_agent.synonym_add(NULL, 'sales.amount');
SELECT sql_agent.synonym_drop(NULL);
DO $$ BEGIN FOR i IN 1..1001 LOOP PERFORM sql_agent.synonym_add('word ' || i, 'sales.amount'); END LOOP; END $$;
SELECT sql_agent.synonym_drop('x');
SET ROLE regress_synonym_nobody;
SELECT sql_agent.synonym_add('x', 'sales.amount');
RESET ROLE;

-- one whose target is gone is inert, and comes back with it
BEGIN;
ALTER TABLE synonym_shop.sales RENAME COLUMN amount TO total;
SET LOCAL ROLE regress_synonym_ann;
SELECT word, active FROM sql_agent.synonyms ORDER BY word;
SELECT "table", "column", source FROM sql_agent.find_word('turnover');
ROLLBACK;
REVOKE SELECT ON synonym_shop.customers FROM regress_synonym_ann;
SET ROLE regress_synonym_ann;
SELECT word, active FROM sql_agent.synonyms ORDER BY word;
RESET ROLE;
GRANT SELECT ON synonym_shop.customers TO regress_synonym_ann;
SET ROLE regress_synonym_ann;
SELECT "table", "column", source FROM sql_agent.find_word('turnover');

-- a rollback takes it back, in every respect
BEGIN;
SELECT sql_agent.synonym_add('income', 'sales.amount');
SELECT "table", "column", source FROM sql_agent.find_word('income');
ROLLBACK;
SELECT "table", "column", source FROM sql_agent.find_word('income');
SELECT sql_agent.synonym_drop('Turnover');
SELECT "table", "column", source FROM sql_agent.find_word('turnover');
SELECT word FROM sql_agent.synonyms ORDER BY word;
RESET ROLE;

SET client_min_messages = warning;
SELECT count(*) FROM sql_agent.synonym;
DELETE FROM sql_agent.synonym;
DROP SCHEMA synonym_shop, synonym_other CASCADE;
DROP ROLE regress_synonym_ann, regress_synonym_bob, regress_synonym_admin, regress_synonym_nobody;
