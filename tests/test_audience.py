from __future__ import annotations

import gc
import tracemalloc
from contextlib import suppress
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate.audience import BadRow, columns, read, stranger
from notigate.audience.faults import Unfit
from notigate.audience.headings import known
from notigate.errors import AudienceError
from notigate.model import Person
from notigate.settings import load


class Relay:
    """Stands for pluggy's relay with one plugin."""

    def __init__(self, rows):
        self.rows = rows
        self.asked = None

    def notigate_audiences(self, source, folder):
        self.asked = (source, folder)
        return self.rows


@pytest.fixture
def roster(tmp_path):
    """Writes `customers.csv` and reads it as a project does."""

    def write(content: str | bytes, keys: str = ""):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "customers.csv").write_bytes(data)
        (tmp_path / "notigate.yaml").write_text(f"project: {{name: 青年城}}\nroster: {{file: customers.csv{keys}}}\n")
        return list(read(load(tmp_path / "notigate.yaml")))

    return write


def refusal(roster, *written) -> str:
    with pytest.raises(AudienceError) as refused:
        roster(*written)
    return str(refused.value)


CHINESE = {
    "客户编号": "C1",
    "姓名": "欧阳娜娜",
    "性别": "女",
    "手机号": "138 0013 8000",
    "电子邮箱": "Na@Example.com",
    "生日": "1988/9/5",
    "农历生日": "八月十五",
    "项目": "青年城",
    "楼栋": "3栋",
    "单元": "1单元",
    "房号": "1201",
    "客户等级": "VIP",
    "语言": "zh-TW",
    "置业顾问": "李娜",
    "认购日期": "2026年9月5日",
    "签约日期": "20260906",
    "交房日期": "2026.9.7",
    "入住日期": "2026-09-08",
    "退订": "否",
    "户型": "三居",
}


def test_chinese_headings_are_understood(roster):
    [person] = roster(f"{','.join(CHINESE)}\n{','.join(CHINESE.values())}\n")
    assert (person.id, person.name, person.family_name, person.title) == ("C1", "欧阳娜娜", "欧阳", "ms")
    assert person.addresses == {"phone": "13800138000", "email": "Na@example.com"}
    assert (person.language, person.vip, person.row) == ("zh-TW", True, 2)
    texts = {"lunar_birthday": "八月十五", "project": "青年城", "building": "3栋", "unit": "1单元", "home": "1201"}
    assert person.facts == texts | {
        "id": "C1",
        "name": "欧阳娜娜",
        "title": "女",
        "phone": "13800138000",
        "email": "Na@example.com",
        "birthday": date(1988, 9, 5),
        "class": "VIP",
        "vip": True,
        "language": "zh-TW",
        "consultant": "李娜",
        "subscribed_on": date(2026, 9, 5),
        "signed_on": date(2026, 9, 6),
        "handed_over_on": date(2026, 9, 7),
        "moved_in_on": date(2026, 9, 8),
        "opted_out": False,
        "户型": "三居",
    }


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Full Name", "name"),
        ("NAME", "name"),
        ("客户姓名（必填）", "name"),
        (" 姓 名 ", "name"),
        ("E-mail", "email"),
        ("Date of Birth", "birthday"),
        ("Gender", "title"),
        ("subscribed_on", "subscribed_on"),
        ("paid_on", "paid_on"),
        ("Layout", "Layout"),
    ],
)
def test_a_heading_is_read_whatever_its_case_spaces_and_brackets(roster, heading, name):
    value = "2026-01-02" if name in ("birthday", "subscribed_on", "paid_on") else "a@example.com"
    [person] = roster(f"id,phone,{heading}\n1,13800138000,{value}\n")
    assert name in person.facts


def test_the_project_says_which_heading_is_which(roster):
    [person] = roster(
        "Kunde,Mobil,phone,Übergabe,Schnitt\nWang Fang,13800138000,010-1234,2026-09-05,3\n",
        ', columns: {name: Kunde, phone: Mobil, delivered_on: "übergabe", layout: Schnitt}',
    )
    assert (person.name, person.addresses) == ("Wang Fang", {"phone": "13800138000"})
    assert person.facts["delivered_on"] == date(2026, 9, 5)
    assert person.facts["layout"] == "3"
    assert "010-1234" not in person.facts.values()


def test_of_two_headings_that_read_alike_the_first_is_taken(roster):
    [person] = roster("姓名,手机,手机（备用）\n王芳,13800138000,028-88886666\n")
    assert person.addresses == {"phone": "13800138000"}


def test_of_two_phones_the_mobile_is_taken_and_the_other_is_a_fact(roster):
    [person] = roster("姓名,联系电话,手机\n王芳,028-88886666,13800138000\n")
    assert person.addresses == {"phone": "13800138000"}
    assert person.facts["联系电话"] == "028-88886666"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(roster, delimiter):
    [person] = roster(
        delimiter.join(["姓名", '"手机"', '"a,b,c,d,e"']) + "\n" + delimiter.join(["王芳", "13800138000", "x"])
    )
    assert person.addresses == {"phone": "13800138000"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_the_encoding_is_found(roster, encoding):
    people = roster("姓名,手机\n路平,13800138000\n張三丰,13800138001\n".encode(encoding))
    assert [person.name for person in people] == ["路平", "張三丰"]


def test_the_encoding_is_decided_for_the_whole_file(roster):
    # These two characters are good UTF-8 too, by accident; only the last row tells.
    text = "name,phone\n路平,13800138001\n" + "Wang,13800138000\n" * 100_000 + "王芳,13800138001\n"
    assert roster(text.encode("gb18030"))[0].name == "路平"


def test_an_encoding_may_be_named(roster):
    [person] = roster("姓名,手機\n陳大文,+852 5123 4567\n".encode("big5"), ", encoding: big5, columns: {phone: 手機}")
    assert (person.name, person.addresses) == ("陳大文", {"phone": "+85251234567"})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\n\r\n", "", "\n,\n  , \n"])
def test_line_ends_and_blank_rows_do_not_matter(roster, end):
    [person] = roster(f"\n姓名,手机{end or chr(10)}王芳,13800138000{end}".encode())
    assert person.name == "王芳"


def test_a_person_stands_where_the_row_begins(roster):
    people = roster('name,phone,note\nA,13800138000,"two\nlines"\n\nB,13800138001,\n')
    assert [person.row for person in people] == [2, 5]


@pytest.mark.parametrize(
    ("heading", "cell", "reason", "shown"),
    [
        ("birthday", "1988-02-30", "not a day such as 2026-09-05", "1*"),
        ("birthday", "0988-02-03", "not a day such as 2026-09-05", "0*"),
        ("signed_on", "soon", "not a day such as 2026-09-05", "s*"),
        ("lunar_birthday", "13-40", "not a lunar day such as 8-15", "1*"),
        ("phone", "1.38E+10", "a spreadsheet has rounded it", "1*"),
        ("phone", "13800138000/13900139000", "more than one in the cell", "1*"),
        ("phone", "1380013", "no phone number", "138****13"),
        ("phone", "02888886666", "no mobile phone", "028****6666"),
        ("email", "wang.fang@@example.com", "no mail address", "w***@example.com"),
        ("wecom", "王 芳", "no WeCom id", "王*"),
        ("note", "x" * 10_001, "longer than 10000 characters", "x*"),
    ],
)
def test_a_bad_cell_makes_a_bad_row_that_is_named_and_masked(roster, heading, cell, reason, shown):
    head = "id,name,phone" if heading != "phone" else "id,name"
    before, after = roster(f"{head},{heading}\nB1,Bad,{'13800138009,' if heading != 'phone' else ''}{cell}\nG1,Good,\n")
    assert isinstance(before, BadRow)
    assert (before.row, before.column, before.value) == (2, heading, shown)
    assert before.reason.startswith(reason)
    assert str(before).startswith(f"row 2, {heading}: {reason}")
    assert isinstance(after, Person)


def test_one_bad_row_stops_no_other(roster):
    rows = [f"P{n},{13800138000 + n}" for n in range(1000)]
    rows[500] = "P500,12345"
    found = roster("id,phone\n" + "\n".join(rows))
    assert sum(isinstance(one, Person) for one in found) == 999
    assert [one.row for one in found if isinstance(one, BadRow)] == [502]


def test_a_row_with_too_many_cells_is_bad(roster):
    [bad] = roster("name,phone\nWang, Fang,13800138000\n")
    assert (bad.row, bad.column) == (2, "")
    assert "more cells than headings" in bad.reason


def test_a_row_may_be_short(roster):
    assert roster("name,phone,note\nA,13800138000\n")[0].name == "A"


def test_the_same_id_in_several_rows_is_one_person_with_several_records(roster):
    first, other = roster("id,phone,home\nC1,13800138000,101\nC2,13800138000,103\nC1,13800138001,102\n")
    assert (first.id, first.addresses, [record["home"] for record in first.records]) == (
        "C1",
        {"phone": "13800138000"},
        ["101", "102"],
    )
    assert (other.id, other.records) == ("C2", ())


def test_without_an_id_the_same_phone_in_another_form_is_the_same_person(roster):
    first, partner = roster("name,phone\n王芳,13800138000\n王 芳,+86 138-0013-8000\n李雷,13800138000\n")
    assert len(first.records) == 2
    assert partner.id != first.id


def test_without_an_id_the_phone_may_stand_in_another_column(roster):
    [person] = roster("姓名,手机,联系电话,房号\n王芳,,13800138000,101\n王芳,无,138 0013 8000,102\n")
    assert [record["home"] for record in person.records] == ["101", "102"]


def test_an_id_that_two_names_share_is_that_of_a_home(roster):
    first, bad = sorted(
        roster("id,name,phone\n3-101,王芳,13800138000\n3-101,李雷,13800138001\n"), key=lambda one: one.row
    )
    assert first.name == "王芳"
    assert str(bad) == "row 3, id: the id of row 2, and another name; is it the number of a home or a contract?"


def test_what_a_person_says_once_counts_in_all_their_rows(roster):
    rows = "C1,,101,2026-01-02,\nC1,是,102,,\nC2,,103,soon,\nC2,,104,,1988-09-05\nC2,是,105,soon,\n"
    found = roster("id,opted_out,home,signed_on,birthday,phone\n" + rows.replace("\n", ",13800138000\n"))
    one, two = (item for item in found if isinstance(item, Person))
    assert [record["opted_out"] for record in one.records] == [True, True]
    assert [record.get("signed_on") for record in one.records] == [date(2026, 1, 2), None]
    assert two.facts["opted_out"] is True
    assert [item.row for item in found if isinstance(item, BadRow)] == [4, 6]


def test_without_an_id_a_person_keeps_theirs_when_rows_and_columns_move(roster):
    [first] = roster("name,phone\n王芳,13800138000\n")
    _, second = roster("手机,姓名,备注\n13800138001,李雷,\n13800138000,王芳,x\n")
    assert second.id == first.id
    assert "13800138000" not in first.id


def test_without_an_id_a_mail_address_tells_who_it_is(roster):
    [first] = roster("name,email\nWang,a@example.com\n")
    [renamed] = roster("name,email\nWang Fang,a@example.com\n")
    assert renamed.id == first.id


def test_somebody_without_address_is_a_person_when_there_is_an_id(roster):
    known, unknown = roster("id,name,phone\nC1,王芳,\n,李雷,\n")
    assert known.addresses == {}
    assert unknown.reason == "neither an id nor an address"


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        ("先生", "mr"),
        ("男", "mr"),
        ("Mr.", "mr"),
        ("女士", "ms"),
        ("女", "ms"),
        ("Mrs", "ms"),
        ("未知", None),
        ("", None),
    ],
)
def test_a_title_is_read_and_never_guessed(roster, cell, title):
    assert roster(f"name,phone,title\n王芳,13800138000,{cell}\n")[0].title == title


@pytest.mark.parametrize("column", ["opted_out", "do_not_greet"])
@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *((cell, True) for cell in ("是", "yes", "1", "TRUE", "2026-01-01", "投诉中")),
        *((cell, False) for cell in ("否", "no", "0", "False", "-")),
        ("", None),
    ],
)
def test_who_does_not_say_no_to_silence_is_left_in_peace(roster, column, cell, value):
    assert roster(f"name,phone,{column}\n王芳,13800138000,{cell}\n")[0].facts.get(column) is value


@pytest.mark.parametrize(
    ("cells", "vip"),
    [("是,A", True), (",VIP", True), (",贵宾", True), ("否,A", False), (",", False), ("maybe,A", False)],
)
def test_a_vip_is_told_by_column_or_class(roster, cells, vip):
    assert roster(f"name,phone,vip,class\n王芳,13800138000,{cells}\n")[0].vip is vip


def test_a_family_name_of_its_own_column_is_kept(roster):
    assert roster("name,family_name,phone\nFang Wang,Wang,13800138000\n")[0].family_name == "Wang"


def test_invisible_marks_around_cells_are_no_part_of_them(roster):
    [person] = roster("id,name,phone\n\u200bC1\u00a0,\u3000王芳\ufeff,13800138000\u200b\n")
    assert (person.id, person.name, person.addresses["phone"]) == ("C1", "王芳", "13800138000")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty; its first line must hold the headings"),
        (b"\n \n", "is empty"),
        (b"name,phone\n", "customers.csv: holds headings and no people"),
        (b"name,phone\n,\n\n", "customers.csv: holds headings and no people"),
        ("姓名,地址\n王芳,成都\n".encode(), "no column for phone, email or wecom; there are: 姓名, 地址"),
        (b"phone\n13800138000\n", "no column for name or id"),
        (b"name,phone,name\n", "two columns are called 'name'"),
        (b"Wang Fang,13800138000\n", "its first line holds a person; write a line of headings above it"),
        (b"name,phone\nA\0,1\n", "customers.csv:2: a zero byte; this is no text file"),
        (b"name,phone\n" + b"x" * 1_100_000, "a line of more than 1048576 characters"),
        (b"PK\x03\x04zip", "is no workbook, or a damaged one"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is no workbook, or a damaged one"),
        (b"<html><table><tr><td>x", "is a web page or XML, whatever its name says"),
        (
            "姓名,手机号\n王芳,13800138000\n李".encode() + b"\xe9\n",
            "customers.csv:3: this is not UTF-8; save the file as UTF-8",
        ),
        (b"name,phone\n\xff\xff\xff,1\n", "customers.csv:2: this is not UTF-8 or GB18030"),
        (b'name,phone\nA,13800138000\n"B,1\n' + b"C,13800138000\n" * 20_000, "customers.csv:3: this is no CSV: "),
        (b",".join(b"c%d" % n for n in range(201)), "more than 200 columns"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_no_roster_is_refused_before_anybody_is_read(tmp_path, content, told):
    (tmp_path / "customers.csv").write_bytes(content)
    (tmp_path / "notigate.yaml").write_text("project: {name: x}\nroster: {file: customers.csv}\n")
    with pytest.raises(AudienceError) as refused:
        next(iter(read(load(tmp_path / "notigate.yaml"))))
    assert told in str(refused.value)
    assert "customers.csv" in str(refused.value)
    assert "13800138000" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(roster, tmp_path):
    roster("name,phone\nA,13800138000\n")
    with pytest.raises(AudienceError, match=r"nowhere\.csv: there is no such file"):
        read(load(tmp_path / "notigate.yaml"), tmp_path / "nowhere.csv")


def test_a_heading_that_the_project_names_must_be_there(roster):
    told = refusal(roster, "姓名,手机,是否退订\n王芳,13800138000,是\n", ", columns: {opted_out: 已退订户}")
    assert told.startswith("customers.csv: there is no column '已退订户'")
    assert "姓名, 手机, 是否退订" in told


def test_another_file_may_be_read_with_the_project_s_columns(roster, tmp_path):
    roster("Kunde,phone\nA,13800138000\n", ", columns: {name: Kunde}")
    (tmp_path / "guests.csv").write_text("Kunde,phone\nGuest,13800138001\n")
    [person] = read(load(tmp_path / "notigate.yaml"), tmp_path / "guests.csv")
    assert person.name == "Guest"


@pytest.fixture
def without_file(tmp_path):
    def write(section: str):
        (tmp_path / "notigate.yaml").write_text(f"project: {{name: x}}\n{section}\n")
        return load(tmp_path / "notigate.yaml")

    return write


def test_a_project_without_roster_has_nobody(without_file):
    assert list(read(without_file(""))) == []


def test_a_project_without_roster_may_read_a_file(without_file, tmp_path):
    (tmp_path / "guests.csv").write_text("name,phone\nGuest,13800138001\n")
    assert [person.name for person in read(without_file(""), tmp_path / "guests.csv")] == ["Guest"]


def test_a_plugin_reads_what_the_core_does_not_know(without_file, tmp_path):
    midnight = datetime.combine(date(1988, 9, 5), time(0))
    rows = [
        {"编号": 7.0, "姓名": "王芳", "手机": 13800138000.0, "生日": midnight, "签约日期": date(2026, 1, 2)},
        {"编号": 8, "姓名": None, "手机": "12", "生日": None, "签约日期": None},
    ]
    relay = Relay(iter(rows))
    person, bad = read(without_file("roster: {crm: mine, columns: {id: 编号}}"), hook=relay)
    assert relay.asked == ({"crm": "mine"}, tmp_path)
    assert (person.id, person.addresses["phone"], person.facts["birthday"]) == ("7", "13800138000", date(1988, 9, 5))
    assert person.facts["signed_on"] == date(2026, 1, 2)
    assert (bad.row, bad.column) == (2, "phone")


def test_whatever_a_plugin_yields_is_read_or_named(without_file):
    odd = [
        ["a", "b"],
        {"k": 1},
        b"x",
        10**5000,
        float("nan"),
        float("inf"),
        "\ud800",
        object,
        True,
        date.max,
        1e300,
    ]
    rows = [{"id": n, "phone": 13800138000 + n, "birthday": cell, "note": cell} for n, cell in enumerate(odd)]
    rows += [{"id": cell, "phone": cell, "birthday": None, "note": None} for cell in odd]
    found = list(read(without_file("roster: {crm: mine}"), hook=Relay(iter(rows))))
    assert len(found) == len(rows)


#: as a database or a program keeps midnight of the 21st in China, and 07:30 of that day
MIDNIGHT, MORNING = "2026-11-20T16:00:00.000Z", "2026-11-20 23:30 +00:00"


@pytest.mark.parametrize("read_as", [str, datetime.fromisoformat], ids=["text", "database"])
def test_days_and_hours_that_name_their_zone_are_those_of_the_project(without_file, read_as):
    row = {
        "id": "c1", "phone": "13800138000", "birthday": read_as(MIDNIGHT), "signed_on": read_as(MIDNIGHT), "visit_at": read_as(MORNING),
    }  # fmt: skip
    (person,) = read(without_file("roster: {crm: mine}"), hook=Relay([row]))
    assert (person.facts["birthday"], person.facts["signed_on"]) == (date(2026, 11, 21), date(2026, 11, 21))
    assert f"{person.facts['visit_at']:%d %H:%M}" == "21 07:30"


def test_the_cleaned_copy_has_the_day_of_the_project_too():
    assert columns.cleaned("signed_on", MIDNIGHT, ZoneInfo("Asia/Shanghai")) == date(2026, 11, 21)


@pytest.mark.parametrize("cell", ["0001-01-01T00:00+08:00", "9999-12-31T23:59-08:00", "2026-13-40T99:00Z"])
def test_an_hour_of_no_day_of_ours_is_a_bad_cell(cell):
    with pytest.raises(Unfit):
        columns.converter("visited_on", ZoneInfo("Asia/Shanghai"))(cell)


@pytest.mark.parametrize(("rows", "told"), [(None, "no plugin reads crm"), ([], "roster: holds no people")])
def test_a_roster_that_no_plugin_fills_is_refused(without_file, rows, told):
    with pytest.raises(AudienceError, match=told):
        read(without_file("roster: {crm: mine}"), hook=Relay(rows))


def test_a_stranger_is_known_by_an_address_and_what_the_caller_says():
    person = stranger("to-1", "phone", "13800138000", {"name": "王芳", "title": "ms", "slot": "10:30"})
    assert (person.id, person.name, person.family_name, person.title) == ("to-1", "王芳", "王", "ms")
    assert person.addresses == {"phone": "13800138000"}
    assert person.facts["slot"] == "10:30"


def test_a_large_roster_is_streamed(roster, tmp_path):
    rows = "".join(f"C{n:06d},Wang {n},{13800000000 + n},{'some text' * 10}\n" for n in range(20_000))
    roster("id,name,phone,note\nC1,A,13800138000,\n")
    (tmp_path / "customers.csv").write_text("id,name,phone,note\n" + rows)
    del rows
    gc.collect()
    tracemalloc.start()
    count = sum(1 for _ in read(load(tmp_path / "notigate.yaml")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 8_000_000


CSV_BITS = (
    "name",
    "phone",
    "id",
    "姓名",
    "手机",
    ",",
    ";",
    "\n",
    "\r",
    '"',
    "\t",
    "13800138000",
    "a@b.cn",
    " ",
    "\0",
    "是",
)


@pytest.fixture(scope="module")
def any_file(tmp_path_factory):
    """Reads any bytes as a roster."""
    folder = tmp_path_factory.mktemp("any")
    (folder / "notigate.yaml").write_text("project: {name: x}\n")
    settings = load(folder / "notigate.yaml")

    def written(data: bytes):
        (folder / "any.csv").write_bytes(data)
        return read(settings, folder / "any.csv")

    return written


@hypothesis.settings(deadline=None)
@given(text=st.lists(st.sampled_from(CSV_BITS), max_size=40).map("".join), encoding=st.sampled_from(["utf-8", "gbk"]))
def test_any_text_is_people_or_our_refusal(any_file, text, encoding):
    with suppress(AudienceError):
        assert all(isinstance(one, Person | BadRow) for one in any_file(text.encode(encoding)))


@hypothesis.settings(deadline=None)
@given(data=st.binary(max_size=300), head=st.sampled_from([b"", b"name,phone\n", "姓名,手机\n".encode(), b"\xff\xfe"]))
def test_any_bytes_are_people_or_our_refusal(any_file, data, head):
    with suppress(AudienceError):
        assert all(isinstance(one, Person | BadRow) for one in any_file(head + data))


def test_a_planned_handover_is_told_from_one_that_has_been():
    headings = ["计划交房日期", "交房时段", "交房地点", "交房日期"]
    assert [known(heading) for heading in headings] == [
        "handover_on",
        "handover_slot",
        "handover_place",
        "handed_over_on",
    ]
