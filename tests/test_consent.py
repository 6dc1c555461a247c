"""Who said no is not written to: whatever the roster says, whoever recorded it, and however late they said it."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from queue import SimpleQueue

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import notigate
from notigate.cli import cli
from notigate.consent import Consent
from notigate.dispatcher import Line, hearing
from notigate.ledger import preferences, questions
from notigate.ledger.changes import Times
from notigate.model import Outcome, Receipt, Reply, State
from notigate.plugin import Channel
from notigate.preferences import STOP_WORDS, Reach, Who, Word, identify, is_stop

NOW = datetime(2026, 11, 22, 10, 5, tzinfo=UTC)
NOON = "2026-11-22T12:00"
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels:
  trial: {plugin: outbox}
policy: {windows: ["00:00-24:00"], per_person: {day: 1}, MORE}
occasions:
  service/birthday: {who: "", HOURS}
"""
ROSTER = """\
id,name,title,phone,email,birthday,timezone,less_often
c1,王芳,女士,13800138000,wang@example.com,1990-11-22,,
c2,李雷,先生,13800138001,,1991-11-22,,
c3,韩梅梅,女士,13800138000,,1992-11-22,,
"""


class Folder:
    def __init__(self, path):
        self.path = path
        self.settings()
        self.roster(ROSTER)

    def settings(self, more: str = "", hours: str = 'at: "00:00-24:00"', text: str = SETTINGS) -> None:
        text = text.replace(", MORE", f", {more}" if more else "").replace(", HOURS", f", {hours}" if hours else "")
        (self.path / "notigate.yaml").write_text(text, encoding="utf-8")

    def roster(self, text: str) -> None:
        (self.path / "customers.csv").write_text(text, encoding="utf-8")

    def run(self, *arguments: str, now: str = NOON):
        result = CliRunner().invoke(cli, ["-C", str(self.path), "--now", now, *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def json(self, *arguments: str, now: str = NOON) -> list[dict]:
        return [json.loads(line) for line in self.run(*arguments, "--json", now=now).stdout.splitlines()]

    def sent(self) -> dict[str, tuple[str, str]]:
        return {one["person"]: (one["state"], one["reason"]) for one in self.json("log")}


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


GONE, KEPT_BACK = ("accepted", ""), ("suppressed", "opted-out")


# Said, and heard at planning


@pytest.mark.parametrize(
    ("person", "stopped"),
    [
        ("c1", {"c1"}),
        ("C1", {"c1"}),
        ("person:c1", {"c1"}),
        ("138-0013-8001", {"c2"}),
        ("+86 13800138000", {"c1", "c3"}),
        ("WANG@example.com", {"c1"}),
    ],
)
def test_who_said_no_by_any_of_their_names_gets_nothing(folder, person, stopped):
    folder.run("optout", "add", person)
    folder.run("send", "--due")
    assert folder.sent() == {one: KEPT_BACK if one in stopped else GONE for one in ("c1", "c2", "c3")}


def test_the_plan_and_a_message_to_one_address_know_it_too(folder):
    folder.run("optout", "add", "13800138001")
    assert {one["person"]: one["rule"] for one in folder.json("plan", "--days", "1")}["c2"] == "opted-out"
    [told] = folder.json("send", "service/birthday", "--to", "13800138001")
    assert told["counts"] == {"suppressed": 1}


def test_a_no_to_greetings_leaves_notices_and_a_no_taken_back_stands_no_more(folder):
    folder.run("optout", "add", "c1", "--class", "marketing")
    folder.run("optout", "add", "c2", "--class", "care")
    folder.run("optout", "add", "c3")
    folder.run("optout", "remove", "c3")
    folder.run("send", "--due")
    assert folder.sent() == {"c1": GONE, "c2": KEPT_BACK, "c3": GONE}


def test_who_wants_nothing_by_one_channel_gets_it_by_the_next(folder):
    folder.settings(hours='channels: [sms, email], at: "00:00-24:00"')
    folder.run("optout", "add", "c1", "--channel", "sms")
    folder.run("optout", "add", "c2", "--channel", "sms")
    folder.run("send", "--due")
    assert folder.sent() == {"c1": GONE, "c2": KEPT_BACK, "c3": GONE}
    assert [file.suffix for file in sorted(folder.path.glob("outbox/*")) if "email" in file.name] == [".eml"]


def test_a_no_outlives_the_roster_and_another_id(folder):
    folder.run("optout", "add", "13800138001")
    folder.roster(ROSTER.replace("c2,李雷", "x9,李雷"))
    folder.run("send", "--due")
    assert folder.sent()["x9"] == KEPT_BACK


@pytest.mark.parametrize(
    "wish", [{"hours": 'at: "13:00-14:00"'}, {"hours": 'approval: workday-before, at: "00:00-24:00"'}]
)
def test_a_no_that_comes_after_the_promise_is_heard_before_anything_leaves(folder, wish):
    folder.settings(**wish)
    folder.run("send", "--due")
    assert {state for state, _ in folder.sent().values()} == {"held"}
    folder.run("optout", "add", "c1")
    folder.run("approve", "service/birthday@2026")
    folder.run("send", "--due", now="2026-11-22T13:05")
    assert folder.sent() == {"c1": KEPT_BACK, "c2": GONE, "c3": GONE}


def test_caps_leave_room_for_the_more_important_whatever_the_order_of_files(tmp_path):
    names = ["service/birthday", "holiday/mid-autumn", "purchase/subscription-thanks"]
    kept = set()
    for number, order in enumerate(permutations(names)):
        (tmp_path / str(number)).mkdir()
        folder = Folder(tmp_path / str(number))
        moments = {"purchase/subscription-thanks": "class: care, moment: {days_after: birthday 0}, importance: 9"}
        lines = [
            f'  {name}: {{at: "00:00-24:00", who: "", approval: none, {moments.get(name, "moment: birthday, class: care")}}}'
            for name in order
        ]
        folder.settings(text=SETTINGS.partition("  service/")[0].replace(", MORE", "") + "\n".join(lines) + "\n")
        folder.roster("id,name,phone,birthday\nc1,王芳,13800138000,2000-11-22\n")
        kept.add(tuple(sorted((o["occasion"], o["rule"]) for o in folder.json("plan", "--days", "1"))))
    (verdicts,) = kept
    assert dict(verdicts) == {
        "purchase/subscription-thanks": None, "holiday/mid-autumn": "cap-day", "service/birthday": "cap-day",
    }  # fmt: skip


def test_hours_are_meant_by_the_readers_clock(folder):
    folder.settings(hours='at: "10:00-11:00", late: next-window')
    folder.roster(ROSTER.replace("1990-11-22,,", "1990-11-22,America/Vancouver,"))
    plan = {one["person"]: one for one in folder.json("plan", "--days", "1", now="2026-11-22T10:30")}
    assert plan["c2"]["verdict"] == "go"
    assert (plan["c1"]["verdict"], plan["c1"]["until"]) == ("hold", "2026-11-23T02:00+08:00")
    folder.run("send", "--due", now="2026-11-22T10:30")
    for now, state in (("2026-11-23T01:59", "held"), ("2026-11-23T02:01", "accepted")):
        folder.run("send", "--due", now=now)
        assert folder.sent()["c1"][0] == state


def test_a_zone_that_does_not_exist_is_named(folder):
    folder.roster(ROSTER.replace("1990-11-22,,", "1990-11-22,Mars/Base,"))
    assert "not a time zone" in folder.run("send", "--due").stdout


def test_where_consent_is_required_selling_waits_for_it(folder):
    folder.settings(more="marketing_consent: required", hours='class: marketing, at: "00:00-24:00"')
    folder.run("consent", "add", "c2", "--proof", "F-118")
    folder.run("send", "--due", now="2026-11-22T12:00")
    assert folder.sent() == {"c1": ("suppressed", "no-consent"), "c2": GONE, "c3": ("suppressed", "no-consent")}


# The register


@pytest.fixture
def register(ledger):
    return Consent(ledger, lambda: NOW)


def test_what_stands_is_not_recorded_twice_and_keeps_its_first_proof(register):
    assert register.add("c1", source="hotline", proof="call 7", by="amy")
    assert not register.add("c1", source="letter")
    (one,) = register.listed()
    assert (one.shown, one.source, one.proof, one.recorder, one.said) == ("c1", "hotline", "call 7", "amy", NOW)


def test_what_was_taken_back_is_kept_and_may_be_said_again(register):
    register.add("13800138000")
    register.remove("13800138000", by="amy")
    assert list(register.listed()) == []
    assert [one.taken_back for one in register.listed(past=True)] == [NOW]
    assert not register.add("13800138000", said=NOW), "a provider's list may tell it again"
    assert register.add("13800138000", said=NOW + timedelta(minutes=1))
    with pytest.raises(notigate.UsageError, match="nothing like that"):
        register.remove("13800138000", reach=Reach.CARE)
    with pytest.raises(notigate.UsageError, match=r"138\*\*\*\*8001"):
        register.remove("13800138001")


def test_the_register_holds_no_address(ledger, register):
    register.add("13800138000")
    register.add("wang@example.com")
    with ledger.read() as tx:
        kept = repr(tx.rows("SELECT * FROM preference"))
    assert ("13800138000" in kept, "wang@" in kept, "138****8000" in kept) == (False, False, True)


def test_only_those_who_said_something_are_told_of(ledger, register):
    register.add("13800138000", reach=Reach.CARE)
    register.add("c2", Word.LESS_OFTEN)
    readers = {f"c{n}": [Who("person", f"c{n}"), Who("phone", f"1380013800{n}")] for n in range(3)}
    told = preferences.of_readers(ledger, readers.items())
    assert {who: [one.word for one in some] for who, some in told.items()} == {
        "c0": [Word.OPT_OUT],
        "c2": [Word.LESS_OFTEN],
    }


def test_a_rehearsal_records_nothing(register):
    assert register.add("c1", dry_run=True)
    assert list(register.listed(past=True)) == []
    register.add("c1")
    assert register.remove("c1", dry_run=True)
    assert len(list(register.listed())) == 1


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("13800138000", ("phone", "13800138000")),
        ("+852 6123 4567", ("phone", "+85261234567")),
        ("a@b.cn", ("email", "a@b.cn")),
        ("c0012", ("person", "c0012")),
        ("1001", ("person", "1001")),
        ("person:13800138000", ("person", "13800138000")),
        ("wecom:zhang.san", ("wecom", "zhang.san")),
        ("phone:13800138000", ("phone", "13800138000")),
        ("王芳", ("person", "王芳")),
    ],
)
def test_whom_a_clerk_means_is_told_by_its_looks(text, who):
    assert identify(text) == Who(*who)
    assert who[1] not in repr(identify(text))


# Files


def write(file, rows, encoding="utf-8"):
    with file.open("w", encoding=encoding, newline="") as opened:
        csv.writer(opened).writerows(rows)
    return file


def test_a_file_is_imported_and_its_bad_rows_are_named_and_cost_no_other(folder):
    rows = [
        ["手机", "类别", "时间", "来源"], ["13800138000", "care", "2026/9/5 10:05", ""], ["13800138001", "", "", "hotline"],
        ["1380013", "", "", ""], ["", "", "", ""], ["13800138002", "everything", "", ""], ["13800138003", "", "soon", ""],
        ["13800138000", "care", "", ""],
    ]  # fmt: skip
    write(folder.path / "no.csv", rows, "gb18030")
    result = folder.run("optout", "import", str(folder.path / "no.csv"))
    assert result.exit_code == 1
    assert result.stdout == "2 new entries are recorded; 1 stood already.\n"
    assert [line.partition(":")[0] for line in result.stderr.splitlines()[:3]] == ["row 4", "row 6", "row 7"]
    assert "1380013 " not in result.stderr
    listed = folder.json("optout", "list")
    assert [(one["who"], one["class"], one["source"]) for one in listed] == [
        ("138****8000", "care", "no.csv"),
        ("138****8001", "all", "hotline"),
    ]
    assert listed[0]["said_at"] == "2026-09-05T10:05+08:00"
    again = folder.run("optout", "import", str(folder.path / "no.csv"))
    assert again.stdout.startswith("0 new entries")


def test_a_slip_in_one_cell_costs_no_no_that_another_tells(folder):
    file = write(folder.path / "no.csv", [["id", "phone"], ["c1", "138"]])
    assert folder.run("optout", "import", str(file)).exit_code == 1
    assert [one["who"] for one in folder.json("optout", "list")] == ["c1"]


@pytest.mark.parametrize("written", ["短信", "SMS", "Ｓｍｓ", "trial"])
def test_a_no_to_a_channel_is_understood_as_people_call_it(folder, written):
    assert folder.run("optout", "add", "c1", "--channel", written).exit_code == 0
    folder.run("optout", "import", str(write(folder.path / "no.csv", [["id", "渠道"], ["c2", written]])))
    assert {one["channel"] for one in folder.json("optout", "list")} == {"trial" if written == "trial" else "sms"}
    assert folder.run("optout", "remove", "c1", "--channel", written).exit_code == 0


def test_a_no_to_a_channel_that_is_not_there_is_refused_and_of_a_file_it_is_a_no_to_all(folder):
    typed = folder.run("optout", "add", "c1", "--channel", "smss")
    assert (typed.exit_code, "there is no channel or medium 'smss'" in typed.stderr) == (2, True)
    result = folder.run("optout", "import", str(write(folder.path / "no.csv", [["id", "通道"], ["c2", "10690001"]])))
    assert (result.exit_code, "row 2" in result.stderr) == (1, True)
    assert [(one["who"], one["channel"]) for one in folder.json("optout", "list")] == [("c2", "")]


def test_of_readers_answers_only_a_no_counts(folder):
    rows = [
        ["手机号码", "回复内容", "回复时间"],
        ["13800138000", "td ", ""],
        ["13800138001", "谢谢", ""],
        ["13800138002", "退订。", ""],
    ]
    file = write(folder.path / "replies.csv", rows)
    folder.run("optout", "import", str(file))
    assert [one["who"] for one in folder.json("optout", "list")] == ["138****8000", "138****8002"]


def test_a_file_about_nobody_is_refused_as_a_whole(folder):
    file = write(folder.path / "no.csv", [["name", "city"], ["王芳", "成都"]])
    result = folder.run("optout", "import", str(file))
    assert (result.exit_code, "no column says whom" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["optout", "consent"])
def test_a_rehearsed_import_counts_and_records_nothing(folder, command):
    file = write(folder.path / "file.csv", [["person"], ["c1"], ["c2"]])
    result = folder.run(command, "import", str(file), "--dry-run")
    assert "2 new entries would be recorded" in result.stdout
    assert folder.json(command, "list") == []


def test_a_slip_in_an_id_is_pointed_out(folder):
    assert "nobody with the id 'c77'" in folder.run("optout", "add", "c77").stderr
    assert folder.run("optout", "add", "c1").stderr == ""


def test_who_is_stopped_by_the_roster_is_told_when_taken_back(folder):
    folder.roster(ROSTER.replace("1990-11-22,,", "1990-11-22,,是"))
    folder.run("optout", "add", "c1")
    assert "less_often" in folder.run("optout", "remove", "c1").stderr


# Answers that providers hand out


@pytest.mark.parametrize("text", [*sorted(STOP_WORDS), "ｔｄ", " 退订！", "【TD】", "td\n", "回复TD", "r."])
def test_words_that_say_no(text):
    assert is_stop(text)


@given(st.text())
def test_only_words_that_say_no_say_no(text):
    if is_stop(text):
        assert any(word.casefold() in text.casefold() or not text.isascii() for word in STOP_WORDS)


@pytest.mark.parametrize("text", ["", "谢谢", "thanks", "RT", "不退订", "TDD", "好的，收到", "1"])
def test_words_that_do_not(text):
    assert not is_stop(text)


class Answered(Channel):
    """A provider that hands out what readers answered."""

    def __init__(self, *words):
        self.words = words

    def send(self, _message):
        return Outcome.accepted("BIZ")

    def receipts(self, since):
        assert since < NOW
        return self.words


def hear(ledger, *words, stops=Reach.ALL):
    channel = Answered(*words)
    return hearing.hear(ledger, Line("sms", channel, channel.limits, SimpleQueue()), stops, Times(NOW, NOW))


def test_an_answer_that_says_no_is_an_opt_out_with_the_answer_as_its_proof(ledger, register):
    replies = [Reply(sender="13800138000", text="TD", at=NOW), Reply(sender="13800138001", text="谢谢", at=NOW)]
    assert hear(ledger, *replies) == {"opted_out": 1}
    assert hear(ledger, *replies) == {}
    (one,) = register.listed()
    assert (one.shown, one.reach, one.source, one.proof) == ("138****8000", Reach.ALL, "reply: sms", "TD")


def test_the_settings_say_how_much_an_answer_stops(ledger, register):
    hear(ledger, Reply(sender="13800138000", text="R", at=NOW), stops=Reach.MARKETING)
    assert [one.reach for one in register.listed()] == [Reach.MARKETING]


def test_a_list_that_cannot_be_read_stops_nothing(ledger):
    class Broken(Answered):
        def receipts(self, _since):
            raise OSError("13800138000")

    channel = Broken()
    line = Line("sms", channel, channel.limits, SimpleQueue())
    assert hearing.hear(ledger, line, Reach.ALL, Times(NOW, NOW)) == {}


PROVIDER = """\
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from notigate.plugin import Channel, ChannelSpec, Outcome, Receipt, Reply, hookimpl


@dataclass(frozen=True)
class Settings:
    pass


SENT = Path(__file__).with_name("sent.txt")


class Talkative(Channel):
    address = "phone"

    def __init__(self, settings, tools):
        pass

    def send(self, message):
        with SENT.open("a") as file:
            file.write(f"{message.reference} {message.to}\\n")
        return Outcome.accepted("BIZ")

    def receipts(self, since):
        yield Reply(sender="13800138000", text="TD", at=datetime.now(UTC))
        for reference, to in map(str.split, SENT.read_text().splitlines() if SENT.exists() else ()):
            yield Receipt(reference=reference, to="13999999999", arrived=False)
            yield Receipt(reference="guessed", to=to, arrived=False)
            yield Receipt(reference=reference, to=to, arrived=True)


@hookimpl
def notigate_channels():
    made = {"settings": Settings, "channel": Talkative, "made": Talkative, "media": ("sms",), "reaches_people": False}
    return [ChannelSpec(name="talkative", summary="answers", **made)]
"""


def test_a_run_hears_answers_before_it_plans_and_receipts_after(folder):
    (folder.path / "talkative.py").write_text(PROVIDER)
    (folder.path / "talkative.py").chmod(0o600)
    folder.settings(text=SETTINGS.replace("{plugin: outbox}", "{plugin: talkative}\nplugins: [talkative.py]"))
    folder.run("send", "--due")
    assert folder.sent() == {"c1": KEPT_BACK, "c2": GONE, "c3": KEPT_BACK}
    [told] = folder.json("receipts", "pull")
    assert told == {"delivered": 1, "undelivered": 0, "opted_out": 0}
    assert folder.sent()["c2"] == ("delivered", "")


def test_a_receipt_for_somebody_else_proves_nothing(folder):
    with notigate.open(folder.path) as gateway:
        taken = hearing.take(
            gateway.ledger,
            "trial",
            [Receipt(reference="x", to="13800138000", arrived=True)],
            Reach.ALL,
            Times(NOW, NOW),
        )
        assert (taken, list(questions.log(gateway.ledger, state=State.DELIVERED))) == ({}, [])


def test_the_python_api_records_and_lists(folder):
    with notigate.open(folder.path) as gateway:
        assert gateway.consent.add("13800138000", source="crm", said=datetime(2026, 9, 5, tzinfo=UTC), by="crm")
        assert [one.said.date() for one in gateway.consent.listed(Word.OPT_OUT)] == [date(2026, 9, 5)]
        assert list(gateway.consent.listed(Word.CONSENT)) == []
