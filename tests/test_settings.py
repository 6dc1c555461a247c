from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from notigate.errors import ConfigError
from notigate.model import Secret, Window
from notigate.settings import Reconcile, Timeout, find, load

PROJECT = P = "project: {name: 青年城}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    host: str
    port: int = 465
    password: Secret | None = None


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.delenv("NOTIGATE_PROJECT", raising=False)

    def write(text: str, name: str = "notigate.yaml", mode: int = 0o600) -> Path:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
        return file

    return write


def faults_of(file: Path) -> list[str]:
    with pytest.raises(ConfigError) as refusal:
        load(file)
    assert str(refusal.value).splitlines() == [str(fault) for fault in refusal.value.faults]
    return [str(fault) for fault in refusal.value.faults]


def test_a_project_needs_no_more_than_its_name(project, tmp_path):
    settings = load(project(PROJECT))
    assert settings.project == {"name": "青年城", "hotline": "", "city": "", "closing": "【{name}】{hotline}"}
    assert settings.timezone.key == "Asia/Shanghai"
    assert settings.locale == "zh_Hans"
    assert settings.ledger == f"sqlite:///{tmp_path}/notigate.db"
    assert settings.folder == tmp_path
    assert settings.roster is None
    assert (settings.channels, settings.occasions, settings.plugins, settings.staff) == ({}, {}, (), ())
    assert settings.policy.windows == (Window(time(10), time(11, 30)), Window(time(15), time(17)))
    assert settings.policy.per_person == {"day": 1, "month": 8}
    assert settings.almanac().workdays == "china"
    assert settings.patience == 60.0


def test_every_section_is_read(project, tmp_path):
    settings = load(
        project(
            """
project: {name: 青年城, hotline: 400-600-0000, city: 成都, closing: "【{name}】", opened: 2026, wechat: qnc}
timezone: Asia/Hong_Kong
locale: zh-Hant
ledger: postgresql://localhost/notigate
roster: {file: customers.xlsx, sheet: 业主, encoding: gb18030, columns: {name: 客户, layout: 户型}}
channels: {trial: {plugin: outbox, folder: outbox}}
occasions: {holiday/mid-autumn: {}, service/birthday: {at: "10:00-10:30"}, weather/severe-weather: }
policy: {windows: ["15:00-17:00", "09:00-10:00"], per_person: {week: 3}, only: [u1], patience: 5s}
workdays: every-day
plugins: [sms_aliyun, mine.py]
staff:
- {name: 李娜, title: ms, wecom: lina, email: li.na@example.com, phone: 138 0013 8000, groups: [sales]}
"""
        )
    )
    assert settings.project["opened"] == 2026
    assert settings.project["wechat"] == "qnc"
    assert settings.timezone.key == "Asia/Hong_Kong"
    assert settings.locale == "zh_Hant"
    assert settings.ledger == "postgresql://localhost/notigate"
    assert settings.roster.file == tmp_path / "customers.xlsx"
    assert settings.roster.columns == {"name": "客户", "layout": "户型"}
    assert list(settings.occasions) == ["holiday/mid-autumn", "service/birthday", "weather/severe-weather"]
    assert settings.policy.windows == (Window(time(9), time(10)), Window(time(15), time(17)))
    assert settings.policy.per_person == {"week": 3}
    assert settings.policy.only == ("u1",)
    assert settings.patience == 5.0
    assert settings.workdays.rule == "every-day"
    assert settings.plugins == ("sms_aliyun", "mine.py")
    [colleague] = settings.staff
    assert colleague.name == "李娜"
    assert colleague.addresses == {"phone": "13800138000", "email": "li.na@example.com", "wecom": "lina"}
    assert colleague.facts["groups"] == ("sales",)


def test_every_fault_is_told_at_once_one_a_line(project):
    text = """
projct: {name: 青年城}
timezone: Asia/Shanghia
locale: xx_Klingon
ledger: mysql://localhost/x
roster: {fiel: customers.csv}
channels:
  sms: {plugn: sms_aliyun}
  "e mail": {plugin: email}
occasions: [service/birthday]
policy: {windows: ["11:30-10:00"], per_person: {year: 1}}
workdays: chian
plugins: sms_aliyun
staff: [{name: 李娜, phone: 12345}]
"""
    places = [line.split(": ")[0] for line in faults_of(project(text))]
    assert [int(place.split(":")[1]) for place in places] == [2, 2, 3, 4, 5, 6, 8, 9, 10, 11, 11, 12, 13, 14]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1:1: project: is missing"),
        ("[]", "1:1: expected `key: value` lines"),
        ("project: {hotline: 1}", "1:10: project.name: is missing"),
        ("project: 青年城", "1:10: project: expected `key: value` lines"),
        (P + "timezone: Asia/Shanghia", "2:11: timezone: expected a time zone such as Asia/Shanghai"),
        (P + "timezone: Asia", "2:11: timezone: expected a time zone"),
        (P + "timezone: ../../etc/passwd", "2:11: timezone: expected a time zone"),
        (P + "locale: klingon", "2:9: locale: there is no locale 'klingon'"),
        (P + "ledger: notigate.db", "2:9: ledger: expected a URL such as sqlite:///notigate.db"),
        (P + "ledger: mysql://localhost/x", "2:9: ledger: expected sqlite:///notigate.db or postgresql://"),
        (P + "policy: {windows: []}", "2:9: policy: windows: name at least one"),
        (P + "policy: {windows: [25:00-26:00]}", "2:20: policy.windows[0]: expected hours such as 10:00-11:30"),
        (P + "policy: {per_person: {dya: 1}}", "2:23: policy.per_person.dya: expected day or week or month"),
        (P + "policy: {per_person: {day: -1}}", "2:9: policy: per_person: at least 0"),
        (P + "channels: {sms: sms_aliyun}", "2:17: channels.sms: expected `key: value` lines"),
        (P + "channels: {sms: {}}", "2:17: channels.sms.plugin: is missing"),
        (P + "channels: {sms: {plugin: x, batch: 0}}", "2:17: channels.sms: batch must be more than 0"),
        (P + "channels: {sms: {plugin: x, rate: fast}}", "2:35: channels.sms.rate: expected a number"),
        (P + "channels: {sms: {plugin: x, timeout: {read: 10}}}", "2:45: channels.sms.timeout.read: expected a dur"),
        (P + "channels: {sms: {plugin: x, timeout: {raed: 1s}}}", "2:39: channels.sms.timeout.raed: unknown key; did"),
        (P + "channels: {sms: {plugin: x, timeout: {read: 0s}}}", "2:38: channels.sms.timeout: a time-out of nothing"),
        (
            P + "channels: {sms: {plugin: x, reconcile: {first: 2h}}}",
            "2:40: channels.sms.reconcile: first comes before",
        ),
        (P + "channels: {a b: {plugin: x}}", "2:12: channels.a b: a channel is named by letters, digits, - and _"),
        (P + "roster: {}", "2:9: roster: name one source of people: file, or sql with url and query"),
        (P + "roster: {file: a.csv, sql: {url: 'sqlite:///x', query: q}}", "2:9: roster: name one source of people"),
        (P + "roster: {file: a.csv, colums: {}}", "2:23: roster.colums: unknown key; did you mean columns?"),
        (P + "roster: {fil: a.csv}", "2:10: roster.fil: unknown key; did you mean file?"),
        (P + "roster: {file: a.csv, encoding: gkb}", "2:9: roster: encoding: there is no 'gkb'"),
        (P + "roster: {file: a.csv, columns: {Name: 姓名}}", "2:9: roster: columns: 'Name' is no name of ours"),
        (P + "roster: {sql: {url: 'sqlite:///crm.db'}}", "2:15: roster.sql.query: is missing"),
        (P + "workdays: chian", "2:11: workdays: expected china or every-day or file; did you mean china?"),
        (P + "workdays: file", "2:11: workdays: write china, every-day, or {file: workdays.yaml}"),
        (P + "workdays: {file: nowhere.yaml}", "/nowhere.yaml: cannot be read"),
        (P + "staff: [{wecom: lina}]", "2:9: staff[0].name: is missing"),
        (P + "staff: [{name: 李娜, wecom: 李娜}]", "2:27: staff[0].wecom: this is no wecom address"),
    ],
)
def test_a_fault_names_its_place_and_what_to_write(project, text, fault):
    [told] = faults_of(project(text))
    assert fault in told
    assert told.startswith(("notigate.yaml:", "/"))


def test_a_wrong_phone_of_a_colleague_is_not_shown(project):
    [told] = faults_of(project(PROJECT + "staff: [{name: 李娜, phone: 1380013800}]"))
    assert "staff[0].phone: this is no phone address that can be used" in told
    assert "1380013800" not in told


def test_a_channel_keeps_the_keys_of_its_plugin_for_later(project, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "canary")
    channels = "channels: {mail: {plugin: email, rate: 5, host: h, password: '${env:SMTP_PASSWORD}'}}"
    channel = load(project(PROJECT + channels)).channels["mail"]
    assert (channel.name, channel.plugin, channel.rate) == ("mail", "email", 5.0)
    assert channel.bind(Mail) == Mail(host="h", password=Secret("canary"))
    assert channel.faults(Mail) == ()
    assert "canary" not in repr(channel)


def test_a_channel_has_the_core_s_defaults(project):
    channel = load(project(PROJECT + "channels: {mail: {plugin: email}}")).channels["mail"]
    assert (channel.batch, channel.concurrency, channel.rate) == (None, None, None)
    assert channel.timeout == Timeout(3.0, 10.0, 15.0)
    assert channel.reconcile == Reconcile(first=timedelta(minutes=10), confirm=timedelta(minutes=30))


def test_a_call_may_take_longer_than_its_next_byte(project):
    channel = load(project(PROJECT + "channels: {mail: {plugin: email, timeout: {read: 1m}}}")).channels["mail"]
    assert channel.timeout == Timeout(3.0, 60.0, 65.0)


def test_a_channel_s_limits_and_time_outs_are_read(project):
    keys = "batch: 20, concurrency: 2, timeout: {read: 500ms, total: 1m}, reconcile: {first: 1s, confirm: 4h}"
    channel = load(project(PROJECT + f"channels: {{mail: {{plugin: email, {keys}}}}}")).channels["mail"]
    assert (channel.batch, channel.concurrency) == (20, 2)
    assert channel.timeout == Timeout(3.0, 0.5, 60.0)
    assert channel.reconcile == Reconcile(first=timedelta(seconds=1), confirm=timedelta(hours=4))


def test_a_project_loads_without_credentials_and_tells_what_a_channel_lacks(project, monkeypatch):
    monkeypatch.delenv("SMTP_PASSWORD", raising=False)
    text = "channels:\n  mail: {plugin: email, prot: 25, concurency: 2,\n    password: '${env:SMTP_PASSWORD}'}"
    channel = load(project(PROJECT + text)).channels["mail"]
    assert [str(fault) for fault in channel.faults(Mail)] == [
        "notigate.yaml:3:9: channels.mail.host: is missing",
        "notigate.yaml:3:25: channels.mail.prot: unknown key; did you mean port?",
        "notigate.yaml:3:35: channels.mail.concurency: unknown key; did you mean concurrency?",
        "notigate.yaml:4:15: channels.mail.password: the environment variable SMTP_PASSWORD is not set",
    ]
    with pytest.raises(ConfigError, match="did you mean port"):
        channel.bind(Mail)


def test_a_channel_s_password_in_a_readable_file_is_refused(project):
    file = project(PROJECT + "channels: {mail: {plugin: email, host: h, password: canary}}", mode=0o644)
    [told] = map(str, load(file).channels["mail"].faults(Mail))
    assert "chmod 600 notigate.yaml" in told
    assert "canary" not in told


@pytest.mark.parametrize("key", ["ledger: '{}'", "roster: {{sql: {{url: '{}', query: select}}}}"])
def test_a_database_s_password_in_a_readable_file_is_refused(project, key):
    text = PROJECT + key.format("postgresql://me:canary@db/notigate")
    [told] = faults_of(project(text, mode=0o644))
    assert "a secret in a file that others may read" in told
    assert "canary" not in told
    assert "canary" not in repr(load(project(text, mode=0o600)))


def test_a_database_s_password_may_come_from_elsewhere(project, monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", "canary")
    text = PROJECT + "ledger: 'postgresql://me:${env:DB_PASSWORD}@db/notigate'"
    assert load(project(text, mode=0o644)).ledger == "postgresql://me:canary@db/notigate"


def test_the_path_of_a_database_file_is_relative_to_the_project(project, tmp_path):
    text = PROJECT + "ledger: sqlite:///data/l.db\nroster: {sql: {url: 'sqlite:////srv/crm.db', query: select}}"
    settings = load(project(text))
    assert settings.ledger == f"sqlite:///{tmp_path}/data/l.db"
    assert settings.roster.sql.url == "sqlite:////srv/crm.db"


def test_a_roster_that_is_neither_file_nor_query_is_left_to_plugins(project):
    roster = load(project(PROJECT + "roster: {crm: salesforce, pages: 3, columns: {name: Contact}}")).roster
    assert roster.source == {"crm": "salesforce", "pages": 3}
    assert roster.columns == {"name": "Contact"}


def test_the_allow_list_knows_addresses_in_the_form_they_are_kept(project):
    only = load(project(PROJECT + "policy: {only: ['+86 138-0013-8000', u1]}")).policy.only
    assert {"13800138000", "u1"} <= set(only)


def test_no_caps_are_possible(project):
    assert load(project(PROJECT + "policy: {per_person: {}}")).policy.per_person == {}


def test_signatures_are_those_of_the_channels_that_have_one(project, monkeypatch):
    monkeypatch.delenv("NOT_SET", raising=False)
    channels = (
        "channels: {sms: {plugin: x, sign_name: 青年城}, b: {plugin: x, sign_name: '${env:NOT_SET}'}, c: {plugin: x}}"
    )
    assert load(project(PROJECT + channels)).signatures == {"sms": "青年城"}


def test_workdays_of_a_file_are_all_that_is_known(project):
    project("years: [2027]\nrest: [2027-01-01, 2027-02-05..2027-02-11]\nwork: [2027-02-20]\n", "workdays.yaml")
    almanac = load(project(PROJECT + "workdays: {file: workdays.yaml}")).almanac()
    workdays = {day: almanac.is_workday(day) for day in (date(2027, 1, 1), date(2027, 2, 8), date(2027, 2, 12))}
    assert workdays == {date(2027, 1, 1): False, date(2027, 2, 8): False, date(2027, 2, 12): True}
    assert almanac.is_workday(date(2027, 2, 20))
    assert not almanac.knows(2026)


def test_a_file_may_move_days_of_the_state_council_s_calendar(project):
    project("rest: [2026-11-20]\n", "workdays.yaml")
    almanac = load(project(PROJECT + "workdays: {rule: china, file: workdays.yaml}")).almanac()
    assert not almanac.is_workday(date(2026, 11, 20))
    assert almanac.is_workday(date(2026, 11, 19))


def test_the_project_s_own_days_go_before_those_of_plugins(project):
    project("work: [2026-11-21]\n", "workdays.yaml")
    settings = load(project(PROJECT + "workdays: {rule: china, file: workdays.yaml}"))
    almanac = settings.almanac({date(2026, 11, 21): False, date(2026, 11, 20): False})
    assert almanac.is_workday(date(2026, 11, 21))
    assert not almanac.is_workday(date(2026, 11, 20))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("rest: [2027-02-30]", "workdays.yaml:1:8: rest[0]: expected a day such as 2027-01-01"),
        ("years: [2027]\nrest: [2027-02-11..2027-02-05]", "workdays.yaml:2:8: rest[0]: the first day comes first"),
        ("rset: []", "workdays.yaml:1:1: rset: unknown key; did you mean rest?"),
        ("rest: []", "notigate.yaml:2:11: workdays: workdays.yaml names no years"),
    ],
)
def test_faults_of_the_workdays_file_name_that_file(project, text, fault):
    project(text, "workdays.yaml")
    [told] = faults_of(project(PROJECT + "workdays: {file: workdays.yaml}"))
    assert told.startswith(fault)


def test_a_project_is_found_where_it_is_named(project, tmp_path, monkeypatch):
    file = project(PROJECT)
    monkeypatch.chdir("/")
    assert find(tmp_path) == file
    assert find(str(tmp_path)) == file
    assert find(None, {"NOTIGATE_PROJECT": str(tmp_path)}) == file


def test_a_project_is_found_from_a_folder_inside_it(project, tmp_path, monkeypatch):
    file = project(PROJECT)
    inside = tmp_path / "templates" / "holiday"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert find(environ={}) == file


def test_a_named_folder_is_not_left(project, tmp_path):
    project(PROJECT)
    (tmp_path / "other").mkdir()
    with pytest.raises(ConfigError, match=r"there is no notigate\.yaml in .*/other; .*notigate init .*/other"):
        find(tmp_path / "other", {"NOTIGATE_PROJECT": str(tmp_path)})


def test_without_a_project_it_is_said_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"or above; .*notigate init DIR"):
        find(environ={})
