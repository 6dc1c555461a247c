"""What commands print: the shapes that programs read, and the tables that people read."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate import doctor, words
from notigate.cli import cli, log, pages, preview_page, tables
from notigate.model import Content, State
from notigate.planner.previews import Preview
from notigate.render import Fault

NOON = "2026-11-22T12:00"
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  trial: {plugin: outbox}
policy: {windows: ["00:00-24:00"], per_person: {day: 2}}
occasions:
  service/birthday: {at: "00:00-24:00"}
  purchase/subscription-thanks: {at: "00:00-24:00", approval: workday-before}
"""
ROSTER = """\
id,name,title,phone,birthday,subscribed_on,opted_out
c1,王芳,女士,13800138000,1990-11-22,2020-11-01,
c2,李雷,先生,13800138001,1991-11-22,2020-11-01,
c3,韩梅梅,女士,13800138002,1992-11-22,2020-11-01,是
c4,张伟,先生,13800138003,1993-05-05,2026-11-23,
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def invoke(*arguments: str, now: str = NOON):
        return CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", now, *arguments])

    invoke.folder = tmp_path
    return invoke


def lines(result):
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_runs_json_is_one_object_of_its_number_time_counts_and_problems(run):
    [told] = lines(run("send", "--due", "--json"))
    assert list(told) == ["run", "now", "counts", "problems"]
    assert (told["run"], told["now"]) == (1, "2026-11-22T12:00:00+08:00")
    assert told["counts"] == {"accepted": 2, "suppressed": 1}
    [problem] = told["problems"]
    assert list(problem) == ["delivery", "occasion", "person", "state", "reason", "detail"]
    assert (problem["person"], problem["state"], problem["reason"]) == ("c3", "suppressed", "opted-out")


def test_a_rehearsal_tells_the_same_and_leaves_nothing(run):
    [told] = lines(run("send", "--due", "--dry-run", "--json"))
    assert (told["run"], told["counts"]) == (None, {"queued": 2, "suppressed": 1})
    assert lines(run("log", "--json")) == []
    assert not (run.folder / "outbox").exists()


def test_a_plans_json_is_an_object_a_line_with_exactly_these_keys(run):
    planned = lines(run("plan", "--days", "3", "--json"))
    assert {tuple(item) for item in planned} == {
        ("date", "at", "occasion", "person", "channel", "verdict", "rule", "until", "segments")
    }
    by_person = {item["person"]: item for item in planned}
    assert by_person["c1"] == {
        "date": "2026-11-22", "at": "12:00", "occasion": "service/birthday", "person": "c1", "channel": "trial",
        "verdict": "go", "rule": None, "until": None, "segments": 1,
    }  # fmt: skip
    assert (by_person["c3"]["verdict"], by_person["c3"]["rule"]) == ("drop", "opted-out")
    assert (by_person["c4"]["verdict"], by_person["c4"]["rule"]) == ("hold", "approval")
    assert by_person["c4"]["date"] == "2026-11-24"


def test_a_plan_says_when_what_waits_for_its_hours_will_go(run):
    settings = SETTINGS.replace('service/birthday: {at: "00:00-24:00"}', 'service/birthday: {at: "15:00-16:00"}')
    (run.folder / "notigate.yaml").write_text(settings, encoding="utf-8")
    [first, *_] = lines(run("plan", "--days", "1", "--person", "c1", "--json"))
    assert (first["verdict"], first["rule"]) == ("hold", "window")
    assert (first["at"], first["until"]) == ("15:00", "2026-11-22T15:00+08:00")


def test_a_logs_json_is_an_object_a_line_with_exactly_these_keys(run):
    run("send", "--due")
    logged = lines(run("log", "--json"))
    assert {tuple(item) for item in logged} == {
        ("delivery", "run", "occasion", "person", "channel", "to", "state", "reason", "attempts", "provider_id",
         "planned_at", "changed_at")
    }  # fmt: skip
    first = next(item for item in logged if item["person"] == "c1")
    assert (first["to"], first["state"], first["attempts"]) == ("138****8000", "accepted", 1)
    assert first["planned_at"] == "2026-11-22T12:00:00+08:00"


@pytest.mark.parametrize(
    ("occasion", "now", "code", "told"),
    [
        ("holiday/spring-festival", "2032-01-20T12:00", 7, "the rest days of 2032 are not known"),
        ("holiday/sprung-festival", NOON, 2, "there is no occasion 'holiday/sprung-festival'"),
    ],
)
def test_what_cannot_be_planned_is_told_once_and_the_rest_is_planned(run, occasion, now, code, told):
    settings = SETTINGS.replace("purchase/subscription-thanks", occasion)
    (run.folder / "notigate.yaml").write_text(settings, encoding="utf-8")
    result = run("plan", "--days", "310", "--person", "c1", "--json", now=now)
    assert (result.exit_code, result.stderr.count(told)) == (code, 1)
    assert [item["occasion"] for item in lines(result)] == ["service/birthday"]


@pytest.mark.parametrize(
    ("filters", "people"),
    [
        (["--person", "c2"], ["c2"]),
        (["--phone", "+86 138-0013-8001"], ["c2"]),
        (["--phone", "１３８００１３８００１"], ["c2"]),
        (["--state", "suppressed"], ["c3"]),
        (["--run", "1"], ["c1", "c2", "c3"]),
        (["--run", "2"], []),
        (["--since", "2026-11-22"], ["c1", "c2", "c3"]),
        (["--since", "2026-11-22T13:00"], []),
    ],
)
def test_a_log_is_narrowed_down_by_each_filter(run, filters, people):
    run("send", "--due")
    assert sorted(item["person"] for item in lines(run("log", "--json", *filters))) == people


def test_the_states_that_can_be_asked_for_are_all_there_are():
    assert set(log.STATES) == {state.value for state in State}


def test_a_weeks_report_is_one_object_of_rows_and_a_total(run):
    run("send", "--due")
    [told] = lines(run("report", "week", "--json"))
    assert (told["week"], told["from"], told["to"]) == ("2026-W47", "2026-11-16", "2026-11-22")
    [row] = [row for row in told["rows"] if row["channel"] == "trial"]
    assert {"occasion", "channel", "project", "planned", "accepted", "delivered", "failed", "unknown", "suppressed",
            "last_week"} <= set(row)  # fmt: skip
    assert (told["total"]["planned"], told["total"]["accepted"], told["total"]["suppressed"]) == (3, 2, 1)


def test_another_month_is_named(run):
    run("send", "--due")
    [told] = lines(run("report", "month", "--of", "2026-12", "--json"))
    assert (told["month"], told["total"]["planned"], told["total"]["last_week"]) == ("2026-12", 0, 2)


def test_a_report_is_written_whole_as_a_file_for_excel(run):
    run("send", "--due")
    file = run.folder / "week.csv"
    file.write_text("an older one")
    result = run("report", "week", "-o", str(file))
    assert (result.exit_code, result.stdout) == (0, "")
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert sum(int(row["accepted"]) for row in rows[:-1]) == 2
    assert [path.name for path in run.folder.iterdir() if "week" in path.name] == ["week.csv"]


def test_channels_tell_what_is_missing_without_credentials(run):
    settings = SETTINGS.replace("  trial: {plugin: outbox}", "  trial: {plugin: outbox}\n  mail: {plugin: email}")
    (run.folder / "notigate.yaml").write_text(settings, encoding="utf-8")
    trial, mail = lines(run("channels", "--json"))
    assert (trial["name"], trial["plugin"], trial["missing"]) == ("trial", "outbox", [])
    assert any("channels.mail.host: is missing" in fault for fault in mail["missing"])


def test_plugins_are_told_outside_of_a_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = lines(CliRunner().invoke(cli, ["plugins", "--json"]))
    core = next(plugin for plugin in told if plugin["name"] == "notigate")
    assert (core["status"], core["channels"]) == ("loaded", ["outbox", "console", "simulator"])


def test_a_broken_plugin_of_the_project_is_told_with_its_fault(run):
    (run.folder / "odd.py").write_text("raise RuntimeError('odd')")
    (run.folder / "notigate.yaml").write_text(SETTINGS + "plugins: [odd.py]\n", encoding="utf-8")
    odd = next(plugin for plugin in lines(run("plugins", "--json")) if plugin["name"] == "odd")
    assert (odd["status"], odd["fault"]) == ("broken", "RuntimeError: odd")


def test_a_preview_shows_each_medium_with_its_size(run):
    result = run("preview", "service/birthday")
    assert "--- sms · service/birthday · zh_Hans · sample · " in result.stdout
    assert "1 SMS part" in result.stdout
    assert "Subject: " in result.stdout
    assert "HTML " in result.stdout


def test_a_preview_tells_the_signature_and_what_the_parts_cost(run, monkeypatch):
    monkeypatch.setenv("KEY", "key")
    sms = (
        'sms: {plugin: sms_aliyun, access_key_id: id, access_key_secret: "${env:KEY}", sign_name: 青年城, price: 0.045}'
    )
    settings = run.folder / "notigate.yaml"
    settings.write_text(SETTINGS.replace("channels:\n", f"channels:\n  {sms}\n"), encoding="utf-8")
    texts = {item["medium"]: item for item in lines(run("preview", "service/birthday", "--json"))}
    assert (texts["sms"]["signature"], texts["sms"]["cost"], texts["email"]["cost"]) == ("青年城", "0.045 CNY", None)
    assert "1 SMS part · 0.045 CNY" in run("preview", "service/birthday").stdout


def test_a_preview_is_for_somebody_of_the_roster_and_in_another_language(run):
    texts = {item["medium"]: item for item in lines(run("preview", "service/birthday", "--person", "c2", "--json"))}
    assert (texts["sms"]["person"], texts["sms"]["locale"]) == ("c2", "zh_Hans")
    assert {medium: text["segments"] for medium, text in texts.items()} == {"email": 0, "sms": 1}
    assert "李先生" in texts["sms"]["text"]
    assert {item["locale"] for item in lines(run("preview", "service/birthday", "--locale", "en", "--json"))} == {"en"}


def test_a_preview_is_shown_to_awkward_people_too(run):
    shown = lines(run("preview", "service/birthday", "--awkward", "--json"))
    assert {"", "nobody knows Mr or Ms", "a company"} <= {item["about"] for item in shown}
    assert all("fault" not in item for item in shown)


def test_a_preview_becomes_one_page_that_fetches_and_runs_nothing(run, tmp_path):
    page = tmp_path / "page.html"
    assert run("preview", "service/birthday", "--locale", "zh_Hans", "--locale", "en", "-o", str(page)).exit_code == 0
    html = page.read_text(encoding="utf-8")
    assert html.count("<figure") == 4
    assert "sandbox" in html
    assert "default-src 'none'" in html
    assert "生日快乐" in html
    assert "happy birthday" in html
    assert not re.search(r"<(?:img|script|link)|https?:", html)


def test_a_page_shows_what_the_provider_adds():
    content = Content(text="**王芳** <b>\n> 3号楼")
    told = {"occasion": "staff/x", "person": "1", "locale": "zh_Hans"}
    html = preview_page.page([
        Preview(**told, medium="sms", content=content, segments=1, signature="青年城"),
        Preview(**told, medium="wecom", content=content),
        Preview(**told, medium="email", content=Fault("{name!r} is missing", {"name": "x"})),
    ]).decode()  # fmt: skip
    assert '<span class="added">【青年城】</span>**王芳** &lt;b&gt;' in html
    assert "<strong>王芳</strong> &lt;b&gt;" in html
    assert "<blockquote>3号楼</blockquote>" in html
    assert "x&#39; is missing" in html


def test_an_approval_is_asked_for_given_and_recorded(run):
    waiting = run("send", "--due", now="2026-11-24T09:00")
    assert waiting.exit_code == 3
    assert "notigate approvals" in waiting.stderr
    [batch] = lines(run("approvals", "--json"))
    assert (batch["occasion"], batch["number"], batch["channels"]) == ("purchase/subscription-thanks", 1, {"trial": 1})
    assert "张" in batch["example"]
    assert run("approve", batch["batch"], "--dry-run").stdout.startswith("1 message of ")
    assert len(lines(run("approvals", "--json"))) == 1
    assert run("approve", batch["batch"]).exit_code == 0
    assert lines(run("approvals", "--json")) == []
    [sent] = lines(run("send", "--due", "--json", now="2026-11-24T10:00"))
    assert sent["counts"] == {"accepted": 1}


def test_a_batch_that_is_refused_never_goes(run):
    run("send", "--due", now="2026-11-24T09:00")
    [batch] = lines(run("approvals", "--json"))
    assert run("refuse", batch["batch"]).stdout == f"1 message of {batch['batch']} is called off.\n"
    assert run("send", "--due", now="2026-11-24T10:00").stderr == "Nothing is due.\n"
    assert [item["state"] for item in lines(run("log", "--json"))] == ["cancelled"]


def test_what_is_late_and_asks_goes_when_a_person_lets_it(run):
    late = SETTINGS.replace("00:00-24:00", "10:00-11:00").replace(
        "service/birthday: {", "service/birthday: {late: ask, "
    )
    (run.folder / "notigate.yaml").write_text(late, encoding="utf-8")
    assert run("send", "--due", now="2026-11-22T16:30").exit_code == 3
    [batch] = lines(run("approvals", "--json"))
    assert run("approve", batch["batch"]).exit_code == 0
    assert lines(run("send", "--due", "--json", now="2026-11-22T20:00"))[0]["counts"].get("accepted", 0) == 0
    assert lines(run("send", "--due", "--json", now="2026-11-23T10:30"))[0]["counts"]["accepted"] == 2


def test_nothing_due_is_said_and_is_no_failure(run):
    result = run("send", "--due", now="2026-03-03T12:00")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing is due.\n")
    assert run("-q", "send", "--due", now="2026-03-03T12:01").stderr == ""


def test_a_run_tells_who_was_sent_what_and_why_others_were_not(run):
    result = run("send", "--due")
    assert result.stdout.splitlines() == [
        "Run 1, 2026-11-22 12:00",
        "",
        "occasion\tchannel\tsent\tnot sent",
        "service/birthday\ttrial\t2\t1",
        "",
        "Sent to:",
        "person\taddress\toccasion\tchannel",
        "c1\t138****8000\tservice/birthday\ttrial",
        "c2\t138****8001\tservice/birthday\ttrial",
        "",
        "Not sent, and why:",
        "number\tstate\toccasion\tperson\twhy",
        "1\tkept back\tservice/birthday\tc3\twants no messages",
    ]
    assert "13800138000" not in result.output


def test_a_run_that_finds_more_than_was_meant_sends_nothing(run):
    result = run("send", "--due", "--max", "1")
    assert (result.exit_code, "messages that would go out: 2, more than --max 1" in result.stderr) == (2, True)
    assert lines(run("log", "--json")) == []


def test_a_single_message_goes_to_an_address_with_what_is_told_about_it(run):
    result = run("send", "service/birthday", "--to", "138 0013 8000", "--key", "by-hand")
    assert (result.exit_code, "c1\t138****8000\tservice/birthday\ttrial" in result.stdout) == (0, True)


def test_a_long_run_names_the_first_and_where_the_rest_is(run):
    people = "".join(f"n{i},王{i},女士,13900{i:06},1990-11-22,2020-11-01,是\n" for i in range(60))
    more = "".join(f"m{i},王{i},女士,13700{i:06},1990-11-22,2020-11-01,\n" for i in range(60))
    (run.folder / "customers.csv").write_text(ROSTER + people + more, encoding="utf-8")
    out = run("send", "--due").stdout
    assert "… and 42 more: notigate log --run 1" in out
    assert "61\tkept back\tservice/birthday\tc3, n0, n1 … +58\twants no messages" in out


def test_talk_stays_away_from_results(run):
    quiet = CliRunner().invoke(cli, ["-C", str(run.folder), "--now", NOON, "-q", "plan", "--days", "1", "--json"])
    assert quiet.stderr == ""
    talking = run("plan", "--days", "1", "--json")
    assert (talking.stdout, "days 1: " in talking.stderr) == (quiet.stdout, True)


@pytest.fixture
def on_terminal(monkeypatch):
    monkeypatch.setattr(tables, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    return monkeypatch


@pytest.mark.parametrize(
    "command",
    [["send", "--due"], ["plan"], ["log"], ["report", "week"], ["channels"], ["plugins"], ["doctor"], ["approvals"]],
)
@pytest.mark.usefixtures("on_terminal")
def test_a_table_fits_the_terminal(run, command):
    run("send", "--due", now="2026-11-24T09:00")
    result = run(*command)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stdout
    lines = [line.rstrip() for line in result.stdout.splitlines() if str(run.folder) not in line]
    assert max(map(pages.width, lines)) <= 80


@pytest.mark.parametrize("columns", [30, 40, 80])
def test_a_narrow_table_wraps_and_loses_nothing(on_terminal, capsys, columns):
    on_terminal.setenv("COLUMNS", str(columns))
    tables.show(
        ["name", "why", "n"], [["abcdefghijklmnopqrst", "一二三四五六七八九十甲乙", 7]], numbers=(2,), wraps=(1,)
    )
    shown = capsys.readouterr().out
    assert max(map(pages.width, shown.splitlines())) <= columns
    assert sorted("".join(shown.split())) == sorted("namewhynabcdefghijklmnopqrst一二三四五六七八九十甲乙7")


@pytest.mark.parametrize("terminal", [False, True])
def test_what_stands_in_a_record_cannot_steer_a_terminal(run, monkeypatch, terminal):
    monkeypatch.setattr(tables, "on_terminal", lambda: terminal)
    evil = ROSTER.replace("c1,", "c1\x1b]0;owned\x07\u202e,").replace("c3,", "c3\x1b[2J,")
    (run.folder / "customers.csv").write_text(evil, encoding="utf-8")
    for command in (["send", "--due"], ["log"], ["plan"]):
        shown = run(*command).output
        assert [found for found in EVIL if found in shown] == []


EVIL = ("\x1b]", "\x07", "\u202e", "\x1b[2J")


def test_a_table_has_no_colours_where_they_are_not_wanted(run, on_terminal):
    on_terminal.setenv("NO_COLOR", "1")
    on_terminal.setenv("FORCE_COLOR", "1")
    assert "\x1b[3" not in run("plan").stdout


def test_a_long_log_shows_its_end_on_a_terminal(run, on_terminal):
    on_terminal.setattr(log, "LATEST", 2)
    run("send", "--due")
    result = run("log")
    assert [line.split()[0] for line in result.stdout.splitlines()[1:] if line[:3].strip()] == ["2", "3"]
    assert "the page before this one: --before 2" in result.stderr


def test_wide_characters_take_two_columns_of_a_help_page():
    assert [*pages.wrap("一二三四五六七八。", 10)] == ["一二三四五", "六七八。"]
    assert [*pages.wrap("一二三四，五六", 8)] == ["一二三", "四，五六"]
    assert [*pages.wrap("用notigate发送", 10)] == ["用notigate", "发送"]


@pytest.mark.usefixtures("on_terminal")
def test_a_person_reads_words_where_a_program_reads_names(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    run("optout", "add", "c1", "--class", "care", "--source", "hotline")
    listed = run("optout", "list").stdout
    assert re.search(r"c1 +wants no messages +greetings and advertising +2026-11-22 12:00 +hotline", listed)
    assert lines(run("optout", "list", "--json"))[0].items() >= {"word": "opt-out", "class": "care"}.items()
    assert "taken back: c1 wants no messages (greetings and advertising)" in run("optout", "remove", "c1").stdout
    assert re.search(r"service/birthday +生日祝福 +yes", run("templates", "list").stdout)


@pytest.mark.usefixtures("on_terminal")
def test_where_there_is_nothing_to_list_no_headings_stand(run):
    assert run("weather").stdout == ""


def test_whatever_the_doctor_looks_at_has_a_word():
    folder = Path(doctor.__file__).parent
    named = re.findall(r'check="(\w+)"', "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py")))
    assert len(set(named)) > 10
    assert set(named) - {"cron"} <= words.CHECKS.keys()
    assert words.check("channel sms") == "channel sms"
