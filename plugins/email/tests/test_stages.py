"""Where a conversation breaks decides: before the final dot nothing was sent, after it nobody knows."""

import pytest

from notigate.plugin import Outcome, Reason, Scope, Status
from notigate.testing.smtp import FakeSmtp, Fault
from notigate_email.compose import Mail

BEFORE = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "TEXT")
SILENT, GONE = (Fault.SILENCE, Fault.STALL), (Fault.DROP, Fault.CUT)
PLAIN = ("SIZE 36700160", "8BITMIME")


@pytest.fixture(params=["one by one", "pipelined"])
def either(request):
    """A server, with and without pipelining."""
    with FakeSmtp(extensions=("PIPELINING", *PLAIN) if request.param == "pipelined" else PLAIN) as fake:
        yield fake


@pytest.mark.parametrize("fault", [*SILENT, *GONE])
@pytest.mark.parametrize("stage", [stage for stage in BEFORE if stage != "TEXT"])
@pytest.mark.usefixtures("promptly")
def test_a_break_before_the_text_is_busy(either, open_channel, message, stage, fault):
    either.answer(stage, fault)
    outcome = open_channel(either, read=0.15).send(message)
    assert (outcome.status, outcome.reason) == (Status.BUSY, Reason.UNAVAILABLE)
    assert either.mails == []


@pytest.mark.parametrize("fault", [*SILENT, *GONE])
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.usefixtures("promptly")
def test_a_break_after_the_final_dot_is_unknown_whether_it_was_taken_or_not(hasty, fake, message, fault, kept):
    fake.answer("DOT", fault, keep=kept)
    assert hasty.send(message).status is Status.UNKNOWN
    assert len(fake.mails) == kept


@pytest.mark.parametrize("fault", SILENT + GONE)
def test_a_break_in_the_middle_of_the_text_is_busy(hasty, fake, another, fault):
    fake.answer("TEXT", fault)
    outcome = hasty.send(another(text="字" * 3_000_000))
    assert outcome.status is Status.BUSY
    assert "text" in outcome.detail
    assert fake.mails == []


@pytest.mark.parametrize("answer", ["hello", "199 hm", "251 not an answer to a text", "354 go on", "999 what"])
def test_nonsense_after_the_final_dot_is_unknown(channel, fake, message, answer):
    fake.answer("DOT", answer)
    assert channel.send(message).status is Status.UNKNOWN


@pytest.mark.parametrize("stage", [stage for stage in BEFORE if stage != "TEXT"])
@pytest.mark.parametrize("answer", ["hello", "199 hm", "299 yes?", "999 what"])
def test_nonsense_before_the_text_is_busy_and_ends_the_connection(channel, fake, message, stage, answer):
    fake.answer(stage, answer, times=1)
    assert channel.send(message).status is Status.BUSY
    assert channel.send(message).status is Status.ACCEPTED
    assert fake.called == 2


def test_a_line_of_the_answer_that_never_ends_is_no_answer(channel, fake, message):
    fake.answer("DOT", "250 " + "x" * 20_000, keep=True)
    assert channel.send(message).status is Status.UNKNOWN


def test_an_answer_of_several_lines_is_one_answer(channel, fake, message):
    fake.answer("CONNECT", "220 welcome\nto this\nserver")
    fake.answer("DOT", "250 2.0.0 fine\nqueued as A1B2C3")
    assert channel.send(message) == Outcome.accepted("A1B2C3")


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
def test_a_documented_no_for_now_is_busy_at_every_stage(either, open_channel, message, stage):
    either.answer(stage, "421 4.3.2 going down")
    assert open_channel(either).send(message).status is Status.BUSY
    assert either.mails == []


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "DOT"])
def test_a_documented_no_concerns_this_mail_alone(either, open_channel, message, stage):
    either.answer(stage, "550 5.6.0 no", times=1)
    channel = open_channel(either)
    outcome = channel.send(message)
    assert (outcome.status, outcome.scope) == (Status.REFUSED, Scope.MESSAGE)
    assert channel.send(message).status is Status.ACCEPTED
    assert either.called == 1, "the connection is good for the next mail"


@pytest.mark.usefixtures("promptly")
def test_a_server_that_lets_a_mail_without_readers_go_ahead_is_left(channel, fake, message):
    fake.answer("RCPT", "550 5.1.1 no such user", times=1)
    fake.answer("DATA", "354 go ahead", times=1)
    assert channel.send(message).reason is Reason.BAD_ADDRESS
    assert channel.send(message).status is Status.ACCEPTED
    assert [mail.connection for mail in fake.mails] == [2]


def test_a_second_try_passes_greylisting(open_channel, message):
    with FakeSmtp(greylisting=True) as fake:
        channel = open_channel(fake)
        first = channel.send(message)
        assert (first.status, first.reason, first.retry_after) == (Status.BUSY, Reason.UNAVAILABLE, 300)
        assert channel.send(message).status is Status.ACCEPTED


def test_a_mail_bigger_than_the_server_takes_is_not_offered(open_channel, another):
    with FakeSmtp(extensions=("SIZE 5000",)) as fake:
        channel = open_channel(fake)
        outcome = channel.send(another(text="字" * 2000))
        assert (outcome.status, outcome.reason) == (Status.REFUSED, Reason.BAD_CONTENT)
        assert fake.asked == 0
        assert channel.send(another(text="字")).status is Status.ACCEPTED


@pytest.mark.parametrize("answer", ["251 forwarded", "252 not verified"])
def test_a_reader_who_is_forwarded_or_not_verified_is_taken(channel, fake, message, answer):
    fake.answer("RCPT", answer)
    assert channel.send(message).status is Status.ACCEPTED


def test_the_answer_to_quit_changes_nothing(channel, fake, message):
    fake.answer("QUIT", "500 what?")
    assert channel.send(message).status is Status.ACCEPTED
    channel.close()
    assert fake.commands[-1] == (1, "QUIT")


@pytest.mark.usefixtures("promptly")
def test_no_answer_to_quit_does_not_hold_anybody_up(channel, fake, message, monkeypatch):
    monkeypatch.setattr("notigate_email.submission._FAREWELL", 0.1)
    fake.answer("QUIT", Fault.SILENCE)
    channel.send(message)
    channel.close()
    assert len(fake.mails) == 1


def test_dots_at_the_start_of_a_line_arrive_as_they_were(channel, fake):
    text = b"Subject: dots\r\n\r\n.\r\n..two\r\n.QUIT\r\n"
    channel._by_new_connection(Mail(sender="care@example.com", recipient="wang@example.com", data=text))
    assert [mail.data for mail in fake.mails] == [text]


@pytest.mark.usefixtures("promptly")
def test_the_long_patience_is_for_the_text_alone(fake, open_channel, message):
    channel = open_channel(fake, read=0.2)
    assert channel.send(message).status is Status.ACCEPTED
    fake.answer("MAIL", Fault.SILENCE)
    assert channel.send(message).status is Status.BUSY


@pytest.mark.usefixtures("promptly")
def test_the_answer_to_the_final_dot_has_a_patience_of_its_own(fake, open_channel, message):
    fake.answer("DOT", Fault.SILENCE)
    assert open_channel(fake, dot_timeout=0.2).send(message).status is Status.UNKNOWN


def test_nobody_listening_is_busy(open_channel, message):
    with FakeSmtp() as fake:
        channel = open_channel(fake)
    assert channel.send(message).status is Status.BUSY


def test_a_host_without_a_name_is_busy(fake, open_channel, message):
    channel = open_channel(fake, host="no-such-host.invalid", security="tls")
    assert channel.send(message) == Outcome.busy(Reason.UNAVAILABLE, "not reached: gaierror")
