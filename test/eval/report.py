#!/usr/bin/env python3
"""Prints what was declined, what was wrong, and the figures in one line each.

report.py DIRECTORY ANSWERS DETAILS
"""
import json
import os
import sys

directory, answers_file, details_file = sys.argv[1:4]


def load(path):
    with open(path) as f:
        return [json.loads(line) for line in f]


answers = {a["id"]: a for a in load(answers_file)}
details = load(details_file)
unanswerable = load(os.path.join(directory, "unanswerable.jsonl"))

kinds = {q["id"]: q["category"] for q in load(os.path.join(directory, "questions.jsonl"))}
answered = [d for d in details if answers[d["id"]]["sql"]]
right = [d for d in answered if d["right"]]
declined = [q for q in unanswerable if not answers[q["id"]]["sql"]]

print("\nwrong:")
for d in answered:
    if not d["right"]:
        print("  %s\n    %s" % (d["question"], answers[d["id"]]["sql"].replace("\n", "\n    ")))
print("\ndeclined although answerable:")
for d in details:
    a = answers[d["id"]]
    if not a["sql"]:
        print("  %s\n    %s" % (d["question"][:150], (a.get("reason") or "")[:150]))
print("\nanswered although unanswerable:")
for q in unanswerable:
    if answers[q["id"]]["sql"]:
        print("  %s\n    %s" % (q["question"], answers[q["id"]]["sql"].replace("\n", "\n    ")))


def share(part, whole):
    return "%d of %d (%.1f %%)" % (part, whole, 100.0 * part / whole if whole else 0)


print("\nright / answered / asked of each kind")
for category in sorted(set(kinds.values())):
    of = [d for d in details if kinds[d["id"]] == category]
    print("  %-36s %2d / %2d / %2d" % (category, sum(1 for d in of if d in right), sum(1 for d in of if d in answered), len(of)))
told = [a for a in answers.values() if a.get("terms")]
print("\nasked with terms       %d, answered %d" % (len(told), sum(1 for a in told if a["sql"])))
print("\nright of answered      " + share(len(right), len(answered)))
print("right of all           " + share(len(right), len(details)))
print("unanswerable declined  " + share(len(declined), len(unanswerable)))
print("unexpected errors      %d" % sum(1 for a in answers.values() if a.get("error")))
