#!/usr/bin/env python3
"""Trains for a long time, and sees whether the memory of the process stays what it was.

    python3 scripts/soak.py target/release/softac --minutes 30

Rows, evaluations and checkpoints are written far more often than usual. The resident memory is read from /proc
every five seconds. After the first tenth of the time, when the replay buffer is full, it must not grow by more
than one per cent. Then the run is terminated, and has to go on.
"""

import argparse
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def resident_kib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("softac")
    parser.add_argument("--minutes", type=float, default=30)
    args = parser.parse_args()
    softac = Path(args.softac).resolve()
    with tempfile.TemporaryDirectory() as place:
        run = Path(place) / "run"
        settings = ["--total-timesteps=1000000000", "--eval-freq=1000", "--log-freq=100", "--checkpoint-freq=2000"]
        command = [softac, "train", "pendulum", "--quiet", "--threads=1", f"--out={run}", *settings]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        begin, samples = time.monotonic(), []
        while time.monotonic() - begin < 60 * args.minutes:
            time.sleep(5)
            if process.poll() is not None:
                sys.exit(f"it ended by itself, with {process.returncode}")
            samples.append(resident_kib(process.pid))
        process.send_signal(signal.SIGTERM)
        if process.wait(60) != 130:
            sys.exit(f"terminated, it ended with {process.returncode} instead of 130")
        steps = max(int(path.name[len("step-"):]) for path in (run / "checkpoints").iterdir())
        again = [softac, "resume", "--quiet", run, f"--total-timesteps={steps + 100}"]
        subprocess.run(again, check=True, stdout=subprocess.DEVNULL)
    samples = samples[len(samples) // 10:]
    tenth = max(1, len(samples) // 10)
    first, last = statistics.median(samples[:tenth]), statistics.median(samples[-tenth:])
    report = {"minutes": args.minutes, "steps": steps, "samples": len(samples)}
    report |= {"first_kib": first, "last_kib": last, "max_kib": max(samples)}
    print(json.dumps(report))
    if last > 1.01 * first:
        sys.exit(f"resident memory grew from {first} to {last} KiB")


if __name__ == "__main__":
    main()
