-- More of what a hostile session may have left behind, on top of fixture.sql.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS citext;
SET ROLE tenant_a;
CREATE TYPE tenant_a.mood AS ENUM ('low', 'fine', 'high');
CREATE TABLE tenant_a.survey(id int, answer tenant_a.mood, at date DEFAULT '2025-01-02');
INSERT INTO tenant_a.survey VALUES (1, 'low'), (2, 'high'), (3, 'high');
CREATE DOMAIN tenant_a.plain_domain AS text CHECK (length(VALUE) < 100);
CREATE TABLE tenant_a.contact(id int, mail tenant_a.plain_domain);
INSERT INTO tenant_a.contact VALUES (1, 'a@example.com');
-- code reached through types
CREATE TYPE tenant_a.trap AS (a int, b tenant_a.sneaky);
CREATE TYPE tenant_a.trap_range AS RANGE (subtype = tenant_a.sneaky);
CREATE TABLE tenant_a.t_trap(c tenant_a.trap, d tenant_a.sneaky[]);
CREATE TABLE tenant_a.t_range(r tenant_a.trap_range);
CREATE FUNCTION tenant_a.takes_trap(tenant_a.trap) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION tenant_a.abs(tenant_a.trap) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION tenant_a.trap_eq(tenant_a.trap, tenant_a.trap) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR tenant_a.~~~~ (LEFTARG = tenant_a.trap, RIGHTARG = tenant_a.trap, PROCEDURE = tenant_a.trap_eq);
CREATE FUNCTION tenant_a.summary(tenant_a.customer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE NOTICE 'summary ran'; RETURN $1.name; END $$;
-- code reached through relations
CREATE TABLE tenant_a.t_expr(a int);
CREATE INDEX ON tenant_a.t_expr(tenant_a.lower(a::text));
CREATE TABLE tenant_a.t_check(a int CHECK (tenant_a.spy(1, 'check')));
CREATE TABLE tenant_a.t_stat(a int, b int);
CREATE STATISTICS tenant_a.st ON (tenant_a.lower(a::text)), (tenant_a.lower(b::text)) FROM tenant_a.t_stat;
CREATE TABLE tenant_a.t_parent(a int);
CREATE TABLE tenant_a.t_child() INHERITS (tenant_a.t_parent);
CREATE INDEX ON tenant_a.t_child(a) WHERE tenant_a.spy(1, 'child index');
CREATE TABLE tenant_a.t_part(a int, b text) PARTITION BY LIST ((tenant_a.lower(b)));
CREATE TABLE tenant_a.t_policy_sub(a int); INSERT INTO tenant_a.t_policy_sub VALUES (1);
ALTER TABLE tenant_a.t_policy_sub ENABLE ROW LEVEL SECURITY; ALTER TABLE tenant_a.t_policy_sub FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON tenant_a.t_policy_sub USING (EXISTS (SELECT 1 FROM tenant_a.t_idx));
CREATE TABLE tenant_a.t_own_rls(a int); ALTER TABLE tenant_a.t_own_rls ENABLE ROW LEVEL SECURITY;
CREATE VIEW tenant_a.view_catalog WITH (security_invoker = true) AS SELECT rolname FROM pg_authid;
CREATE VIEW tenant_a.view_settings AS SELECT name, setting FROM pg_settings;
CREATE VIEW tenant_a.view_set AS SELECT set_config('app.tenant', 'tenant_b', false) AS s;
CREATE VIEW tenant_a.view_of_view AS SELECT * FROM tenant_a.view_set;
CREATE VIEW tenant_a.view_idx AS SELECT * FROM tenant_a.t_idx;
CREATE VIEW tenant_a.view_leak AS SELECT * FROM public.portfolio_all_v;
CREATE VIEW tenant_a.view_domain AS SELECT CAST(name AS tenant_a.sneaky) AS s FROM tenant_a.customer;
CREATE VIEW tenant_a.v0 AS SELECT 1 AS a;
DO $$ BEGIN FOR i IN 1..22 LOOP EXECUTE format('CREATE VIEW tenant_a.v%s AS SELECT * FROM tenant_a.v%s UNION ALL SELECT * FROM tenant_a.v%s', i, i - 1, i - 1); END LOOP; END $$;
CREATE VIEW tenant_a.good_view WITH (security_invoker = true) AS SELECT c.country, count(*) AS n FROM tenant_a.customer c GROUP BY 1;
CREATE SEQUENCE tenant_a.seq;
CREATE MATERIALIZED VIEW tenant_a.mv AS SELECT 1 AS a;
RESET ROLE;
-- policies that read a parameter in a roundabout way
CREATE FUNCTION public.tenant_of_session() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('app.tenant', true) $$;
CREATE FUNCTION public.tenant_atomic() RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT current_setting('app.tenant', true); END;
CREATE TABLE public.bill(id int, tenant_id text); INSERT INTO public.bill VALUES (1, 'tenant_a'), (2, 'CANARY_B_BILL');
ALTER TABLE public.bill OWNER TO app_owner; ALTER TABLE public.bill ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON public.bill USING (tenant_id = public.tenant_of_session()); GRANT SELECT ON public.bill TO tenant_a;
CREATE TABLE public.bill2(id int, tenant_id text); ALTER TABLE public.bill2 OWNER TO app_owner; ALTER TABLE public.bill2 ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON public.bill2 USING (tenant_id = public.tenant_atomic()); GRANT SELECT ON public.bill2 TO tenant_a;
CREATE FUNCTION public.agency_of() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN public.tenant_of_session(); END $$;
CREATE TABLE public.agency(id int, tenant_id text); INSERT INTO public.agency VALUES (1, 'tenant_a'), (2, 'CANARY_B_AGENCY');
ALTER TABLE public.agency OWNER TO app_owner; ALTER TABLE public.agency ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON public.agency USING (tenant_id = public.agency_of()); GRANT SELECT ON public.agency TO tenant_a;
CREATE VIEW public.agency_view WITH (security_invoker = true) AS SELECT * FROM public.agency; GRANT SELECT ON public.agency_view TO tenant_a;
-- a policy by a membership table and a trusted function is good practice
CREATE TABLE public.membership(role_name text, account text); INSERT INTO public.membership VALUES ('tenant_a', 'x'), ('tenant_b', 'y');
ALTER TABLE public.membership OWNER TO app_owner; GRANT SELECT ON public.membership TO tenant_a, tenant_b;
CREATE TABLE public.ledger_entry(account text, amount numeric); INSERT INTO public.ledger_entry VALUES ('x', 1), ('y', 2);
ALTER TABLE public.ledger_entry OWNER TO app_owner; ALTER TABLE public.ledger_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON public.ledger_entry USING (account IN (SELECT m.account FROM public.membership m WHERE m.role_name = current_user) OR pg_has_role(current_user, 'app_owner', 'member'));
GRANT SELECT ON public.ledger_entry TO tenant_a, tenant_b;
CREATE TABLE public.mailbox(id int, address citext); INSERT INTO public.mailbox VALUES (1, 'A@Example.com');
ALTER TABLE public.mailbox OWNER TO app_owner; GRANT SELECT ON public.mailbox TO tenant_a;
-- a grandchild below a parent with row-level security
CREATE TABLE public.trade_deep PARTITION OF public.trade FOR VALUES IN ('tenant_c', 'tenant_d') PARTITION BY LIST (tenant_id);
CREATE TABLE public.trade_deeper PARTITION OF public.trade_deep FOR VALUES IN ('tenant_c');
INSERT INTO public.trade_deeper VALUES (9001, 'tenant_c', 'CANARY_B_DEEP', 1, '2025-01-01');
GRANT SELECT ON public.trade_deep, public.trade_deeper TO tenant_a;
-- what is visible but may not be read
CREATE TABLE public.hidden_things(id int, canary_column text); ALTER TABLE public.hidden_things OWNER TO app_owner;
GRANT SELECT ON tenant_a.survey, tenant_a.contact, tenant_a.good_view, tenant_a.t_trap TO sql_agent_reader;
