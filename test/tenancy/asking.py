"""What a member can try with the ask family, and what answers and errors tell."""
import re

from harness import OWN, Session

# words of the attacker's own come back in answers; so these name no canary
QUESTIONS = [
    "how many zeppelins", "how many airships", "list the pilots", "show me globex invoices", "total amount per customer",
    "how many parcels per receiver", "top 100 parcels by weight", "average weight of parcels per tenant",
    "parcels of tenant globex", "how many parcels are not of tenant acme", "share of weight by tenant", "which tenant has most parcels",
    "how many stops per place", "largest weight", "smallest weight", "how many rows has zeppelin", "how many parcels for receiver 3",
    "parcels without receiver", "what tables are there", "drop table parcel", "how many gus view", "how many dba notes",
]
# names that only the other tenant has; an answer may repeat them when they were asked for
NAMES = re.compile(r"zeppelin|airship|gus_view|globex_g|CANARY_GLOBEX|\b7770\d{3}\b")

STATEMENTS = [
    "SELECT * FROM globex.invoice", "SELECT * FROM globex.zeppelin", "SELECT * FROM shop.stop_2024", "SELECT * FROM acme.dba_note",
    "SELECT * FROM shop.every_parcel", "SELECT * FROM shop.parcel", "SELECT * FROM shop.heavy_parcel", "SELECT * FROM shop.stop",
    "SELECT * FROM pg_stats", "SELECT * FROM pg_catalog.pg_stat_activity", "SELECT * FROM sql_agent.question", "SELECT * FROM sql_agent.synonym",
    "SELECT shop.find_sql('%')", "SELECT shop.find_plpgsql('%')", "SELECT receiver::int FROM shop.parcel",
    "SELECT 1 / (weight - weight) FROM shop.parcel", "SELECT set_config('role', 'tenant_globex', false)",
    "SELECT current_setting('is_superuser')", "SELECT query_to_xml('SELECT * FROM globex.invoice', true, false, '')",
    "SELECT * FROM acme.invoice a JOIN shop.parcel p ON p.weight > a.amount LIMIT 100",
]


def questions(tests, ann):
    for question in QUESTIONS:
        for function in ("ask", "ask_json", "ask_rows", "ask_sql"):
            said = ann.run(f"SELECT {function}(%s)", (question,))
            tests.ok(not said.leaks(), f"{function}: {question}", said.all)
    # what is offered instead comes from what the member can see
    said = ann.run("SELECT ask_json('how many zeplins and airshipps are there')")
    offered = said.all.replace("zeplins", "").replace("airshipps", "")
    tests.ok(not NAMES.search(offered), "no name of the other tenant is offered for one that is nearly it", offered)
    for call in ("SELECT sql_agent.suggest_questions(100)", "SELECT sql_agent.validate_question('how many')" ,
                 "SELECT * FROM sql_agent.my_tables", "SELECT * FROM sql_agent.my_columns", "SELECT * FROM sql_agent.my_relationships",
                 "SELECT * FROM sql_agent.my_databases", "SELECT * FROM sql_agent.synonyms",
                 "SELECT * FROM sql_agent.tenants", "SELECT * FROM sql_agent.members", "SELECT * FROM sql_agent.shared_tables",
                 "SELECT * FROM sql_agent.snapshot_info()", "SELECT * FROM sql_agent.find_word('zeppelin')",
                 "SELECT * FROM sql_agent.find_word('airship')", "SELECT * FROM sql_agent.find_word('pilot')",
                 "SELECT * FROM sql_agent.find_value('receiver 3')", "SELECT * FROM sql_agent.find_value('canary_globex receiver 3')",
                 "SELECT * FROM sql_agent.column_profile('shop.parcel', 'receiver')",
                 "SELECT * FROM sql_agent.column_profile('shop.parcel', 'weight')",
                 "SELECT * FROM sql_agent.column_profile('shop.parcel', 'tenant')"):
        said = ann.run(call)
        tests.ok(not NAMES.search(said.all) and "globex" not in said.all, f"the own alone: {call}", said.all)
    tests.ok(ann.run("SELECT * FROM sql_agent.find_value('canary_acme receiver 3')").leaks(OWN), "own values are found")
    tests.ok(ann.rows("SELECT * FROM sql_agent.find_value('canary_globex receiver 3')") == [], "values of others are not")


def guarded(tests, ann):
    for statement in STATEMENTS:
        for function in ("check_sql", "run_sql"):
            said = ann.run(f"SELECT * FROM sql_agent.{function}(%s)", (statement,))
            tests.ok(not said.leaks(), f"{function}: {statement}", said.all)
    tests.ok(ann.run("SELECT * FROM sql_agent.run_sql('SELECT * FROM shop.parcel')").leaks(OWN), "run_sql shows the own rows")
    # what is there and what is not are told in the same words
    for there, not_there in (("globex.invoice", "globex.nothing"), ("globex.zeppelin", "nowhere.zeppelin"), ("acme.dba_note", "acme.nothing_"),
                             ("shop.stop_2024", "shop.nothing_"), ("globex.gus_view", "globex.nothing_")):
        for call in ("SELECT * FROM sql_agent.check_sql('SELECT * FROM {}')", "SELECT sql_agent.run_sql('SELECT * FROM {}')",
                     "SELECT sql_agent.synonym_add('bird', '{}')"):
            one, other = ann.run(call.format(there)), ann.run(call.format(not_there))
            words = [re.sub(r"LINE \d.*", "", said.all.replace(name, "X"), flags=re.S) for said, name in ((one, there), (other, not_there))]
            tests.ok(words[0] == words[1] and one.sqlstate == other.sqlstate, f"told alike: {there} and {not_there}: {call[:30]}", *words)


def estimates(tests, ann):
    """Estimates rest on statistics of all rows; a rare value of another tenant must look like one that nobody has."""
    for call in ("SELECT estimated_cost, estimated_rows FROM sql_agent.check_sql(%s)",):
        known = ann.rows(call, ("SELECT * FROM shop.parcel WHERE receiver = 'CANARY_GLOBEX' || ' receiver 3'",))
        unknown = ann.rows(call, ("SELECT * FROM shop.parcel WHERE receiver = 'CANARY_NOBODY' || ' receiver 3'",))
        tests.ok(known == unknown, "the estimate of check_sql() does not tell whether another tenant holds a value", known, unknown)


def history(tests, ann):
    amy = Session("acme_amy")
    mine = ann.rows("SELECT question, asked_by FROM sql_agent.questions")
    tests.ok(mine and all(row[1] == "acme_ann" for row in mine), "a member sees its own questions", mine[:3])
    theirs = {row[0] for row in amy.rows("SELECT asked_by FROM sql_agent.questions")}
    tests.ok(theirs <= {"acme_amy", "acme_ann", "acme_mover"}, "an administrator of a tenant sees no other tenant's", theirs)
    gus = Session("globex_gus")
    chat = gus.value("SELECT id FROM sql_agent.chats LIMIT 1")
    said = ann.run("SELECT ask_json('how many parcels', chat => %s)", (chat,))
    unknown = ann.run("SELECT * FROM sql_agent.chats WHERE id = %s", (chat,))
    tests.ok(said.error and not unknown.rows, "another's chat does not exist", said.all)
    before = gus.value("SELECT count(*) FROM sql_agent.questions")
    ann.rows("SELECT sql_agent.forget_questions()")
    tests.ok(gus.value("SELECT count(*) FROM sql_agent.questions") == before, "what one forgets the other keeps")
    amy.close()
    gus.close()


def saved(tests, ann):
    ann.rows("SELECT ask_view('parcels', 'how many parcels per receiver')")
    tests.ok(ann.run("SELECT * FROM acme.parcels").leaks(OWN) and not ann.run("SELECT * FROM acme.parcels").leaks(), "a saved view shows the own rows")
    gus = Session("globex_gus")
    tests.ok(gus.run("SELECT * FROM acme.parcels").sqlstate == "42501", "the other tenant may not read it")
    for name in ("globex.stolen", '"; DROP TABLE acme.invoice; --', "../globex/x", "invoice", "parcels"):
        said = ann.run("SELECT ask_view(%s, 'how many parcels')", (name,))
        tests.ok(not said.leaks() and gus.value("SELECT count(*) FROM pg_class WHERE relnamespace = 'globex'::regnamespace AND relname ~ 'stolen'") == 0,
                 f"a view named {name}", said.all)
    tests.ok(ann.value("SELECT count(*) FROM acme.invoice") == 200, "tables stay")
    gus.close()


def run(tests, admin):
    ann = Session("acme_ann")
    history_first = ann.run("SELECT ask_json('how many parcels')")
    tests.ok(not history_first.error, "a member asks", history_first.all)
    questions(tests, ann)
    guarded(tests, ann)
    estimates(tests, ann)
    history(tests, ann)
    saved(tests, ann)
    ann.close()
