-- Sharing tables with tenants, the policies that come with it, and the views of
-- members.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SET sql_agent.ask_summary = off;
CREATE ROLE regress_share_owner;
CREATE ROLE regress_share_app LOGIN;
CREATE ROLE regress_share_operator LOGIN IN ROLE sql_agent_admin;
SELECT FROM sql_agent.tenant_provision('regress_one', tenant_key => '1');
SELECT FROM sql_agent.tenant_provision('regress_two', tenant_key => '2');
SELECT FROM sql_agent.tenant_add_member('regress_one', 'regress_share_ann', create_login => true);
SELECT FROM sql_agent.tenant_add_member('regress_one', 'regress_share_amy', tenant_admin => true, create_login => true);
SELECT FROM sql_agent.tenant_add_member('regress_two', 'regress_share_bob', create_login => true);
CREATE SCHEMA regress_shop AUTHORIZATION regress_share_owner;
GRANT USAGE ON SCHEMA regress_shop TO regress_share_app;
RESET client_min_messages;

SET ROLE regress_share_owner;
CREATE TABLE regress_shop.sale (sale_id int PRIMARY KEY, tenant_id int NOT NULL, product text, amount numeric);
INSERT INTO regress_shop.sale SELECT i, 1 + i % 2, 'product ' || i % 4, i FROM generate_series(1, 1000) AS i;
CREATE INDEX sale_tenant ON regress_shop.sale (tenant_id);
CREATE TABLE regress_shop.country (code text PRIMARY KEY, name text);
INSERT INTO regress_shop.country VALUES ('fr', 'France'), ('pe', 'Peru');
GRANT SELECT, INSERT, UPDATE, DELETE ON regress_shop.sale TO regress_share_app;
CREATE VIEW regress_shop.owners_view AS SELECT * FROM regress_shop.sale;
GRANT SELECT ON regress_shop.owners_view TO PUBLIC;
CREATE FUNCTION regress_shop.owners_count() RETURNS bigint SECURITY DEFINER LANGUAGE plpgsql
  AS 'BEGIN RETURN (SELECT count(*) FROM regress_shop.sale); END';
ANALYZE regress_shop.sale;
RESET ROLE;

-- who may share, and what
SET ROLE regress_share_app;
SELECT sql_agent.share_table('regress_shop.sale');
RESET ROLE;
GRANT sql_agent_user TO regress_share_app, regress_share_owner;
SET ROLE regress_share_app;
SELECT sql_agent.share_table('regress_shop.sale', 'tenant_id');
SELECT sql_agent.unshare_table('regress_shop.sale');
RESET ROLE;
CREATE TABLE regress_shop.of_ann (i int);
ALTER TABLE regress_shop.of_ann OWNER TO regress_share_ann;
SET SESSION AUTHORIZATION regress_share_ann;
SELECT sql_agent.share_table((SELECT oid FROM pg_class WHERE relname = 'of_ann'));
RESET SESSION AUTHORIZATION;
DROP TABLE regress_shop.of_ann;
SELECT sql_agent.share_table(NULL);
SELECT sql_agent.share_table('pg_class');
SELECT sql_agent.share_table('sql_agent.tenant');
SELECT sql_agent.share_table('regress_shop.sale_pkey');
SELECT sql_agent.share_table('regress_shop.owners_view');
SELECT sql_agent.share_table('regress_shop.owners_view', 'tenant_id');
SELECT sql_agent.share_table('regress_shop.sale', 'nothing');
SELECT sql_agent.share_table('regress_shop.sale', 'ctid');
SELECT sql_agent.share_table('regress_shop.sale', 'amount');
SELECT sql_agent.unshare_table('regress_shop.sale');
CREATE TEMP TABLE regress_temporary (i int);
SELECT sql_agent.share_table('regress_temporary');
CREATE TABLE regress_one.own (i int);
SELECT sql_agent.share_table('regress_one.own');
DROP TABLE regress_one.own;
BEGIN READ ONLY;
SELECT sql_agent.share_table('regress_shop.sale');
ROLLBACK;

-- with a tenant column, as the owner of the table
SET ROLE regress_share_owner;
SELECT sql_agent.share_table('regress_shop.sale', 'tenant_id');
SELECT sql_agent.share_table('regress_shop.sale', 'tenant_id');
SELECT sql_agent.share_table('regress_shop.sale', 'product');
SELECT sql_agent.share_table('regress_shop.country');
SELECT count(*) FROM regress_shop.sale;
INSERT INTO regress_shop.sale VALUES (1001, 1, 'product 9', 1);
UPDATE regress_shop.sale SET amount = 2 WHERE sale_id = 1001;
DELETE FROM regress_shop.sale WHERE sale_id = 1001;
COPY regress_shop.sale FROM stdin;
\.
RESET ROLE;
SELECT policyname, permissive, roles, cmd, qual FROM pg_policies WHERE schemaname = 'regress_shop' ORDER BY policyname;
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'regress_shop.sale'::regclass;
SELECT schema, name, tenant_column, state, row_estimate, shared_by FROM sql_agent.shared_tables WHERE schema = 'regress_shop' ORDER BY 1, 2;

-- each tenant sees its rows, however it reads
SET SESSION AUTHORIZATION regress_share_ann;
SELECT tenant_id, count(*) FROM regress_shop.sale GROUP BY 1;
SELECT tenant_id, count(*) FROM regress_shop.owners_view GROUP BY 1;
SELECT regress_shop.owners_count();
SELECT count(*) FROM regress_shop.country;
INSERT INTO regress_shop.sale VALUES (2000, 2, 'x', 1);
SELECT schema, name, tenant_column, state, row_estimate, shared_by FROM sql_agent.shared_tables WHERE schema = 'regress_shop' ORDER BY 1, 2;
SELECT schema, name, kind, row_estimate IS NULL AS rows_hidden, size IS NULL AS size_hidden, columns, origin FROM sql_agent.my_tables;
SELECT name = current_database() AS this_one, kind, is_default, tables FROM sql_agent.my_databases;
SELECT ask('how many sales');
SET SESSION AUTHORIZATION regress_share_bob;
SELECT tenant_id, count(*) FROM regress_shop.owners_view GROUP BY 1;
SELECT regress_shop.owners_count();
RESET SESSION AUTHORIZATION;
-- a member stays one when something else is the effective role
SET ROLE regress_share_ann;
SELECT regress_shop.owners_count();
RESET ROLE;

-- who has nothing to do with tenants sees what it saw before
SET SESSION AUTHORIZATION regress_share_app;
SELECT tenant_id, count(*) FROM regress_shop.sale GROUP BY 1 ORDER BY 1;
SELECT regress_shop.owners_count(), sql_agent.outside_tenants();
UPDATE regress_shop.sale SET amount = amount WHERE sale_id < 3;
SET SESSION AUTHORIZATION regress_share_operator;
SELECT sql_agent.outside_tenants();
SELECT ask('how many sales');
RESET SESSION AUTHORIZATION;
SELECT FROM sql_agent.expose_schema('regress_shop');
SET SESSION AUTHORIZATION regress_share_operator;
SELECT ask('how many sales');
RESET SESSION AUTHORIZATION;

-- the index is used, though not for who is outside; members get no plan
SET enable_seqscan = off;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP RETURN NEXT line; END LOOP;
END $$;
SET ROLE regress_share_app;
EXPLAIN (COSTS OFF) SELECT * FROM regress_shop.sale WHERE tenant_id = 1;
RESET ROLE;
SET ROLE regress_share_ann;
EXPLAIN SELECT * FROM regress_shop.sale;
EXPLAIN ANALYZE SELECT * FROM regress_shop.sale;
PREPARE counted AS SELECT count(*) FROM regress_shop.sale;
EXPLAIN ANALYZE EXECUTE counted;
SELECT pg_temp.plan('SELECT * FROM regress_shop.owners_view');
EXPLAIN (COSTS OFF) SELECT * FROM regress_shop.country;
RESET ROLE;
RESET enable_seqscan;
-- so the counter of the index tells
BEGIN;
SET LOCAL enable_seqscan = off;
SET LOCAL ROLE regress_share_ann;
SELECT count(*) FROM regress_shop.sale;
SELECT count(*) FROM regress_shop.sale WHERE product = 'product 1';
RESET ROLE;
SELECT pg_stat_get_xact_numscans('regress_shop.sale_tenant'::regclass) AS index_scans;
COMMIT;

-- a plan made for one role is not another's
PREPARE per_tenant AS SELECT tenant_id, count(*) FROM regress_shop.sale GROUP BY 1 ORDER BY 1;
EXECUTE per_tenant;
SET ROLE regress_share_ann;
EXECUTE per_tenant;
SET ROLE regress_share_bob;
EXECUTE per_tenant;
SET ROLE regress_share_app;
EXECUTE per_tenant;
SELECT regress_shop.owners_count();
SET ROLE regress_share_bob;
SELECT regress_shop.owners_count();
RESET ROLE;
SET plan_cache_mode = force_generic_plan;
SET ROLE regress_share_ann;
EXECUTE per_tenant;
SET ROLE regress_share_bob;
EXECUTE per_tenant;
RESET ROLE;
RESET plan_cache_mode;
-- workers know the tenant
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name IN ('debug_parallel_query', 'force_parallel_mode');
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET ROLE regress_share_ann;
SELECT count(*) FROM regress_shop.sale;
SELECT count(*) FROM regress_shop.owners_view;
RESET ROLE;
RESET ALL;
SET sql_agent.ask_summary = off;

-- a key that is written in another way is no key
SELECT FROM sql_agent.tenant_provision('regress_three', tenant_key => '02');
SELECT FROM sql_agent.tenant_provision('regress_four', tenant_key => 'four');
SET ROLE tenant_regress_three;
SELECT count(*) FROM regress_shop.sale;
SET ROLE tenant_regress_four;
SELECT count(*) FROM regress_shop.sale;
SELECT count(*) FROM regress_shop.country;
RESET ROLE;

-- types, and what is said of them
SET ROLE regress_share_owner;
CREATE TYPE regress_shop.tenant_name AS ENUM ('1', '2');
CREATE DOMAIN regress_shop.tenant_domain AS varchar(20) NOT NULL CHECK (VALUE <> '');
CREATE TABLE regress_shop.by_enum (tenant regress_shop.tenant_name);
CREATE TABLE regress_shop.by_domain (tenant regress_shop.tenant_domain PRIMARY KEY);
CREATE TABLE regress_shop.by_uuid (tenant uuid NOT NULL);
CREATE TABLE regress_shop.by_char (tenant char(3));
CREATE TABLE regress_shop.by_generated (a int NOT NULL, tenant int GENERATED ALWAYS AS (a % 3) STORED);
CREATE COLLATION regress_shop.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE regress_shop.by_loose (tenant text COLLATE regress_shop.loose);
INSERT INTO regress_shop.by_enum VALUES ('1'), ('2'), ('2'), (NULL);
INSERT INTO regress_shop.by_domain VALUES ('1'), ('2');
INSERT INTO regress_shop.by_uuid VALUES ('11111111-1111-1111-1111-111111111111');
INSERT INTO regress_shop.by_generated VALUES (1), (2), (3), (4), (5);
SELECT sql_agent.share_table('regress_shop.by_enum', 'tenant');
SELECT sql_agent.share_table('regress_shop.by_domain', 'tenant');
SELECT sql_agent.share_table('regress_shop.by_uuid', 'tenant');
SELECT sql_agent.share_table('regress_shop.by_char', 'tenant');
SELECT sql_agent.share_table('regress_shop.by_generated', 'tenant');
SELECT sql_agent.share_table('regress_shop.by_loose', 'tenant');
GRANT SELECT ON regress_shop.by_loose TO PUBLIC;
SELECT sql_agent.share_table('regress_shop.by_loose');
SELECT sql_agent.unshare_table('regress_shop.by_loose');
SET ROLE regress_share_bob;
SELECT (SELECT count(*) FROM regress_shop.by_enum) AS enum, (SELECT count(*) FROM regress_shop.by_domain) AS domain,
       (SELECT string_agg(a::text, ' ' ORDER BY a) FROM regress_shop.by_generated) AS generated;
SELECT count(*) FROM regress_shop.by_uuid;
RESET ROLE;

-- PUBLIC could read the rows of all
CREATE TABLE regress_shop.open (tenant int NOT NULL PRIMARY KEY, a int);
GRANT SELECT (a) ON regress_shop.open TO PUBLIC;
SELECT sql_agent.share_table('regress_shop.open', 'tenant');
DROP TABLE regress_shop.open;

-- a partitioned table is shared as a whole
SET ROLE regress_share_owner;
CREATE TABLE regress_shop.visit (tenant_id int NOT NULL, day date) PARTITION BY RANGE (day);
CREATE TABLE regress_shop.visit_old PARTITION OF regress_shop.visit FOR VALUES FROM (MINVALUE) TO ('2025-01-01');
CREATE TABLE regress_shop.visit_new PARTITION OF regress_shop.visit DEFAULT;
CREATE INDEX ON regress_shop.visit (tenant_id);
INSERT INTO regress_shop.visit SELECT 1 + i % 2, date '2024-12-01' + i FROM generate_series(1, 100) AS i;
SELECT sql_agent.share_table('regress_shop.visit_old', 'tenant_id');
GRANT SELECT ON regress_shop.visit_old TO PUBLIC;
SELECT sql_agent.share_table('regress_shop.visit', 'tenant_id');
REVOKE SELECT ON regress_shop.visit_old FROM PUBLIC;
SELECT sql_agent.share_table('regress_shop.visit', 'tenant_id');
ANALYZE regress_shop.visit;
SET ROLE regress_share_ann;
SELECT tenant_id, count(*) FROM regress_shop.visit GROUP BY 1;
SELECT count(*) FROM regress_shop.visit_old;
SELECT name, kind, row_estimate, size FROM sql_agent.my_tables WHERE name LIKE 'visit%';
SELECT allowed, rule FROM sql_agent.check_sql('SELECT * FROM regress_shop.visit_new');
RESET ROLE;

-- tables with policies of their own
SET ROLE regress_share_owner;
CREATE TABLE regress_shop.guarded (tenant_id int NOT NULL PRIMARY KEY, open boolean);
INSERT INTO regress_shop.guarded VALUES (1, true), (2, false);
ALTER TABLE regress_shop.guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_open ON regress_shop.guarded USING (open);
SELECT sql_agent.share_table('regress_shop.guarded', 'tenant_id');
SELECT count(*) AS owner_sees FROM regress_shop.guarded;
SET ROLE regress_share_ann;
SELECT * FROM regress_shop.guarded;
SET ROLE regress_share_bob;
SELECT * FROM regress_shop.guarded;
SET ROLE regress_share_owner;
-- a permissive policy that comes later opens nothing
CREATE POLICY late ON regress_shop.guarded USING (true);
SET ROLE regress_share_ann;
SELECT * FROM regress_shop.guarded;
SET ROLE regress_share_owner;
SELECT sql_agent.unshare_table('regress_shop.guarded');
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'regress_shop.guarded'::regclass;
SELECT policyname FROM pg_policies WHERE tablename = 'guarded' ORDER BY 1;
DROP POLICY late ON regress_shop.guarded;
DROP POLICY only_open ON regress_shop.guarded;
-- row security without a policy hides all; for tenants alone that ends
SELECT sql_agent.share_table('regress_shop.guarded', 'tenant_id');
SELECT policyname, roles::text LIKE '%sql_agent_tenants_%' AS to_tenants FROM pg_policies WHERE tablename = 'guarded' ORDER BY 1;
GRANT SELECT ON regress_shop.guarded TO regress_share_app;
SET ROLE regress_share_ann;
SELECT * FROM regress_shop.guarded;
SET ROLE regress_share_app;
SELECT * FROM regress_shop.guarded;
RESET ROLE;
SELECT sql_agent.unshare_table('regress_shop.guarded');

-- views
SET ROLE regress_share_owner;
CREATE TABLE regress_shop.secret (i int);
CREATE VIEW regress_shop.big WITH (security_invoker) AS SELECT * FROM regress_shop.sale WHERE amount > 990;
CREATE VIEW regress_shop.hidden WITH (security_invoker) AS SELECT c.* FROM regress_shop.country c, regress_shop.secret;
CREATE MATERIALIZED VIEW regress_shop.totals AS SELECT product, sum(amount) AS total FROM regress_shop.sale GROUP BY 1;
SELECT sql_agent.share_table('regress_shop.big');
SELECT sql_agent.share_table('regress_shop.hidden');
SELECT sql_agent.share_table('regress_shop.totals');
SET ROLE regress_share_ann;
SELECT count(*), min(tenant_id), max(tenant_id) FROM regress_shop.big;
SELECT name, kind, origin FROM sql_agent.my_tables WHERE schema = 'regress_shop' ORDER BY 1;
RESET ROLE;

-- lint tells what was changed since
SELECT object, rule FROM sql_agent.lint() WHERE object LIKE 'regress%' OR object LIKE '%tenant_regress%' OR rule LIKE 'tenant%';
ALTER TABLE regress_shop.sale NO FORCE ROW LEVEL SECURITY;
ALTER TABLE regress_shop.country RENAME TO land;
GRANT regress_share_app TO regress_share_ann;
GRANT USAGE ON SCHEMA regress_one TO regress_share_app;
SELECT severity, object, rule, detail FROM sql_agent.lint()
 WHERE object LIKE '%regress%' AND (rule LIKE 'tenant%' OR rule LIKE 'shared%') ORDER BY rule, object;
REVOKE regress_share_app FROM regress_share_ann;
REVOKE USAGE ON SCHEMA regress_one FROM regress_share_app;
SELECT schema, name, state FROM sql_agent.shared_tables WHERE state <> 'shared';
-- sharing again repairs; a renamed table is known by its privileges and policies
SELECT sql_agent.share_table('regress_shop.sale', 'tenant_id');
ALTER TABLE regress_shop.sale RENAME TO sales;
SELECT sql_agent.share_table('regress_shop.land');
SELECT sql_agent.share_table('regress_shop.sales', 'tenant_id');
SELECT schema, name, tenant_column, state FROM sql_agent.shared_tables WHERE schema = 'regress_shop' ORDER BY 2;
ALTER TABLE regress_shop.sales RENAME TO sale;
SELECT sql_agent.unshare_table('regress_shop.sale');
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'regress_shop.sale'::regclass;
SELECT count(*) FROM pg_policies WHERE tablename = 'sale';
SET ROLE regress_share_ann;
SELECT count(*) FROM regress_shop.sale;
RESET ROLE;

-- what was rolled back was not shared
BEGIN;
SELECT sql_agent.share_table('regress_shop.sale', 'tenant_id');
ROLLBACK;
SELECT relrowsecurity FROM pg_class WHERE oid = 'regress_shop.sale'::regclass;
-- policies that were made since keep row security on
SELECT sql_agent.share_table('regress_shop.sale', 'tenant_id');
CREATE POLICY mine ON regress_shop.sale USING (true);
SELECT sql_agent.unshare_table('regress_shop.sale');
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'regress_shop.sale'::regclass;
DROP POLICY mine ON regress_shop.sale;
ALTER TABLE regress_shop.sale DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
-- USAGE goes with the last table of a schema
SELECT sql_agent.unshare_table(format('%I.%I', schema, name)::regclass) FROM sql_agent.shared_tables WHERE schema = 'regress_shop' AND state <> 'missing';
SET ROLE regress_share_ann;
SELECT count(*) FROM regress_shop.land;
RESET ROLE;
SELECT count(*) FROM sql_agent.shared_tables WHERE schema = 'regress_shop' AND state <> 'missing';
SELECT sql_agent.share_table('regress_shop.sale', 'tenant_id');

-- members save views through the tenant's owner role
SET SESSION AUTHORIZATION regress_share_ann;
SET sql_agent.ask_summary = off;
CREATE VIEW regress_one.mine AS SELECT 1;
SELECT ask_view('by product', 'total amount per product');
SELECT relowner::regrole, reloptions, obj_description(oid) FROM pg_class WHERE oid = 'regress_one."by product"'::regclass;
SELECT * FROM regress_one."by product" ORDER BY 1;
SELECT ask_view('by product', 'how many sales');
SELECT ask_view('by product', 'how many sales', replace => true);
SELECT * FROM regress_one."by product";
SELECT name, question, saved_by FROM sql_agent.saved_views;
SELECT name, kind, comment, origin FROM sql_agent.my_tables WHERE kind = 'view';
DROP VIEW regress_one."by product";
-- another member reads it, an administrator of the tenant may drop it
RESET SESSION AUTHORIZATION;
SELECT FROM sql_agent.tenant_add_member('regress_one', 'regress_share_ali', create_login => true);
CREATE VIEW regress_one.dba AS SELECT 1 AS one;
SET SESSION AUTHORIZATION regress_share_ali;
SELECT * FROM regress_one."by product";
SELECT sql_agent.ask_view_drop('by product');
SELECT ask_view('by product', 'total amount per product', replace => true);
SELECT ask_view('dba', 'total amount per product', replace => true);
SELECT sql_agent.ask_view_drop('dba');
SELECT sql_agent.ask_view_drop(NULL);
SELECT sql_agent.ask_view_drop('by product', 'regress_one');
SET SESSION AUTHORIZATION regress_share_bob;
SELECT * FROM regress_one."by product";
SELECT * FROM sql_agent.saved_views;
SELECT sql_agent.ask_view_drop('by product');
SELECT sql_agent.ask_view_drop('by product', 'regress_one');
SET SESSION AUTHORIZATION regress_share_amy;
SELECT sql_agent.ask_view_drop('by product');
SELECT ask_view('counted', 'how many sales');
RESET SESSION AUTHORIZATION;
SELECT sql_agent.ask_view_drop('counted');
SELECT sql_agent.ask_view_drop('counted', 'regress_one');
SELECT sql_agent.ask_view_drop('counted', 'nobody');
-- an operator saves one for a tenant
SELECT ask_view('for one', 'how many sales', tenant => 'regress_one');
SELECT tenant, name, saved_by = current_user AS mine FROM sql_agent.saved_views;
SET SESSION AUTHORIZATION regress_share_bob;
SELECT ask_view('for one', 'how many sales', tenant => 'regress_one');
SET SESSION AUTHORIZATION regress_share_ann;
SELECT * FROM regress_one."for one";
SELECT sql_agent.ask_view_drop('for one');
RESET SESSION AUTHORIZATION;
SELECT sql_agent.ask_view_drop('for one', 'regress_one');

-- what belongs to everybody can not be taken away by one
SET SESSION AUTHORIZATION regress_share_ann;
DROP OWNED BY tenant_regress_one;
DROP OWNED BY sql_agent_user;
SELECT rolname AS tenants FROM pg_roles WHERE rolname LIKE 'sql\_agent\_tenants\_%' AND pg_has_role(oid, 'USAGE') \gset
\set VERBOSITY sqlstate
DROP OWNED BY :tenants;
\set VERBOSITY default
DROP OWNED BY regress_share_ann;
SELECT count(*) FROM regress_shop.sale;
RESET SESSION AUTHORIZATION;

SET client_min_messages = warning;
SELECT FROM sql_agent.unshare_table('regress_shop.sale');
SELECT count(sql_agent.tenant_drop(name, cascade => true)) FROM sql_agent.tenants WHERE name LIKE 'regress\_%';
DROP SCHEMA regress_shop CASCADE;
DROP OWNED BY regress_share_owner, regress_share_app;
DROP ROLE regress_share_owner, regress_share_app, regress_share_operator, regress_share_ann, regress_share_amy, regress_share_ali, regress_share_bob;
