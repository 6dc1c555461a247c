"""How a reader is addressed. Title and sex are never guessed: who is not known well enough is addressed neutrally."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from notigate import names
from notigate.render.wording import Wording, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notigate.model import Person


class _Forms(NamedTuple):
    guest: str
    neutral: str
    mr: str
    ms: str


#: each can open a sentence as it is
_FORMS: Mapping[Wording, _Forms] = {
    "zh_Hans": _Forms("尊敬的贵宾", "尊敬的客户", "{name}先生", "{name}女士"),
    "zh_Hant": _Forms("尊敬的貴賓", "親愛的客戶", "{name}先生", "{name}女士"),
    "en": _Forms("Honoured guest", "Dear customer", "Mr {name}", "Ms {name}"),
}


def salutation(person: Person, locale: str) -> str:
    """`Honoured guest` for VIPs, family name and title, or a neutral form; in the language of `locale`."""
    if person.vip:
        return _FORMS[wording(locale)].guest
    return _addressed(person.name, person.family_name, person.title, locale)


@lru_cache(maxsize=1 << 12)
def _addressed(written: str, family: str, title: str | None, locale: str) -> str:
    """Kept: many readers have one name, and one reader is written to by several occasions."""
    forms, name = _FORMS[wording(locale)], names.read(written)
    family, title = family.strip() or name.family, title or name.title
    if name.kind is names.Kind.COMPANY or not family or title is None:
        return forms.neutral
    return (forms.mr if title == "mr" else forms.ms).format(name=family)
