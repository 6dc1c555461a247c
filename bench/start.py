"""Cold start: one message from a shell, notigate with its durable ledger against the Apprise CLI without any.

    python bench/start.py [--rounds 11]

Both send the same one message over HTTP to the same provider; notigate signs it for Aliyun and promises it first. Rounds are
interleaved; the ratio is taken round by round.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import projects
from send import Spent, run, sink, spread


def main() -> None:
    """Run the rounds and print times and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    asked = parser.parse_args()
    own, apprise = (shutil.which(name, path=str(Path(sys.executable).parent)) for name in ("notigate", "apprise"))
    if own is None or apprise is None:
        sys.exit("install notigate, and apprise to compare with it")
    spent: dict[str, list[Spent]] = {}
    with sink(0.0) as port, tempfile.TemporaryDirectory() as folder:
        projects.write(Path(folder), port, 1, day=datetime.now(ZoneInfo("Asia/Shanghai")).date())
        for i in range(asked.rounds + 1):
            send = ["-C", folder, "send", "service/birthday", "--to", str(13900000000 + i), "-p", "name=王芳"]
            commands: dict[str, list[str | Path]] = {
                "python -c pass": [sys.executable, "-c", "pass"],
                "--version": [own, "--version"],
                "--help": [own, "--help"],
                "send --to": [own, *send],
                "apprise": [apprise, "-b", "王女士，生日快乐！", f"json://127.0.0.1:{port}/"],
            }
            for name, command in commands.items():
                took = run(command)
                if i:  # the first round warms the caches of both
                    spent.setdefault(name, []).append(took)
    print(f"{'process':15} {'ms':24} CPU ms")
    for name, values in spent.items():
        print(
            f"{name:15} {spread([one.wall * 1000 for one in values]):24} {spread([one.cpu * 1000 for one in values])}"
        )
    pairs = list(zip(spent["send --to"], spent["apprise"], strict=True))
    for what, ratios in (
        ("ms", [mine.wall / theirs.wall for mine, theirs in pairs]),
        ("CPU", [mine.cpu / theirs.cpu for mine, theirs in pairs]),
    ):
        print(f"send --to ÷ apprise, {what}: {median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]")


if __name__ == "__main__":
    main()
