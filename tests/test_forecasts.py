"""A project's weather: the real command, the sources of plugins/weather on loopback sockets, and a crontab's patience."""

from __future__ import annotations

import json
import os
import sqlite3
from datetime import date, datetime, timedelta
from email import message_from_string, policy
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from notigate.cli import cli
from notigate.testing import Reply
from notigate.testing.weather import FakeOpenMeteo, FakeQWeather, alert, day, error

pytest.importorskip("notigate_weather", reason="the sources are those of plugins/weather")

DAY = date(2026, 7, 11)
NOW = datetime.fromisoformat("2026-07-11T15:05+08:00")
PEOPLE = "id,name,phone,city,subscribed_on\nc1,王芳,13800138000,成都市,2026-01-01\nc2,李娜,13800138001,绵阳,\nc3,陈晨,13800138002,,\n"


class Project:
    """A folder, its services, and a clock of one's own."""

    def __init__(self, folder: Path, qweather: FakeQWeather, open_meteo: FakeOpenMeteo) -> None:
        self.folder = folder
        self.qweather = qweather
        self.open_meteo = open_meteo
        self.people = PEOPLE
        self.settings = {
            "project": {"name": "青年城", "hotline": "400-600-0000", "city": "成都"},
            "ledger": "sqlite:///notigate.db",
            "roster": {"file": "customers.csv"},
            "policy": {"windows": ["00:00-24:00"], "per_person": {}},
            "channels": {"trial": {"plugin": "outbox"}},
            "occasions": {"weather/severe-weather": {"at": "15:00-17:00", "moment": {"weather": {"level": "yellow"}}}},
            "weather": {
                "sources": [{"plugin": "qweather", "endpoint": qweather.endpoint, "api_key": "qw-key"}],
                "cities": {
                    "成都": {"latitude": 30.57, "longitude": 104.07}, "绵阳": {"latitude": 31.47, "longitude": 104.68},
                },
                "keep": "0s",
            },
        }  # fmt: skip

    def moment(self, said):
        self.settings["occasions"]["weather/severe-weather"]["moment"] = {"weather": said}

    def run(self, *arguments, now=NOW):
        file = self.folder / "notigate.yaml"
        file.write_text(yaml.safe_dump(self.settings, allow_unicode=True), encoding="utf-8")
        file.chmod(0o600)
        (self.folder / "customers.csv").write_text(self.people, encoding="utf-8")
        command = ["-C", str(self.folder), "--now", now.replace(tzinfo=None).isoformat(), *arguments]
        return CliRunner().invoke(cli, command)

    def send(self, now=NOW):
        result = self.run("send", "--due", "--json", now=now)
        told = json.loads(result.stdout)
        return result.exit_code, told["counts"], [(p["occasion"], p["detail"]) for p in told["problems"] if p["detail"]]

    def texts(self):
        found = sorted((self.folder / "outbox").glob("*"), key=lambda file: file.stat().st_mtime_ns)
        return [file.read_text(encoding="utf-8") for file in found]

    def log(self):
        return [json.loads(line) for line in self.run("log", "--json").stdout.splitlines()]


@pytest.fixture
def project(tmp_path):
    with FakeQWeather() as qweather, FakeOpenMeteo(first=DAY) as open_meteo:
        yield Project(tmp_path, qweather, open_meteo)


CHENGDU, MIANYANG = ("30.57", "104.07"), ("31.47", "104.68")


def rain(colour="orange", id_="w1", **more):
    return alert(id_, "暴雨", colour, issued=NOW - timedelta(hours=1), hours=36, **more)


def test_those_in_the_city_are_told_and_nobody_else(project):
    project.qweather.alerts[CHENGDU] = [rain()]
    assert project.send() == (0, {"accepted": 2}, [])
    assert [one["person"] for one in project.log()] == ["c1", "c3"]
    assert all("暴雨" in text for text in project.texts())


def test_fine_weather_is_nothing_to_tell(project):
    assert project.send() == (0, {}, [])


def test_a_warning_runs_its_course(project):
    """None, blue, raised to orange, lifted: told once, when it is grave enough."""
    steps = [
        [],
        [rain("blue")],
        [rain("orange", "w2", kind="update", supersedes=["w1"])],
        [rain("orange", "w2", kind="update", supersedes=["w1"])],
        [rain("red", "w3", kind="update", supersedes=["w2"])],
        [rain("red", "w4", kind="cancel", supersedes=["w3"])],
    ]
    sent = []
    for number, alerts in enumerate(steps):
        project.qweather.alerts[CHENGDU] = alerts
        sent.append(project.send(NOW + timedelta(minutes=5 * number))[1])
    assert sent == [{}, {}, {"accepted": 2}, {}, {}, {}]


def test_a_warning_that_rises_is_told_again_where_the_occasion_says_so(project):
    project.moment({"level": "yellow", "again": "raised"})
    sent = []
    for colour in ("yellow", "orange", "yellow", "orange", "red"):
        project.qweather.alerts[CHENGDU] = [rain(colour)]
        sent.append(project.send()[1])
    assert sent == [{"accepted": 2}, {"accepted": 2}, {}, {}, {"accepted": 2}]


def test_weather_that_lasts_is_not_told_every_day(project):
    sent = {}
    for ahead in range(6):
        now = NOW + timedelta(days=ahead)
        project.qweather.alerts[CHENGDU] = [alert(f"w{ahead}", "高温", "orange", issued=now, hours=48)]
        sent[ahead] = project.send(now)[1]
    assert [ahead for ahead, counts in sent.items() if counts] == [0, 4]


def test_one_message_tells_all_that_comes_and_what_comes_later_is_told_later(project):
    project.qweather.alerts[CHENGDU] = [rain("yellow"), alert("w2", "大风", "red", issued=NOW, hours=36)]
    assert project.send() == (0, {"accepted": 2, "duplicate": 2}, [])
    assert all("大风、暴雨" in text for text in project.texts())
    report = json.loads(project.run("report", "week", "--json").stdout)
    assert (report["total"]["planned"], report["total"]["accepted"]) == (2, 2)
    project.qweather.alerts[CHENGDU] += [alert("w3", "雷电", "yellow", issued=NOW, hours=36)]
    assert project.send() == (0, {"accepted": 2}, [])
    assert project.send() == (0, {}, [])


def test_two_occasions_of_the_weather_tell_each_for_itself(project):
    project.settings["occasions"]["weather/tonight"] = {}
    folder = project.folder / "templates/weather/tonight"
    folder.mkdir(parents=True)
    (folder / "occasion.yaml").write_text(
        "title: Tonight\nclass: care\nmoment: {weather: {level: orange, day: today}}\nchannels: [sms]\n",
        encoding="utf-8",
    )
    (folder / "zh_Hans.sms.txt").write_text("今晚有天气预警，请注意安全。", encoding="utf-8")
    project.qweather.alerts[CHENGDU] = [rain()]
    assert project.send() == (0, {"accepted": 4}, [])


def test_a_warning_that_is_lifted_while_messages_wait_calls_them_off(project):
    morning = NOW.replace(hour=9)
    project.qweather.alerts[CHENGDU] = [
        rain(),
    ]
    project.qweather.alerts[CHENGDU][0]["onsetTime"] = morning.isoformat(timespec="minutes")
    assert project.send(morning)[1] == {"held": 2}
    project.qweather.alerts[CHENGDU] = []
    assert project.send()[1] == {"suppressed": 2}
    assert {one["reason"] for one in project.log()} == {"weather-over"}


def test_messages_wait_while_nobody_knows_whether_the_warning_still_stands(project):
    morning = NOW.replace(hour=9)
    project.qweather.alerts[CHENGDU] = [{**rain(), "onsetTime": morning.isoformat(timespec="minutes")}]
    assert project.send(morning)[1] == {"held": 2}
    (project.folder / ".weather.json").unlink()
    project.qweather.trouble(*[error(500, "Unknown Error")] * 2)
    assert project.send()[:2] == (7, {"held": 2})
    assert {one["reason"] for one in project.log()} == {"weather"}
    assert project.send(NOW + timedelta(minutes=10))[:2] == (0, {"accepted": 2})


@pytest.mark.parametrize(
    "reply",
    [error(500, "Unknown Error"), error(429, "Too Many Requests"), error(401, "Unauthorized"), Reply("{}"), Reply("?")],
    ids=lambda reply: str(reply.status),
)
def test_a_source_that_does_not_answer_is_neither_fine_nor_bad(project, reply):
    project.qweather.trouble(reply)
    code, counts, problems = project.send()
    assert (code, counts) == (7, {})
    ((occasion, detail),) = problems
    assert occasion == "weather/severe-weather"
    assert detail.startswith("成都: the weather of 2026-07-12 is not known: no source answered (qweather: ")


def test_the_other_cities_go_on(project):
    project.qweather.alerts[MIANYANG] = [rain()]
    project.qweather.trouble(error(500, "Unknown Error"))
    assert project.send()[:2] == (7, {"accepted": 1})


def test_somebody_whose_city_nobody_was_asked_for_is_told_to_the_operator(project):
    project.people += "c4,吴刚,13800138003,广州,\n"
    project.qweather.alerts[None] = [rain()]
    code, counts, ((occasion, detail),) = project.send()
    assert (code, counts, occasion) == (7, {"accepted": 3}, "weather/severe-weather")
    assert "1 live in 广州" in detail
    project.settings["occasions"]["weather/severe-weather"]["who"] = "subscribed"
    assert project.send()[0] == 0


def test_the_next_source_is_asked_when_the_first_is_silent(project):
    project.moment({"rain": 50})
    project.settings["weather"]["sources"] += [{"plugin": "open_meteo", "endpoint": project.open_meteo.endpoint}]
    project.open_meteo.daily["precipitation_sum"] = [0, 61.5, 0]
    project.qweather.trouble(*[error(500, "Unknown Error")] * 2)
    assert project.send() == (0, {"accepted": 3}, [])
    assert "强降雨" in project.texts()[0]


def test_what_is_not_asked_for_costs_no_question(project):
    project.qweather.days[None] = [day(DAY + timedelta(days=n)) for n in range(3)]
    project.moment({"rain": 50})
    project.send()
    assert all("/daily/" in path for path in project.qweather.asked)


def test_a_crontab_does_not_ask_every_time(project):
    project.settings["weather"]["keep"] = "10m"
    project.qweather.alerts[CHENGDU] = [rain()]
    for _ in range(5):
        project.send()
    assert len(project.qweather.asked) == 2
    assert (project.folder / ".weather.json").stat().st_mode & 0o077 == 0


def test_a_source_that_refuses_us_is_left_alone(project):
    project.qweather.api_key = "another"
    for _ in range(3):
        assert project.send()[0] == 7
    assert len(project.qweather.asked) == 2


def test_a_young_answer_stands_in_for_none_and_an_old_one_does_not(project):
    project.qweather.alerts[CHENGDU] = [rain()]
    project.run("weather")
    project.qweather.trouble(*[error(500, "Unknown Error")] * 2)
    assert project.send()[:2] == (0, {"accepted": 2})
    kept = json.loads((project.folder / ".weather.json").read_text())
    for one in kept.values():
        one["at"] = one["at"] and (datetime.fromisoformat(one["at"]) - timedelta(hours=4)).isoformat()
    (project.folder / ".weather.json").write_text(json.dumps(kept))
    project.qweather.trouble(*[error(500, "Unknown Error")] * 2)
    assert project.send()[0] == 7


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": {"kind": "warnings", "value": {}}}', "\x00"])
def test_a_damaged_file_of_answers_costs_no_more_than_a_question(project, text):
    (project.folder / ".weather.json").write_text(text)
    project.qweather.alerts[CHENGDU] = [rain()]
    assert project.send()[:2] == (0, {"accepted": 2})


def test_where_a_warning_came_from_stands_in_the_ledger_and_in_the_mail(project):
    project.people = "id,name,email,city\nc1,王芳,wangfang@example.com,成都\n"
    project.qweather.alerts[CHENGDU] = [rain()]
    project.send()
    mail = message_from_string(project.texts()[0], policy=policy.default)
    for part in ("plain", "html"):
        assert "成都市气象台、QWeather、https://www.12379.cn" in mail.get_body((part,)).get_content()
    with sqlite3.connect(project.folder / "notigate.db") as ledger:
        causes = [cause for (cause,) in ledger.execute("SELECT cause FROM event ORDER BY version")]
    assert causes[0].startswith("planned: qweather, ")
    assert "成都市气象台 暴雨 orange" in causes[0]
    assert "https://www.12379.cn" in causes[0]


def test_a_stale_folder_of_warnings_tells_nothing(project, tmp_path):
    folder = tmp_path / "cap"
    folder.mkdir()
    project.settings["weather"]["sources"] = [{"plugin": "cap", "path": "cap", "stale": "1h"}]
    assert project.send()[0] == 0
    os.utime(folder, (folder.stat().st_mtime - 7200,) * 2)
    code, _, problems = project.send()
    assert code == 7
    assert "its data are too old" in problems[0][1]


def test_of_days_to_come_a_plan_tells_what_is_known_and_misses_nothing(project):
    project.moment({"rain": 50})
    project.qweather.days[None] = [day(DAY + timedelta(days=n), rain=60 if n == 2 else 0) for n in range(3)]
    result = project.run("plan", "--days", "9", "--json", now=NOW.replace(hour=8))
    assert result.exit_code == 0
    assert {json.loads(line)["date"] for line in result.stdout.splitlines()} == {"2026-07-12"}


def test_the_command_shows_what_each_source_says_and_what_follows(project):
    project.moment({"level": "yellow", "rain": 50})
    project.settings["weather"]["keep"] = "10m"
    project.settings["weather"]["sources"] += [{"plugin": "open_meteo", "endpoint": project.open_meteo.endpoint}]
    project.open_meteo.daily["precipitation_sum"] = [0, 61.5, 0]
    project.qweather.alerts[CHENGDU] = [rain()]
    project.qweather.trouble(Reply("?"))
    result = project.run("weather", "--city", "成都", "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["source"], line["kind"]) for line in lines] == [
        ("qweather", "silent"), ("qweather", "silent"), *[("open_meteo", "forecast")] * 3,
        ("weather/severe-weather", "due"), ("weather/severe-weather", "missing"),
    ]  # fmt: skip
    assert lines[3]["figures"]["rain"] == 61.5
    assert result.exit_code == 7
    again = [json.loads(line) for line in project.run("weather", "--city", "成都", "--json").stdout.splitlines()]
    (warning,) = [line for line in again if line["kind"] == "warning"]
    assert (warning["event"], warning["level"], warning["day"]) == ("暴雨", "orange", "2026-07-11")
    assert not (project.folder / "notigate.db").exists()


def test_a_city_that_is_not_there_is_named(project):
    result = project.run("weather", "--city", "上海")
    assert result.exit_code == 2
    assert "there are: 成都, 绵阳" in result.stderr


def doctor(project, *options):
    lines = [json.loads(line) for line in project.run("doctor", "--json", *options).stdout.splitlines()]
    return [(line["check"], line["status"], line["detail"]) for line in lines if line["check"].startswith("weather")]


def test_the_doctor_asks_the_sources(project):
    project.qweather.alerts[CHENGDU] = [rain()]
    project.qweather.days[None] = [day(DAY)]
    assert doctor(project) == [
        ("weather qweather", "ok", "answers; warnings that stand: 1; minutes since its data were made: 0")
    ]
    project.qweather.trouble(error(403, "Overdue"))
    assert doctor(project) == [("weather qweather", "fail", "成都: HTTP 403 overdue")]
    asked = len(project.qweather.asked)
    assert doctor(project, "--offline") == [("weather qweather", "ok", "it is set up")]
    assert len(project.qweather.asked) == asked


def test_the_doctor_names_what_is_missing(project):
    project.settings["weather"]["sources"] = [{"plugin": "open_meteo"}, {"plugin": "qweather", "api_key": "k"}]
    assert [line[:2] for line in doctor(project, "--offline")] == [
        ("weather open_meteo", "ok"),
        ("weather qweather", "fail"),
    ]
    project.settings["weather"]["sources"] = [{"plugin": "open_meteo"}]
    assert doctor(project, "--offline")[0][:2] == ("weather", "warn")
    project.settings["weather"]["sources"] = [{"plugin": "accuweather"}]
    assert "no plugin offers the source of weather 'accuweather'" in doctor(project, "--offline")[0][2]


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ({"sources": [{"plugin": "cap"}]}, "cities: say where they are"),
        ({"keep": "4h"}, "keep is at most as long as stale"),
        ({"cities": {"成都": {"latitude": 30}}}, "latitude and longitude go together"),
        ({"cities": {"成都": {"latitude": 104, "longitude": 30}}}, "a latitude lies between -90 and 90"),
        ({"sorces": []}, "did you mean sources?"),
        ({"sources": [{"plgin": "cap"}], "cities": {"成都": {}}}, "sources[0].plugin: is missing"),
    ],
)
def test_settings_that_cannot_be_meant_are_named_with_their_place(project, section, fault):
    project.settings["weather"] = section
    result = project.run("weather")
    assert result.exit_code == 2
    assert fault in result.stderr
    assert "notigate.yaml:" in result.stderr
