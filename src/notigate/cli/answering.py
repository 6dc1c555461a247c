"""What an answer about a new project must be, whether an option brings it or the interview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from notigate.errors import UsageError
from notigate.language import OURS, _
from notigate.sample.answers import USUAL, Answers, complete

#: what stands in brackets
PACKAGED = Answers()


def pairs(told: Sequence[str]) -> dict[str, dict[str, str]]:
    """`email.host=smtp.example.com` … as channel → key → value."""
    found: dict[str, dict[str, str]] = {}
    for text in told:
        place, equals, value = text.partition("=")
        channel, dot, key = place.partition(".")
        if not (equals and dot and key and channel in USUAL):
            # What stands behind a wrong key may be a secret.
            raise UsageError("--set: write CHANNEL.KEY=VALUE, such as email.host=smtp.example.com")
        found.setdefault(channel, {})[key] = value
    return found


def taken(folder: Path, known: Mapping[str, Any], keys: Mapping[str, Mapping[str, str]]) -> Answers:
    """What the options say, for those who cannot be asked.

    Raises:
        UsageError: it does not do; nothing was made.
        AudienceError: the roster cannot be read.
    """
    said = dict(known)
    zone(said.get("timezone", PACKAGED.timezone))
    if "roster" in said:
        said["roster"] = placed(folder, said["roster"])
        show_headings(known["roster"])
    if unused := keys.keys() - set(said.get("channels", ())):
        raise UsageError("--set {channel}.…: say --channel {channel}, too", channel=min(unused))
    name = str(said.get("name", PACKAGED.name))
    said["channels"] = {one: complete(one, keys.get(one, {}), name) for one in said.get("channels", ())}
    return Answers(**said)


def plain(text: str) -> str:
    """Any text; empty for `-`."""
    return "" if text == "-" else text


def zone(text: str) -> str:
    """A time zone that there is."""
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise UsageError("{zone} is no time zone; write one such as Asia/Shanghai", zone=text) from None
    return text


def locale(text: str) -> str:
    """A language that we write in."""
    if text not in OURS:
        raise UsageError("choose from {known}", known=", ".join(OURS))
    return text


def which(text: str) -> list[str]:
    """Channels of the usual ones; none for `-`."""
    names = [] if text == "-" else list(dict.fromkeys(text.replace(",", " ").replace("，", " ").split()))
    for name in names:
        if name not in USUAL:
            raise UsageError(
                "there is no usual channel {channel!r}; choose from {known}", channel=name, known=", ".join(USUAL)
            )
    return names


def only(text: str) -> tuple[str, ...]:
    """Whom alone a trial writes to; nobody for `-`."""
    from notigate.address import Fault, recognise  # noqa: PLC0415 - where there is a trial

    if text == "-":
        return ()
    found = recognise(text)
    # A slip such as `y` would do as a WeCom id, and then nobody would get anything.
    if isinstance(found, Fault) or found[0] == "wecom":
        raise UsageError("this is neither a phone number nor a mail address")
    return (found[1],)


def show_headings(file: Path) -> None:
    """Show which column is read as what, and how many people there are.

    Raises:
        AudienceError: it cannot be read.
    """
    from notigate import audience, settings  # noqa: PLC0415 - where there is a roster

    if not file.is_file():
        raise UsageError("there is no file {file}", file=file)
    checkup = audience.checked(settings.Roster(file=file.absolute()), Path.cwd())
    unread = _("not read")
    for column in checkup.columns:
        click.echo(f"  {column.heading} → {column.name or unread}", err=True)
    for _finding in checkup:
        pass
    told = _(
        "{file}: rows {rows}, people {people}; rows that cannot be used {faulty}, people not to be reached {unreachable}"
    )
    click.echo(told.format(
        file=checkup.name, people=checkup.people, rows=checkup.rows, faulty=checkup.faulty, unreachable=checkup.unreachable,
    ), err=True)  # fmt: skip


def placed(folder: Path, file: Path) -> Path:
    """As settings name it: what lies in the project's folder by its name, everything else from the root."""
    file = file.absolute()
    with suppress(ValueError):
        return file.relative_to(folder.absolute())
    return file
