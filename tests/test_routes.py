"""By which channel a reader is written to."""

from __future__ import annotations

import pytest

from notigate.model import Category, Occasion, Person
from notigate.moments import Manual
from notigate.planner.routes import Carrier, Route, Routes

SMS = Carrier(name="aliyun", media=("sms",), address="phone", reaches_people=True)
MAIL = Carrier(name="post", media=("email",), address="email", reaches_people=True)
GROUP = Carrier(name="robot", media=("wecom",), address=None, reaches_people=True)
APP = Carrier(name="app", media=("wecom",), address="wecom", reaches_people=True)
OUTBOX = Carrier(name="trial", media=("*",), address=None, reaches_people=False)

BOTH = {"phone": "+8613800138000", "email": "wang@example.com"}
TO_PHONE = Route("aliyun", "sms", BOTH["phone"])
TO_MAIL = Route("post", "email", BOTH["email"])
MEDIA = {"sms", "email", "wecom"}


def occasion(*channels: str, category: Category = Category.CARE) -> Occasion:
    return Occasion(id="holiday/mid-autumn", title="Mid-Autumn", category=category, channels=channels, moment=Manual())


def route(channels, addresses, *carriers, **asked):
    texts = asked.pop("texts", MEDIA)
    category = asked.pop("category", Category.CARE)
    person = Person(id="c1", addresses=addresses)
    return Routes(carriers).choose(occasion(*channels, category=category), person, texts, **asked)


@pytest.mark.parametrize(
    ("channels", "addresses", "taken"),
    [
        (["sms", "email"], BOTH, TO_PHONE),
        (["email", "sms"], BOTH, TO_MAIL),
        (["email", "sms"], {"phone": BOTH["phone"]}, TO_PHONE),
        (["post"], BOTH, TO_MAIL),
        (["sms"], {"email": BOTH["email"]}, None),
        (["wecom"], BOTH, None),
    ],
)
def test_the_first_channel_by_which_the_reader_can_be_reached_is_taken(channels, addresses, taken):
    assert route(channels, addresses, SMS, MAIL) == taken


def test_a_medium_without_a_text_is_passed_over():
    assert route(["sms", "email"], BOTH, SMS, MAIL, texts={"email"}) == TO_MAIL


def test_a_reader_who_does_not_want_one_channel_gets_the_next():
    assert route(["sms", "email"], BOTH, SMS, MAIL, barred={"sms"}) == TO_MAIL
    assert route(["sms", "email"], BOTH, SMS, MAIL, barred={"aliyun"}) == TO_MAIL


def test_who_wants_none_of_them_is_still_told_by_which_it_would_have_been():
    assert route(["sms", "email"], BOTH, SMS, MAIL, barred={"sms", "email"}) == TO_PHONE


def test_a_channel_that_is_insisted_on_is_the_only_one():
    assert route(["sms", "email"], BOTH, SMS, MAIL, only="post") == TO_MAIL
    assert route(["sms", "email"], {"phone": BOTH["phone"]}, SMS, MAIL, only="post") is None


def test_nothing_of_a_customer_lands_in_front_of_a_group_unless_it_is_named():
    in_group = Route("robot", "wecom", "")
    assert route(["wecom"], BOTH, GROUP) is None
    assert route(["wecom"], BOTH, GROUP, category=Category.STAFF) == in_group
    assert route(["robot"], BOTH, GROUP) == in_group
    assert route(["wecom"], BOTH, GROUP, only="robot") == in_group


def test_a_member_is_written_to_by_the_application():
    assert route(["wecom"], {"wecom": "zhoumin"}, APP) == Route("app", "wecom", "zhoumin")


def test_the_outbox_stands_in_for_every_medium_while_nothing_reaches_people():
    assert route(["sms", "email"], BOTH, OUTBOX) == Route("trial", "sms", BOTH["phone"])
    assert route(["email"], BOTH, OUTBOX) == Route("trial", "email", BOTH["email"])
    assert route(["email"], BOTH, OUTBOX, SMS) is None
    assert route(["sms"], BOTH, OUTBOX, SMS) == TO_PHONE
    assert route(["sms"], BOTH, OUTBOX, SMS, only="trial") == Route("trial", "sms", BOTH["phone"])
