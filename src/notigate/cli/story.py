"""One delivery's story, as a person reads it and as a program does."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from notigate.address import mask
from notigate.cli import deliveries, tables
from notigate.language import _, _n
from notigate.words import cause, state, why

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from notigate.ledger.history import Story, Try


def show(story: Story, zone: ZoneInfo) -> None:
    """Print it: what it is, each change, each request, and where it stands."""
    d = story.delivery
    click.echo(_("Delivery {id}: {occasion} for {day}").format(id=d.id, occasion=d.occasion, day=d.day))
    click.echo(tables.printable(_("to {person}, {address}, by {channel}").format(
        person=d.person, address=mask(d.to) or "–", channel=d.channel or "–"
    )))  # fmt: skip
    click.echo()
    for event in story.events:
        click.echo(tables.printable(f"{_time(event.at, zone)}  {state(event.state)} ({cause(event.cause)})"))
    for one in story.tries:
        click.echo(tables.printable(_told(one, zone)))
    click.echo()
    reason = why(d.reason, d.detail)
    click.echo(
        tables.printable(_("Now: {state}").format(state=f"{state(d.state)} ({reason})" if reason else state(d.state)))
    )


def _told(one: Try, zone: ZoneInfo) -> str:
    said = ": ".join(filter(None, [one.reason or one.status, one.detail]))
    answer = cause(said) or _("no answer was recorded")
    told = _("request {number} at {time}: {answer}").format(
        number=one.number, time=_time(one.started, zone), answer=answer
    )
    if one.ended:
        told += " · " + _("after {seconds} s").format(seconds=f"{(one.ended - one.started).total_seconds():.1f}")
    if one.provider_id:
        told += " · " + _("the provider calls it {id}").format(id=one.provider_id)
    told += " · " + _("our reference {reference}").format(reference=one.reference)
    if one.company > 1:
        told += " · " + _n("with {n} other", "with {n} others", one.company - 1).format(n=one.company - 1)
    return told


def as_json(story: Story, zone: ZoneInfo) -> dict[str, object]:
    """The object of `log DELIVERY --json`: that of `log --json`, with `events` and `tries`."""
    return {
        **deliveries.as_json(story.delivery, zone),
        "events": [
            {"at": event.at.astimezone(zone).isoformat(timespec="seconds"), "state": event.state, "cause": event.cause}
            for event in story.events
        ],
        "tries": [
            {
                "number": one.number, "started": one.started.isoformat(timespec="milliseconds"),
                "ended": one.ended.isoformat(timespec="milliseconds") if one.ended else None, "status": one.status,
                "reason": one.reason, "detail": one.detail, "provider_id": one.provider_id, "reference": one.reference,
                "company": one.company,
            }
            for one in story.tries
        ],
    }  # fmt: skip


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"
