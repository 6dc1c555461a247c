from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from notigate.audience import BadRow, read
from notigate.errors import AudienceError
from notigate.model import Person
from notigate.settings import load
from notigate.sheets.books import Book, CutSheet, Sheet
from notigate.sheets.guards import check

HEADINGS = ["姓名", "手机", "生日", "房号"]


@pytest.fixture
def project(tmp_path):
    """Reads a file of the project's folder, with further keys of `roster:`."""

    def opened(name: str = "customers.xlsx", keys: str = ""):
        (tmp_path / "notigate.yaml").write_text(f"project: {{name: x}}\nroster: {{file: {name}{keys}}}\n")
        return read(load(tmp_path / "notigate.yaml"))

    return opened


@pytest.fixture
def workbook(tmp_path):
    """Writes `customers.xlsx`: gives the writer to a function first."""

    def write(fill, name: str = "customers.xlsx") -> Path:
        with xlsxwriter.Workbook(tmp_path / name) as book:
            fill(book)
        return tmp_path / name

    return write


def rows(*lines, sheet: str = "业主"):
    def fill(book):
        page = book.add_worksheet(sheet)
        days = book.add_format({"num_format": "yyyy/m/d"})
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                if isinstance(cell, date):
                    page.write_datetime(number, column, cell, days)
                else:
                    page.write(number, column, cell)

    return fill


def refusal(project, *told) -> str:
    with pytest.raises(AudienceError) as refused:
        list(project(*told))
    return str(refused.value)


def test_numbers_and_days_of_a_sheet_are_what_they_show(project, workbook):
    at_ten = datetime(1988, 9, 5, 10)  # noqa: DTZ001 - spreadsheets know no time zones
    workbook(rows(HEADINGS, ["王芳", 13800138000, at_ten, 1201], ["李雷", "139 0013 9000", 32391, "2-1"]))
    one, two = project()
    assert (one.addresses, one.facts["birthday"], one.facts["home"]) == (
        {"phone": "13800138000"},
        date(1988, 9, 5),
        "1201",
    )
    assert (two.facts["birthday"], two.facts["home"], two.row) == (date(1988, 9, 5), "2-1", 3)


def test_a_number_that_a_spreadsheet_has_rounded_is_refused(project, workbook):
    workbook(rows(HEADINGS, ["王芳", 1.38e10], ["李雷", "1.38E+10"], ["张三", "1.38001E+10"], ["赵六", 13800138000]))
    found = list(project())
    assert [one.reason.split(";")[0] for one in found[:3]] == ["a spreadsheet has rounded it"] * 3
    assert found[3].addresses == {"phone": "13800138000"}


def test_titles_above_blank_rows_and_columns_and_totals_below_are_no_people(project, workbook):
    def fill(book):
        page = book.add_worksheet()
        page.merge_range(0, 1, 0, 4, "2026年业主名单")
        page.write_row(3, 1, HEADINGS)
        page.write_row(4, 1, ["王芳", 13800138000])
        page.write_row(6, 1, HEADINGS)
        page.write_row(7, 1, ["李雷", 13900139000, "", "", "", "see me"])
        page.write_row(8, 1, ["合计", 2])
        page.write_row(9, 1, ["制表人：王经理  日期：2026-11-21"])

    workbook(fill)
    assert [(one.name, one.row) for one in project()] == [("王芳", 5), ("李雷", 8)]


def test_merged_headings_of_two_lines_are_read(project, workbook):
    def fill(book):
        page = book.add_worksheet()
        page.merge_range(0, 0, 1, 0, "姓名")
        page.merge_range(0, 1, 0, 2, "联系方式")
        page.write_row(1, 1, ["手机", "邮箱"])
        page.write_row(2, 0, ["王芳", 13800138000, "w@example.com"])

    workbook(fill)
    [person] = project()
    assert person.addresses == {"phone": "13800138000", "email": "w@example.com"}


def test_two_groups_of_columns_are_told_apart_by_their_upper_heading(project, workbook):
    def fill(book):
        page = book.add_worksheet()
        page.merge_range(0, 0, 0, 1, "业主1")
        page.merge_range(0, 2, 0, 3, "业主2")
        page.write_row(1, 0, ["姓名", "手机", "姓名", "手机"])
        page.write_row(2, 0, ["王芳", 13800138000, "李雷", 13900139000])

    workbook(fill)
    [person] = project()
    assert (person.name, person.facts["业主2 姓名"]) == ("王芳", "李雷")


def test_what_stands_in_merged_cells_holds_for_each_of_their_rows(project, workbook):
    def fill(book):
        page = book.add_worksheet()
        page.write_row(0, 0, ["姓名", "手机", "楼栋", "房号"])
        page.write_row(1, 0, ["王芳", 13800138000])
        page.write_row(2, 0, ["李雷", 13900139000])
        page.merge_range(1, 2, 2, 2, "3栋")
        page.merge_range(1, 3, 2, 3, "1201")

    workbook(fill)
    assert [(one.facts["building"], one.facts["home"]) for one in project()] == [("3栋", "1201")] * 2


def test_a_failed_formula_and_one_that_nobody_computed_are_bad_cells(project, workbook):
    path = workbook(
        rows(["id", "手机", "退订"], ["A", 13800138000, 11], ["B", 13800138001, 12], ["C", 13800138002, "否"])
    )
    rewritten(
        path,
        "xl/worksheets/sheet1.xml",
        [
            (b'<c r="C2"><v>11</v></c>', b'<c r="C2" t="e"><f>NA()</f><v>#N/A</v></c>'),
            (b'<c r="C3"><v>12</v></c>', b'<c r="C3"><f>VLOOKUP(A3,x!A:B,2)</f><v></v></c>'),
        ],
    )
    failed, uncomputed, person = project()
    assert (failed.column, failed.reason) == ("opted_out", "a formula that failed; put a value there")
    assert uncomputed.reason.startswith("a formula instead of its value")
    assert isinstance(person, Person)


def rewritten(path: Path, name: str, changes) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    for before, after in changes:
        assert before in entries[name], entries[name]
        entries[name] = entries[name].replace(before, after)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in entries.items():
            archive.writestr(entry, data)


def two_sheets(book):
    for name, phone in (("一期", 13800138000), ("二期", 13900139000)):
        page = book.add_worksheet(name)
        page.write_row(0, 0, HEADINGS)
        page.write_row(1, 0, ["王芳", phone])


def test_of_several_sheets_one_must_be_named(project, workbook):
    workbook(two_sheets)
    assert refusal(project) == (
        "customers.xlsx: holds several sheets: 一期, 二期. Say which one is meant: roster: {sheet: 一期}"
    )
    [person] = project("customers.xlsx", ", sheet: 二期")
    assert person.addresses == {"phone": "13900139000"}
    assert "has no sheet '三期', which roster: {sheet: …} names; there are: 一期, 二期" in refusal(
        project, "customers.xlsx", ", sheet: 三期"
    )


def test_the_only_sheet_that_looks_like_a_roster_is_taken(project, workbook):
    def fill(book):
        book.add_worksheet("空白")
        note = book.add_worksheet("说明")
        note.write(0, 0, "本表由系统导出")
        rows(HEADINGS, ["王芳", 13800138000])(book)
        hidden = book.add_worksheet("旧表")
        hidden.write_row(0, 0, HEADINGS)
        hidden.hide()

    workbook(fill)
    assert [one.name for one in project()] == ["王芳"]


def test_an_old_workbook_is_read(project, tmp_path):
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("业主")
    for column, (heading, cell) in enumerate(
        zip(HEADINGS, ["王芳", 13800138000, date(1988, 9, 5), "1201"], strict=True)
    ):
        page.write(0, column, heading)
        page.write(1, column, cell, xlwt.easyxf(num_format_str="YYYY/M/D") if column == 2 else xlwt.Style.default_style)
    book.save(str(tmp_path / "customers.xls"))
    [person] = project("customers.xls")
    assert (person.addresses, person.facts["birthday"]) == ({"phone": "13800138000"}, date(1988, 9, 5))


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="业主">{rows}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


def ods(path: Path, content: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(rows=content))
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )


def ods_row(*cells: str, repeated: int = 1) -> str:
    inside = "".join(f"<table:table-cell {c}</table:table-cell>" for c in cells)
    return f'<table:table-row table:number-rows-repeated="{repeated}">{inside}</table:table-row>'


def string(text: str) -> str:
    return f'office:value-type="string"><text:p>{text}</text:p>'


def test_an_open_document_is_read(project, tmp_path):
    day = 'office:value-type="date" office:date-value="1988-09-05"><text:p>88-9-5</text:p>'
    number = 'office:value-type="float" office:value="13800138000"><text:p>1.38E+10</text:p>'
    ods(
        tmp_path / "customers.ods",
        ods_row(*map(string, HEADINGS)) + ods_row(string("王芳"), number, day, string("1201")),
    )
    [person] = project("customers.ods")
    assert (person.addresses, person.facts["birthday"]) == ({"phone": "13800138000"}, date(1988, 9, 5))


def bomb(size: int) -> bytes:
    """An .xlsx that unpacks to `size` million blanks."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as entry:
        for _ in range(size):
            entry.write(b" " * 1_000_000)
    return packed.getvalue()


def lying(size: int) -> bytes:
    """The same, whose directory says that it is small."""
    data = bytearray(bomb(size))
    end = data.rindex(b"PK\x01\x02")
    data[end + 24 : end + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def many_entries() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(1001):
            archive.writestr(f"xl/{number}.xml", "x")
    return packed.getvalue()


def shared_text(tmp_path: Path) -> bytes:
    """A workbook whose half a million cells all show one text of 30,000 characters."""
    path = tmp_path / "shared.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["姓名", "手机", "备注"])
        page.write_row(1, 0, ["王芳", 13800138000, "x" * 30_000])
    more = b"".join(b'<row r="%d"><c r="C%d" t="s"><v>4</v></c></row>' % (n, n) for n in range(3, 500_000))
    rewritten(path, "xl/worksheets/sheet1.xml", [(b"</sheetData>", more + b"</sheetData>")])
    return path.read_bytes()


def repeated_cells(tmp_path: Path) -> bytes:
    """An .ods whose one row is there a million times."""
    path = tmp_path / "repeated.ods"
    ods(path, ods_row(*[string("x" * 500)] * 50, repeated=1_048_576))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda _: bomb(100), "unpacks to more than any roster holds"),
        (lambda _: lying(40), "is no workbook, or a damaged one"),
        (lambda _: many_entries(), "unpacks to more than any roster holds"),
        (shared_text, "takes more memory or time than a roster should"),
        (repeated_cells, "takes more memory or time than a roster should"),
        (lambda _: b"PK\x03\x04" + b"\0" * 500, "is no workbook, or a damaged one"),
        (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "is no workbook, or a damaged one"),
    ],
    ids=["unpacked", "lying", "entries", "shared", "repeated", "zip", "ole"],
)
def test_a_workbook_made_to_do_harm_is_refused(project, tmp_path, make, told):
    (tmp_path / "customers.xlsx").write_bytes(make(tmp_path))
    assert told in refusal(project)


def test_every_entry_is_unpacked_once_and_held_against_its_checksum():
    with pytest.raises(zipfile.BadZipFile):
        check(io.BytesIO(lying(40)))


def test_a_cell_that_is_too_long_is_one_bad_row(project, workbook):
    workbook(rows([*HEADINGS, "备注"], ["王芳", 13800138000, "", "", "x" * 32_000], ["李雷", 13900139000]))
    bad, good = project()
    assert isinstance(bad, BadRow)
    assert bad.reason.startswith("longer than 10000 characters")
    assert good.name == "李雷"


def test_a_workbook_that_changes_afterwards_does_not_change_the_run(project, workbook):
    path = workbook(rows(HEADINGS, ["王芳", 13800138000], ["李雷", 13900139000]))
    found = project()
    assert found.changed == ""
    path.write_bytes(b"gone")
    assert [one.name for one in found] == ["王芳", "李雷"]
    assert found.changed == "customers.xlsx"


def test_no_reader_outlives_its_file(project, workbook):
    workbook(rows(HEADINGS, ["王芳", 13800138000]))
    list(project())
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    assert not any(
        "notigate.sheets" in Path(f"/proc/{child}/cmdline").read_text() for child in children.read_text().split()
    )


def awkward(book):
    """Days, numbers, blank rows, hidden ones, and merged cells over many rows."""
    page, days = book.add_worksheet(), book.add_format({"num_format": "yyyy/m/d"})
    page.merge_range(1, 1, 1, 4, "客户名单")
    page.write_row(3, 1, [*HEADINGS, "楼栋"])
    for number in (*range(4, 40), *range(60, 90)):
        page.write_row(number, 1, [f"王芳{number}", 13800138000 + number])
        page.write_datetime(number, 3, datetime(1988, 9, 5), days)  # noqa: DTZ001 - spreadsheets know no time zones
        page.write_string(number, 4, "" if number % 7 else "最后" * 20)
    page.merge_range(10, 5, 70, 5, "3栋")
    page.set_row(12, None, None, {"hidden": True})
    page.set_row(80, None, None, {"hidden": True})


def told_of(path: Path, piece: int):
    with path.open("rb") as file:
        sheet = Book(file, piece).sheet(0)
        return type(sheet), sheet.hidden, list(sheet.rows())


@pytest.mark.parametrize("piece", [50, 500, 3000])
def test_a_sheet_that_is_read_in_pieces_says_what_it_says_as_one(workbook, piece):
    path, whole = workbook(awkward), workbook(awkward, "whole.xlsx")
    rewritten(whole, "xl/worksheets/sheet1.xml", [(b"</sheetData>", b"<!-- --></sheetData>")])
    (cut, *found), (one, *expected) = told_of(path, piece), told_of(whole, piece)
    assert (cut, one) == (CutSheet, Sheet)
    assert found == expected
    hidden, rows = found
    assert hidden == 2
    assert [cells[5] for number, cells in rows if 11 <= number <= 71] == ["3栋"] * 61


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'<row r="30"', b"<row"),
        (b'<row r="30"', b'<row r="99"'),
        (b'<row r="30"', b'<!-- </row> --><row r="30"'),
    ],
    ids=["numbers", "order", "comments"],
)
def test_a_sheet_that_cannot_be_cut_safely_is_read_as_one(workbook, before, after):
    path = workbook(awkward)
    rewritten(path, "xl/worksheets/sheet1.xml", [(before, after)])
    kind, _hidden, found = told_of(path, 500)
    assert kind is not CutSheet
    assert found == told_of(path, 1 << 30)[2]
    assert sum("王芳29" in cells for _number, cells in found) == 1


#: kilobytes; a process counts those of the one that it was forked from, so a small one is in between
PEAK = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-P", "-m", "notigate.sheets"], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_a_long_sheet_takes_no_more_memory_than_a_piece_of_it(workbook):
    path = workbook(rows(HEADINGS))
    cells = b"".join(b'<c r="%c%%d"><v>13800138000</v></c>' % letter for letter in b"ABCDEFGHIJ")
    more = b"".join(b'<row r="%d">%s</row>' % (n, cells % ((n,) * 10)) for n in range(2, 60_000))
    rewritten(path, "xl/worksheets/sheet1.xml", [(b"</sheetData>", more + b"</sheetData>")])
    with path.open("rb") as file:
        peak = subprocess.run(
            [sys.executable, "-c", PEAK], stdin=file, capture_output=True, text=True, check=True
        ).stdout
    assert int(peak) < 75 << 10
