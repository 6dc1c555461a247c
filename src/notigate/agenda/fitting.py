"""What can be told from a roster by its columns, and what cannot."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from notigate import criteria
from notigate.errors import AudienceError
from notigate.language import translate
from notigate.model import Occasion
from notigate.moments import parts
from notigate.planner import Stopped
from notigate.planner.wish import Due


def fit_for(due: Sequence[Due], columns: Collection[str]) -> tuple[tuple[Due, ...], tuple[Stopped, ...]]:
    """What can be told from a roster with these columns; and what cannot, for it would silently concern nobody."""
    lacking = [(item, column) for item in due if (column := item.lacks(columns))]
    stopped = dict[str, Stopped]()
    for item, column in lacking:
        name = item.occasion.id
        if name not in stopped and not (item.optional and _has_another_rule(item.occasion, columns)):
            stopped[name] = Stopped(name, _no_column(item, column), lasting=True)
    without = {id(item) for item, _ in lacking}
    return tuple(one for one in due if id(one) not in without and one.occasion.id not in stopped), tuple(
        stopped.values()
    )


def _has_another_rule(occasion: Occasion, columns: Collection[str]) -> bool:
    asked = (part.rule.columns() for part in parts(occasion.moment))
    return any(not names or names.intersection(columns) for names in asked)


def _no_column(due: Due, column: str) -> str:
    occasion = due.occasion
    by_readers = due.readers is not None and column == due.readers.column
    names = criteria.compile(occasion.who).names() if occasion.who and column not in due.columns else frozenset[str]()
    by_who = not names.isdisjoint({column, column.removesuffix("_on")})
    place = occasion.places.get("readers" if by_readers else "who" if by_who else "moment", "")
    return translate(
        AudienceError(
            "{place}the roster has no column {column!r}, by which {occasion} chooses its readers. Add it, or say which it "
            "is: roster: {{columns: {{{column}: Their heading}}}}",
            place=f"{place}: " if place else "",
            occasion=occasion.id,
            column=column,
        )
    )
