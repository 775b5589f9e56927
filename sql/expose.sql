-- expose_schema(): what questions of superusers and operators may be about.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SET client_min_messages = warning;
CREATE ROLE regress_expose_owner;
CREATE ROLE regress_expose_maker;
CREATE ROLE regress_expose_other;
GRANT sql_agent_user TO regress_expose_owner, regress_expose_other;
CREATE SCHEMA expose_shop AUTHORIZATION regress_expose_owner;
GRANT ALL ON SCHEMA expose_shop TO regress_expose_maker;
SET ROLE regress_expose_owner;
CREATE TABLE expose_shop.orders (id int);
CREATE VIEW expose_shop."Open orders" WITH (security_invoker = true) AS SELECT * FROM expose_shop.orders;
CREATE SEQUENCE expose_shop.numbers;
SET ROLE regress_expose_maker;
CREATE TABLE expose_shop.parts (id int);
RESET ROLE;
RESET client_min_messages;
CREATE VIEW pg_temp.seen AS
  SELECT c.relname, has_table_privilege('sql_agent_reader', c.oid, 'SELECT') AS seen
    FROM pg_class c WHERE relnamespace = 'expose_shop'::regnamespace AND relkind IN ('r', 'v')
   ORDER BY relname COLLATE "C";

-- the owner of the schema grants what is theirs to grant, and hears of the rest
SET ROLE regress_expose_owner;
SELECT sql_agent.expose_schema('expose_shop');
RESET ROLE;
SELECT * FROM pg_temp.seen;
SELECT * FROM sql_agent.exposed_schemas WHERE schema LIKE 'expose%';
SELECT name, kind FROM sql_agent.my_tables WHERE schema = 'expose_shop';
-- later tables of the owner are seen, those of the other maker are not
SET ROLE regress_expose_owner;
CREATE TABLE expose_shop.later_mine (id int);
SET ROLE regress_expose_maker;
CREATE TABLE expose_shop.later_theirs (id int);
RESET ROLE;
SELECT * FROM pg_temp.seen;
SELECT name FROM sql_agent.my_tables WHERE schema = 'expose_shop';

-- a superuser can grant all of it
SELECT sql_agent.expose_schema('expose_shop');
SET ROLE regress_expose_maker;
CREATE TABLE expose_shop.last_theirs (id int);
RESET ROLE;
SELECT * FROM pg_temp.seen;

-- and take all of it back
SELECT sql_agent.hide_schema('expose_shop');
SELECT * FROM pg_temp.seen;
SELECT * FROM sql_agent.exposed_schemas WHERE schema LIKE 'expose%';
SELECT count(*) FROM sql_agent.my_tables WHERE schema = 'expose_shop';
SET ROLE regress_expose_maker;
CREATE TABLE expose_shop.after_hiding (id int);
RESET ROLE;
SELECT seen FROM pg_temp.seen WHERE relname = 'after_hiding';
SELECT count(*) FROM pg_default_acl WHERE defaclnamespace = 'expose_shop'::regnamespace;
SELECT sql_agent.hide_schema('expose_shop');

-- the schema without its tables
SELECT sql_agent.expose_schema('expose_shop', tables => false);
GRANT SELECT ON expose_shop.orders TO sql_agent_reader;
SELECT * FROM sql_agent.exposed_schemas WHERE schema LIKE 'expose%';
SELECT name FROM sql_agent.my_tables WHERE schema = 'expose_shop';

-- exposed schemas count for ordinary roles as well, within their privileges
GRANT USAGE ON SCHEMA expose_shop TO regress_expose_other;
GRANT SELECT ON expose_shop.parts TO regress_expose_other;
SET sql_agent.allowed_schemas = 'nowhere';
SET ROLE regress_expose_other;
SELECT name FROM sql_agent.my_tables;

-- what is refused
SELECT sql_agent.expose_schema('expose_shop');
SELECT sql_agent.hide_schema('expose_shop');
RESET ROLE;
SELECT sql_agent.expose_schema('no_such_schema');
SELECT sql_agent.expose_schema(NULL);
SELECT sql_agent.expose_schema('pg_catalog');
SELECT sql_agent.expose_schema('information_schema');
SELECT sql_agent.expose_schema('sql_agent');
CREATE ROLE regress_expose_nobody;
SET ROLE regress_expose_nobody;
SELECT sql_agent.expose_schema('expose_shop');
RESET ROLE;

-- a grant of another role can not be taken back, and is told
SELECT sql_agent.hide_schema('expose_shop');
SET ROLE regress_expose_owner;
GRANT USAGE ON SCHEMA expose_shop TO regress_expose_maker WITH GRANT OPTION;
SET ROLE regress_expose_maker;
GRANT USAGE ON SCHEMA expose_shop TO sql_agent_reader;
RESET ROLE;
SELECT sql_agent.hide_schema('expose_shop');
SET ROLE regress_expose_maker;
REVOKE USAGE ON SCHEMA expose_shop FROM sql_agent_reader;
RESET ROLE;

-- a hostile name
CREATE SCHEMA "expose""; DROP TABLE x; --";
CREATE TABLE "expose""; DROP TABLE x; --"."t""able" (id int);
SELECT sql_agent.expose_schema('expose"; DROP TABLE x; --');
SELECT schema, name FROM sql_agent.my_tables WHERE schema LIKE 'expose"%';
SELECT sql_agent.hide_schema('expose"; DROP TABLE x; --');

SET client_min_messages = warning;
DROP SCHEMA "expose""; DROP TABLE x; --" CASCADE;
DROP SCHEMA expose_shop CASCADE;
DROP ROLE regress_expose_owner, regress_expose_maker, regress_expose_other, regress_expose_nobody;
