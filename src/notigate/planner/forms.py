"""What all readers of one occurrence have in common, by one channel and in one language: made once, filled in for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from notigate.model import Attachment
from notigate.planner.candidates import merged
from notigate.planner.planned import Stopped
from notigate.render import Context

if TYPE_CHECKING:
    from datetime import date

    from notigate.catalogue import Catalogue
    from notigate.model import Facts
    from notigate.occurrence import Occurrence
    from notigate.planner.candidates import Candidate
    from notigate.planner.routes import Route
    from notigate.planner.wish import Due, Wish
    from notigate.render import Text

#: what texts find under `report`, and what messages of a medium bring along
Enclosed: TypeAlias = "tuple[Facts, Callable[[str], tuple[Attachment, ...]]]"


class Form(NamedTuple):
    """A text, and what its readers share."""

    due: Due
    occurrence: Occurrence
    text: Text
    context: Context
    #: params that are the same for all of them
    shared: Mapping[str, object]
    attachments: tuple[Attachment, ...]
    #: why it goes to none of them
    stopped: Stopped | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """What one project's messages are made of."""

    catalogue: Catalogue
    project: Facts
    #: the language of readers who asked for none
    locale: str
    #: why a text may not go out by a channel as it is: its provider has another copy of it, or none; empty when it may
    unapproved: Callable[[str, str, Text], str] = lambda _channel, _occasion, _text: ""
    #: by the kind of report and a day of its span
    enclosed: Callable[[str, date], Enclosed] = lambda _kind, _day: ({}, lambda _medium: ())

    def make(self, wish: Wish, candidate: Candidate, route: Route) -> Form:
        """The form that a candidate's message is written on.

        Raises:
            NotigateError: the text is broken, or there is none.
        """
        occasion, occurrence, person = candidate.occasion, candidate.occurrence, candidate.person
        text = self.catalogue.text(occasion.id, route.medium, person.language or self.locale)
        given = candidate.given(wish)
        attachments: tuple[Attachment, ...] = ()
        if occasion.report:
            figures, enclosed = self.enclosed(occasion.report, occurrence.day)
            given, attachments = merged(given, {"report": figures}), enclosed(route.medium)
        context = Context(
            project=self.project, today=occurrence.day, given=given, customers=candidate.customers, columns=wish.columns
        )
        told = self.unapproved(route.channel, occasion.id, text)
        return Form(
            due=candidate.due, occurrence=occurrence, text=text, context=context,
            shared=text.shared(context, person.facts.get("project")), attachments=attachments,
            stopped=Stopped(occasion.id, told, whole=False) if told else None,
        )  # fmt: skip
