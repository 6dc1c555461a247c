"""Exports as companies have them, made up, with the expected reading of every cell; and whether notigate reads them so.

    python bench/corpus.py [--files 300] [--seed 1] [--keep DIR]

Each file is of another kind (.csv in six encodings and five delimiters, .xlsx, .xls, .ods), under other headings, with other
things around the table, and its cells are written in other ways. People come from Faker (zh_CN); nobody in them is real.
Then 600 forms of phone numbers are read. Exit code 0: everything was read as expected.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter
import xlwt
from faker import Faker

from notigate import address, audience
from notigate.address import Fault
from notigate.errors import AudienceError
from notigate.settings import Roster

PREFIXES = (  # noqa: SIM905 - sixty quotation marks would hide the numbers
    "130 131 132 133 134 135 136 137 138 139 145 147 149 150 151 152 153 155 156 157 158 159 162 165 166 167 170 171 172 173 175 "
    "176 177 178 180 181 182 183 184 185 186 187 188 189 190 191 192 193 195 196 197 198 199"
).split()
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
#: ways to write a good number; it has eleven digits
PHONES: list[Callable[[str], object]] = [
    str, int, float, "+86{}".format, "0086{}".format, "86-{}".format, "{}.0".format, " {} ".format, "'{}".format,
    lambda n: f"{n[:3]} {n[3:7]} {n[7:]}", lambda n: f"{n[:3]}-{n[3:7]}-{n[7:]}", lambda n: n.translate(WIDE),
    "手机：{}".format, "{}（微信同号）".format, "{}/028-85123456".format, "\u200b{}\u00a0".format, '="{}"'.format, "（+86）{}".format,
]  # fmt: skip
#: ways to write what is no number that SMS reach
NO_PHONES: list[Callable[[str], object]] = [
    lambda n: f"{n[0]}.{n[1:3]}E+10", lambda n: float(f"{n[:6]}00000"), lambda n: f"{n[:3]}****{n[7:]}", lambda n: n[:10],
    "{}0".format, lambda _: "028-85123456", lambda _: "400-600-0000", "{0}/139{0:.8}".format, "{}（儿子）".format,
    lambda n: n.replace("1", "l", 1), lambda n: f"{n}、139{n[3:]}", lambda _: "#N/A",
]  # fmt: skip
#: ways to write a day
DAYS: Sequence[Callable[[date], object]] = [
    lambda d: d, date.isoformat, lambda d: f"{d.year}/{d.month}/{d.day}", lambda d: f"{d.year}年{d.month}月{d.day}日",
    lambda d: f"{d:%Y%m%d}", lambda d: f"{d.year}.{d.month}.{d.day}", lambda d: (d - date(1899, 12, 30)).days,
    lambda d: f"{d.year}-{d.month}-{d.day} 0:00:00", lambda d: f"{d:%Y}／{d:%m}／{d:%d}",
    lambda d: f"{d.year}年{d.month}月{d.day}日 星期一",
    lambda d: f"{d.day} {d:%b} {d.year}", lambda d: f"{chinese(d.year)}年{numeral(d.month)}月{numeral(d.day)}日",
]  # fmt: skip
NO_DAYS: Sequence[Callable[[date], object]] = [
    lambda d: f"{d:%y}-{d.month}-{d.day}", lambda d: f"{d:%y}年{d.month}月{d.day}日", lambda d: f"{d:%Y}", lambda d: f"{d:%y%m%d}",
    lambda d: f"{d.year}-13-{d.day}", lambda _: "5/9/2026", lambda _: "下周", lambda _: "########", lambda d: f"{d.year}年{d.month}月",
]  # fmt: skip
LUNAR: Mapping[str, str] = {
    "农历八月十五": "八月十五", "闰六月初三": "闰六月初三", "八月十五（农历）": "八月十五", "阴历8-15": "8-15",
    "腊月廿三": "十二月廿三", "正月初一": "正月初一",
}  # fmt: skip
NOTHING = ("", "无", "-", "/", "暂无", "N/A")
#: our name → headings as they are found
HEADINGS: Mapping[str, Sequence[str]] = {
    "id": ["客户编号", "编号", "customer_id", "会员号"],
    "name": ["姓名", "客户姓名", "业主姓名", "Name", "客户名称", "姓 名"],
    "title": ["称呼", "性别", "title"],
    "phone": ["手机", "手机号", "联系电话", "手机号码（必填）", "Mobile", "电话"],
    "email": ["邮箱", "E-mail", "电子邮箱"],
    "birthday": ["生日", "出生日期", "Date of Birth"],
    "building": ["楼栋", "栋号", "building"],
    "home": ["房号", "房间号", "room"],
    "signed_on": ["签约日期", "签约时间", "contract_date"],
    "opted_out": ["退订", "是否退订"],
    "户型": ["户型"],
}
ENCODINGS = ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le")
DELIMITERS = (",", ";", "\t", "|", ",")
KINDS = ("csv", "csv", "csv", "xlsx", "xls", "ods")


@dataclass
class Expected:
    """What one row must be read as: facts, or the column of its fault."""

    facts: dict[str, object] = field(default_factory=dict)
    fault: str = ""


def chinese(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(figure)] for figure in str(number))


def numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{'一二三'[tens - 1]}十"
    return ten + ("一二三四五六七八九"[ones - 1] if ones else "")


class Maker:
    """Makes one file after the other."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = random.Random(seed)
        self.fake = Faker("zh_CN")
        self.fake.seed_instance(seed)
        self.folder = folder
        self.phone = 0

    def number(self) -> str:
        """A phone number that nobody else in these files has."""
        self.phone += 1
        return f"{self.random.choice(PREFIXES)}{10_000_001 + 7919 * self.phone % 89_999_998:08d}"

    def file(self, index: int) -> tuple[Path, list[Expected]]:
        """One export, and what its rows are."""
        pick = self.random
        columns = ["id", "name", "phone", *pick.sample([c for c in HEADINGS if c not in ("id", "name", "phone")], 5)]
        pick.shuffle(columns)
        headings = [pick.choice(HEADINGS[column]) for column in columns]
        made = [self.row(columns, n) for n in range(pick.randrange(4, 12))]
        table: list[list[object]] = [["" if c is None else c for c in cells] for cells, _expected in made]
        above: list[list[object]] = [[f"{self.fake.company()}客户名单"], []] if pick.random() < 0.5 else []
        below: list[list[object]] = (
            [["合计", len(made)], ["制表人：王  日期：2026-11-21"]] if pick.random() < 0.5 else []
        )
        if pick.random() < 0.3:
            table.insert(pick.randrange(len(table)), [])
        if pick.random() < 0.2:
            table.insert(pick.randrange(len(table)), list(headings))
        kind = KINDS[index % len(KINDS)]
        path = self.folder / f"{index:04d}.{kind}"
        WRITERS[kind](path, [*above, list(headings), *table, *below], pick)
        return path, [expected for _cells, expected in made]

    def row(self, columns: Sequence[str], n: int) -> tuple[list[object], Expected]:
        """The cells of one row, one in five with a fault, and what they are."""
        expected = Expected()
        bad = self.random.choice(["phone", "birthday", "signed_on"]) if self.random.random() < 0.2 else ""
        cells = []
        for column in columns:
            cell, value = self.cell(column, n, bad=column == bad)
            if column == bad:
                expected.fault = column
            cells.append(cell)
            if isinstance(value, dict):
                expected.facts |= {name: told for name, told in value.items() if name not in expected.facts}
            elif value is not None:
                expected.facts[column] = value
        return cells, expected

    def cell(self, column: str, n: int, *, bad: bool) -> tuple[object, Any]:  # noqa: C901, PLR0911 - one case a column
        """A cell as somebody writes it, and what it is to be read as; None for nothing, a mapping for several facts."""
        pick = self.random
        match column:
            case "id":
                return (f"C{n:04d}", f"C{n:04d}")
            case "phone":
                number = self.number()
                return (pick.choice(NO_PHONES)(number), None) if bad else (pick.choice(PHONES)(number), number)
            case "name":
                return self.name()
            case "birthday" if not bad and pick.random() < 0.3:
                written = pick.choice(list(LUNAR))
                return written, {"lunar_birthday": LUNAR[written]}
            case "birthday" | "signed_on":
                day = date(1950, 1, 1) + timedelta(days=pick.randrange(25_000))
                if not bad and pick.random() < 0.1:
                    return pick.choice(NOTHING), None
                return (pick.choice(NO_DAYS)(day), None) if bad else (pick.choice(DAYS)(day), day)
            case "title":
                return pick.choice([("男", "男"), ("女士", "女士"), ("", None)])
            case "email":
                mail = f"user{n}@Example.com"
                return pick.choice([(mail, mail.lower()), (f" {mail} ", mail.lower()), ("无", None), ("", None)])
            case "opted_out":
                return pick.choice([("是", True), ("否", False), ("", None), ("2026-01-01", True), ("N", False)])
            case "building":
                return pick.choice([("3栋", "3栋"), (3, "3"), ("", None)])
            case "home":
                return pick.choice([(1201, "1201"), ("2-1201", "2-1201"), (" 302 ", "302")])
        return pick.choice([("三居", "三居"), ("95.5㎡", "95.5㎡"), ("两室、一厅", "两室、一厅"), ("", None)])

    def name(self) -> tuple[object, Any]:
        """A name as clerks write it."""
        name = self.fake.name()
        return self.random.choice(
            [
                (name, {"name": name}),
                (f" {name[0]} {name[1:]} ", {"name": name}),
                (f"{name}\u200b", {"name": name}),
                (f"{name}女士", {"name": name, "title": "ms"}),
                (f"{name}/李四", {"name": f"{name}/李四"}),
                ("业主", None),
                (f"{name}（租户）", {"name": name, "relation": "tenant"}),
                ("四川青年城物业有限公司", {"name": "四川青年城物业有限公司"}),
            ]
        )


def text(cell: object) -> str:
    """As Excel writes it into a CSV file: long numbers rounded to what their column shows."""
    if isinstance(cell, float):
        return f"{cell:.5E}" if cell % 100_000 == 0 else str(int(cell))
    return f"{cell.year}/{cell.month}/{cell.day}" if isinstance(cell, date) else str(cell)


def as_csv(path: Path, rows: Sequence[Sequence[object]], pick: random.Random) -> None:
    encoding = pick.choice(ENCODINGS)
    written = [[text(cell) for cell in row] for row in rows]
    try:
        "".join(cell for row in written for cell in row).encode(encoding)
    except UnicodeEncodeError:
        encoding = "gb18030"  # GBK has neither ㎡ in every version, nor what nobody sees
    delimiter = pick.choice(DELIMITERS)
    width = max(map(len, written))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=pick.choice(["\r\n", "\n"]))
        writer.writerows([*row, *[""] * (width - len(row))] for row in written)


def as_xlsx(path: Path, rows: Sequence[Sequence[object]], pick: random.Random) -> None:
    left, top = pick.choice([(0, 0), (1, 2)])
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet(pick.choice(["Sheet1", "业主"]))
        day = book.add_format({"num_format": "yyyy/m/d"})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(top + number, left + column, cell, day)
                else:
                    page.write(top + number, left + column, cell)


def as_xls(path: Path, rows: Sequence[Sequence[object]], pick: random.Random) -> None:
    del pick
    book = xlwt.Workbook(encoding="utf-8")
    page, day = book.add_sheet("Sheet1"), xlwt.easyxf(num_format_str="YYYY/M/D")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                page.write(number, column, cell, day)
            elif cell != "":
                page.write(number, column, cell)
    book.save(str(path))


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Sheet1">{rows}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


def as_ods(path: Path, rows: Sequence[Sequence[object]], pick: random.Random) -> None:
    del pick
    written = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(rows=written))
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )


def ods_cell(cell: object) -> str:
    told = f"<text:p>{escape(text(cell))}</text:p>"
    match cell:
        case date():
            kind = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
        case int() | float():
            kind = f'office:value-type="float" office:value="{cell!r}"'
        case "":
            return "<table:table-cell/>"
        case _:
            kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}>{told}</table:table-cell>"


WRITERS: Mapping[str, Callable[[Path, Sequence[Sequence[object]], random.Random], None]] = {
    "csv": as_csv, "xlsx": as_xlsx, "xls": as_xls, "ods": as_ods,
}  # fmt: skip


def compared(path: Path, expected: Sequence[Expected]) -> list[str]:
    """What was read otherwise than expected."""
    checkup = audience.checked(Roster(file=path), path.parent)
    found = [checkup.reader.facts(row, cells) for row, cells in checkup.spool.rows()]
    if len(found) != len(expected):
        return [f"{path.name}: {len(found)} rows instead of {len(expected)}"]
    wrong = []
    for number, ((facts, faults), wanted) in enumerate(zip(found, expected, strict=True)):
        told = faults[0].column if faults else ""
        known = {name: value for name, value in facts.items() if name != wanted.fault}
        if told != wanted.fault or known != wanted.facts:
            wrong.append(f"{path.name} #{number}: {told!r} {known} instead of {wanted.fault!r} {wanted.facts}")
    return wrong


def phones() -> tuple[int, list[str]]:
    """Every prefix in its forms: how many, and what was read otherwise than expected."""
    wrong, count = [], 0
    for index, prefix in enumerate(PREFIXES):
        number = f"{prefix}{10_000_001 + index * 7919:08d}"
        for form in PHONES[:8] + PHONES[9:11]:
            count += 1
            if address.read_phone(form(number)) != number:
                wrong.append(f"{form(number)!r} is {address.read_phone(form(number))!r}")
        form = NO_PHONES[index % (len(NO_PHONES) - 1)]
        count += 1
        if not isinstance(address.read_phone(form(number)), Fault):
            wrong.append(f"{form(number)!r} is {address.read_phone(form(number))!r}")
    return count, wrong


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--files", type=int, default=300)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path, help="write the files here and leave them")
    chosen = options.parse_args()
    wrong: list[str] = []
    kinds: Counter[str] = Counter()
    cells = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        maker = Maker(chosen.seed, folder)
        for index in range(chosen.files):
            path, expected = maker.file(index)
            kinds[path.suffix] += 1
            cells += sum(len(one.facts) for one in expected)
            try:
                wrong += compared(path, expected)
            except AudienceError as fault:
                wrong.append(f"{path.name}: {fault}")
    count, others = phones()
    for line in [*wrong, *others]:
        print(line)
    print(f"{chosen.files} files {dict(kinds)}, {cells} facts, {count} phones: {len(wrong) + len(others)} read wrongly")
    sys.exit(1 if wrong or others else 0)


if __name__ == "__main__":
    main()
