"""How a reader is addressed. Title and sex are never guessed: who is not known well enough is addressed neutrally."""

from __future__ import annotations

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


#: told here, since to ask a class of enumerated values for one takes longer than all else that is asked of a name
_COMPANY = names.Kind.COMPANY


def salutation(person: Person, locale: str) -> str:
    """`Honoured guest` for VIPs, family name and title, or a neutral form; in the language of `locale`."""
    forms = _FORMS[wording(locale)]
    if person.vip:
        return forms.guest
    name = names.read(person.name)
    family, title = person.family_name.strip() or name.family, person.title or name.title
    if not family or title is None or name.kind is _COMPANY:
        return forms.neutral
    return (forms.mr if title == "mr" else forms.ms).replace("{name}", family)
