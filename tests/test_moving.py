"""A ledger moves from its file to PostgreSQL whole, or not at all, and never goes on in two places."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from notigate.cli import cli
from notigate.errors import LedgerError
from notigate.ledger import move, open_ledger
from notigate.ledger.aside import Aside
from notigate.ledger.sqlite_file import lock
from notigate.model import Delivery, Outcome

pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'notigate[postgres]'")

from notigate.ledger.postgres import schema

NOON = "2026-11-22T12:00"
SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
roster: {file: customers.csv}
channels: {sms: {plugin: simulator, script: [{share: 0.5, answer: lose-reply}]}}
policy: {windows: ["00:00-24:00"]}
occasions:
  service/birthday: {at: "00:00-24:00", channels: [sms]}
  purchase/subscription-thanks: {at: "00:00-24:00", moment: {days_after: subscribed_on 1}, approval: workday-before}
"""
HEADINGS = "id,name,title,phone,birthday,subscribed_on\n"
ROSTER = HEADINGS + "".join(f"c{n},王芳,女士,1380013{n:04},1990-11-22,2026-11-22\n" for n in range(40))


@pytest.fixture
def url(postgres) -> str:
    return postgres.fresh("moving")


@pytest.fixture
def run(tmp_path: Path):
    settings = tmp_path / "notigate.yaml"
    settings.write_text(SETTINGS, encoding="utf-8")
    settings.chmod(0o600)
    (tmp_path / "customers.csv").write_text(ROSTER, encoding="utf-8")

    def invoke(*arguments: str, now: str = NOON):
        return CliRunner().invoke(cli, ["-C", str(tmp_path), "--now", now, *arguments])

    return invoke


@pytest.fixture
def file(run, tmp_path) -> Path:
    """A ledger with messages that went out, are unknown, wait for an approval; opt-outs, facts, accesses, a report."""
    run("send", "--due")
    run("send", "--due", now="2026-11-23T09:00")
    run("optout", "add", "13800130001")
    run("fact", "add", "visit", "--person", "c1", "--key", "v")
    run("report", "week", "--of", "2026-W46")
    run("backup", str(tmp_path / "copy.db"))
    return tmp_path / "notigate.db"


def use(tmp_path: Path, url: str) -> None:
    (tmp_path / "notigate.yaml").write_text(f"ledger: {url}\n{SETTINGS}", encoding="utf-8")


@pytest.mark.usefixtures("file")
def test_nothing_is_sent_again_and_all_that_was_asked_is_answered_alike(run, tmp_path, url, monkeypatch):
    monkeypatch.setenv("NEW_LEDGER", url)
    asked = [
        ("log", "--json"),
        ("log", "1", "--json"),
        ("optout", "list", "--json"),
        ("fact", "list", "--json"),
        ("approvals", "--json"),
    ]
    before = [run(*one).stdout for one in asked]
    done = run("migrate", "--to", "${env:NEW_LEDGER}")
    assert done.exit_code == 0, done.output
    assert 'ledger: "${env:NEW_LEDGER}"' in done.stderr
    use(tmp_path, url)
    assert [run(*one).stdout for one in asked] == before
    assert len(before[0].splitlines()) > 40
    counts = json.loads(run("send", "--due", "--json").stdout)["counts"]
    assert counts.get("accepted", 0) == 0
    assert len(run("log", "--json").stdout.splitlines()) == len(before[0].splitlines())


@pytest.mark.usefixtures("file")
def test_what_is_new_goes_on_where_the_numbers_ended(run, tmp_path, url):
    run("migrate", "--to", url)
    use(tmp_path, url)
    (tmp_path / "customers.csv").write_text(
        ROSTER + "new,李雷,先生,13900000000,1990-11-23,2020-01-01\n", encoding="utf-8"
    )
    run("send", "--due", now="2026-11-23T10:00")
    lines = [json.loads(line) for line in run("log", "--json").stdout.splitlines()]
    assert len({one["delivery"] for one in lines}) == len(lines)
    assert [one["run"] for one in lines if one["person"] == "new"] == [max(one["run"] for one in lines)]


def test_the_file_is_set_aside_and_nothing_goes_on_from_it(run, file, url):
    told = json.loads(run("migrate", "--to", url, "--json").stdout)
    assert not file.exists()
    assert Path(told["kept"]).name.startswith("notigate.db.moved-")
    again = run("send", "--due")
    assert again.exit_code == 5
    assert "was moved to a database of its own" in again.stderr
    assert not file.exists()


def test_no_copy_is_put_back_in_the_place_of_a_ledger_that_was_moved(run, file, url, tmp_path):
    run("migrate", "--to", url)
    done = run("restore", str(tmp_path / "copy.db"), "--yes")
    assert (done.exit_code, file.exists()) == (5, False)
    assert "was moved to a database of its own" in done.stderr


def test_a_rehearsal_of_the_move_tells_the_numbers_and_changes_nothing(run, file, url, postgres):
    done = run("migrate", "--to", url, "--dry-run")
    assert "Would be moved: deliveries" in done.stdout
    assert file.exists()
    assert postgres.execute("SELECT to_regnamespace('notigate')::text", database="moving") == [(None,)]
    assert run("send", "--due").exit_code in (0, 3, 4)


@pytest.mark.usefixtures("file")
def test_who_moved_it_is_recorded(run, tmp_path, url):
    run("migrate", "--to", url)
    use(tmp_path, url)
    assert [json.loads(line)["act"] for line in run("accesses", "--json").stdout.splitlines()] == [
        "backup",
        "migrate --to",
    ]


@pytest.mark.parametrize("spoils", ["NEW.occasion := 'other'; RETURN NEW", "RETURN NULL"])
def test_what_does_not_arrive_as_it_was_sent_moves_nothing(file, url, postgres, monkeypatch, spoils):
    def make_and_spoil(connection, place, whole=schema.make):
        whole(connection, place)
        connection.execute(
            f"CREATE FUNCTION notigate.spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {spoils}; END $$"
        )
        connection.execute(
            "CREATE TRIGGER spoil BEFORE INSERT ON notigate.delivery FOR EACH ROW WHEN (NEW.id = 7) EXECUTE FUNCTION notigate.spoil()"
        )

    monkeypatch.setattr(schema, "make", make_and_spoil)
    with pytest.raises(LedgerError, match="in the table delivery is not what was sent"):
        move(f"sqlite:///{file}", url)
    assert file.exists()
    assert postgres.execute("SELECT to_regnamespace('notigate')::text", database="moving") == [(None,)]


def test_a_run_that_is_sending_is_left_alone(run, file, url):
    with lock(file) as ours:
        assert ours
        done = run("migrate", "--to", url)
    assert done.exit_code == 6
    assert file.exists()


def test_a_program_that_has_the_ledger_open_is_left_alone(run, file, url):
    with closing(open_ledger(f"sqlite:///{file}")) as ledger:
        with ledger.read() as tx:
            tx.rows("SELECT 1 FROM meta")
        done = run("migrate", "--to", url)
    assert done.exit_code == 6
    assert "Python API" in done.stderr
    assert file.exists()


def test_answers_that_wait_beside_the_ledger_are_not_left_behind(run, file, url):
    aside = Aside(file.with_name(file.name + ".aside"))
    delivery = Delivery(**dict.fromkeys(Delivery._fields) | {"id": 1, "version": 3})
    aside.keep([(delivery, Outcome.accepted("BIZ"))])
    done = run("migrate", "--to", url)
    assert done.exit_code == 5
    assert "send --due takes them in" in done.stderr


def test_a_database_that_has_a_ledger_is_not_written_to(run, file, url):
    open_ledger(url).close()
    done = run("migrate", "--to", url)
    assert (done.exit_code, "has a ledger already" in done.stderr, file.exists()) == (2, True, True)


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("sqlite:////tmp/other.db", "from a file to PostgreSQL"),
        ("postgresql://u:canary@127.0.0.1:1/x", "cannot be used"),
        ("mysql://x/y", "expected sqlite"),
        ("${env:NOWHERE_SET}", "NOWHERE_SET is not set"),
    ],
)
def test_a_place_that_cannot_be_moved_to_is_told_without_its_password(run, file, to, told):
    done = run("migrate", "--to", to)
    assert done.exit_code in (2, 5)
    assert told in done.stderr
    assert "canary" not in done.output
    assert file.exists()


def test_a_damaged_ledger_is_not_moved(file, url):
    with file.open("r+b") as opened:
        opened.seek(4096 * 3)
        opened.write(b"\xff" * 4096 * 4)
    with pytest.raises(LedgerError):
        move(f"sqlite:///{file}", url)


def test_a_sealed_ledger_stays_sealed(run, tmp_path, url, monkeypatch):
    pytest.importorskip("cryptography", reason="cryptography is not installed: pip install 'notigate[crypto]'")
    monkeypatch.setenv("KEY", "11" * 32)
    settings = SETTINGS + 'ledger_key: "${env:KEY}"\n'
    (tmp_path / "notigate.yaml").write_text(settings, encoding="utf-8")
    run("send", "--due")
    before = run("log", "--json").stdout
    assert run("migrate", "--to", url).exit_code == 0
    (tmp_path / "notigate.yaml").write_text(f"ledger: {url}\n{settings}", encoding="utf-8")
    assert run("log", "--json").stdout == before != ""
    assert run("log", "--phone", "13800130001", "--json").stdout != ""
