-- Value profiles: what questions know of stored values, read as the asking role.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_values_ann;
CREATE ROLE regress_values_bob;
GRANT sql_agent_user TO regress_values_ann, regress_values_bob;
CREATE SCHEMA values_shop;
GRANT USAGE ON SCHEMA values_shop TO regress_values_ann, regress_values_bob;
SET sql_agent.allowed_schemas = 'values_shop';
SET sql_agent.profile_timeout = '10s';
CREATE TYPE values_shop.mood AS ENUM ('happy', 'so so', 'sad');
CREATE TABLE values_shop.people (
  id int, name text, city varchar(30), code char(5), mood values_shop.mood, born date,
  seen timestamptz, score numeric, ratio float8, active boolean, details jsonb, photo bytea, essay text, tags text[]
);
INSERT INTO values_shop.people VALUES
  (1, 'Larry Summers', 'São Paulo', 'ab', 'happy', '1954-11-30', '2026-01-01 10:00+00', 1.50, 0.5, true, '{"a": 1}', 'x', repeat('long ', 100), '{x}'),
  (2, 'Élodie Doe', 'Paris', 'cd', 'so so', '1999-02-01', NULL, -3, 'NaN', false, '{"a": 2}', 'y', repeat('text ', 100), '{y}'),
  (3, 'Bob', 'PARIS', 'ef', NULL, NULL, '2026-02-01 10:00+00', 20, 1e10, NULL, NULL, NULL, NULL, NULL),
  (4, repeat('very long name ', 10), NULL, NULL, 'sad', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE values_shop.empty (word text, n int);
CREATE TABLE values_shop."odd ""table" ("odd ""column" text);
INSERT INTO values_shop."odd ""table" VALUES ('it''s; --'), ('50% off');
GRANT SELECT ON ALL TABLES IN SCHEMA values_shop TO regress_values_ann, regress_values_bob;
SET timezone = 'America/New_York';
SET datestyle = 'German';

SET ROLE regress_values_ann;
SELECT c AS column, p.* FROM unnest(ARRAY['id', 'name', 'city', 'code', 'mood', 'born', 'score', 'ratio', 'active', 'details', 'photo', 'essay', 'tags']::name[]) c,
  LATERAL sql_agent.column_profile('values_shop.people', c) p;
SELECT min IS NOT NULL AS has_min FROM sql_agent.column_profile('values_shop.people', 'seen');
SELECT * FROM sql_agent.column_profile('values_shop.empty', 'word');
SELECT * FROM sql_agent.column_profile('values_shop."odd ""table"', 'odd "column');
SELECT * FROM sql_agent.column_profile('values_shop.people', 'nothing');
SELECT * FROM sql_agent.column_profile('pg_class', 'relname');

-- whole values first, case and accents do not matter; then values that hold the words
SELECT "table", "column", value, match FROM sql_agent.find_value('sao paulo');
SELECT "table", "column", value, match FROM sql_agent.find_value('  Paris ');
SELECT "table", "column", value, match FROM sql_agent.find_value('larry');
SELECT "table", "column", value, match FROM sql_agent.find_value('elodie doe');
SELECT "table", "column", value, match FROM sql_agent.find_value('summers larry');
SELECT "table", "column", value, match FROM sql_agent.find_value('so so');
SELECT "table", "column", value, match FROM sql_agent.find_value('arry');
SELECT "table", "column", value, match FROM sql_agent.find_value('its; --');
SELECT "table", "column", value, match FROM sql_agent.find_value('');
RESET ROLE;

-- the limits: number of values, size of the sample
SET sql_agent.profile_values = 3;
CREATE TABLE values_shop.many AS
  SELECT 'v' || (g % 5) AS v, 'same' AS s, g FROM generate_series(1, 30000) g;
GRANT SELECT ON values_shop.many TO regress_values_ann;
SET ROLE regress_values_ann;
SELECT complete, sampled, cardinality(values) FROM sql_agent.column_profile('values_shop.many', 'v');
SELECT complete, sampled, values FROM sql_agent.column_profile('values_shop.many', 's');
SELECT complete, sampled, cardinality(values), distinct_seen FROM sql_agent.column_profile('values_shop.many', 'g');
RESET ROLE;
RESET sql_agent.profile_values;

-- a big table is sampled from all over, a partitioned one from all its partitions
CREATE TABLE values_shop.parts (region text, n int) PARTITION BY LIST (region);
CREATE TABLE values_shop.parts_a PARTITION OF values_shop.parts FOR VALUES IN ('north', 'east');
CREATE TABLE values_shop.parts_b PARTITION OF values_shop.parts FOR VALUES IN ('south');
INSERT INTO values_shop.parts SELECT CASE WHEN g % 3 = 0 THEN 'south' WHEN g < 5000 THEN 'east' ELSE 'north' END, g
  FROM generate_series(1, 90000) g;
ANALYZE values_shop.parts_a, values_shop.parts_b;
GRANT SELECT ON values_shop.parts TO regress_values_ann;
SET ROLE regress_values_ann;
SELECT complete, sampled, values FROM sql_agent.column_profile('values_shop.parts', 'region');
RESET ROLE;

-- a wide table takes several statements
DO $$
BEGIN
  EXECUTE 'CREATE TABLE values_shop.wide AS SELECT ' ||
    (SELECT string_agg(format('%L::text AS w%s', 'value ' || g, g), ', ') FROM generate_series(1, 120) g);
END $$;
GRANT SELECT ON values_shop.wide TO regress_values_ann;
SET ROLE regress_values_ann;
SELECT values FROM sql_agent.column_profile('values_shop.wide', 'w1');
SELECT values FROM sql_agent.column_profile('values_shop.wide', 'w64');
SELECT values FROM sql_agent.column_profile('values_shop.wide', 'w65');
RESET ROLE;

-- what was written since is found, committed or not
SET ROLE regress_values_ann;
SELECT value FROM sql_agent.find_value('zanzibar');
RESET ROLE;
BEGIN;
INSERT INTO values_shop.people (id, city) VALUES (5, 'Zanzibar');
SET LOCAL ROLE regress_values_ann;
SELECT value FROM sql_agent.find_value('zanzibar');
ROLLBACK;
INSERT INTO values_shop.people (id, city) VALUES (5, 'Timbuktu');
SET ROLE regress_values_ann;
SELECT value FROM sql_agent.find_value('timbuktu');
RESET ROLE;

-- turned off
SET sql_agent.profile_timeout = 0;
SET ROLE regress_values_ann;
SELECT * FROM sql_agent.column_profile('values_shop.people', 'city');
SELECT * FROM sql_agent.column_profile('values_shop.many', 'v');
RESET ROLE;
SET sql_agent.profile_timeout = '10s';

-- row security: each role has values of its own
CREATE TABLE values_shop.letters (owner name, body text);
INSERT INTO values_shop.letters VALUES ('regress_values_ann', 'apple'), ('regress_values_bob', 'banana');
ALTER TABLE values_shop.letters ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON values_shop.letters USING (owner = current_user);
GRANT SELECT ON values_shop.letters TO regress_values_ann, regress_values_bob;
SET ROLE regress_values_ann;
SELECT values FROM sql_agent.column_profile('values_shop.letters', 'body');
SELECT value FROM sql_agent.find_value('banana');
SET ROLE regress_values_bob;
SELECT values FROM sql_agent.column_profile('values_shop.letters', 'body');
SELECT value FROM sql_agent.find_value('banana');
RESET ROLE;
-- another policy: the profile read under the old one is gone
DROP POLICY own ON values_shop.letters;
SET ROLE regress_values_bob;
SELECT values FROM sql_agent.column_profile('values_shop.letters', 'body');
RESET ROLE;
-- policies that go by a parameter of the session, as applications with pooled connections do:
-- not to be asked about unless a superuser permits it, and then never one's values for another
CREATE POLICY by_parameter ON values_shop.letters
  USING (owner = 'regress_values_' || current_setting('values_app.tenant', true));
SET ROLE regress_values_bob;
SELECT count(*) FROM sql_agent.my_tables WHERE name = 'letters';
RESET ROLE;
INSERT INTO sql_agent.allowed_relation (identity, hash)
  VALUES ('values_shop.letters', md5(current_user || E' r\n'));
SET ROLE regress_values_bob;
SET values_app.tenant = 'ann';
SELECT values FROM sql_agent.column_profile('values_shop.letters', 'body');
SET values_app.tenant = 'bob';
SELECT values FROM sql_agent.column_profile('values_shop.letters', 'body');
SELECT value FROM sql_agent.find_value('apple');
BEGIN;
SET LOCAL values_app.tenant = 'ann';
SELECT value FROM sql_agent.find_value('apple');
COMMIT;
SELECT value FROM sql_agent.find_value('apple');
-- tables without row security do not care for parameters
SELECT profiles > 1 AS others_kept FROM sql_agent.snapshot_info();
SET values_app.tenant = 'ann';
SELECT profiles > 1 AS others_kept FROM sql_agent.snapshot_info();
RESET ROLE;

-- a column that is taken away takes its values along
SET ROLE regress_values_ann;
SELECT "column", value FROM sql_agent.find_value('bob');
RESET ROLE;
REVOKE SELECT ON values_shop.people FROM regress_values_ann;
GRANT SELECT (id, city) ON values_shop.people TO regress_values_ann;
SET ROLE regress_values_ann;
SELECT "column", value FROM sql_agent.find_value('bob');
SELECT "column", value FROM sql_agent.find_value('sao paulo');
RESET ROLE;

-- views, materialized views, a view that fails, one that takes too long
CREATE VIEW values_shop.cities WITH (security_invoker = true) AS
  SELECT DISTINCT upper(city) AS city_upper FROM values_shop.people;
CREATE VIEW values_shop.broken WITH (security_invoker = true) AS
  SELECT 'word'::text AS word, 1 / (id - 1) AS ratio FROM values_shop.people;
GRANT SELECT ON values_shop.cities, values_shop.broken TO regress_values_ann;
SET ROLE regress_values_ann;
SELECT values FROM sql_agent.column_profile('values_shop.cities', 'city_upper');
SELECT * FROM sql_agent.column_profile('values_shop.broken', 'word');
RESET ROLE;

SET client_min_messages = warning;
DELETE FROM sql_agent.allowed_relation WHERE identity LIKE 'values_shop.%';
DROP SCHEMA values_shop CASCADE;
DROP ROLE regress_values_ann, regress_values_bob;
