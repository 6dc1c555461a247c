from __future__ import annotations

import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from notigate.ledger.aside import ROOM, Aside
from notigate.model import Category, Delivery, Outcome, Reason, Scope, State

NOW = datetime(2026, 11, 21, tzinfo=UTC)

OUTCOMES = [
    Outcome.accepted("607300000000000000^0"),
    Outcome.busy(Reason.THROTTLED, "isv.BUSINESS_LIMIT_CONTROL", retry_after=60),
    Outcome.refused(Reason.BAD_ADDRESS, "isv.MOBILE_NUMBER_ILLEGAL", scope=Scope.CALL),
    Outcome.refused(Reason.NO_CREDIT),
    Outcome.unknown("没有回答"),
]


def delivery(number: int) -> Delivery:
    return Delivery(
        id=number, version=3, run=1, occasion="service/birthday", occurrence="2026", day=date(2026, 11, 21), person="c1",
        category=Category.CARE, channel="sms", medium="sms", to="13800138000", locale="zh_Hans", content=None,
        state=State.SENDING, planned_at=NOW, changed_at=NOW,
    )  # fmt: skip


@pytest.fixture
def aside(tmp_path: Path) -> Aside:
    return Aside(tmp_path / "notigate.db.aside")


def test_what_is_kept_comes_back_as_it_was(aside: Aside):
    aside.reserve()
    aside.keep([(delivery(i), outcome) for i, outcome in enumerate(OUTCOMES)])
    assert [(kept.delivery, kept.version, kept.outcome) for kept in aside.kept()] == [
        (i, 3, outcome) for i, outcome in enumerate(OUTCOMES)
    ]


def test_more_is_kept_behind_what_is_there(aside: Aside):
    aside.reserve()
    for number in range(3):
        aside.keep([(delivery(number), OUTCOMES[0])])
    assert [kept.delivery for kept in aside.kept()] == [0, 1, 2]


def test_reserving_again_loses_nothing(aside: Aside):
    aside.reserve()
    aside.keep([(delivery(7), OUTCOMES[0])])
    aside.reserve()
    assert [kept.delivery for kept in aside.kept()] == [7]


def test_room_is_taken_before_it_is_needed(aside: Aside):
    aside.reserve()
    assert aside.path.stat().st_blocks * 512 >= ROOM
    assert not list(aside.kept())


def test_a_line_that_was_cut_off_is_passed_over(aside: Aside):
    aside.keep([(delivery(1), OUTCOMES[0]), (delivery(2), OUTCOMES[0])])
    whole = aside.path.read_bytes()
    aside.path.write_bytes(whole[:-20])
    assert [kept.delivery for kept in aside.kept()] == [1]


def test_it_holds_no_address_and_is_for_its_owner_only(aside: Aside):
    aside.keep([(delivery(1), outcome) for outcome in OUTCOMES])
    assert b"13800138000" not in aside.path.read_bytes()
    assert stat.S_IMODE(aside.path.stat().st_mode) == 0o600


def test_emptied_it_holds_nothing(aside: Aside):
    aside.keep([(delivery(1), OUTCOMES[0])])
    aside.empty()
    aside.empty()
    assert not list(aside.kept())
