-- the life of a tenant: provision, repair, rename, suspend, drop
\pset null '(null)'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
RESET client_min_messages;
CREATE ROLE regress_operator LOGIN IN ROLE sql_agent_admin;
CREATE ROLE regress_nobody LOGIN IN ROLE sql_agent_user;

-- what a tenant's roles are, and what they may
CREATE VIEW tenant_roles AS
SELECT r.rolname, r.rolcanlogin, r.rolinherit,
       r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls AS special,
       (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) AS member_of,
       (SELECT count(*) FROM pg_auth_members m WHERE m.roleid = r.oid) AS members
FROM pg_roles r WHERE r.rolname LIKE 'tenant\_%' ORDER BY r.rolname COLLATE "C";

-- only operators, though they may make no role themselves
SET SESSION AUTHORIZATION regress_nobody;
SELECT sql_agent.tenant_provision('acme');
SELECT public.tenant_provision('acme');
SET SESSION AUTHORIZATION regress_operator;
SELECT sql_agent.tenant_provision('acme', 'Acme Inc.', '42', options => '{"max_asks": 2}');
SELECT tenant_provision('Ümlaut "q"');
SELECT name, display_name, tenant_key, reader_role, owner_role, members, created_by, suspended_at, options
  FROM sql_agent.tenants ORDER BY name COLLATE "C";
RESET SESSION AUTHORIZATION;
SELECT * FROM tenant_roles;
SELECT nspname, nspowner::regrole, replace(nspacl::text, current_user::text, '(me)') AS acl
  FROM pg_namespace WHERE nspname IN ('acme', 'Ümlaut "q"') ORDER BY 1;

-- what the owner role makes is the reader's to read
SET ROLE tenant_acme_owner;
CREATE TABLE acme.orders (id int PRIMARY KEY, amount numeric);
INSERT INTO acme.orders VALUES (1, 10), (2, 20);
CREATE VIEW acme.big AS SELECT * FROM acme.orders WHERE amount > 15;
SET ROLE tenant_acme;
SELECT count(*) FROM acme.orders;
INSERT INTO acme.orders VALUES (3, 30);
CREATE TABLE acme.mine (id int);
RESET ROLE;

-- names
SELECT sql_agent.tenant_provision(NULL);
SELECT sql_agent.tenant_provision('');
SELECT sql_agent.tenant_provision(repeat('x', 51));
SELECT sql_agent.tenant_provision(repeat('ü', 26));
SELECT sql_agent.tenant_provision(repeat('x', 50));
SELECT length(reader_role), length(owner_role) FROM sql_agent.tenants WHERE name = repeat('x', 50);
SELECT sql_agent.tenant_drop(repeat('x', 50));
SELECT sql_agent.tenant_provision('pg_catalog');
SELECT sql_agent.tenant_provision('pg_x');
SELECT sql_agent.tenant_provision('public');
SELECT sql_agent.tenant_provision('information_schema');
SELECT sql_agent.tenant_provision('sql_agent');
SELECT sql_agent.tenant_provision('$user');
SELECT sql_agent.tenant_provision('acme_owner');
SELECT sql_agent.tenant_provision(E'a\nb');
SELECT sql_agent.tenant_provision(U&'a\202Eb');
SELECT sql_agent.tenant_provision(' a');
SELECT sql_agent.tenant_provision('a', E'\x1b[31mred');
SELECT sql_agent.tenant_provision('a', '');
SELECT sql_agent.tenant_provision('a', tenant_key => repeat('k', 201));

-- what is there already is not taken over
SELECT sql_agent.tenant_provision('acme');
SELECT sql_agent.tenant_provision('acme2', tenant_key => '42');
CREATE SCHEMA taken;
SELECT sql_agent.tenant_provision('taken');
SELECT sql_agent.tenant_provision('taken', if_not_exists => true);
CREATE ROLE tenant_taken2;
SELECT sql_agent.tenant_provision('taken2');
SELECT sql_agent.tenant_provision('taken2', if_not_exists => true);
DROP ROLE tenant_taken2;
CREATE ROLE tenant_taken2_owner;
SELECT sql_agent.tenant_provision('taken2');
COMMENT ON ROLE tenant_taken2_owner IS 'sql_agent role of 00000000-0000-0000-0000-000000000000, made in database somewhere';
SELECT sql_agent.tenant_provision('taken2');
DROP ROLE tenant_taken2_owner;
DROP SCHEMA taken;
-- nothing was left behind
SELECT rolname FROM tenant_roles;
SELECT name FROM sql_agent.tenants ORDER BY name COLLATE "C";

-- a tenant of a transaction that is rolled back never was
BEGIN;
SELECT sql_agent.tenant_provision('gone');
SET ROLE tenant_gone;
SELECT sql_agent.current_tenant();
RESET ROLE;
ROLLBACK;
SELECT rolname FROM tenant_roles WHERE rolname LIKE '%gone%';
SELECT sql_agent.tenant_provision('gone');
SELECT sql_agent.tenant_drop('gone');
BEGIN READ ONLY;
SELECT sql_agent.tenant_provision('gone');
ROLLBACK;

-- options
SELECT sql_agent.tenant_set_options('acme', '{"max_rows": 100, "cost_per_day": 2.5}');
SELECT options FROM sql_agent.tenants WHERE name = 'acme';
SELECT sql_agent.tenant_set_options('acme', '{"max_rows": null}');
SELECT options FROM sql_agent.tenants WHERE name = 'acme';
SELECT sql_agent.tenant_set_options('acme', '{"max_row": 1}');
SELECT sql_agent.tenant_set_options('acme', '{"max_rows": 0}');
SELECT sql_agent.tenant_set_options('acme', '{"max_rows": 1.5}');
SELECT sql_agent.tenant_set_options('acme', '{"max_rows": "many"}');
SELECT sql_agent.tenant_set_options('acme', '{"max_rows": 1e400}');
SELECT sql_agent.tenant_set_options('acme', '{"cost_per_day": -1}');
SELECT sql_agent.tenant_set_options('acme', '{"timezone": "Europe/Berlni"}');
SELECT sql_agent.tenant_set_options('acme', '{"timezone": 1}');
SELECT sql_agent.tenant_set_options('acme', '{"timezone": "Europe/Berlin"}');
SELECT options FROM sql_agent.tenants WHERE name = 'acme';
SELECT sql_agent.tenant_set_options('acme', '{"timezone": null}');
SELECT sql_agent.tenant_set_options('acme', '[1]');
SELECT sql_agent.tenant_set_options('nobody', '{}');
SELECT sql_agent.tenant_provision('opt', options => '{"nonsense": 1}');

-- repair: what is missing is made again, what is somebody else's is not
SELECT sql_agent.tenant_provision('acme', if_not_exists => true);
SELECT sql_agent.tenant_provision('acme', tenant_key => '43', if_not_exists => true);
DROP OWNED BY tenant_acme;
DROP ROLE tenant_acme;
SELECT sql_agent.tenant_provision('acme', if_not_exists => true);
SET ROLE tenant_acme;
SELECT count(*) FROM acme.orders;
SELECT sql_agent.current_tenant();
RESET ROLE;
ALTER ROLE tenant_acme LOGIN;
SELECT sql_agent.tenant_provision('acme', if_not_exists => true);
ALTER ROLE tenant_acme NOLOGIN;
COMMENT ON ROLE tenant_acme IS 'a note of mine';
\set VERBOSITY terse
SELECT sql_agent.tenant_provision('acme', if_not_exists => true);
\set VERBOSITY default
-- an unmarked role is no tenant's
SET ROLE tenant_acme;
SELECT sql_agent.current_tenant();
RESET ROLE;
DO $$
BEGIN
  EXECUTE (SELECT format('COMMENT ON ROLE tenant_acme IS %L', 'sql_agent role of ' || id || ', made in database ' || current_database())
             FROM sql_agent.tenant WHERE name = 'acme');
END $$;
SELECT sql_agent.tenant_provision('acme', if_not_exists => true);
ALTER SCHEMA acme OWNER TO regress_nobody;
SELECT sql_agent.tenant_provision('acme', if_not_exists => true);
ALTER SCHEMA acme OWNER TO current_user;
ALTER TABLE acme.orders OWNER TO current_user;
REVOKE ALL ON acme.orders FROM tenant_acme;
SELECT sql_agent.tenant_provision('acme', if_not_exists => true);
SELECT nspowner::regrole, relowner::regrole, has_table_privilege('tenant_acme', c.oid, 'SELECT')
  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'acme' AND relname = 'orders';

-- suspended: nothing is the tenant's any more
SELECT sql_agent.tenant_suspend('acme');
SELECT sql_agent.tenant_suspend('acme');
SELECT suspended_at IS NOT NULL AS suspended FROM sql_agent.tenants WHERE name = 'acme';
SET ROLE tenant_acme;
SELECT sql_agent.current_tenant(), sql_agent.current_tenant_key(NULL::int);
RESET ROLE;
SELECT ask_sql('how many orders', tenant => 'acme');
SELECT sql_agent.tenant_resume('acme');
SELECT sql_agent.tenant_resume('acme');
SELECT ask_sql('how many orders', tenant => 'acme');
SELECT sql_agent.tenant_suspend('nobody');
SELECT sql_agent.tenant_resume('nobody');

-- asking for a tenant
SELECT ask_sql('how many orders', tenant => 'nobody');
SELECT ask_rows('how many orders', tenant => 'acme');
SELECT ask_rows('how many orders', tenant => 'Ümlaut "q"');
SELECT asked_by = current_user AS mine, asking_role, tenant, status FROM sql_agent.questions WHERE tenant IS NOT NULL ORDER BY created_at;
SELECT tenant, is_default FROM sql_agent.chats WHERE tenant IS NOT NULL ORDER BY tenant;
SET SESSION AUTHORIZATION regress_nobody;
SELECT ask_sql('how many orders', tenant => 'acme');
RESET SESSION AUTHORIZATION;

-- rename: schema, roles and what others keep of it follow
SELECT sql_agent.tenant_rename('acme', 'Acme & Söhne');
SELECT name, tenant_key, reader_role, owner_role FROM sql_agent.tenants ORDER BY name COLLATE "C";
SELECT tenant, asking_role FROM sql_agent.questions WHERE tenant IS NOT NULL ORDER BY created_at;
SELECT ask_rows('how many orders', tenant => 'Acme & Söhne');
SELECT sql_agent.tenant_provision('Acme & Söhne', if_not_exists => true);
SELECT sql_agent.tenant_rename('acme', 'x');
SELECT sql_agent.tenant_rename('Acme & Söhne', 'Ümlaut "q"');
SELECT sql_agent.tenant_rename('Acme & Söhne', 'public');
CREATE SCHEMA occupied;
SELECT sql_agent.tenant_rename('Acme & Söhne', 'occupied');
DROP SCHEMA occupied;
CREATE ROLE tenant_occupied_owner;
SELECT sql_agent.tenant_rename('Acme & Söhne', 'occupied');
DROP ROLE tenant_occupied_owner;
SELECT sql_agent.tenant_rename('Acme & Söhne', 'acme');

-- drop: not what somebody still needs
SELECT sql_agent.tenant_drop('nobody');
SELECT sql_agent.tenant_drop('acme');
CREATE SCHEMA elsewhere AUTHORIZATION tenant_acme_owner;
DROP VIEW acme.big;
DROP TABLE acme.orders;
SELECT sql_agent.tenant_drop('acme');
SELECT sql_agent.tenant_drop('acme', cascade => true);
SELECT sql_agent.tenant_drop('Ümlaut "q"');
SELECT * FROM tenant_roles;
SELECT count(*) FROM sql_agent.tenants;
SELECT count(*) FROM sql_agent.questions WHERE tenant IS NOT NULL;
SELECT nspname FROM pg_namespace WHERE nspname IN ('acme', 'elsewhere');

-- the same name again: nothing of the first is the second's
SELECT tenant_provision('acme');
SELECT tenant_key FROM sql_agent.tenants;
SELECT sql_agent.tenant_drop('acme');

DROP VIEW tenant_roles;
DROP OWNED BY regress_operator, regress_nobody;
DROP ROLE regress_operator, regress_nobody;
