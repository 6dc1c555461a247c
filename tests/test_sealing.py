"""What a person signs: one digest over all that readers will get."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from notigate.approvals.sealing import Terms, fingerprint, seal
from notigate.cost import Price
from notigate.model import Category, Content, Delivery, State

OCCASION = "holiday/mid-autumn"
TERMS = Terms(
    opens=datetime(2026, 9, 25, 2, tzinfo=UTC), closes=None, author="li", settings={"sms": "a", "email": "b"},
    prices={"sms": Price(Decimal("0.05"), "CNY")},
)  # fmt: skip
MEMBER = Delivery(
    id=1, version=1, run=1, occasion=OCCASION, occurrence="2026", day=date(2026, 9, 25), person="c1", category=Category.CARE,
    channel="sms", medium="sms", to="13800138001", locale="zh_Hans", content=Content(text="中秋快乐", params={"a": "b"}),
    state=State.HELD, reason="approval", parts=1, planned_at=datetime(2026, 9, 24, tzinfo=UTC),
    changed_at=datetime(2026, 9, 24, tzinfo=UTC),
)  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"person": "c2"}, {"occurrence": "2027"}, {"day": date(2026, 9, 26)}, {"channel": "email"}, {"medium": "email"},
        {"to": "13800138002"}, {"locale": "en"}, {"category": Category.SERVICE}, {"content": Content(text="中秋快乐！")},
        {"content": Content(text="中秋快乐", params={"a": "c"})}, {"content": None},
        {"content": Content(text="中秋快乐", params={"a": "b"}, subject="!")},
        {"content": Content(text="中秋快乐", params={"a": "b"}, html="<p>")},
        {"expires_at": datetime(2026, 9, 25, tzinfo=UTC)},
        {"occasion": f"{OCCASION}2", "occurrence": "026"},
    ],
)  # fmt: skip
def test_another_message_has_another_digest(changed):
    other = MEMBER._replace(**changed)
    assert fingerprint(other) != fingerprint(MEMBER)
    assert seal([other], TERMS).digest != seal([MEMBER], TERMS).digest


@pytest.mark.parametrize(
    "changed",
    [
        {"id": 9},
        {"version": 7},
        {"run": 3},
        {"state": State.QUEUED},
        {"state": State.SUPPRESSED},
        {"building": "3"},
        {"attempts": 2},
        {"detail": "x"},
    ],
)
def test_what_its_reader_does_not_see_is_not_signed(changed):
    assert seal([MEMBER._replace(**changed)], TERMS).digest == seal([MEMBER], TERMS).digest


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"opens": datetime(2026, 9, 25, 3, tzinfo=UTC)}, False), ({"closes": datetime(2026, 9, 25, 3, tzinfo=UTC)}, False),
        ({"settings": {"sms": "z", "email": "b"}}, False), ({"settings": {"sms": "a", "email": "z"}}, True),
        ({"author": "wang"}, True), ({"prices": {}}, True),
    ],
)  # fmt: skip
def test_hours_and_the_settings_of_its_channels_are_signed_too(changed, same):
    assert (seal([MEMBER], replace(TERMS, **changed)).digest == seal([MEMBER], TERMS).digest) is same


def test_a_batch_of_messages_without_parts_costs_their_price_each():
    mails = [MEMBER._replace(person=person, medium="email", parts=0) for person in ("c1", "c2")]
    sealed = seal(mails, TERMS)
    assert (sealed.parts, list(map(str, sealed.costs))) == (0, ["0.10 CNY"])


def test_two_batches_of_the_same_people_in_parts_are_not_one():
    second = MEMBER._replace(person="c2")
    assert len({seal(some, TERMS).digest for some in ([], [MEMBER], [second], [MEMBER, second])}) == 4


def test_a_batch_is_summed_up_without_those_who_get_nothing():
    members = [MEMBER, MEMBER._replace(parts=2), MEMBER._replace(state=State.SUPPRESSED)]
    sealed = seal(members, TERMS)
    assert (sealed.number, sealed.parts, list(map(str, sealed.costs))) == (2, 3, ["0.15 CNY"])
