-- What can be read in two ways is read in neither silently, and no row of data is lost to a header.
\set ON_ERROR_STOP 0
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA readings;
SET search_path = readings, pg_catalog;
SET datestyle = 'ISO, DMY';

-- a table's type does not tell how a file writes its values
CREATE TABLE prices (id int, price numeric, day date, at timestamp, zoned timestamptz);
SELECT sql_agent.upload_sheet('prices.csv', E'id;price\n1;1,234\n2;2,500\n', '{"mode": "append"}');
SELECT sql_agent.upload_sheet('prices.csv', E'id;price\n1;1,234\n2;2,500\n', '{"mode": "append", "decimal": ","}') IS NOT NULL;
SELECT sql_agent.upload_sheet('prices.csv', E'id;price\n3;1,234\n4;2,500\n', '{"mode": "append", "decimal": "."}') IS NOT NULL;
SELECT sql_agent.upload_sheet('prices.csv', E'id;price\n5;1,5\n6;2,25\n', '{"mode": "append"}') IS NOT NULL;
SELECT sql_agent.upload_sheet('prices.csv', E'id;price\n7;1,5\n', '{"mode": "append", "decimal": "."}');
SELECT id, price FROM prices ORDER BY id;
SELECT sql_agent.upload_sheet('prices.csv', E'id;day\n1;03/04/2024\n', '{"mode": "append"}');
SELECT sql_agent.upload_sheet('prices.csv', E'id;day\n8;03/04/2024\n', '{"mode": "append", "date_order": "DMY"}') IS NOT NULL;
SELECT sql_agent.upload_sheet('prices.csv', E'id;day\n9;03/04/2024\n', '{"mode": "append", "date_order": "MDY"}') IS NOT NULL;
SELECT sql_agent.upload_sheet('prices.csv', E'id;day\n10;03/04/2024\n11;25/04/2024\n', '{"mode": "append"}') IS NOT NULL;
SELECT sql_agent.upload_sheet('prices.csv', E'id;at;zoned\n12;03/04/2024 10:00;03/04/2024 10:00Z\n', '{"mode": "append"}');
SELECT sql_agent.upload_sheet('prices.csv', E'id;at\n12;03/04/2024 10:00\n', '{"mode": "append", "date_order": "DMY"}') IS NOT NULL;
-- a zone that the column has no room for is not lost
SELECT sql_agent.upload_sheet('prices.csv', E'id;at\n13;2024-01-01 10:00+02\n', '{"mode": "append"}');
SELECT id, day, at FROM prices WHERE id > 7 ORDER BY id;

-- the same for types that are given
CREATE FUNCTION read_as(content text, options jsonb) RETURNS TABLE (type text, value text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sql_agent.upload_sheet('read_as.csv', convert_to(content, 'UTF8'), options || '{"mode": "replace"}');
  RETURN QUERY EXECUTE 'SELECT pg_typeof(v)::text, v::text FROM read_as ORDER BY id';
END
$$;
SELECT * FROM read_as(E'id;v\n1;1,234\n', '{"types": {"v": "numeric"}}');
SELECT * FROM read_as(E'id;v\n1;1,234\n', '{"types": {"v": "numeric"}, "decimal": ","}');
SELECT * FROM read_as(E'id;v\n1;1.234\n', '{"types": {"v": "numeric"}, "decimal": ","}');
SELECT * FROM read_as(E'id;v\n1;1.234\n', '{"types": {"v": "double precision"}, "decimal": ","}');
SELECT * FROM read_as(E'id;v\n1;03/04/2024\n', '{"types": {"v": "date"}}');
SELECT * FROM read_as(E'id;v\n1;03/04/2024\n', '{"types": {"v": "date"}, "date_order": "DMY"}');
-- with a decimal comma a point separates thousands, or is none
SELECT * FROM read_as(E'id;v\n1;1.234\n2;2.500\n3;7\n', '{"decimal": ","}');
SELECT * FROM read_as(E'id;v\n1;1.5\n', '{"decimal": ","}');
SELECT * FROM read_as(E'id;v\n1;1\n2;12345678901234567890\n', '{"decimal": ","}');

-- a row of words below rows of data is data
CREATE FUNCTION all_of(content text) RETURNS TABLE (header_row text, preamble text, "row" jsonb) LANGUAGE sql AS $$
  SELECT s ->> 'header_row', s ->> 'preamble', jsonb_array_elements(s -> 'first_rows')
    FROM jsonb_array_elements(sql_agent.upload_preview('f.csv', convert_to(content, 'UTF8')) -> 'sheets') s
$$;
SELECT * FROM all_of(E'1,2\n3,4\nNA,NB\n5,6\n7,8\n');
SELECT * FROM all_of(E'b,b\n1,2\n3,b\nNA,NB\n5,6\n7,8\n');
-- few values in the first rows
SELECT * FROM all_of(E'1,2,,,,\n3,4,,,,\n5,6,7,8,9,10\n5,6,7,8,9,11\n5,6,7,8,9,12\n');
-- what is above a header, or above rows without one, is a title
SELECT * FROM all_of(E'Report,,\nPeriod,2024-01-01,\nid,day,n\n1,2024-01-02,5\n2,2024-01-03,6\n');
SELECT * FROM all_of(E'Report\n1,2024-01-02,5\n2,2024-01-03,6\n');

DROP SCHEMA readings CASCADE;
