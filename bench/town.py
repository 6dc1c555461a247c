"""A made-up project for a year: its 20 buildings, 300 customers, what clerks write and other systems tell. Nothing else.

`diary.py` lets notigate live this year, `expected.py` tells without notigate what must come of it. The people of a row of
care occasions bear its id (`c07-open`); all others are neighbours, whose lives follow from their building.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

Row: TypeAlias = dict[str, object]

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2025, 12, 31), date(2026, 12, 31)
PROJECT, CITY = "青年城", "成都"
CUSTOMERS, BUILDINGS = 300, 20

#: of every day: when the crontab runs; after each run a manager approves what it drafted
HOURS = (time(9, 5), time(10, 5), time(16, 5))
#: reports are made in the evening of Sundays and of a month's last workday
EVENING = time(18, 5)
MANAGER, AUTHOR = "周敏", "赵雪"
#: but this batch, which the author wrote, is forgotten
FORGOTTEN = "holiday/double-ninth"
CONSULTANTS = ("李娜", "陈晨", "王磊", "赵雪")
#: who goes the daily round
ROUNDS = ("王磊", "赵雪")
STORM = ("暴雨", "橙色", date(2026, 7, 12))

SALES = (
    "2026-01-17", "2026-03-21", "2026-04-30", "2026-05-23", "2026-07-04", "2026-08-30", "2026-09-25", "2026-11-14",
)  # fmt: skip
NEWS = "会所开放"
LIVES_THERE: Row = {"handed_over_on": "2025-08-01", "moved_in_on": "2025-08-10", "news": NEWS}
SINGLE_HANDOVERS = ("2026-09-08", "2026-09-21", "2026-10-12")
LUNAR_BIRTHDAYS = ("正月初一", "五月初五", "闰六月初十", "九月初九", "腊月三十")

#: customers who only a row is about: id → columns
BY_HAND: Mapping[str, Row] = {
    "c01-solar": {"subscribed_on": "2025-06-01", "birthday": "1988-05-20"},
    "c01-lunar": {"subscribed_on": "2025-06-01", "birthday": "1990-01-19", "lunar_birthday": "八月十五"},
    "c01-leap-day": {"subscribed_on": "2025-06-01", "birthday": "1992-02-29"},
    "c01-prospect": {"stage": "prospect", "class": "A", "birthday": "1985-05-20"},
    "c02-friday": {"subscribed_on": "2026-03-06", "signed_on": "2026-03-08"},
    "c02-saturday": {"subscribed_on": "2026-03-07", "signed_on": "2026-03-08"},
    "c02-monday": {"subscribed_on": "2026-03-09", "signed_on": "2026-03-10"},
    "c02-holiday": {"subscribed_on": "2026-04-30", "signed_on": "2026-05-01"},
    "c04-buyer": {"subscribed_on": "2025-06-01", "interests": "A2;学区"},
    "c04-prospect": {"stage": "prospect", "interests": "A2;B1"},
    "c04-other-layout": {"stage": "prospect", "interests": "B1"},
    "c04-opted-out": {"stage": "prospect", "interests": "A2;学区", "opted_out": "是"},
    "c07-open": {"subscribed_on": "2026-06-01", "signing_due_on": "2026-06-08"},
    "c07-signed": {"subscribed_on": "2026-06-01", "signing_due_on": "2026-06-08", "signed_on": "2026-06-05"},
    "c10-elsewhere": {"subscribed_on": "2025-06-01", "city": "绵阳"},
    "c11-finished": {"subscribed_on": "2025-06-01", "paid_on": "2026-04-07", "finished_on": "2025-12-01"},
    "c11-building": {"subscribed_on": "2025-06-01"},
    "c12-column": {"subscribed_on": "2025-06-01", "filed_on": "2026-03-18"},
    "c12-fact": {"subscribed_on": "2025-06-01"},
    "c13-single": {"subscribed_on": "2025-06-01", "moved_in_on": "2026-06-10", "news": "会所开放"},
    "c13-collective": {
        "subscribed_on": "2025-06-01", "moved_in_on": "2026-06-10", "collective_handover_ended_on": "2026-06-14",
        "news": "会所开放",
    },
    "c14-column": {"complaint_answered_on": "2026-02-03", "complaint_answer": "单元门禁已更换"},
    "c14-fact": {},
    "c15-column": {"company_visited_on": "2026-06-16", "next_step": "下周三前送上方案"},
    "c15-fact": {},
    "c17-buyer": {
        "subscribed_on": "2025-06-01", "signed_on": "2025-06-03", "handover_on": "2026-10-28",
        "handover_slot": "10:00-11:00", "handover_place": "5号楼大堂",
    },
    "c17-handed-over": {
        "subscribed_on": "2025-06-01", "signed_on": "2025-06-03", "handed_over_on": "2026-10-20",
        "handover_on": "2026-10-28", "handover_slot": "11:00-12:00", "handover_place": "5号楼大堂",
    },
    "c18-open": {
        "due_1_on": "2026-03-16", "instalment_1": "第一期（60%）", "amount_due_1": "720000",
        "due_2_on": "2026-05-07", "instalment_2": "第二期（35%）", "amount_due_2": "420000",
    },
    "c18-pays": {"due_1_on": "2026-03-16", "instalment_1": "第一期（60%）", "amount_due_1": "720000"},
    "c19-visit": {"visitor": "维修师傅李明", "appointment_at": "2026-05-20T15:00"},
    "c19-moved": {"visitor": "维修师傅李明", "appointment_at": "2026-05-22T09:00"},
    "c20-order": {"subscribed_on": "2026-07-20", "signed_on": "2026-07-21"},
    "c21-a": {"stage": "prospect", "class": "A", "news": "会所开放"},
    "c21-c": {"stage": "prospect", "news": "会所开放"},
    "c21-d": {"stage": "prospect", "class": "D", "news": "会所开放", "interests": "A2"},
    "c21-vip": {"vip": "是", "class": "C", "news": "会所开放", "title": "", "interests": "A2"},
    "c21-referral": {"stage": "prospect", "class": "C", "referral": "是", "news": "会所开放"},
    "c22-follows": {"stage": "prospect", "interests": "学区"},
    "f01-english": {"subscribed_on": "2025-06-01", "name": "John Smith", "title": "先生", "language": "en"},
    "f03-abroad": {"vip": "是", "timezone": "Europe/Berlin", "city": "柏林"},
    "f04-mourns": {"subscribed_on": "2026-03-09", "signed_on": "2026-03-10", "birthday": "1970-05-20", "do_not_greet": "是"},
    "f04-tenant": {"moved_in_on": "2025-08-10", "news": "会所开放", "relation": "租客"},
    "s02-called": {"signed_on": "2026-04-13", "consultant": "陈晨"},
    "s03-usual": {"installed_on": "2026-02-10", "consultant": "陈晨"},
    "s03-key": {"installed_on": "2026-02-10", "key_account": "是", "sold_on": "2026-03-02"},
    "s03-largest": {"installed_on": "2026-02-10", "key_account": "largest", "delivered_on": "2026-03-30"},
    "s04-usual": {"called_on": "2026-03-17", "consultant": "陈晨"},
    "s04-key": {"called_on": "2026-03-17", "key_account": "是"},
    "s05-soft": {"complained_at": "2026-03-05T09:30", "complaint": "单元门禁坏了", "complaint_level": "soft"},
    "s05-hard": {"complained_at": "2026-05-13T13:10", "complaint": "电梯停运", "complaint_level": "hard"},
    "s05-major": {"complained_at": "2026-07-22T08:30", "complaint": "地下室进水", "complaint_level": "major"},
    "s05-level-1": {"complained_at": "2026-08-18T14:00", "complaint": "墙面开裂", "complaint_level": "1"},
    "s05-level-2": {"complained_at": "2026-09-23T11:00", "complaint": "窗户漏水", "complaint_level": "2"},
    "s05-level-3": {"complained_at": "2026-11-06T10:30", "complaint": "路灯不亮", "complaint_level": "3"},
    "s07-slow": {"visited_on": "2026-05-11", "consultant": "陈晨"},
}  # fmt: skip

#: what clerks write into the roster in the course of the year: hour → (person, column, value); before the run of that hour
WRITTEN: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "2026-03-01T00:00": [("c21-c", "class", "C")],
    "2026-03-05T09:50": [("s05-soft", "complaint_answered_on", "2026-03-05"), ("s05-soft", "complaint_answer", "已换新锁")],
    "2026-03-12T00:00": [("c18-pays", "instalment_paid_1_on", "2026-03-12")],
    "2026-03-28T00:00": [
        *((f"s04-{who}", column, "2026-03-28") for who in ("usual", "key") for column in ("recorded_on", "papers_on")),
        *((f"s04-{who}", "visited_on", "2026-03-28") for who in ("usual", "key")),
    ],
    "2026-04-01T00:00": [("c21-c", "class", "")],
    "2026-04-16T00:00": [("s02-called", "signing_called_on", "2026-04-16")],
    "2026-05-21T00:00": [("c19-moved", "appointment_at", "2026-05-22T11:00"), ("c19-moved", "visitor", "维修师傅陈刚")],
    "2026-05-13T00:00": [("s07-slow", "recorded_on", "2026-05-13")],
    "2026-06-12T00:00": [("s05-hard", "complaint_answered_on", "2026-06-12"), ("s05-hard", "complaint_answer", "电梯已修好"),
                         ("s05-hard", "complaint_solved_on", "2026-06-12")],
    "2026-06-15T00:00": [("s05-hard", "complaint_called_back_on", "2026-06-15"), ("s05-hard", "complaint_satisfaction", "60")],
    "2026-06-17T00:00": [("s05-hard", "second_talk_on", "2026-06-17")],
    "2026-07-25T00:00": [("s05-major", "complaint_answered_on", "2026-07-25"), ("s05-major", "complaint_answer", "已抽干")],
    "2026-08-20T00:00": [("s05-level-1", "complaint_answered_on", "2026-08-20"), ("s05-level-1", "complaint_answer", "已修补"),
                         ("s05-level-1", "complaint_solved_on", "2026-08-20")],
    "2026-08-21T00:00": [
        ("s05-level-1", "complaint_called_back_on", "2026-08-21"), ("s05-level-1", "complaint_satisfaction", "95"),
    ],
    "2026-10-09T00:00": [("s05-level-2", "complaint_answered_on", "2026-10-09"), ("s05-level-2", "complaint_answer", "已打胶")],
    "2026-11-07T00:00": [("s05-level-3", "complaint_answered_on", "2026-11-07"), ("s05-level-3", "complaint_answer", "已更换")],
}  # fmt: skip

#: what other systems tell: when, kind, and the rest
_TOLD: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("2026-03-23T10:05", "contract-filed", {"person": "c12-fact"}),
    ("2026-03-27T10:05", "opening", {"everyone": True, "values": {"offer": "二期开盘", "starts_on": "2026-04-11"}}),
    ("2026-11-10T10:05", "discount", {"everyone": True, "values": {"offer": "老业主购房优惠", "starts_on": "2026-11-14"}}),
    ("2026-05-20T14:20", "appointment-delayed",
     {"person": "c19-visit", "values": {"visitor": "维修师傅李明", "appointment_at": "2026-05-20T16:00"}}),
    ("2026-04-09T17:00", "paid-in-full", {"person": "c11-building"}),
    ("2026-04-10T10:05", "showflat-opens",
     {"everyone": True, "values": {"layout": "A2", "area_m2": 118, "opens_on": "2026-04-18"}}),
    ("2026-04-14T19:30", "news",
     {"everyone": True, "values": {"subject": "学区", "news": "小学划片方案公布", "source": "区教育局网站"}}),
    ("2026-04-15T23:30", "news",
     {"everyone": True, "values": {"subject": "学区", "news": "划片方案更正", "source": "区教育局网站"}}),
    ("2026-05-14T10:05", "major-change",
     {"building": "2号楼", "values": {"change": "南侧景观调整", "choice": "5月31日前可提意见"}}),
    ("2026-05-21T18:00", "appointment-changed",
     {"person": "c19-moved", "values": {"visitor": "维修师傅陈刚", "appointment_at": "2026-05-22T11:00"}}),
    ("2026-05-19T10:05", "event",
     {"everyone": True, "at": datetime(2026, 5, 30, 14, 30, tzinfo=ZONE),
      "values": {"event": "业主烘焙课", "event_place": "会所二层"}}),
    ("2026-06-12T10:05", "company-visited", {"person": "c15-fact", "values": {"next_step": "月底前寄出合同"}}),
    ("2026-08-04T09:00", "complaint-answered", {"person": "c14-fact", "values": {"complaint_answer": "路灯已修好"}}),
    ("2026-08-20T15:00", "milestone", {"building": "3号楼", "values": {"milestone": "主体结构封顶"}}),
    ("2026-10-15T10:05", "showflat-closes",
     {"everyone": True, "values": {"layout": "A2", "area_m2": 118, "closes_on": "2026-10-25"}}),
)  # fmt: skip
TOLD = sorted(_TOLD, key=itemgetter(0))

#: minutes after a complaint at which the crontab runs: as if it ran every five minutes, where something might happen
MINUTES = (*range(0, 45, 5), 60, 65, 175, 180)
#: further runs: when something was told, an hour before the appointments, the morning after news that came at night, the
#: afternoon after the batch that nobody approved, when the greetings of winter reach Berlin, and a major complaint at night
MORE_HOURS = (
    *(when for when, _, _ in TOLD),
    "2026-04-16T08:05", "2026-05-20T13:55", "2026-05-20T14:05", "2026-05-22T08:05", "2026-05-22T10:00",
    "2026-10-18T16:05",
    *(f"2026-{day}T17:35" for day in ("01-01", "02-14", "03-03", "12-25")),
    "2026-07-22T20:30", "2026-07-22T20:35",
)  # fmt: skip
#: the rest days of 2027, as this world has them; they become known in November
NOTICE_ON = date(2026, 11, 12)
NOTICE = "years: [2027]\nrest: [2027-01-01..2027-01-03, 2027-02-05..2027-02-11, 2027-10-01..2027-10-07]\nwork: [2027-02-20]\n"

#: columns that occasions ask for and nobody has at first
COLUMNS = (
    "complained_on", "complaint_answered", "milestone_on", "milestone",
    *dict.fromkeys(column for rows in WRITTEN.values() for _, column, _ in rows),
)  # fmt: skip


def people(now: datetime | None = None) -> dict[str, Row]:
    """Everybody as the roster has them at that hour, at first when None: id → columns."""
    neighbours = {f"n{number:03}": _neighbour(number) for number in range(CUSTOMERS - len(BY_HAND))}
    found = {
        name: {
            "name": "王芳", "title": "女士", "phone": 13800138000 + number, "consultant": "李娜", "building": "9号楼",
            "building_progress": "主体已施工至18层", "signing_called_on": "" if name == "s02-called" else row.get("signed_on", ""),
        } | row
        for number, (name, row) in enumerate((neighbours | dict(BY_HAND)).items())
    }  # fmt: skip
    for when, rows in sorted(WRITTEN.items()):
        if now is not None and at(when) <= now:
            for person, column, value in rows:
                found[person][column] = value
    return found


def at(when: str) -> datetime:
    """An hour of this world."""
    return datetime.fromisoformat(when).replace(tzinfo=ZONE)


def every_hour() -> set[datetime]:
    """All hours of the crontab in the whole year."""
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    evenings = [day for day in days if day.isoweekday() == 7 or (day + timedelta(days=5)).month != day.month]
    complaints = [at(str(row["complained_at"])) for row in BY_HAND.values() if "complained_at" in row]
    return {
        *(datetime.combine(day, hour, ZONE) for day in days for hour in HOURS),
        *(datetime.combine(day, EVENING, ZONE) for day in evenings),
        *(complaint + timedelta(minutes=number) for complaint in complaints for number in MINUTES),
        *map(at, MORE_HOURS),
    }


def _neighbour(number: int) -> Row:
    """One of the many; `story` is the how-manieth of their building they are."""
    story, building = divmod(number, BUILDINGS)
    building += 1
    month, day = (1, 3, 4, 7, 10, 12)[number % 6], 12 if story % 2 else 26
    row: Row = {
        "name": ("王芳", "李雷", "赵敏", "欧阳锋")[number % 4], "title": ("女士", "先生", "", "先生")[number % 4],
        "building": f"{building}号楼", "consultant": CONSULTANTS[(building - 1) // 5],
        "birthday": f"{1960 + 3 * story}-{month:02}-{day:02}", "email": f"n{number:03}@example.com",
    }  # fmt: skip
    if story == 5:
        row["lunar_birthday"] = LUNAR_BIRTHDAYS[building % len(LUNAR_BIRTHDAYS)]
    return row | _life(building, story)


def _life(building: int, story: int) -> Row:
    """What happens to those of a building."""
    early: Row = {"subscribed_on": "2025-03-01", "signed_on": "2025-03-05"}
    lives: Mapping[int, Row] = {
        **{building: {"stage": "prospect", "class": "B"} for building in (4, 5, 6)},
        **{building: _sold(date.fromisoformat(SALES[story % len(SALES)]), days) for building, days in ((7, 3), (8, 8))},
        **{building: early | _pays(paid=building == 10, last=story) for building in (9, 10)},
        **{building: early | _collective(building, story) for building in (11, 12)},
        13: early | _single(date.fromisoformat(SINGLE_HANDOVERS[story % len(SINGLE_HANDOVERS)]), story),
        **dict.fromkeys(
            (14, 15, 16, 17), early | {"handed_over_on": "2025-08-01", "moved_in_on": "2025-08-10", "news": NEWS}
        ),
        18: {"stage": "prospect", "class": "AD"[story % 2], "interests": "A2" if story % 2 else "学区"},
        19: early | ({"vip": "是"} if story < 3 else {}),
        20: early | ({"opted_out": "是"} if story < 3 else {"do_not_greet": "是"} if story < 6 else {}),
    }
    return lives.get(building, early)


def _collective(building: int, story: int) -> Row:
    """All of a building take over their homes on one day."""
    return {
        "handover_on": "2026-06-11", "handover_slot": f"{9 + story % 8:02}:00", "handover_place": f"{building}号楼大堂",
        "handed_over_on": "2026-06-11", "moved_in_on": "2026-06-20", "collective_handover_ended_on": "2026-06-24",
        "news": NEWS,
    }  # fmt: skip


def _single(day: date, story: int) -> Row:
    """Everybody has a day of their own."""
    return {
        "handover_on": str(day), "handover_slot": f"{9 + story % 8:02}:00", "handover_place": "13号楼大堂",
        "handed_over_on": str(day), "moved_in_on": str(day + timedelta(days=10)), "news": NEWS,
    }  # fmt: skip


def _sold(day: date, signs_after: int) -> Row:
    """Subscribed in this year; signs some days later."""
    signed = day + timedelta(days=signs_after)
    return {
        "subscribed_on": str(day), "signing_due_on": str(day + timedelta(days=10)), "signed_on": str(signed),
    }  # fmt: skip


def _pays(*, paid: bool, last: int) -> Row:
    """In three instalments; who has `paid` settles the second ahead of its day."""
    row: Row = {"paid_on": "2026-10-13" if last % 2 else "", "finished_on": "2026-09-01" if last % 4 == 1 else ""}
    instalments = (("2026-02-04", "60%", "720000"), ("2026-06-22", "35%", "420000"), ("2026-10-09", "5%", "60000"))
    for number, (day, part, amount) in enumerate(instalments, 1):
        row |= {
            f"due_{number}_on": day,
            f"instalment_{number}": f"第{number}期（{part}）",
            f"amount_due_{number}": amount,
        }
    return row | ({"instalment_paid_2_on": "2026-06-18"} if paid else {})
