"""Whoever else is planned for, a reader gets what they would get alone: what readers share is made once, and fits each of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import notigate
from notigate.model import Person

NOW = datetime.fromisoformat("2026-11-21T09:00+08:00")
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
channels: {trial: {plugin: outbox}}
policy: {per_person: {}}
plugins: []
occasions:
"""
OCCASION = """\
title: {name}
class: service
channels: {channels}
params: {{who: salutation, where: project.name, tel: project.hotline, day: "{asked}"}}
moment: {moment}
late: {late}
"""
WORDS = {
    "zh_Hans": "{{ who }}，{{ where }}，{{ tel }}，{{ day }}",
    "en": "{{ who }}, {{ where }}, {{ tel }}, {{ day }}",
}
MOMENTS = {
    "birthday": "birthday",
    "noted": "[{days_before: signed_on 1}, {day_of: signed_on}, {within_days: signed_on 3}]",
    "visit": "[{hours_before: visit_at 2}, {minutes_after: visit_at 0}]",
    "call": "{hours_before: visit_at 1}",
    "instalment": "{day_of: due_*_on}",
}
#: what one of its params asks for
ASKS = {"instalment": "number"}
FACTS = {
    "project": st.sampled_from(["A苑", "B苑"]),
    "building": st.sampled_from(["1栋", "2栋"]),
    "timezone": st.sampled_from(["Asia/Tokyo", "America/New_York", ""]),
    "birthday": st.just(date(1990, 11, 21)),
    "signed_on": st.dates(date(2026, 11, 18), date(2026, 11, 22)),
    "due_1_on": st.sampled_from([date(2026, 11, 20), date(2026, 11, 21)]),
    "due_2_on": st.sampled_from([date(2026, 11, 20), date(2026, 11, 21)]),
    "visit_at": st.sampled_from([datetime.fromisoformat(f"2026-11-21 {hour}:30") for hour in ("08", "10", "15")]),
}
LANGUAGES = st.sampled_from(["", "en", "zh_Hans"])
KINDS = st.sets(st.sampled_from(["phone", "email"]), min_size=1)
#: readers are alike but for one or two facts: what one of them is told must not be told the next
ALIKE = st.tuples(st.fixed_dictionaries(FACTS), LANGUAGES, KINDS)
OTHER = st.tuples(st.one_of(*(st.fixed_dictionaries({name: of}) for name, of in FACTS.items())), LANGUAGES | st.none())


@pytest.fixture(scope="module")
def gateway(tmp_path_factory) -> Iterator[notigate.Gateway]:
    folder = tmp_path_factory.mktemp("together")
    for number, (name, moment) in enumerate(MOMENTS.items()):
        home = folder / "templates" / "care" / name
        home.mkdir(parents=True)
        late, channels = ("drop", "next-window")[number % 2], ("[sms, email]", "[email, sms]")[number % 2]
        told = OCCASION.format(
            name=name, moment=moment, late=late, channels=channels, asked=ASKS.get(name, "today | date")
        )
        (home / "occasion.yaml").write_text(told, encoding="utf-8")
        for locale, words in WORDS.items():
            (home / f"{locale}.sms.txt").write_text(words, encoding="utf-8")
            (home / f"{locale}.email.txt").write_text(f"Subject: {{{{ where }}}}\n\n{words}", encoding="utf-8")
    lines = "".join(f"  care/{name}: {{}}\n" for name in MOMENTS)
    (folder / "notigate.yaml").write_text(SETTINGS + lines, encoding="utf-8")
    with notigate.open(folder, now=NOW) as opened:
        yield opened


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(alike=ALIKE, others=st.lists(OTHER, min_size=1, max_size=6))
def test_a_reader_gets_what_they_would_get_alone(gateway, alike, others):
    facts, spoken, kinds = alike
    addresses = {kind: {"phone": "+8613800138000", "email": "wang@example.com"}[kind] for kind in kinds}
    people = [
        Person(id=f"c{n}", name="王芳", facts=facts | more, language=language or spoken, addresses=addresses)
        for n, (more, language) in enumerate([({}, None), *others])
    ]
    wish, _stopped = gateway.daily().wish()
    together = list(gateway.planner.plan(wish, people))
    assert together == [item for person in people for item in gateway.planner.plan(wish, [person])]
    assert len(together) >= len(people)
