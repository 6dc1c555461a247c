"""A file of opt-outs or consents, as a clerk or a provider's console exports it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from notigate import audience
from notigate.address import Fault, mask, read_email, read_phone, read_wecom
from notigate.audience import BadRow
from notigate.errors import AudienceError, sentence
from notigate.preferences import Preference, Reach, Statement, Who, Word, as_way, is_stop
from notigate.settings import Roster

#: our name → headings that are in use
HEADINGS: Mapping[str, frozenset[str]] = {
    name: frozenset([name, *others.split()])
    for name, others in {
        "person": "id 客户编号 客户号 编号",
        "phone": "手机 手机号 手机号码 电话 联系电话 mobile phone_number phonenumber",
        "email": "邮箱 电子邮箱 邮件 mail",
        "wecom": "企业微信 企业微信号 userid",
        "class": "类别 范围 reach",
        "channel": "渠道 通道",
        "source": "来源",
        "proof": "凭证 证明 备注 note",
        "at": "时间 日期 退订时间 回复时间 date time on send_time sendtime",
        "reply": "回复 回复内容 上行内容 content",
    }.items()
}
#: words for the class
REACHES: Mapping[str, Reach] = {
    **{reach.value: reach for reach in Reach},
    "": Reach.ALL, "全部": Reach.ALL, "营销": Reach.MARKETING, "推广": Reach.MARKETING, "关怀": Reach.CARE, "问候": Reach.CARE,
}  # fmt: skip
_TIME = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)
READERS = {"phone": read_phone, "email": read_email, "wecom": read_wecom}


class _Unfit(Exception):  # noqa: N818 - a finding about one cell, not an error
    """Why a row cannot be used."""

    def __init__(self, column: str, template: str, value: str = "") -> None:
        super().__init__(template)
        self.column = column
        self.template = template
        self.value = value


def read(
    file: Path, word: Word, source: str, now: datetime, channels: Collection[str] = ()
) -> tuple[list[Statement], list[BadRow]]:
    """The statements of a file, and its rows that cannot be used.

    A row names a person, phone, email or wecom, and may tell class, channel, source, proof and time. With a column for
    readers' own replies, rows whose reply is no opt-out are passed over.

    Raises:
        AudienceError: it cannot be read, or has no column that says whose preference it is.
    """
    table = audience.opened(Roster(file=file, columns={"id": "person"}), file.parent, None)
    names = [_name(heading) for heading in table.headings]
    if not {"person", *READERS} & set(names):
        raise AudienceError(
            "{file}: no column says whom it is about; there should be one of: person, phone, email, wecom", file=file
        )
    statements: list[Statement] = []
    bad: list[BadRow] = []
    for row, cells in table.rows:
        told = {name: str(cell or "").strip() for name, cell in zip(names, cells, strict=False) if name}
        if not any(told.values()) or (word is Word.OPT_OUT and told.get("reply") and not is_stop(told["reply"])):
            continue
        try:
            for statement in _statements(told, word, source, now, channels):
                statements.append(statement)  # noqa: PERF402 - those before a fault count
        except _Unfit as unfit:
            bad.append(BadRow(row=row, column=unfit.column, template=unfit.template, value=unfit.value))
    return statements, bad


def _name(heading: str) -> str:
    bare = re.sub(r"[\s-]+", "_", unicodedata.normalize("NFKC", heading).strip()).casefold()
    return next((name for name, headings in HEADINGS.items() if bare in headings), "")


def _statements(
    told: Mapping[str, str], word: Word, source: str, now: datetime, channels: Collection[str]
) -> Iterator[Statement]:
    """One for each name that the row gives: whoever has any of them is meant. By a channel that we do not know, all are."""
    reach = REACHES.get(told.get("class", "").casefold())
    if reach is None:
        raise _Unfit("class", sentence("not one of marketing, care, all"), told["class"])
    way = as_way(told.get("channel", ""), channels)
    preference = Preference(word=word, reach=Reach.MARKETING if word is Word.CONSENT else reach, channel=way or "")
    proof = told.get("proof") or told.get("reply", "")
    said = _time(told.get("at", ""), now)
    for who in _names(told):
        yield Statement(who=who, preference=preference, source=told.get("source") or source, proof=proof, said=said)
    if way is None:
        raise _Unfit(
            "channel", sentence("no channel or medium of ours; it is recorded for all of them"), told["channel"][:40]
        )


def _names(told: Mapping[str, str]) -> Iterator[Who]:
    """All that can be read, and only then what cannot: a slip in one cell must not cost a no that another tells."""
    found = {kind: reader(told[kind]) for kind, reader in READERS.items() if told.get(kind)}
    if told.get("person"):
        yield Who("person", told["person"])
    elif not found:
        raise _Unfit("", sentence("neither an id nor an address"))
    yield from (Who(kind, address) for kind, address in found.items() if not isinstance(address, Fault))
    for kind, address in found.items():
        if isinstance(address, Fault):
            raise _Unfit(kind, sentence("this is no address that can be used"), mask(told[kind][:100]))


def _time(text: str, now: datetime) -> datetime:
    if not text:
        return now
    found = _TIME.fullmatch(text)
    try:
        if not found:
            return _iso(text, now)
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=now.tzinfo)
    except ValueError:
        raise _Unfit("at", sentence("not a time such as 2026-11-21 10:05"), text[:40]) from None


def _iso(text: str, now: datetime) -> datetime:
    said = datetime.fromisoformat(text)
    return said if said.tzinfo else said.replace(tzinfo=now.tzinfo)
