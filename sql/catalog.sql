-- The snapshot: what the asking role can ask about, and how it follows changes.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_catalog_user;
CREATE ROLE regress_catalog_group;
GRANT sql_agent_user TO regress_catalog_user;
CREATE SCHEMA catalog_shop;
SET sql_agent.allowed_schemas = '"$user", catalog_shop';
GRANT USAGE ON SCHEMA catalog_shop TO regress_catalog_user;

-- every kind of relation, types of every class
CREATE DOMAIN catalog_shop.euro AS numeric(10,2);
CREATE TYPE catalog_shop.mood AS ENUM ('good', 'bad');
CREATE TABLE catalog_shop.customers (
  id int PRIMARY KEY,
  gone text,
  name text NOT NULL UNIQUE,
  "Home City" varchar(20),
  secret text
);
ALTER TABLE catalog_shop.customers DROP COLUMN gone;
CREATE TABLE catalog_shop.orders (
  order_id int,
  line int,
  customer_id int REFERENCES catalog_shop.customers,
  order_date date,
  amount catalog_shop.euro,
  PRIMARY KEY (order_id, line)
);
CREATE TABLE catalog_shop.returns (
  order_id int,
  line int,
  reason catalog_shop.mood,
  FOREIGN KEY (order_id, line) REFERENCES catalog_shop.orders
);
CREATE TABLE catalog_shop.everything (
  b boolean, i2 smallint, i8 bigint, n numeric, f real, m money, t text, c char(3), nm name,
  d date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j json, jb jsonb,
  a int[], by bytea, o oid, p point
);
CREATE TABLE catalog_shop.measures (at date, value numeric) PARTITION BY RANGE (at);
CREATE TABLE catalog_shop.measures_2025 PARTITION OF catalog_shop.measures
  FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE catalog_shop.measures_2026 PARTITION OF catalog_shop.measures
  FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW catalog_shop.big_orders WITH (security_invoker = true) AS
  SELECT order_id, amount FROM catalog_shop.orders WHERE amount > 100;
CREATE SEQUENCE catalog_shop.numbers;
CREATE TABLE catalog_shop.hidden (x int);
COMMENT ON TABLE catalog_shop.orders IS 'purchases of customers';
COMMENT ON COLUMN catalog_shop.orders.amount IS 'the revenue in euro';
GRANT SELECT ON catalog_shop.orders, catalog_shop.returns, catalog_shop.everything,
  catalog_shop.measures, catalog_shop.measures_2026, catalog_shop.big_orders TO regress_catalog_user;
GRANT SELECT (id, name, "Home City") ON catalog_shop.customers TO regress_catalog_user;

SET ROLE regress_catalog_user;
SELECT sql_agent.asking_role();
SELECT schema, name, kind, columns, comment, origin FROM sql_agent.my_tables;
SELECT "table", name, type, type_class, not_null, in_primary_key, unique_alone, in_foreign_key, comment
  FROM sql_agent.my_columns;
SELECT * FROM sql_agent.my_relationships;
RESET ROLE;

-- a superuser asks as sql_agent_reader, which sees what was exposed: nothing of this
SELECT sql_agent.asking_role();
SELECT count(*) FROM sql_agent.my_tables WHERE schema = 'catalog_shop';

-- words: names, comments, plural and singular
SET ROLE regress_catalog_user;
SELECT * FROM sql_agent.find_word('revenue');
SELECT * FROM sql_agent.find_word('Orders');
SELECT * FROM sql_agent.find_word('city');
SELECT * FROM sql_agent.find_word('secret');
SELECT * FROM sql_agent.find_word('nothing');
SELECT * FROM sql_agent.find_word('two words');
SELECT * FROM sql_agent.find_word('');
RESET ROLE;

-- What is followed.  The version of the snapshot changes only where something of it did.
CREATE FUNCTION pg_temp.version() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE result bigint;
BEGIN
  SET LOCAL ROLE regress_catalog_user;
  SELECT i.version INTO result FROM sql_agent.snapshot_info() i;
  RESET ROLE;
  RETURN result;
END $$;
CREATE FUNCTION pg_temp.changed() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  old bigint := coalesce(nullif(current_setting('catalog_test.version', true), '')::bigint, 0);
  new bigint := pg_temp.version();
BEGIN
  PERFORM set_config('catalog_test.version', new::text, false);
  RETURN old <> new;
END $$;
SELECT pg_temp.changed() AS first;
SELECT pg_temp.changed() AS nothing_happened;
INSERT INTO catalog_shop.customers VALUES (1, 'Bob', 'Rome', 'x');
INSERT INTO catalog_shop.measures SELECT date '2025-12-01' + g, g FROM generate_series(0, 99) g;
ANALYZE catalog_shop.customers;
ANALYZE catalog_shop.measures_2025;
ANALYZE catalog_shop.measures_2026;
VACUUM catalog_shop.customers;
SELECT pg_temp.changed() AS by_analyze_and_vacuum;
SET ROLE regress_catalog_user;
SELECT name, row_estimate FROM sql_agent.my_tables WHERE name IN ('customers', 'measures');
RESET ROLE;
CREATE INDEX ON catalog_shop.customers ("Home City");
SELECT pg_temp.changed() AS by_index;
CREATE TEMP TABLE scratch (a int);
DROP TABLE scratch;
CREATE TABLE public.catalog_elsewhere (a int);
DROP TABLE public.catalog_elsewhere;
CREATE TABLE catalog_shop.not_granted (a int);
DROP TABLE catalog_shop.not_granted;
CREATE SCHEMA catalog_other;
DROP SCHEMA catalog_other;
CREATE ROLE regress_catalog_third;
GRANT regress_catalog_third TO regress_catalog_group;
DROP ROLE regress_catalog_third;
SELECT pg_temp.changed() AS by_what_does_not_concern_it;
CREATE UNIQUE INDEX home ON catalog_shop.customers ("Home City");
SELECT pg_temp.changed() AS by_unique_index;
DROP INDEX catalog_shop.home;
SELECT pg_temp.changed() AS by_its_end;
GRANT SELECT ON catalog_shop.hidden TO regress_catalog_user;
SELECT pg_temp.changed() AS by_grant;
REVOKE SELECT ON catalog_shop.hidden FROM regress_catalog_user;
SELECT pg_temp.changed() AS by_revoke;
GRANT SELECT (secret) ON catalog_shop.customers TO regress_catalog_user;
SELECT pg_temp.changed() AS by_column_grant;
REVOKE SELECT (secret) ON catalog_shop.customers FROM regress_catalog_user;
SELECT pg_temp.changed() AS by_column_revoke;
GRANT SELECT ON catalog_shop.hidden TO regress_catalog_group;
GRANT regress_catalog_group TO regress_catalog_user;
SELECT pg_temp.changed() AS by_membership;
REVOKE regress_catalog_group FROM regress_catalog_user;
SELECT pg_temp.changed() AS by_end_of_membership;
COMMENT ON TABLE catalog_shop.returns IS 'goods sent back';
SELECT pg_temp.changed() AS by_comment;
COMMENT ON COLUMN catalog_shop.returns.reason IS 'mood';
SELECT pg_temp.changed() AS by_column_comment;
COMMENT ON VIEW catalog_shop.big_orders IS 'large';
SELECT pg_temp.changed() AS by_view_comment;
COMMENT ON SEQUENCE catalog_shop.numbers IS 'no relation of a question';
COMMENT ON TABLE catalog_shop.hidden IS 'not visible';
SELECT pg_temp.changed() AS by_other_comments;
ALTER TABLE catalog_shop.orders ADD COLUMN channel text;
SELECT pg_temp.changed() AS by_new_column;
ALTER TABLE catalog_shop.orders DROP COLUMN channel;
SELECT pg_temp.changed() AS by_dropped_column;
ALTER TABLE catalog_shop.orders DROP CONSTRAINT orders_customer_id_fkey;
SELECT pg_temp.changed() AS by_dropped_foreign_key;
ALTER TABLE catalog_shop.orders ADD FOREIGN KEY (customer_id) REFERENCES catalog_shop.customers;
SELECT pg_temp.changed() AS by_foreign_key;
ALTER TABLE catalog_shop.everything ENABLE ROW LEVEL SECURITY;
SELECT pg_temp.changed() AS by_row_security;
CREATE POLICY all_rows ON catalog_shop.everything USING (true);
SELECT pg_temp.changed() AS by_policy;
ALTER SCHEMA catalog_shop RENAME TO catalog_store;
SELECT pg_temp.changed() AS by_schema_rename;
SET sql_agent.allowed_schemas = 'catalog_store';
SELECT pg_temp.changed() AS by_setting;
SET sql_agent.allowed_schemas = 'catalog_store, nowhere';
SELECT pg_temp.changed() AS by_setting_without_effect;
SET sql_agent.allowed_schemas = 'not a "list';
SELECT pg_temp.changed() AS by_broken_setting;
SET ROLE regress_catalog_user;
SELECT count(*) AS broken_setting_allows FROM sql_agent.my_tables;
RESET ROLE;
ALTER SCHEMA catalog_store RENAME TO catalog_shop;
SET sql_agent.allowed_schemas = 'catalog_shop';
SELECT pg_temp.changed() AS by_good_setting;
REVOKE USAGE ON SCHEMA catalog_shop FROM regress_catalog_user;
SELECT pg_temp.changed() AS by_schema_revoke;
SET ROLE regress_catalog_user;
SELECT count(*) AS without_usage FROM sql_agent.my_tables;
RESET ROLE;
GRANT USAGE ON SCHEMA catalog_shop TO regress_catalog_user;
SELECT pg_temp.changed() AS by_schema_grant;
DROP TABLE catalog_shop.returns;
SELECT pg_temp.changed() AS by_drop;

-- partitions: the parent stands for them; without it they stand for themselves
REVOKE SELECT ON catalog_shop.measures FROM regress_catalog_user;
SET ROLE regress_catalog_user;
SELECT name FROM sql_agent.my_tables WHERE name LIKE 'measures%';
RESET ROLE;
GRANT SELECT ON catalog_shop.measures TO regress_catalog_user;
ALTER TABLE catalog_shop.measures DETACH PARTITION catalog_shop.measures_2026;
SET ROLE regress_catalog_user;
SELECT name FROM sql_agent.my_tables WHERE name LIKE 'measures%';
RESET ROLE;

-- a foreign key is shown where both ends and all its columns are visible
REVOKE SELECT (id) ON catalog_shop.customers FROM regress_catalog_user;
SET ROLE regress_catalog_user;
SELECT from_table, to_table FROM sql_agent.my_relationships WHERE declared;
RESET ROLE;
GRANT SELECT (id) ON catalog_shop.customers TO regress_catalog_user;
SET ROLE regress_catalog_user;
SELECT from_table, to_table FROM sql_agent.my_relationships WHERE declared;
RESET ROLE;

-- rollback of DDL that was seen, of a subtransaction, of CREATE EXTENSION
BEGIN;
ALTER TABLE catalog_shop.orders RENAME amount TO total;
COMMENT ON COLUMN catalog_shop.orders.total IS 'sum';
SET LOCAL ROLE regress_catalog_user;
SELECT "table", "column", source FROM sql_agent.find_word('total');
SELECT "table", "column", source FROM sql_agent.find_word('sum');
ROLLBACK;
SET ROLE regress_catalog_user;
SELECT "table", "column", source FROM sql_agent.find_word('total');
SELECT "table", "column", source FROM sql_agent.find_word('sum');
SELECT "table", "column", source FROM sql_agent.find_word('amount');
RESET ROLE;
BEGIN;
SAVEPOINT s;
CREATE TABLE catalog_shop.fleeting (moth int);
GRANT SELECT ON catalog_shop.fleeting TO regress_catalog_user;
SET LOCAL ROLE regress_catalog_user;
SELECT "table", "column" FROM sql_agent.find_word('moth');
ROLLBACK TO s;
SET LOCAL ROLE regress_catalog_user;
SELECT "table", "column" FROM sql_agent.find_word('moth');
COMMIT;
DROP EXTENSION sql_agent;
BEGIN;
CREATE EXTENSION sql_agent;
SET LOCAL ROLE regress_catalog_user;
SELECT count(*) FROM sql_agent.my_tables;
ROLLBACK;
CREATE EXTENSION sql_agent;
SET ROLE regress_catalog_user;
SELECT count(*) FROM sql_agent.my_tables;
SELECT sql_agent.synonym_add('buyer', 'customers');
SELECT "table", source FROM sql_agent.find_word('buyers');
RESET ROLE;
COMMENT ON TABLE catalog_shop.orders IS 'after the extension came back';
SET ROLE regress_catalog_user;
SELECT "table", source FROM sql_agent.find_word('came');
RESET ROLE;

-- the role is renamed: "$user" means another schema
CREATE SCHEMA regress_catalog_renamed AUTHORIZATION regress_catalog_user;
CREATE TABLE regress_catalog_renamed.mine (zebra int);
ALTER TABLE regress_catalog_renamed.mine OWNER TO regress_catalog_user;
SET sql_agent.allowed_schemas = '"$user"';
SET ROLE regress_catalog_user;
SELECT schema, name, origin FROM sql_agent.my_tables;
RESET ROLE;
ALTER ROLE regress_catalog_user RENAME TO regress_catalog_renamed;
SET ROLE regress_catalog_renamed;
SELECT schema, name, origin FROM sql_agent.my_tables;
RESET ROLE;

-- more roles than snapshots are kept
SET sql_agent.allowed_schemas = 'catalog_shop';
DO $$
BEGIN
  FOR i IN 1..6 LOOP
    EXECUTE format('CREATE ROLE regress_catalog_%s IN ROLE sql_agent_user', i);
    EXECUTE format('GRANT USAGE ON SCHEMA catalog_shop TO regress_catalog_%s', i);
    EXECUTE format('GRANT SELECT (order_id) ON catalog_shop.orders TO regress_catalog_%s', i);
  END LOOP;
  FOR round IN 1..2 LOOP
    FOR i IN 1..6 LOOP
      EXECUTE format('SET LOCAL ROLE regress_catalog_%s', i);
      IF (SELECT count(*) FROM sql_agent.my_columns) <> 1
         OR (SELECT role FROM sql_agent.snapshot_info()) <> format('regress_catalog_%s', i) THEN
        RAISE EXCEPTION 'role % sees something else', i;
      END IF;
      RESET ROLE;
    END LOOP;
  END LOOP;
END $$;
SELECT count(*) <= 4 AS kept FROM pg_backend_memory_contexts WHERE name = 'sql_agent snapshot';

-- the widest table
DO $$
BEGIN
  EXECUTE 'CREATE TABLE catalog_shop.wide (' ||
    (SELECT string_agg(format('field_%s int', g), ', ') FROM generate_series(1, 1600) g) || ')';
END $$;
GRANT SELECT ON catalog_shop.wide TO regress_catalog_renamed;
SET ROLE regress_catalog_renamed;
SELECT columns FROM sql_agent.my_tables WHERE name = 'wide';
SELECT count(*) FROM sql_agent.find_word('field');
RESET ROLE;

-- an endless comment is looked at to a point
DO $$ BEGIN EXECUTE format('COMMENT ON TABLE catalog_shop.wide IS %L', repeat('häuser ', 100000) || 'needle'); END $$;
SET ROLE regress_catalog_renamed;
SELECT length(comment) < 2000 AS clipped FROM sql_agent.my_tables WHERE name = 'wide';
SELECT count(*) FROM sql_agent.find_word('needle');
SELECT count(*) FROM sql_agent.find_word('häuser');
RESET ROLE;

-- who may look
CREATE ROLE regress_catalog_nobody;
SET ROLE regress_catalog_nobody;
SELECT * FROM sql_agent.my_tables;
SELECT * FROM sql_agent.find_word('amount');
RESET ROLE;

DROP SCHEMA catalog_shop CASCADE;
DROP SCHEMA regress_catalog_renamed CASCADE;
DELETE FROM sql_agent.synonym WHERE word = 'buyer';
DO $$
BEGIN
  FOR i IN 1..6 LOOP
    EXECUTE format('DROP ROLE regress_catalog_%s', i);
  END LOOP;
END $$;
DROP ROLE regress_catalog_renamed, regress_catalog_group, regress_catalog_nobody;
