#!/usr/bin/env python3
"""Asks every question of a directory through sql_agent.ask_sql().

ask.py DIRECTORY HOST PORT OUTPUT: writes {"id", "sql", "reason"} a line; sql is
null where the question was declined, reason then says why.
"""
import json
import os
import subprocess
import sys

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


def load(name):
    with open(os.path.join(directory, name)) as f:
        return [json.loads(line) for line in f]


def ask(database, questions):
    script = "SET client_min_messages = error;\n" + FUNCTION
    for q in questions:
        literal = q["question"].replace("'", "''")
        script += "SELECT pg_temp.try('%s');\n" % literal
    out = subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port, "-U", "nl2sql_ro", "-d", database],
        input=script, capture_output=True, text=True, check=True).stdout
    answers = [json.loads(line) for line in out.splitlines() if line.strip()]
    return [dict(id=q["id"], **a) for q, a in zip(questions, answers)]


questions = load("questions.jsonl") + load("unanswerable.jsonl")
with open(output, "w") as f:
    for database in sorted({q["db"] for q in questions}):
        for answer in ask(database, [q for q in questions if q["db"] == database]):
            f.write(json.dumps(answer) + "\n")
