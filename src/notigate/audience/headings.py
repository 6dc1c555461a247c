"""Which column is which: by the project's `columns:`, by our own names, and by the headings that are in use."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from notigate import address
from notigate.errors import AudienceError

if TYPE_CHECKING:
    from notigate.audience.tables import Table

#: wider tables are something else
WIDEST = 200

#: our name → what such a column is called, the likeliest first
_IN_USE: Mapping[str, str] = {
    "id": "客户编号 客户号 编号 会员号 客户ID customer_id customer_no",
    "name": "姓名 客户姓名 客户名称 业主姓名 业主 名字 客户 full_name customer customer_name",
    "family_name": "姓 姓氏 last_name surname",
    "title": "称呼 称谓 性别 gender sex salutation",
    "phone": "手机 手机号 手机号码 移动电话 联系电话 联系方式 电话 电话号码 mobile mobile_phone cell phone_number tel",
    "email": "邮箱 电子邮箱 邮件 电子邮件 邮箱地址 e_mail mail email_address",
    "wecom": "企业微信 企业微信号 企业微信ID userid wecom_id",
    "language": "语言 语种 lang locale",
    "birthday": "生日 出生日期 公历生日 阳历生日 birth_date date_of_birth dob",
    "lunar_birthday": "农历生日 阴历生日 农历 lunar",
    "relation": "关系 与业主关系 业主关系 住户类型 人员类型 relationship",
    "project": "项目 项目名称 楼盘 project_name",
    "building": "楼栋 楼号 栋号 栋 幢 tower block",
    "unit": "单元 单元号",
    "home": "房号 房间号 房间 室号 house room flat apartment",
    "stage": "阶段 客户阶段 状态 销售状态 status",
    "class": "客户等级 等级 客户级别 级别 客户类别 类别 grade level",
    "vip": "贵宾 是否VIP 是否贵宾",
    "consultant": "置业顾问 销售顾问 顾问 销售 销售人员 sales_consultant salesperson",
    "consultant_phone": "置业顾问电话 顾问电话 销售电话 销售顾问电话",
    "interests": "兴趣 关注 关注点 意向 interest",
    "opted_out": "退订 已退订 是否退订 拒收 unsubscribed opt_out",
    "do_not_greet": "勿扰 免打扰 请勿打扰 不问候",
    "less_often": "少打扰 少发 减少联系",
    "marketing_consent_on": "营销同意日期 同意营销日期 同意推广日期",
    "timezone": "时区 time_zone tz",
    "subscribed_on": "认购日期 认购日 认购时间 subscription_date",
    "signed_on": "签约日期 签约日 签约时间 contract_date signing_date",
    "paid_on": "付清日期 付款日期 全款日期 全款到账日期 payment_date",
    "filed_on": "备案日期 备案日 备案时间 filing_date",
    "handover_on": "计划交房日期 预计交房日期 约定交房日期 计划交付日期 预计交付日期 planned_handover_date",
    "handover_slot": "交房时段 交房时间段 交付时段 交付时间段 handover_time",
    "handover_place": "交房地点 交付地点 handover_location",
    "handed_over_on": "交房日期 交房日 交房时间 交付日期 handover_date",
    "moved_in_on": "入住日期 入住日 入住时间 move_in_date",
}

#: the columns that we have names for
COLUMNS = frozenset(_IN_USE)


def _normal(heading: str) -> str:
    """`客户姓名（必填）`, `Full Name` and `full_name` are read alike: without brackets, case, spaces and marks."""
    bare = re.sub(r"\(.*?\)|\[.*?\]", "", unicodedata.normalize("NFKC", heading))
    return re.sub(r"[\W_]", "", bare).casefold()


#: in their normal form, which those above nearly are
_KNOWN: Mapping[str, tuple[str, ...]] = {
    name: tuple(f"{name} {headings}".replace("_", "").casefold().split()) for name, headings in _IN_USE.items()
}
#: the same the other way round
_NAMES: Mapping[str, str] = {heading: name for name, headings in reversed(list(_KNOWN.items())) for heading in headings}


def named(table: Table, columns: Mapping[str, str]) -> Sequence[str]:
    """The headings of a table by our names.

    A heading that we have no name for is its own. It is empty where the column is not read: it has no heading, or
    another was chosen for its name.

    Args:
        table: the roster.
        columns: our name → their heading, as the project says.

    Raises:
        AudienceError: a column is missing or there twice, or the first line holds no headings.
    """
    _check(table)
    normal = [_normal(heading) for heading in table.headings]
    told = {_told(table, normal, heading): ours for ours, heading in columns.items()}
    found = {**told, **_recognised(normal, told)}
    taken = set(found.values())
    names = [found.get(index, "" if heading in taken else heading) for index, heading in enumerate(table.headings)]
    _require(table, names)
    return names


def _check(table: Table) -> None:
    if len(table.headings) > WIDEST:
        raise AudienceError("{file}: more than {limit} columns; this is no roster", file=table.name, limit=WIDEST)
    if any(isinstance(address.read_phone(cell), str) or "@" in cell for cell in table.headings):
        raise AudienceError(
            "{file}: its first line holds a person; write a line of headings above it: name,phone", file=table.name
        )
    for heading, times in Counter(filter(None, table.headings)).items():
        if times > 1:
            raise AudienceError("{file}: two columns are called {heading!r}", file=table.name, heading=heading)


def _told(table: Table, normal: Sequence[str], heading: str) -> int:
    if heading in table.headings:
        return table.headings.index(heading)
    if _normal(heading) in normal:
        return normal.index(_normal(heading))
    raise AudienceError(
        "{file}: there is no column {heading!r}, which roster: {{columns: …}} names; there are: {headings}",
        file=table.name,
        heading=heading,
        headings=_shown(table),
    )


def _recognised(normal: Sequence[str], told: Mapping[int, str]) -> Mapping[int, str]:
    """Of several columns that could be meant, the one with the likeliest heading."""
    free = {heading: index for index, heading in reversed(list(enumerate(normal))) if heading and index not in told}
    found = {}
    for name, headings in _KNOWN.items():
        index = next((free[heading] for heading in headings if heading in free), None)
        if index is not None and name not in told.values():
            found[index] = name
    return found


def spare(table: Table, names: Sequence[str]) -> Mapping[int, str]:
    """Further columns of an address, such as 联系电话 beside 手机: looked into where its own column is blank."""
    found = {}
    for index, heading in enumerate(table.headings):
        name = known(heading)
        if names[index] == heading and name in address.READERS and name != heading:
            found[index] = name
    return found


def known(heading: str) -> str:
    """Our name for a heading; empty when we have none."""
    return _NAMES.get(_normal(heading), "")


def _require(table: Table, names: Sequence[str]) -> None:
    for wanted, what in ((("id", "name"), "name or id"), (tuple(address.READERS), "phone, email or wecom")):
        if not set(wanted) & set(names):
            raise AudienceError(
                "{file}: no column for {what}; there are: {headings}. Say which it is: "
                "roster: {{columns: {{{example}: Their heading}}}}",
                file=table.name,
                what=what,
                headings=_shown(table),
                example=wanted[-1] if wanted[-1] == "name" else wanted[0],
            )


def _shown(table: Table) -> str:
    return address.mask_text(", ".join(heading[:40] for heading in table.headings if heading))[:400]
