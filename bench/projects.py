"""Projects for the benches: N people who all have their birthday today, one provider."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

SETTINGS = """\
project: {{name: 青年城, hotline: 400-600-0000, city: 成都}}
timezone: Asia/Shanghai
ledger: sqlite:///notigate.db
roster: {{file: customers.csv}}
channels:
  sms:
    plugin: sms_aliyun
    access_key_id: id
    access_key_secret: secret
    sign_name: 青年城
    endpoint: http://127.0.0.1:{port}
    templates: {{service/birthday: SMS_1}}
    batch: {batch}
    concurrency: {concurrency}
    reconcile: {{first: {first}, confirm: {confirm}}}
    timeout: {timeout}
occasions:
  service/birthday: {{at: "00:00-24:00", channels: [sms]}}
policy: {{windows: ["00:00-24:00"]}}
"""


def write(  # noqa: PLR0913 - what a bench varies
    folder: Path,
    port: int,
    people: int,
    *,
    day: date,
    batch: int = 100,
    concurrency: int = 8,
    first: str = "10m",
    confirm: str = "30m",
    timeout: str = "{}",
) -> Path:
    """Write a project into `folder`; its people are `c0`, `c1` … with phones from 13800000000 on."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    settings = folder / "notigate.yaml"
    settings.write_text(
        SETTINGS.format(port=port, batch=batch, concurrency=concurrency, first=first, confirm=confirm, timeout=timeout),
        encoding="utf-8",
    )
    settings.chmod(0o600)
    with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "name", "title", "phone", "birthday", "subscribed_on", "building", "language"])
        birthday = f"1988-{day:%m-%d}"
        for i in range(people):
            writer.writerow([f"c{i}", "王芳", "ms", 13800000000 + i, birthday, "2026-03-01", f"{i % 20 + 1}号楼", ""])
    return folder
