"""Readers whose records have made texts go wrong elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from notigate.errors import sentence
from notigate.model import Person
from notigate.planner.previews import colleague, sample

if TYPE_CHECKING:
    from notigate.model import Facts, Occasion
    from notigate.render import Context

#: customers of one colleague: a list this long is still to fit
MANY = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Awkward:
    """A reader, and what is awkward about them."""

    person: Person
    #: for people; empty for the occasion's own sample
    why: str = ""
    #: of whom a staff occasion tells
    customers: tuple[Person, ...] = ()

    def context(self, shared: Context) -> Context:
        """What a text may speak of, for this reader."""
        return shared._replace(customers=self.customers)


#: what is awkward → the columns that differ from the sample's
_CHANGES: tuple[tuple[str, Facts], ...] = (
    (sentence("nobody knows Mr or Ms"), {"title": None}),
    (sentence("a family name of two characters"), {"name": "欧阳娜娜", "title": "ms"}),
    (sentence("a rare character"), {"name": "𠜎某", "title": "mr"}),
    (sentence("a name of many characters"), {"name": "阿卜杜热合曼·买买提艾力", "title": "mr"}),
    (sentence("a long name in Latin letters"), {"name": "Christopher Montgomery-Smythe", "title": "mr"}),
    (sentence("a company"), {"name": "成都某某实业有限公司", "title": None}),
    (sentence("several owners"), {"name": "王芳、李强", "title": None}),
    (sentence("a guest of honour"), {"vip": True}),
)
#: may be missing in any roster, and texts may ask for them
_OPTIONAL: Facts = {"consultant": None, "consultant_phone": None}


def readers(occasion: Occasion) -> Iterator[Awkward]:
    """The sample first, then the awkward ones; of a staff occasion the colleague who reads about them.

    Raises:
        TemplateError: the sample is no person.
    """
    own = sample(occasion)
    yield _reader(occasion, own, "")
    for why, changes in _CHANGES:
        yield _reader(occasion, _changed(own, changes), why)
    if occasion.readers:
        crowd = tuple(own._replace(id=f"{own.id}-{number}") for number in range(MANY))
        yield replace(_reader(occasion, own, sentence("many customers")), customers=crowd)
    else:
        yield _reader(occasion, _changed(own, _OPTIONAL), sentence("no consultant"))


def _changed(person: Person, changes: Facts) -> Person:
    own = {key: value for key, value in changes.items() if key in ("name", "title", "vip")}
    if "name" in changes:
        own["family_name"] = ""
    return person._replace(facts={**person.facts, **changes}, **own)  # type: ignore[arg-type]  # of the right kinds


def _reader(occasion: Occasion, person: Person, why: str) -> Awkward:
    if not occasion.readers:
        return Awkward(person=person, why=why)
    return Awkward(person=colleague(occasion, person), why=why, customers=(person,))
