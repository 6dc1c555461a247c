"""From `occasion.yaml`, and what `notigate.yaml` says differently, to an Occasion."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from notigate import criteria, documents, moments
from notigate.calendar import Workdays
from notigate.catalogue import escalating
from notigate.documents import Node
from notigate.documents.schema import Shape
from notigate.errors import ConfigError, NotigateError
from notigate.language import negotiate
from notigate.model import Category, Occasion, Window
from notigate.moments import Part, Several
from notigate.occurrence import Moment
from notigate.policy.hours import MARKETING_HOURS
from notigate.render import Source
from notigate.settings.workdays import WORKDAYS, workdays

if TYPE_CHECKING:
    from notigate.catalogue.folders import Home
    from notigate.documents import Place

#: keys whose own keys are replaced one by one
_MERGED = ("params", "sample")
#: keys whose places are told later, when a roster lacks what they ask for
_PLACED = ("moment", "who", "readers")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """The keys of `occasion.yaml`; what they mean stands at `model.Occasion`."""

    title: str | Mapping[str, str]
    #: decides hours, opt-out, caps and signature
    class_: Category
    moment: object
    channels: tuple[str, ...]
    at: Window | None = None
    who: str = ""
    approval: Literal["none", "workday-before"] = "none"
    late: Literal["drop", "next-window", "ask"] = "next-window"
    once_per: Literal["person", "home", "phone"] = "person"
    params: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    sample: Mapping[str, object] = field(default_factory=dict)
    importance: int = 0
    workdays: Annotated[Workdays, workdays, Shape(WORKDAYS)] | None = None
    readers: str = ""
    #: staff occasions: [who is told next](#escalate) while nothing is done
    escalate: escalating.Escalation | None = None
    report: Literal["", "week", "month"] = ""
    author: str = ""


#: what `occasion.yaml` is bound to
WRITTEN = _Written


class Entry(NamedTuple):
    """An occasion, and its params with the places where they are written."""

    occasion: Occasion
    #: name → locale → expression; the locale is empty where one expression does for all
    params: Mapping[str, Mapping[str, Source]]

    def params_in(self, locale: str) -> Mapping[str, Source]:
        """The params as texts of a locale use them.

        Raises:
            TemplateError: a param is written for other locales only.
        """
        return {name: _in_locale(name, written, locale) for name, written in self.params.items()}


def read(home: Home, override: Node | None, locale: str, groups: Collection[str] | None = None) -> Entry:
    """Read an occasion; single keys are replaced by those of `override`, a section of `notigate.yaml`.

    Its title is that of the project's `locale`; `groups` are those of our own people, None where they are not known.

    Raises:
        ConfigError: with every fault of both.
        TemplateError: its file leads out of its folder.
    """
    document = documents.read(home.path("occasion.yaml"), home.shown("occasion.yaml"))
    root = _overlaid(document.root, override) if override else document.root
    written, faults = documents.bind(replace(document, root=root), _Written)
    if written is None:
        raise documents.gathered(faults)
    if not written.channels:
        raise documents.gathered([root.entries["channels"].place.fault("is empty; name at least one")])
    return Entry(occasion=_occasion(home.name, written, root, locale, groups), params=_params(written, root))


def _overlaid(base: Node, override: Node) -> Node:
    if not (_is_mapping(base) and _is_mapping(override)):
        return override if _is_mapping(base) else base
    merged = {
        key: documents.overlaid(base.entries[key], override.entries[key])
        for key in _MERGED
        if all(key in node.entries and _is_mapping(node.entries[key]) for node in (base, override))
    }
    return documents.overlaid(documents.overlaid(base, override), replace(override, value=merged))


def _is_mapping(node: Node) -> bool:
    """Also true of nothing: `holiday/mid-autumn:` alone switches an occasion on."""
    return node.value is None or isinstance(node.value, Mapping)


def _occasion(name: str, written: _Written, root: Node, locale: str, groups: Collection[str] | None) -> Occasion:
    faults: list[ConfigError] = []
    moment = _due(written, root, groups, faults)
    if written.who:
        _check_who(written.who, root.entries["who"].place, faults)
    if written.class_ is Category.MARKETING and written.at and not written.at.overlaps(MARKETING_HOURS):
        told = "never opens: marketing goes out from 08:00 to 22:00 only"
        faults.append(root.entries["at"].place.fault(told))
    if moment is None or faults:
        raise documents.gathered(faults)
    return Occasion(
        id=name,
        title=_title(written.title, locale) or name,
        category=written.class_,
        moment=moment,
        at=written.at,
        who=written.who,
        channels=written.channels,
        approval=written.approval,
        late=written.late,
        once_per=written.once_per,
        params=written.params,
        sample=written.sample,
        importance=written.importance,
        workdays=written.workdays,
        places={key: str(root.entries[key].place).partition(": ")[0] for key in _PLACED if key in root.entries},
        readers=written.readers,
        report=written.report,
        author=written.author,
    )


def _title(written: str | Mapping[str, str], locale: str) -> str:
    """In the project's language, or else as it stands first."""
    if isinstance(written, str):
        return written
    return written.get(negotiate(locale, list(written), ""), next(iter(written.values()), ""))


def _due(
    written: _Written, root: Node, groups: Collection[str] | None, faults: list[ConfigError]
) -> Moment | Several | None:
    """When it comes, and when it goes on to who is told next."""
    moment = _moment(written.moment, root.entries["moment"].place, faults)
    levels = _readers(written, root, groups, faults)
    if levels and moment is not None:
        return Several((*moments.parts(moment), *levels))
    return moment


def _moment(value: object, place: Place, faults: list[ConfigError]) -> Moment | moments.Several | None:
    try:
        return moments.parse(value)
    except NotigateError as fault:
        faults.append(place.fault("{why}", why=fault))
        return None


def _readers(
    written: _Written, root: Node, groups: Collection[str] | None, faults: list[ConfigError]
) -> tuple[Part, ...]:
    """Check who of our own people reads it, and who is told next."""
    try:
        if written.readers:
            escalating.reader(root.entries["readers"], groups)
        if written.escalate is not None and not written.readers:
            raise written.escalate.place.fault("goes with `readers`: customers are not told what we have not answered")
        return escalating.steps(written.escalate, groups) if written.escalate is not None else ()
    except ConfigError as fault:
        faults += fault.faults or (fault,)
        return ()


def _check_who(text: str, place: Place, faults: list[ConfigError]) -> None:
    try:
        criteria.compile(text)
    except NotigateError as fault:
        faults.append(place.fault("{why}", why=fault))


def _params(written: _Written, root: Node) -> Mapping[str, Mapping[str, Source]]:
    if not written.params:
        return {}
    nodes = root.entries["params"].entries
    return {name: _sources(nodes[name], value) for name, value in written.params.items()}


def _sources(node: Node, written: str | Mapping[str, str]) -> Mapping[str, Source]:
    if isinstance(written, str):
        return {"": _source(node, written)}
    if not written:
        raise node.place.fault("is empty; write an expression, or one for each language")
    return {locale: _source(node.entries[locale], text) for locale, text in written.items()}


def _source(node: Node, text: str) -> Source:
    return Source(file=node.place.source.name, text=text, line=node.place.line)


def _in_locale(name: str, written: Mapping[str, Source], locale: str) -> Source:
    found = written.get(negotiate(locale, list(written), ""))
    if found is None:
        raise next(iter(written.values())).error("param {name!r} says nothing for {locale}", name=name, locale=locale)
    return found
