--
-- The built-in translator: names written together, keys called IDs, what says
-- nothing of what is asked, numbers and things told apart
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SET sql_agent.ask_summary = off;
CREATE SCHEMA regress_desk;
SET search_path = regress_desk;
CREATE TABLE dkclient (dkclid int PRIMARY KEY, dkclname text NOT NULL, dkclcountry text, dkclstatus text, is_open int);
CREATE TABLE dkpaper (dkpaid int PRIMARY KEY, dkpaclientid int REFERENCES dkclient, dkpaamount numeric, dkpadate date NOT NULL, dkpakind text);
CREATE TABLE dkpayment (dkpyid int PRIMARY KEY, dkpypaperid int REFERENCES dkpaper, dkpytotal numeric NOT NULL, dkpydate date NOT NULL);
ALTER TABLE dkclient RENAME is_open TO dkclisopen;
INSERT INTO dkclient VALUES (1, 'Ann', 'Peru', 'active', 1), (2, 'Bob', 'Chad', 'idle', 0), (3, 'Cy', 'Peru', 'active', 1);
INSERT INTO dkpaper VALUES (1, 1, 10, '2024-01-05', 'loan'), (2, 1, 20, '2024-02-05', 'bond'), (3, 2, 30, '2024-02-06', 'loan');
INSERT INTO dkpayment VALUES (1, 1, 5, '2024-01-09'), (2, 3, 7, '2024-03-01');
CREATE SCHEMA regress_lib;
SET search_path = regress_lib;
CREATE TABLE author (authorid int PRIMARY KEY, authorname text NOT NULL);
CREATE TABLE paper (paperid int PRIMARY KEY, title text NOT NULL, year int NOT NULL);
CREATE TABLE writes (authorid int REFERENCES author, paperid int REFERENCES paper);
CREATE TABLE cite (citingpaperid int REFERENCES paper, citedpaperid int REFERENCES paper);
CREATE TABLE topic (topicid int PRIMARY KEY, topicname text NOT NULL);
CREATE TABLE papertopic (paperid int REFERENCES paper, topicid int REFERENCES topic);
INSERT INTO author VALUES (1, 'Ann Lee'), (2, 'Bob Ray');
INSERT INTO paper VALUES (1, 'Logic', 2020), (2, 'Sets', 2021), (3, 'Graphs', 2021);
INSERT INTO writes VALUES (1, 1), (1, 2), (2, 3);
INSERT INTO cite VALUES (2, 1), (3, 1), (3, 2);
INSERT INTO topic VALUES (1, 'Algebra'), (2, 'Networks');
INSERT INTO papertopic VALUES (1, 1), (2, 1), (3, 1), (3, 2);
RESET search_path;
SELECT sql_agent.expose_schema('regress_desk'), sql_agent.expose_schema('regress_lib');
CREATE FUNCTION pg_temp.reason(question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
  RETURN sql_agent.ask_sql(question);
EXCEPTION WHEN SQLSTATE 'AG010' THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN detail;
END $$;

-- a beginning that all tables share, and their columns behind it
SELECT sql_agent.ask_sql('names of the clients in Peru');
SELECT sql_agent.ask_sql('how many papers does each client have');
SELECT sql_agent.ask_sql('country name and status of the clients');

-- words without anything between them
SELECT sql_agent.ask_sql('which authors wrote "Logic"');
SELECT sql_agent.ask_sql('which papers cite "Logic"');
SELECT sql_agent.ask_sql('papers cited by "Graphs"');
SELECT sql_agent.ask_sql('which papers have the topic Algebra');

-- both, one, exactly so many
SELECT sql_agent.ask_sql('which papers have both the topic Algebra and the topic Networks');
SELECT pg_temp.reason('which papers have the topic Algebra and the topic Networks');
SELECT sql_agent.ask_sql('authors with 2 papers');

-- either of two conditions on the rows that are asked about
SELECT sql_agent.ask_sql('clients in Chad or with the status active');
SELECT pg_temp.reason('open clients in Chad or with the status active');
SELECT pg_temp.reason('clients with papers or in Chad');

-- keys, and how to compute it
SELECT sql_agent.ask_sql('client IDs');
SELECT sql_agent.ask_sql('author IDs of authors that have no papers, by doing a left join from author to writes');
SELECT sql_agent.ask_sql('average payment total, rounded to 2 decimal places');

-- averages of groups and over rows
SELECT sql_agent.ask_sql('average number of papers per author');
SELECT sql_agent.ask_sql('how many papers does an author write on average');
SELECT sql_agent.ask_sql('payments in total');
SELECT pg_temp.reason('authors on average');

-- a share of the whole, an order, and what is not said well enough
SELECT pg_temp.reason('what percentage of papers comes from each year');
SELECT sql_agent.ask_sql('titles and years of papers in descending order of year');
SELECT pg_temp.reason('papers, newest first');
SELECT pg_temp.reason('papers out of print');
SELECT pg_temp.reason('what percentage of clients are open');

-- what asks for something to be done is declined
SELECT pg_temp.reason('send the papers');

-- slips of spelling are put right, and it is said
CREATE TABLE regress_lib.depot (depotid int PRIMARY KEY, stone int, store int, town text);
INSERT INTO regress_lib.depot VALUES (1, 10, 3, 'Australia'), (2, 20, 4, 'Neurath');
CREATE FUNCTION pg_temp.spelt(question text) RETURNS TABLE (query text, assumptions jsonb) LANGUAGE sql AS
$$ SELECT a->>'query_used', a->'assumptions' FROM (SELECT sql_agent.ask_json(question)) AS x (a) $$;
SELECT * FROM pg_temp.spelt('numbr of papres');
SELECT * FROM pg_temp.spelt('avarage stone of depots in Nuerath');
SELECT * FROM pg_temp.spelt('depots wihtout stone');
-- two words are as near, it is a proper name, too short, quoted, or there are too many
SELECT pg_temp.reason('average stove of depots');
SELECT pg_temp.reason('depots in Austria');
SELECT pg_temp.reason('depots in Zurich');
SELECT pg_temp.reason('clients in Paru');
SELECT pg_temp.reason('total of Stonee of depots');
SELECT pg_temp.reason('which authors wrote "Logik"');
SELECT pg_temp.reason('average ston3 of depots');
SELECT pg_temp.reason('avarage stonn of depotts in twon by storre perr yeear');

SET client_min_messages = warning;
DROP SCHEMA regress_desk, regress_lib CASCADE;
