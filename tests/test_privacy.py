"""Erased is erased, purged is purged, and who looked is recorded."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

import notigate
from notigate.cli import cli
from notigate.errors import LedgerBusy
from notigate.ledger import (
    changes,
    claim,
    erasure,
    facts,
    open_ledger,
    plan,
    preferences,
    questions,
    receipts,
    runs,
    tally,
)
from notigate.ledger.changes import Change, Times
from notigate.ledger.plan import Draft
from notigate.lineup import Lineup
from notigate.model import Category, Content, State
from notigate.moments import Fact
from notigate.preferences import Preference, Statement, Who, Word
from notigate.privacy import Privacy
from notigate.settings.privacy import KEEP

NOW = datetime(2026, 11, 22, 10, 5, tzinfo=UTC)
TIMES = Times(NOW, NOW)
DAY = date(2026, 11, 22)
PHONE, NAME, TEXT = "13800138000", "王金丝雀", "尊敬的王金丝雀，生日快乐"


def draft(person: str = "c1", **changed) -> Draft:
    given = {
        "occasion": "service/birthday", "occurrence": "2026", "day": DAY, "person": person, "category": Category.CARE,
        "channel": "", "medium": "sms", "to": PHONE, "locale": "zh_Hans", "content": Content(text=TEXT),
        "detail": f"for {PHONE}",
    }  # fmt: skip
    return Draft(**given | changed)


def fact(**changed) -> Fact:
    return Fact(**{"kind": "payment", "key": "R-1", "day": DAY, "values": {"note": NAME}, "told_at": NOW} | changed)


@pytest.fixture
def ledger(place):
    with closing(open_ledger(place("privacy"))) as opened:
        runs.start(opened, "send", TIMES)
        yield opened


class NoChannels(Lineup):
    """A project without any."""

    def __init__(self):
        """Nothing is configured."""


@pytest.fixture
def privacy(ledger):
    return Privacy(ledger, NoChannels(), lambda: TIMES, KEEP)


def promise(ledger, *drafts):
    return plan.promise(ledger, 1, drafts, TIMES)


def move(ledger, delivery, *states):
    for state in states:
        with ledger.write() as tx:
            (step,) = changes.apply(tx, [Change([delivery], state, cause="test", provider_id="BIZ-1")], TIMES)
        (delivery,) = changes.after([step])


def everything(ledger):
    names = ("delivery", "attempt", "event", "preference", "access", "call", "tally")
    with ledger.read() as tx:
        return repr({name: tx.rows(f"SELECT * FROM {name}") for name in names})  # noqa: S608 - names of ours


def log(ledger):
    return list(questions.log(ledger))


# Erase


@pytest.mark.parametrize("who", ["c1", PHONE])
def test_nothing_that_leads_to_an_erased_person_is_left(ledger, privacy, who):
    promise(ledger, draft(), draft(occurrence="2027"))
    move(ledger, log(ledger)[0], State.CLAIMED, State.SENDING, State.ACCEPTED)
    assert privacy.erase(who, by="amy").deliveries == 2
    kept = everything(ledger)
    assert [word in kept for word in (PHONE, NAME, TEXT, "'c1'", "BIZ-1")] == [False] * 5
    assert len({d.person for d in log(ledger)}) == 1


def test_counts_and_the_promise_of_once_outlive_an_erasure(ledger, privacy):
    promise(ledger, draft())
    move(ledger, log(ledger)[0], State.CLAIMED, State.SENDING, State.ACCEPTED)
    before = tally.counts(ledger, DAY, DAY)
    privacy.erase("c1")
    assert tally.counts(ledger, DAY, DAY) == before
    assert promise(ledger, draft()).new == ()


def test_what_has_not_gone_out_is_called_off(ledger, privacy):
    promise(ledger, *(draft(occurrence=str(n)) for n in range(4)), draft(state=State.HELD, occurrence="held"))
    queued, retried, unknown, accepted, _held = log(ledger)
    move(ledger, retried, State.CLAIMED, State.SENDING, State.RETRY_WAIT)
    move(ledger, unknown, State.CLAIMED, State.SENDING, State.UNKNOWN)
    move(ledger, accepted, State.CLAIMED, State.SENDING, State.ACCEPTED)
    assert privacy.erase("c1").cancelled == 4
    assert {d.id: (d.state, d.reason) for d in log(ledger) if d.id != accepted.id} == {
        d.id: (State.CANCELLED, "erased") for d in (queued, retried, unknown, _held)
    }
    assert claim.claim(ledger, "", TIMES, 10, asked=False) == []


def test_others_keep_what_is_theirs(ledger, privacy):
    promise(ledger, draft(), draft("c2", to="13900139000"), draft("c3"))
    privacy.erase("c1")
    assert [d.person for d in log(ledger)[1:]] == ["c2", "c3"]
    assert [d.to for d in log(ledger)] == ["", "13900139000", PHONE]


def test_by_id_also_what_went_to_the_same_number_without_one(ledger, privacy):
    promise(ledger, draft(), draft(ledger.stranger("phone", PHONE)))
    assert privacy.erase("c1").deliveries == 2


def test_messages_to_colleagues_lose_the_text_that_names_the_person(ledger, privacy):
    staff = {"category": Category.STAFF, "to": "chen", "occasion": "staff/birthday-gifts"}
    promise(
        ledger, draft(), draft("陈晨", **staff, content=Content(text=f"call {NAME}")),
        draft("周敏", **staff, content=Content(text="call somebody else")),
    )  # fmt: skip
    assert privacy.erase("c1", words=[NAME]).texts == 1
    assert [d.content is None for d in log(ledger)] == [True, True, False]
    assert [d.person for d in log(ledger)][1:] == ["陈晨", "周敏"]


def test_who_said_no_is_known_by_it_after_the_erasure(ledger, privacy):
    promise(ledger, draft())
    no = [
        Statement(who=who, preference=Preference(word=Word.OPT_OUT), source="letter", proof=f"by {NAME}", said=NOW)
        for who in (Who("person", "c1"), Who("phone", PHONE))
    ]
    preferences.record(ledger, no, "amy")
    privacy.erase("c1")
    assert [(one.shown, one.proof, one.source) for one in preferences.listed(ledger)] == [("", "", "letter")] * 2
    assert preferences.of_readers(ledger, [("back", [Who("phone", PHONE)])]).keys() == {"back"}
    assert "'c1'" not in everything(ledger)  # two letters alone may stand in a digest


BATCH = """
INSERT INTO batch (id, name, rule, occasion, day, recipe, author, state, digest, number, parts, costs, left_out, inputs, opens,
                   drafted_at)
VALUES (1, 'b', 'approval', 'service/birthday', '2026-11-22', '{}', '', 'waiting', '', 0, 0, '{}', :left_out, '', 0, 0)
"""


def test_no_batch_names_an_erased_person_among_those_left_out(ledger, privacy):
    promise(ledger, draft(state=State.SUPPRESSED))
    with ledger.write() as tx:
        tx.rows(BATCH, left_out='{"opted-out": [2, ["c1", "c2"]]}')
    privacy.erase("c1")
    with ledger.read() as tx:
        assert tx.rows("SELECT left_out FROM batch") == [('{"opted-out": [2, ["c2"]]}',)]


def test_what_was_told_of_an_erased_person_is_withdrawn(ledger, privacy):
    told = {"kind": "payment", "day": DAY, "at": None, "told_at": NOW}
    facts.tell(ledger, Fact(**told, key="R-1", target={"id": "c1"}, values={"payer": NAME}), UTC)
    facts.tell(ledger, Fact(**told, key="R-2", target={"id": "c2"}, values={}), UTC)
    privacy.erase("c1")
    with ledger.read() as tx:
        kept = repr(tx.rows("SELECT * FROM fact"))
    assert [word in kept for word in (NAME, "R-1", '"c1"')] == [False] * 3
    assert [fact.key for fact in facts.told(ledger)] == ["R-2"]


def test_a_rehearsed_erasure_tells_and_does_nothing(ledger, privacy):
    promise(ledger, draft())
    before = everything(ledger)
    told = privacy.erase("c1", dry_run=True)
    assert (told.deliveries, told.cancelled, everything(ledger)) == (1, 1, before)


def test_what_other_systems_told_of_a_person_goes_with_them_and_no_other_fact(ledger, privacy):
    for person in ("c1", "c2"):
        facts.tell(ledger, fact(target={"id": person}, key=f"R-{person}"), UTC)
    facts.tell(ledger, fact(target={"building": "c1"}, key="B"), UTC)
    privacy.erase("c1", by="amy")
    with ledger.read() as tx:
        kept = repr(tx.rows("SELECT * FROM fact"))
    assert ("R-c1" in kept, NAME in kept.partition("R-c2")[0]) == (False, False)
    assert [one.key for one in facts.told(ledger)] == ["R-c2", "B"]


def test_facts_are_kept_as_long_as_any_message_may_be(ledger, privacy):
    longest = max(KEEP.values())
    for days in (0, 1):
        then = NOW - longest - timedelta(days=days)
        facts.tell(ledger, fact(day=then.date(), told_at=then, key=f"{days}"), UTC)
    assert privacy.purge(dry_run=True) == {"fact": 1}
    assert privacy.purge(category=Category.CARE) == {}
    assert privacy.purge() == {"fact": 1}
    assert [one.key for one in facts.told(ledger)] == ["0"]


def test_whom_nobody_knows_cannot_be_erased(privacy):
    with pytest.raises(notigate.UsageError, match=r"knows nothing of 139\*\*\*\*9000"):
        privacy.erase("13900139000")


def test_what_another_dispatcher_sends_is_left_to_it(ledger, privacy):
    """On PostgreSQL; on SQLite the dispatcher's lock keeps the erasure out altogether."""
    promise(ledger, draft(), draft(occurrence="2027"))
    with ledger.dispatching():
        move(ledger, log(ledger)[0], State.CLAIMED)
        try:
            told = privacy.erase("c1")
        except LedgerBusy:
            assert log(ledger)[1].person == "c1"
            return
    assert told.deliveries + told.under_way == 2


def test_erased_messages_are_not_asked_about(ledger, privacy):
    promise(ledger, draft())
    move(ledger, log(ledger)[0], State.CLAIMED, State.SENDING, State.ACCEPTED)
    receipts.put_off(ledger, [(log(ledger)[0], NOW)])
    assert len(receipts.awaited(ledger, "", now=NOW, limit=10)) == 1
    privacy.erase("c1")
    assert receipts.awaited(ledger, "", now=NOW, limit=10) == []


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_no_file_of_the_ledger_keeps_a_trace_of_who_was_erased(ledger, privacy, tmp_path):
    others = [draft(f"p{n}", to=f"1390013{n:04}", content=Content(text=f"no {n} " * 30), detail="") for n in range(400)]
    promise(ledger, *others[:200], draft(), *others[200:])
    move(ledger, next(d for d in log(ledger) if d.person == "c1"), State.CLAIMED, State.SENDING, State.ACCEPTED)
    needles = [PHONE.encode(), NAME.encode(), TEXT.encode(), b"BIZ-1"]
    assert any(needle in file.read_bytes() for file in tmp_path.iterdir() for needle in needles)
    privacy.erase("c1")
    left = [(file.name, needle) for file in tmp_path.iterdir() for needle in needles if needle in file.read_bytes()]
    assert left == []


# Purge


def old(days: int, **changed) -> Draft:
    day = DAY - timedelta(days=days)
    return draft(f"p{days}{changed.get('occasion', '')}", occurrence=str(day), day=day, state=State.INVALID, **changed)


def purged(ledger):
    return {d.person for d in log(ledger) if not d.person.startswith(erasure.NAMELESS)}


def test_each_class_is_forgotten_when_its_time_is_over_and_complaints_after_two_years(ledger, privacy):
    complaint = {"category": Category.STAFF, "occasion": "staff/complaint-deadline"}
    promise(
        ledger, old(364), old(366), old(700, category=Category.SERVICE), old(731, category=Category.SERVICE),
        old(500, **complaint), old(735, **complaint), old(400, category=Category.STAFF, occasion="staff/x"),
    )  # fmt: skip
    before = tally.counts(ledger, date(2020, 1, 1), DAY)
    wanted = {"care": 1, "service": 1, "staff": 2}
    assert privacy.purge(dry_run=True) == wanted
    assert len(purged(ledger)) == 7
    assert privacy.purge(by="cron") == wanted
    assert purged(ledger) == {"p364", "p700", "p500staff/complaint-deadline"}
    assert tally.counts(ledger, date(2020, 1, 1), DAY) == before
    assert privacy.purge() == {}


def test_an_age_and_a_class_may_be_asked_for(ledger, privacy):
    promise(ledger, old(100), old(80), old(100, category=Category.SERVICE, occasion="service/x"))
    assert privacy.purge(older_than=timedelta(days=90), category=Category.CARE) == {"care": 1}
    assert purged(ledger) == {"p80", "p100service/x"}


def test_what_is_still_to_be_sent_is_never_purged(ledger, privacy):
    promise(ledger, draft(day=DAY - timedelta(days=999)))
    assert privacy.purge(older_than=timedelta(0)) == {}


def test_more_than_one_transaction_is_purged(ledger, privacy):
    promise(ledger, *(draft(f"p{n}", state=State.INVALID, day=DAY - timedelta(days=400)) for n in range(2300)))
    assert privacy.purge() == {"care": 2300}
    assert purged(ledger) == set()


# Who looked


@pytest.fixture
def folder(tmp_path):
    notigate_yaml = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels: {trial: {plugin: outbox}}
occasions: {service/birthday: {at: "00:00-24:00", who: ""}}
"""
    (tmp_path / "notigate.yaml").write_text(notigate_yaml, encoding="utf-8")
    roster = f"id,name,phone,birthday\nc1,{NAME},{PHONE},1990-11-22\n"
    (tmp_path / "customers.csv").write_text(roster, encoding="utf-8")
    invoke(tmp_path, "send", "--due")
    return tmp_path


def invoke(folder, *arguments):
    result = CliRunner().invoke(cli, ["-C", str(folder), "--now", "2026-11-22T12:00", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def on_terminal(folder, *arguments):
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "notigate", "-C", str(folder), "--now", "2026-11-22T12:00", *arguments]
    environment = {**os.environ, "COLUMNS": "200", "NOTIGATE_LANG": "en"}
    with subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, env=environment) as process:
        os.close(inner)
        shown = b""
        while True:
            try:
                shown += os.read(outer, 65536)
            except OSError:
                break
        os.close(outer)
    return process.returncode, shown.decode()


@pytest.mark.parametrize("command", [("log",), ("preview", "service/birthday", "--person", "c1")])
def test_in_full_on_a_terminal_only_and_recorded_before_it_is_shown(folder, command):
    refused = invoke(folder, *command, "--show-pii")
    assert (refused.exit_code, "terminal only" in refused.stderr, PHONE in refused.output) == (2, True, False)
    assert invoke(folder, "accesses").stdout.count("\n") == 1
    code, shown = on_terminal(folder, *command, "--show-pii")
    assert (code, PHONE in shown) == (0, command[0] == "log")
    [told] = [json.loads(line) for line in invoke(folder, "accesses", "--json").stdout.splitlines()]
    assert (told["act"].split()[0], told["people"], told["login"] != "") == (command[0], 1, True)


def test_masked_is_the_default_on_a_terminal_too(folder):
    code, shown = on_terminal(folder, "log")
    assert (code, PHONE in shown, "138****8000" in shown) == (0, False, True)
    assert invoke(folder, "accesses").stdout.count("\n") == 1


def test_erasing_asks_first_and_where_nobody_can_be_asked_wants_to_be_told(folder):
    refused = invoke(folder, "erase", "c1")
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)
    assert "138****8000" in invoke(folder, "log").stdout
    done = invoke(folder, "erase", "c1", "--yes", "--json")
    assert json.loads(done.stdout) == {"deliveries": 1, "cancelled": 0, "texts": 0, "under_way": 0}
    assert "row 2" in done.stderr
    assert "138****8000" not in invoke(folder, "log").stdout
    assert "erase" in invoke(folder, "accesses").stdout


def test_what_the_outbox_keeps_of_an_erased_person_goes_with_it(folder):
    assert list(folder.glob("outbox/*.txt"))
    invoke(folder, "erase", "c1", "--yes")
    assert list(folder.glob("outbox/*")) == []


#: every command that writes a file for somebody
WRITERS = [
    *(["report", "week", "-o", f"week{suffix}"] for suffix in (".csv", ".xlsx", ".html", ".svg", ".png")),
    *(["plan", "--days", "1", "-o", f"plan{suffix}"] for suffix in (".csv", ".ics", ".json")),
    *(
        ["export", "--since", "2026-11-01", "--until", "2026-11-30", "-o", f"all{one}"]
        for one in (".csv", ".jsonl", ".xlsx")
    ),
    ["preview", "service/birthday", "-o", "page.html"],
    *(["roster", "check", "--fixed", f"mended{suffix}"] for suffix in (".csv", ".xlsx")),
    ["receipts", "dead", "-o", "dead.csv"],
    ["backup", "copy.db"],
]


def test_every_file_is_its_owners_alone(folder, monkeypatch):
    monkeypatch.chdir(folder)
    before = set(folder.rglob("*"))
    for command in WRITERS:
        told = invoke(folder, *command)
        assert told.exit_code in (0, 1), told.stderr
    made = [
        file for file in folder.rglob("*") if file.is_file() and file.name not in ("notigate.yaml", "customers.csv")
    ]
    wider = [file.name for file in made if stat.S_IMODE(file.stat().st_mode) != 0o600]
    assert wider == []
    assert len(set(made) - before) >= len(WRITERS) - 2
