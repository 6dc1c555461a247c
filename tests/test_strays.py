"""What was promised for a channel that the settings do not name any more."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli
from notigate.ledger import plan, questions, runs
from notigate.ledger.changes import Times
from notigate.ledger.plan import Draft
from notigate.ledger.store import Ledger
from notigate.ledger.strays import strays
from notigate.model import Category, Content, State

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
TIMES, HOUR = Times(NOW, NOW), timedelta(hours=1)
SETTINGS = """\
project: {{name: 青年城, hotline: 400-600-0000}}
roster: {{file: customers.csv}}
channels: {{{channel}: {{plugin: outbox}}}}
policy: {{windows: ["15:00-17:00"]}}
workdays: every-day
occasions: {{service/birthday: {{at: "15:00-17:00"}}}}
"""
ROSTER = "id,name,title,phone,birthday,subscribed_on\nc1,王芳,女士,13800138000,1990-11-22,2020-11-01\n"


@pytest.fixture
def send(tmp_path: Path):
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def run(channel: str, now: str):
        (tmp_path / "notigate.yaml").write_text(SETTINGS.format(channel=channel), encoding="utf-8")
        result = CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", now, "send", "--due", "--json"])
        told = json.loads(result.stdout)
        return result.exit_code, told["counts"], [one["detail"] for one in told["problems"]]

    return run


def test_what_waits_for_a_channel_that_is_gone_is_told_in_each_run_and_goes_when_it_is_back(send):
    assert send("trial", "2026-11-22T10:00")[:2] == (0, {"held": 1})
    for now in ("2026-11-22T15:05", "2026-11-22T15:10"):
        code, counts, (told,) = send("other", now)
        assert (code, counts) == (2, {})
        assert "messages wait for the channel trial (1), and notigate.yaml has none of that name" in told
    assert send("trial", "2026-11-22T15:15")[:2] == (0, {"accepted": 1})


def test_what_waits_for_a_channel_that_is_gone_expires_and_is_told(send):
    send("trial", "2026-11-22T10:00")
    assert send("other", "2026-11-23T10:00")[:2] == (1, {"expired": 1})
    assert send("other", "2026-11-23T10:05") == (0, {}, [])


def test_only_what_no_channel_carries_is_astray(ledger: Ledger):
    drafts = [
        Draft(
            occasion="service/birthday", occurrence="2026", day=date(2026, 11, 21), person=f"{channel}-{state}-{reason}",
            category=Category.CARE, channel=channel, medium="sms", to="13800138000", locale="zh_Hans", content=Content(text="!"),
            state=state, reason=reason, expires_at=ends,
        )
        for channel in ("a", "b", "c")
        for state, reason, ends in (
            (State.QUEUED, "", NOW + HOUR),
            (State.QUEUED, "late", NOW - HOUR),
            (State.HELD, "window", NOW - HOUR),
            (State.HELD, "approval", NOW - HOUR),
        )
    ]  # fmt: skip
    plan.promise(ledger, runs.start(ledger, "send", TIMES), drafts, TIMES)
    found = strays(ledger, ["b"], TIMES)
    assert [(stray.channel, stray.waiting, len(stray.expired)) for stray in found] == [("a", 2, 2), ("c", 2, 2)]
    over = list(questions.log(ledger, state=State.EXPIRED))
    assert {(d.channel, d.reason) for d in over} == {("a", "late"), ("c", "late")}
