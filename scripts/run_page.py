"""Runs the commands of a page of the book: `run_page.py PAGE FILE…`.

All blocks of the page that are marked `sh` run one after another in a new folder that holds copies of the files; the
first command that fails ends it. `softac` must be in PATH.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def main():
    page, *files = map(pathlib.Path, sys.argv[1:])
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    if not blocks:
        sys.exit(f"{page} has no commands")
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            shutil.copy(file, folder)
        script = "set -eux -o pipefail\n" + "".join(blocks)
        done = subprocess.run(["bash", "-c", script], cwd=folder, check=False)
    sys.exit(done.returncode)


main()
