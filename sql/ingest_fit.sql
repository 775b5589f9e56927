/*
 * Rows into tables whose columns are narrower than what files are read into: all of
 * a value goes in, or nothing does.
 */
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
RESET client_min_messages;
CREATE SCHEMA ingest_fit;
SET search_path = ingest_fit, public;

CREATE TABLE made (id smallint, name varchar(5), code char(3), weight real, price numeric(5,2),
  at timestamp(0), zoned timestamptz(3), opens time(0), took interval(0), n numeric, whole numeric(4));
SELECT sql_agent.upload_sheet('made.csv', convert_to('id,name,code,weight,price,at,opens,took,n,whole
1,M' || chr(252) || 'll,ab,0.1,1.500,2024-01-02 03:04:05,08:30:00,30:00:00,1.23456,1200
-32768,,"c   ",1e10,-999.99,,,,0,-9999
', 'UTF8'), '{"mode": "append"}') IS NOT NULL AS loaded;
SELECT id, octet_length(name) AS name, code, weight, price, at, opens, took, n, whole FROM made;

-- one value of one column: what came of it
CREATE FUNCTION put(column_name text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
  PERFORM sql_agent.upload_sheet('made.csv', convert_to(column_name || E'\n' || value || E'\n', 'UTF8'),
                                 '{"mode": "append", "header": true, "delimiter": "|"}');
  RETURN 'loaded';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN format('%s %s. %s', SQLSTATE, SQLERRM, detail);
END $$;
SELECT c AS "column", v AS value, put(c, v) FROM (VALUES
  ('id', '32767'), ('id', '32768'), ('id', '-32769'),
  ('name', '12345'), ('name', '123456'), ('name', 'blank '),
  ('code', 'abcd'), ('code', 'abc  '),
  ('weight', '0.123456789'), ('weight', '1e39'), ('weight', '1e-50'), ('weight', '16777216'), ('weight', '16777217'), ('weight', '3.4e38'),
  ('price', '999.99'), ('price', '1000'), ('price', '-1000.00'), ('price', '1.005'), ('price', '1.010'), ('price', '0.001'), ('price', '0.00'),
  ('whole', '9999'), ('whole', '10000'), ('whole', '9999.5'), ('whole', '7.0'),
  ('at', '2024-01-01 00:00:00.5'), ('at', '1960-01-01 00:00:01'),
  ('zoned', '1960-01-01 00:00:01.125+00'), ('zoned', '1960-01-01 00:00:01.0625+00'),
  ('opens', '08:30:00.25'), ('took', '30:00:00.5'), ('took', '30:00:01'),
  ('n', '12345678901234567890.123')) v (c, v);
SELECT count(*) FROM made;

-- an interval that drops fields
ALTER TABLE made ADD hours interval hour;
SELECT put('hours', '30:00:00');

-- rows that are there already
CREATE TABLE stock (id smallint PRIMARY KEY, name varchar(3));
INSERT INTO stock VALUES (1, 'a');
SELECT sql_agent.upload_sheet('stock.csv', E'id,name\n1,b\n2,c\n', '{"mode": "upsert"}') IS NOT NULL AS loaded;
SELECT sql_agent.upload_sheet('stock.csv', E'id,name\n1,d\n\n2,long\n', '{"mode": "upsert"}');
SELECT * FROM stock ORDER BY id;

SET client_min_messages = warning;
DROP SCHEMA ingest_fit CASCADE;
