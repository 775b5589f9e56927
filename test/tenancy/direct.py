"""What a member can try with SQL of its own over an ordinary driver."""
from harness import OTHERS, OWN, Session

LEAKY = """
CREATE FUNCTION pg_temp.leak(anyelement) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS
  $$BEGIN RAISE NOTICE 'seen %', $1; RETURN true; END$$;
CREATE FUNCTION pg_temp.leak(text, text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS
  $$BEGIN RAISE NOTICE 'seen % %', $1, $2; RETURN true; END$$;
CREATE OPERATOR pg_temp.~~~ (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_temp.leak);
CREATE FUNCTION pg_temp.step(text, text) RETURNS text LANGUAGE plpgsql AS
  $$BEGIN RAISE NOTICE 'step %', $2; RETURN $2; END$$;
CREATE AGGREGATE pg_temp.collect(text) (SFUNC = pg_temp.step, STYPE = text);
"""

# statements that must be refused
DENIED = {
    "the other tenant's table": "SELECT * FROM globex.invoice",
    "a column of it": "SELECT customer FROM globex.invoice",
    "its count": "SELECT count(*) FROM globex.invoice",
    "its materialized view": "SELECT * FROM globex.pilots",
    "its sequence": "SELECT last_value FROM globex.zeppelin_zeppelin_id_seq",
    "its saved view": "SELECT * FROM globex.gus_view",
    "TABLE": "TABLE globex.zeppelin",
    "COPY a table": "COPY globex.invoice TO STDOUT",
    "COPY a query": "COPY (SELECT * FROM globex.invoice) TO STDOUT",
    "COPY to a program": "COPY shop.parcel TO PROGRAM 'cat'",
    "COPY to a file": "COPY shop.parcel TO '/tmp/parcel'",
    "as XML": "SELECT table_to_xml('globex.invoice', true, false, '')",
    "as XML by a query": "SELECT query_to_xml('SELECT * FROM globex.invoice', true, false, '')",
    "a schema as XML": "SELECT schema_to_xml('globex', true, false, '')",
    "a partition": "SELECT * FROM shop.stop_2024",
    "a join of both": "SELECT * FROM acme.invoice a JOIN globex.invoice g USING (invoice_id)",
    "a DBA's table in the own schema": "SELECT * FROM acme.dba_note",
    "to become the owner role": "SET ROLE tenant_acme_owner",
    "to become the other reader": "SET ROLE tenant_globex",
    "to become the other owner": "SET ROLE tenant_globex_owner",
    "to become another member": "SET ROLE globex_gus",
    "to become a fellow member": "SET ROLE acme_amy",
    "to become the operators' reader": "SET ROLE sql_agent_reader",
    "to become an operator": "SET ROLE sql_agent_admin",
    "to become a superuser": "SET ROLE postgres",
    "by set_config": "SELECT set_config('role', 'tenant_globex', false)",
    "as another login": "SET SESSION AUTHORIZATION globex_gus",
    "row security off": "SET row_security = off; SELECT * FROM shop.parcel",
    "triggers off": "SET session_replication_role = replica",
    "the guard's limits": "SET sql_agent.max_cost = 0",
    "what may be asked about": "SET sql_agent.allowed_schemas = 'globex'",
    "a table in the own schema": "CREATE TABLE acme.mine (i int)",
    "a view in the own schema": "CREATE VIEW acme.mine AS SELECT 1",
    "a table in a shared schema": "CREATE TABLE shop.mine (i int)",
    "to insert for another": "INSERT INTO shop.parcel VALUES (9999, 'globex', 'x', 1, 'EUR')",
    "to change rows": "UPDATE shop.parcel SET receiver = 'x'",
    "to delete rows": "DELETE FROM shop.parcel",
    "to empty the table": "TRUNCATE shop.parcel",
    "to lock it": "LOCK TABLE shop.parcel IN ACCESS EXCLUSIVE MODE",
    "to switch row security off": "ALTER TABLE shop.parcel DISABLE ROW LEVEL SECURITY",
    "to drop the policy": "DROP POLICY sql_agent_tenant ON shop.parcel",
    "to make a policy": "CREATE POLICY mine ON shop.parcel USING (true)",
    "a trigger": "CREATE TRIGGER mine AFTER INSERT ON shop.parcel EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "statistics": "CREATE STATISTICS pg_temp.mine ON tenant, receiver FROM shop.parcel",
    "an index": "CREATE INDEX ON shop.parcel (receiver)",
    "a plan": "EXPLAIN SELECT * FROM shop.parcel",
    "a plan with counts": "EXPLAIN (ANALYZE) SELECT * FROM shop.parcel WHERE receiver = 'CANARY_GLOBEX' || ' receiver 3'",
    "a plan of an owner's view": "EXPLAIN (ANALYZE) SELECT * FROM shop.every_parcel",
    "a plan of a partitioned table": "EXPLAIN (ANALYZE) SELECT * FROM shop.stop",
    "a plan inside a block": "DO $$DECLARE l text; BEGIN FOR l IN EXECUTE 'EXPLAIN ANALYZE SELECT * FROM shop.parcel' LOOP RAISE NOTICE '%', l; END LOOP; END$$",
    "the statistics table": "SELECT * FROM pg_statistic",
    "the passwords": "SELECT * FROM pg_authid",
    "the registry": "SELECT * FROM sql_agent.shared_table",
    "the saved views' table": "SELECT * FROM sql_agent.saved_view",
    "to write the registry": "UPDATE sql_agent.tenant SET tenant_key = 'x'",
    "to write members": "INSERT INTO sql_agent.member (login, tenant, added_by) VALUES ('acme_ann', 'globex', 'x')",
    "to provision": "SELECT sql_agent.tenant_provision('evil')",
    "to drop a tenant": "SELECT sql_agent.tenant_drop('globex', true)",
    "to add a member": "SELECT sql_agent.tenant_add_member('globex', 'acme_ann')",
    "to suspend": "SELECT sql_agent.tenant_suspend('globex')",
    "to share": "SELECT sql_agent.share_table('shop.parcel')",
    "to unshare": "SELECT sql_agent.unshare_table('shop.parcel')",
    "to expose": "SELECT sql_agent.expose_schema('shop')",
    "to allow a relation": "SELECT sql_agent.allow_relation('shop.parcel')",
    "to lint": "SELECT * FROM sql_agent.lint()",
    "to take the tenant's privileges away": "DROP OWNED BY tenant_acme",
    "to take all tenants' privileges away": "DO $$BEGIN EXECUTE (SELECT format('DROP OWNED BY %I', rolname) FROM pg_roles WHERE rolname LIKE 'sql\\_agent\\_tenants%'); END$$",
    "to take the users' privileges away": "DROP OWNED BY sql_agent_user",
    "to give itself away": "GRANT acme_ann TO globex_gus",
    "to give the reader away": "GRANT tenant_acme TO globex_gus",
    "to get the other reader": "GRANT tenant_globex TO acme_ann",
    "to drop the other's view": "SELECT sql_agent.ask_view_drop('gus_view', 'globex')",
    "to ask for the other": "SELECT ask('how many zeppelins', tenant => 'globex')",
    "a file of the server": "SELECT pg_read_file('postgresql.conf')",
    "to list the server's files": "SELECT pg_ls_dir('base')",
    "to stop the other's session": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'globex_gus'",
}

# statements that may run, and show the own rows at most; True = they must
ALLOWED = {
    "the shared table": ("SELECT * FROM shop.parcel", True),
    "with the other's key": ("SELECT * FROM shop.parcel WHERE tenant = 'globex'", False),
    "with OR": ("SELECT * FROM shop.parcel WHERE tenant = 'acme' OR true OR tenant = 'globex'", True),
    "by its index": ("SELECT * FROM shop.parcel WHERE receiver LIKE 'CANARY%' ORDER BY receiver", True),
    "by ctid": ("SELECT ctid, p FROM shop.parcel p WHERE ctid >= '(0,0)'", True),
    "system columns": ("SELECT xmin, tableoid, p.* FROM shop.parcel p", True),
    "a sample": ("SELECT * FROM shop.parcel TABLESAMPLE SYSTEM (100)", True),
    "an aggregate": ("SELECT count(*), min(receiver), max(receiver), min(weight), max(weight) FROM shop.parcel", True),
    "a set operation": ("SELECT receiver FROM shop.parcel EXCEPT ALL SELECT '' LIMIT 5000", True),
    "a lateral join": ("SELECT p.* FROM shop.rate r, LATERAL (SELECT * FROM shop.parcel p WHERE p.currency = r.currency) p", True),
    "a recursive query": ("WITH RECURSIVE r AS (SELECT * FROM shop.parcel UNION SELECT p.* FROM shop.parcel p JOIN r USING (parcel_id)) SELECT * FROM r", True),
    "as JSON": ("SELECT jsonb_agg(p) FROM shop.parcel p", True),
    "as XML": ("SELECT table_to_xml('shop.parcel', true, false, '')::text", True),
    "an owner's view": ("SELECT * FROM shop.every_parcel", True),
    "an invoker's view": ("SELECT * FROM shop.heavy_parcel", True),
    "a partitioned table": ("SELECT * FROM shop.stop", True),
    "inheritance left out": ("SELECT * FROM ONLY shop.stop", False),
    "a definer's function in SQL": ("SELECT * FROM shop.find_sql('%')", False),
    "a definer's function in PL/pgSQL": ("SELECT * FROM shop.find_plpgsql('%')", False),
    "a leaky function": ("SELECT * FROM shop.parcel WHERE pg_temp.leak(receiver)", True),
    "a leaky function on the row": ("SELECT 1 FROM shop.parcel p WHERE pg_temp.leak(p)", True),
    "a leaky function on a view": ("SELECT 1 FROM shop.every_parcel p WHERE pg_temp.leak(receiver)", True),
    "a leaky function on partitions": ("SELECT 1 FROM shop.stop WHERE pg_temp.leak(place)", True),
    "a leaky operator": ("SELECT 1 FROM shop.parcel WHERE receiver OPERATOR(pg_temp.~~~) 'x'", True),
    "a leaky join": ("SELECT 1 FROM shop.rate r JOIN shop.parcel p ON pg_temp.leak(p.receiver, r.currency)", True),
    "a leaky sort": ("SELECT 1 FROM shop.parcel ORDER BY pg_temp.leak(receiver)", True),
    "a leaky aggregate": ("SELECT pg_temp.collect(receiver) FROM shop.parcel", True),
    "a leaky error": ("SELECT receiver::int FROM shop.parcel", True),
    "a leaky error in WHERE": ("SELECT 1 FROM shop.parcel WHERE receiver::int > 0", True),
    "a division by a value": ("SELECT 1 / (weight - weight) FROM shop.parcel WHERE receiver LIKE 'CANARY_GLOBEX%'", False),
    "a temporary view": ("CREATE TEMP VIEW stolen AS SELECT * FROM shop.parcel; SELECT * FROM pg_temp.stolen", True),
    "a temporary table of it": ("CREATE TEMP TABLE copied AS SELECT * FROM shop.every_parcel; SELECT * FROM copied", True),
    "COPY of the shared table": ("COPY shop.parcel TO STDOUT", True),
    "COPY of a query": ("COPY (SELECT * FROM shop.every_parcel) TO STDOUT", True),
    "a cursor": ("BEGIN; DECLARE c SCROLL CURSOR FOR SELECT * FROM shop.parcel; FETCH ALL FROM c", True),
    "the end of it": ("COMMIT", False),
    "a cursor that stays": ("DECLARE stays CURSOR WITH HOLD FOR SELECT * FROM shop.every_parcel; FETCH ALL FROM stays", True),
    "column statistics": ("SELECT schemaname, tablename, attname, most_common_vals::text, histogram_bounds::text FROM pg_stats WHERE schemaname IN ('shop', 'globex')", False),
    "extended statistics": ("SELECT * FROM pg_stats_ext", False),
    "what others run": ("SELECT pid, usename, query FROM pg_stat_activity", False),
    "the questions": ("SELECT * FROM sql_agent.questions", False),
    "the chats": ("SELECT * FROM sql_agent.chats", False),
    "the synonyms": ("SELECT * FROM sql_agent.synonyms", False),
    "the model calls": ("SELECT * FROM sql_agent.model_call", False),
    "the saved views": ("SELECT * FROM sql_agent.saved_views", False),
    "the role for all tenants": ("DO $$BEGIN EXECUTE (SELECT format('SET ROLE %I', rolname) FROM pg_roles WHERE rolname LIKE 'sql\\_agent\\_tenants%'); END$$; SELECT * FROM shop.parcel", False),
    "back again": ("RESET ROLE", False),
}


def sweep_relations(tests, ann):
    """Every relation of the database, system catalogs and all."""
    names = [row[0] for row in ann.rows(
        "SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 't') AND nspname <> 'pg_temp' ORDER BY 1")]
    leaks, read, own = [], 0, 0
    for name in names:
        # definitions are public in PostgreSQL, and say nothing but the statement
        said = ann.run(f"SELECT t::text FROM {name} AS t LIMIT 20000")
        read += not said.error
        own += bool(said.leaks(OWN))
        if said.leaks():
            leaks.append(f"{name}: {said.leaks().group()} {said.all[:300]}")
    tests.ok(not leaks, f"no relation shows a value of the other tenant ({read} of {len(names)} were read)", *leaks)
    tests.ok(own >= 4, f"{own} relations show the own values")


def sweep_functions(tests, ann, admin):
    """Every function that takes one relation, role or schema, of the other tenant."""
    calls = [row[0] for row in ann.rows(
        "SELECT format('%I.%I(%s::%s)', nspname, proname, '%s', format_type(proargtypes[0], NULL))"
        "  FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace"
        " WHERE pronargs = 1 AND prokind = 'f' AND proargtypes[0] IN ('oid'::regtype, 'regclass'::regtype)"
        "   AND prorettype NOT IN ('trigger'::regtype, 'internal'::regtype, 'event_trigger'::regtype)"
        "   AND has_function_privilege(p.oid, 'EXECUTE') AND proname !~ '^(lo_|pg_terminate|pg_cancel)' ORDER BY 1")]
    leaks, ran = [], 0
    for oid in [row[0] for row in admin.rows("SELECT oid FROM pg_class WHERE oid IN ('globex.invoice'::regclass, 'globex.gus_view'::regclass, 'shop.parcel'::regclass)")]:
        for call in calls:
            said = ann.run(f"SELECT ({call.replace('%s', str(oid))})::text")
            ran += not said.error
            if said.leaks():
                leaks.append(f"{call}: {said.all[:300]}")
    tests.ok(not leaks and ran > 50, f"no function of a relation shows a value of it ({ran} of {3 * len(calls)} calls ran)", *leaks)


def shadow(tests):
    """Temporary objects named like what policies, views and questions use."""
    ann = Session("acme_ann")
    before = ann.value("SELECT ask_json('how many parcels') -> 'result'")
    for sql in ("CREATE TEMP TABLE parcel (tenant text, receiver text)", "INSERT INTO parcel VALUES ('acme', 'shadow')",
                "CREATE TEMP TABLE tenant (name name, tenant_key text)", "CREATE TEMP TABLE pg_class (oid oid)",
                "CREATE DOMAIN pg_temp.text AS pg_catalog.text",
                "CREATE FUNCTION pg_temp.current_tenant_key(anyelement) RETURNS anyelement LANGUAGE sql AS 'SELECT ''globex''::text'",
                "CREATE FUNCTION pg_temp.current_tenant() RETURNS text LANGUAGE sql AS 'SELECT ''globex''::text'",
                "CREATE FUNCTION pg_temp.outside_tenants() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
                "CREATE FUNCTION pg_temp.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
                "CREATE OPERATOR pg_temp.= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_temp.same)",
                "SET search_path = pg_temp, globex, shop, acme, public"):
        ann.rows(sql)
    for name, sql in (("the table", "SELECT * FROM shop.parcel"), ("an owner's view", "SELECT * FROM shop.every_parcel"),
                      ("a definer's function", "SELECT * FROM shop.find_plpgsql('%')"), ("ask", "SELECT public.ask('how many parcels per receiver')"),
                      ("ask_view", "SELECT public.ask_view('shadowed', 'how many parcels per receiver', replace => true)"),
                      ("the saved view", "SELECT * FROM acme.shadowed")):
        said = ann.run(sql)
        tests.ok(not said.leaks(), f"shadowed by temporary objects: {name}", said.all)
    tests.ok(ann.value("SELECT public.ask_json('how many parcels') -> 'result'") == before, "shadowed, a question counts the same")
    ann.run("SELECT sql_agent.ask_view_drop('shadowed')")
    ann.close()


def moved(tests, admin):
    """A login with an open session changes its tenant; then that is suspended."""
    mover = Session("acme_mover")
    mover.rows("PREPARE mine AS SELECT * FROM shop.parcel")
    mover.rows("PREPARE viewed AS SELECT * FROM shop.every_parcel")
    mover.rows("PREPARE invoices AS SELECT * FROM acme.invoice")
    for _ in range(7):
        mover.rows("EXECUTE mine")
        mover.rows("EXECUTE viewed")
    tests.ok(mover.run("EXECUTE mine").leaks(OWN), "prepared statements show the rows of the first tenant")
    mover.rows("SELECT ask('how many parcels per receiver')")
    admin.rows("SELECT sql_agent.tenant_remove_member('acme_mover')")
    said = mover.run("EXECUTE mine")
    tests.ok(said.error and not said.leaks(OWN) and not said.leaks(), "removed from its tenant it sees nothing", said.all)
    said = mover.run("EXECUTE viewed")
    tests.ok(not said.leaks(OWN) and not said.leaks(), "nor through a view of an owner", said.all)
    admin.rows("SELECT sql_agent.tenant_add_member('globex', 'acme_mover')")
    for statement in ("EXECUTE mine", "EXECUTE viewed", "SELECT ask('how many parcels per receiver')",
                      "SELECT * FROM sql_agent.find_value('canary_acme receiver 3')", "SELECT * FROM sql_agent.my_tables"):
        said = mover.run(statement)
        tests.ok(not said.leaks(OWN), f"in another tenant the first one's rows are gone: {statement}", said.all)
    tests.ok(mover.run("EXECUTE mine").leaks(), "and the second one's are there")
    tests.ok(mover.run("EXECUTE invoices").sqlstate == "42501", "a plan on the first one's table is refused")
    admin.rows("SELECT sql_agent.tenant_suspend('globex')")
    for statement in ("EXECUTE mine", "EXECUTE viewed", "SELECT ask('how many parcels')", "SELECT * FROM globex.invoice",
                      "SELECT * FROM sql_agent.my_tables"):
        said = mover.run(statement)
        tests.ok(not said.leaks() and not said.leaks(OWN), f"suspended: {statement}", said.all)
    admin.rows("SELECT sql_agent.tenant_resume('globex')")
    tests.ok(mover.run("EXECUTE mine").leaks(), "resumed it goes on")
    admin.rows("SELECT sql_agent.tenant_remove_member('acme_mover')")
    mover.close()


def run(tests, admin):
    ann = Session("acme_ann")
    gus = Session("globex_gus")
    ann.rows(LEAKY)
    for name, sql in DENIED.items():
        said = ann.run(sql)
        tests.ok(said.error and not said.leaks() and said.sqlstate != "XX000", f"denied: {name}", sql, said.all)
        ann.run("ROLLBACK")
        ann.run("RESET row_security")
    for name, (sql, shows) in ALLOWED.items():
        said = ann.run(sql)
        tests.ok(not said.leaks() and (not shows or said.leaks(OWN)), f"own rows at most: {name}", sql, said.all)
    ann.run("RESET ALL")
    sweep_relations(tests, ann)
    sweep_functions(tests, ann, admin)
    shadow(tests)
    moved(tests, admin)
    # the tables of a tenant are its members', whoever looks
    tests.ok(ann.value("SELECT count(*) FROM acme.invoice") == 200, "the own table is whole")
    tests.ok(gus.run("SELECT * FROM shop.parcel").leaks(OTHERS), "the other tenant sees its own rows")
    ann.close()
    gus.close()
