"""Connections are kept: a handshake and a login for many mails."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from notigate.plugin import Status
from notigate.testing.smtp import FakeSmtp, Fault
from notigate_email.submission import MOST_MAILS


def test_many_mails_take_one_connection(channel, fake, another):
    for number in range(5):
        assert channel.send(another(id=f"m-{number}")).status is Status.ACCEPTED
    assert fake.called == 1


def test_a_worn_connection_is_replaced(channel, fake, message):
    for _ in range(MOST_MAILS + 1):
        channel.send(message)
    assert [mail.connection for mail in fake.mails] == [1] * MOST_MAILS + [2]
    assert (1, "QUIT") in fake.commands


def test_an_old_connection_is_replaced(channel, fake, message, clock):
    channel.send(message)
    clock.forward(minutes=6)
    channel.send(message)
    assert [mail.connection for mail in fake.mails] == [1, 2]


def test_after_a_pause_a_look_comes_first(channel, fake, message, clock):
    channel.send(message)
    clock.forward(seconds=30)
    channel.send(message)
    assert (1, "NOOP") in fake.commands
    assert fake.called == 1


@pytest.mark.parametrize("answer", ["421 4.4.2 idle for too long", "500 what?", Fault.DROP, Fault.CUT])
def test_a_connection_that_fails_the_look_is_replaced(channel, fake, message, clock, answer):
    channel.send(message)
    clock.forward(seconds=30)
    fake.answer("NOOP", answer)
    assert channel.send(message).status is Status.ACCEPTED
    assert [mail.connection for mail in fake.mails] == [1, 2]


@pytest.mark.parametrize("answer", ["421 4.4.2 too many mails", Fault.DROP, Fault.CUT])
@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
def test_a_kept_connection_that_was_cut_is_replaced_in_the_same_call(open_channel, message, answer, extensions):
    with FakeSmtp(extensions=extensions) as fake:
        channel = open_channel(fake)
        channel.send(message)
        fake.answer("MAIL", answer, times=1)
        assert channel.send(message).status is Status.ACCEPTED
        assert [mail.connection for mail in fake.mails] == [1, 2]


def test_it_is_replaced_once_only(channel, fake, message):
    channel.send(message)
    fake.answer("MAIL", Fault.DROP)
    assert channel.send(message).status is Status.BUSY
    assert fake.called == 2


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "TEXT"])
def test_a_cut_later_than_mail_is_not_tried_again(channel, fake, message, stage):
    channel.send(message)
    fake.answer(stage, Fault.DROP)
    channel.send(message)
    assert fake.called == 1


def test_a_server_that_counts_mails_loses_none(open_channel, another):
    with FakeSmtp(mails_per_connection=2) as fake:
        channel = open_channel(fake)
        assert {channel.send(another(id=f"m-{number}")).status for number in range(5)} == {Status.ACCEPTED}
        assert [mail.connection for mail in fake.mails] == [1, 1, 2, 2, 3]


def test_each_thread_has_a_connection_of_its_own(channel, fake, another):
    gate = Barrier(3)

    def send(number):
        gate.wait()
        return [channel.send(another(id=f"m-{number}-{turn}", to=f"reader{number}@example.com")) for turn in range(4)]

    with ThreadPoolExecutor(3) as threads:
        outcomes = [outcome for batch in threads.map(send, range(3)) for outcome in batch]
    assert {outcome.status for outcome in outcomes} == {Status.ACCEPTED}
    assert len({mail.message["Message-ID"] for mail in fake.mails}) == 12
    assert fake.called <= 3


def test_close_says_good_bye_and_the_channel_can_go_on(channel, fake, message):
    channel.send(message)
    channel.close()
    assert fake.commands[-1] == (1, "QUIT")
    assert channel.send(message).status is Status.ACCEPTED
