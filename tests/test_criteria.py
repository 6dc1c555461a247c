from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate import criteria
from notigate.criteria import CriterionError

TODAY = date(2026, 11, 21)
WANG = {
    "name": "王芳",
    "class": "A",
    "stage": "签约",
    "area": "95.5",
    "floor": 12,
    "price": Decimal("1200000.50"),
    "paid": "1,200,000",
    "building": "3",
    "vip": True,
    "do_not_greet": False,
    "exclusive": "否",
    "interests": "学区, 户型",
    "followed": ["school", "park"],
    "subscribed_on": date(2026, 11, 20),
    "signed_on": date(2026, 11, 22),
    "moved_in_on": None,
    "note": "",
    "note_on": date(2026, 1, 1),
    "filed_on": "soon",
    "visited_on": datetime(2026, 11, 21, 9, 30),  # noqa: DTZ001 - as spreadsheets have it
}


def holds(text, facts=WANG, today=TODAY):
    return criteria.compile(text)(facts, today)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "subscribed",
        "subscribed_on",
        "subscribed or signed",
        "subscribed and not signed",
        "not moved_in",
        "not not subscribed",
        "visited",
        "note",
        "vip",
        "not do_not_greet",
        "not exclusive",
        "not nothing",
        "not filed",
        "class == 'A'",
        'class == "A"',
        "'A' == class",
        "class in ['A', 'B']",
        "class in ('A', 'B',)",
        "class not in ['C']",
        "nothing not in ['C']",
        "class != 'B'",
        "nothing != 'B'",
        "not nothing == 'B'",
        "stage == '签约'",
        "area > 90",
        "area >= 95.5",
        "90 < area",
        "area < 100",
        "area == 95.5",
        "area > floor",
        "paid <= 1200000",
        "price > 1200000",
        "price > paid",
        "floor == '12'",
        "floor in ['11', '12']",
        "floor in [11, 12]",
        "floor > -1",
        "building == 3",
        "building in [3, 4]",
        "vip == true",
        "vip != false",
        "true == vip",
        "nothing == false",
        "exclusive == false",
        "subscribed_on == '2026-11-20'",
        "subscribed_on > '2026-01-01'",
        "subscribed_on < today",
        "signed_on > today",
        "visited_on == today",
        "signed_on > subscribed_on",
        "today == '2026-11-21'",
        "'学区' in interests",
        "'学' not in interests",
        "'school' in followed",
        "12 in floor",
        "class in class",
        "true",
        "today",
        "not (subscribed and signed)",
        "signed or subscribed and vip",
        "(subscribed or signed) and not moved_in",
        "not signed and vip",
        "class == 'A'and vip",
    ],
)
def test_it_chooses_her(text):
    assert holds(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "signed",
        "moved_in",
        "moved_in_on",
        "nothing",
        "filed",
        "exclusive",
        "do_not_greet",
        "class == 'a'",
        "class in []",
        "nothing == ''",
        "note == ''",
        "nothing in ['']",
        "nothing == nothing",
        "nothing < 1",
        "nothing > 1",
        "note < 'a'",
        "stage > 90",
        "area > 100",
        "area < 9",
        "paid < 1000000",
        "name == 1",
        "followed == 1",
        "followed > 1",
        "subscribed_on > 'soon'",
        "subscribed_on == 'soon'",
        "subscribed_on == 20261120.5",
        "vip == false",
        "vip != true",
        "nothing == true",
        "'学' in interests",
        "'pa' in followed",
        "12 in nothing",
        "false",
        "''",
        "0",
        "signed and (subscribed or vip)",
        "not (vip or signed)",
    ],
)
def test_it_passes_her_by(text):
    assert holds(text) is False


def test_a_day_counts_from_that_day_on():
    signed = criteria.compile("signed")
    assert [signed(WANG, date(2026, 11, day)) for day in (21, 22, 23)] == [False, True, True]


def test_a_column_of_the_name_itself_goes_before_its_day():
    assert not holds("signed", {"signed": False, "signed_on": date(2026, 1, 1)})
    assert holds("signed", {"signed": None, "signed_on": date(2026, 1, 1)})


def test_numbers_in_text_files_are_ordered_as_numbers():
    assert holds("paid < due", {"paid": "9", "due": "10"})
    assert holds("from < to", {"from": "a9", "to": "b1"})


@pytest.mark.parametrize("said", ["0", "no", "NO", "n", "False", " 否 ", "无"])
def test_a_column_that_says_no_is_no(said):
    assert not holds("exclusive", {"exclusive": said})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", set()),
        ("subscribed or signed and today > '2026-01-01'", {"subscribed", "signed"}),
        ("class in ['A'] and '学区' in interests and 楼栋 == 3", {"class", "interests", "楼栋"}),
        ("true", set()),
    ],
)
def test_it_names_its_columns(text, names):
    assert criteria.compile(text).names() == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("signed &", "column 8: `&` means nothing here"),
        ("signed = 1", "column 8: `=` means nothing here"),
        ("name == 'Wang", "column 9: `'` means nothing here"),
        ("signed or", "column 10: the end where a column or a value should stand"),
        ("or signed", "column 1: `or` where a column or a value should stand"),
        ("signed subscribed", "column 8: `subscribed` where `and`, `or` or the end should stand"),
        ("SIGNED AND vip", "column 8: `AND` where `and`, `or` or the end should stand"),
        ("1 < area < 3", "column 10: `<` where `and`, `or` or the end should stand"),
        ("(signed", "column 8: the end where `)` should stand"),
        ("signed)", "column 7: `)` where `and`, `or` or the end should stand"),
        ("()", "column 2: `)` where a column or a value should stand"),
        ("class in 'AB'", "column 10: `'AB'` where a list or a column should stand"),
        ("class in ['A' 'B']", "column 15: `'B'` where `,` or `]` should stand"),
        ("class in ['A', name]", "column 16: `name` where a value should stand"),
        ("class in ['A'", "column 14: the end where `,` or `]` should stand"),
        ("class in ['A')", "column 14: `)` where `,` or `]` should stand"),
        ("class not 'A'", "column 11: `'A'` where `in` should stand"),
        ("class ==", "column 9: the end where a column or a value should stand"),
        ("len(name)", "column 4: `(` where `and`, `or` or the end should stand"),
        ("name.upper", "column 5: `.` means nothing here"),
        ("9**9**9", "column 2: `*` means nothing here"),
        ("name[0]", "column 5: `[` where `and`, `or` or the end should stand"),
        ("(lambda: 1)()", "column 8: `:` means nothing here"),
        ("f'{name}'", "column 2: `'{name}'` where `and`, `or` or the end should stand"),
        ("signed\nand vip or\n", "column 18: the end where a column or a value should stand"),
        ("(" * 21 + "vip" + ")" * 21, "column 22: `vip` where something simpler should stand"),
        ("signed （vip）", "column 8: `（` means nothing here"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_column(text, message):
    with pytest.raises(CriterionError) as caught:
        criteria.compile(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "not " * 5000 + "vip",
        "vip or " * 5000 + "vip",
        "vip and " * 300 + "vip",
        "(" * 20 + "vip" + ")" * 20,
        "(vip) and " * 30 + "vip",
    ],
)
def test_long_expressions_neither_crash_nor_change_meaning(text):
    assert holds(text)


PIECES = st.sampled_from(
    [
        *"()[],",
        "and",
        "or",
        "not",
        "in",
        "==",
        "<",
        "!=",
        "vip",
        "class",
        "today",
        "'A'",
        "3",
        "-1.5",
        "true",
        ".",
        "__class__",
    ]
)


@given(st.text() | st.lists(PIECES, max_size=12).map(" ".join))
def test_every_text_is_a_criterion_or_an_error_with_a_column(text):
    try:
        found = criteria.compile(text)
    except CriterionError as fault:
        assert 1 <= fault.fields["column"] <= len(text) + 1  # noqa: PT017 - either outcome is right
    else:
        assert holds(f"({text}) and true" if text.strip() else "true") is found(WANG, TODAY)


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.decimals().filter(lambda number: not number.is_snan())
    | st.lists(st.text())
)


@given(VALUES, VALUES, st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"]))
def test_whatever_a_roster_holds_compares_without_a_fault(one, other, sign):
    facts = {"one": one, "other": other}
    assert holds(f"one {sign} other", facts) in (True, False)
    assert holds("one == other", facts) is not holds("one != other", facts)
    assert not (holds("one < other", facts) and holds("one > other", facts))
