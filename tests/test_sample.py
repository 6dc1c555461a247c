from __future__ import annotations

import stat
from collections import Counter
from datetime import date, time, timedelta

import pytest

from notigate import sample
from notigate.audience import BadRow, read
from notigate.catalogue import Catalogue
from notigate.documents import bound
from notigate.errors import AudienceError, UsageError
from notigate.language import negotiate
from notigate.model import Person, Window
from notigate.outbox import OutboxSettings
from notigate.settings import load

TODAY = date(2026, 11, 21)
LEAP_YEAR = [date(2028, 1, 1) + timedelta(days=day) for day in range(366)]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "demo"
    sample.write(folder, TODAY, sample=True)
    return load(folder / "notigate.yaml")


@pytest.fixture(scope="module")
def found(project):
    return list(read(project))


@pytest.fixture(scope="module")
def people(found):
    return [one for one in found if isinstance(one, Person)]


def is_unwilling(person: Person) -> bool:
    return bool(person.facts.get("opted_out") or person.facts.get("do_not_greet"))


def catalogue_of(settings) -> Catalogue:
    return Catalogue.open([settings.folder / "templates"], locale=settings.locale, overrides=settings.occasions)


def test_on_every_day_of_a_year_several_people_are_greeted(people):
    long_ago = date(2020, 1, 1)
    greeted = [
        person.facts["birthday"]
        for person in people
        if "birthday" in person.facts
        and person.addresses
        and not is_unwilling(person)
        and person.facts["subscribed_on"] < long_ago
    ]
    by_day = Counter((born.month, born.day) for born in greeted)
    assert min(by_day[day.month, day.day] for day in LEAP_YEAR) >= 2


def test_at_every_hour_of_a_day_greetings_go_out(project):
    whole_day = Window(time(0), time.max)
    assert project.policy.windows == (whole_day,)
    assert catalogue_of(project).occasion("service/birthday").at == whole_day


def test_every_row_can_be_used(found):
    assert not [one for one in found if isinstance(one, BadRow)]


def test_the_people_differ_in_all_that_matters(people):
    assert {negotiate(person.language, ["zh_Hans", "zh_Hant", "en"], "") for person in people} == {
        "zh_Hans",
        "zh_Hant",
        "en",
    }
    assert len({person.facts["project"] for person in people}) > 1
    assert len({person.facts["building"] for person in people}) > 1
    for some in (
        [person for person in people if person.facts.get("opted_out")],
        [person for person in people if person.facts.get("do_not_greet")],
        [person for person in people if not person.addresses],
        [person for person in people if set(person.addresses) == {"email"}],
        [person for person in people if person.vip],
        [person for person in people if person.title is None],
        [person for person in people if "lunar_birthday" in person.facts],
        [person for person in people if len(person.family_name) == 2],
    ):
        assert len(some) > 1


def test_somebody_subscribed_lately_and_somebody_s_home_is_ready(people):
    assert TODAY in {person.facts.get("subscribed_on") for person in people}
    assert TODAY + timedelta(days=14) in {person.facts.get("handover_on") for person in people}


def test_every_consultant_is_a_colleague_who_can_be_reached(project, people):
    colleagues = {colleague.name: colleague for colleague in project.staff}
    assert {person.facts["consultant"] for person in people} == set(colleagues)
    assert all({"wecom", "email"} <= set(colleague.addresses) for colleague in colleagues.values())


def test_nobody_is_real(people):
    for person in people:
        assert person.addresses.get("phone", "13800000000").startswith("138000")
        assert person.addresses.get("email", "@example.com").endswith("@example.com")


def test_the_same_day_gives_the_same_project(project, tmp_path):
    for file in sample.write(tmp_path / "again", TODAY, sample=True):
        assert file.read_bytes() == (project.folder / file.relative_to(tmp_path / "again")).read_bytes()


@pytest.fixture(params=[True, False], ids=["sample", "starter"])
def either(request, tmp_path):
    sample.write(tmp_path / "demo", TODAY, sample=request.param)
    return load(tmp_path / "demo" / "notigate.yaml")


def test_every_occasion_that_is_switched_on_can_be_used(either):
    usable, faults = catalogue_of(either).switched_on()
    assert faults == ()
    assert "service/birthday" in {occasion.id for occasion in usable}


def test_nothing_reaches_people_before_somebody_says_so(either):
    assert {channel.plugin for channel in either.channels.values()} == {"outbox"}
    assert bound(either.channels["trial"].options, OutboxSettings)


def test_only_its_owner_may_read_a_project(either):
    files = [either.folder, *either.folder.rglob("*")]
    assert len(files) == 6
    assert {stat.S_IMODE(file.stat().st_mode) for file in files if file.is_file()} == {0o600}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files if file.is_dir()} == {0o700}


def test_what_is_private_stays_out_of_git(either):
    ignored = (either.folder / ".gitignore").read_text().splitlines()
    assert {"notigate.db*", "outbox/", "*.csv"} <= set(ignored)


def test_without_a_sample_there_is_nobody_yet(tmp_path):
    sample.write(tmp_path, TODAY)
    with pytest.raises(AudienceError, match="holds headings and no people"):
        list(read(load(tmp_path / "notigate.yaml")))


def test_a_project_is_made_in_a_folder_that_has_other_things(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "templates").mkdir()
    sample.write(tmp_path, TODAY)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert load(tmp_path / "notigate.yaml").project["name"]


@pytest.mark.parametrize("name", ["notigate.yaml", "customers.csv", ".gitignore", "templates/README.md"])
def test_nothing_is_ever_overwritten_and_nothing_half_made(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match="is there already, and nothing is overwritten"):
        sample.write(tmp_path, TODAY, sample=True)
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == [(tmp_path / name).name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file/demo"):
        sample.write(tmp_path / "file" / "demo", TODAY)
