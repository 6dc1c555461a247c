"""The channels that reach nobody."""

from __future__ import annotations

import io
import resource
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from notigate.embedded import notigate_channels
from notigate.outbox import Console, ConsoleSettings, Outbox, OutboxSettings
from notigate.plugin import Attachment, Category, Message, Reason, Scope, Status, Tools

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
TOOLS = Tools(session=requests.Session, now=lambda: NOON)
DAY = NOON.astimezone().date()
SMS = Message(
    id="7f3a_-9", reference="r-1", occasion="service/birthday", category=Category.CARE, medium="sms",
    to="13800138000", locale="zh_Hans", text="王女士，生日快乐！\n青年城",
)  # fmt: skip
MAIL = SMS._replace(id="8c", medium="email", to="wang@example.com", subject="生日快乐", html="<p>生日快乐！</p>")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "project" / "outbox"


def outbox(folder: Path) -> Outbox:
    return Outbox(OutboxSettings(folder=folder), TOOLS)


def files(folder: Path) -> list[Path]:
    """All of them, also those that stand outside or were left half-written."""
    return sorted(path for path in folder.parent.parent.rglob("*") if path.is_file())


def test_a_message_is_a_file_that_says_what_it_is(folder):
    outcome = outbox(folder).send(SMS)
    name = f"{DAY}_service-birthday_sms_7f3a_-9.txt"
    assert (outcome.status, outcome.provider_id) == (Status.ACCEPTED, name)
    assert (folder / name).read_text(encoding="utf-8") == (
        "occasion: service/birthday\nchannel: sms\nto: 13800138000\nlocale: zh_Hans\n\n王女士，生日快乐！\n青年城\n"
    )


def test_mail_is_a_file_that_mail_programs_open(folder):
    picture = Attachment(name="封面.png", media_type="image/png", data=b"\x89PNG")
    outbox(folder).send(MAIL._replace(attachments=(picture,)))
    (path,) = files(folder)
    assert path.name == f"{DAY}_service-birthday_email_8c.eml"
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (mail["Subject"], mail["To"]) == ("生日快乐", "wang@example.com")
    assert mail["X-Notigate-Occasion"] == "service/birthday"
    assert mail.get_body(("plain",)).get_content().splitlines() == SMS.text.splitlines()
    assert mail.get_body(("html",)).get_content().strip() == MAIL.html
    assert [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()] == [("封面.png", b"\x89PNG")]


@pytest.mark.parametrize("trick", ["a\r\nBcc: spy@example.com", "=?utf-8?q?a=0D=0ABcc:_spy@example.com?="])
@pytest.mark.parametrize("where", ["subject", "to", "occasion", "locale"])
def test_a_value_makes_no_header_of_its_own(folder, where, trick):
    outbox(folder).send(MAIL._replace(**{where: trick}))
    mail = message_from_bytes(files(folder)[0].read_bytes(), policy=policy.compat32)
    assert mail["Bcc"] is None
    assert mail["X-Notigate-Channel"] == "email"


def test_the_folder_and_its_files_are_the_owners_alone(folder):
    outbox(folder).send(SMS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in files(folder)] == [0o600]


def test_the_same_message_again_keeps_one_file(folder):
    first = outbox(folder)
    first.send(SMS)
    first.send(SMS._replace(reference="r-2"))
    tomorrow = Outbox(OutboxSettings(folder=folder), Tools(session=requests.Session, now=lambda: NOON.replace(day=22)))
    assert tomorrow.send(SMS._replace(text="改")).provider_id == f"{DAY}_service-birthday_sms_7f3a_-9.txt"
    (path,) = files(folder)
    assert path.read_text(encoding="utf-8").endswith("\n\n改\n")


def test_eight_threads_write_every_message(folder):
    sender = outbox(folder)
    messages = [SMS._replace(id=f"m{number}") for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        assert {outcome.status for outcome in threads.map(sender.send, messages)} == {Status.ACCEPTED}
    assert len(files(folder)) == 200


def test_strangers_in_the_folder_are_left_alone(folder):
    folder.mkdir(parents=True)
    (folder / "README").write_text("mine", encoding="utf-8")
    (folder / "a_b_c").mkdir()
    assert outbox(folder).send(SMS).status is Status.ACCEPTED
    assert (folder / "README").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "trick", ["../../x", "/etc/passwd", "a/b", "..", "", "a\x00b", "x" * 300, "王" * 200, "\ud800"]
)
@pytest.mark.parametrize("where", ["id", "occasion", "medium"])
def test_no_name_leads_out_of_the_folder(folder, where, trick):
    outcome = outbox(folder).send(SMS._replace(**{where: trick}))
    assert outcome.status is Status.ACCEPTED or outcome.reason is Reason.BAD_CONTENT
    assert {path.parent for path in files(folder)} <= {folder}
    assert len(files(folder)) == (outcome.status is Status.ACCEPTED)


@given(st.sets(st.text(max_size=70), min_size=2, max_size=8))
def test_two_ids_never_share_a_file(tmp_path_factory, ids):
    folder = tmp_path_factory.mktemp("outbox")
    sender = outbox(folder)
    names = {sender.send(SMS._replace(id=one)).provider_id for one in ids}
    assert len(names) == len(ids) == len(list(folder.iterdir()))


@given(st.text(alphabet='ab@<>"(),:;[]\\. =?é王', max_size=12))
def test_an_address_that_is_none_breaks_no_mail(tmp_path_factory, to):
    folder = tmp_path_factory.mktemp("outbox")
    assert outbox(folder).send(MAIL._replace(to=to)).status is Status.ACCEPTED


def test_text_that_cannot_be_written_is_the_authors_fault(folder):
    for message in (SMS, MAIL):
        outcome = outbox(folder).send(message._replace(text="\ud800"))
        assert (outcome.status, outcome.reason, outcome.scope) == (Status.REFUSED, Reason.BAD_CONTENT, Scope.MESSAGE)


def test_a_folder_that_cannot_be_written_stops_the_channel(folder):
    folder.parent.mkdir()
    folder.write_text("a file stands in its place", encoding="utf-8")
    outcome = outbox(folder).send(SMS)
    assert (outcome.status, outcome.reason, outcome.scope) == (Status.REFUSED, Reason.BAD_CREDENTIALS, Scope.CHANNEL)
    assert str(folder) in outcome.detail
    assert SMS.to not in outcome.detail


def test_a_full_disk_is_busy_and_leaves_no_half_file(folder):
    sender = outbox(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, hard))
    try:
        outcome = sender.send(SMS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (outcome.status, outcome.reason) == (Status.BUSY, Reason.UNAVAILABLE)
    assert files(folder) == []
    assert sender.send(SMS).status is Status.ACCEPTED


def test_the_console_prints_the_message(capsys):
    assert Console(ConsoleSettings(), TOOLS).send(MAIL).status is Status.ACCEPTED
    shown = capsys.readouterr()
    assert shown.out.startswith("occasion: service/birthday\nchannel: email\nto: wang@example.com\n")
    assert "subject: 生日快乐\n\n王女士，生日快乐！\n青年城\n" in shown.out
    assert shown.err == ""


def test_the_console_prints_where_it_is_told(capsys):
    stream = io.StringIO()
    Console(ConsoleSettings(), TOOLS, stream).send(SMS)
    assert SMS.text in stream.getvalue()
    assert capsys.readouterr().out == ""


def test_no_text_steers_the_terminal():
    stream = io.StringIO()
    Console(ConsoleSettings(), TOOLS, stream).send(SMS._replace(text="a\x1b[31mb\u202ec\rd\x9be", to="1\x1b[2J\n2"))
    assert "a[31mbcde" in stream.getvalue()
    assert "to: 1 [2J 2\n" in stream.getvalue()


def test_an_output_that_is_closed_stops_the_channel():
    stream = io.StringIO()
    stream.close()
    outcome = Console(ConsoleSettings(), TOOLS, stream).send(SMS)
    assert (outcome.status, outcome.scope) == (Status.REFUSED, Scope.CHANNEL)


def test_they_all_carry_everything_and_reach_nobody():
    specs = {spec.name: spec for spec in notigate_channels()}
    assert set(specs) == {"outbox", "console", "simulator"}
    for spec in specs.values():
        assert (spec.media, spec.reaches_people) == (("*",), False)
        assert spec.channel(spec.settings(), TOOLS).address is None
