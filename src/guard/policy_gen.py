#!/usr/bin/env python3
"""Writes the function policy of one major version as a C header.

  psql -XAtq -f src/guard/policy_dump.sql | src/guard/policy_gen.py MAJOR > src/guard/policy_MAJOR.h

The dump has one line a built-in function: oid, name, argument types, result type,
volatility, kind (tab separated).  What is decided by hand stands in
policy_review.txt, beside this script.  A STABLE or VOLATILE function that stands
there nowhere is an error: somebody has to look at it first.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# arguments and results that no statement can have or must not have
UNFIT = {"internal", "trigger", "event_trigger", "language_handler", "fdw_handler",
         "index_am_handler", "table_am_handler", "tsm_handler", "aclitem", "_aclitem",
         "pg_node_tree", "pg_ndistinct", "pg_dependencies", "pg_mcv_list", "pg_ddl_command",
         "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary",
         "regclass", "regproc", "regprocedure", "regoper", "regoperator", "regrole",
         "regnamespace", "regcollation", "void"}


def read_review():
    """Section -> set of "name" or "name(types)"."""
    review, section = {}, None
    for line in open(os.path.join(HERE, "policy_review.txt")):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        if line.startswith("["):
            section = review.setdefault(line.strip("[]"), set())
        else:
            section.update(line.split())
    return review


def listed(section, name, signature):
    return name in section or signature in section


def classify(review, name, signature, types, volatility):
    """True: allowed, False: refused, None: nobody has looked at it."""
    if volatility == "i":
        if listed(review["refused immutable"], name, signature):
            return False
        return not UNFIT.intersection(types)
    allowed = listed(review["allowed stable" if volatility == "s" else "allowed volatile"], name, signature)
    refused = any(listed(entries, name, signature) for section, entries in review.items()
                  if section.startswith("refused:"))
    if allowed:
        # a signature decides before a name
        return not (refused and any(signature in e for s, e in review.items() if s.startswith("refused:")))
    if refused or UNFIT.intersection(types):
        return False
    return None


def emit(name, oids):
    print("static const uint16 %s[] = {" % name)
    oids = sorted(oids)
    for i in range(0, len(oids), 14):
        print("\t" + " ".join("%d," % o for o in oids[i:i + 14]))
    print("};\n")


def main():
    major = sys.argv[1]
    review = read_review()
    allowed, refused, unknown = [], [], []
    for line in sys.stdin:
        oid, name, args, result, volatility, _kind = line.rstrip("\n").split("\t")
        types = [t for t in args.split(",") if t] + [result]
        verdict = classify(review, name, "%s(%s)" % (name, args), types, volatility)
        (unknown.append("%s(%s) %s" % (name, args, volatility)) if verdict is None
         else (allowed if verdict else refused).append(int(oid)))
    if unknown:
        sys.exit("not reviewed:\n  " + "\n  ".join(unknown))
    print("/* Written by policy_gen.py for PostgreSQL %s; do not edit. */\n" % major)
    print("/* clang-format off */")
    emit("policy_allowed", allowed)
    emit("policy_refused", refused)
    print("/* clang-format on */")


main()
