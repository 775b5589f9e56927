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
-- rows in no order, each with its cells in the order of the file
SELECT "row", "column", value FROM sql_agent.upload_cells(workbook('',
  number(65535, 1, float8send(1)) || number(2, 0, '\x0000000000000040') || number(65535, 0, '\x000000000000f03f')
  || number(0, 3, '\x000000000000f03f') || number(65535, 1, '\x0000000000000040')));
-- one sheet named many times would be read as often
SELECT * FROM sql_agent.upload_cells(workbook((SELECT string_agg(record(133, little(76, 4) || '\x000001005a'::bytea), '')
                                                FROM generate_series(1, 3)),
  (SELECT string_agg(number(i, 0, '\x000000000000f03f'), '') FROM generate_series(1, 20) i)));
SELECT * FROM sql_agent.upload_cells(workbook((SELECT string_agg(record(133, little(50, 4) || '\x000001005a'::bytea), '')
                                                FROM generate_series(1, 1100)), ''));
-- an archive whose directory would take all memory
SELECT sql_agent.upload_preview('f', '\x504b0304'::bytea || decode(repeat('00', 26), 'hex') || '\x504b0506'::bytea
  || little(0, 8) || little(8388608, 4) || little(0, 6));
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

-- what stands in an extension is no part of the workbook: dates count from 1904 all the same;
-- an inline text is what is in <is>, whatever else the cell holds
SELECT kind, value FROM sql_agent.upload_cells(decode(
  'UEsDBBQAAAAIAAAAIQB9j8M5SgAAAE0AAAATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbLMJqSxILVaoyM3JK7ZVyigpKbDS1y9OzkjNTSzWyy9IzQPKpOUX5SaWALlF6foFicnZiemp+kYGBmb6yfl5Ja'
  'l5JbolIDOU9O0AUEsDBBQAAAAIAAAAIQCrX4ZnhgAAAO0AAAALAAAAX3JlbHMvLnJlbHONzz0OAiEUBOCrEA6wb2NhYVgqG1vjBRAfP+HnEWDjenspV2NhOZnJl4y4YlTdU27Ol8a2FHNbuOu9nACa'
  'dphUm6hgHo2hmlQfsVooSgdlEQ7zfIS6N7gUe5NdHguvnN1eBf+ByRiv8Ux6TZj7D/9rMWRVLfaFbxGeVMOdKEwD5SAFfLyTb1BLAwQUAAAACAAAACEANb4euJoAAABqAQAAGgAAAHhsL19yZWxzL3'
  'dvcmtib29rLnhtbC5yZWxzrZA9DsIwDEavUuUAdWFgQG0nFlbUC1jBaao2P4qNoLcnAgFF6sDAZH229Pz01SeaUIbg2Q6Ri5ubPDfKisQ9AGtLDrkMkXy+mJAcSo6ph4h6xJ5gW1U7SEuGauslszie'
  'G4Wq6OZIv4CDMYOmQ9AXR15W+HANaWRLJBmKqSdp1HvF8BibMlMVrJjwP01Y5on4o/HMr9/wVW17B1BLAwQUAAAACAAAACEA77XlzskAAABtAQAADwAAAHhsL3dvcmtib29rLnhtbI2PTWrEMAyFr2'
  'J8gFFShkJCklU3hS4KcwLXURozkRUslcnx6/zRxWy60Q96vPepeXC6fzHfzUJTlNaOqnMNIH5EcnLhGWO+DJzIaV7TN8ic0PUyIipN8FIUr0AuRLs71Ok/HjwMweMb+x/CqLtJwslp4ChjmMV2zUn2'
  'mUzvFMuquLa2tNA1W7Yc3URH2NqbNdv63q8ik+qQB7eq4ZTjoh+iWz9Yl/L6REvBJxYe9OKZDtDnnyuo9q+7JpvUf6xrYA7Y6xYH57H7BVBLAwQUAAAACAAAACEAERDvMnIAAACTAAAADQAAAHhsL3'
  'N0eWxlcy54bWyzKS6pzEkNzkhNLVGoyM3JK7ZVyigpKbDS1y9OzkjNTSzWyy9IzQPKpOUX5SaWALlF6frFBUWpiSnFIE25OfpGBgZm+rmJmXlKdjbJqTk5EWnFdjYVaQp5pbluuSWeKbZKBkr6aCKG'
  'JiAhfbhyfYQz7ABQSwMEFAAAAAgAAAAhALBnFbiVAAAA1gAAABgAAAB4bC93b3Jrc2hlZXRzL3NoZWV0MS54bWxNT20KwjAMvcroAcw2hqJ0AcUbeIIyqyuuHzRh2/HNqoh/Qt4Xj6eXmF80WsvV6q'
  'dAvRqZ0wmAhtF6Q7uYbBDlEbM3LDA/gVK25l5CfoK2rvfgjQsKdeGuhg3qHJcq96oRdtiec6Mq+uAZ2647tBpm1DB89Yvo3CsXJhfsjXPxHYvHEWrGVQOLfwNbCKRA7l8j/KbgG1BLAQIUAxQAAAAI'
  'AAAAIQB9j8M5SgAAAE0AAAATAAAAAAAAAAAAAACAAQAAAABbQ29udGVudF9UeXBlc10ueG1sUEsBAhQDFAAAAAgAAAAhAKtfhmeGAAAA7QAAAAsAAAAAAAAAAAAAAIABewAAAF9yZWxzLy5yZWxzUE'
  'sBAhQDFAAAAAgAAAAhADW+HriaAAAAagEAABoAAAAAAAAAAAAAAIABKgEAAHhsL19yZWxzL3dvcmtib29rLnhtbC5yZWxzUEsBAhQDFAAAAAgAAAAhAO+15c7JAAAAbQEAAA8AAAAAAAAAAAAAAIAB'
  '/AEAAHhsL3dvcmtib29rLnhtbFBLAQIUAxQAAAAIAAAAIQAREO8ycgAAAJMAAAANAAAAAAAAAAAAAACAAfICAAB4bC9zdHlsZXMueG1sUEsBAhQDFAAAAAgAAAAhALBnFbiVAAAA1gAAABgAAAAAAA'
  'AAAAAAAIABjwMAAHhsL3dvcmtzaGVldHMvc2hlZXQxLnhtbFBLBQYAAAAABgAGAIABAABaBAAAAAA=', 'base64'));
-- two parts of one name: programs differ in which one they show
SELECT count(*) FROM sql_agent.upload_cells(decode(
  'UEsDBBQAAAAIAAAAIQB9j8M5SgAAAE0AAAATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbLMJqSxILVaoyM3JK7ZVyigpKbDS1y9OzkjNTSzWyy9IzQPKpOUX5SaWALlF6foFicnZiemp+kYGBmb6yfl5Ja'
  'l5JbolIDOU9O0AUEsDBBQAAAAIAAAAIQCrX4ZnhgAAAO0AAAALAAAAX3JlbHMvLnJlbHONzz0OAiEUBOCrEA6wb2NhYVgqG1vjBRAfP+HnEWDjenspV2NhOZnJl4y4YlTdU27Ol8a2FHNbuOu9nACa'
  'dphUm6hgHo2hmlQfsVooSgdlEQ7zfIS6N7gUe5NdHguvnN1eBf+ByRiv8Ux6TZj7D/9rMWRVLfaFbxGeVMOdKEwD5SAFfLyTb1BLAwQUAAAACAAAACEANb4euJoAAABqAQAAGgAAAHhsL19yZWxzL3'
  'dvcmtib29rLnhtbC5yZWxzrZA9DsIwDEavUuUAdWFgQG0nFlbUC1jBaao2P4qNoLcnAgFF6sDAZH229Pz01SeaUIbg2Q6Ri5ubPDfKisQ9AGtLDrkMkXy+mJAcSo6ph4h6xJ5gW1U7SEuGauslszie'
  'G4Wq6OZIv4CDMYOmQ9AXR15W+HANaWRLJBmKqSdp1HvF8BibMlMVrJjwP01Y5on4o/HMr9/wVW17B1BLAwQUAAAACAAAACEA77XlzskAAABtAQAADwAAAHhsL3dvcmtib29rLnhtbI2PTWrEMAyFr2'
  'J8gFFShkJCklU3hS4KcwLXURozkRUslcnx6/zRxWy60Q96vPepeXC6fzHfzUJTlNaOqnMNIH5EcnLhGWO+DJzIaV7TN8ic0PUyIipN8FIUr0AuRLs71Ok/HjwMweMb+x/CqLtJwslp4ChjmMV2zUn2'
  'mUzvFMuquLa2tNA1W7Yc3URH2NqbNdv63q8ik+qQB7eq4ZTjoh+iWz9Yl/L6REvBJxYe9OKZDtDnnyuo9q+7JpvUf6xrYA7Y6xYH57H7BVBLAwQUAAAACAAAACEAERDvMnIAAACTAAAADQAAAHhsL3'
  'N0eWxlcy54bWyzKS6pzEkNzkhNLVGoyM3JK7ZVyigpKbDS1y9OzkjNTSzWyy9IzQPKpOUX5SaWALlF6frFBUWpiSnFIE25OfpGBgZm+rmJmXlKdjbJqTk5EWnFdjYVaQp5pbluuSWeKbZKBkr6aCKG'
  'JiAhfbhyfYQz7ABQSwMEFAAAAAgAAAAhALBnFbiVAAAA1gAAABgAAAB4bC93b3Jrc2hlZXRzL3NoZWV0MS54bWxNT20KwjAMvcroAcw2hqJ0AcUbeIIyqyuuHzRh2/HNqoh/Qt4Xj6eXmF80WsvV6q'
  'dAvRqZ0wmAhtF6Q7uYbBDlEbM3LDA/gVK25l5CfoK2rvfgjQsKdeGuhg3qHJcq96oRdtiec6Mq+uAZ2647tBpm1DB89Yvo3CsXJhfsjXPxHYvHEWrGVQOLfwNbCKRA7l8j/KbgG1BLAwQUAAAACAAA'
  'ACEA+DxRPpEAAADSAAAAGAAAAHhsL3dvcmtzaGVldHMvc2hlZXQxLnhtbE1PXQrCMAy+yugBzOaDoGQFxRt4glKrK67tSMK245tVEV9Cvt8QXAq9eAhBmjWNmXsziEwnAPZDSI53ZQpZlUeh5EQhPY'
  'EnCu5eQ2mEfdseILmYjcXKXZ04i1SWhnrTKeu35dyZhj94th3CbBH8V7uoJr2JeYw53ISq51g9kS2KXRFE/RvYQqDlOv+uwe8N+wZQSwECFAMUAAAACAAAACEAfY/DOUoAAABNAAAAEwAAAAAAAAAA'
  'AAAAgAEAAAAAW0NvbnRlbnRfVHlwZXNdLnhtbFBLAQIUAxQAAAAIAAAAIQCrX4ZnhgAAAO0AAAALAAAAAAAAAAAAAACAAXsAAABfcmVscy8ucmVsc1BLAQIUAxQAAAAIAAAAIQA1vh64mgAAAGoBAA'
  'AaAAAAAAAAAAAAAACAASoBAAB4bC9fcmVscy93b3JrYm9vay54bWwucmVsc1BLAQIUAxQAAAAIAAAAIQDvteXOyQAAAG0BAAAPAAAAAAAAAAAAAACAAfwBAAB4bC93b3JrYm9vay54bWxQSwECFAMU'
  'AAAACAAAACEAERDvMnIAAACTAAAADQAAAAAAAAAAAAAAgAHyAgAAeGwvc3R5bGVzLnhtbFBLAQIUAxQAAAAIAAAAIQCwZxW4lQAAANYAAAAYAAAAAAAAAAAAAACAAY8DAAB4bC93b3Jrc2hlZXRzL3'
  'NoZWV0MS54bWxQSwECFAMUAAAACAAAACEA+DxRPpEAAADSAAAAGAAAAAAAAAAAAAAAgAFaBAAAeGwvd29ya3NoZWV0cy9zaGVldDEueG1sUEsFBgAAAAAHAAcAxgEAACEFAAAAAA==', 'base64'));

-- a pipe that nobody writes to does not stop the session where no cancel reaches it
\set fifo `echo "$PG_ABS_BUILDDIR/fifo"`
\! mkfifo "$PG_ABS_BUILDDIR/fifo"
CREATE FUNCTION sqlstate_of_file(path text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sql_agent.upload_server_file(path);
  RETURN 'read';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
SELECT sqlstate_of_file(:'fifo');
\! rm "$PG_ABS_BUILDDIR/fifo"
DROP FUNCTION sqlstate_of_file(text);
