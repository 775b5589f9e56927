-- KPIs and insights
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SELECT sql_agent.tenant_provision('acme'), sql_agent.tenant_provision('other');
SELECT sql_agent.tenant_add_member('acme', 'insight_ann', create_login => true),
       sql_agent.tenant_add_member('acme', 'insight_bob', create_login => true),
       sql_agent.tenant_add_member('acme', 'insight_adm', tenant_admin => true, create_login => true),
       sql_agent.tenant_add_member('other', 'insight_eve', create_login => true);
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';

-- 100 days with a weekly season; the last is a Sunday with a third of what is usual
CREATE TABLE acme.orders (id int GENERATED ALWAYS AS IDENTITY, ordered_at timestamptz, ordered_on date, region text, amount numeric, status text);
INSERT INTO acme.orders (ordered_at, ordered_on, region, amount, status)
  SELECT d + make_interval(mins => 13 * g), d::date, CASE g % 3 WHEN 0 THEN 'North' WHEN 1 THEN 'South' ELSE 'East' END,
         50 + (g * 37 + extract(doy FROM d)::int * 11) % 60, CASE WHEN g % 10 = 0 THEN 'open' ELSE 'paid' END
    FROM generate_series(timestamptz '2024-03-02 00:00+00', '2024-06-09 00:00+00', '1 day') d,
         LATERAL generate_series(1, CASE WHEN d = '2024-06-09 00:00+00' THEN 10 WHEN extract(isodow FROM d) = 7 THEN 30
                                         WHEN extract(isodow FROM d) = 6 THEN 60 ELSE 100 END + extract(day FROM d)::int % 5) g;
ALTER TABLE acme.orders OWNER TO tenant_acme_owner;
GRANT SELECT ON acme.orders TO tenant_acme;
CREATE TABLE other.secret (day date, n int);
ALTER TABLE other.secret OWNER TO tenant_other_owner;
GRANT SELECT ON other.secret TO tenant_other;
SET sql_agent.as_of = '2024-06-10';

SET SESSION AUTHORIZATION insight_ann;
SELECT sql_agent.kpi_create('revenue', 'acme.orders', 'sum(amount)', 'ordered_at', ARRAY['region']::name[]);
SELECT sql_agent.kpi_create('open orders', 'acme.orders', 'count(*)', 'ordered_on', favorable => 'down', filter => $$status = 'open'$$);
SELECT sql_agent.kpi_create('basket', 'acme.orders', 'avg(amount)', 'ordered_at', options => '{"time_zone": "Asia/Tokyo"}');
SELECT sql_agent.kpi_create('margin', 'acme.orders', 'sum(amount) - sum(amount) / 2', 'ordered_on', granularity => 'week');
SELECT sql_agent.kpi_create('by month', 'acme.orders', 'count(DISTINCT region)', 'ordered_on', granularity => 'month', favorable => 'none');
SELECT sql_agent.kpi_create('sigma', 'acme.orders', 'count(*)', 'ordered_on', options => '{"method": "sigma", "threshold": 1.5}');
SELECT name, tenant, owner_role, relation, measure, time_column, time_zone, dimensions, granularity, favorable, filter, options, created_by,
       last_run_at IS NULL AS never_run
  FROM sql_agent.kpis ORDER BY name;
SELECT * FROM sql_agent.kpi_values('revenue', 8);
SELECT * FROM sql_agent.kpi_values('margin', 4);
SELECT * FROM sql_agent.kpi_values('by month', 4);

-- what was found, and only once
SELECT sql_agent.insight_run();
SELECT kpi, type, priority, sentiment, first_day, last_day, dimension_values AS of, round(current_value::numeric, 1) AS current,
       round(expected_value::numeric, 1) AS expected, round(change::numeric, 2) AS change, round(score::numeric, 1) AS score
  FROM sql_agent.insights ORDER BY kpi, type, dimension_values::text;
SELECT sentence FROM sql_agent.insights ORDER BY kpi, type, dimension_values::text;
SELECT sql_agent.insight_run() AS again;
-- the SQL proves it
SELECT sql AS proof FROM sql_agent.insights WHERE kpi = 'revenue' AND type = 'unusual_value' LIMIT 1 \gset
\echo :proof
SELECT count(*) AS days, (array_agg(value ORDER BY bucket DESC))[1] AS last
  FROM (SELECT (r ->> 'bucket')::date AS bucket, (r ->> 'value')::float8 AS value FROM sql_agent.run_sql(:'proof') r) s;

-- rows stop coming
SET sql_agent.as_of = '2024-06-20';
SELECT sql_agent.insight_run();
SELECT kpi, type, priority, sentence FROM sql_agent.insights WHERE type = 'no_new_data' ORDER BY kpi;
-- three days later it is the same
SET sql_agent.as_of = '2024-06-23';
SELECT sql_agent.insight_run();
-- late rows are waited for
SET sql_agent.as_of = '2024-06-12';
SELECT sql_agent.kpi_create('late', 'acme.orders', 'count(*)', 'ordered_on', options => '{"delay": 2}');
SELECT max(bucket) FROM sql_agent.kpi_values('late', 5);
SET sql_agent.as_of = '2024-06-10';

-- dealt with
SELECT id FROM sql_agent.insights WHERE kpi = 'sigma' LIMIT 1 \gset
SELECT sql_agent.insight_dismiss(:'id');
SELECT dismissed_by, dismissed_at IS NOT NULL AS dismissed FROM sql_agent.insights WHERE id = :'id';
SELECT sql_agent.insight_dismiss(:'id', false);
SELECT dismissed_by, dismissed_at IS NOT NULL AS dismissed FROM sql_agent.insights WHERE id = :'id';
SELECT sql_agent.insight_dismiss('00000000-0000-0000-0000-000000000000');

-- what is refused
\set VERBOSITY default
SELECT sql_agent.kpi_create('revenue', 'acme.orders', 'sum(amount)', 'ordered_at');
SELECT sql_agent.kpi_create('', 'acme.orders', 'sum(amount)', 'ordered_at');
SELECT sql_agent.kpi_create(E'a\nb', 'acme.orders', 'sum(amount)', 'ordered_at');
SELECT sql_agent.kpi_create(NULL, 'acme.orders', 'sum(amount)', 'ordered_at');
SELECT sql_agent.kpi_create('x', NULL, 'sum(amount)', 'ordered_at');
SELECT sql_agent.kpi_create('x', 0, 'sum(amount)', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount) FROM acme.orders --', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount), 1', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', '1) , (2', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount) /*', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', '', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', repeat('1+', 1000) || '1', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'amount', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'max(region)', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'count(pg_sleep(1))', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', '(SELECT count(*) FROM other.secret)', 'ordered_at');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'region');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'nothing');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', ARRAY['nothing']::name[]);
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', ARRAY[NULL]::name[]);
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', granularity => 'hour');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', favorable => 'left');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', filter => 'true) GROUP BY 1 HAVING (true');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', filter => 'true ORDER BY 1');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', options => '{"window": 3}');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', options => '{"method": "magic"}');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', options => '{"threshold": "big"}');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', options => '{"threshold": 0}');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', options => '{"time_zone": "Moon/Crater"}');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', options => '[]');
SELECT sql_agent.kpi_create('x', 'acme.orders', 'sum(amount)', 'ordered_at', tenant => 'other');
SELECT sql_agent.kpi_create('x', 'pg_catalog.pg_stat_activity', 'count(*)', 'backend_start');
SELECT sql_agent.kpi_drop('nothing');
SELECT * FROM sql_agent.kpi_values('nothing');
SELECT * FROM sql_agent.kpi_values('revenue', 0);
SELECT * FROM sql_agent.kpi;
SELECT * FROM sql_agent.insight;
SELECT sql_agent.insight_run('other');

-- other members of the tenant see them; only administrators drop what others made
SET SESSION AUTHORIZATION insight_bob;
SELECT count(*) AS kpis, (SELECT count(*) > 0 FROM sql_agent.insights) AS insights FROM sql_agent.kpis;
SELECT sql_agent.kpi_drop('margin');
SET SESSION AUTHORIZATION insight_adm;
SELECT sql_agent.kpi_drop('margin');
-- the first KPI has brought a schedule, which administrators see
SELECT name, kind, cron, tenant, owner_role, status, next_run > now() AS will_run FROM sql_agent.schedules;
-- another tenant sees nothing
SET SESSION AUTHORIZATION insight_eve;
SELECT count(*) FROM sql_agent.kpis;
SELECT count(*) FROM sql_agent.insights;
\set VERBOSITY sqlstate
SELECT sql_agent.insight_dismiss(:'id');
\set VERBOSITY default
SELECT sql_agent.kpi_drop('revenue');
SELECT * FROM sql_agent.kpi_values('revenue', 3);
SELECT sql_agent.kpi_create('theirs', (SELECT c.oid::regclass FROM pg_class c WHERE c.relname = 'orders' AND c.relnamespace = 'acme'::regnamespace), 'count(*)', 'ordered_on');
SELECT sql_agent.insight_run();
RESET SESSION AUTHORIZATION;

-- an operator: for a tenant, or for all
SELECT sql_agent.kpi_create('for other', 'other.secret', 'sum(n)', 'day', tenant => 'other');
SELECT sql_agent.insight_run('acme');
SELECT sql_agent.insight_run();
SELECT name, tenant, last_run_at IS NOT NULL AS run, last_error FROM sql_agent.kpis WHERE name IN ('for other', 'late') ORDER BY 1;

-- what can not be read does not stop the others
ALTER TABLE acme.orders RENAME COLUMN status TO state;
SELECT sql_agent.tenant_suspend('other');
SELECT sql_agent.insight_run();
SELECT name, last_error FROM sql_agent.kpis WHERE last_error IS NOT NULL ORDER BY 1;
SELECT sql_agent.tenant_resume('other');
ALTER TABLE acme.orders RENAME COLUMN state TO status;

-- hostile values: a member of a dimension that no index holds, numbers that are none
CREATE TABLE acme.hostile (day date, n float8, kind text);
INSERT INTO acme.hostile
  SELECT DATE '2024-06-09' - i, CASE WHEN i > 0 THEN 10 WHEN k = 'down' THEN -5000 ELSE 1000 END,
         CASE k WHEN 'long' THEN (SELECT string_agg(md5(g::text), '') FROM generate_series(1, 1000) g) WHEN 'escape' THEN E'\x1b[31mred' ELSE k END
    FROM generate_series(0, 80) i, unnest(ARRAY['down', 'long', 'escape']) k, generate_series(1, 20);
ALTER TABLE acme.hostile OWNER TO tenant_acme_owner;
GRANT SELECT ON acme.hostile TO tenant_acme;
SET SESSION AUTHORIZATION insight_bob;
SET sql_agent.as_of = '2024-06-10';
SELECT sql_agent.kpi_create('hostile', 'acme.hostile', 'sum(n)', 'day', ARRAY['kind']::name[]);
SELECT sql_agent.insight_run();
SELECT sentence FROM sql_agent.insights WHERE kpi = 'hostile' ORDER BY type, sentence;
RESET SESSION AUTHORIZATION;
UPDATE acme.hostile SET n = 'Infinity' WHERE day = '2024-06-09';
DELETE FROM sql_agent.insight;
SET SESSION AUTHORIZATION insight_bob;
SELECT sql_agent.insight_run('acme') > 0 AS of_others;
SELECT value FROM sql_agent.kpi_values('hostile', 1);
SELECT sentence FROM sql_agent.insights WHERE kpi = 'hostile';
-- a text is read in one way, whatever the session says of backslashes
SELECT sql_agent.kpi_create('text', 'acme.hostile', $$max(n) + length('\' || ') union select 1 --')$$, 'day');
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT count(*) FROM sql_agent.kpi_values('text', 3);
RESET standard_conforming_strings;
SELECT sql_agent.kpi_drop('text'), sql_agent.kpi_drop('hostile');
RESET SESSION AUTHORIZATION;

-- a role of no tenant: its own
CREATE ROLE insight_solo LOGIN;
GRANT sql_agent_user TO insight_solo;
CREATE SCHEMA solo AUTHORIZATION insight_solo;
CREATE TABLE solo.visit (day date, n int);
INSERT INTO solo.visit SELECT DATE '2024-06-09' - i, 100 + i % 7 FROM generate_series(1, 60) i;
INSERT INTO solo.visit VALUES ('2024-06-09', 300);
ALTER TABLE solo.visit OWNER TO insight_solo;
SELECT sql_agent.expose_schema('solo');
ALTER DATABASE :"DBNAME" SET sql_agent.allowed_schemas = 'solo';
\c -
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET SESSION AUTHORIZATION insight_solo;
SET sql_agent.as_of = '2024-06-10';
SELECT sql_agent.kpi_create('visits', 'solo.visit', 'sum(n)', 'day');
SELECT sql_agent.insight_run();
SELECT kpi, tenant, type, priority, sentiment, sentence FROM sql_agent.insights ORDER BY type;
RESET SESSION AUTHORIZATION;
ALTER DATABASE :"DBNAME" RESET sql_agent.allowed_schemas;

-- a tenant's KPIs follow it
SELECT sql_agent.tenant_rename('acme', 'acme2');
SELECT name, tenant, owner_role, relation FROM sql_agent.kpis WHERE name = 'revenue';
SET sql_agent.as_of = '2024-06-10';
SELECT count(*) FROM sql_agent.kpi_values('revenue', 5, tenant => 'acme2');
SELECT sql_agent.tenant_drop('acme2', cascade => true), sql_agent.tenant_drop('other', cascade => true);
SELECT tenant, name FROM sql_agent.kpis;
SELECT count(*) FROM sql_agent.insights;
SELECT sql_agent.kpi_drop('visits');
SELECT sql_agent.kpi_create('own', 'solo.visit', 'sum(n)', 'day');
SELECT name, kind, tenant FROM sql_agent.schedules WHERE owner_role = current_user;
SELECT sql_agent.kpi_drop('own');
SELECT count(*) AS schedules FROM sql_agent.schedules WHERE owner_role = current_user;

SET ROLE insight_solo;
SELECT sql_agent.kpi_drop('visits');
RESET ROLE;
DROP SCHEMA solo CASCADE;
DROP OWNED BY insight_solo;
DROP ROLE insight_ann, insight_bob, insight_adm, insight_eve, insight_solo;
