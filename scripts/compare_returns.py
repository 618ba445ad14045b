"""Compares the returns that a device printed, as bits, with those of `softac eval --json`.

    python3 scripts/compare_returns.py returns.txt eval.json
"""

import json
import struct
import sys

with open(sys.argv[1]) as file:
    device = [int(line.split()[1], 16) for line in file if line.startswith("return ")]
with open(sys.argv[2]) as file:
    host = json.load(file)["rewards"]
bits = [struct.unpack("<Q", struct.pack("<d", reward))[0] for reward in host]
for episode, (on_device, on_host, reward) in enumerate(zip(device, bits, host)):
    print(f"episode {episode}: {reward}, device {on_device:016x}, host {on_host:016x}")
if not device or device != bits:
    sys.exit("error: the device's returns are not the host's to the bit")
