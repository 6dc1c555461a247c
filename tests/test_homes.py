"""One person with several homes, one home with several owners: who gets what, and how often."""

from __future__ import annotations

from datetime import datetime

import pytest

import notigate

NOW = datetime.fromisoformat("2026-11-21T10:00+08:00")
OCCASION = """\
title: News
class: {category}
moment: {moment}
at: "00:00-24:00"
channels: [sms]
params: {{who: salutation, homes: "homes | list"}}
"""
HEADINGS = "id,name,title,phone,project,building,home,handed_over_on,opted_out,relation\n"


@pytest.fixture
def project(tmp_path):
    """Opens a project with the roster `people` and one occasion, whose further keys are `keys`."""

    def opened(people: str, keys: str = "", moment: str = "{date: 11-21}", category: str = "service"):
        folder = tmp_path / "templates" / "home" / "news"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "occasion.yaml").write_text(
            OCCASION.format(moment=moment, category=category) + keys, encoding="utf-8"
        )
        (folder / "zh_Hans.sms.txt").write_text("{{ who }}，{{ homes }}：停水。", encoding="utf-8")
        (tmp_path / "customers.csv").write_text(HEADINGS + people, encoding="utf-8")
        (tmp_path / "notigate.yaml").write_text(
            "project: {name: x}\nroster: {file: customers.csv}\nchannels: {trial: {plugin: outbox}}\n"
            "occasions: {home/news: {}}\npolicy: {windows: ['00:00-24:00']}\n",
            encoding="utf-8",
        )
        return notigate.open(tmp_path, now=NOW)

    return opened


def sent(gateway) -> list[tuple[str, str]]:
    """Sends what is due: who got what."""
    with gateway:
        run = gateway.send_due()
        assert all(problem.reason in ("opted-out", "unreachable") for problem in run.problems), run.problems
        return [
            (delivery.person, delivery.content.text)
            for delivery in gateway.log(run=run.id)
            if delivery.content is not None
        ]


TWO_HOMES = "C1,王芳,女士,13800138000,A,3栋,101,2026-11-21,,\nC1,王芳,女士,13800138000,A,5栋,202,2026-01-02,,\n"
CO_OWNERS = "C1,王芳,女士,13800138000,A,3栋,101,,,\nC2,李雷,先生,13800138001,A,3栋,101,,,\n"


def test_the_owner_of_two_homes_is_written_to_once_and_reads_of_both(project):
    assert sent(project(TWO_HOMES)) == [("C1", "王女士，3栋101和5栋202：停水。")]
    assert sent(project(TWO_HOMES)) == []


def test_the_message_names_the_homes_that_it_is_about(project):
    assert sent(project(TWO_HOMES, moment="{day_of: handed_over_on}")) == [("C1", "王女士，3栋101：停水。")]


def test_what_falls_on_a_later_row_of_a_person_is_not_lost(project):
    lines = TWO_HOMES.splitlines(keepends=True)
    assert sent(project("".join(reversed(lines)), moment="{day_of: handed_over_on}")) == [
        ("C1", "王女士，3栋101：停水。")
    ]


def test_homes_of_several_projects_are_told_with_their_project(project):
    people = "C1,王芳,女士,13800138000,A苑,3栋,101,,,\nC1,王芳,女士,13800138000,B苑,3栋,101,,,\n"
    assert sent(project(people)) == [("C1", "王女士，A苑3栋101和B苑3栋101：停水。")]


def test_co_owners_are_each_written_to_unless_once_per_home_is_asked_for(project):
    assert [person for person, _text in sent(project(CO_OWNERS))] == ["C1", "C2"]


def test_once_per_home_is_one_message_a_home_whoever_owns_it(project):
    people = TWO_HOMES + "C2,李雷,先生,13800138001,A,3栋,101,,,\nC3,张三,先生,13800138003,A,4栋,101,,,\n"
    assert sent(project(people, "once_per: home\n")) == [
        ("C1", "王女士，3栋101：停水。"),
        ("C1", "王女士，5栋202：停水。"),
        ("C3", "张先生，4栋101：停水。"),
    ]
    assert sent(project(people, "once_per: home\n")) == []


@pytest.mark.parametrize(
    "first",
    ["C1,王芳,女士,,A,3栋,101,,,\n", "C1,王芳,女士,13800138000,A,3栋,101,,是,\n"],
    ids=["unreachable", "opted out"],
)
def test_the_next_owner_reads_it_when_the_first_cannot_or_will_not(project, first):
    people = first + "C2,李雷,先生,13800138001,A,3栋,101,,,\nC3,韩梅梅,女士,13800138002,A,3栋,101,,,\n"
    greeting = {"keys": "once_per: home\n", "category": "care"}
    assert [person for person, _text in sent(project(people, **greeting))] == ["C2"]
    assert sent(project(people, **greeting)) == []


def test_once_per_phone_is_one_message_a_family(project):
    people = "C1,王芳,女士,13800138000,A,3栋,101,,,\nC2,李雷,先生,+86 138 0013 8000,A,3栋,102,,,\n"
    assert [person for person, _text in sent(project(people, "once_per: phone\n"))] == ["C1"]
    assert sent(project(people, "once_per: phone\n")) == []


def test_an_owner_who_moves_up_in_the_list_does_not_make_the_home_hear_twice(project):
    assert [person for person, _text in sent(project(CO_OWNERS, "once_per: home\n"))] == ["C1"]
    assert sent(project("".join(reversed(CO_OWNERS.splitlines(keepends=True))), "once_per: home\n")) == []


def test_a_plan_of_many_homes_counts_each_once_across_all_its_people(project):
    first = "".join(f"A{n},王芳,女士,{13800000000 + n},A,3栋,{n},,,\n" for n in range(700))
    second = "".join(f"B{n},李雷,先生,{13900000000 + n},A,3栋,{n},,,\n" for n in range(700))
    with project(first + second, "once_per: home\n") as gateway:
        planned = list(gateway.plan())
    assert [item.draft.person for item in planned] == [f"A{n}" for n in range(700)]


FAMILY = (
    "C1,王芳,女士,13800138000,A,3栋,101,,,业主\nC2,李雷,先生,13800138001,A,3栋,101,,,配偶\nC3,李小雷,,13800138002,A,3栋,101,,,儿子\n"
    "C4,张三,先生,13800138003,A,3栋,101,,,租户\nC5,赵六,先生,13800138004,A,3栋,101,,,朋友\nC6,王五（租客）,先生,13800138005,A,3栋,101,,,\n"
)


def test_children_tenants_and_others_are_not_written_to_as_owners(project):
    assert [person for person, _text in sent(project(FAMILY))] == ["C1", "C2"]


def test_an_occasion_that_asks_for_the_relation_reaches_those_it_means(project):
    assert [person for person, _text in sent(project(FAMILY, "who: relation == 'tenant'\n"))] == ["C4", "C6"]


def test_who_is_asked_for_by_their_number_gets_it_whatever_the_relation(project):
    with project(FAMILY) as gateway:
        assert gateway.send("home/news", to="13800138003").counts == {notigate.State.ACCEPTED: 1}


def test_who_has_died_is_not_greeted(project):
    people = "C1,王芳（已故）,女士,13800138000,A,3栋,101,,,\nC2,李雷,先生,13800138001,A,3栋,101,,,\n"
    with project(people, category="care") as gateway:
        run = gateway.send_due()
    assert [(problem.person, problem.reason) for problem in run.problems] == [("C1", "do-not-greet")]


RULE = """
from pathlib import Path
from notigate.model import Go
from notigate.plugin import hookimpl

@hookimpl
def notigate_rules():
    def rule(occasion, person, now):
        Path(__file__).with_name("customers.csv").write_text("gone")
        return Go()
    return [rule]
"""


def test_a_file_that_was_changed_during_a_run_is_told(project, tmp_path):
    (tmp_path / "rule.py").write_text(RULE)
    (tmp_path / "rule.py").chmod(0o600)
    project(CO_OWNERS).close()
    with (tmp_path / "notigate.yaml").open("a") as settings:
        settings.write("plugins: [rule.py]\n")
    with notigate.open(tmp_path, now=NOW) as gateway:
        run = gateway.send_due()
    assert run.counts == {notigate.State.ACCEPTED: 2}
    [problem] = run.problems
    assert problem.detail.startswith("customers.csv was changed")
    assert run.exit_code == 0
