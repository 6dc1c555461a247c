"""What the commands of `notigate templates` print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from notigate.cli import tables
from notigate.errors import ExitCode
from notigate.language import _, _n, translate
from notigate.reviews.words import difference

if TYPE_CHECKING:
    from notigate.cli.project import Project
    from notigate.lint import Remark
    from notigate.model import Check
    from notigate.reviews.compare import Compared
    from notigate.reviews.push import Pushed
    from notigate.reviews.words import Part
    from notigate.texts import Listed, Listing

#: states of a provider's copy in plain words
STATES: Mapping[str, str] = {
    "approved": _("approved"),
    "reviewing": _("under review"),
    "rejected": _("rejected"),
    "cancelled": _("withdrawn"),
    "unclear": _("in a state that we do not know"),
    "missing": _("not there at the provider"),
    "no-code": _("not submitted yet, or without a code here"),
    "unasked": _("could not be asked for"),
}
#: what came of submitting
RESULTS: Mapping[str, str] = {
    "approved": _("approved as it is"),
    "reviewing": _("under review"),
    "submitted": _("submitted"),
    "to-submit": _("would be submitted"),
    "refused": _("refused"),
    "unknown": _("unknown"),
    "waits": _("waits for you"),
}
SOURCES: Mapping[str, str] = {
    "project": _("the project"), "plugin": _("a plugin"), "packaged": _("notigate"),
}  # fmt: skip


def show_listings(listings: Sequence[Listing], *, as_json: bool) -> None:
    """Print the occasions."""
    if as_json:
        tables.show_json(_listing(one) for one in listings)
        return
    headings = [_("occasion"), _("title"), _("switched on"), _("from"), _("texts"), _("codes")]
    rows = [
        (one.occasion, one.title, _("yes") if one.switched_on else "", _source(one), _media(one), _copies(one.texts))
        for one in listings
    ]
    tables.show(headings, rows, wraps=(4, 5))


def _source(one: Listing) -> str:
    source = SOURCES[one.source]
    return _("{source}, replaces another").format(source=source) if one.replaces else source


def _media(one: Listing) -> str:
    if one.fault:
        return translate(one.fault)
    media: dict[str, list[str]] = {}
    for text in one.texts:
        media.setdefault(text.medium, []).append(text.locale)
    return "; ".join(f"{medium} {', '.join(locales)}" for medium, locales in media.items())


def _copies(texts: Iterable[Listed]) -> str:
    shown = [
        f"{copy.channel} {text.locale} {copy.code}" + (f" ({STATES.get(copy.state, copy.state)})" if copy.state else "")
        for text in texts
        for copy in text.copies
    ]
    return "; ".join(shown)


def _listing(one: Listing) -> dict[str, object]:
    texts = [
        {
            "medium": text.medium,
            "locale": text.locale,
            "digest": text.digest,
            "codes": [
                {"channel": copy.channel, "code": copy.code, "state": copy.state or None} for copy in text.copies
            ],
        }
        for text in one.texts
    ]
    return {
        "occasion": one.occasion,
        "title": one.title,
        "source": one.source,
        "replaces": one.replaces,
        "on": one.switched_on,
        "fault": str(one.fault) if one.fault else None,
        "texts": texts,
    }


def show_remarks(remarks: Sequence[Remark], project: Project, *, as_json: bool) -> ExitCode:
    """Print what lint says; the exit code for a build."""
    if as_json:
        tables.show_json(_remark(remark) for remark in remarks)
    else:
        for remark in remarks:
            severity = _("error") if remark.severity == "error" else _("warning")
            line = f"{remark.where}: {severity}: {translate(remark)} [{remark.rule}]"
            click.echo(tables.printable(line))
        project.say(_sum(remarks))
    return ExitCode.CONFIGURATION if any(remark.severity == "error" for remark in remarks) else ExitCode.DONE


def _remark(remark: Remark) -> dict[str, object]:
    return {
        "severity": remark.severity,
        "rule": remark.rule,
        "occasion": remark.occasion,
        "file": remark.file,
        "line": remark.line,
        "message": str(remark),
    }


def _sum(remarks: Sequence[Remark]) -> str:
    errors = sum(remark.severity == "error" for remark in remarks)
    if not remarks:
        return _("Nothing to say against these texts.")
    told = _n("{n} error", "{n} errors", errors).format(n=errors)
    warnings = len(remarks) - errors
    return f"{told}, " + _n("{n} warning", "{n} warnings", warnings).format(n=warnings)


def show_differences(
    compared: Sequence[Compared], checks: Sequence[tuple[str, Check]], project: Project, *, as_json: bool
) -> ExitCode:
    """Print texts beside their approved copies; the exit code tells whether all could go out."""
    if as_json:
        tables.show_json([*map(_difference, compared), *(_check(name, check) for name, check in checks)])
    else:
        for name, check in checks:
            click.echo(tables.printable(f"{name}: {check.name}: {check.detail} – {check.advice}"))
        for one in compared:
            for line in _lines(one):
                click.echo(line)
        project.say(_stand(compared))
    return ExitCode.DONE if all(one.stands for one in compared) and not checks else ExitCode.SOME_FAILED


def _stand(compared: Sequence[Compared]) -> str:
    if not compared:
        return _("No channel here has a provider that reviews texts, or nothing is switched on.")
    standing = sum(one.stands for one in compared)
    return _("{standing} of {n} texts can go out as they are.").format(standing=standing, n=len(compared))


def _lines(one: Compared) -> Iterator[str]:
    shown = STATES.get(one.state, one.state)
    if one.state == "approved" and not one.same:
        shown = _("approved with other words")
    head = f"{one.occasion} · {one.locale} · {one.channel}" + (f" · {one.code}" if one.code else "")
    yield tables.printable(f"{head}: {shown}")
    if one.theirs and not one.same:
        yield "    " + "".join(_part(part) for part in difference(one.theirs, one.ours))
    for note in one.notes:
        yield "    " + tables.printable(translate(note))


def _part(part: Part) -> str:
    words = tables.printable(part.words)
    if part.kind == " ":
        return words
    marked = f"[-{words}-]" if part.kind == "-" else f"{{+{words}+}}"
    return click.style(marked, fg="red" if part.kind == "-" else "green") if tables.in_colour() else marked


def _difference(one: Compared) -> dict[str, object]:
    parts = difference(one.theirs, one.ours) if one.theirs and not one.same else ()
    return {
        "channel": one.channel,
        "occasion": one.occasion,
        "locale": one.locale,
        "code": one.code or None,
        "state": one.state,
        "same": one.same,
        "ours": one.ours,
        "theirs": one.theirs or None,
        "difference": [[part.kind, part.words] for part in parts],
        "notes": [str(note) for note in one.notes],
    }


def _check(name: str, check: Check) -> dict[str, object]:
    return {"channel": name, "check": check.name, "detail": check.detail, "advice": check.advice}


def show_pushed(pushed: Iterable[Pushed], project: Project, *, as_json: bool) -> ExitCode:
    """Print what came of each text as it comes; the exit code tells whether a person must look."""
    well = True
    for one in pushed:
        well = well and one.well
        if as_json:
            tables.show_json([_pushed(one)])
            continue
        head = f"{one.occasion} · {one.locale} · {one.channel}" + (f" · {one.code}" if one.code else "")
        told = f": {translate(one.told)}" if one.told else ""
        click.echo(tables.printable(f"{head}: {RESULTS[one.result]}{told}"))
        if one.to_settings:
            project.say(_advice(one))
    return ExitCode.DONE if well else ExitCode.SOME_FAILED


def _advice(one: Pushed) -> str:
    if one.result == "to-submit":
        return _("    notigate.yaml names its code; the new one will have to be written there")
    line = f"channels: {{{one.channel}: {{templates: {{{one.occasion}: {{{one.locale}: {one.code}}}}}}}}}"
    return _("    notigate.yaml names another code; when it is approved, write: {line}").format(line=line)


def _pushed(one: Pushed) -> dict[str, object]:
    return {
        "channel": one.channel,
        "occasion": one.occasion,
        "locale": one.locale,
        "result": one.result,
        "code": one.code or None,
        "detail": str(one.told) if one.told else None,
    }
