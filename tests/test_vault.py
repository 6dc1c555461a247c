"""A sealed ledger: nothing readable at rest, everything readable with the key, nothing without it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from notigate.consent import Consent
from notigate.errors import ConfigError, ExitCode, LedgerBusy, LedgerError
from notigate.ledger import claim, facts, open_ledger, plan, preferences, questions, runs, sealing
from notigate.ledger.changes import Times
from notigate.ledger.plan import Draft
from notigate.ledger.vault import Vault
from notigate.model import Category, Content, Secret
from notigate.moments import Fact

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
TIMES = Times(NOW, NOW)
KEY = Secret("00112233445566778899aabbccddeeff" * 2)
OTHER = Secret("ffeeddccbbaa99887766554433221100" * 2)
PHONE, TEXT = "13800138000", "王金丝雀，生日快乐"


def draft(person: str = "p1", **changed) -> Draft:
    given = {
        "occasion": "service/birthday", "occurrence": "2026", "day": date(2026, 11, 21), "person": person,
        "category": Category.CARE, "channel": "sms", "medium": "sms", "to": PHONE, "locale": "zh_Hans",
        "content": Content(text=TEXT),
    }  # fmt: skip
    return Draft(**given | changed)


def promise(ledger, *drafts):
    return plan.promise(ledger, runs.start(ledger, "send", TIMES), drafts, TIMES)


def everything(ledger) -> str:
    with ledger.read() as tx:
        return repr(
            [tx.rows("SELECT * FROM delivery"), tx.rows("SELECT * FROM meta"), tx.rows("SELECT * FROM preference")]
        )


@pytest.fixture
def url(place):
    return place("sealed")


def test_with_a_key_nothing_can_be_read_at_rest_and_everything_with_it(url):
    with closing(open_ledger(url, KEY)) as ledger:
        promise(ledger, draft())
        kept = everything(ledger)
        assert [word in kept for word in (PHONE, "金丝雀", TEXT)] == [False] * 3
        assert ledger._secret.hex() not in kept
        (found,) = claim.claim(ledger, "sms", TIMES, 10, asked=False)
        assert (found.to, found.content.text) == (PHONE, TEXT)
    with closing(open_ledger(url, KEY)) as ledger:
        (found,) = questions.log(ledger)
        assert (found.to, found.content.text) == (PHONE, TEXT)


def test_what_is_sealed_is_still_promised_once_and_a_change_is_a_conflict(url):
    with closing(open_ledger(url, KEY)) as ledger:
        assert promise(ledger, draft()).new
        again = promise(ledger, draft())
        assert (again.new, again.conflicting) == ((), ())
        assert promise(ledger, draft(content=Content(text="other"))).conflicting == again.all


def test_a_phone_number_is_found_in_a_sealed_ledger(url):
    with closing(open_ledger(url, KEY)) as ledger:
        promise(ledger, draft(), draft("p2", to="13900139000"), draft("p3", to=""))
        assert [d.person for d in questions.log(ledger, address=PHONE)] == ["p1"]
        assert list(questions.log(ledger, address="13700137000")) == []


def test_the_same_text_is_never_sealed_alike(url):
    with closing(open_ledger(url, KEY)) as ledger:
        promise(ledger, draft(), draft("p2"))
        with ledger.read() as tx:
            rows = tx.rows("SELECT content, address FROM delivery")
        assert (len({content for content, _ in rows}), len({address for _, address in rows})) == (2, 1)


@pytest.mark.parametrize(("key", "words"), [(None, "no key is given"), (OTHER, "another key")])
def test_without_its_key_a_sealed_ledger_is_refused_with_the_way_out(url, key, words):
    open_ledger(url, KEY).close()
    with pytest.raises(LedgerError, match=words) as refused:
        open_ledger(url, key)
    assert refused.value.exit_code is ExitCode.LEDGER
    assert "ledger_key" in str(refused.value)
    assert (KEY.reveal() in str(refused.value), OTHER.reveal() in str(refused.value)) == (False, False)


@pytest.mark.parametrize("key", ["", "hunter2", "zz" * 32, "00" * 31, "00" * 33, "QUJD"])
def test_what_is_no_key_is_refused_and_not_shown(url, key):
    with pytest.raises(ConfigError, match="openssl rand -base64 32") as refused:
        open_ledger(url, Secret(key))
    assert not key or key not in str(refused.value)


def test_a_key_may_be_written_in_base64():
    assert Vault(KEY).open(Vault(Secret("ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=")).seal(TEXT)) == TEXT


def test_a_ledger_that_was_open_is_sealed_when_it_gets_a_key(url):
    with closing(open_ledger(url)) as ledger:
        promise(ledger, *(draft(f"p{i}") for i in range(5)))
        key = plan.key(ledger, "service/birthday", "2026", "p1")
    with closing(open_ledger(url, KEY)) as ledger:
        assert PHONE not in everything(ledger)
        assert plan.key(ledger, "service/birthday", "2026", "p1") == key
        assert promise(ledger, draft()).new == ()
        assert promise(ledger, draft()).conflicting == ()
        assert {d.to for d in questions.log(ledger)} == {PHONE}


def test_a_ledger_that_is_sealed_in_part_reads_as_before_and_the_next_opening_goes_on(url):
    with closing(open_ledger(url)) as ledger:
        promise(ledger, *(draft(f"p{i}") for i in range(5)))
        with ledger.read() as tx:
            plain = tx.rows("SELECT address, content, digest, id FROM delivery WHERE id > 2")
    with closing(open_ledger(url, KEY)) as ledger:
        with ledger.write() as tx:  # as a kill in the middle leaves it
            tx.many(sealing.DELIVERY, plain)
            tx.rows(sealing.BEGIN, begun=sealing.BEGUN)
        assert PHONE in everything(ledger)
        assert {d.to for d in questions.log(ledger)} == {PHONE}
    with pytest.raises(LedgerError, match="no key"):
        open_ledger(url)
    with closing(open_ledger(url, KEY)) as ledger:
        assert PHONE not in everything(ledger)
        assert len(list(questions.log(ledger, address=PHONE))) == 5


# Another key


def fill(url, key=None):
    """A ledger with some of everything that is sealed; returns what a reader of it sees."""
    with closing(open_ledger(url, key)) as ledger:
        promise(ledger, *(draft(f"p{i}", to=f"1380013{i:04}") for i in range(25)))
        Consent(ledger, lambda: NOW).add(PHONE, proof=TEXT)
        facts.tell(
            ledger,
            Fact(kind="visit", key="v", target={"id": "p1"}, day=NOW.date(), values={"whom": TEXT}, told_at=NOW),
            UTC,
        )
        return seen(ledger)


def seen(ledger):
    return (
        [(d.person, d.to, d.content) for d in questions.log(ledger)],
        [(one.shown, one.proof) for one in preferences.listed(ledger)],
        [fact.values for fact in facts.told(ledger, None, None)],
        ledger.digest("x"),
    )


def test_with_another_key_everything_is_sealed_anew_and_the_old_one_is_needed_no_more(url):
    before = fill(url, KEY)
    with closing(open_ledger(url, OTHER, KEY)) as ledger:
        assert seen(ledger) == before
        assert promise(ledger, draft("p7", to="13800130007")).new == ()
    with closing(open_ledger(url, OTHER)) as ledger:
        assert seen(ledger) == before
        assert len(list(questions.log(ledger, address="13800130007"))) == 1
    with pytest.raises(LedgerError, match="ledger_key_before"):
        open_ledger(url, KEY)


def test_a_key_that_is_named_before_its_time_changes_nothing(url):
    """The operator writes both keys, and the ledger was open until now, or has the new key already."""
    before = fill(url)
    for keys in [(OTHER, KEY), (OTHER, KEY), (OTHER, OTHER)]:
        with closing(open_ledger(url, *keys)) as ledger:
            assert seen(ledger) == before


@pytest.mark.parametrize("transactions", range(7))
def test_wherever_the_change_of_a_key_is_killed_nothing_is_lost_and_the_next_opening_goes_on(
    url, transactions, monkeypatch
):
    before = fill(url, KEY)
    monkeypatch.setattr(sealing, "SOME", 10)
    steps = iter(range(transactions))
    for name in ("_deliveries", "_preferences", "_facts"):
        monkeypatch.setattr(sealing, name, dying(getattr(sealing, name), steps))
    with pytest.raises(Killed):
        open_ledger(url, OTHER, KEY)
    monkeypatch.undo()  # as a new process would be
    with pytest.raises(LedgerError, match="another key"):
        open_ledger(url, KEY)
    with pytest.raises(LedgerError, match="ledger_key_before"):
        open_ledger(url, OTHER)
    open_ledger(url, OTHER, KEY).close()
    with closing(open_ledger(url, OTHER)) as ledger:
        assert seen(ledger) == before


class Killed(BaseException):
    """The process ends here, and what it has not committed is gone."""


def dying(step, steps):
    def killed(*arguments):
        found = step(*arguments)
        if next(steps, None) is None:
            raise Killed
        return found

    return killed


def test_no_key_shows_when_the_one_before_is_none(url):
    with pytest.raises(ConfigError, match="ledger_key_before is no key") as refused:
        open_ledger(url, KEY, Secret("hunter2"))
    assert "hunter2" not in str(refused.value)


def test_a_ledger_is_not_sealed_under_a_run(url):
    with closing(open_ledger(url)) as ledger, ledger.dispatching(), pytest.raises(LedgerBusy):
        open_ledger(url, KEY)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_sealing_leaves_no_trace_in_the_files(url, tmp_path):
    with closing(open_ledger(url)) as ledger:
        promise(ledger, *(draft(f"p{i}") for i in range(50)))
    open_ledger(url, KEY).close()
    for file in tmp_path.iterdir():
        assert [word in file.read_bytes() for word in (PHONE.encode(), TEXT.encode())] == [False, False], file.name


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_was_tampered_with_does_not_open(url, tmp_path):
    with closing(open_ledger(url, KEY)) as ledger:
        promise(ledger, draft(), draft("p2", to="13900139000"))
        with closing(sqlite3.connect(tmp_path / "sealed.db")) as other, other:
            other.execute("UPDATE delivery SET content = 'sealed:' || substr(content, 9)")
        with pytest.raises(LedgerError, match="does not open"):
            list(questions.log(ledger))


def test_who_seals_nothing_imports_nothing_for_it(tmp_path):
    script = (
        "import sys; from notigate.ledger import open_ledger; open_ledger(sys.argv[1]).close(); "
        "print([name for name in sys.modules if name.startswith('cryptography')])"
    )
    told = subprocess.check_output([sys.executable, "-c", script, f"sqlite:///{tmp_path}/plain.db"], text=True)
    assert told == "[]\n"
