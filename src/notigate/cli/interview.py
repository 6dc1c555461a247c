"""The questions of `notigate init`, in the order in which one thinks of them; nothing is written before the last is answered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from notigate.errors import NotigateError, UsageError
from notigate.language import _, translate
from notigate.sample.answers import USUAL, Answers, Key, complete, reference, usual, written

if TYPE_CHECKING:
    from notigate.cli.project import Project

T = TypeVar("T")

#: what the questions are called, and the options that answer them before they are asked
ASKED: Mapping[str, str] = {
    "name": _("What is the project called? The name stands in every text"),
    "hotline": _("Which number may readers call?"),
    "city": _("In which city is it? For warnings of the weather; - for none"),
    "timezone": _("In which time zone?"),
    "locale": _("In which language do you write to readers who ask for no other? zh_Hans, zh_Hant or en"),
}
#: of the occasions that every project begins with, the one that anybody may get on any day
FIRST = "service/birthday"
#: what stands in brackets
PACKAGED = Answers()
LOCALES = ("zh_Hans", "zh_Hant", "en")


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
    _zone(said.get("timezone", PACKAGED.timezone))
    if "roster" in said:
        said["roster"] = _placed(folder, said["roster"])
        _headings(known["roster"])
    if unused := keys.keys() - set(said.get("channels", ())):
        raise UsageError("--set {channel}.…: say --channel {channel}, too", channel=min(unused))
    name = str(said.get("name", PACKAGED.name))
    said["channels"] = {one: complete(one, keys.get(one, {}), name) for one in said.get("channels", ())}
    return Answers(**said)


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
    channels = known.get("channels") or _again(_which, _("By what do messages go? sms, email, wecom, group, several with "
                                                         "blanks between; - for none yet: they become files"), "-")  # fmt: skip
    said["channels"] = {one: _channel(one, keys.get(one, {}), said["name"]) for one in channels}
    said["roster"] = known.get("roster") or _roster()
    if said["roster"]:
        said["roster"] = _placed(folder, said["roster"])
    said["only"] = known.get("only") or _again(_only, _("Your own phone number or mail address, for a trial in which nobody else "
                                                       "gets anything; - for none"), "-")  # fmt: skip
    answers = Answers(**said)
    _tell("\n" + written_in_short(answers))
    click.confirm(_("Make it?"), default=True, abort=True, err=True)
    return answers


def trial(project: Project, folder: Path, address: str) -> None:
    """Offer a first message to oneself; what comes of it is told, and no reason not to have a project."""
    from notigate.cli.outcome import show_run  # noqa: PLC0415 - for those who want one
    from notigate.gateway import Gateway  # noqa: PLC0415 - as above

    try:
        if not click.confirm(
            "\n" + _("Send {occasion} to {address} now?").format(occasion=FIRST, address=address), err=True
        ):
            return
        with Gateway.open(folder) as gateway:
            show_run(gateway.send(FIRST, to=address), project, as_json=False)
    except NotigateError as fault:
        _tell(translate(fault))
    except click.Abort:
        _tell("")


def next_steps(folder: Path, answers: Answers | None) -> Iterator[str]:
    """What to do with the new project, in this order."""
    if answers is None or not (answers.channels or answers.roster):
        yield _("notigate -C {folder} send --due: write what is due into {folder}/outbox").format(folder=folder)
        return
    for variable in _missing(answers):
        yield _("put the secret into the environment: {variable}").format(variable=variable)
    yield _("notigate -C {folder} doctor: is all there, and does each provider let us in?").format(folder=folder)
    if answers.roster is None:
        yield _("fill {folder}/customers.csv").format(folder=folder)
    else:
        yield _("notigate -C {folder} roster check: which rows cannot be used").format(folder=folder)
    yield _("notigate -C {folder} plan --days 7: who would get what").format(folder=folder)
    if answers.only:
        yield _("notigate -C {folder} send {occasion} --to {address}: a first message").format(
            folder=folder, occasion=FIRST, address=answers.only[0]
        )
        yield _("when the trial is over, take `only` out of notigate.yaml")
    yield _("notigate -C {folder} cron: the lines that let it run by itself").format(folder=folder)


def written_in_short(answers: Answers) -> str:
    """The settings that were answered, without the remarks."""
    lines = (line.partition("  #")[0].rstrip() for line in written(answers).splitlines())
    return "\n".join(f"  {line}" for line in lines if line and not line.lstrip().startswith("#"))


def _asked(key: str, question: str) -> str:
    checks = {"timezone": _zone, "locale": _locale}
    default = getattr(PACKAGED, key) if key in checks else "-" if key == "city" else None
    return _again(checks.get(key, _plain), question, default)


def _again(check: Callable[[str], T], question: str, default: str | None = None) -> T:
    """Ask until the answer does; what is wrong with one is told."""
    while True:
        text = click.prompt(question, default=default, err=True, show_default=default not in (None, "-"))
        try:
            return check(str(text).strip())
        except NotigateError as fault:
            _tell(translate(fault))


def _plain(text: str) -> str:
    return "" if text == "-" else text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise UsageError("{zone} is no time zone; write one such as Asia/Shanghai", zone=text) from None
    return text


def _locale(text: str) -> str:
    if text not in LOCALES:
        raise UsageError("choose from {known}", known=", ".join(LOCALES))
    return text


def _which(text: str) -> list[str]:
    names = [] if text == "-" else list(dict.fromkeys(text.replace(",", " ").replace("，", " ").split()))
    for name in names:
        if name not in USUAL:
            raise UsageError(
                "there is no usual channel {channel!r}; choose from {known}", channel=name, known=", ".join(USUAL)
            )
    return names


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
        return _again(_plain, what, usual(key, found) or None)
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
            _headings(file)
        except NotigateError as fault:
            _tell(translate(fault))
            continue
        if click.confirm(_("Take it?"), default=True, err=True):
            return file


def _headings(file: Path) -> None:
    """Show which column is read as what, and how many people there are.

    Raises:
        AudienceError: it cannot be read.
    """
    from notigate import audience, settings  # noqa: PLC0415 - where there is a roster

    if not file.is_file():
        raise UsageError("there is no file {file}", file=file)
    checkup = audience.checked(settings.Roster(file=file.absolute()), Path.cwd())
    for column in checkup.columns:
        _tell(f"  {column.heading} → {column.name or _('not read')}")
    for _finding in checkup:
        pass
    _tell(_("{file}: {people} people in {rows} rows; {faulty} rows cannot be used, {unreachable} people cannot be reached").format(
        file=checkup.name, people=checkup.people, rows=checkup.rows, faulty=checkup.faulty, unreachable=checkup.unreachable,
    ))  # fmt: skip


def _placed(folder: Path, file: Path) -> Path:
    """As settings name it: what lies in the project's folder by its name, everything else from the root."""
    file = file.absolute()
    with suppress(ValueError):
        return file.relative_to(folder.absolute())
    return file


def _only(text: str) -> tuple[str, ...]:
    from notigate.address import Fault, recognise  # noqa: PLC0415 - as above

    if text == "-":
        return ()
    found = recognise(text)
    if isinstance(found, Fault):
        raise UsageError("this is neither a phone number nor a mail address")
    return (found[1],)


def _missing(answers: Answers) -> list[str]:
    """Variables of the environment that hold nothing yet."""
    values = [value for keys in answers.channels.values() for value in keys.values()]
    names = [value[6:-1] for value in values if value.startswith("${env:")]
    return [name for name in names if not os.environ.get(name)]


def _tell(text: str) -> None:
    click.echo(text, err=True)
