"""The questions of `notigate init`, in the order in which one thinks of them; nothing is written before the last is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from notigate.cli.answering import PACKAGED, locale, only, placed, plain, show_headings, which, zone
from notigate.errors import NotigateError
from notigate.language import _, translate
from notigate.sample.answers import USUAL, Answers, Key, complete, reference, usual, written

T = TypeVar("T")

#: what the questions are called, and the options that answer them before they are asked
ASKED: Mapping[str, str] = {
    "name": _("What is the project called? The name stands in every text"),
    "hotline": _("Which number may readers call?"),
    "city": _("In which city is it? For warnings of the weather; - for none"),
    "timezone": _("In which time zone?"),
    "locale": _("In which language do you write to readers who ask for no other? zh_Hans, zh_Hant or en"),
}


def ask(folder: Path, known: Mapping[str, Any], keys: Mapping[str, Mapping[str, str]]) -> Answers:
    """Ask for all that the options do not say.

    Raises:
        click.Abort: they had enough (Ctrl-C), or said no.
    """
    _tell(
        _(
            "A new project in {folder}. Enter takes what stands in brackets; Ctrl-C ends it, and nothing is made."
        ).format(folder=folder)
    )
    said: dict[str, Any] = {key: known.get(key) or _asked(key, question) for key, question in ASKED.items()}
    channels = known.get("channels") or _again(which, _("By what do messages go? sms, email, wecom, group, several with "
                                                         "blanks between; - for none yet: they become files"), "-")  # fmt: skip
    said["channels"] = {one: _channel(one, keys.get(one, {}), said["name"]) for one in channels}
    said["roster"] = known.get("roster") or _roster()
    if said["roster"]:
        said["roster"] = placed(folder, said["roster"])
    said["only"] = known.get("only") or _again(only, _("Your own phone number or mail address, for a trial in which nobody else "
                                                       "gets anything; - for none"), "-")  # fmt: skip
    answers = Answers(**said)
    _tell("\n" + written_in_short(answers))
    click.confirm(_("Make it?"), default=True, abort=True, err=True)
    return answers


def written_in_short(answers: Answers) -> str:
    """The settings that were answered, without the remarks."""
    lines = (line.partition("  #")[0].rstrip() for line in written(answers).splitlines())
    return "\n".join(f"  {line}" for line in lines if line and not line.lstrip().startswith("#"))


def _asked(key: str, question: str) -> str:
    checks = {"timezone": zone, "locale": locale}
    default = getattr(PACKAGED, key) if key in checks else "-" if key == "city" else None
    return _again(checks.get(key, plain), question, default)


def _again(check: Callable[[str], T], question: str, default: str | None = None) -> T:
    """Ask until the answer does; what is wrong with one is told."""
    while True:
        text = click.prompt(question, default=default, err=True, show_default=default not in (None, "-"))
        try:
            return check(str(text).strip())
        except NotigateError as fault:
            _tell(translate(fault))


def _channel(name: str, told: Mapping[str, str], project: str) -> dict[str, str]:
    """The keys of one channel; what was told by options is not asked."""
    found = {"name": project}
    for key in USUAL[name][1]:
        found[key.name] = told.get(key.name) or _key(name, key, found)
    del found["name"]
    return complete(name, found, project)


def _key(channel: str, key: Key, found: Mapping[str, str]) -> str:
    what = f"{channel}.{key.name}"
    if not key.variable:
        return _again(plain, what, usual(key, found) or None)
    question = _("{what} is a secret. Where is it kept? env:NAME or file:PATH").format(what=what)
    return _again(lambda text: reference(text, what), question, f"env:{key.variable}")


def _roster() -> Path | None:
    while True:
        text = click.prompt(
            _("Where are the customers? A file (.csv, .xlsx, .xls, .ods) as your system exports it; - for an empty one to fill"),
            default="-", err=True, show_default=False,
        )  # fmt: skip
        if text.strip() == "-":
            return None
        file = Path(text.strip()).expanduser()
        try:
            show_headings(file)
        except NotigateError as fault:
            _tell(translate(fault))
            continue
        if click.confirm(_("Take it?"), default=True, err=True):
            return file


def _tell(text: str) -> None:
    click.echo(text, err=True)
