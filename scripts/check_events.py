"""Read the event files of runs with TensorBoard itself, and compare them with the CSV files.

    pip install tensorboard==2.21.0
    python scripts/check_events.py RUN...      every scalar of every row, exact after rounding to float32
    python scripts/check_events.py --restart   what TensorBoard makes of a run that was interrupted and gone on
                                               with, and of files that are cut short (tests/fixtures/tensorboard.json,
                                               whose bytes are those that the crate writes)

The exit code is 0 only if nothing differs.
"""

import csv
import json
import logging
import math
import struct
import sys
import tempfile
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "tensorboard.json"
STEP = "time/total_timesteps"
NO_SCALARS = {STEP, "train/params_hash"}


def float32(x):
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)


def same(a, b):
    equal = all(s == t and (x == y or x != x and y != y) for (s, x), (t, y) in zip(a, b))
    return len(a) == len(b) and equal


def scalars_of(folder):
    """{tag: [(step, value)]} as TensorBoard has it, without any point left out."""
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    events.Reload()
    return {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def cells_of(path):
    """{column: [(step, value)]} of a CSV file, without its empty cells."""
    columns = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            for column, cell in row.items():
                if column not in NO_SCALARS and cell != "":
                    columns.setdefault(column, []).append((int(row[STEP]), float32(float(cell))))
    return columns


def differences(found, expected):
    for tag in sorted(found.keys() | expected.keys()):
        if tag not in found:
            yield f"{tag}: missing from the event files"
        elif tag not in expected:
            yield f"{tag}: in the event files alone"
        elif not same(found[tag], expected[tag]):
            pairs = [pair for pair in zip(found[tag], expected[tag]) if not same(*([p] for p in pair))]
            first = f"first {pairs[0]}" if pairs else "no other difference"
            yield f"{tag}: {len(found[tag])} points for {len(expected[tag])} cells; {first}"


def check_run(run):
    expected = cells_of(run / "metrics.csv") | cells_of(run / "evaluations.csv")
    wrong = list(differences(scalars_of(run), expected))
    if not expected:
        wrong.append("the CSV files hold nothing to compare with")
    points = sum(map(len, expected.values()))
    print(f"{run}: {points} points of {len(expected)} tags, {len(wrong)} tags differ")
    return [f"{run}: {line}" for line in wrong]


def points(events):
    """{tag: [(step, value)]} of a list of the fixture's events."""
    columns = {}
    for event in events:
        for tag, value in event["scalars"]:
            columns.setdefault(tag, []).append((event["step"], float32(float(value))))
    return columns


def write(folder, files):
    """Writes each list of records to a file; names in the order that the crate gives them."""
    for number, records in enumerate(files):
        path = Path(folder) / f"events.out.tfevents.{1763700000 + number}.softac.1.0"
        path.write_bytes(b"".join(records))


def check_restart():
    first, second = json.loads(FIXTURES.read_text())["files"]
    records = [[bytes.fromhex(event["record"]) for event in file] for file in (first, second)]
    start = next(event["step"] for event in second if event["kind"] == "session_start")
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        write(folder, records)
        kept = [event for event in first if event["step"] < start]
        assert len(kept) < len(first), "nothing was orphaned"
        expected = points(kept + second)
        found = {tag: values for tag, values in scalars_of(folder).items() if values}
        wrong += [f"after a restart: {line}" for line in differences(found, expected)]
    cut = 0
    for length in range(len(records[0][-1])):
        with tempfile.TemporaryDirectory() as folder:
            write(folder, [records[0][:-1] + [records[0][-1][:length]]])
            lines = differences(scalars_of(folder), points(first[:-1]))
            wrong += [f"cut short, {length} bytes of the last record: {line}" for line in lines]
            cut += 1
    print(f"a restart at step {start}, {cut} files cut short: {len(wrong)} differences")
    return wrong


def main(words):
    logging.disable(logging.WARNING)  # TensorBoard warns of what it discards, which is what is checked here.
    if not words or words[0].startswith("-") and words != ["--restart"]:
        sys.exit(__doc__)
    wrong = check_restart() if words == ["--restart"] else sum((check_run(Path(run)) for run in words), [])
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
