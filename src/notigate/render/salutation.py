"""How a reader is addressed. Title and sex are never guessed: who is not known well enough is addressed neutrally."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notigate.render.wording import Wording, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notigate.model import Person


@dataclass(frozen=True, slots=True)
class _Forms:
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
_HAN = re.compile(r"[㐀-䶿一-鿿𠀀-𲎯]+\Z")
#: longer ones without a dot are hardly the name of one person
_HAN_LONGEST = 4
#: words joined by a space or mark: `Anna Smith`, `阿依古丽·买买提`; no list of people, no flat number
_WORDS = re.compile(r"[^\W\d_]+(?:[ .'’·-]+[^\W\d_]+)*\.?\Z")
_COMPANY = re.compile(
    r"公司|集团|集團|银行|銀行|学校|學校|医院|醫院|中心|协会|協會|商行|工作室|事务所|事務所|\b(?:co|ltd|inc|llc|corp|gmbh|limited|company|group)\b",
    re.IGNORECASE,
)
#: as clerks write it into the column of names
_TITLED = re.compile(r"(?P<name>.+?)(?P<title>先生|女士|小姐)\Z")
#: family names of two characters, in both scripts
_COMPOUND = frozenset(
    (  # noqa: SIM905 - sixty quotation marks would hide the names
        "欧阳 歐陽 上官 司马 司馬 司徒 司空 诸葛 諸葛 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 夏侯 "
        "长孙 長孫 宇文 端木 独孤 獨孤 南宫 南宮 西门 西門 百里 闻人 聞人 轩辕 軒轅 澹台 澹臺 呼延 "
        "钟离 鍾離 濮阳 濮陽 公冶 申屠 赫连 赫連 拓跋 万俟 太史"
    ).split()
)


def salutation(person: Person, locale: str) -> str:
    """`Honoured guest` for VIPs, family name and title, or a neutral form; in the language of `locale`."""
    forms = _FORMS[wording(locale)]
    if person.vip:
        return forms.guest
    name, title = _addressed(person)
    if not name or title is None:
        return forms.neutral
    return (forms.mr if title == "mr" else forms.ms).format(name=name)


def _addressed(person: Person) -> tuple[str, str | None]:
    name = person.name.strip()
    if _COMPANY.search(name):
        return "", None
    if titled := _TITLED.match(name):
        written = "mr" if titled["title"] == "先生" else "ms"
        return person.family_name.strip() or family_name(titled["name"]), person.title or written
    return person.family_name.strip() or family_name(name), person.title


def family_name(name: str) -> str:
    """The family name where the script tells it; a whole name where it does not (Wang Fang or Fang Wang?)."""
    if not _HAN.match(name):
        return name if _WORDS.match(name) else ""
    if len(name) > _HAN_LONGEST:
        return ""
    return name[:2] if name[:2] in _COMPOUND else name[0]
