"""Makes `report.png`: the page of a week in which a provider refused some and was slow to tell. Needs chromium.

python docs/pictures/report.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

WEEK = "2026-W39"
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  sms:
    plugin: simulator
    price: 0.045
    currency: CNY
    reconcile: {first: 0s, confirm: 0s}
    script:
      - {share: 0.04, answer: refuse, reason: bad-address}
      - {share: 0.01, answer: lose-reply}
policy: {windows: ["00:00-24:00"], per_person: {}, guard: 1000}
workdays: every-day
occasions:
  service/birthday: {at: "00:00-24:00", channels: [sms]}
  holiday/mid-autumn: {at: "00:00-24:00", channels: [sms], approval: none}
  purchase/subscription-thanks: {at: "00:00-24:00", channels: [sms]}
"""
ENVIRONMENT = os.environ | {"NOTIGATE_LANG": "zh_CN"}


def roster() -> str:
    """1,500 customers of two projects; birthdays stand in all days of two weeks, and some want nothing."""
    rows = ["id,name,title,phone,birthday,subscribed_on,project,opted_out"]
    for n in range(1500):
        birthday, project = f"1980-09-{13 + n % 15}", "锦江里" if n % 3 else "青年城"
        subscribed = f"2026-09-{14 + n % 12}" if n % 9 == 0 else "2026-03-01"
        rows.append(
            f"C{n},王芳,女士,{13800000000 + n},{birthday},{subscribed},{project},{'是' if n % 400 == 0 else ''}"
        )
    return "\n".join(rows)


def main() -> None:
    """Live two weeks, and photograph the second."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
        (folder / "customers.csv").write_text(roster(), encoding="utf-8")
        for day in range(14, 28):
            _notigate(folder, f"2026-09-{day}T10:05", "send", "--due")
        _notigate(folder, "2026-09-27T18:00", "receipts", "pull")
        _notigate(folder, "2026-09-27T18:05", "report", "week", "--of", WEEK, "-o", str(folder / "week.html"))
        picture = Path(__file__).with_name("report.png")
        subprocess.run(  # noqa: S603 - the browser of this machine
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1280,1060",  # noqa: S607
             f"--screenshot={picture}", (folder / "week.html").as_uri()],
            check=True, capture_output=True,
        )  # fmt: skip


def _notigate(folder: Path, now: str, *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "notigate", "-q", "-C", folder, "--now", now, *arguments],
        env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1, 4):  # some are refused and some unknown, which is what the picture shows
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
