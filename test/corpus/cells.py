#!/usr/bin/python3
"""Compares every cell of a corpus of workbooks with what other readers have.

    cells.py MANIFEST [DATABASE]

Ours are upload_cells(), the others openpyxl (.xlsx, .xlsm) and xlrd (.xls), which
share no code with it.  Talks to the server of the PG* variables through psql.
A cell that differs in writing only has a reason that is counted; one without a
reason is listed, and the exit code is 1.  So is a file that only one of the two
reads, but for the reasons in REFUSED.
"""
import base64
import datetime
import json
import os
import re
import resource
import subprocess
import sys
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import xlrd

LIMIT = 30
MEMORY = 2 << 30
NUMBERS = ("number", "percent", "currency")
TIMES = ("date", "timestamp", "time", "elapsed")
SECOND = 1 / 86400

# what only one of the two readers reads, and why that is as it should be
REFUSED = {
    "workbooks older than Excel 5 are not read": "older than Excel 5: not read by us",
    "A cell has more than 32767 characters.": "longer texts than a cell may have: refused by us",
    "is in it twice": "the archive has a part twice: refused by us",
}


def ours(path, database):
    """Cells by (sheet, row, column), or None and the error."""
    with open(path, "rb") as f:
        data = base64.b64encode(f.read()).decode()
    script = (f"SET statement_timeout = '{LIMIT}s'; SET client_min_messages = error;\n"
              "SELECT row_to_json(c) FROM sql_agent.upload_cells(decode($$" + data
              + "$$, 'base64')) c;\n")
    run = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"],
                         input=script, capture_output=True, text=True)
    if run.returncode != 0:
        return None, " ".join(run.stderr.split("ERROR:", 1)[-1].split())
    cells = {}
    for line in run.stdout.splitlines():
        cell = json.loads(line)
        if cell["kind"] != "blank":
            cells[cell["sheet"], cell["row"], cell["column"]] = (cell["kind"], cell["value"])
    return cells, None


def by_openpyxl(path):
    book = openpyxl.load_workbook(path, data_only=True)
    cells = {}
    for sheet in book.worksheets:
        # not iter_rows(): one cell at XFD1048576 makes that 17 thousand million
        for cell in sheet._cells.values():
            value = cell.value
            if value is None:
                continue
            if cell.data_type == "e":
                kind = "error"
            elif isinstance(value, bool):
                kind = "boolean"
            elif isinstance(value, (int, float)):
                kind = "number"
            elif isinstance(value, str):
                kind = "text"
            else:
                kind = "time"
            cells[sheet.title, cell.row, cell.column] = (kind, value)
    return cells, book.epoch.year == 1904


def xlrd_cell(cell, datemode):
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return "text", cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "boolean", bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return "error", xlrd.error_text_from_code[cell.value]
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return "time", xlrd.xldate_as_datetime(cell.value, datemode)
        except (OverflowError, ValueError):
            pass
    return ("number", cell.value) if cell.ctype in (2, 3) else None


def by_xlrd(path):
    with open(os.devnull, "w") as null:
        book = xlrd.open_workbook(path, logfile=null)
    cells = {}
    for sheet in book.sheets():
        for r in range(sheet.nrows):
            for c in range(sheet.row_len(r)):
                cell = xlrd_cell(sheet.cell(r, c), book.datemode)
                if cell is not None:
                    cells[sheet.name, r + 1, c + 1] = cell
    return cells, book.datemode == 1


def days(value):
    """A date, time, duration or our text of one as (date or None, days)."""
    if isinstance(value, str):
        clock = re.fullmatch(r"(?:(\d{4}-\d\d-\d\d)[ T]?)?(?:(\d+):(\d\d):(\d\d(?:\.\d+)?))?Z?", value)
        if clock is None or value == "":
            return None
        day = datetime.date.fromisoformat(clock[1]) if clock[1] else None
        part = 0.0 if clock[2] is None else int(clock[2]) / 24 + int(clock[3]) / 1440 + float(clock[4]) / 86400
        return day, part
    if isinstance(value, datetime.datetime):
        return value.date(), (value - datetime.datetime(value.year, value.month, value.day)) / datetime.timedelta(1)
    if isinstance(value, datetime.date):
        return value, 0.0
    if isinstance(value, datetime.timedelta):
        return None, value / datetime.timedelta(1)
    return None, (value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6) / 86400


def serial(moment, date1904):
    """The number of a workbook for it."""
    day, part = moment
    if day is None:
        return part
    if date1904:
        return (day - datetime.date(1904, 1, 1)).days + part
    count = (day - datetime.date(1899, 12, 30)).days
    return count + part if count > 60 else count - 1 + part


def time_verdict(have, want, date1904):
    """The two as numbers of the workbook: the same moment, or not."""
    if have[0] not in TIMES:
        if have[0] in NUMBERS and want[0] == "time" and abs(float(have[1]) - serial(days(want[1]), date1904)) < SECOND / 500:
            return "a number here, a time there, the same value"
        return "kind"
    mine = days(have[1])
    if mine is None:
        # what is no moment that exists is given as the number that it is
        theirs = float(want[1]) if want[0] == "number" else serial(days(want[1]), date1904)
        # (a day less before March 1900, where openpyxl does not know the day that never was)
        near = any(abs(float(have[1]) - theirs - n) < SECOND / 500 for n in (0, 1))
        return "no date that exists: a number here" if near else "value"
    if want[0] == "number":
        same = abs(serial(mine, date1904) - float(want[1])) < SECOND / 500
        return "a time here, a number there, the same value" if same else "value"
    same = abs(serial(mine, date1904) - serial(days(want[1]), date1904)) < SECOND / 500
    return None if same else "value"


def verdict(have, want, date1904):
    """None where they are the same; a reason with a blank in it, or what is wrong."""
    if have is None:
        return "an empty text there, nothing here" if want == ("text", "") else "missing"
    if want is None:
        return "an empty text here, nothing there" if have == ("text", "") else "more"
    if want[0] == "time" or (want[0] == "number" and have[0] in TIMES):
        return time_verdict(have, want, date1904)
    if want[0] == "number":
        if have[0] not in NUMBERS:
            return "kind"
        return None if float(have[1]) == float(want[1]) else "value"
    if want[0] == "boolean":
        return None if have == ("boolean", "true" if want[1] else "false") else "value"
    if have[0] != want[0]:
        return "kind"
    if have[1] == want[1]:
        return None
    if re.search("_x[0-9A-Fa-f]{4}_", want[1]):
        return "an escaped character that is left as it is there"
    return "value"


def compare(entry, folder, database):
    path = os.path.join(folder, entry["file"])
    have, problem = ours(path, database)
    if have is None and "error" in entry:
        return entry, 0, Counter(), [], "both"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            want, date1904 = by_xlrd(path) if entry["format"] == "xls" else by_openpyxl(path)
    except Exception as error:  # whatever the other reader stumbles over
        return entry, 0, Counter(), [], "both" if have is None else f"there: {type(error).__name__}: {error}"
    if have is None:
        reason = next((r for m, r in REFUSED.items() if m in problem), None)
        return entry, 0, Counter(), [], reason or f"here: {problem}"
    reasons = Counter()
    silent = []
    places = set(have) | set(want)
    for at in places:
        found = verdict(have.get(at), want.get(at), date1904)
        if found is not None:
            reasons[found] += 1
            if " " not in found:
                silent.append((found, at, have.get(at), want.get(at)))
    return entry, len(places), reasons, silent, None


def main():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    manifest = sys.argv[1]
    database = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("PGDATABASE", "postgres")
    folder = os.path.dirname(manifest)
    with open(manifest) as f:
        files = [e for e in json.load(f)["files"] if e["format"] != "csv"]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda e: compare(e, folder, database), files))
    cells = sum(r[1] for r in results)
    read = [r for r in results if r[4] is None]
    print(f"{cells} cells of {len(read)} workbooks compared with openpyxl and xlrd")
    reasons = sum((r[2] for r in results), Counter())
    for reason, count in reasons.most_common():
        print(f"  {count:>6}  {reason}")
    for reason, count in Counter(r[4] for r in results if r[4]).most_common():
        print(f"  {count:>6}  workbooks refused by both" if reason == "both" else f"  {count:>6}  workbook not compared; {reason}")
    silent = [(r[0]["file"], s) for r in results for s in r[3]]
    for name, difference in silent[:40]:
        print("SILENT", name, *difference)
    print(f"{len(silent)} cells differ without a reason")
    return 1 if silent or any((r[4] or "").startswith("here: ") for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
