"""`notigate approvals`: what waits for an approval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from notigate.cli.pages import Command, examples
from notigate.cli.project import Project, pass_project
from notigate.language import _

if TYPE_CHECKING:
    from datetime import tzinfo

    from notigate.approvals import Batch, Said
    from notigate.gateway import Gateway
    from notigate.model import Delivery

#: of a digest, what a person compares
SHORT = 12


@click.command(
    cls=Command,
    help=_(
        "Show what waits for an approval: how many messages, when, at what cost, who is left out and why, and the first "
        "texts. Of one BATCH: every message of it, and every word that was said on it."
    ),
    epilog=examples(
        {
            "notigate approvals": _("what waits"),
            "notigate approvals holiday/mid-autumn": _("all of it"),
            "notigate approve holiday/mid-autumn": _("let a batch go"),
            "notigate refuse holiday/mid-autumn": _("call it off"),
        }
    ),
)
@click.argument("batch", required=False)
@click.option("--all", "every", is_flag=True, help=_("Also those that were approved, refused, let go or missed."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@pass_project
def approvals(project: Project, *, batch: str | None, every: bool, as_json: bool) -> None:
    """Run the command."""
    from notigate.cli import tables  # noqa: PLC0415 - no help page waits for it

    with project.open() as gateway:
        if batch is not None:
            _show_whole(gateway, batch, as_json=as_json)
            return
        batches, zone = gateway.approvals(every=every), gateway.settings.timezone
    if as_json:
        tables.show_json(as_json_line(one, zone) for one in batches)
    elif batches:
        _show(batches, zone)
        project.say(_("Let a batch go with notigate approve BATCH, call it off with notigate refuse BATCH."))
    else:
        project.say(_("Nothing waits for an approval."))


def as_json_line(batch: Batch, zone: tzinfo) -> dict[str, object]:
    """The object of `approvals --json`."""
    return {
        "batch": batch.name,
        "occasion": batch.occasion,
        "day": batch.day.isoformat(),
        "number": batch.channels.total(),
        "channels": dict(batch.channels),
        "example": _text(batch.examples[0]) if batch.examples else "",
        "state": batch.state.value,
        "rule": batch.rule,
        "opens": batch.opens.astimezone(zone).isoformat(timespec="minutes"),
        "closes": batch.closes.astimezone(zone).isoformat(timespec="minutes") if batch.closes else None,
        "segments": batch.parts,
        "cost": {cost.currency: str(cost.amount) for cost in batch.costs},
        "left_out": {rule: one.number for rule, one in batch.left_out.items()},
        "author": batch.author,
        "drafted_at": batch.drafted_at.astimezone(zone).isoformat(timespec="seconds"),
        "digest": batch.digest,
    }


def _show(batches: Sequence[Batch], zone: tzinfo) -> None:
    from notigate.cli import tables  # noqa: PLC0415 - as in approvals
    from notigate.words import stage  # noqa: PLC0415 - as in approvals

    if not tables.on_terminal():
        headings = [
            _("batch"), _("day"), _("number"), _("channel"), _("opens"), _("SMS"), _("cost"), _("author"), _("state"),
            _("left out"), _("digest"), _("for example"),
        ]  # fmt: skip
        tables.show(headings, (_row(batch, zone) for batch in batches))
        return
    for batch in batches:
        tables.show_notes([(f"{batch.name}  {stage(batch.state)}", "\n".join(_told(batch, zone)))])
        click.echo()


def _row(batch: Batch, zone: tzinfo) -> list[object]:
    from notigate.words import stage  # noqa: PLC0415 - as in approvals

    return [
        batch.name, batch.day.isoformat(), batch.channels.total(), _channels(batch),
        f"{batch.opens.astimezone(zone):%m-%d %H:%M}", batch.parts, _money(batch), batch.author, stage(batch.state),
        "; ".join(_left_out(batch)), batch.digest[:SHORT], _text(batch.examples[0]) if batch.examples else "",
    ]  # fmt: skip


def _told(batch: Batch, zone: tzinfo) -> Iterator[str]:
    """A batch in sentences: how many, when, at what cost; who is left out; the first texts."""
    from notigate.words import why  # noqa: PLC0415 - as in approvals

    opens = f"{batch.opens.astimezone(zone):%Y-%m-%d %H:%M}"
    closes = f"–{batch.closes.astimezone(zone):%H:%M}" if batch.closes else ""
    parts = _("{parts} SMS parts").format(parts=batch.parts) if batch.parts else ""
    yield "  ".join(told for told in (f"{opens}{closes}", _channels(batch), parts, _money(batch)) if told)
    told = _("drafted {when} by {author}; {why}; digest {digest}")
    when = f"{batch.drafted_at.astimezone(zone):%m-%d %H:%M}"
    yield told.format(when=when, author=batch.author, why=why(batch.rule), digest=batch.digest[:SHORT])
    for one in _left_out(batch):
        yield _("left out: {who}").format(who=one)
    for delivery in batch.examples:
        yield f"{delivery.person}: {_text(delivery)}"


def _channels(batch: Batch) -> str:
    return ", ".join(f"{channel} {n}" for channel, n in batch.channels.items())


def _money(batch: Batch) -> str:
    return ", ".join(map(str, batch.costs))


def _left_out(batch: Batch) -> list[str]:
    from notigate.words import named, why  # noqa: PLC0415 - as in approvals

    return [f"{one.number} {why(rule)} ({named(one.people, one.number)})" for rule, one in batch.left_out.items()]


def _text(delivery: Delivery) -> str:
    """What the reader sees, without their own address."""
    from notigate.address import mask  # noqa: PLC0415 - as in approvals

    if delivery.content is None:
        return ""
    whole = "\n".join(part for part in (delivery.content.subject, delivery.content.text) if part)
    return whole.replace(delivery.to, mask(delivery.to)) if delivery.to else whole


def _show_whole(gateway: Gateway, name: str, *, as_json: bool) -> None:
    """Every message of one batch, streamed."""
    from notigate.cli import tables  # noqa: PLC0415 - as in approvals
    from notigate.words import stage  # noqa: PLC0415 - as in approvals

    batch, members, said = gateway.batch(name)
    zone = gateway.settings.timezone
    if as_json:
        tables.show_json(_member(batch, delivery) for delivery in members)
        return
    if not tables.on_terminal():
        rows = (list(_member(batch, delivery).values())[1:] for delivery in members)
        tables.show(["delivery", "person", "channel", "to", "locale", "state", "text"], rows)
        return
    shown = replace(batch, examples=())
    tables.show_notes([(f"{batch.name}  {stage(batch.state)}", "\n".join(_told(shown, zone)))])
    tables.show_notes(_notes(members))
    tables.show_notes([("", "\n".join(_words(said, zone)))])


def _member(batch: Batch, delivery: Delivery) -> Mapping[str, object]:
    from notigate.address import mask  # noqa: PLC0415 - as in approvals

    return {
        "batch": batch.name,
        "delivery": delivery.id,
        "person": delivery.person,
        "channel": delivery.channel,
        "to": mask(delivery.to),
        "locale": delivery.locale,
        "state": delivery.state.value,
        "text": _text(delivery),
    }


def _notes(members: Iterable[Delivery]) -> Iterator[tuple[str, str]]:
    from notigate.address import mask  # noqa: PLC0415 - as in approvals

    for delivery in members:
        yield f"{delivery.person}  {mask(delivery.to)}  {delivery.channel}  {delivery.locale}", _text(delivery)


def _words(said: Sequence[Said], zone: tzinfo) -> Iterator[str]:
    """What was said on it, and by whom."""
    from notigate.words import stage  # noqa: PLC0415 - as in approvals

    for one in said:
        at, because = f"{one.at.astimezone(zone):%m-%d %H:%M}", f": {one.because}" if one.because else ""
        login = f" ({one.login})" if one.login not in ("", one.who) else ""
        yield f"{at}  {stage(one.word)}  {one.who}{login}  {one.digest[:SHORT]}{because}"
