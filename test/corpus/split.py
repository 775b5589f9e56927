#!/usr/bin/python3
"""Compares how text files are split into fields with what libcsv makes of them.

    split.py MANIFEST [DATABASE] [FILES]

Ours is upload_cells(); libcsv is called as a library.  The files of the corpus
that are UTF-8 and have a delimiter of one byte are compared, and FILES (default
300) made at random, with quotes, delimiters and line ends inside of fields.
libcsv drops blanks at the ends of fields that are not quoted, so those are left
out of the comparison; so are rows in which there is nothing.  A file that differs
for no reason that is known is listed, and the exit code is 1.
"""
import base64
import ctypes
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

LIMIT = 30
UNKNOWN = "no known reason"
PARSER_BYTES = 1024  # more than sizeof(struct csv_parser)
FIELD = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
ROW = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p)

library = ctypes.CDLL("libcsv.so.3")
library.csv_parse.restype = ctypes.c_size_t
library.csv_parse.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, FIELD, ROW, ctypes.c_void_p]
library.csv_fini.argtypes = [ctypes.c_void_p, FIELD, ROW, ctypes.c_void_p]
library.csv_free.argtypes = [ctypes.c_void_p]
library.csv_init.argtypes = [ctypes.c_void_p, ctypes.c_ubyte]
library.csv_set_delim.argtypes = [ctypes.c_void_p, ctypes.c_ubyte]


def by_libcsv(data, delimiter):
    parser = ctypes.create_string_buffer(PARSER_BYTES)
    rows = []
    row = []

    def on_field(text, length, _):
        row.append(ctypes.string_at(text, length).decode("utf-8", "replace") if text else "")

    def on_row(_, __):
        rows.append(list(row))
        row.clear()

    on_field, on_row = FIELD(on_field), ROW(on_row)
    library.csv_init(parser, 0)
    library.csv_set_delim(parser, ord(delimiter))
    library.csv_parse(parser, data, len(data), on_field, on_row, None)
    library.csv_fini(parser, on_field, on_row, None)
    library.csv_free(parser)
    return rows


def ours(data, database):
    script = (f"SET statement_timeout = '{LIMIT}s'; SET client_min_messages = error;\n"
              "SELECT row_to_json(c) FROM sql_agent.upload_cells(decode($$"
              + base64.b64encode(data).decode() + "$$, 'base64')) c;\n")
    run = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"],
                         input=script, capture_output=True, text=True)
    if run.returncode != 0:
        return None, " ".join(run.stderr.split("ERROR:", 1)[-1].split())
    rows = {}
    for line in run.stdout.splitlines():
        cell = json.loads(line)
        row = rows.setdefault(cell["row"], [])
        row.extend([""] * (cell["column"] - 1 - len(row)))
        row.append(cell["value"] or "")
    return [rows[n] for n in sorted(rows)], None


def plain(rows):
    """Without blanks at the ends of fields, empty fields at the ends of rows, empty rows."""
    result = []
    for row in rows:
        row = [field.replace("\r\n", "\n").strip(" \t") for field in row]
        while row and row[-1] == "":
            row.pop()
        if row:
            result.append(row)
    return result


def reason(data, delimiter, have):
    """Why the two differ, where that is known."""
    text = data.decode("utf-8", "replace")
    mark = re.escape(delimiter)
    if have is None:
        return "a quote that is never closed: an error here"
    if text.startswith("sep="):
        return "the first line only names the delimiter"
    if re.search(r'\\["' + mark + "]", text):
        return "a backslash before a quote or delimiter, which libcsv does not know"
    if re.search(r"(?m)(?:^|" + mark + r")[ \t]*'", text):
        return "quotes of another kind, which libcsv does not know"
    if re.search(r'(?m)(?:^|' + mark + r')[ \t]*"[^"\n]*"[ \t]*[^\s"' + mark + "]", text):
        return "text behind a closing quote: as it stands here, on to the next quote there"
    if all(len(row) == 1 for row in have):
        return "commas of numbers in a single column: no delimiters here"
    return None


def random_file(seed):
    """A file that is written by the rules, its delimiter, and what it holds."""
    chance = random.Random(seed)
    delimiter = chance.choice(",;\t|")
    end = chance.choice(["\n", "\r\n"])
    letters = "abc äß€ 019.-_'" + '"' + delimiter + "\n"
    width = chance.randint(2, 9)
    rows = []
    lines = []
    for _ in range(chance.randint(5, 60)):
        row = ["".join(chance.choice(letters) for _ in range(chance.randint(0, 12))).strip(" \t")
               for _ in range(width)]
        row[0] = row[0] or "x"
        rows.append(row)
        lines.append(delimiter.join(
            '"' + f.replace('"', '""') + '"' if any(c in f for c in '"\n' + delimiter) or chance.random() < 0.1 else f
            for f in row))
    return (end.join(lines) + end * chance.randint(0, 1)).encode(), delimiter, rows


def compare(job, database):
    name, data, delimiter, written = job
    theirs = plain(by_libcsv(data, delimiter))
    have, problem = ours(data, database)
    want = plain(written) if written is not None else theirs
    fields = sum(map(len, want))
    if have is not None and plain(have) == want and (written is None or theirs == want):
        return name, fields, None, None
    why = None if written is not None else reason(data, delimiter, have)
    first = None
    if have is not None:
        first = next(((i + 1, a, b) for i, (a, b) in enumerate(zip(plain(have), want)) if a != b),
                     (len(plain(have)), len(want)))
    return name, fields, why or UNKNOWN, (problem, first)


def main():
    manifest = sys.argv[1]
    database = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("PGDATABASE", "postgres")
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    folder = os.path.dirname(manifest)
    jobs = []
    with open(manifest) as f:
        for entry in json.load(f)["files"]:
            if entry["format"] == "csv" and entry.get("encoding") == "utf-8" and len(entry.get("delimiter") or "") == 1:
                with open(os.path.join(folder, entry["file"]), "rb") as g:
                    data = g.read()
                jobs.append((entry["file"], data[3:] if data.startswith(b"\xef\xbb\xbf") else data, entry["delimiter"], None))
    public = len(jobs)
    jobs += [(f"random {seed}",) + random_file(seed) for seed in range(count)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda job: compare(job, database), jobs))
    same = sum(r[2] is None for r in results)
    print(f"{sum(r[1] for r in results)} fields of {public} files and {count} made at random split by libcsv: "
          f"{same} files the same")
    for why, n in Counter(r[2] for r in results if r[2] is not None).most_common():
        print(f"  {n:>6}  {why}")
    unknown = [r for r in results if r[2] == UNKNOWN]
    for name, _, _, what in unknown:
        print("SILENT", name, str(what)[:200])
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
