--
-- The built-in translator: places in a ranking, the best of each, what is most
-- common, rows that share something, denials of several, either of two conditions
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SET sql_agent.ask_summary = off;
CREATE SCHEMA regress_garage;
SET search_path = regress_garage;
CREATE TABLE branch (branch_id int PRIMARY KEY, name text NOT NULL, town text NOT NULL, place text);
CREATE TABLE mechanic (mechanic_id int PRIMARY KEY, name text NOT NULL, branch_id int NOT NULL REFERENCES branch, grade text, wage numeric NOT NULL, birth_date date NOT NULL);
CREATE TABLE vehicle (vehicle_id int PRIMARY KEY, plate text NOT NULL UNIQUE, maker text, color text, price numeric);
CREATE TABLE repair (repair_id int PRIMARY KEY, vehicle_id int NOT NULL REFERENCES vehicle, mechanic_id int NOT NULL REFERENCES mechanic, done_on date NOT NULL, charge numeric NOT NULL);
INSERT INTO branch VALUES (1, 'North', 'Hull', 'Dock'), (2, 'South', 'Bath', 'Mill'), (3, 'West', 'Bath', NULL);
INSERT INTO mechanic VALUES (1, 'Ada', 1, 'A', 30, '1970-01-01'), (2, 'Bob', 1, 'B', 20, '1980-01-01'), (3, 'Cyd', 2, 'A', 30, '1990-01-01'),
  (4, 'Dan', 2, NULL, 25, '1960-01-01'), (5, 'Eve', 3, 'B', 20, '2000-01-01');
INSERT INTO vehicle VALUES (1, 'P-1', 'Volta', 'red', 9000), (2, 'P-2', 'Volta', 'blue', 15000), (3, 'P-3', 'Kite', 'red', NULL), (4, 'P-4', NULL, 'C++', 15000);
INSERT INTO repair VALUES (1, 1, 1, '2024-01-05', 100), (2, 1, 2, '2024-02-05', 80), (3, 2, 1, '2024-02-06', 300), (4, 3, 3, '2024-03-01', 50);
RESET search_path;
SELECT sql_agent.expose_schema('regress_garage');
CREATE FUNCTION pg_temp.reason(question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
  RETURN sql_agent.ask_sql(question);
EXCEPTION WHEN SQLSTATE 'AG010' THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN detail;
END $$;

-- a place is shared by all that are as good
SELECT ask('the second highest paid mechanic');
SELECT sql_agent.ask_sql('what is the 2nd highest price');
SELECT sql_agent.ask_sql('which mechanic did the second most repairs');
-- the place has a name that no column has
SELECT sql_agent.ask_sql('name and place of the branch with the third most mechanics');
-- inside another question
SELECT sql_agent.ask_sql('how many repairs were done by the second oldest mechanic');
SELECT pg_temp.reason('the second mechanic');
SELECT pg_temp.reason('the second 3 highest paid mechanics');

-- ranked for each of something; the number itself is a group's
SELECT ask('the highest paid mechanic in each branch');
SELECT sql_agent.ask_sql('top 2 mechanics by number of repairs for each grade');
SELECT sql_agent.ask_sql('the highest wage per grade');

-- all that have the highest, where many are asked for
SELECT sql_agent.ask_sql('which mechanics have the highest wage');
SELECT sql_agent.ask_sql('which mechanic has the highest wage');
SELECT sql_agent.ask_sql('who has the highest wage');

-- most common: of a column, of things by what refers to them; nobody's grade is none
SELECT ask('most common grade of mechanics');
SELECT sql_agent.ask_sql('what are the 2 most common makers');
SELECT sql_agent.ask_sql('which vehicle was repaired most often');
SELECT pg_temp.reason('the most common branch');
SELECT pg_temp.reason('the most common weather');

-- ages are dates of birth, the other way round
SELECT sql_agent.ask_sql('the oldest mechanic');
SELECT sql_agent.ask_sql('the 2 youngest mechanics');

-- the same as another row, without that row
SELECT ask('mechanics in the same branch as Ada');
SELECT sql_agent.ask_sql('branches in the same town as West');
SELECT sql_agent.ask_sql('vehicles repaired by the same mechanic as P-1');
SELECT pg_temp.reason('mechanics with the same weather as Ada');
SELECT pg_temp.reason('mechanics with the same wage');

-- how far a denial reaches
SELECT sql_agent.ask_sql('vehicles by maker except Volta and Kite');
SELECT sql_agent.ask_sql('branches that are neither in Hull nor in Bath');
SELECT sql_agent.ask_sql('mechanics of grade A but not in North');
SELECT sql_agent.ask_sql('branches without mechanics or repairs');

-- either of two
SELECT ask('mechanics of grade B or with more than 1 repair');
SELECT sql_agent.ask_sql('how many vehicles are either red or cost more than 12000');
SELECT pg_temp.reason('mechanics of grade A and in North or with repairs');

-- verbs of attributes, first and last ones, numbers that nothing names, values that end in signs
SELECT sql_agent.ask_sql('how much does P-1 cost');
SELECT sql_agent.ask_sql('which mechanic earns the most');
SELECT sql_agent.ask_sql('mechanics born after 1975');
SELECT sql_agent.ask_sql('the last 2 repairs');
SELECT sql_agent.ask_sql('when was the first repair of P-1');
SELECT ask('vehicles under 10000');
SELECT pg_temp.reason('mechanics under 10');
SELECT sql_agent.ask_sql('vehicles with color C++');
SELECT sql_agent.ask_sql('vehicles, most expensive first');

DROP SCHEMA regress_garage CASCADE;
