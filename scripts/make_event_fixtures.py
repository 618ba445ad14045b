"""Write records of TensorBoard event files to tests/fixtures/tensorboard.json.

The test of src/train/tensorboard.rs compares with them, and scripts/check_events.py --restart reads them back.
To write them anew, from the root of the repository:

    pip install tensorboard==2.21.0
    python scripts/make_event_fixtures.py

The messages are serialised by protobuf and framed by TensorBoard's own RecordWriter. There are two files: that of
a run that was interrupted after step 300, and that of the same run gone on from step 200, which says so by a
SessionLog START at step 201. Numbers are texts, so that NaN and infinities can be written.
"""

import io
import json
from importlib.metadata import version
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "tensorboard.json"
START = event_pb2.SessionLog.START
LONG = "a/" + "long " * 60 + "tag"

FIRST = [
    ("file_version", 0, []),
    ("scalars", 0, [("a/zero", 0.0), ("a/minus_zero", -0.0)]),
    ("scalars", 100, [("train/actor_loss", -1.5), ("rollout/ep_rew_mean", -1234.56789)]),
    ("scalars", 127, [("a/nan", float("nan")), ("a/inf", float("inf")), ("a/minus_inf", float("-inf"))]),
    ("scalars", 128, [("a/smallest", 1e-45), ("a/underflow", 1e-60), ("a/third", 1 / 3)]),
    ("scalars", 200, [("train/actor_loss", 0.1), ("ünïcode", 16777217.0), (LONG, 2.0)]),
    ("scalars", 300, [("train/actor_loss", 99.0), ("orphan", 1.0)]),
]
SECOND = [
    ("file_version", 0, []),
    ("session_start", 201, []),
    ("scalars", 300, [("train/actor_loss", 0.3)]),
    ("scalars", 2**40 + 1, [("train/actor_loss", 0.4)]),
    ("scalars", 2**63 - 1, [("train/actor_loss", 0.5)]),
]


def event(kind, wall_time, step, scalars):
    if kind == "file_version":
        return event_pb2.Event(wall_time=wall_time, step=step, file_version="brain.Event:2")
    if kind == "session_start":
        log = event_pb2.SessionLog(status=START)
        return event_pb2.Event(wall_time=wall_time, step=step, session_log=log)
    values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in scalars]
    summary = summary_pb2.Summary(value=values)
    return event_pb2.Event(wall_time=wall_time, step=step, summary=summary)


def record(message):
    out = io.BytesIO()
    RecordWriter(out).write(message.SerializeToString(deterministic=True))
    return out.getvalue().hex()


def main():
    files, wall_time = [], 1763700000.25
    for contents in (FIRST, SECOND):
        events = []
        for kind, step, scalars in contents:
            wall_time += 0.7
            events.append(
                {
                    "kind": kind,
                    "wall_time": repr(wall_time),
                    "step": step,
                    "scalars": [[tag, repr(value)] for tag, value in scalars],
                    "record": record(event(kind, wall_time, step, scalars)),
                }
            )
        files.append(events)
    versions = {name: version(name) for name in ("tensorboard", "protobuf")}
    OUT.write_text(json.dumps({"versions": versions, "files": files}, indent=1) + "\n")


if __name__ == "__main__":
    main()
