"""Languages: which text a reader gets, and in which language the program itself speaks.

Importing this module costs the standard library only. Babel, whose data decide about readers, is imported with the
first tag that does not match by itself.
"""

from __future__ import annotations

import gettext
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from notigate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from babel import Locale

#: the languages that the program speaks, and the packaged texts are written in
OURS = ("zh_Hans", "zh_Hant", "en")
_FOLDER = Path(__file__).parent / "locale"
#: as rosters call them
_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("中文", "汉语", "简体", "简体中文", "普通话", "chinese"), "zh_Hans"),
    **dict.fromkeys(("繁体", "繁體", "繁体中文", "繁體中文", "正體中文", "粤语", "粵語"), "zh_Hant"),
    **dict.fromkeys(("英文", "英语", "英語", "english"), "en"),
}


def negotiate(wanted: str, available: Collection[str], default: str) -> str:
    """The locale of `available` that a reader who asked for `wanted` should get.

    Same language, script and territory first, then same language and script; a script is never exchanged for another,
    so a reader of `zh_TW` gets zh_Hant or `default`, not zh_Hans. Case, `-` and `_` do not matter; nonsense gets
    `default`.
    (Babel's own `Locale.negotiate` finds nothing for `zh`, `zh_TW` or `zh-HK` against zh_Hans and zh_Hant.)
    """
    if wanted in available:
        return wanted
    return _negotiate(wanted, frozenset(available), default) if wanted and any(available) else default


@lru_cache(maxsize=1024)
def _negotiate(wanted: str, available: frozenset[str], default: str) -> str:
    sought = _subtags(_NAMES.get(wanted.strip().lower(), wanted))
    if sought is None:
        return default
    candidates = [(tag, _subtags(tag)) for tag in sorted(available, key=lambda tag: (len(tag), tag))]
    exact = (tag for tag, subtags in candidates if subtags == sought)
    alike = (tag for tag, subtags in candidates if subtags and subtags[:2] == sought[:2])
    return next(exact, None) or next(alike, default)


def _subtags(tag: str) -> tuple[str, str, str] | None:
    """Language, script and territory, with CLDR's likely ones where the tag leaves them open; None for nonsense."""
    from babel.core import get_global, parse_locale  # noqa: PLC0415 - 45 ms that most commands need not pay

    try:
        language, territory, script = parse_locale(tag.strip().replace("-", "_"))[:3]
    except ValueError:
        return None
    likely = get_global("likely_subtags")
    for known in (f"{language}_{territory}", f"{language}_{script}", language):
        if known in likely:
            _, likely_territory, likely_script, *_ = parse_locale(likely[known])
            return language, script or str(likely_script), territory or str(likely_territory)
    return None


@lru_cache(maxsize=64)
def parse_locale(locale: str) -> Locale:
    """Babel's data for a locale such as `zh_Hant`; parsed once, for that is what costs.

    Raises:
        UsageError: there is no such locale.
    """
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - as in _subtags

    try:
        return Locale.parse(locale.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        raise UsageError(
            "there is no locale {locale!r}; write one such as zh_Hans, zh_Hant or en", locale=locale
        ) from None


def speak() -> None:
    """Let libraries that use gettext themselves (click) speak the user's language too. For programs, not libraries."""
    os.environ["LANGUAGE"] = _tag(_user_language())
    gettext.bindtextdomain("messages", _FOLDER)


def spoken() -> str:
    """The language tag of a page that the program writes for its user, such as `zh-Hans` or `en`."""
    tag = _tag(_user_language())
    return tag.replace("_", "-") if tag.startswith("zh") else "en"


def _(template: str) -> str:
    """The program's own sentence in the user's language; `template` itself where there is no translation."""
    return _catalogue(_user_language()).gettext(template) if template else ""


def _n(one: str, many: str, n: int) -> str:
    """As `_`, in the form that goes with `n` things."""
    return _catalogue(_user_language()).ngettext(one, many, n)


@runtime_checkable
class Told(Protocol):
    """A sentence with named fields: a `NotigateError`, or a `render.Fault`."""

    @property
    def template(self) -> str:
        """English, with `{named}` fields."""
        ...

    @property
    def fields(self) -> Mapping[str, object]:
        """The values of the fields."""
        ...


def translate(told: Told) -> str:
    """The sentence of an error in the user's language, and those inside it; one line for each of gathered errors."""
    if faults := getattr(told, "faults", ()):
        return "\n".join(translate(fault) for fault in faults)
    fields = {name: _word(name, value) for name, value in told.fields.items()}
    return _sentence(told.template).format_map(fields)


#: what stands in front of the sentences that name a place in a file
_PLACES = ("{place}: ", "{file}:{line}: ")


def _sentence(template: str) -> str:
    whole = _(template)
    place = next((place for place in _PLACES if template.startswith(place)), "")
    return place + _(template.removeprefix(place)) if whole == template else whole


def _word(name: str, value: object) -> object:
    """What a field shows: sentences of ours are translated, everything else is somebody's data."""
    if name == "expected":
        return _(str(value))
    return translate(value) if isinstance(value, Told) else value


def _user_language() -> str:
    variables = ("NOTIGATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    return next((value for variable in variables if (value := os.environ.get(variable))), "")


@lru_cache(maxsize=8)
def _catalogue(wanted: str) -> gettext.NullTranslations:
    return gettext.translation("notigate", _FOLDER, [_tag(wanted)], fallback=True)


def _tag(wanted: str) -> str:
    """Our tag for a POSIX locale (`zh_TW.UTF-8`) or a language tag. Not `negotiate`: no start waits for Babel."""
    language, *others = wanted.partition(".")[0].partition("@")[0].replace("-", "_").lower().split("_")
    if language == "zh":
        return "zh_Hant" if {"hant", "tw", "hk", "mo"}.intersection(others) else "zh_Hans"
    return language
