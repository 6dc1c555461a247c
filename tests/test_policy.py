"""The rules, their order, and the hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate.model import Category, Drop, Go, Hold, Occasion, Person, State, Verdict, Window
from notigate.policy import ASKED, OF_HOUR, OF_READER, Case, Policy, is_anybody, judge, precedence
from notigate.policy.hours import MARKETING_HOURS, WINDOWS, at_hour, last_moment
from notigate.preferences import Preference, Reach, Word

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: a Saturday
DAY = date(2026, 11, 21)
C = Category


class Never:
    """A moment that these tests do not ask."""

    def on(self, _day, _almanac):
        return None

    def columns(self) -> frozenset[str]:
        return frozenset()


def clock(text: str, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(text), SHANGHAI)


def occasion(category: Category = C.CARE, **changed) -> Occasion:
    return Occasion(
        **{"id": "service/birthday", "title": "Birthday", "category": category, "moment": Never()} | changed
    )


def case(category: Category = C.CARE, facts: dict | None = None, **changed) -> Case:
    given = {
        "occasion": occasion(category), "person": Person(id="p1", facts=facts or {}), "to": "13800138000",
        "now": clock("10:05"), "day": DAY, "policy": Policy(),
    }  # fmt: skip
    return Case(**given | changed)


def window(text: str) -> Window:
    start, end = text.split("-")
    return Window(time.fromisoformat(start), time.max if end == "24:00" else time.fromisoformat(end))


# Rule by rule


@pytest.mark.parametrize(
    ("planned_for", "about", "today", "verdict"),
    [
        (18, 21, 20, Go()),
        (18, 21, 21, Go()),
        (18, 21, 22, Drop("late", State.EXPIRED)),
        (21, 21, 22, Go()),  # on the day itself: `late` decides
        (18, None, 22, Go()),
    ],
)
def test_what_announces_a_day_is_worth_nothing_once_it_has_gone_by(planned_for, about, today, verdict):
    days = {"day": DAY.replace(day=planned_for), "about": DAY.replace(day=about) if about else None}
    assert judge(case(C.SERVICE, now=clock("10:05", DAY.replace(day=today)), **days)) == verdict


def test_what_is_asked_for_by_name_announces_what_it_likes():
    told = case(C.SERVICE, day=DAY.replace(day=18), about=DAY.replace(day=19), asked=True)
    assert judge(told) == Go()


def test_when_no_rule_objects_it_goes():
    assert judge(case()) == Go()


@pytest.mark.parametrize(
    ("only", "goes"),
    [((), True), (("13800138000",), True), (("p1",), True), (("p2", "13900139000"), False)],
)
def test_on_trial_nobody_but_the_listed_gets_anything(only: tuple[str, ...], goes: bool):  # noqa: FBT001 - a column of the table
    assert judge(case(policy=Policy(only=only))) == (Go() if goes else Drop("only"))


@pytest.mark.parametrize("category", Category)
def test_who_opted_out_gets_nothing_and_colleagues_cannot(category: Category):
    wanted = Go() if category is C.STAFF else Drop("opted-out")
    assert judge(case(category, {"opted_out": True})) == wanted
    assert judge(case(category, {"opted_out": True}, asked=True)) == wanted


@pytest.mark.parametrize("category", Category)
def test_who_is_not_to_be_greeted_still_hears_of_the_contract(category: Category):
    wanted = Drop("do-not-greet") if category in (C.CARE, C.MARKETING) else Go()
    assert judge(case(category, {"do_not_greet": True})) == wanted


@pytest.mark.parametrize("absent", [None, False, ""])
def test_a_blank_column_stops_nobody(absent):
    assert judge(case(facts={"opted_out": absent, "do_not_greet": absent})) == Go()


@pytest.mark.parametrize(
    ("caps", "sent", "verdict"),
    [
        ({"day": 1}, [], Go()),
        ({"day": 1}, [DAY], Drop("cap-day")),
        ({"day": 2}, [DAY], Go()),
        ({"day": 2}, [DAY, DAY], Drop("cap-day")),
        ({"day": 1}, [date(2026, 11, 20)], Go()),
        ({"day": 0}, [], Drop("cap-day")),
        ({"week": 1}, [date(2026, 11, 16)], Drop("cap-week")),
        ({"week": 1}, [date(2026, 11, 15)], Go()),
        ({"week": 1}, [date(2026, 11, 22)], Go()),
        ({"month": 2}, [date(2026, 11, 1), date(2026, 11, 20)], Drop("cap-month")),
        ({"month": 2}, [date(2026, 10, 31), date(2026, 11, 20)], Go()),
        ({"day": 1, "month": 1}, [date(2026, 11, 1)], Drop("cap-month")),
        ({}, [DAY] * 99, Go()),
    ],
)
def test_nobody_gets_more_than_the_caps_allow(caps: dict[str, int], sent: list[date], verdict: Verdict):
    assert judge(case(policy=Policy(per_person=caps), sent=[(day, "care") for day in sent])) == verdict


def test_a_week_with_two_months_in_it_is_one_week():
    first = date(2026, 12, 1)
    at = case(
        policy=Policy(per_person={"week": 1}), day=first, now=clock("10:05", first), sent=[(date(2026, 11, 30), "care")]
    )
    assert judge(at) == Drop("cap-week")


@pytest.mark.parametrize("category", Category)
def test_caps_stop_greetings_and_selling_only(category: Category):
    wanted = Drop("cap-day") if category in (C.CARE, C.MARKETING) else Go()
    assert judge(case(category, sent=[(DAY, "care")])) == wanted


@pytest.mark.parametrize("category", Category)
def test_caps_count_greetings_and_selling_only(category: Category):
    wanted = Drop("cap-day") if category in (C.CARE, C.MARKETING) else Go()
    assert judge(case(C.CARE, sent=[(DAY, category.value)])) == wanted


@pytest.mark.parametrize(
    ("policy", "category", "sent", "verdict"),
    [
        ({"capped": frozenset({C.SERVICE, C.CARE})}, C.SERVICE, "care", Drop("cap-day")),
        ({"capped": frozenset({C.SERVICE, C.CARE})}, C.CARE, "service", Drop("cap-day")),
        ({"capped": frozenset({C.CARE})}, C.MARKETING, "care", Go()),
        ({"per_person": {}, "per_class": {C.MARKETING: {"week": 1}}}, C.MARKETING, "marketing", Drop("cap-week")),
        ({"per_person": {}, "per_class": {C.MARKETING: {"week": 1}}}, C.MARKETING, "care", Go()),
        ({"per_person": {}, "per_class": {C.SERVICE: {"day": 1}}}, C.SERVICE, "service", Drop("cap-day")),
        ({"per_person": {}, "per_class": {C.SERVICE: {"day": 1}}}, C.CARE, "service", Go()),
    ],
)
def test_the_settings_say_which_classes_a_cap_counts(policy, category, sent, verdict):
    assert judge(case(category, policy=Policy(**policy), sent=[(DAY, sent)])) == verdict


@pytest.mark.parametrize("told", [{"facts": {"less_often": True}}, {"preferences": [Preference(word=Word.LESS_OFTEN)]}])
def test_who_wants_fewer_messages_gets_fewer(told):
    twice = [(date(2026, 11, 2), "care"), (date(2026, 11, 9), "care")]
    assert judge(case(sent=twice)) == Go()
    assert judge(case(sent=twice, **told)) == Drop("cap-month")
    assert judge(case(sent=twice, policy=Policy(less_often={"month": 3}), **told)) == Go()
    assert judge(case(C.SERVICE, sent=twice, **told)) == Go()


@pytest.mark.parametrize(
    ("reach", "stopped"),
    [
        (Reach.MARKETING, {C.MARKETING}),
        (Reach.CARE, {C.MARKETING, C.CARE}),
        (Reach.ALL, {C.MARKETING, C.CARE, C.SERVICE}),
    ],
)
@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("asked", [False, True])
def test_an_opt_out_stops_what_it_means(reach, stopped, category, asked):
    told = [Preference(word=Word.OPT_OUT, reach=reach)]
    wanted = Drop("opted-out") if category in stopped else Go()
    assert judge(case(category, preferences=told, asked=asked)) == wanted


@pytest.mark.parametrize(("channel", "goes"), [("", False), ("sms", False), ("bulk", False), ("email", True)])
def test_an_opt_out_of_a_channel_or_medium_stops_no_other(channel, goes):
    told = [Preference(word=Word.OPT_OUT, channel=channel)]
    assert judge(case(preferences=told, ways=("bulk", "sms"))) == (Go() if goes else Drop("opted-out"))


@pytest.mark.parametrize(
    ("told", "goes"),
    [
        ({}, False),
        ({"facts": {"marketing_consent_on": DAY}}, True),
        ({"facts": {"marketing_consent_on": date(2026, 11, 22)}}, False),
        ({"preferences": [Preference(word=Word.CONSENT, reach=Reach.MARKETING)]}, True),
        ({"preferences": [Preference(word=Word.LESS_OFTEN)]}, False),
    ],
)
def test_where_consent_is_required_selling_needs_one_that_is_recorded(told, goes):
    strict = Policy(marketing_consent=True)
    assert judge(case(C.MARKETING, policy=strict, **told)) == (Go() if goes else Drop("no-consent"))
    assert judge(case(C.MARKETING, **told)) == Go()
    assert judge(case(C.CARE, policy=strict, **told)) == Go()


def test_an_opt_out_goes_before_a_consent():
    told = [Preference(word=Word.CONSENT), Preference(word=Word.OPT_OUT, reach=Reach.MARKETING)]
    assert judge(case(C.MARKETING, preferences=told)) == Drop("opted-out")


def test_the_more_important_comes_first_then_the_contract_then_the_name():
    wanted = [
        occasion(C.CARE, id="z", importance=5), occasion(C.STAFF, id="s"), occasion(C.SERVICE, id="y"),
        occasion(C.CARE, id="a"), occasion(C.CARE, id="b"), occasion(C.MARKETING, id="m"),
        occasion(C.SERVICE, id="x", importance=-1),
    ]  # fmt: skip
    for order in (wanted, wanted[::-1]):
        assert [one.id for one in sorted(order, key=precedence)] == ["z", "s", "y", "a", "b", "m", "x"]


def test_what_was_asked_for_by_name_is_not_capped():
    assert judge(case(sent=[(DAY, "care")], asked=True)) == Go()


def test_what_needs_an_approval_waits_for_a_person():
    assert judge(case(approved=False)) == Hold(None, "approval")


class Noted(dict):
    """Facts that note which of them are asked for."""

    def __init__(self):
        super().__init__()
        self.asked = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return default


def test_what_rules_ask_of_a_reader_is_looked_at_before_they_are_judged_like_anybody():
    noted = Noted()
    for category in C:
        given = case(category, person=SimpleNamespace(facts=noted), policy=Policy(marketing_consent=True))
        for rule in OF_READER:
            rule(given)
    assert noted.asked == ASKED


@pytest.mark.parametrize(
    "known",
    [{"facts": {name: True}} for name in sorted(ASKED)]
    + [{"preferences": [Preference(word=Word.OPT_OUT)]}, {"sent": [(DAY, "care")]}, {"policy": Policy(only=("p2",))}],
)
def test_who_is_known_to_the_rules_is_judged_alone(known):
    one = case(**known)
    assert not is_anybody(one.person, one.policy, one.preferences, one.sent)
    assert is_anybody(case(facts={"name": "王芳"}).person, Policy(), (), ())


def test_the_first_rule_that_objects_decides():
    names = [rule.__name__ for rule in (*OF_READER, *OF_HOUR)]
    assert names == [
        "allow_list",
        "opted_out",
        "do_not_greet",
        "no_consent",
        "announced",
        "capped",
        "approval",
        "in_hours",
    ]
    everything = {
        "facts": {"opted_out": True, "do_not_greet": True}, "sent": [(DAY, "care")], "approved": False,
        "now": clock("03:00"), "policy": Policy(only=("p2",)),
    }  # fmt: skip
    verdicts = []
    for cured in (
        {},
        {"policy": Policy()},
        {"facts": {"do_not_greet": True}},
        {"facts": {}},
        {"sent": ()},
        {"approved": True},
    ):
        everything |= cured
        verdicts.append(judge(case(**everything)))
    dropped = [Drop(rule) for rule in ("only", "opted-out", "do-not-greet", "cap-day")]
    assert verdicts == [*dropped, Hold(None, "approval"), Hold(clock("10:00"), "window")]


# Hours

LATE = {
    "drop": Drop("late", State.EXPIRED),
    "ask": Hold(None, "late"),
    "next-window": Hold(clock("10:00", date(2026, 11, 22)), "window"),
}


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ("00:00", Hold(clock("10:00"), "window")),
        ("09:59:59.999999", Hold(clock("10:00"), "window")),
        ("10:00", Go()),
        ("11:29:59", Go()),
        ("11:30", Hold(clock("15:00"), "window")),
        ("14:59", Hold(clock("15:00"), "window")),
        ("15:00", Go()),
        ("16:59", Go()),
    ],
)
@pytest.mark.parametrize("late", LATE)
def test_greetings_go_in_the_windows_of_their_day(now: str, verdict: Verdict, late: str):
    assert at_hour(occasion(late=late), Policy(), DAY, clock(now)) == verdict


@pytest.mark.parametrize("now", ["17:00", "23:59"])
@pytest.mark.parametrize("late", LATE)
def test_after_its_windows_late_decides(now: str, late: str):
    assert at_hour(occasion(late=late), Policy(), DAY, clock(now)) == LATE[late]


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ("09:00", Hold(clock("10:00", date(2026, 11, 22)), "window")),
        ("10:30", Go()),
        ("12:00", Hold(clock("15:00", date(2026, 11, 22)), "window")),
        ("16:00", Go()),
        ("18:00", Hold(clock("10:00", date(2026, 11, 23)), "window")),
    ],
)
def test_what_is_late_by_a_day_goes_in_the_next_window(now: str, verdict: Verdict):
    assert at_hour(occasion(), Policy(), DAY, clock(now, date(2026, 11, 22))) == verdict


@pytest.mark.parametrize(("late", "verdict"), [("drop", LATE["drop"]), ("ask", LATE["ask"])])
def test_what_is_late_by_a_day_is_dropped_or_asked_for_in_a_window_too(late: str, verdict: Verdict):
    assert at_hour(occasion(late=late), Policy(), DAY, clock("10:30", date(2026, 11, 22))) == verdict


def test_what_is_planned_ahead_waits_for_its_day():
    assert at_hour(occasion(), Policy(), date(2026, 11, 23), clock("10:30")) == Hold(
        clock("10:00", date(2026, 11, 23)), "window"
    )


@pytest.mark.parametrize(
    ("now", "late", "verdict"),
    [
        ("08:00", "drop", Hold(clock("08:30"), "window")),
        ("08:30", "drop", Go()),
        ("09:00", "drop", Drop("late", State.EXPIRED)),
        ("10:30", "drop", Drop("late", State.EXPIRED)),
        ("09:00", "next-window", Hold(clock("10:00"), "window")),
        ("10:30", "next-window", Go()),
        ("12:00", "next-window", Hold(clock("15:00"), "window")),
        ("20:00", "next-window", Hold(clock("10:00", date(2026, 11, 22)), "window")),
    ],
)
def test_the_hours_of_an_occasion_go_before_those_of_the_policy(now: str, late: str, verdict: Verdict):
    assert at_hour(occasion(at=window("08:30-09:00"), late=late), Policy(), DAY, clock(now)) == verdict


def test_a_window_until_24_00_ends_with_the_day():
    late = occasion(at=window("20:00-24:00"), late="drop")
    assert at_hour(late, Policy(), DAY, clock("23:59:59.999999")) == Go()
    assert at_hour(late, Policy(), DAY, clock("00:00", date(2026, 11, 22))) == Drop("late", State.EXPIRED)
    assert last_moment(late, Policy(), DAY, clock("10:00")) == clock("00:00", date(2026, 11, 22))


@pytest.mark.parametrize(
    ("at", "now", "verdict"),
    [
        ("06:00-23:00", "07:59", Hold(clock("08:00"), "window")),
        ("06:00-23:00", "08:00", Go()),
        ("06:00-23:00", "21:59", Go()),
        ("06:00-23:00", "22:00", Hold(clock("10:00", date(2026, 11, 22)), "window")),
        ("20:00-24:00", "21:59", Go()),
        ("20:00-24:00", "23:00", Hold(clock("10:00", date(2026, 11, 22)), "window")),
        ("22:30-23:30", "23:00", Hold(clock("10:00", date(2026, 11, 22)), "window")),
        ("22:30-23:30", "12:00", Go()),
    ],
)
def test_selling_stays_between_8_and_22_whatever_the_settings_say(at: str, now: str, verdict: Verdict):
    assert at_hour(occasion(C.MARKETING, at=window(at)), Policy(), DAY, clock(now)) == verdict


@pytest.mark.parametrize(
    ("category", "now", "verdict"),
    [
        (C.CARE, "03:00", Go()),
        (C.SERVICE, "23:59", Go()),
        (C.MARKETING, "08:00", Go()),
        (C.MARKETING, "07:59", Hold(clock("08:00"), "window")),
        (C.MARKETING, "22:00", Hold(clock("08:00", date(2026, 11, 22)), "window")),
    ],
)
def test_what_was_asked_for_by_name_waits_for_no_window_but_selling_does_at_night(
    category: Category, now: str, verdict: Verdict
):
    assert at_hour(occasion(category), Policy(), DAY, clock(now), asked=True) == verdict


@pytest.mark.parametrize(
    ("changed", "end"),
    [
        ({"late": "drop"}, "17:00"),
        ({"late": "drop", "at": window("10:00-10:30")}, "10:30"),
        ({"late": "ask"}, None),
        ({}, None),
    ],
)
def test_only_what_is_dropped_when_late_has_a_last_moment(changed: dict, end: str | None):
    assert last_moment(occasion(**changed), Policy(), DAY, clock("10:00")) == (end and clock(end))


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
SPANS = st.tuples(MINUTES, MINUTES).filter(lambda ends: ends[0] < ends[1]).map(lambda ends: Window(*ends))
POLICIES = st.lists(SPANS, min_size=1, max_size=3).map(
    lambda spans: Policy(windows=tuple(sorted(spans, key=lambda span: span.start)))
)
OCCASIONS = st.builds(
    occasion, st.sampled_from(Category), at=st.none() | SPANS, late=st.sampled_from(["drop", "next-window", "ask"])
)
NOWS = st.datetimes(datetime(2026, 11, 18), datetime(2026, 11, 25)).map(  # noqa: DTZ001 - local bounds
    lambda moment: moment.replace(tzinfo=SHANGHAI)
)


@given(OCCASIONS, POLICIES, NOWS)
def test_nothing_unasked_ever_goes_outside_the_windows(occasion: Occasion, policy: Policy, now: datetime):
    if at_hour(occasion, policy, DAY, now) == Go():
        hours = [*policy.windows, *([occasion.at] if occasion.at else [])]
        # Where its windows leave no hour for selling, the hours of selling are what is left.
        allowed = [MARKETING_HOURS] if occasion.category is C.MARKETING else hours
        assert any(now.time() in span for span in allowed)


@given(OCCASIONS, POLICIES, NOWS, st.booleans())
def test_who_waits_for_a_time_may_go_at_that_time(occasion: Occasion, policy: Policy, now: datetime, asked: bool):  # noqa: FBT001 - a column of the table
    match at_hour(occasion, policy, DAY, now, asked=asked):
        case Hold(datetime() as until, _):
            assert until > now
            assert at_hour(occasion, policy, DAY, until, asked=asked) == Go()


@given(OCCASIONS, POLICIES, NOWS)
def test_after_its_last_moment_nothing_goes(occasion: Occasion, policy: Policy, now: datetime):
    end = last_moment(occasion, policy, DAY, now)
    if end is not None:
        dropped = at_hour(occasion, policy, DAY, now) == Drop("late", State.EXPIRED)
        assert dropped == (now >= end)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_windows_are_local_where_clocks_change(moment: datetime):
    now = moment.astimezone(ZoneInfo("Europe/Berlin"))
    verdict = at_hour(occasion(), Policy(), now.date(), now)
    assert (verdict == Go()) == any(now.time() in span for span in WINDOWS)


DROPPED, HELD_BACK = Drop("plugin"), Hold(None, "plugin")


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ([], Go()),
        ([Go()], Go()),
        ([Go(), HELD_BACK], HELD_BACK),
        ([HELD_BACK, DROPPED], DROPPED),
    ],
)
def test_a_plugins_rule_may_hold_or_drop(told, verdict):
    assert judge(case(), [lambda *_asked, one=one: one for one in told]) == verdict


def test_a_plugins_go_forces_nothing():
    barred = case(facts={"opted_out": True})
    assert judge(barred, [lambda *_asked: Go()]) == Drop("opted-out")


# An hour of its own


TOMORROW = date(2026, 11, 22)
TOO_LATE = Drop("late", State.EXPIRED)


@pytest.mark.parametrize(
    ("category", "own", "times", "verdict"),
    [
        (C.SERVICE, None, ("14:00", "15:00", "09:00"), Hold(clock("14:00"), "hour")),
        (C.SERVICE, None, ("14:00", "15:00", "14:00"), Go()),
        (C.SERVICE, None, ("14:00", "15:00", "14:59"), Go()),
        (C.SERVICE, None, ("14:00", "15:00", "15:00"), TOO_LATE),
        (C.SERVICE, None, ("14:00", None, "23:30"), Hold(clock("08:00", TOMORROW), "hour")),
        (C.SERVICE, None, ("07:30", "08:30", "07:30"), Hold(clock("08:00"), "hour")),
        (C.SERVICE, "00:00-24:00", ("14:00", None, "23:30"), Go()),
        (C.CARE, None, ("14:00", None, "23:30"), Hold(clock("08:00", TOMORROW), "hour")),
        (C.CARE, None, ("06:00", None, "05:00"), Hold(clock("08:00"), "hour")),
        (C.MARKETING, None, ("06:00", "07:00", "05:00"), TOO_LATE),
        (C.MARKETING, "00:00-24:00", ("14:00", None, "22:00"), Hold(clock("08:00", TOMORROW), "hour")),
        (C.MARKETING, "07:00-09:00", ("07:00", None, "07:00"), Hold(clock("08:00"), "hour")),
        (C.SERVICE, "09:00-18:00", ("08:30", "10:00", "08:00"), Hold(clock("09:00"), "hour")),
        (C.SERVICE, "09:00-18:00", ("17:00", None, "18:00"), Hold(clock("09:00", TOMORROW), "hour")),
        (C.STAFF, None, ("02:00", None, "02:00"), Go()),
    ],
)
def test_what_has_an_hour_of_its_own_goes_at_it_and_not_when_it_is_worth_nothing(category, own, times, verdict):
    timed = occasion(category, at=window(own) if own else None)
    at, until, now = (text and clock(text) for text in times)
    assert judge(case(occasion=timed, at=at, until=until, now=now)) == verdict


def test_the_night_of_a_reader_abroad_is_that_of_their_own_clock():
    paris = ZoneInfo("Europe/Paris")
    timed = case(occasion=occasion(C.CARE), at=clock("14:00"), now=clock("13:00").astimezone(paris))
    assert judge(timed) == Hold(datetime(2026, 11, 21, 8, tzinfo=paris), "hour")
