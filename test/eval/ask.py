#!/usr/bin/env python3
"""Asks every question of a directory through sql_agent.ask_sql().

ask.py DIRECTORY HOST PORT OUTPUT: writes {"id", "sql", "reason"} a line; sql is
null where the question was declined, reason then says why.  What the evidence of
a question says that words mean is told with term_add() for that question alone,
each meaning in turn until one is answered; EVAL_TERMS=off leaves it out.
"""
import json
import os
import re
import subprocess
import sys

from definitions import definitions

directory, host, port, output = sys.argv[1:5]

FUNCTION = """
CREATE FUNCTION pg_temp.try(question text) RETURNS jsonb LANGUAGE plpgsql AS $body$
DECLARE detail text;
BEGIN
  RETURN jsonb_build_object('sql', sql_agent.ask_sql(question));
EXCEPTION WHEN SQLSTATE 'AG010' THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN jsonb_build_object('sql', NULL, 'reason', detail);
WHEN OTHERS THEN
  RETURN jsonb_build_object('sql', NULL, 'reason', SQLSTATE || ' ' || SQLERRM, 'error', true);
END $body$;
"""


TERM = """
CREATE FUNCTION pg_temp.tell(term text, meaning text) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
  RETURN sql_agent.term_add(term, meaning);
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END $body$;
"""


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def readings(question):
    """Lists of (word, meaning) to be told before the question is asked; the last is the one of no terms."""
    if os.environ.get("EVAL_TERMS") == "off":
        return [[]]
    told = [(w, m) for w, m in definitions(question["evidence"])
            if re.search(r"\b%s\b" % re.escape(w), question["question"], re.I)]
    if not told:
        return [[]]
    return [[(w, m[min(i, len(m) - 1)]) for w, m in told] for i in range(max(len(m) for _, m in told))]


def load(name):
    with open(os.path.join(directory, name)) as f:
        return [json.loads(line) for line in f]


def ask(database, questions):
    script = "SET client_min_messages = error;\n" + FUNCTION + TERM
    asked = [(q, told) for q in questions for told in readings(q)]
    for q, told in asked:
        script += "BEGIN;\n"
        for word, meaning in told:
            script += "DO $do$BEGIN PERFORM pg_temp.tell(%s, %s); END$do$;\n" % (literal(word), literal(meaning))
        script += "SELECT pg_temp.try(%s);\nROLLBACK;\n" % literal(q["question"])
    out = subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port, "-U", "nl2sql_ro", "-d", database],
        input=script, capture_output=True, text=True, check=True).stdout
    answers = [json.loads(line) for line in out.splitlines() if line.strip()]
    best = {}
    for (q, told), answer in zip(asked, answers):
        if q["id"] not in best or not best[q["id"]]["sql"]:
            best[q["id"]] = dict(id=q["id"], terms=told, **answer)
    return list(best.values())


questions = load("questions.jsonl") + load("unanswerable.jsonl")
with open(output, "w") as f:
    for database in sorted({q["db"] for q in questions}):
        for answer in ask(database, [q for q in questions if q["db"] == database]):
            f.write(json.dumps(answer) + "\n")
