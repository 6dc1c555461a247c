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
from zoneinfo import ZoneInfo

import projects
from send import run, sink, spread


def main() -> None:
    """Run the rounds and print times and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    asked = parser.parse_args()
    apprise = shutil.which("apprise", path=str(Path(sys.executable).parent))
    if apprise is None:
        sys.exit("install apprise to compare with it")
    own = [sys.executable, "-m", "notigate"]
    times: dict[str, list[float]] = {
        "python -c pass": [],
        "--version": [],
        "--help": [],
        "send --to": [],
        "apprise": [],
    }
    with sink(0.0) as port, tempfile.TemporaryDirectory() as folder:
        projects.write(Path(folder), port, 1, day=datetime.now(ZoneInfo("Asia/Shanghai")).date())
        for i in range(asked.rounds + 1):
            send = ["-C", folder, "send", "service/birthday", "--to", str(13900000000 + i), "-p", "name=王芳"]
            commands: dict[str, list[str | Path]] = {
                "python -c pass": [sys.executable, "-c", "pass"],
                "--version": [*own, "--version"],
                "--help": [*own, "--help"],
                "send --to": [*own, *send],
                "apprise": [apprise, "-b", "王女士，生日快乐！", f"json://127.0.0.1:{port}/"],
            }
            for name, command in commands.items():
                wall = run(command).wall
                if i:  # the first round warms the caches of both
                    times[name].append(wall * 1000)
    for name, values in times.items():
        print(f"{name:15} {spread(values)} ms")
    ratios = [mine / theirs for mine, theirs in zip(times["send --to"], times["apprise"], strict=True)]
    print(f"send --to ÷ apprise: {min(ratios):.2f} … median {sorted(ratios)[len(ratios) // 2]:.2f} … {max(ratios):.2f}")


if __name__ == "__main__":
    main()
