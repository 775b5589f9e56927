-- Files to tables: what becomes of headers, types and names, and what is refused.
\set ON_ERROR_STOP 0
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA ingest;
SET search_path = ingest, pg_catalog;
SET datestyle = 'ISO, DMY';

-- a column of a preview a line
CREATE FUNCTION columns_of(content text, options jsonb DEFAULT '{}')
RETURNS TABLE (name text, original text, type text, reason text) LANGUAGE sql AS $$
  SELECT c ->> 'name', c ->> 'original_name', c ->> 'type', c ->> 'reason'
    FROM jsonb_array_elements(
           sql_agent.upload_preview('f.csv', convert_to(content, 'UTF8'), options)
             -> 'sheets' -> 0 -> 'columns') c
$$;
CREATE FUNCTION warnings_of(content text, options jsonb DEFAULT '{}')
RETURNS TABLE (message text, "column" text, "row" text, value text, count text) LANGUAGE sql AS $$
  SELECT w ->> 'message', w ->> 'column', w ->> 'row', w ->> 'value', w ->> 'count'
    FROM jsonb_array_elements(
           sql_agent.upload_preview('f.csv', convert_to(content, 'UTF8'), options)
             -> 'sheets' -> 0 -> 'warnings') w
$$;

-- types over all rows, and what decided
SELECT * FROM columns_of(E'id,zip,price,big,day,at,zoned,clock,ok,ref,doc,note\n'
  '1,00123,1.50,2147483648,2024-02-29,2024-02-29 10:11:12.5,2024-02-29T10:11:12Z,23:59,true,'
  '6f9619ff-8b86-d011-b42d-00c04fc964ff,"{""a"": 1}",x\n'
  '2,123,-7,1,2024-12-31,2024-01-01,2024-02-29T10:11:12+02:00,0:00:01,false,'
  '00000000-0000-0000-0000-000000000000,[],"say ""hi"", twice"\n');
-- JSON is jsonb where that takes it, and takes it whole
SELECT name, type FROM columns_of(E'fine;twice;inside;zero;half;large;minus;deep\n'
  '{"a": {"b": 1}, "b": [{"b": 1}, {"b": "\\u00e9 \\ud83d\\ude00 \\\\u0000"}]};{"a": 1, "\\u0061": 2};[{"x": {"a": 1, "b": 2, "a": 3}}];'
  '{"a": "\\u0000"};["\\ud83d"];[1e2000];[-0.0];' || repeat('[', 100000) || E'\n', '{"delimiter": ";", "quote": ""}');
SELECT sql_agent.upload_sheet('doc.csv', E'id,doc\n1,"{""a"": 1}"\n2,"{""a"": 1, ""a"": 2}"\n') AS doc_id \gset
SELECT doc FROM doc ORDER BY id;
SELECT sql_agent.upload_drop(:'doc_id');
-- the order of day and month is told by the whole column, or not at all
SELECT * FROM columns_of(E'd,m,u\n31/01/2024,01/31/2024,01/02/2024\n01/02/2024,02/01/2024,03/04/2024\n');
SELECT * FROM columns_of(E'd\n01/02/2024\n', '{"date_order": "MDY"}');
SELECT * FROM warnings_of(E'd\n01/02/2024\n');
-- no date that does not exist
SELECT type, reason FROM columns_of(E'd\n2024-02-30\n');
SELECT type, reason FROM columns_of(E't\n24:00\n');
-- names of months, hours of two kinds
SELECT type FROM columns_of(E'a,b,c,d\n12 Jan 2024,"Jan 12, 2024",1:30 PM,36:00:00\n');
-- digits that a type would lose
SELECT type, reason FROM columns_of(E'a\n12345678901234567890\n');
SELECT type, reason FROM columns_of(E'a\n+1\n');
SELECT type, reason FROM columns_of(E'a\n007.5\n');
SELECT type, reason FROM columns_of(E'a\n-0\n');
SELECT type, reason FROM columns_of(E'a\n1e5\n2.5\n');
SELECT type, reason FROM columns_of(E'a\n1e5\n1234567890.12345678\n');
-- the sixteen or seventeen that a program writes of a double are not lost
SELECT type, reason FROM columns_of(E'a\n0.1\n3.6140969876899156e-08\n1234567890.1234567\n');
SELECT type, reason FROM columns_of(E'a\n1e5\n1e400\n');
-- decimal commas and separators, where they are beyond doubt
SELECT name, type, reason FROM columns_of(E'a;b;c;d\n1,5;1.234,50;1,234;1,234,567.5\n2;3;1,000;12\n');
SELECT name, type, reason FROM columns_of(E'c\n"1,234"\n', '{"decimal": "."}');
-- truth, and what only looks like it
SELECT name, type, reason FROM columns_of(E'a,b,c,d,e\nyes,Y,t,1,true\nNO,n,f,0,no\n');
-- null is nothing unless the options say so
SELECT name, type, reason FROM columns_of(E'a\n1\nN/A\n');
SELECT name, type, reason FROM columns_of(E'a\n1\nN/A\n', '{"nulls": ["N/A"]}');

-- names
SELECT name, original FROM columns_of(E' Order ID ,Größe (cm),order-id,,xmin,% of Total,SELECT\n1,2,3,4,5,6,7\n');
SELECT name FROM columns_of(E'Order ID\n1\n', '{"keep_names": true}');
SELECT octet_length(name), octet_length(name COLLATE "C") FROM columns_of(repeat('ä', 60) || E',b\n1,2\n');
-- the same again and again: numbers that are free, fitting a name's length
SELECT string_agg(name, ' ') FROM columns_of(E'x,X_3,x,x,x_2,x,x_02,x\n1,2,3,4,5,6,7,8\n');
SELECT right(name, 4), octet_length(name) FROM columns_of(repeat('n', 70) || ',' || repeat('n', 70) || E'\n1,2\n');
SELECT count(DISTINCT name), max(length(name)) FROM columns_of(repeat('x,', 1599) || E'x\n' || repeat('1,', 1599) || E'1\n', '{"header": true}');

-- headers: below a title, missing, given
SELECT * FROM columns_of(E'Sales report\n\nname,amount\na,1\nb,2\n');
SELECT sql_agent.upload_preview('f', E'Sales report\n\nname,amount\na,1\nb,2\n') -> 'sheets' -> 0 -> 'preamble' AS preamble;
SELECT * FROM columns_of(E'1,2\n3,4\n');
SELECT * FROM columns_of(E'a,b\nc,d\n', '{"header": false}');
SELECT * FROM columns_of(E'x,y\na,b\n1,2\n', '{"header_row": 2}');
SELECT * FROM columns_of(E'a\n1\n', '{"header_row": 9}');

-- names that come again below are none, unless other things than texts speak for them
SELECT * FROM warnings_of(E'name,city\nann,Rome\nbob,Oslo\n');
SELECT * FROM warnings_of(E'name,city\nann,Rome\nbob,Oslo\n', '{"header": true}');
SELECT name FROM columns_of(E'A,B\na,b\nc,d\n');
SELECT name FROM columns_of(E'ann,Rome\nbob,Oslo\nann,Rome\n');
SELECT name FROM columns_of(E'ann,Rome\nbob,Oslo\nann,Rome\n', '{"header": true}');
SELECT name FROM columns_of(E'Berlin,closed\nBerlin,5\nParis,7\n');
SELECT name FROM columns_of(E'a,b,c,d\n1,b,x,2\n2,y,z,3\n');
-- the header of each page of a report
SELECT name, type, reason FROM columns_of(E'item,units\n1,10\n2,20\nitem,units\n1,30\n2,40\n');

-- dialects and encodings
SELECT name, type FROM columns_of(E'a\tb\n1\tx,y\n');
SELECT name, type FROM columns_of(E'sep=|\na|b\n1|2\n');
SELECT name, type FROM columns_of(E'a;b\r1;2\r3;4\r');
SELECT value FROM sql_agent.upload_cells('\xfffe610062000a0041'::bytea || '\x00'::bytea);
SELECT value FROM sql_agent.upload_cells('\xefbbbf'::bytea || convert_to(E'é\n', 'UTF8'));
SELECT value FROM sql_agent.upload_cells(convert_to(E'Zürich,Straße,Köln,Österreich,für\n', 'LATIN1'));
SELECT "row", "column", value FROM sql_agent.upload_cells(E'a,"b\nc"\n\nd, "e"\n') ORDER BY 1, 2;

-- what is wrong with a file, and where
SELECT columns_of(E'a,b\n1,2\n1,2,3\n');
SELECT columns_of(E'a,b\n1,2\n3,"4\n');
SELECT columns_of(E'a,b\n1\n2\n3\n4,5\n6,7\n8,9\n1,1\n1,2\n');
SELECT sql_agent.upload_preview('f', '\x612c620a31002c320a33342c35'::bytea);
SELECT sql_agent.upload_preview('f', convert_to(repeat(E'é\n', 9), 'UTF8') || '\xff0a'::bytea);
SELECT sql_agent.upload_preview('f', '');
SELECT sql_agent.upload_preview('f', '%PDF-1.7');
SELECT sql_agent.upload_preview('f.xls', '<html><table></table></html>');
SELECT sql_agent.upload_preview('f.xlsx', 'PK' || '\x0304'::bytea || 'rest');
SELECT sql_agent.upload_preview('f.xls', '\xd0cf11e0a1b11ae1'::bytea);
SELECT sql_agent.upload_preview('', 'a');
-- options
SELECT columns_of('a', '{"colour": 1}');
SELECT columns_of('a', '{"delimiter": "ab"}');
SELECT columns_of('a', '{"mode": "merge"}');
SELECT columns_of('a', '{"types": {"a": "money"}}');
SELECT columns_of('a', '{"encoding": "klingon"}');
SELECT columns_of('a', '[]');
SELECT columns_of(E'a\nx\n', '{"types": {"a": "integer"}}');
SELECT * FROM columns_of(E'a\n1\n', '{"types": {"a": "text"}}');

-- uploads
SELECT sql_agent.upload_sheet('C:\Data\My orders.csv',
  E'Order ID,When,Amount,Note\n1,2024-05-01,10.50,\n2,2024-05-02,-3,""\n3,,," x "\n') IS NOT NULL AS done;
\d my_orders
SELECT order_id, "when", amount, quote_nullable(note) FROM my_orders ORDER BY 1;
SELECT obj_description('my_orders'::regclass), col_description('my_orders'::regclass, 1);
SELECT file_name, bytes, schema, tables, rows, uploaded_by = current_user AS mine FROM sql_agent.uploads;
SELECT result - 'processing_time' #- '{tables,0,columns}' FROM sql_agent.uploads;
-- a name that is taken, a name that is given
SELECT sql_agent.upload_sheet('my orders.csv', E'a\n1\n') IS NOT NULL;
SELECT tables FROM sql_agent.uploads ORDER BY created_at DESC LIMIT 1;
SELECT sql_agent.upload_sheet('x.csv', E'a,b\n1,2\n', '{"table": "target", "keys": false}') IS NOT NULL;
-- append by name, replace, and what neither can do
SELECT sql_agent.upload_sheet('x.csv', E'b,a\n20,10\n', '{"table": "target", "mode": "append"}') IS NOT NULL;
TABLE target ORDER BY 1;
SELECT sql_agent.upload_sheet('x.csv', E'c\n1\n', '{"table": "target", "mode": "append"}');
SELECT sql_agent.upload_sheet('x.csv', E'a\nx\n', '{"table": "target", "mode": "append"}');
SELECT sql_agent.upload_sheet('x.csv', E'z\n1\n', '{"table": "target", "mode": "replace"}') IS NOT NULL;
TABLE target;
CREATE VIEW not_a_table AS SELECT 1 AS a;
SELECT sql_agent.upload_sheet('x.csv', E'a\n1\n', '{"table": "not_a_table", "mode": "append"}');
SELECT sql_agent.upload_sheet('x.csv', E'd\n01/02/2024\n', '{"strict": true}');
SELECT sql_agent.upload_sheet('x.csv', E'a\n1\n', '{"sheets": ["none"]}');
-- all or nothing: a bad file leaves nothing
SELECT count(*) FROM pg_class WHERE relnamespace = 'ingest'::regnamespace AND relname LIKE 'x%';
-- more digits than fit a double, and the largest and smallest of each type
SELECT sql_agent.upload_sheet('limits.csv', E'i,b,n,f\n2147483647,999999999999999999,0.000100,1e308\n'
  '-2147483648,-999999999999999999,-12345678901234567890.000000000001,-2.5e-300\n0,0,10000,0\n') IS NOT NULL;
\d limits
TABLE limits;

-- a workbook of three sheets that belong together
\set shop `base64 -w0 examples/uploads/shop.xlsx`
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'shop', 'base64')) AS shop_id \gset
\d orders
SELECT tables, rows FROM sql_agent.uploads WHERE id = :'shop_id';
SELECT region, round(sum(amount)::numeric, 2) AS total FROM orders JOIN customers USING (customer_id) GROUP BY 1 ORDER BY 1;
SELECT sql_agent.expose_schema('ingest');
SELECT * FROM sql_agent.ask_rows('total amount by customer region');
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'shop', 'base64'), '{"table": "one"}');
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'shop', 'base64'), '{"sheets": ["Products"], "prefix": "shop_"}') IS NOT NULL;
SELECT product_id, product, unit_price FROM shop_products ORDER BY 1;
-- a number or date that is kept as text is written the same under any settings
SET datestyle = 'SQL, DMY';
SET extra_float_digits = -10;
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'shop', 'base64'),
  '{"sheets": ["Orders"], "prefix": "text_", "types": {"ordered_on": "text", "amount": "text", "paid": "text"}}') IS NOT NULL;
SELECT ordered_on, amount, paid FROM text_orders ORDER BY order_id LIMIT 3;
RESET extra_float_digits;
SET datestyle = 'ISO, DMY';
-- cut off anywhere it is refused by an error of ours, or read
CREATE FUNCTION read_cut(content bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sql_agent.upload_preview('f', content);
  RETURN 'read';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END
$$;
SELECT read_cut(substr(decode(:'shop', 'base64'), 1, n)) AS outcome, count(*) > 0 AS seen
  FROM generate_series(0, length(decode(:'shop', 'base64')), 211) n GROUP BY 1 ORDER BY 1;
-- and so with any byte changed
SELECT DISTINCT outcome NOT IN ('read', 'AG050', 'AG051', '22021', '54011') AS bad
  FROM (SELECT read_cut(set_byte(decode(:'shop', 'base64'), n, 255 - get_byte(decode(:'shop', 'base64'), n))) AS outcome
          FROM generate_series(0, length(decode(:'shop', 'base64')) - 1, 97) n) t;

-- undone
CREATE VIEW uses_orders AS SELECT order_id FROM orders;
SELECT sql_agent.upload_drop(:'shop_id');
DROP VIEW uses_orders;
SELECT sql_agent.upload_drop(:'shop_id');
SELECT to_regclass('orders'), to_regclass('customers'), to_regclass('shop_products') IS NOT NULL AS other_stays;
\set VERBOSITY sqlstate
SELECT sql_agent.upload_drop(:'shop_id');
\set VERBOSITY default
SELECT sql_agent.upload_drop('00000000-0000-0000-0000-000000000000');

-- large objects and files of the server
SELECT lo_from_bytea(0, E'k,v\n1,a\n') AS object \gset
SELECT sql_agent.upload_large_object('lo.csv', :object) IS NOT NULL;
TABLE lo;
SELECT lo_unlink(:object);
SELECT sql_agent.upload_server_file('/nowhere/at/all.csv');

-- who may
CREATE ROLE ingest_user;
SET ROLE ingest_user;
SELECT sql_agent.upload_sheet('a.csv', E'a\n1\n');
RESET ROLE;
GRANT sql_agent_user TO ingest_user;
SET ROLE ingest_user;
SELECT sql_agent.upload_sheet('a.csv', E'a\n1\n');
SELECT sql_agent.upload_server_file('/etc/passwd');
SELECT sql_agent.upload_sheet('a.csv', E'a\n1\n', '{"tenant": "acme"}');
SELECT count(*) FROM sql_agent.uploads;
RESET ROLE;
SELECT id AS theirs FROM sql_agent.uploads LIMIT 1 \gset
SET ROLE ingest_user;
\set VERBOSITY sqlstate
SELECT sql_agent.upload_drop(:'theirs');
\set VERBOSITY default
RESET ROLE;

-- a tenant's member: the owner role's tables, the reader may read them
SELECT sql_agent.tenant_provision('ingest_acme');
CREATE ROLE ingest_member LOGIN;
SELECT sql_agent.tenant_add_member('ingest_acme', 'ingest_member');
SET SESSION AUTHORIZATION ingest_member;
SELECT sql_agent.upload_sheet('visits.csv', E'visit_id,day\n1,2025-01-01\n2,2025-01-02\n') AS visits \gset
SELECT schemaname, tablename, tableowner FROM pg_tables WHERE tablename = 'visits';
SELECT * FROM sql_agent.ask_rows('how many visits');
DELETE FROM ingest_acme.visits;
SELECT tenant, tables, rows FROM sql_agent.uploads;
SELECT sql_agent.upload_drop(:'visits');
RESET SESSION AUTHORIZATION;
-- its limit counts what is kept
SELECT sql_agent.tenant_set_options('ingest_acme', '{"max_bytes": 20}');
SET SESSION AUTHORIZATION ingest_member;
SELECT sql_agent.upload_sheet('one.csv', E'a\n1\n2\n3\n4\n5\n') AS one \gset
SELECT sql_agent.upload_sheet('two.csv', E'a\n1\n2\n3\n4\n5\n');
SELECT sql_agent.upload_drop(:'one');
SELECT sql_agent.upload_sheet('two.csv', E'a\n1\n2\n3\n4\n5\n') IS NOT NULL;
-- rows that were added to it count when their upload is dropped, until it goes itself; a file that takes its place frees it
RESET SESSION AUTHORIZATION;
SELECT sql_agent.tenant_set_options('ingest_acme', '{"max_bytes": 40}');
SET SESSION AUTHORIZATION ingest_member;
SELECT sql_agent.upload_sheet('two.csv', E'a\n6\n7\n8\n9\n5\n', '{"table": "two", "mode": "append"}') AS added \gset
SELECT sql_agent.upload_drop(:'added');
SELECT file_name, tables, rows FROM sql_agent.uploads;
SELECT sql_agent.upload_sheet('three.csv', E'a\n6\n7\n8\n9\n5\n3\n4\n1\n2\n');
SELECT sql_agent.upload_sheet('two.csv', E'a\n1\n2\n3\n4\n5\n6\n7\n8\n9\n1\n2\n', '{"table": "two", "mode": "replace"}') IS NOT NULL;
SELECT sql_agent.upload_sheet('two.csv', E'a\n1\n2\n3\n4\n5\n6\n7\n8\n9\n1\n2\n', '{"table": "two", "mode": "replace"}') IS NOT NULL;
SELECT sql_agent.upload_sheet('two.csv', E'a\n1\n2\n3\n4\n5\n6\n7\n8\n9\n1\n2\n1\n2\n3\n4\n5\n6\n7\n8\n9\n1\n2\n', '{"table": "two", "mode": "replace"}');
RESET SESSION AUTHORIZATION;
SELECT file_name, bytes, stored_bytes, dropped_at IS NULL AS seen FROM sql_agent.upload WHERE tenant = 'ingest_acme' ORDER BY created_at;
-- a login without a tenant gets one, where the operator wants that
CREATE ROLE ingest_newcomer LOGIN IN ROLE sql_agent_user;
SET SESSION AUTHORIZATION ingest_newcomer;
SET sql_agent.auto_provision = on;
RESET SESSION AUTHORIZATION;
SET sql_agent.auto_provision = on;
SET client_min_messages = notice;
SET SESSION AUTHORIZATION ingest_newcomer;
SELECT sql_agent.upload_sheet('mine.csv', E'k,v\n1,a\n') IS NOT NULL;
SELECT sql_agent.current_tenant(), schema, tables FROM sql_agent.uploads;
SELECT * FROM ingest_newcomer.mine;
SELECT sql_agent.upload_sheet('more.csv', E'k,v\n1,a\n') IS NOT NULL;
RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
RESET sql_agent.auto_provision;
SELECT login, tenant_admin FROM sql_agent.members WHERE tenant = 'ingest_newcomer';
SELECT sql_agent.tenant_drop('ingest_newcomer', true);
DROP ROLE ingest_newcomer;

SELECT sql_agent.tenant_remove_member('ingest_member');
SELECT sql_agent.tenant_drop('ingest_acme', true);
DROP ROLE ingest_member;
REVOKE sql_agent_user FROM ingest_user;
DROP ROLE ingest_user;
SELECT sql_agent.hide_schema('ingest');
DROP SCHEMA ingest CASCADE;
