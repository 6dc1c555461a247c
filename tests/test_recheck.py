"""What was promised is judged once more; many who are alike in a row are one question."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from notigate.model import Category, Delivery, Drop, Go, Hold, State
from notigate.rooms import Rooms

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
channels: {sms: {plugin: outbox}}
occasions:
  service/birthday: {at: "08:00-20:00", late: drop}
  holiday/mid-autumn: {at: "20:00-21:00"}
"""
#: ten in the morning in China
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 11, 21), date(2026, 11, 20)


def promised(occasion, day=TODAY, **more):
    return Delivery(
        id=1, version=1, run=1, occasion=occasion, occurrence="2026", day=day, person="c1", category=Category.CARE,
        channel="sms", medium="sms", to="13800138000", locale="zh_Hans", content=None, state=State.CLAIMED,
        planned_at=NOW, changed_at=NOW, **more,
    )  # fmt: skip


#: what is judged, and how
CASES = [
    (promised("service/birthday"), Go),
    (promised("holiday/mid-autumn"), Hold),
    (promised("service/birthday", YESTERDAY), Drop),
    (promised("holiday/mid-autumn", asked=True), Go),
    (promised("service/birthday", timezone="America/New_York"), Hold),
    (promised("service/birthday", asked=True, by_moment=True), Go),
    (promised("service/birthday", asked=True, by_moment=True, timezone="Europe/London"), Hold),
]


@pytest.fixture
def recheck(tmp_path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    with Rooms.open(tmp_path, now=NOW) as rooms:
        yield rooms.recheck


def test_each_gets_the_verdict_of_its_own_occasion_day_and_clock_whoever_came_before(recheck):
    queue = [*CASES, *reversed(CASES), *(case for case in CASES for _again in range(2))]
    assert list(map(type, recheck.verdicts([delivery for delivery, _ in queue]))) == [verdict for _, verdict in queue]
