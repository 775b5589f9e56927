#!/usr/bin/env python3
"""Asks the questions of pairs files, runs what comes back and what is known to be right, and compares the rows.

judge.py [--mark] [--details] [--floor=PERCENT] FILE=DATABASE...

Reads test/pairs/README.md's form.  Every statement runs as the role pairs_asker,
read only, with as_of 2025-06-30.  Prints a table by category, every wrong answer
and every question of a '+' line that was not answered right; ends with the line
"N passed, N failed".  --mark rewrites '?' to '+' where the answer was right;
--details prints what was declined as well; --floor is how much of what is
answered has to be right (95).
"""
import collections
import csv
import io
import json
import re
import subprocess
import sys

NULL = "\\N"
END = "--end-of-statement--"
RELATIVE = 1e-4
# what has to be reached over all files, in percent
RIGHT_OF_ANSWERED = 95.0

SETUP = """
\\set ON_ERROR_STOP off
SET client_min_messages = error;
SET timezone = 'UTC';
SET sql_agent.as_of = '2025-06-30';
SET statement_timeout = '20s';
CREATE FUNCTION pg_temp.try(question text) RETURNS jsonb LANGUAGE plpgsql AS $body$
DECLARE detail text;
BEGIN
  RETURN jsonb_build_object('sql', sql_agent.ask_sql(question, options => '{"record": false}'));
EXCEPTION WHEN SQLSTATE 'AG010' THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('reason', detail);
WHEN OTHERS THEN
  RETURN jsonb_build_object('reason', SQLSTATE || ' ' || SQLERRM, 'error', true);
END $body$;
SET default_transaction_read_only = on;
"""


class Question:
    def __init__(self, kind, text, category, line):
        self.kind, self.text, self.category, self.line = kind, text, category, line
        self.golds = []
        self.sql = self.reason = self.verdict = None


def read_pairs(path):
    questions, waiting, category, sql, more = [], [], "", "", False
    with open(path, encoding="utf-8") as f:
        for number, raw in enumerate(f):
            line = raw.rstrip("\n")
            if not line.strip():
                continue
            if line == "or":
                more = True
            elif line[:2] == "# ":
                category = line[2:]
            elif line[:2] in ("? ", "+ ", "- "):
                question = Question(line[0], line[2:], category, number)
                questions.append(question)
                if line[0] != "-":
                    if any(q.golds for q in waiting):
                        waiting = []
                    waiting.append(question)
                more = False
            else:
                sql += line + "\n"
                if line.endswith(";"):
                    if any(q.golds for q in waiting) and not more:
                        sys.exit("%s:%d: two statements without \"or\"" % (path, number + 1))
                    for q in waiting:
                        q.golds.append(sql.strip().rstrip(";"))
                    sql, more = "", False
    for q in questions:
        if q.kind != "-" and not q.golds:
            sys.exit("%s:%d: question without SQL" % (path, q.line + 1))
    return questions


def psql(database, script):
    done = subprocess.run(["psql", "-XAtq", "-U", "pairs_asker", "-d", database], input=SETUP + script,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def ask(database, questions):
    script = "".join("SELECT pg_temp.try('%s');\n" % q.text.replace("'", "''") for q in questions)
    answers = [json.loads(line) for line in psql(database, script).splitlines() if line.strip()]
    for q, answer in zip(questions, answers, strict=True):
        q.sql, q.reason = answer.get("sql"), answer.get("reason")
        if answer.get("error"):
            q.verdict = "error"


def run(database, statements):
    """{statement: (columns, rows)}; None where it failed.  All in one session."""
    script = "".join("COPY (\n%s\n) TO STDOUT (FORMAT csv, HEADER, NULL '\\N');\n\\echo %s\n" % (s, END) for s in statements)
    results = {}
    for statement, part in zip(statements, psql(database, script).split(END + "\n")):
        rows = [tuple(cell(v) for v in (row or [""])) for row in csv.reader(io.StringIO(part, newline=""))]
        results[statement] = ([str(c) for c in rows[0]], rows[1:]) if rows else None
    return results


def cell(text):
    if text == NULL:
        return None
    if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text):
        return float(text)
    # midnight is its day
    return re.sub(r"^(\d{4}-\d\d-\d\d) 00:00:00(\+00)?$", r"\1", text)


def canonical(value):
    """Of numbers the first six digits."""
    if isinstance(value, float):
        return float("%.6g" % value) if abs(value) >= 1e-6 else 0.0
    return value


def same_value(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= max(1e-6, RELATIVE * max(abs(a), abs(b)))
    return a == b


def same_rows(x, y):
    return len(x) == len(y) and all(same_value(a, b) for r, s in zip(x, y) for a, b in zip(r, s))


def sort_key(row):
    return tuple((0, 0.0, "") if v is None else (1, v, "") if isinstance(v, float) else (2, 0.0, v) for v in row)


def distinct(rows):
    seen = {}
    for row in rows:
        seen.setdefault(tuple(canonical(v) for v in row), row)
    return list(seen.values())


def same_set(x, y):
    if {tuple(map(canonical, r)) for r in x} == {tuple(map(canonical, r)) for r in y}:
        return True
    return same_rows(sorted(x, key=sort_key), sorted(y, key=sort_key))


def sort_columns(sql, columns):
    """Positions of the sort keys of the last ORDER BY outside of parentheses; None: no such clause; []: not among the columns."""
    depth, at = 0, -1
    text = re.sub(r"'(?:[^']|'')*'", lambda m: "x" * len(m.group(0)), sql)
    for m in re.finditer(r"[()]|\border\s+by\b", text, re.I):
        if m.group(0) in "()":
            depth += 1 if m.group(0) == "(" else -1
        elif depth == 0:
            at = m.end()
    if at < 0:
        return None
    positions = []
    for key in re.split(r",(?![^(]*\))", re.split(r"\blimit\b", text[at:], flags=re.I)[0]):
        name = re.sub(r"\b(asc|desc|nulls\s+(first|last))\b", "", key, flags=re.I).strip()
        if name.isdigit():
            positions.append(int(name) - 1)
        elif columns.count(name.split(".")[-1]) == 1:
            positions.append(columns.index(name.split(".")[-1]))
        else:
            return []
    return positions


def column_choices(gold, got):
    """Ways to find each column of gold among those of got, by their values."""
    def close(i, j):
        return same_set([(r[i],) for r in gold[1]], [(r[j],) for r in got[1]])
    candidates = [[j for j in range(len(got[0])) if close(i, j)] for i in range(len(gold[0]))]
    stack, tried = [()], 0
    while stack and tried < 5000:
        choice = stack.pop()
        if len(choice) == len(candidates):
            tried += 1
            yield choice
        else:
            stack.extend(choice + (j,) for j in candidates[len(choice)] if j not in choice)


def right(gold, sql, got):
    if got is None or len(got[0]) < len(gold[0]):
        return False
    if not gold[1] or not got[1]:
        return not gold[1] and not got[1]
    keys = sort_columns(sql, gold[0])
    want = distinct(gold[1])
    for choice in column_choices(gold, got):
        rows = distinct([tuple(r[j] for j in choice) for r in got[1]])
        if not same_set(want, rows):
            continue
        if keys is None or same_rows(want, rows):
            return True
        if keys and same_rows([[r[k] for k in keys] for r in want], [[r[k] for k in keys] for r in rows]):
            return True
    return False


def judge(path, database):
    questions = read_pairs(path)
    ask(database, questions)
    statements = sorted({s for q in questions for s in q.golds + ([q.sql] if q.sql else [])})
    results = run(database, statements)
    for q in questions:
        bad = [s for s in q.golds if results[s] is None]
        if bad:
            sys.exit("%s:%d: the SQL fails: %s" % (path, q.line + 1, bad[0]))
        if q.verdict:
            continue
        if q.kind == "-":
            q.verdict = "wrong" if q.sql else "declined"
        elif not q.sql:
            q.verdict = "declined"
        else:
            q.verdict = "right" if any(right(results[s], s, results[q.sql]) for s in q.golds) else "wrong"
    return questions


def mark(path, questions):
    with open(path, encoding="utf-8") as f:
        lines = f.readlines()
    for q in questions:
        if q.kind == "?" and q.verdict == "right":
            lines[q.line] = "+" + lines[q.line][1:]
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(lines)


def print_table(questions):
    table = collections.OrderedDict()
    for q in questions:
        table.setdefault(q.category, []).append(q)
    table["all answerable"] = [q for q in questions if q.kind != "-"]
    print("%-20s %6s %8s %6s %6s %9s %8s" % ("category", "asked", "answered", "right", "wrong", "declined", "right %"))
    for name, part in table.items():
        n = collections.Counter(q.verdict for q in part)
        share = "%8.1f" % (100.0 * n["right"] / len(part)) if part[0].kind != "-" else "%8s" % ""
        print("%-20s %6d %8d %6d %6d %9d %s" % (name, len(part), n["right"] + n["wrong"], n["right"], n["wrong"], n["declined"], share))


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    floors = [float(a.split("=")[1]) for a in sys.argv[1:] if a.startswith("--floor=")]
    everything = []
    for argument in arguments:
        path, database = argument.split("=")
        questions = judge(path, database)
        everything += questions
        if "--mark" in sys.argv:
            mark(path, questions)
    for q in everything:
        if q.verdict == "wrong" or q.verdict == "error":
            print("%s: %s %s\n    %s" % (q.verdict, q.kind, q.text, (q.sql or q.reason).replace("\n", "\n    ")))
        elif q.verdict == "declined" and (q.kind == "+" or "--details" in sys.argv and q.kind == "?"):
            print("declined: %s %s\n    %s" % (q.kind, q.text, q.reason))
    print()
    print_table(everything)

    answerable = [q for q in everything if q.kind != "-"]
    answered = [q for q in answerable if q.sql]
    n_right = sum(q.verdict == "right" for q in answered)
    share = 100.0 * n_right / max(len(answered), 1)
    print("\nright of answered %.1f %%, right of all %.1f %%" % (share, 100.0 * n_right / len(answerable)))
    checks = [q.verdict == "right" for q in answerable if q.kind == "+"]
    checks += [q.verdict == "declined" for q in everything if q.kind == "-"]
    checks += [share >= (floors or [RIGHT_OF_ANSWERED])[0], not any(q.verdict == "error" for q in everything)]
    print("%d passed, %d failed" % (sum(checks), len(checks) - sum(checks)))
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
