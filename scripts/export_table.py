"""The figures of `softac export --emulate … --json` as a table; an error if any export differs from the host, or takes more
of the flash beside its weights on a Cortex-M4F than --most-code.

    python3 scripts/export_table.py c.json rust.json --most-code 2048
"""

import argparse
import json
import os
import sys

parser = argparse.ArgumentParser()
parser.add_argument("reports", nargs="+")
parser.add_argument("--most-code", type=int)
arguments = parser.parse_args()

print("| export | machine | optimised for | instructions | code | weights | stack | to the bit |")
print("|---|---|---|---:|---:|---:|---:|---:|")
wrong = []
for path in arguments.reports:
    with open(path) as file:
        report = json.loads(file.read().strip().splitlines()[-1])
    kind = os.path.splitext(report["files"][0])[1].lstrip(".")
    numbers = report.get("quantize", "f32")
    for row in report["emulated"]:
        name = f"{kind}, {numbers}"
        equal = row["observations"] - row["differences"]
        print(
            f"| {name} | {row['machine']} | {row['optimised_for']} | {row['instructions']:,.0f} | {row['code_bytes']:,} "
            f"| {row['weight_bytes']:,} | {row['stack_bytes']:,} | {equal:,} of {row['observations']:,} |"
        )
        if row["selftest"] != 0 or row["differences"] or row["unwanted_symbols"]:
            wrong.append(f"{name} on {row['machine']} is not the host's")
        limit = arguments.most_code
        if limit and row["machine"] == "cortex-m4f" and row["code_bytes"] >= limit:
            wrong.append(f"{name} on {row['machine']} takes {row['code_bytes']} bytes, {limit} or more")
if wrong:
    sys.exit("error: " + "; ".join(wrong))
