-- Files that come in parts, from large objects, and several at once.
\set ON_ERROR_STOP 0
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA parts;
SET search_path = parts, pg_catalog;

-- parts in any order; the same one again; other bytes
SELECT sql_agent.upload_begin('people.csv', '{"table": "people"}') AS id \gset
SELECT sql_agent.upload_append(:'id', 3, E'3,Cyd\n');
SELECT sql_agent.upload_append(:'id', 3, E'3,Cyd\n');
\set VERBOSITY terse
SELECT sql_agent.upload_append(:'id', 3, E'4,Dee\n');
\set VERBOSITY default
SELECT file_name, options, bytes, received_bytes, parts, missing_parts, finished_at IS NULL AS unfinished
  FROM sql_agent.upload_files WHERE id = :'id';
SELECT sql_agent.upload_finish(:'id');
SELECT sql_agent.upload_append(:'id', 1, E'id,name\n1,A');
-- a part of no bytes is one; INSERT and COPY into the view are upload_append()
SELECT sql_agent.upload_append(:'id', 4, '');
INSERT INTO sql_agent.upload_parts (upload, part, content) VALUES (:'id', 2, E'nn\n2,Bob\n');
INSERT INTO sql_agent.upload_parts (upload, part) VALUES (:'id', 5);
SELECT part, bytes, content, sha256 = encode(sha256(content), 'hex') AS digest FROM sql_agent.upload_parts
 WHERE upload = :'id' ORDER BY part;
SELECT sql_agent.upload_finish(:'id', '{"keep": true, "table": "folk"}') = :'id' AS same_id;
TABLE folk;
SELECT tables, rows, bytes, sha256 = encode(sha256(E'id,name\n1,Ann\n2,Bob\n3,Cyd\n'), 'hex') AS digest
  FROM sql_agent.uploads WHERE id = :'id';
-- what was kept can be read once more, otherwise; and is not added to
SELECT sql_agent.upload_finish(:'id', '{"header": false, "table": "raw"}') AS again \gset
SELECT :'again' = :'id' AS same_id;
TABLE raw;
\set VERBOSITY terse
SELECT sql_agent.upload_append(:'id', 5, 'x');
\set VERBOSITY default
SELECT sql_agent.upload_cancel(:'id');
SELECT count(*) FROM sql_agent.upload_parts WHERE upload = :'id';
\set VERBOSITY sqlstate
SELECT sql_agent.upload_cancel(:'again');
\set VERBOSITY default
-- unless it is to be kept, nothing is left
SELECT sql_agent.upload_begin('gone.csv') AS id \gset
SELECT sql_agent.upload_append(:'id', 1, E'a\n1\n');
SELECT sql_agent.upload_finish(:'id') = :'id' AS same_id;
SELECT count(*) FROM sql_agent.upload_file f JOIN sql_agent.upload_part p ON p.upload = f.id WHERE f.id = :'id';

-- what can not be right
SELECT sql_agent.upload_begin('');
SELECT sql_agent.upload_begin('f', '{"colour": 1}');
SELECT sql_agent.upload_begin('f', '{"bytes": -1}');
SELECT sql_agent.upload_begin('f', '{"bytes": "NaN"}');
SELECT sql_agent.upload_begin('f', '{"sha256": "12"}');
SELECT sql_agent.upload_begin('f', '{"bytes": 20000000000}');
SELECT sql_agent.upload_append('00000000-0000-0000-0000-000000000000', 1, 'x');
SELECT sql_agent.upload_begin('f', '{"bytes": 10}') AS id \gset
SELECT sql_agent.upload_append(:'id', 0, 'x');
SELECT sql_agent.upload_append(:'id', 100001, 'x');
SELECT sql_agent.upload_append(:'id', 1, repeat('x', 67108865)::bytea);
SELECT sql_agent.upload_append(:'id', 1, repeat('x', 11)::bytea);
SELECT sql_agent.upload_finish(:'id');
SELECT sql_agent.upload_append(:'id', 1, E'a\n1\n');
SELECT sql_agent.upload_finish(:'id');
-- options of the finish go over those of the start
SELECT sql_agent.upload_finish(:'id', '{"bytes": 4, "sha256": "000000000000000000000000000000000000000000000000000000000000000A"}');
SELECT sql_agent.upload_finish(:'id', '{"bytes": 4, "sha256": null, "table": "late"}') = :'id' AS same_id;
TABLE late;
SELECT sql_agent.upload_begin('empty.csv') AS id \gset
SELECT sql_agent.upload_finish(:'id');
SELECT sql_agent.upload_cancel(:'id');
SET sql_agent.max_upload_size = 1;
SELECT sql_agent.upload_sheet('large.csv', repeat('x', 1025)::bytea);
SELECT sql_agent.upload_begin('large.csv') AS id \gset
SELECT sql_agent.upload_append(:'id', 1, repeat(E'x\n', 500)::bytea);
SELECT sql_agent.upload_append(:'id', 2, repeat('x', 25)::bytea);
RESET sql_agent.max_upload_size;
SELECT parts, received_bytes FROM sql_agent.upload_files WHERE id = :'id';

-- those that nobody goes on with
SET sql_agent.upload_retention = '1h';
SELECT sql_agent.upload_expire();
UPDATE sql_agent.upload_file SET begun_at = begun_at - interval '2 hours' WHERE id = :'id';
SELECT sql_agent.upload_expire();
UPDATE sql_agent.upload_part SET received_at = received_at - interval '2 hours' WHERE upload = :'id';
SET sql_agent.upload_retention = 0;
SELECT sql_agent.upload_expire();
RESET sql_agent.upload_retention;
SET sql_agent.upload_retention = '1h';
SELECT sql_agent.upload_expire();
RESET sql_agent.upload_retention;
SELECT count(*) FROM sql_agent.upload_files;

-- a workbook in parts of 1000 bytes, and as a large object, is the same workbook
\set shop `base64 -w0 examples/uploads/shop.xlsx`
CREATE FUNCTION in_parts(name text, content bytea, size int, options jsonb DEFAULT '{}') RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
  id uuid := sql_agent.upload_begin(name, options);
BEGIN
  FOR i IN 1 .. (length(content) + size - 1) / size LOOP
    PERFORM sql_agent.upload_append(id, i, substr(content, (i - 1) * size + 1, size));
  END LOOP;
  RETURN sql_agent.upload_finish(id);
END $$;
SELECT in_parts('shop.xlsx', decode(:'shop', 'base64'), 1000, '{"prefix": "p_"}') IS NOT NULL;
SELECT lo_from_bytea(0, decode(:'shop', 'base64')) AS shop_object \gset
SELECT sql_agent.upload_large_object('shop.xlsx', :shop_object, '{"prefix": "l_"}') IS NOT NULL;
CREATE TABLE files (name text, content bytea);
ALTER TABLE files ALTER content SET STORAGE EXTERNAL;
INSERT INTO files VALUES ('shop.xlsx', decode(:'shop', 'base64'));
SELECT sql_agent.upload_sheet(name, content, '{"prefix": "s_"}') IS NOT NULL FROM files;
SELECT (SELECT count(*) FROM (TABLE p_orders EXCEPT ALL TABLE l_orders) d) AS parts_and_object,
       (SELECT count(*) FROM (TABLE s_orders EXCEPT ALL TABLE l_orders) d) AS value_and_object, count(*)
  FROM p_orders;
-- text whose characters the parts cut
SELECT in_parts('cut.csv', convert_to(E'name\n' || string_agg('äöü€𝄞 ' || i, E'\n'), 'UTF8'), 7) IS NOT NULL
  FROM generate_series(1, 300) i;
SELECT count(*), min(name), bool_and(name ~ '^äöü€𝄞 \d+$') FROM cut;
SELECT lo_unlink(:shop_object);
\set VERBOSITY sqlstate
SELECT sql_agent.upload_large_object('gone.csv', :shop_object);
\set VERBOSITY default

-- several files: all or none
SELECT cardinality(sql_agent.upload_sheets(ARRAY['one.csv', 'two.csv'], ARRAY[E'a\n1\n', E'b\n2\n']::bytea[]));
SELECT one.a, two.b FROM one, two;
SELECT sql_agent.upload_sheets(ARRAY['three.csv', 'four.csv'], ARRAY[E'a\n1\n', '']::bytea[]);
SELECT to_regclass('three');
SELECT sql_agent.upload_sheets(ARRAY['a', 'b'], ARRAY['x']::bytea[]);
SELECT sql_agent.upload_sheets(ARRAY['a', NULL], ARRAY['x', 'y']::bytea[]);
SELECT sql_agent.upload_sheets(ARRAY[['a', 'b']], ARRAY['x', 'y']::bytea[]);
SELECT sql_agent.upload_sheets(ARRAY['a', 'b'], ARRAY['x', 'y']::bytea[], '{"table": "t"}');
SELECT sql_agent.upload_sheets('{}', '{}');
SELECT sql_agent.upload_sheet('a', 'x', '{"keep": true}');

-- whose they are: the uploader's, while the tenant has him
CREATE ROLE parts_ann LOGIN;
CREATE ROLE parts_bob LOGIN;
CREATE ROLE parts_boss LOGIN;
CREATE ROLE parts_stranger LOGIN IN ROLE sql_agent_user;
SELECT sql_agent.tenant_provision('parts_acme', options => '{"max_bytes": 100}'), sql_agent.tenant_provision('parts_other');
SELECT sql_agent.tenant_add_member('parts_acme', 'parts_ann'), sql_agent.tenant_add_member('parts_acme', 'parts_bob'),
       sql_agent.tenant_add_member('parts_acme', 'parts_boss', tenant_admin => true);
SET SESSION AUTHORIZATION parts_ann;
SELECT sql_agent.upload_begin('mine.csv', '{"bytes": 101}');
SELECT sql_agent.upload_begin('mine.csv') AS id \gset
SELECT sql_agent.upload_append(:'id', 1, (E'a\n' || repeat(E'1\n', 29))::bytea);
SELECT sql_agent.upload_append(:'id', 2, repeat('1', 41)::bytea);
SELECT sql_agent.upload_sheet('more.csv', (E'a\n' || repeat(E'1\n', 29))::bytea);
SELECT tenant, file_name, received_bytes FROM sql_agent.upload_files;
\set VERBOSITY sqlstate
SELECT sql_agent.upload_expire();
UPDATE sql_agent.upload_file SET uploaded_by = 'parts_bob';
SET SESSION AUTHORIZATION parts_stranger;
SELECT count(*) FROM sql_agent.upload_files;
SELECT count(*) FROM sql_agent.upload_parts;
SELECT (SELECT count(*) FROM sql_agent.upload_file), (SELECT count(*) FROM sql_agent.upload_part);
SELECT sql_agent.upload_append(:'id', 1, 'x');
SELECT sql_agent.upload_cancel(:'id');
SET SESSION AUTHORIZATION parts_bob;
SELECT (SELECT count(*) FROM sql_agent.upload_files), (SELECT count(*) FROM sql_agent.upload_part);
SELECT sql_agent.upload_append(:'id', 2, 'x');
SELECT sql_agent.upload_finish(:'id');
SELECT sql_agent.upload_cancel(:'id');
-- who has left the tenant has lost them, and does not take them along
RESET SESSION AUTHORIZATION;
SELECT sql_agent.tenant_remove_member('parts_ann'), sql_agent.tenant_add_member('parts_other', 'parts_ann');
SET SESSION AUTHORIZATION parts_ann;
SELECT (SELECT count(*) FROM sql_agent.upload_files), (SELECT count(*) FROM sql_agent.upload_part);
SELECT sql_agent.upload_append(:'id', 2, 'x');
SELECT sql_agent.upload_finish(:'id');
SELECT sql_agent.upload_cancel(:'id');
\set VERBOSITY default
RESET SESSION AUTHORIZATION;
SELECT sql_agent.tenant_rename('parts_acme', 'parts_new');
SELECT tenant, uploaded_by FROM sql_agent.upload_files;
SET SESSION AUTHORIZATION parts_boss;
SELECT sql_agent.upload_cancel(:'id');
SELECT sql_agent.upload_begin('boss.csv') AS id \gset
-- an operator uploads for a tenant; a suspended one gets nothing more
RESET SESSION AUTHORIZATION;
SELECT sql_agent.upload_begin('op.csv', '{"tenant": "parts_new"}') AS op \gset
SELECT sql_agent.upload_append(:'op', 1, E'a\n1\n');
\set VERBOSITY terse
SELECT sql_agent.upload_finish(:'op', '{"tenant": "parts_other"}');
SELECT sql_agent.upload_finish(:'op') = :'op' AS same_id;
SELECT tenant, schema, tables, uploaded_by = current_user AS mine FROM sql_agent.uploads WHERE id = :'op';
SELECT sql_agent.tenant_suspend('parts_new');
SET SESSION AUTHORIZATION parts_boss;
SELECT sql_agent.upload_append(:'id', 1, E'a\n1\n');
RESET SESSION AUTHORIZATION;
-- what is on its way goes with the tenant
SELECT sql_agent.tenant_drop('parts_new', true), sql_agent.tenant_drop('parts_other', true);
SELECT count(*) FROM sql_agent.upload_files;

DROP OWNED BY parts_ann, parts_bob, parts_boss, parts_stranger;
DROP ROLE parts_ann, parts_bob, parts_boss, parts_stranger;
DELETE FROM sql_agent.upload WHERE schema_name = 'parts';
DROP SCHEMA parts CASCADE;
