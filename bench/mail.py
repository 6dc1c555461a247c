"""Mails a second: the email channel against smtplib with EmailMessage on a kept connection, to the same server.

python bench/mail.py [MAILS] [ROUNDS]

The server is notigate's own fake in a process of its own, without TLS and login; notigate pipelines, as that server
offers it. Both send the same Chinese subject and text, in turns. Prints rates, processor time of our side, and ratios.
"""

from __future__ import annotations

import resource
import smtplib
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import requests

from notigate.plugin import Category, Message, Status, Tools
from notigate.testing.smtp import FakeSmtp
from notigate_email.channel import EmailChannel
from notigate_email.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBJECT = "中秋快乐，青年城给您送祝福"
TEXT = "尊敬的王女士：\n\n中秋佳节将至，青年城全体同事祝您和家人团圆安康。如有任何需要，请致电 400-600-0000。\n" * 4


def serve(pipe: Connection) -> None:
    with FakeSmtp() as fake:
        pipe.send(fake.port)
        pipe.recv()
        pipe.send(len(fake.mails))


@contextmanager
def server() -> Iterator[tuple[int, Connection]]:
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=serve, args=(there,))
    process.start()
    yield here.recv(), here
    process.join()


def by_smtplib(port: int, count: int) -> None:
    with smtplib.SMTP("localhost", port, local_hostname="example.com", timeout=10) as client:
        for number in range(count):
            mail = EmailMessage()
            mail["Subject"] = SUBJECT
            mail["From"] = "青年城 <care@example.com>"
            mail["To"] = f"reader{number}@example.com"
            mail["Date"] = format_datetime(datetime.now(UTC))
            mail["Message-ID"] = make_msgid(domain="example.com")
            mail.set_content(TEXT)
            client.send_message(mail)


def by_notigate(port: int, count: int) -> None:
    settings = Settings(host="localhost", port=port, security="none", sender="青年城 <care@example.com>")
    tools = Tools(session=requests.Session, now=lambda: datetime.now(UTC))
    channel = EmailChannel(settings, tools)
    for number in range(count):
        message = Message(
            id=f"m-{number}",
            reference=f"r-{number}",
            occasion="holiday/mid-autumn",
            category=Category.CARE,
            medium="email",
            to=f"reader{number}@example.com",
            locale="zh_Hans",
            subject=SUBJECT,
            text=TEXT,
        )
        if channel.send(message).status is not Status.ACCEPTED:
            sys.exit("a mail was not accepted")
    channel.close()


def timed(send: Callable[[int, int], None], port: int, count: int) -> tuple[float, float]:
    """Mails a second, and microseconds of our processor a mail."""
    started, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    send(port, count)
    now = resource.getrusage(resource.RUSAGE_SELF)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return count / (time.perf_counter() - started), cpu / count * 1e6


def spread(values: list[float], form: str) -> str:
    median, least, most = statistics.median(values), min(values), max(values)
    return f"{median:{form}} [{least:{form}}–{most:{form}}]"


def main(count: int = 500, rounds: int = 7) -> None:
    ways = {"smtplib + EmailMessage": by_smtplib, "notigate email": by_notigate}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    costs: dict[str, list[float]] = {name: [] for name in ways}
    with server() as (port, pipe):
        for send in ways.values():
            send(port, 20)
        for _ in range(rounds):
            for name, send in ways.items():
                rate, cost = timed(send, port, count)
                rates[name].append(rate)
                costs[name].append(cost)
        pipe.send("done")
        taken = pipe.recv()
    if taken != len(ways) * (count * rounds + 20):
        sys.exit("mails were lost")
    for name in ways:
        print(f"{name:24} {spread(rates[name], ',.0f')} mails/s   {spread(costs[name], ',.0f')} µs of processor a mail")
    old, new = ways
    faster = [ours / theirs for ours, theirs in zip(rates[new], rates[old], strict=True)]
    cheaper = [theirs / ours for ours, theirs in zip(costs[new], costs[old], strict=True)]
    ratio = f"{spread(faster, '.1f')} × the rate, {spread(cheaper, '.1f')} × less processor"
    print(f"{'ratio':24} {ratio}; {rounds} rounds of {count}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
