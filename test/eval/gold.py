#!/usr/bin/env python3
"""The public questions through a model that knows the right SQL.

gold.py serve DIRECTORY PORT_FILE   an OpenAI compatible server that answers each
                                    question with its right SQL
gold.py ask DIRECTORY HOST PORT     asks all of them through ask_json(), and
                                    compares the rows with those of the SQL itself

What is right must be answered: a refusal, a failure or other rows are faults of
the guard or of the way of an answer.  Exits with 1 where there is one.
"""
import http.server
import json
import os
import re
import subprocess
import sys


def load(directory):
    with open(os.path.join(directory, "questions.jsonl")) as f:
        return [json.loads(line) for line in f]


def serve(directory, port_file):
    gold = {q["question"].strip(): q["gold_sqls"][0] for q in load(directory)}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = "\n".join(json.dumps(m["content"]) for m in body["messages"] if m["role"] == "user")
            text = text.encode().decode("unicode_escape", "replace")
            question = re.search(r"## Question\n<<<([0-9a-f]{16})\n(.*?)\n\1>>>", text, re.S)
            sql = gold.get(question.group(2).strip()) if question else None
            answer = json.dumps({"explanation": "As it is known.", "sql": sql, "confidence": 1})
            out = json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "gold", "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": answer}}]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with open(port_file + ".tmp", "w") as f:
        f.write(str(server.server_address[1]))
    os.rename(port_file + ".tmp", port_file)
    server.serve_forever()


def psql(host, port, database, script):
    return subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port, "-U", "nl2sql_ro", "-d", database],
        input="SET client_min_messages = error;\n" + script, capture_output=True, text=True, check=True).stdout


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def ask(directory, host, port):
    faults = []
    questions = load(directory)
    for q in questions:
        out = psql(host, port, q["db"], "SET sql_agent.llm = 'gold'; SET sql_agent.translators = 'llm';\n"
                   "SELECT sql_agent.ask_json(%s, options => '{\"record\": false}');" % literal(q["question"]))
        answer = json.loads(out)
        if answer["status"] != "answered":
            faults.append("%s: %s: %s" % (q["id"], answer["status"], answer["error"]))
            continue
        sql = q["gold_sqls"][0].rstrip().rstrip(";")
        rows = int(psql(host, port, q["db"], "SELECT count(*) FROM (%s) AS gold;" % sql))
        if rows != answer["row_count"]:
            faults.append("%s: %d rows, not %d" % (q["id"], answer["row_count"], rows))
    print("right SQL of a model: %d questions, %d answered with the same rows" % (len(questions), len(questions) - len(faults)))
    for fault in faults:
        print("  " + fault)
    return 1 if faults else 0


if sys.argv[1] == "serve":
    serve(sys.argv[2], sys.argv[3])
else:
    sys.exit(ask(*sys.argv[2:5]))
