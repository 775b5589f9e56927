#!/usr/bin/env python3
"""Judges what upload_preview() makes of a corpus of files.

    judge.py [--details] MANIFEST [DATABASE]

The manifest says of each file what a reader should find, as far as it is known:
sheets, rows, header, types, or that the file must be refused.  Prints one line a
format, and with --details each difference.  Talks to the server of the PG*
variables through psql, one connection for each file so that a crash is seen.

Most expectations are what other readers made of a file, and those read on where
we refuse: rows of more or fewer fields than the others, a quote that is never
closed.  docs/ingest.md says that these are errors; where the file is one of these
(by the manifest's word, or by Python's strict reader) the error is what was
expected.  They are counted apart.
"""
import base64
import csv
import io
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

LIMIT = 20

# names of types in the manifest -> names in our report
NAMES = {
    "timestamp": "timestamp", "timestamptz": "timestamp with time zone",
    "double": "double precision", "json": "jsonb",
}


def ask(path, database):
    with open(path, "rb") as f:
        data = base64.b64encode(f.read()).decode()
    script = (
        f"SET statement_timeout = '{LIMIT}s';\n"
        "SELECT sql_agent.upload_preview('f', decode($$" + data + "$$, 'base64'));\n"
    )
    run = subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"],
        input=script, capture_output=True, text=True)
    if run.returncode == 2 or "server closed" in run.stderr:
        return "crash", run.stderr
    if run.returncode != 0:
        message = next((l for l in run.stderr.splitlines() if "ERROR:" in l), run.stderr)
        message = message.split("ERROR:", 1)[-1].strip()
        return ("hang" if "statement timeout" in message else "error"), message
    return "result", json.loads(run.stdout)


def compare_sheet(want, have, differences):
    name = want.get("name")
    if want.get("empty"):
        if have is not None and have["rows"] > 0:
            differences.append(("rows", name, have["rows"], 0))
        return
    if have is None:
        differences.append(("sheet", name, None, None))
        return
    columns = have.get("columns", [])
    if "rows" in want and have["rows"] != want["rows"]:
        differences.append(("rows", name, have["rows"], want["rows"]))
    elif "rows" not in want and "nonblank_rows" in want:
        rows = have["rows"] + (1 if have.get("header_row") else 0) + len(have.get("preamble", []))
        if rows != want["nonblank_rows"]:
            differences.append(("rows", name, rows, want["nonblank_rows"]))
    if want.get("header") is not None:
        header = [c["original_name"] for c in columns]
        wanted = [h if h != "" else None for h in want["header"]]
        if [strip(h) for h in header] != [strip(h) for h in wanted]:
            differences.append(("header", name, header, want["header"]))
            return
    if want.get("types"):
        for i, types in enumerate(want["types"] or []):
            if types is None or i >= len(columns):
                continue
            allowed = [NAMES.get(t, t) for t in types]
            if columns[i]["type"] not in allowed:
                differences.append(
                    ("types", name, columns[i]["name"] + " " + columns[i]["type"], types))


def strip(text):
    return None if text is None else text.strip()


def refused_as_wanted(entry):
    error = entry.get("error") or {}
    wishes = json.dumps(error.get("any_of", []))
    return "error" in wishes or "kind" in error or not error.get("any_of")


def quote_stays_open(path, delimiter):
    """Python's own reader, when strict, does not read it either."""
    with open(path, "rb") as f:
        text = f.read().decode("latin-1")
    try:
        list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or ",", strict=True))
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def refused_by_rule(entry, path, message):
    """Do our rules demand this error, where other readers read on?"""
    sheets = entry.get("sheets") or []
    if "fields where" in message or "fewer fields than" in message:
        return any(s.get("ragged") for s in sheets)
    if "opens a quote that is never closed" in message:
        return quote_stays_open(path, entry.get("delimiter"))
    # nothing is said of the file but that it must not do harm
    return not sheets and "error" not in entry


def judge(entry, folder, database):
    path = os.path.join(folder, entry["file"])
    outcome, answer = ask(path, database)
    differences = []
    if outcome in ("crash", "hang"):
        return entry, outcome, [(outcome, answer)]
    if outcome == "error":
        ok = "error" in entry and refused_as_wanted(entry)
        ok = ok or (entry.get("note") or "").startswith("irregular widths")
        if not ok and refused_by_rule(entry, path, answer):
            return entry, "refused", []
        return entry, outcome, [] if ok else [("outcome", "error", answer)]
    if "error" in entry:
        if "kind" in entry["error"]:
            differences.append(("outcome", "result", entry["error"]))
        return entry, outcome, differences
    sheets = {s["sheet"]: s for s in answer["sheets"]}
    for want in entry.get("sheets") or []:
        compare_sheet(want, sheets.get(want.get("name")), differences)
    return entry, outcome, differences


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    details = "--details" in sys.argv
    manifest = args[0]
    database = args[1] if len(args) > 1 else os.environ.get("PGDATABASE", "postgres")
    folder = os.path.dirname(manifest)
    with open(manifest) as f:
        files = json.load(f)["files"]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda e: judge(e, folder, database), files))

    kinds = ["outcome", "sheet", "rows", "header", "types", "crash", "hang"]
    print(f"{'format':<8}{'files':>7}{'right':>7}" + "".join(f"{k:>9}" for k in kinds))
    wrong_own = 0
    failed = 0
    for fmt in ("csv", "xlsx", "xls"):
        of_format = [r for r in results if r[0]["format"] == fmt]
        counts = {k: sum(any(d[0] == k for d in r[2]) for r in of_format) for k in kinds}
        right = sum(not r[2] for r in of_format)
        print(f"{fmt:<8}{len(of_format):>7}{right:>7}" + "".join(f"{counts[k]:>9}" for k in kinds))
        failed += counts["crash"] + counts["hang"]
    for entry, outcome, differences in results:
        if differences and entry["file"].startswith("own/"):
            wrong_own += 1
        if details and differences:
            print(entry["file"], json.dumps(differences)[:400], entry.get("note") or "")
    total = len(results)
    right = sum(not r[2] for r in results)
    refused = sum(r[1] == "refused" for r in results)
    print(f"{right} of {total} files as expected ({100 * right / total:.1f} %), "
          f"{refused} of them refused by our rules where other readers read on; "
          f"{wrong_own} of our own cases not as expected")
    return 1 if failed or wrong_own else 0


if __name__ == "__main__":
    sys.exit(main())
