-- Files that mean harm, and people who do: no crash, no hang, no rights that are not theirs.
\set ON_ERROR_STOP 0
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA hostile;
SET search_path = hostile, pg_catalog;

-- records of an Excel workbook
CREATE FUNCTION little(number int, bytes int) RETURNS bytea LANGUAGE sql AS $$
  SELECT string_agg(set_byte('\x00'::bytea, 0, (number >> (8 * i)) & 255), '' ORDER BY i)
    FROM generate_series(0, bytes - 1) i
$$;
CREATE FUNCTION record(type int, body bytea DEFAULT '') RETURNS bytea LANGUAGE sql AS $$
  SELECT little(type, 2) || little(length(body), 2) || body
$$;
CREATE FUNCTION workbook(globals bytea, cells bytea) RETURNS bytea LANGUAGE sql AS $$
  SELECT start || record(133, little(length(start) + 17, 4) || '\x000001005a'::bytea)
         || record(10) || bof || cells || record(10)
    FROM (SELECT bof || globals AS start, bof
            FROM (SELECT record(2057, '\x00060500'::bytea || little(0, 12)) AS bof) b) g
$$;
CREATE FUNCTION texts(list text[]) RETURNS bytea LANGUAGE sql AS $$
  SELECT record(252, little(cardinality(list), 4) || little(cardinality(list), 4)
                     || string_agg(little(length(t), 2) || '\x00'::bytea || t::bytea, ''))
    FROM unnest(list) t
$$;
CREATE FUNCTION number(at_row int, at_column int, value bytea) RETURNS bytea LANGUAGE sql AS $$
  SELECT record(515, little(at_row, 2) || little(at_column, 2) || little(0, 2) || value)
$$;
SELECT "row", "column", value
  FROM sql_agent.upload_cells(workbook(texts('{shared}'), record(253, little(0, 10))));
-- a second table of texts would leave the first one's count
SELECT * FROM sql_agent.upload_cells(workbook(
  texts(array_fill('x'::text, ARRAY[100])) || texts('{y}'),
  record(253, little(0, 6) || little(99, 4))));
SELECT * FROM sql_agent.upload_cells(workbook('', number(0, 256, float8send(1))));
-- the later of two cells in one place counts, in whatever order they stand
SELECT "column", value FROM sql_agent.upload_cells(workbook('',
  number(0, 2, '\x0000000000000040'::bytea) || number(0, 0, '\x000000000000f03f'::bytea)
  || number(0, 2, '\x000000000000f03f'::bytea)));
-- an archive compressed in a way that no workbook is
SELECT sql_agent.upload_preview('f', decode(
  'UEsDBC4AAAAMAPiQdF3OnpgTMgAAAAsAAAAPAAAAeGwvd29ya2Jvb2sueG1sQlpoOTFBWSZTWXk61DYAAACZgAAAgAUQCJCA'
  'IAAiD1GIQwI7QTxwni7kinChIPJ1qGxQSwECLgMuAAAADAD4kHRdzp6YEzIAAAALAAAADwAAAAAAAAAAAAAAgAEAAAAAeGwv'
  'd29ya2Jvb2sueG1sUEsFBgAAAAABAAEAPQAAAF8AAAAAAA==', 'base64'));

-- digits without end, with and without separators
SELECT c ->> 'type' AS type, length(c ->> 'reason') < 200 AS short_reason
  FROM unnest(ARRAY['1' || repeat(',234', 5000), repeat('9', 5000) || ',5', '0.' || repeat('3', 5000),
                    '1' || repeat(',234', 300)]) digits,
       jsonb_array_elements(sql_agent.upload_preview('f', convert_to(E'a;b\n' || digits || E';x\n', 'UTF8'),
         '{"delimiter": ";"}') -> 'sheets' -> 0 -> 'columns') c
 WHERE c ->> 'name' = 'a';
SELECT sql_agent.upload_sheet('digits.csv', convert_to(E'a;b\n' ||
  string_agg(d, E';x\n') || E';y\n', 'UTF8'), '{"delimiter": ";"}') IS NOT NULL
  FROM unnest(ARRAY['1' || repeat(',234', 333), '1' || repeat(',000', 333)]) d;
SELECT pg_typeof(a), length(a::text) FROM digits;
-- more fields than any sheet has; as many as one can have, a hundred times
SELECT sql_agent.upload_preview('f', convert_to(repeat('a,', 100000) || E'\n', 'UTF8'));
SELECT sql_agent.upload_preview('f', convert_to(repeat(repeat('a,', 16383) || E'a\n', 100), 'UTF8'));
SELECT count(DISTINCT c ->> 'name') FROM jsonb_array_elements(sql_agent.upload_preview('f',
  convert_to(repeat('a,', 300) || E'a\n' || repeat('1,', 300) || E'1\n', 'UTF8')) -> 'sheets' -> 0 -> 'columns') c;

-- an upload within an upload
CREATE FUNCTION upload_more() RETURNS trigger LANGUAGE plpgsql SET search_path = hostile, pg_catalog AS $$
BEGIN
  PERFORM sql_agent.upload_sheet('inner.csv', E'a\n1\n');
  RETURN NEW;
END $$;
CREATE TABLE nested (a int);
CREATE TRIGGER more BEFORE INSERT ON nested FOR EACH ROW WHEN (NEW.a = 1) EXECUTE FUNCTION upload_more();
SELECT sql_agent.upload_sheet('nested.csv', convert_to(E'a\n' || string_agg(i::text, E'\n'), 'UTF8'),
                              '{"mode": "append"}') IS NOT NULL FROM generate_series(1, 20000) i;
SELECT count(*) FROM nested;
SELECT * FROM "inner";

-- the report of a file of several sheets outlives the work on them
\set shop `base64 -w0 examples/uploads/shop.xlsx`
\o /dev/null
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'shop', 'base64'), '{"mode": "replace"}') FROM generate_series(1, 30);
\o
SELECT t ->> 'sheet' AS sheet, columns, count(*)
  FROM sql_agent.uploads u, jsonb_array_elements(u.result -> 'tables') t,
       LATERAL (SELECT string_agg(c ->> 'name', ' ') FROM jsonb_array_elements(t -> 'columns') c) n (columns)
 WHERE u.file_name = 'shop.xlsx' AND u.schema = 'hostile' GROUP BY 1, 2 ORDER BY 1, 2;

-- a member's types and operators do not run as the owner of the tenant's tables
CREATE ROLE hostile_member LOGIN;
CREATE ROLE hostile_other LOGIN;
SELECT sql_agent.tenant_provision('hostile_acme'), sql_agent.tenant_provision('hostile_other');
SELECT sql_agent.tenant_add_member('hostile_acme', 'hostile_member', tenant_admin => true),
       sql_agent.tenant_add_member('hostile_acme', 'hostile_other');
SET SESSION AUTHORIZATION hostile_member;
CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (current_user::pg_catalog.text = 'nobody');
SET search_path = pg_temp, pg_catalog;
SELECT sql_agent.upload_sheet('mine.csv', E'name,n\nx,1\ny,2\n') AS mine \gset
SELECT format_type(atttypid, atttypmod) FROM pg_attribute
 WHERE attrelid = 'hostile_acme.mine'::regclass AND attname = 'name';
RESET search_path;

-- what was uploaded for a tenant stays behind when the uploader leaves it
SELECT tenant, tables FROM sql_agent.uploads;
RESET SESSION AUTHORIZATION;
SELECT sql_agent.tenant_remove_member('hostile_member'), sql_agent.tenant_add_member('hostile_other', 'hostile_member');
SET SESSION AUTHORIZATION hostile_member;
SELECT tenant, tables FROM sql_agent.uploads;
SELECT tenant, table_names FROM sql_agent.upload;
\set VERBOSITY sqlstate
SELECT sql_agent.upload_drop(:'mine');
\set VERBOSITY default
SET SESSION AUTHORIZATION hostile_other;
SELECT tenant, uploaded_by, tables FROM sql_agent.uploads;
RESET SESSION AUTHORIZATION;
-- it follows the tenant's name, and is gone with the tenant
SELECT sql_agent.tenant_rename('hostile_acme', 'hostile_new');
SELECT tenant, schema, tables FROM sql_agent.uploads WHERE id = :'mine';
SELECT owner_name FROM sql_agent.upload WHERE id = :'mine';
SELECT sql_agent.tenant_drop('hostile_new', true);
SELECT count(*) FROM sql_agent.uploads WHERE id = :'mine';

SELECT sql_agent.tenant_drop('hostile_other', true);
DROP OWNED BY hostile_member;
DROP ROLE hostile_member, hostile_other;
DELETE FROM sql_agent.upload WHERE schema_name = 'hostile';
DROP SCHEMA hostile CASCADE;
