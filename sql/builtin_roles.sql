--
-- The built-in translator: two relationships between the same two tables, and
-- denials of what a verb leads to
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA regress_port;
SET search_path = regress_port;
CREATE TABLE harbor (harbor_id int PRIMARY KEY, name text NOT NULL, country text NOT NULL);
CREATE TABLE captain (captain_id int PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, town text NOT NULL);
CREATE TABLE voyage (voyage_id int PRIMARY KEY, origin_id int NOT NULL REFERENCES harbor, destination_id int NOT NULL REFERENCES harbor,
  captain_id int NOT NULL REFERENCES captain, approved_by int REFERENCES captain, sailed_on date NOT NULL, state text NOT NULL);
CREATE TABLE cargo (cargo_id int PRIMARY KEY, voyage_id int NOT NULL REFERENCES voyage, goods text NOT NULL, budget numeric);
INSERT INTO harbor VALUES (1, 'Lagos', 'Nigeria'), (2, 'Porto', 'Portugal'), (3, 'Cork', 'Ireland');
INSERT INTO captain VALUES (1, 'Ada', 'Roe', 'Cork'), (2, 'Bea', 'Roe', 'Cork'), (3, 'Ada', 'Fox', 'Porto');
INSERT INTO voyage VALUES (1, 1, 2, 1, 2, '2024-01-01', 'done'), (2, 2, 1, 2, NULL, '2024-02-01', 'open'), (3, 3, 1, 3, 1, '2024-03-01', 'done');
INSERT INTO cargo VALUES (1, 1, 'wine', 5), (2, 1, 'cork', 6), (3, 2, 'wine', 7), (4, 3, 'tea', 8);
RESET search_path;
SELECT sql_agent.expose_schema('regress_port');
CREATE FUNCTION pg_temp.reason(question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
  RETURN sql_agent.ask_sql(question);
EXCEPTION WHEN SQLSTATE 'AG010' THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN detail;
END $$;

-- each side by its preposition, verb or name; where nothing says it there is no answer
SELECT sql_agent.ask_sql('how many voyages from Lagos to Porto');
SELECT sql_agent.ask_sql('how many voyages arrive in Lagos');
SELECT sql_agent.ask_sql('number of voyages per origin harbor');
SELECT pg_temp.reason('number of voyages per harbor');
SELECT pg_temp.reason('which harbor has the most voyages');
-- the one without a name of its own is meant where no other is said
SELECT sql_agent.ask_sql('number of voyages per captain');
SELECT sql_agent.ask_sql('how many voyages were approved by Bea');

-- none at all, and not some others
SELECT sql_agent.ask_sql('voyages that did not include wine');
SELECT sql_agent.ask_sql('voyages with cargo that is not wine');
SELECT sql_agent.ask_sql('harbors that are not in Ireland');

-- a row of two names
SELECT sql_agent.ask_sql('captains in the same town as Ada Roe');
-- whose attribute it is stays, whatever is said of them
SELECT sql_agent.ask_sql('total budget of wine cargo by state');
-- words of order behind
SELECT sql_agent.ask_sql('which voyage sailed first');
SELECT pg_temp.reason('captains and last');

DROP SCHEMA regress_port CASCADE;
