"""Sessions that keep all they are told, and tests that print TAP."""
import os
import re

import psycopg2
import psycopg2.extensions

OTHERS = re.compile(r"CANARY_GLOBEX|\b7770\d{3}\b")
OWN = re.compile(r"CANARY_ACME|\b1110\d{3}\b")


class Tests:
    def __init__(self):
        self.passed = self.failed = 0

    def ok(self, condition, name, *said):
        if condition:
            self.passed += 1
            print("ok -", name)
        else:
            self.failed += 1
            print("not ok -", name)
            for text in said:
                print("\n".join("#   " + line for line in str(text)[:2000].splitlines()))


class Said:
    """What the server said to one statement: rows, notices and error."""

    def __init__(self):
        self.rows = []
        self.error = ""
        self.sqlstate = ""
        self.notices = ""
        self.copied = ""

    @property
    def all(self):
        return "\n".join([str(self.rows), self.copied, self.notices, self.error])

    def leaks(self, pattern=OTHERS):
        return pattern.search(self.all)


class Session:
    def __init__(self, user, port=None, host=None):
        self.connection = psycopg2.connect(
            host=host or os.environ["PGHOST"], port=port or os.environ["PGPORT"],
            dbname=os.environ["PGDATABASE"], user=user)
        self.connection.autocommit = True
        self.user = user

    def run(self, sql, parameters=None):
        said = Said()
        del self.connection.notices[:]
        with self.connection.cursor() as cursor:
            try:
                if sql.upper().startswith("COPY"):
                    out = Sink()
                    cursor.copy_expert(sql, out)
                    said.copied = out.text
                else:
                    cursor.execute(sql, parameters)
                    if cursor.description:
                        said.rows = cursor.fetchall()
            except psycopg2.Error as error:
                diag = error.diag
                said.sqlstate = error.pgcode or "connection"
                said.error = "\n".join(filter(None, [
                    str(error), diag.message_detail, diag.message_hint, diag.context, diag.internal_query]))
                if self.connection.closed:
                    raise
        said.notices = "\n".join(self.connection.notices)
        return said

    def rows(self, sql, parameters=None):
        said = self.run(sql, parameters)
        if said.error:
            raise RuntimeError(f"{self.user}: {sql}: {said.error}")
        return said.rows

    def value(self, sql, parameters=None):
        return self.rows(sql, parameters)[0][0]

    def close(self):
        self.connection.close()


class Sink:
    text = ""

    def write(self, data):
        self.text += data.decode() if isinstance(data, bytes) else data
