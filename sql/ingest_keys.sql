-- Load modes, keys and relationships of uploads.
\set ON_ERROR_STOP 0
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA keys;
SET search_path = keys, pg_catalog;

-- the report of the last upload, without what differs from run to run
CREATE FUNCTION last_table(file text) RETURNS SETOF jsonb LANGUAGE sql AS $$
  SELECT t - 'columns' - 'preamble' - 'header_row'
    FROM (SELECT result FROM sql_agent.uploads WHERE file_name = file ORDER BY created_at DESC LIMIT 1) u,
         jsonb_array_elements(result -> 'tables') t
$$;

-- keys: the first that is proven, and what speaks against the others
SELECT sql_agent.upload_sheet('visits.csv', E'customer_id,visit_id,day\n7,1,2024-01-01\n8,2,2024-01-02\n\n7,3,2024-01-03\n') IS NOT NULL;
SELECT jsonb_pretty(t -> 'key_proposals') AS key_proposals, t -> 'keys' AS keys FROM last_table('visits.csv') t;
SELECT sql_agent.upload_sheet('lines.csv', E'order_id,line_number,code\n1,1,\n1,2,a\n2,1,b\n') IS NOT NULL;
SELECT jsonb_pretty(t -> 'key_proposals') AS key_proposals, t -> 'keys' AS keys FROM last_table('lines.csv') t;
-- a key that is given: in headers or columns, of several
SELECT sql_agent.upload_sheet('lines.csv', E'Order Id,line_number\n1,1\n1,2\n', '{"table": "own_key", "key": ["Order Id", "line_number"]}') IS NOT NULL;
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'own_key'::regclass;
SELECT sql_agent.upload_sheet('x.csv', E'a,b\n1,x\n\n2,y\n1,z\n', '{"key": "a"}');
SELECT sql_agent.upload_sheet('x.csv', E'a,b\n1,x\n\n,y\n', '{"key": "a"}');
SELECT sql_agent.upload_sheet('x.csv', E'a,b\n1,x\n', '{"key": "c"}');
SELECT sql_agent.upload_sheet('x.csv', E'a,b\n1,x\n', '{"key": 1}');

-- upsert: the first time it creates
SELECT sql_agent.upload_sheet('stock.csv', E'item_id,name,amount\n1,one,10\n2,two,20\n', '{"mode": "upsert"}') IS NOT NULL;
SELECT last_table('stock.csv');
SELECT sql_agent.upload_sheet('stock.csv', E'item_id,amount\n2,21\n3,30\n', '{"mode": "upsert"}') IS NOT NULL;
SELECT last_table('stock.csv');
TABLE stock ORDER BY item_id;
-- all columns are of the key: nothing to update
SELECT sql_agent.upload_sheet('stock.csv', E'item_id\n3\n4\n', '{"mode": "upsert"}') IS NOT NULL;
SELECT t -> 'inserted' AS inserted, t -> 'updated' AS updated FROM last_table('stock.csv') t;
-- the file contradicts itself, or lacks the key: rows as the file has them
SELECT sql_agent.upload_sheet('stock.csv', E'item_id,amount\n5,1\n\n6,2\n5,3\n', '{"mode": "upsert"}');
SELECT sql_agent.upload_sheet('stock.csv', E'item_id,amount\n5,1\n,2\n', '{"mode": "upsert"}');
SELECT sql_agent.upload_sheet('stock.csv', E'name,amount\nx,1\n', '{"mode": "upsert"}');
SELECT sql_agent.upload_sheet('stock.csv', E'item_id,colour\n5,red\n', '{"mode": "upsert"}');
SELECT sql_agent.upload_sheet('stock.csv', E'item_id,amount\n5,many\n', '{"mode": "upsert"}');
-- by another key, which must be one
SELECT sql_agent.upload_sheet('stock.csv', E'Name,Amount\none,11\n', '{"mode": "upsert", "key": "Name"}') IS NOT NULL;
UPDATE stock SET name = 'same' WHERE item_id > 1;
SELECT sql_agent.upload_sheet('stock.csv', E'name,amount\nsame,1\n', '{"mode": "upsert", "key": "name"}');
TABLE stock ORDER BY item_id;
-- a table without a primary key: a column that is named like one and is one
CREATE TABLE loose (code text, v int);
INSERT INTO loose VALUES ('a', 1), ('b', 2);
SELECT sql_agent.upload_sheet('loose.csv', E'code,v\nb,3\nc,4\n', '{"mode": "upsert"}') IS NOT NULL;
TABLE loose ORDER BY code;
INSERT INTO loose VALUES ('a', 5);
SELECT sql_agent.upload_sheet('loose.csv', E'code,v\nb,3\n', '{"mode": "upsert"}');
-- triggers, defaults, constraints, identity, generated columns: as UPDATE and INSERT have it
CREATE TABLE rich (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  price numeric(8,2) CHECK (price > 0),
  doubled numeric GENERATED ALWAYS AS (price * 2) STORED,
  seen text DEFAULT 'default');
CREATE FUNCTION rich_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.seen = pg_catalog.concat(COALESCE(NEW.seen, 'null'), ' by ', TG_OP); RETURN NEW; END $$;
CREATE TRIGGER note BEFORE INSERT OR UPDATE ON rich FOR EACH ROW EXECUTE FUNCTION rich_note();
INSERT INTO rich (price) VALUES (1), (2);
SELECT sql_agent.upload_sheet('rich.csv', E'id,price\n2,2.56\n9,9\n', '{"mode": "upsert"}') IS NOT NULL;
TABLE rich ORDER BY id;
SELECT sql_agent.upload_sheet('rich.csv', E'id,price\n2,-1\n', '{"mode": "upsert"}');
SELECT sql_agent.upload_sheet('rich.csv', E'id,doubled\n2,4\n', '{"mode": "upsert"}');
SELECT sql_agent.upload_sheet('rich.csv', E'id,doubled\n2,4\n', '{"mode": "append"}');
-- partitions: a row moves
CREATE TABLE parted (id int, part text, v int, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
CREATE TABLE parted_b PARTITION OF parted FOR VALUES IN ('b');
INSERT INTO parted VALUES (1, 'a', 1), (2, 'b', 2);
SELECT sql_agent.upload_sheet('parted.csv', E'id,part,v\n1,b,10\n3,a,30\n', '{"mode": "upsert", "key": "id"}') IS NOT NULL;
SELECT tableoid::regclass, * FROM parted ORDER BY id;
SELECT sql_agent.upload_sheet('parted.csv', E'id,part,v\n7,c,1\n', '{"mode": "append"}');
-- what triggers and rules leave out is told, and is an error where that is wanted
CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN NEW.id % 2 = 1 THEN NEW END; END $$;
CREATE TABLE odd_ones (id int PRIMARY KEY, v text);
CREATE TRIGGER leave_out BEFORE INSERT OR UPDATE ON odd_ones FOR EACH ROW EXECUTE FUNCTION leave_out();
SELECT sql_agent.upload_sheet('odd_ones.csv', E'id,v\n1,a\n2,b\n3,c\n4,d\n', '{"mode": "append"}') IS NOT NULL;
SELECT t -> 'rows' AS rows, t -> 'warnings' AS warnings FROM last_table('odd_ones.csv') t;
SELECT sql_agent.upload_sheet('odd_ones.csv', E'id,v\n1,x\n2,b\n5,e\n', '{"mode": "upsert"}') IS NOT NULL;
SELECT t -> 'inserted' AS inserted, t -> 'updated' AS updated, t -> 'warnings' -> 0 ->> 'message' AS warning FROM last_table('odd_ones.csv') t;
SELECT sql_agent.upload_sheet('odd_ones.csv', E'id\n1\n3\n', '{"mode": "upsert"}') IS NOT NULL;
SELECT t -> 'inserted' AS inserted, t -> 'updated' AS updated, t -> 'warnings' AS warnings FROM last_table('odd_ones.csv') t;
SELECT sql_agent.upload_sheet('odd_ones.csv', E'id,v\n7,a\n8,b\n', '{"mode": "append", "strict": true}');
TABLE odd_ones ORDER BY id;
-- texts with a length; json is not jsonb
CREATE TABLE short (id int PRIMARY KEY, code varchar(3), flag char(2), doc json);
SELECT sql_agent.upload_sheet('short.csv', E'id,code,flag\n1,abc,x\n2,de,\n', '{"mode": "append"}') IS NOT NULL;
SELECT sql_agent.upload_sheet('short.csv', E'id,code,flag\n2,ef,yy\n', '{"mode": "upsert"}') IS NOT NULL;
SELECT sql_agent.upload_sheet('short.csv', E'id,code\n\n3,abcd\n', '{"mode": "append"}');
SELECT sql_agent.upload_sheet('short.csv', E'id,doc\n3,{}\n', '{"mode": "append"}');
TABLE short ORDER BY id;
-- what is no table of one's own is refused
CREATE VIEW seen AS SELECT * FROM stock;
SELECT sql_agent.upload_sheet('seen.csv', E'item_id,amount\n1,1\n', '{"mode": "upsert"}');
CREATE TABLE secured (id int PRIMARY KEY, v int);
ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
SELECT sql_agent.upload_sheet('secured.csv', E'id,v\n1,1\n', '{"mode": "upsert"}');
CREATE TABLE deferring (id int PRIMARY KEY, parent int REFERENCES deferring DEFERRABLE INITIALLY DEFERRED);
SELECT sql_agent.upload_sheet('deferring.csv', E'id,parent\n1,1\n', '{"mode": "append"}');
-- nothing of a failed or finished upload stays behind
SELECT relname FROM pg_class WHERE relnamespace = 'keys'::regnamespace AND relname LIKE '%upload%';

-- warnings say where: sheet, row, column, value, count
CREATE FUNCTION warnings_of(content text) RETURNS SETOF jsonb LANGUAGE sql AS $$
  SELECT jsonb_array_elements(sql_agent.upload_preview('f.csv', convert_to(content, 'UTF8')) -> 'sheets' -> 0 -> 'warnings')
$$;
SELECT warnings_of(E'a,b\n1,01/02/2024\n2e5,x\n');
SELECT warnings_of(E'd\n01/02/2024\n');
SELECT warnings_of(E'a,b\n' || repeat(E'1,2\n', 100) || E'1\n');
SELECT warnings_of(E'word\n' || repeat('x', 300) || E'\n');
-- errors, too: the row of the file, the column, the value, what to do
SELECT sql_agent.upload_sheet('stock.csv', E'item_id,amount\n\n\n1,5\n2,1.5\n', '{"mode": "append"}');
SELECT sql_agent.upload_sheet('stock.csv', E'item_id,amount\n\n9,5\n\n1,6\n', '{"mode": "append"}');
SELECT sql_agent.upload_sheet('rich.csv', E'id,price\n\n20,5\n\n21,-6\n22,7\n', '{"mode": "append"}');
SELECT sql_agent.upload_sheet('x.csv', convert_to(E'a\n' || repeat('y', 300) || E'\n', 'UTF8'), '{"types": {"a": "integer"}}');
\set shop `base64 -w0 examples/uploads/shop.xlsx`
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'shop', 'base64'), '{"types": {"region": "date"}}');
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'shop', 'base64'), '{"sheets": "Customers", "key": "region"}');

-- relationships: between the sheets of a file
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'shop', 'base64')) IS NOT NULL;
SELECT t -> 'table' AS "table", jsonb_pretty(t -> 'relationships') AS relationships FROM last_table('shop.xlsx') t ORDER BY 1;
SELECT from_table, from_columns, to_table, to_columns, source FROM sql_agent.relationships ORDER BY 1, 2;
-- questions use them at once, and trust them more than what they infer
SELECT sql_agent.expose_schema('keys');
SELECT from_table, from_columns, to_table, to_columns, declared, score FROM sql_agent.my_relationships WHERE from_table = 'orders' ORDER BY 2;
SELECT * FROM sql_agent.ask_rows('total amount by customer region');
-- to earlier tables, and from them; by another name; as a constraint
SELECT sql_agent.upload_sheet('returns.csv', E'return_id,order_id,billing_customer_id\n1,1001,1\n2,1002,2\n3,,\n', '{"foreign_keys": true}') IS NOT NULL;
SELECT t -> 'relationships' FROM last_table('returns.csv') t;
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'returns'::regclass ORDER BY 1;
SELECT sql_agent.upload_sheet('salaries.csv', E'worker_id,pay\n1,10\n2,20\n') IS NOT NULL;
SELECT sql_agent.upload_sheet('workers.csv', E'worker_id,name,team\n1,ann,a\n2,bob,b\n3,eve,b\n') IS NOT NULL;
SELECT t -> 'table' AS "table", t -> 'relationships' FROM last_table('workers.csv') t;
-- rows that are not there: told, recorded where they are few, no constraint
SELECT sql_agent.upload_sheet('parts.csv', convert_to(E'part_id,name\n' || string_agg(i || E',n\n', ''), 'UTF8')) IS NOT NULL FROM generate_series(1, 39) i;
SELECT sql_agent.upload_sheet('picks.csv', convert_to(E'pick_id,part_id\n' || string_agg(i || ',' || i || E'\n', ''), 'UTF8'), '{"foreign_keys": true}') IS NOT NULL FROM generate_series(1, 40) i;
SELECT t -> 'relationships' FROM last_table('picks.csv') t;
SELECT sql_agent.upload_sheet('stray.csv', E'stray_id,part_id\n1,1\n2,77\n') IS NOT NULL;
SELECT t -> 'relationships' FROM last_table('stray.csv') t;
-- of another type, and an id that is nobody's
SELECT sql_agent.upload_sheet('typed.csv', E'typed_id,part_id,id\n1,x1,1\n2,x2,2\n') IS NOT NULL;
SELECT t -> 'relationships' FROM last_table('typed.csv') t;
-- keys of several columns
SELECT sql_agent.upload_sheet('deliveries.csv', E'order_id,line_number,at\n1,1,2024-01-01\n2,1,2024-01-02\n', '{"keys": false}') IS NOT NULL;
SELECT t -> 'relationships' FROM last_table('deliveries.csv') t;
SELECT sql_agent.upload_sheet('chart.csv', E'year,quarter,plan\n2024,1,5\n2024,2,6\n', '{"key": ["year", "quarter"]}') IS NOT NULL;
SELECT sql_agent.upload_sheet('actual.csv', E'year,quarter,region,result\n2024,1,n,5\n2024,1,s,5\n2024,2,n,6\n', '{"foreign_keys": true}') IS NOT NULL;
SELECT t -> 'relationships' FROM last_table('actual.csv') t;

-- told, and taken back
SELECT sql_agent.relationship_add('loose', '{v}', 'chart', '{year}');
SELECT sql_agent.relationship_add('loose', '{v}', 'workers', '{worker_id}');
SELECT sql_agent.relationship_add('loose', '{v}', 'workers', '{worker_id}');
SELECT from_columns, to_table, to_columns, declared, score FROM sql_agent.my_relationships WHERE from_table = 'loose';
SELECT sql_agent.relationship_add('loose', '{code}', 'workers', '{worker_id}');
SELECT sql_agent.relationship_add('loose', '{nothing}', 'workers', '{worker_id}');
SELECT sql_agent.relationship_add('loose', '{v,code}', 'workers', '{worker_id}');
SELECT sql_agent.relationship_add('loose', '{}', 'workers', '{}');
SELECT sql_agent.relationship_add('loose', '{v,null}', 'workers', '{worker_id,name}');
SELECT sql_agent.relationship_add('seen', '{item_id}', 'workers', '{worker_id}');
-- other names
ALTER TABLE loose RENAME COLUMN v TO w;
ALTER TABLE loose RENAME TO lost;
ALTER TABLE workers RENAME worker_id TO wid;
ALTER SCHEMA keys RENAME TO locks;
SET search_path = locks, pg_catalog;
SELECT from_schema, from_table, from_columns, to_schema, to_table, to_columns, source FROM sql_agent.relationships WHERE to_table = 'workers' ORDER BY 1, 2;
ALTER SCHEMA locks RENAME TO keys;
SET search_path = keys, pg_catalog;
SELECT from_columns, to_table, to_columns, declared, score FROM sql_agent.my_relationships WHERE from_table = 'lost';
SELECT sql_agent.relationship_drop('lost', '{w}', 'workers', '{wid}');
SELECT sql_agent.relationship_drop('lost', '{w}', 'workers', '{wid}');
-- they go with either table
DROP TABLE workers;
SELECT count(*) FROM sql_agent.relationships WHERE 'workers' IN (from_table, to_table);
-- and with a column of either: the next one of the name is another
CREATE TABLE ones (id int PRIMARY KEY, a int, b int);
CREATE TABLE twos (id int PRIMARY KEY, code int UNIQUE);
CREATE TABLE threes (id int);
SELECT sql_agent.relationship_add('ones', '{a}', 'twos', '{id}'), sql_agent.relationship_add('ones', '{b}', 'twos', '{id}'),
       sql_agent.relationship_add('threes', '{id}', 'twos', '{code}'), sql_agent.relationship_add('threes', '{id}', 'ones', '{id}');
ALTER TABLE ones DROP COLUMN a, ADD COLUMN a int;
ALTER TABLE twos DROP COLUMN code;
SELECT from_table, from_columns, to_table, to_columns FROM sql_agent.relationships WHERE from_table IN ('ones', 'twos', 'threes') ORDER BY 1, 2, 3;
CREATE TEMP TABLE ones (id int);
DROP TABLE pg_temp.ones;
SELECT count(*) FROM sql_agent.relationships WHERE from_table IN ('ones', 'twos', 'threes');
DROP TABLE ones, twos, threes;
SELECT count(*) FROM sql_agent.relationships WHERE from_table IN ('ones', 'twos', 'threes');
-- the file again, over the tables: found anew
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'shop', 'base64'), '{"mode": "replace"}') IS NOT NULL;
DROP TABLE returns;
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'shop', 'base64'), '{"mode": "replace"}') IS NOT NULL;
SELECT from_table, from_columns, to_table, to_columns FROM sql_agent.my_relationships WHERE 'orders' IN (from_table, to_table) AND score > 0.97 ORDER BY 1, 2;

-- who may: not those whose table it is not; a tenant's administrator
CREATE ROLE keys_user IN ROLE sql_agent_user;
GRANT USAGE ON SCHEMA keys TO keys_user;
GRANT SELECT ON ALL TABLES IN SCHEMA keys TO keys_user;
SET ROLE keys_user;
SELECT sql_agent.relationship_add('lost', '{w}', 'parts', '{part_id}');
SELECT sql_agent.relationship_drop('orders', '{customer_id}', 'customers', '{customer_id}');
SELECT count(*) FROM sql_agent.relationships;
SELECT count(*) FROM sql_agent.relationship;
RESET ROLE;

-- an operator uploads into a tenant's table that was prepared to run with more rights than
-- the tenant's: a trigger, an index expression, a check, a default, a rule, a deferred trigger
SELECT sql_agent.tenant_provision('keys_acme');
SELECT session_user AS superuser \gset
SET ROLE tenant_keys_acme_owner;
CREATE TABLE keys_acme.log (what text, who name);
CREATE FUNCTION keys_acme.spy(what text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO keys_acme.log VALUES (what, current_user);
  BEGIN
    PERFORM pg_catalog.set_config('role', 'none', true);
    INSERT INTO keys_acme.log VALUES ('escaped by ' || what, current_user);
  EXCEPTION WHEN OTHERS THEN
    INSERT INTO keys_acme.log VALUES (what || ': ' || SQLERRM, current_user);
  END;
  RETURN 1;
END $$;
CREATE FUNCTION keys_acme.spy_key(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM keys_acme.spy('index'); RETURN $1; END $$;
CREATE FUNCTION keys_acme.spy_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM keys_acme.spy(TG_NAME); RETURN NEW; END $$;
CREATE TABLE keys_acme.trap (id int PRIMARY KEY, v int CHECK (keys_acme.spy('check') = 1), d int DEFAULT keys_acme.spy('default'));
CREATE INDEX ON keys_acme.trap (keys_acme.spy_key(v));
CREATE TRIGGER row_trigger BEFORE INSERT OR UPDATE ON keys_acme.trap FOR EACH ROW EXECUTE FUNCTION keys_acme.spy_row();
CREATE TRIGGER late_trigger AFTER INSERT OR UPDATE ON keys_acme.trap FOR EACH STATEMENT EXECUTE FUNCTION keys_acme.spy_row();
INSERT INTO keys_acme.trap (id, v) VALUES (1, 1);
CREATE RULE rewrite AS ON UPDATE TO keys_acme.trap DO ALSO SELECT keys_acme.spy('rule');
TRUNCATE keys_acme.log;
RESET ROLE;
SELECT sql_agent.upload_sheet('trap.csv', E'id,v\n2,2\n', '{"tenant": "keys_acme", "mode": "append"}') IS NOT NULL;
SELECT sql_agent.upload_sheet('trap.csv', E'id,v\n1,3\n3,3\n', '{"tenant": "keys_acme", "mode": "upsert"}') IS NOT NULL;
SELECT DISTINCT what, who FROM keys_acme.log ORDER BY 1, 2;
SELECT * FROM keys_acme.trap ORDER BY id;
-- what would wait for the end of the transaction does not get there, at first or second hand
SET ROLE tenant_keys_acme_owner;
CREATE TABLE keys_acme.second (id int);
CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON keys_acme.second DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION keys_acme.spy_row();
CREATE TABLE keys_acme.first (id int PRIMARY KEY);
CREATE FUNCTION keys_acme.pass_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO keys_acme.second VALUES (NEW.id); RETURN NEW; END $$;
CREATE TRIGGER pass_on BEFORE INSERT ON keys_acme.first FOR EACH ROW EXECUTE FUNCTION keys_acme.pass_on();
RESET ROLE;
SELECT sql_agent.upload_sheet('second.csv', E'id\n1\n', '{"tenant": "keys_acme", "mode": "append"}');
SELECT sql_agent.upload_sheet('first.csv', E'id\n1\n', '{"tenant": "keys_acme", "mode": "append"}');
SELECT sql_agent.upload_sheet('first.csv', E'id\n1\n', '{"tenant": "keys_acme", "mode": "upsert"}');
-- a domain that is called like a type, and one of its own
SET ROLE tenant_keys_acme_owner;
CREATE DOMAIN keys_acme.text AS pg_catalog.text CHECK (keys_acme.spy('domain') = 1);
CREATE TABLE keys_acme.masked (a keys_acme.text);
RESET ROLE;
SELECT sql_agent.upload_sheet('masked.csv', E'a\nx\n', '{"tenant": "keys_acme", "mode": "append"}');
SELECT sql_agent.upload_sheet('plain.csv', E'a,b\nx,1\n', '{"tenant": "keys_acme"}') IS NOT NULL;
SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = 'keys_acme.plain'::regclass AND attname = 'a';
-- a table that is another's
CREATE TABLE keys_acme.theirs (id int PRIMARY KEY);
SELECT sql_agent.upload_sheet('theirs.csv', E'id\n1\n', '{"tenant": "keys_acme", "mode": "upsert"}');
SELECT sql_agent.upload_sheet('theirs.csv', E'id\n1\n', '{"tenant": "keys_acme", "mode": "replace"}');
SELECT count(*) FROM keys_acme.log WHERE who = :'superuser' OR what LIKE 'escaped%';

-- a tenant's relationships: its members see them, its administrators change them, they
-- follow its name and go with it
CREATE ROLE keys_member LOGIN;
CREATE ROLE keys_boss LOGIN;
SELECT sql_agent.tenant_add_member('keys_acme', 'keys_member');
SELECT sql_agent.tenant_add_member('keys_acme', 'keys_boss', tenant_admin => true);
SET SESSION AUTHORIZATION keys_member;
SELECT sql_agent.upload_sheet('teams.csv', E'team_id,team\n1,red\n2,blue\n') IS NOT NULL;
SELECT sql_agent.upload_sheet('players.csv', E'player_id,team_id,goals\n1,1,5\n2,2,6\n3,1,7\n') IS NOT NULL;
SELECT from_table, from_columns, to_table, source, recorded_by FROM sql_agent.relationships;
SELECT * FROM sql_agent.ask_rows('total goals by team');
SELECT sql_agent.relationship_drop('keys_acme.players', '{team_id}', 'keys_acme.teams', '{team_id}');
SET SESSION AUTHORIZATION keys_boss;
SELECT sql_agent.relationship_drop('keys_acme.players', '{team_id}', 'keys_acme.teams', '{team_id}');
SELECT sql_agent.relationship_add('keys_acme.players', '{team_id}', 'keys_acme.teams', '{team_id}');
SELECT from_table, from_columns, to_table, source, recorded_by FROM sql_agent.relationships;
RESET SESSION AUTHORIZATION;
SELECT sql_agent.tenant_rename('keys_acme', 'keys_new');
SELECT from_schema, from_table, to_schema, to_table FROM sql_agent.relationships WHERE to_table = 'teams';
SELECT sql_agent.tenant_drop('keys_new', true);
SELECT count(*) FROM sql_agent.relationships WHERE to_table = 'teams';

DROP ROLE keys_member, keys_boss;
DROP OWNED BY keys_user;
DROP ROLE keys_user;
SELECT sql_agent.hide_schema('keys');
DROP SCHEMA keys CASCADE;
SELECT count(*) FROM sql_agent.relationships;
