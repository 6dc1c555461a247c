"""What a new project is to be like, and its settings written out of that. Secrets never stand in them, only where they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias

from notigate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

#: channel → key → what stands behind it
Channels: TypeAlias = Mapping[str, Mapping[str, str]]

_REFERENCE = re.compile(r"\$\{(env:[A-Za-z_][A-Za-z0-9_]*|file:[^}]+)\}")
#: what YAML takes for a text as it stands
_PLAIN = re.compile(
    r"(?!(?:null|true|false|yes|no|on|off|y|n)$)(?:[^\W\d][\w.-]*( [\w.-]+)*|\+?[0-9]+-[0-9-]+)", re.IGNORECASE
)
_COMMENT = 37


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a channel that must be told."""

    name: str
    #: a secret: the variable of the environment where it stands, if nothing else is said; empty: no secret
    variable: str = ""
    #: what it is if nothing is said; `{name}` is the project's, `{username}` another key of the channel
    usual: str = ""
    number: bool = False


#: what a channel is called → its plugin, and what must be told
USUAL: Mapping[str, tuple[str, Sequence[Key]]] = {
    "sms": (
        "sms_aliyun",
        (
            Key("access_key_id", "ALIYUN_ACCESS_KEY_ID"),
            Key("access_key_secret", "ALIYUN_ACCESS_KEY_SECRET"),
            Key("sign_name", usual="{name}"),
        ),
    ),
    "email": (
        "email",
        (
            Key("host"),
            Key("username"),
            Key("password", "SMTP_PASSWORD"),
            Key("sender", usual="{name} <{username}>"),
        ),
    ),
    "wecom": ("wecom", (Key("corp_id"), Key("agent_id", number=True), Key("secret", "WECOM_SECRET"))),
    "group": ("wecom", (Key("webhook", "WECOM_WEBHOOK"),)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A new project, as somebody wants it; what is left out is as in the packaged one, for a look around."""

    name: str = "青年城"
    hotline: str = "400-600-0000"
    city: str = "成都"
    timezone: str = "Asia/Shanghai"
    locale: str = "zh_Hans"
    channels: Channels = field(default_factory=dict)
    #: a file that is there already; None: an empty one is made
    roster: Path | None = None
    #: the only addresses that get anything until the trial is over
    only: Sequence[str] = ()


def complete(channel: str, told: Mapping[str, str], name: str) -> dict[str, str]:
    """The keys of a usual channel: what was told, else what is usual, for a project of that name.

    Raises:
        UsageError: something must be told, there is no such channel or key, or a secret was written out.
    """
    if channel not in USUAL:
        raise UsageError(
            "there is no usual channel {channel!r}; choose from {known}", channel=channel, known=", ".join(USUAL)
        )
    keys = {key.name: key for key in USUAL[channel][1]}
    for unknown in told.keys() - keys.keys():
        raise UsageError(
            "{channel}.{key} is not asked for; write it into notigate.yaml afterwards", channel=channel, key=unknown
        )
    found: dict[str, str] = {}
    for key in keys.values():
        value = told.get(key.name, "").strip() or usual(key, found | {"name": name})
        if not value:
            raise UsageError("channel {channel}: say --set {channel}.{key}=…", channel=channel, key=key.name)
        if key.variable:
            value = reference(value, f"{channel}.{key.name}")
        found[key.name] = value
    return found


def usual(key: Key, found: Mapping[str, str]) -> str:
    """What a key is if nothing is said; empty where it must be."""
    if key.variable:
        return f"${{env:{key.variable}}}"
    return key.usual.format_map(found) if key.usual else ""


def reference(text: str, what: str) -> str:
    """Where a secret stands, as settings write it: `env:NAME` or `file:PATH`, with or without its braces.

    Raises:
        UsageError: it is no reference; it may be the secret itself, which no message repeats.
    """
    braced = text if text.startswith("${") else f"${{{text}}}"
    if not _REFERENCE.fullmatch(braced):
        raise UsageError(
            "{what} is a secret, and never stands in notigate.yaml: say where it is kept, env:NAME or file:PATH",
            what=what,
        )
    return braced


def written(answers: Answers) -> str:
    """The `notigate.yaml` of such a project."""
    text = files(__package__).joinpath("starter.yaml").read_text(encoding="utf-8")
    plain = Answers()
    for key in ("name", "hotline", "city", "timezone", "locale"):
        text = _put(text, key, getattr(plain, key), getattr(answers, key))
    if answers.roster is not None:
        text = text.replace("{file: customers.csv}", f"{{file: {_quoted(str(answers.roster))}}}", 1)
    if answers.only:
        text = text.replace("only: []", f"only: {json.dumps(list(answers.only), ensure_ascii=False)}", 1)
    return _with_channels(text, answers.channels)


def _put(text: str, key: str, before: str, after: str) -> str:
    """Another value behind a key, with the remark behind it where it was."""
    if before == after:
        return text
    line = re.compile(rf"^( *{key}: ){re.escape(before)}( +#.*)?$", re.MULTILINE)

    def new(found: re.Match[str]) -> str:
        told = found[1] + (_quoted(after) if after else '""')
        return f"{told:<{_COMMENT}}{found[2].strip()}" if found[2] else told

    return line.sub(new, text, count=1)


def _with_channels(text: str, channels: Channels) -> str:
    if not channels:
        return text
    before, rest = text.split("  # Secrets stand", 1)
    _examples, after = rest.split("\noccasions:", 1)
    sections = "".join(_section(name, keys) for name, keys in channels.items())
    return f"{before}{sections}\noccasions:{after}"


def _section(name: str, keys: Mapping[str, str]) -> str:
    plugin, known = USUAL[name]
    numbers = {key.name for key in known if key.number}
    lines = [
        f"    {key}: {value if key in numbers or value.startswith('${') else _quoted(value)}\n"
        for key, value in keys.items()
    ]
    return f"  {name}:\n    plugin: {plugin}\n{''.join(lines)}"


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
