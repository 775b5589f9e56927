--
-- Memory of tenants: what one member is told, another is told only when an
-- administrator vouched for it; another tenant never.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_memory_ann LOGIN;
CREATE ROLE regress_memory_amy LOGIN;
CREATE ROLE regress_memory_ada LOGIN;
CREATE ROLE regress_memory_bob LOGIN;
SET search_path = public;
SET sql_agent.as_of = '2025-06-30';
SELECT sql_agent.tenant_provision('regress_memory_a');
SELECT sql_agent.tenant_provision('regress_memory_b');
SELECT sql_agent.tenant_add_member('regress_memory_a', 'regress_memory_ann');
SELECT sql_agent.tenant_add_member('regress_memory_a', 'regress_memory_amy');
SELECT sql_agent.tenant_add_member('regress_memory_a', 'regress_memory_ada', tenant_admin => true);
SELECT sql_agent.tenant_add_member('regress_memory_b', 'regress_memory_bob', tenant_admin => true);
-- the same table in both: the same SQL, the same names but for the schema
DO $$
DECLARE tenant text;
BEGIN
  FOREACH tenant IN ARRAY ARRAY['regress_memory_a', 'regress_memory_b'] LOOP
    EXECUTE format('CREATE TABLE %I.parcels (id int PRIMARY KEY, town text, weight numeric)', tenant);
    EXECUTE format('INSERT INTO %I.parcels VALUES (1, ''Lima'', 10), (2, ''Cusco'', 20), (3, ''Cusco'', 30)', tenant);
    EXECUTE format('GRANT SELECT ON %I.parcels TO %I', tenant, 'tenant_' || tenant);
  END LOOP;
END $$;
CREATE FUNCTION public.regress_ask(question text) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(': ', a->>'status', CASE WHEN a->>'status' = 'answered' THEN a->>'translator' END, a->>'query_used')
   FROM (SELECT sql_agent.ask_json(question) AS a) q $$;
CREATE FUNCTION public.regress_id(asked text) RETURNS uuid LANGUAGE sql AS
$$ SELECT id FROM sql_agent.questions WHERE question = asked ORDER BY created_at DESC LIMIT 1 $$;

-- a member's own examples serve that member
SET ROLE regress_memory_ann;
SELECT sql_agent.example_add('heavy ones in Cusco', 'SELECT id FROM regress_memory_a.parcels WHERE town = ''Cusco''') IS NOT NULL AS added;
SELECT regress_ask('heavy ones in Cusco');
SELECT kind, shared, asked_by FROM sql_agent.memory;
SET ROLE regress_memory_amy;
SELECT regress_ask('heavy ones in Cusco');
SELECT regress_ask('heavy ones in Lima');
SELECT count(*) FROM sql_agent.memory;
SELECT count(*) FROM sql_agent.nearest_examples('heavy ones in Cusco');
-- the administrator sees them, and they do not serve him either
SET ROLE regress_memory_ada;
SELECT regress_ask('heavy ones in Cusco');
SELECT question, kind, shared, asked_by FROM sql_agent.memory;
-- what he adds serves all of the tenant; a member's own goes before it
SELECT sql_agent.example_add('heavy ones in Cusco', 'SELECT id FROM regress_memory_a.parcels WHERE town = ''Cusco'' AND weight > 25') IS NOT NULL AS added;
SET ROLE regress_memory_amy;
SELECT regress_ask('heavy ones in Cusco');
SELECT question, shared, asked_by, verified_by FROM sql_agent.memory;
SET ROLE regress_memory_ann;
SELECT regress_ask('heavy ones in Cusco');
-- a member who does not like it drops it for nobody else
SET ROLE regress_memory_amy;
SELECT sql_agent.feedback(regress_id('heavy ones in Cusco'), false);
SELECT regress_ask('heavy ones in Cusco');
\set VERBOSITY sqlstate
SET ROLE regress_memory_ada;
SELECT id AS shared FROM sql_agent.memory WHERE shared \gset
SELECT regress_ask('heavy ones in Cusco');
SET ROLE regress_memory_amy;
SELECT sql_agent.example_drop(:'shared');
SET ROLE regress_memory_bob;
SELECT sql_agent.example_drop(:'shared');
\set VERBOSITY default

-- another tenant: not served, not shown, not taught
SELECT regress_ask('heavy ones in Cusco');
SELECT count(*) FROM sql_agent.memory;
SELECT count(*) FROM sql_agent.nearest_examples('heavy ones in Cusco');
SELECT sql_agent.forget('heavy ones in Cusco');
SELECT sql_agent.example_add('heavy ones in Cusco', 'SELECT id FROM regress_memory_a.parcels');
SELECT sql_agent.feedback(regress_id('heavy ones in Cusco'), false, 'SELECT id FROM regress_memory_a.parcels');
SELECT sql_agent.example_add('heavy ones in Cusco', 'SELECT id FROM regress_memory_b.parcels') IS NOT NULL AS added;
SELECT regress_ask('heavy ones in Cusco');
-- an administrator speaks of his tenant's questions, not of another's
SET ROLE regress_memory_ann;
SELECT regress_ask('parcels that matter');
SELECT regress_id('parcels that matter') AS question \gset
SET ROLE regress_memory_bob;
\set VERBOSITY sqlstate
SELECT sql_agent.feedback(:'question', false, 'SELECT 1');
SET ROLE regress_memory_amy;
SELECT sql_agent.feedback(:'question', false, 'SELECT 1');
\set VERBOSITY default
SET ROLE regress_memory_ada;
SELECT sql_agent.feedback(:'question', false, 'SELECT id FROM regress_memory_a.parcels WHERE weight > 15');
SET ROLE regress_memory_amy;
SELECT regress_ask('parcels that matter');
SET ROLE regress_memory_ann;
SELECT sql_agent.forget('parcels that matter');
SELECT regress_ask('parcels that matter');

-- the administrator may drop any of his tenant's entries
SET ROLE regress_memory_ada;
SELECT sql_agent.example_drop(id) FROM sql_agent.memory WHERE asked_by = 'regress_memory_ann';
SELECT count(*) FROM sql_agent.memory WHERE asked_by = 'regress_memory_ann';

-- memory goes with a tenant under its new name, and no tenant of the old name gets it
RESET ROLE;
SELECT sql_agent.tenant_rename('regress_memory_a', 'regress_memory_c');
SET ROLE regress_memory_amy;
SELECT question, kind, asking_role, status, reason FROM sql_agent.memory ORDER BY created_at;
RESET ROLE;
SELECT sql_agent.tenant_provision('regress_memory_a', tenant_key => 'another');
CREATE ROLE regress_memory_eve LOGIN;
SELECT sql_agent.tenant_add_member('regress_memory_a', 'regress_memory_eve', tenant_admin => true);
CREATE TABLE regress_memory_a.parcels (id int PRIMARY KEY, town text, weight numeric);
GRANT SELECT ON regress_memory_a.parcels TO tenant_regress_memory_a;
SET ROLE regress_memory_eve;
SELECT regress_ask('parcels that matter');
SELECT count(*) FROM sql_agent.memory;

-- and it goes when the tenant goes
RESET ROLE;
SELECT count(*) > 0 AS remembered FROM sql_agent.memory_entry WHERE asked_by LIKE 'regress_memory_a%';
SELECT sql_agent.tenant_drop('regress_memory_c', cascade => true);
SELECT count(*) FROM sql_agent.memory_entry WHERE asked_by LIKE 'regress_memory_a%';
SELECT sql_agent.tenant_drop('regress_memory_a', cascade => true);
SELECT sql_agent.tenant_drop('regress_memory_b', cascade => true);
SELECT count(*) FROM sql_agent.memory_entry;
DROP FUNCTION public.regress_ask(text), public.regress_id(text);
DELETE FROM sql_agent.question WHERE asked_by LIKE 'regress%';
DROP ROLE regress_memory_ann, regress_memory_amy, regress_memory_ada, regress_memory_bob, regress_memory_eve;
