-- Two tenants that hold what the other must never see.  Every value of a tenant
-- carries its canary: CANARY_ACME, numbers that begin with 1110; CANARY_GLOBEX,
-- numbers that begin with 7770.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION sql_agent;
SELECT sql_agent.tenant_provision('acme'), sql_agent.tenant_provision('globex');
SELECT sql_agent.tenant_add_member('acme', 'acme_ann', create_login => true),
       sql_agent.tenant_add_member('acme', 'acme_amy', tenant_admin => true, create_login => true),
       sql_agent.tenant_add_member('acme', 'acme_mover', create_login => true),
       sql_agent.tenant_add_member('globex', 'globex_gus', create_login => true),
       sql_agent.tenant_add_member('globex', 'globex_gil', tenant_admin => true, create_login => true);

-- what uploads make: tables of the owner roles
SET ROLE tenant_acme_owner;
CREATE TABLE acme.invoice (invoice_id int PRIMARY KEY, customer text, amount int);
INSERT INTO acme.invoice SELECT i, 'CANARY_ACME customer ' || i % 7, 1110000 + i FROM generate_series(1, 200) AS i;
SET ROLE tenant_globex_owner;
CREATE TABLE globex.invoice (invoice_id int PRIMARY KEY, customer text, amount int);
INSERT INTO globex.invoice SELECT i, 'CANARY_GLOBEX customer ' || i % 7, 7770000 + i FROM generate_series(1, 300) AS i;
CREATE TABLE globex.zeppelin (zeppelin_id serial PRIMARY KEY, pilot text);
INSERT INTO globex.zeppelin (pilot) SELECT 'CANARY_GLOBEX pilot ' || i FROM generate_series(1, 20) AS i;
CREATE MATERIALIZED VIEW globex.pilots AS SELECT pilot FROM globex.zeppelin;
RESET ROLE;

-- a DBA who is careless with schemas
CREATE TABLE acme.dba_note (note_id int PRIMARY KEY, note text);
INSERT INTO acme.dba_note VALUES (1, 'CANARY_GLOBEX was discussed with CANARY_ACME');
CREATE TABLE globex.dba_note (note_id int PRIMARY KEY, note text);
INSERT INTO globex.dba_note VALUES (1, 'CANARY_GLOBEX is late');

-- shared tables of an ordinary owner, with views and functions that run with
-- its rights and that everybody may use
CREATE ROLE shop_owner;
CREATE SCHEMA shop AUTHORIZATION shop_owner;
SET ROLE shop_owner;
CREATE TABLE shop.rate (currency text PRIMARY KEY, rate numeric);
INSERT INTO shop.rate VALUES ('EUR', 1), ('USD', 1.1);
CREATE TABLE shop.parcel (parcel_id int PRIMARY KEY, tenant text NOT NULL, receiver text, weight int, currency text REFERENCES shop.rate);
INSERT INTO shop.parcel
SELECT i, CASE WHEN i % 3 = 0 THEN 'acme' ELSE 'globex' END,
       CASE WHEN i % 3 = 0 THEN 'CANARY_ACME receiver ' ELSE 'CANARY_GLOBEX receiver ' END || i % 11,
       CASE WHEN i % 3 = 0 THEN 1110000 ELSE 7770000 END + i, CASE WHEN i % 2 = 0 THEN 'EUR' ELSE 'USD' END
FROM generate_series(1, 3000) AS i;
CREATE INDEX parcel_tenant ON shop.parcel (tenant);
CREATE INDEX parcel_receiver ON shop.parcel (receiver);
CREATE TABLE shop.stop (tenant text NOT NULL, at date NOT NULL, place text) PARTITION BY RANGE (at);
CREATE TABLE shop.stop_2024 PARTITION OF shop.stop FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.stop_2025 PARTITION OF shop.stop FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX ON shop.stop (tenant);
INSERT INTO shop.stop SELECT CASE WHEN i % 2 = 0 THEN 'acme' ELSE 'globex' END, date '2024-07-01' + i,
       CASE WHEN i % 2 = 0 THEN 'CANARY_ACME place ' ELSE 'CANARY_GLOBEX place ' END || i % 5
FROM generate_series(0, 399) AS i;
CREATE VIEW shop.every_parcel AS SELECT * FROM shop.parcel;
CREATE VIEW shop.heavy_parcel WITH (security_invoker) AS SELECT * FROM shop.parcel WHERE weight > 0;
CREATE FUNCTION shop.find_sql(text) RETURNS SETOF text SECURITY DEFINER STABLE LANGUAGE sql
  AS 'SELECT receiver FROM shop.parcel WHERE receiver LIKE $1';
CREATE FUNCTION shop.find_plpgsql(text) RETURNS SETOF text SECURITY DEFINER STABLE LANGUAGE plpgsql
  AS 'BEGIN RETURN QUERY SELECT receiver FROM shop.parcel WHERE receiver LIKE $1; END';
GRANT SELECT ON shop.every_parcel TO PUBLIC;
RESET ROLE;
SELECT sql_agent.share_table('shop.rate'), sql_agent.share_table('shop.parcel', 'tenant'), sql_agent.share_table('shop.stop', 'tenant');
SELECT sql_agent.share_table('shop.heavy_parcel');
ANALYZE;

-- a pooled login that becomes one tenant or the other in every transaction
CREATE ROLE pool_app LOGIN NOINHERIT;
GRANT tenant_acme, tenant_globex TO pool_app;

-- what the other tenant did before
SET SESSION AUTHORIZATION globex_gus;
SELECT count(ask_json(q)) FROM unnest(ARRAY['how many zeppelins', 'total amount per customer', 'how many parcels for "CANARY_GLOBEX receiver 3"']) AS q;
SELECT sql_agent.synonym_add('airship', 'globex.zeppelin');
SELECT ask_view('gus_view', 'total amount per customer');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION acme_amy;
SELECT count(ask_json('how many parcels for "CANARY_ACME receiver 3"'));
SELECT sql_agent.synonym_add('bill', 'acme.invoice');
RESET SESSION AUTHORIZATION;
