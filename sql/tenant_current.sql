-- current_tenant() is a function of the effective role, whatever way it became effective
\pset null '(null)'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SELECT sql_agent.tenant_provision('acme', tenant_key => '1');
SELECT sql_agent.tenant_provision('beta', tenant_key => 'c0ffee00-0000-0000-0000-000000000000');
SELECT sql_agent.tenant_add_member('acme', 'regress_ann', create_login => true);
SELECT sql_agent.tenant_add_member('beta', 'regress_eve', create_login => true);
RESET client_min_messages;
CREATE ROLE regress_app LOGIN NOINHERIT;
GRANT regress_ann, regress_eve TO regress_app;
CREATE ROLE regress_group ROLE regress_ann;
CREATE ROLE regress_outsider LOGIN;

-- superusers, outsiders, members, and the tenant's own roles
SELECT sql_agent.current_tenant(), sql_agent.current_tenant_key(NULL::int);
SET ROLE regress_outsider;
SELECT sql_agent.current_tenant(), sql_agent.current_tenant_key(NULL::int);
SET ROLE regress_ann;
SELECT sql_agent.current_tenant(), sql_agent.current_tenant_key(NULL::int);
SET ROLE tenant_acme_owner;
SELECT sql_agent.current_tenant(), sql_agent.current_tenant_key(NULL::int);
RESET ROLE;

-- a pooled connection: one login, many members, one after the other
SET SESSION AUTHORIZATION regress_app;
SELECT sql_agent.current_tenant();
BEGIN;
SET LOCAL ROLE regress_ann;
SELECT sql_agent.current_tenant();
COMMIT;
BEGIN;
SET LOCAL ROLE regress_eve;
SELECT sql_agent.current_tenant();
ROLLBACK;
SELECT sql_agent.current_tenant();
RESET SESSION AUTHORIZATION;

-- the key as the column's type
SET ROLE regress_ann;
SELECT sql_agent.current_tenant_key(NULL::int) AS i, sql_agent.current_tenant_key(NULL::bigint) AS b,
       sql_agent.current_tenant_key(NULL::text) AS t, sql_agent.current_tenant_key(7::numeric) AS n,
       pg_typeof(sql_agent.current_tenant_key(NULL::smallint));
SELECT sql_agent.current_tenant_key(NULL::uuid);
SET ROLE regress_eve;
SELECT sql_agent.current_tenant_key(NULL::uuid), sql_agent.current_tenant_key(NULL::text);
SELECT sql_agent.current_tenant_key(NULL::int);
RESET ROLE;

-- policies on it, by every way to a table
CREATE SCHEMA regress_shared;
GRANT USAGE ON SCHEMA regress_shared TO PUBLIC;
CREATE TABLE regress_shared.sales (tenant_id text, amount int);
INSERT INTO regress_shared.sales
SELECT CASE WHEN g % 4 = 0 THEN '1' ELSE 'c0ffee00-0000-0000-0000-000000000000' END, 1 FROM generate_series(1, 20000) g;
CREATE INDEX sales_tenant ON regress_shared.sales (tenant_id);
ANALYZE regress_shared.sales;
ALTER TABLE regress_shared.sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON regress_shared.sales USING (tenant_id = (SELECT sql_agent.current_tenant_key(NULL::text)));
CREATE VIEW regress_shared.as_invoker WITH (security_invoker) AS SELECT * FROM regress_shared.sales;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_shared TO PUBLIC;
CREATE FUNCTION regress_shared.as_caller() RETURNS text LANGUAGE sql STABLE
RETURN concat(sql_agent.current_tenant(), ' ', (SELECT count(*) FROM regress_shared.sales));
SET ROLE regress_eve;
CREATE FUNCTION pg_temp.as_eve() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
RETURN concat(sql_agent.current_tenant(), ' ', (SELECT count(*) FROM regress_shared.sales));
GRANT EXECUTE ON FUNCTION pg_temp.as_eve() TO PUBLIC;
SELECT count(*) FROM regress_shared.sales;
SET ROLE regress_ann;
SELECT count(*) FROM regress_shared.sales;
SELECT count(*) FROM regress_shared.as_invoker;
SELECT regress_shared.as_caller();
-- who defined it decides, and only while it runs
SELECT pg_temp.as_eve(), sql_agent.current_tenant(), regress_shared.as_caller();
SET ROLE regress_outsider;
SELECT count(*) FROM regress_shared.sales;

-- an answer from which rows were hidden says so; a tenant's own answer has nothing to say
RESET ROLE;
GRANT sql_agent_user TO regress_outsider;
SELECT sql_agent.expose_schema('regress_shared');
SET sql_agent.ask_summary = off;
SELECT ask('how many sales', options => '{"record": false}');
SET ROLE regress_outsider;
SELECT ask('how many sales', options => '{"record": false}');
RESET ROLE;
SELECT ask('how many sales', tenant => 'beta', options => '{"record": false}');
GRANT USAGE ON SCHEMA regress_shared TO tenant_beta;
SELECT ask('how many sales', tenant => 'beta', options => '{"record": false}');

-- a prepared statement, planned for one role, run as another
SET ROLE regress_ann;
PREPARE counted AS SELECT count(*), sql_agent.current_tenant() FROM regress_shared.sales;
SET plan_cache_mode = force_generic_plan;
EXECUTE counted;
SET ROLE regress_eve;
EXECUTE counted;
RESET plan_cache_mode;
-- a cursor is its opener's
SET ROLE regress_ann;
BEGIN;
DECLARE mine CURSOR FOR SELECT sql_agent.current_tenant_key(NULL::text), count(*) FROM regress_shared.sales;
FETCH mine;
COMMIT;
RESET ROLE;

-- parallel workers ask for themselves
GRANT SELECT ON regress_shared.sales TO regress_ann;
SET ROLE regress_ann;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM regress_shared.sales WHERE sql_agent.current_tenant() = 'acme';
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT sql_agent.current_tenant(), sql_agent.current_tenant_key(NULL::int);
RESET ALL;
RESET ROLE;

-- what is known is forgotten when a membership changes, and comes back with a rollback
SET ROLE regress_ann;
SELECT sql_agent.current_tenant();
RESET ROLE;
BEGIN;
REVOKE tenant_acme FROM regress_ann;
SET LOCAL ROLE regress_ann;
SELECT sql_agent.current_tenant();
RESET ROLE;
SAVEPOINT s;
GRANT tenant_beta TO regress_group;
SET LOCAL ROLE regress_ann;
SELECT sql_agent.current_tenant();
ROLLBACK TO s;
SET LOCAL ROLE regress_ann;
SELECT sql_agent.current_tenant();
ROLLBACK;
SET ROLE regress_ann;
SELECT sql_agent.current_tenant();
RESET ROLE;
-- through a group as well; two are none
GRANT tenant_beta TO regress_group;
SET ROLE regress_ann;
SELECT sql_agent.current_tenant();
SELECT count(*) FROM regress_shared.sales;
RESET ROLE;
REVOKE tenant_beta FROM regress_group;
GRANT tenant_acme TO regress_group;
SET ROLE regress_ann;
SELECT sql_agent.current_tenant();
RESET ROLE;
-- a superuser never
ALTER ROLE regress_ann SUPERUSER;
SET ROLE regress_ann;
SELECT sql_agent.current_tenant();
RESET ROLE;
ALTER ROLE regress_ann NOSUPERUSER;
-- nothing that a statement can set decides
SET ROLE regress_ann;
SELECT set_config('search_path', 'beta', false), set_config('role', 'regress_ann', false), sql_agent.current_tenant();
RESET search_path;
RESET ROLE;

-- ten thousand calls, and roles beyond what is kept, leave no memory behind
CREATE FUNCTION pg_temp.kept() RETURNS bigint LANGUAGE sql AS
$$ SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts WHERE name LIKE 'sql_agent tenant%' $$;
DO $$
DECLARE
  before bigint;
BEGIN
  FOR i IN 1 .. 100 LOOP
    EXECUTE format('CREATE ROLE regress_many_%s IN ROLE tenant_acme', i);
  END LOOP;
  FOR round IN 1 .. 100 LOOP
    FOR i IN 1 .. 100 LOOP
      EXECUTE format('SET LOCAL ROLE regress_many_%s', i);
      IF sql_agent.current_tenant() IS DISTINCT FROM 'acme' OR sql_agent.current_tenant_key(NULL::text) IS DISTINCT FROM '1' THEN
        RAISE EXCEPTION 'wrong tenant';
      END IF;
    END LOOP;
    RESET ROLE;
    IF round = 10 THEN before := pg_temp.kept(); END IF;
  END LOOP;
  IF pg_temp.kept() > before THEN RAISE EXCEPTION 'grew from % to %', before, pg_temp.kept(); END IF;
  FOR i IN 1 .. 100 LOOP
    EXECUTE format('DROP ROLE regress_many_%s', i);
  END LOOP;
END $$;

DROP FUNCTION pg_temp.as_eve();
DROP SCHEMA regress_shared CASCADE;
SET client_min_messages = warning;
SELECT sql_agent.tenant_drop('acme', true);
SELECT sql_agent.tenant_drop('beta', true);
DROP OWNED BY regress_ann, regress_eve, regress_app, regress_group, regress_outsider;
DROP ROLE regress_ann, regress_eve, regress_app, regress_group, regress_outsider;
