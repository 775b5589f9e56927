"""Two tenants over a real PgBouncer in transaction mode, their transactions interleaved."""
import os
import random
import shutil
import socket
import subprocess
import threading
import time

import psycopg2

from harness import OTHERS, OWN, Session

LOGINS = ["acme_ann", "acme_amy", "globex_gus", "globex_gil", "pool_app"]
TRANSACTIONS = 40

# what one transaction does; %s counts
WORK = [
    ["SELECT receiver FROM shop.parcel"],
    ["SELECT receiver FROM shop.every_parcel"],
    ["SELECT ask('how many parcels per receiver')"],
    ["SELECT ask_json('largest weight')"],
    ["SELECT * FROM sql_agent.find_value('receiver 3')"],
    ["SELECT * FROM shop.find_plpgsql('%')", "SELECT receiver FROM shop.parcel LIMIT 5"],
    ["SET LOCAL search_path = shop", "SELECT receiver FROM parcel"],
    ["DECLARE c CURSOR FOR SELECT receiver FROM shop.parcel", "FETCH 20 FROM c"],
    ["CREATE TEMP TABLE mine ON COMMIT DROP AS SELECT receiver FROM shop.parcel", "SELECT * FROM mine"],
    ["SELECT * FROM sql_agent.my_tables", "SELECT sql_agent.suggest_questions(20)"],
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bouncer:
    def __init__(self, directory):
        self.directory = directory
        self.port = free_port()
        path = os.path.join(directory, "pgbouncer.ini")
        with open(os.path.join(directory, "users.txt"), "w", encoding="utf-8") as users:
            users.writelines(f'"{login}" ""\n' for login in LOGINS)
        with open(path, "w", encoding="utf-8") as ini:
            ini.write(f"""[databases]
* = host={os.environ['PGHOST']} port={os.environ['PGPORT']}
[pgbouncer]
listen_addr =
listen_port = {self.port}
unix_socket_dir = {directory}
logfile = {directory}/pgbouncer.log
pidfile =
auth_type = trust
auth_file = {directory}/users.txt
pool_mode = transaction
default_pool_size = 1
max_client_conn = 50
ignore_startup_parameters = extra_float_digits,options
""")
        program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
        self.process = subprocess.Popen([program, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def connect(self, user):
        for _ in range(100):
            try:
                return Session(user, port=self.port, host=self.directory)
            except psycopg2.OperationalError:
                time.sleep(0.1)
        raise RuntimeError("PgBouncer does not answer")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def client(bouncer, user, tenants, seed, found):
    """Transactions of one client; each as one of the tenants, by SET LOCAL ROLE where there are several."""
    chance = random.Random(seed)
    session = bouncer.connect(user)
    for _ in range(TRANSACTIONS):
        tenant = chance.choice(tenants)
        said = [session.run("BEGIN")]
        if len(tenants) > 1:
            said.append(session.run(f"SET LOCAL ROLE tenant_{tenant}"))
        said += [session.run(statement) for statement in chance.choice(WORK)]
        said.append(session.run("ROLLBACK" if chance.random() < 0.2 else "COMMIT"))
        text = "\n".join(one.all for one in said)
        own, others = (OWN, OTHERS) if tenant == "acme" else (OTHERS, OWN)
        found.append((tenant, bool(own.search(text)), bool(others.search(text)), text))
    session.close()


def interleave(tests, bouncer, name, clients):
    found = []
    threads = [threading.Thread(target=client, args=(bouncer, user, tenants, seed, found)) for seed, (user, tenants) in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    leaks = [text for _, _, other, text in found if other]
    tests.ok(len(found) == TRANSACTIONS * len(clients), f"{name}: {len(found)} transactions ended")
    tests.ok(not leaks, f"{name}: none showed the other tenant", *leaks[:2])
    tests.ok(sum(own for _, own, _, _ in found) > len(found) / 3, f"{name}: they showed the own rows")


def leftovers(tests, bouncer):
    """What one client leaves in the pooled session, the next one meets."""
    first, second = bouncer.connect("pool_app"), bouncer.connect("pool_app")
    first.rows("BEGIN")
    first.rows("SET LOCAL ROLE tenant_globex")
    first.rows("CREATE TEMP TABLE left_over AS SELECT receiver FROM shop.parcel")
    first.rows("PREPARE left_prepared AS SELECT receiver FROM shop.parcel")
    first.rows("DECLARE left_open CURSOR WITH HOLD FOR SELECT count(*) FROM shop.parcel")
    first.rows("COMMIT")
    second.rows("BEGIN")
    second.rows("SET LOCAL ROLE tenant_acme")
    said = second.run("EXECUTE left_prepared")
    tests.ok(said.leaks(OWN) and not said.leaks(), "a statement that another prepared shows the own rows", said.all)
    said = second.run("SELECT * FROM pg_temp.left_over")
    tests.ok(said.error and not said.leaks(), "a temporary table that another left is refused", said.all)
    second.rows("ROLLBACK")
    said = second.run("SELECT receiver FROM shop.parcel")
    tests.ok(said.error and not said.leaks() and not said.leaks(OWN), "without a tenant's role the pooled login sees nothing", said.all)
    first.close()
    second.close()


def run(tests, directory):
    bouncer = Bouncer(directory)
    try:
        interleave(tests, bouncer, "a login for each member", [("acme_ann", ["acme"]), ("globex_gus", ["globex"]), ("acme_amy", ["acme"]), ("globex_gil", ["globex"]),
                                                                ("acme_ann", ["acme"]), ("globex_gus", ["globex"])])
        interleave(tests, bouncer, "one login for both tenants, one connection", [("pool_app", ["acme", "globex"])] * 4)
        leftovers(tests, bouncer)
    finally:
        bouncer.stop()
