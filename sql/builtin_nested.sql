--
-- The built-in translator: questions inside questions, comparisons with other
-- rows, ratios, over a database that declares no key at all
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SET sql_agent.ask_summary = off;
CREATE SCHEMA regress_atlas;
SET search_path = regress_atlas;
CREATE TABLE region (region_name text, population int, area float8, land text, seat text);
CREATE TABLE town (town_name text, population int, land text, region_name text);
CREATE TABLE stream (stream_name text, length int, crosses text);
CREATE TABLE neighbours (region_name text, neighbour text);
CREATE TABLE summits (region_name text, highest_peak text, highest_altitude int, lowest_place text, lowest_altitude int);
INSERT INTO region VALUES ('Arvo', 500, 90, 'Norland', 'Arville'), ('Belm', 900, 40, 'Norland', 'Belton'),
  ('Corr', 300, 70, 'Norland', 'Corrigan'), ('Dast', 100, 20, 'Norland', 'Dastow'), ('Ebbe', 50, 10, 'Sudland', 'Ebbtown');
INSERT INTO town VALUES ('Arville', 80, 'Norland', 'Arvo'), ('Aston', 120, 'Norland', 'Arvo'), ('Belton', 200, 'Norland', 'Belm'),
  ('Corrigan', 60, 'Norland', 'Corr'), ('Dastow', 30, 'Norland', 'Dast'), ('Ebbtown', 20, 'Sudland', 'Ebbe'), ('Aston', 10, 'Sudland', 'Ebbe');
INSERT INTO stream VALUES ('Long', 900, 'Arvo'), ('Long', 900, 'Belm'), ('Short', 100, 'Corr'), ('Middle', 400, 'Corr'), ('Middle', 400, 'Dast');
INSERT INTO neighbours VALUES ('Arvo', 'Belm'), ('Belm', 'Arvo'), ('Belm', 'Corr'), ('Corr', 'Belm'), ('Corr', 'Dast'), ('Dast', 'Corr');
INSERT INTO summits VALUES ('Arvo', 'Ark', 900, 'Fen', 2), ('Belm', 'Berg', 1200, 'Bog', 30), ('Corr', 'Cap', 700, 'Dell', -4),
  ('Dast', 'Dome', 300, 'Ditch', 5), ('Ebbe', 'Edge', 200, 'End', 1);
RESET search_path;
SELECT sql_agent.expose_schema('regress_atlas');
CREATE FUNCTION pg_temp.reason(question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
  RETURN sql_agent.ask_sql(question);
EXCEPTION WHEN SQLSTATE 'AG010' THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN detail;
END $$;

-- the phrase is a sub-select of its own
SELECT sql_agent.ask_sql('what is the largest town in the smallest region');
SELECT sql_agent.ask_sql('how many streams run through the largest region');
SELECT sql_agent.ask_sql('which region has the largest town');
SELECT sql_agent.ask_sql('what is the longest stream in the region with the most towns');
SELECT ask('which regions have towns in regions that neighbour Arvo');
SELECT ask('which streams run through regions that neighbour the region with the largest population');

-- rows that connect things with their like
SELECT sql_agent.ask_sql('which regions neighbour Arvo');
SELECT sql_agent.ask_sql('how many regions does Belm neighbour');

-- and stays part of the query where it only ranks what is asked for
SELECT sql_agent.ask_sql('what is the area of the largest region');
SELECT sql_agent.ask_sql('what is the population of the largest town in Arvo');
SELECT sql_agent.ask_sql('which region neighbours the most regions');
SELECT pg_temp.reason('which seats are not the largest town of their region');

-- a column that holds names of other things leads to them
SELECT sql_agent.ask_sql('what is the population of the seat of the largest region');
SELECT sql_agent.ask_sql('how many people live in the seat of Belm');

-- columns that are called by a superlative
SELECT sql_agent.ask_sql('what is the highest peak in Norland');
SELECT sql_agent.ask_sql('how many streams are in the region with the lowest place');
SELECT sql_agent.ask_sql('what are the highest peaks of the regions that neighbour Corr');

-- compared with other rows
SELECT sql_agent.ask_sql('which towns have a population greater than Corrigan');
SELECT sql_agent.ask_sql('which streams are longer than Middle');
SELECT sql_agent.ask_sql('regions with a population larger than the population of the region with the smallest area');
SELECT sql_agent.ask_sql('streams longer than 300');

-- where and when
SELECT sql_agent.ask_sql('where is Belton');
SELECT pg_temp.reason('where is the population');

-- one number over another
SELECT sql_agent.ask_sql('what is the ratio of towns to streams');
SELECT ask('ratio of towns with a population over 50 to towns with a population under 50 in Norland');
SELECT sql_agent.ask_sql('ratio of the number of towns to the number of streams by region');
SELECT sql_agent.ask_sql('what percentage of regions have a population over 200');
SELECT sql_agent.ask_sql('what percentage of towns are in Arvo in the land of Norland');
SELECT sql_agent.ask_sql('ratio of towns with a population over 50 to towns with a population under 50 in the land of Norland');
SELECT pg_temp.reason('ratio of towns to weather');
SELECT pg_temp.reason('ratio of towns by region to streams');

SET client_min_messages = warning;
DROP SCHEMA regress_atlas CASCADE;
