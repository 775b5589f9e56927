-- members: who may be one, what they see of each other, and what they lose
\pset null '(null)'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
RESET client_min_messages;
CREATE ROLE regress_operator LOGIN IN ROLE sql_agent_admin;
SELECT sql_agent.tenant_provision('acme', tenant_key => '1');
SELECT sql_agent.tenant_provision('beta', tenant_key => '2', options => '{"statement_timeout": 7000}');
SET ROLE tenant_acme_owner;
CREATE TABLE acme.orders AS SELECT g AS id, g * 10 AS amount FROM generate_series(1, 3) g;
SET ROLE tenant_beta_owner;
CREATE TABLE beta.orders AS SELECT g AS id, g * 100 AS amount FROM generate_series(1, 5) g;
RESET ROLE;

-- logins that can be none
CREATE ROLE regress_ann LOGIN;
SELECT sql_agent.tenant_add_member(NULL, 'regress_ann');
SELECT sql_agent.tenant_add_member('acme', NULL);
SELECT sql_agent.tenant_add_member('acme', 'regress_nobody');
SELECT sql_agent.tenant_add_member('acme', E'regress\t');
SELECT sql_agent.tenant_add_member('acme', repeat('x', 64), create_login => true);
SELECT sql_agent.tenant_add_member('nobody', 'regress_ann');
SELECT sql_agent.tenant_add_member('acme', 'regress_ann', create_login => true);
SELECT sql_agent.tenant_add_member('acme', 'regress_ann', department => E'a\nb');
SELECT sql_agent.tenant_add_member('acme', 'regress_ann', email => '');
CREATE ROLE regress_group;
SELECT sql_agent.tenant_add_member('acme', 'regress_group');
SELECT sql_agent.tenant_add_member('acme', 'regress_operator');
SELECT sql_agent.tenant_add_member('acme', 'tenant_beta');
ALTER ROLE regress_ann BYPASSRLS;
SELECT sql_agent.tenant_add_member('acme', 'regress_ann');
ALTER ROLE regress_ann NOBYPASSRLS CREATEROLE;
SELECT sql_agent.tenant_add_member('acme', 'regress_ann');
ALTER ROLE regress_ann NOCREATEROLE REPLICATION;
SELECT sql_agent.tenant_add_member('acme', 'regress_ann');
ALTER ROLE regress_ann NOREPLICATION SUPERUSER;
SELECT sql_agent.tenant_add_member('acme', 'regress_ann');
ALTER ROLE regress_ann NOSUPERUSER;
-- by whatever path
GRANT pg_read_all_data TO regress_group;
GRANT regress_group TO regress_ann;
SELECT sql_agent.tenant_add_member('acme', 'regress_ann');
REVOKE pg_read_all_data FROM regress_group;
GRANT tenant_beta TO regress_group;
SELECT sql_agent.tenant_add_member('acme', 'regress_ann');
REVOKE tenant_beta FROM regress_group;
GRANT tenant_acme_owner TO regress_group;
SELECT sql_agent.tenant_add_member('acme', 'regress_ann');
REVOKE tenant_acme_owner FROM regress_group;
REVOKE regress_group FROM regress_ann;
SELECT count(*) FROM sql_agent.members;

-- those that can
SET SESSION AUTHORIZATION regress_operator;
SELECT sql_agent.tenant_add_member('acme', 'regress_ann', 'Sales', 'manager', 'ann@example.com', tenant_admin => true);
SELECT sql_agent.tenant_add_member('acme', 'regress_bob', job_role => 'analyst', create_login => true);
SELECT sql_agent.tenant_add_member('beta', 'regress_eve', create_login => true);
-- one tenant a login
SELECT sql_agent.tenant_add_member('beta', 'regress_ann');
-- again: what is known changes
SELECT sql_agent.tenant_add_member('acme', 'regress_bob', 'Finance', 'executive');
SELECT login, tenant, department, job_role, email, tenant_admin, added_by, active FROM sql_agent.members ORDER BY login;
RESET SESSION AUTHORIZATION;
SELECT setrole::regrole, setconfig FROM pg_db_role_setting WHERE setrole::regrole::text LIKE 'regress\_%' ORDER BY setrole::regrole::text COLLATE "C";
SELECT sql_agent.tenant_set_options('acme', '{"statement_timeout": 5000}');
SELECT sql_agent.tenant_set_options('beta', '{"statement_timeout": null}');
SELECT setrole::regrole, setconfig FROM pg_db_role_setting WHERE setrole::regrole::text LIKE 'regress\_%' ORDER BY setrole::regrole::text COLLATE "C";

-- each sees its own tenant
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.current_tenant(), sql_agent.current_tenant_key(NULL::int), sql_agent.administered_tenant();
SELECT name FROM sql_agent.tenants;
SELECT name FROM sql_agent.tenant;
SELECT login FROM sql_agent.members ORDER BY 1;
SELECT login FROM sql_agent.member ORDER BY 1;
SELECT * FROM sql_agent.installation;
SELECT schema, name FROM sql_agent.my_tables;
SELECT ask_rows('total amount of orders');
SELECT amount FROM beta.orders;
INSERT INTO acme.orders VALUES (4, 40);
SET ROLE tenant_acme_owner;
SELECT sql_agent.tenant_add_member('acme', 'regress_bob', tenant_admin => true);
SET SESSION AUTHORIZATION regress_eve;
SELECT ask_rows('total amount of orders');
SELECT sql_agent.current_tenant(), login FROM sql_agent.members;
SET SESSION AUTHORIZATION regress_ann;
SELECT ask_rows('how many orders');
SELECT sql_agent.administered_tenant();

-- questions are private, but for the tenant's administrators
SELECT asked_by, tenant, question FROM sql_agent.questions ORDER BY created_at;
SELECT asked_by, tenant, question FROM sql_agent.question ORDER BY created_at;
SELECT owned_by FROM sql_agent.chats ORDER BY 1;
SET SESSION AUTHORIZATION regress_bob;
SELECT asked_by, tenant, question FROM sql_agent.questions ORDER BY created_at;
SELECT asked_by, tenant, question FROM sql_agent.question ORDER BY created_at;
SET SESSION AUTHORIZATION regress_eve;
SELECT asked_by, tenant, question FROM sql_agent.questions ORDER BY created_at;
SET SESSION AUTHORIZATION regress_operator;
SELECT asked_by, tenant, question FROM sql_agent.questions WHERE tenant IS NOT NULL ORDER BY created_at;
RESET SESSION AUTHORIZATION;

-- costs likewise
INSERT INTO sql_agent.model_call (asked_by, tenant, cost_usd)
VALUES ('regress_ann', 'acme', 1), ('regress_bob', 'acme', 2), ('regress_eve', 'beta', 4), ('regress_bob', 'beta', 8);
SET SESSION AUTHORIZATION regress_ann;
SELECT sum(cost_usd) FROM sql_agent.model_call;
SET SESSION AUTHORIZATION regress_bob;
SELECT sum(cost_usd) FROM sql_agent.model_call;
SET SESSION AUTHORIZATION regress_eve;
SELECT sum(cost_usd) FROM sql_agent.model_call;
SET SESSION AUTHORIZATION regress_operator;
SELECT sum(cost_usd) FROM sql_agent.model_call;

-- words: a tenant's are its own
SET SESSION AUTHORIZATION regress_ann;
SELECT sql_agent.synonym_add('deals', 'acme.orders');
SELECT sql_agent.term_add('dear', 'orders.amount > 10'), sql_agent.term_add('how many dear ones', 'how many dear orders', tenant => 'acme');
SELECT ask_rows('how many deals');
SET SESSION AUTHORIZATION regress_bob;
SELECT ask_rows('how many deals');
SET SESSION AUTHORIZATION regress_eve;
SELECT word FROM sql_agent.synonyms;
SELECT ask_rows('how many deals');
RESET SESSION AUTHORIZATION;
SELECT sql_agent.tenant_rename('acme', 'acme two');
SELECT word, target, owner FROM sql_agent.synonyms;
SELECT * FROM sql_agent.terms ORDER BY term;
SET SESSION AUTHORIZATION regress_bob;
SELECT ask_rows('how many deals');
SELECT ask_rows('how many dear ones');
RESET SESSION AUTHORIZATION;
SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'regress_bob'::regrole;
SELECT tenant FROM sql_agent.member WHERE login = 'regress_bob';
SELECT sql_agent.tenant_rename('acme two', 'acme');

-- limits
SELECT sql_agent.tenant_set_options('acme', '{"max_rows": 2}');
SET SESSION AUTHORIZATION regress_bob;
SELECT count(*) FROM ask_rows('list orders');
SELECT count(*) FROM ask_rows('list orders', max_rows => 1);
SELECT count(*) FROM sql_agent.run_sql('SELECT * FROM acme.orders', 3);
RESET SESSION AUTHORIZATION;
SELECT sql_agent.tenant_set_options('acme', '{"max_rows": null}');

-- suspended: no row, no answer, a clear word; resumed: all as before
SELECT sql_agent.tenant_suspend('acme');
SET SESSION AUTHORIZATION regress_bob;
SELECT count(*) FROM acme.orders;
SELECT sql_agent.current_tenant(), (SELECT count(*) FROM sql_agent.questions);
SELECT ask_rows('how many orders');
SELECT sql_agent.run_sql('SELECT 1');
RESET SESSION AUTHORIZATION;
SELECT sql_agent.tenant_add_member('acme', 'regress_new', create_login => true);
SELECT login, active FROM sql_agent.members WHERE tenant = 'acme' ORDER BY 1;
SELECT sql_agent.tenant_resume('acme');
SELECT login, active FROM sql_agent.members WHERE tenant = 'acme' ORDER BY 1;
SET SESSION AUTHORIZATION regress_bob;
SELECT ask_rows('how many orders');
RESET SESSION AUTHORIZATION;

-- a superuser who gives a member a second tenant: neither is shown
GRANT tenant_beta TO regress_bob;
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.current_tenant(), sql_agent.current_tenant_key(NULL::int);
SELECT ask_rows('how many orders');
RESET SESSION AUTHORIZATION;
REVOKE tenant_beta FROM regress_bob;

-- a login that is gone, or that is another now
DROP OWNED BY regress_new;
DROP ROLE regress_new;
SELECT sql_agent.tenant_provision('acme', if_not_exists => true);
CREATE ROLE regress_new LOGIN CREATEROLE;
SELECT login, active FROM sql_agent.members WHERE login = 'regress_new';
SELECT sql_agent.tenant_provision('acme', if_not_exists => true);
SELECT login, active FROM sql_agent.members WHERE login = 'regress_new';
GRANT sql_agent_user TO regress_new;
SET SESSION AUTHORIZATION regress_new;
SELECT sql_agent.current_tenant();
SELECT ask_rows('how many orders');
RESET SESSION AUTHORIZATION;
DROP ROLE regress_new;
SELECT sql_agent.tenant_remove_member('regress_new');

-- out of the tenant: the login stays, its rights go
SELECT sql_agent.tenant_remove_member('regress_nobody');
SELECT sql_agent.tenant_remove_member('regress_bob');
SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'regress_bob'::regrole;
SET SESSION AUTHORIZATION regress_bob;
SELECT sql_agent.current_tenant();
SELECT count(*) FROM acme.orders;
SELECT ask_rows('how many orders');
RESET SESSION AUTHORIZATION;
-- at another tenant it sees nothing of the first, its own questions included
SELECT sql_agent.tenant_add_member('beta', 'regress_bob');
SET SESSION AUTHORIZATION regress_bob;
SELECT count(*) FROM sql_agent.questions;
SELECT sum(cost_usd) FROM sql_agent.model_call;
SELECT ask_rows('how many orders');
SELECT tenant FROM sql_agent.questions;
RESET SESSION AUTHORIZATION;

SELECT sql_agent.tenant_drop('beta');
SELECT sql_agent.tenant_drop('beta', true);
SELECT sql_agent.tenant_drop('acme', true);
SELECT tenant, count(*), sum(cost_usd) FROM sql_agent.model_call GROUP BY 1;
SELECT count(*) FROM sql_agent.synonym WHERE target LIKE '%orders';
SELECT count(*) FROM sql_agent.term;
SELECT count(*) FROM sql_agent.member;
SET SESSION AUTHORIZATION regress_eve;
SELECT ask_rows('how many orders');
RESET SESSION AUTHORIZATION;
DELETE FROM sql_agent.model_call;
DROP OWNED BY regress_operator, regress_ann, regress_bob, regress_eve, regress_group;
DROP ROLE regress_operator, regress_ann, regress_bob, regress_eve, regress_group;
