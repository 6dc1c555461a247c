"""What messages cost: counted once, when the provider takes them over, at the price of that time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from notigate.cost import Cost, Price
from notigate.ledger import changes, claim, open_ledger, plan, questions, runs, settle, tally
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import Call
from notigate.ledger.plan import Draft
from notigate.ledger.settle import Settlement
from notigate.ledger.store import Ledger
from notigate.ledger.tally import Line, Only, Spent
from notigate.model import Category, Content, Delivery, Outcome, State

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
TIMES = Times(NOW, NOW)
DAY = date(2026, 11, 21)
PRICE = Price(Decimal("0.045"), "CNY")
CENTS = Price(Decimal("0.1"), "CNY")


@pytest.fixture
def ledger(place: Callable[[str], str]):
    opened = open_ledger(place("notigate"))
    opened.prices = {"sms": PRICE}
    runs.start(opened, "send", TIMES)
    yield opened
    opened.close()


def sending(ledger: Ledger, *parts: int, first: int = 0, **changed) -> list[Delivery]:
    """Messages of so many parts, handed to their channel."""
    drafts = [
        Draft(
            **{"channel": "sms", "medium": "sms", "project": "青年城", "building": "3", "day": DAY} | changed,
            occasion="service/birthday", occurrence="2026", person=f"p{first + number}", category=Category.CARE,
            to="13800138000", locale="zh_Hans", content=Content(text="生日快乐"), parts=n,
        )
        for number, n in enumerate(parts)
    ]  # fmt: skip
    plan.promise(ledger, 1, drafts, TIMES)
    claimed = claim.claim(ledger, drafts[0].channel, TIMES, 1000, asked=False)
    with ledger.write() as tx:
        calls = [Call(claim.new_reference(), d.channel, (d,)) for d in claimed]
        return [call.deliveries[0] for call in claim.begin(tx, 1, calls, TIMES)]


def bring(ledger: Ledger, to: State, *deliveries: Delivery) -> list[Delivery]:
    with ledger.write() as tx:
        made = [Settlement(Outcome.unknown("test"), Change([d], to, "test")) for d in deliveries]
        return changes.after(settle.settle(tx, made, TIMES))


def spent(ledger: Ledger, **asked) -> list[Spent]:
    return tally.spent(ledger, DAY, DAY, Only(**asked))


def paid(ledger: Ledger) -> tuple[int, str]:
    found = spent(ledger)
    return sum(one.parts for one in found), " + ".join(str(one.cost) for one in found)


def test_what_the_provider_takes_over_is_paid_part_by_part(ledger: Ledger):
    bring(ledger, State.ACCEPTED, *sending(ledger, 1, 3, 1))
    assert spent(ledger) == [Spent(Line("service/birthday", "sms", "青年城", ""), 5, Cost(Decimal("0.225"), "CNY"))]


def test_what_is_promised_refused_or_unknown_costs_nothing(ledger: Ledger):
    failed, unknown, _sending = sending(ledger, 1, 1, 1)
    bring(ledger, State.FAILED, failed)
    bring(ledger, State.UNKNOWN, unknown)
    assert spent(ledger) == []


def test_an_unknown_outcome_is_paid_when_it_turns_out_to_have_gone(ledger: Ledger):
    for to in (State.ACCEPTED, State.DELIVERED, State.UNDELIVERED):
        bring(ledger, to, *bring(ledger, State.UNKNOWN, *sending(ledger, 2, first=len(to))))
    assert paid(ledger) == (6, "0.27 CNY")


def test_the_carriers_word_is_paid_no_second_time(ledger: Ledger):
    arrived, lost = bring(ledger, State.ACCEPTED, *sending(ledger, 1, 1))
    bring(ledger, State.DELIVERED, arrived)
    bring(ledger, State.DELIVERED, *bring(ledger, State.UNDELIVERED, lost))
    assert paid(ledger) == (2, "0.09 CNY")


def test_a_new_price_changes_nothing_of_what_was_paid(ledger: Ledger):
    bring(ledger, State.ACCEPTED, *sending(ledger, 2))
    ledger.prices = {"sms": CENTS}
    bring(ledger, State.ACCEPTED, *sending(ledger, 2, first=1))
    assert paid(ledger) == (4, "0.29 CNY")


def test_two_currencies_are_two_sums(ledger: Ledger):
    bring(ledger, State.ACCEPTED, *sending(ledger, 1))
    ledger.prices = {"sms": Price(Decimal("0.007"), "EUR")}
    bring(ledger, State.ACCEPTED, *sending(ledger, 1, first=1))
    assert sorted(str(one.cost) for one in spent(ledger)) == ["0.007 EUR", "0.045 CNY"]


def test_parts_are_counted_where_no_price_is_said(ledger: Ledger):
    ledger.prices = {}
    bring(ledger, State.ACCEPTED, *sending(ledger, 2))
    assert [(one.parts, one.cost) for one in spent(ledger)] == [(2, None)]


def test_what_has_no_parts_is_paid_by_the_message_where_that_has_a_price(ledger: Ledger):
    ledger.prices = {"email": PRICE}
    bring(ledger, State.ACCEPTED, *sending(ledger, 0, 0, channel="email", medium="email"))
    bring(ledger, State.ACCEPTED, *sending(ledger, 0, first=2, channel="wecom", medium="wecom"))
    assert [(one.line.channel, one.parts, str(one.cost)) for one in spent(ledger)] == [("email", 0, "0.09 CNY")]


def test_sums_are_those_of_the_days_projects_and_buildings_asked_for(ledger: Ledger):
    bring(ledger, State.ACCEPTED, *sending(ledger, 1))
    bring(ledger, State.ACCEPTED, *sending(ledger, 2, first=1, building="5"))
    bring(ledger, State.ACCEPTED, *sending(ledger, 4, first=2, project="天府城"))
    bring(ledger, State.ACCEPTED, *sending(ledger, 8, first=3, day=DAY + timedelta(days=1)))
    assert [one.parts for one in spent(ledger, project="青年城")] == [3]
    assert {one.line.building: one.parts for one in spent(ledger, project="青年城", by_building=True)} == {
        "3": 1,
        "5": 2,
    }
    assert sum(one.parts for one in tally.spent(ledger, DAY, DAY + timedelta(days=1))) == 15


def test_a_million_sums_stay_exact(ledger: Ledger):
    ledger.prices = {"sms": Price(Decimal("0.000001"), "CNY")}
    bring(ledger, State.ACCEPTED, *sending(ledger, *[3] * 333))
    assert paid(ledger) == (999, "0.000999 CNY")


def test_a_delivery_remembers_its_parts(ledger: Ledger):
    (delivery,) = sending(ledger, 3)
    assert questions.deliveries(ledger, [delivery.id])[0].parts == 3
