"""The figures of a week or month, and the table made of them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate.cost import Price
from notigate.errors import UsageError
from notigate.ledger import changes, claim, open_ledger, plan, prints, questions, runs, settle, transitions
from notigate.ledger.changes import Change, Times
from notigate.ledger.claim import Call
from notigate.ledger.plan import Draft
from notigate.ledger.settle import Settlement
from notigate.ledger.store import Ledger
from notigate.model import Category, Content, Outcome, State
from notigate.reports.enclosed import facts
from notigate.reports.figures import COLUMNS, Figures, Row, figures
from notigate.reports.files import MAKERS
from notigate.reports.headings import shown
from notigate.reports.picture import png
from notigate.reports.prints import compared, printed
from notigate.reports.spans import Span, month, named, week
from notigate.reports.tables import as_csv, safe

NOW = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
TIMES = Times(NOW, NOW)
DAY = date(2026, 11, 21)
THIS_WEEK, LAST_WEEK = week(DAY), week(DAY - timedelta(days=7))
#: the way from the plan to each state
WAYS: dict[State, list[State]] = {
    State.QUEUED: [], State.HELD: [], State.INVALID: [], State.SUPPRESSED: [], State.DUPLICATE: [], State.EXPIRED: [],
    State.CLAIMED: [], State.SENDING: [], State.CANCELLED: [State.CANCELLED], State.RETRY_WAIT: [State.RETRY_WAIT],
    State.FAILED: [State.FAILED], State.UNKNOWN: [State.UNKNOWN], State.ACCEPTED: [State.ACCEPTED],
    State.DELIVERED: [State.ACCEPTED, State.DELIVERED], State.UNDELIVERED: [State.ACCEPTED, State.UNDELIVERED],
}  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path):
    opened = open_ledger(f"sqlite:///{tmp_path / 'notigate.db'}")
    runs.start(opened, "send", TIMES)
    yield opened
    opened.close()


def bring(ledger: Ledger, *wanted: State, day: date = DAY, **changed) -> None:
    """Make one delivery for each state, and bring it there by legal steps."""
    for state in wanted:
        number = sum(1 for _ in questions.log(ledger))
        draft = Draft(
            **{"occasion": "service/birthday", "channel": "sms", "project": "青年城"} | changed,
            occurrence="2026", day=day, person=f"p{number}", category=Category.CARE, medium="sms", to="13800138000",
            locale="zh_Hans", content=Content(text="生日快乐"),
            state=state if state in transitions.FIRST else State.QUEUED,
        )  # fmt: skip
        (id_,) = plan.promise(ledger, 1, [draft], TIMES).new
        if state not in transitions.FIRST and state is not State.CANCELLED:
            (delivery,) = claim.claim(ledger, draft.channel, TIMES, 1000, asked=False)[-1:]
            assert delivery.id == id_
            if state is not State.CLAIMED:
                with ledger.write() as tx:
                    claim.begin(tx, 1, [Call(claim.new_reference(), draft.channel, (delivery,))], TIMES)
        for step in WAYS[state]:
            (delivery,) = questions.deliveries(ledger, [id_])
            with ledger.write() as tx:
                change = Change([delivery], step, cause="test", next_at=NOW + timedelta(days=1))
                settle.settle(tx, [Settlement(Outcome.unknown("test"), change)], TIMES)


def one(figures: Figures) -> dict[str, int]:
    (row,) = figures.rows
    return {name: getattr(row, name) for name in Row.__slots__ if isinstance(getattr(row, name), int)}


# Figures


@pytest.mark.parametrize(
    ("state", "columns"),
    [
        (State.QUEUED, {"waiting"}),
        (State.HELD, {"waiting"}),
        (State.CLAIMED, {"waiting"}),
        (State.SENDING, {"waiting"}),
        (State.RETRY_WAIT, {"waiting"}),
        (State.ACCEPTED, {"accepted"}),
        (State.DELIVERED, {"accepted", "delivered"}),
        (State.UNDELIVERED, {"accepted", "undelivered"}),
        (State.FAILED, {"failed"}),
        (State.INVALID, {"failed"}),
        (State.EXPIRED, {"failed"}),
        (State.UNKNOWN, {"unknown"}),
        (State.SUPPRESSED, {"suppressed"}),
        (State.CANCELLED, {"suppressed"}),
    ],
)
def test_a_delivery_is_counted_where_it_stands(ledger: Ledger, state: State, columns: set[str]):
    bring(ledger, state)
    assert [delivery.state for delivery in questions.log(ledger)] == [state]
    assert {name for name, n in one(figures(ledger, THIS_WEEK)).items() if n == 1} == {"planned", *columns}


def test_what_is_planned_is_the_sum_of_what_became_of_it(ledger: Ledger):
    bring(ledger, *State)
    counted = one(figures(ledger, THIS_WEEK))
    parts = ("accepted", "failed", "unknown", "suppressed", "waiting")
    assert counted["planned"] == len(State) - 1 == sum(counted[name] for name in parts)


def test_what_another_message_tells_as_well_is_no_message_of_its_own(ledger: Ledger):
    bring(ledger, State.DUPLICATE)
    assert figures(ledger, THIS_WEEK).rows == ()
    assert figures(ledger, THIS_WEEK).reasons == ()


def test_no_state_is_counted_twice():
    parts = [states for name, states in COLUMNS.items() if name not in ("delivered", "undelivered")]
    assert sum(len(states) for states in parts) == len(frozenset().union(*parts))


def test_a_row_is_one_occasion_on_one_channel_in_one_project(ledger: Ledger):
    places = [
        {}, {"occasion": "holiday/mid-autumn"}, {"channel": "email"}, {"project": "天府城"}, {"building": "3"},
    ]  # fmt: skip
    for place in places:
        bring(ledger, State.ACCEPTED, **place)
    rows = [(row.occasion, row.channel, row.project, row.planned) for row in figures(ledger, THIS_WEEK).rows]
    assert rows == [
        ("holiday/mid-autumn", "sms", "青年城", 1),
        ("service/birthday", "email", "青年城", 1),
        ("service/birthday", "sms", "天府城", 1),
        ("service/birthday", "sms", "青年城", 2),
    ]


def test_the_total_is_the_sum_of_the_rows(ledger: Ledger):
    bring(ledger, State.ACCEPTED, State.UNKNOWN)
    bring(ledger, State.FAILED, State.DELIVERED, channel="email")
    bring(ledger, State.ACCEPTED, day=LAST_WEEK.first, channel="wecom")
    made = figures(ledger, THIS_WEEK)
    for name in (*COLUMNS, "planned", "last_week"):
        assert getattr(made.total, name) == sum(getattr(row, name) for row in made.rows)
    assert (made.total.planned, made.total.accepted, made.total.last_week) == (4, 2, 1)


def test_the_week_before_stands_beside(ledger: Ledger):
    bring(ledger, State.ACCEPTED, State.DELIVERED, State.FAILED, day=LAST_WEEK.last)
    bring(ledger, State.ACCEPTED)
    counted = one(figures(ledger, THIS_WEEK))
    assert (counted["planned"], counted["accepted"], counted["last_week"]) == (1, 1, 2)


def test_a_row_that_was_only_in_the_week_before_is_shown(ledger: Ledger):
    bring(ledger, State.ACCEPTED, day=LAST_WEEK.first)
    counted = one(figures(ledger, THIS_WEEK))
    assert (counted["planned"], counted["last_week"]) == (0, 1)


def test_a_week_counts_from_monday_to_sunday(ledger: Ledger):
    for day in (15, 16, 22, 23):
        bring(ledger, State.ACCEPTED, day=date(2026, 11, day))
    counted = one(figures(ledger, THIS_WEEK))
    assert (counted["accepted"], counted["last_week"]) == (2, 1)


def test_a_month_counts_its_days(ledger: Ledger):
    for day in (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)):
        bring(ledger, State.ACCEPTED, day=day)
    counted = one(figures(ledger, month(DAY)))
    assert (counted["accepted"], counted["last_week"]) == (2, 1)


def test_what_changes_later_stays_in_its_week(ledger: Ledger):
    bring(ledger, State.ACCEPTED, day=LAST_WEEK.first)
    (delivery,) = questions.deliveries(ledger, [1])
    with ledger.write() as tx:
        changes.apply(tx, [Change([delivery], State.DELIVERED, cause="receipt")], TIMES)
    assert one(figures(ledger, LAST_WEEK))["delivered"] == 1
    assert one(figures(ledger, THIS_WEEK))["delivered"] == 0


def test_an_empty_week_has_no_rows_and_a_total_of_nothing(ledger: Ledger):
    made = figures(ledger, THIS_WEEK)
    assert (made.rows, made.total) == ((), Row(occasion="", channel="", project=""))


def test_the_json_is_as_the_manual_says(ledger: Ledger):
    bring(ledger, State.ACCEPTED, State.UNKNOWN)
    counts = {
        "planned": 2, "accepted": 1, "delivered": 0, "undelivered": 0, "failed": 0, "unknown": 1, "suppressed": 0,
        "opted_out": 0, "waiting": 0, "parts": 0, "cost": {}, "last_week": 0, "last_parts": 0, "last_cost": {},
    }  # fmt: skip
    assert figures(ledger, THIS_WEEK).as_json() == {
        "week": "2026-W47", "from": "2026-11-16", "to": "2026-11-22",
        "rows": [{"occasion": "service/birthday", "channel": "sms", "project": "青年城"} | counts], "total": counts,
        "reasons": [],
    }  # fmt: skip
    assert figures(ledger, month(DAY)).as_json()["month"] == "2026-11"


def test_reasons_are_counted_the_most_frequent_first(ledger: Ledger):
    for reason, times in (("opted-out", 1), ("cap-day", 3)):
        for _ in range(times):
            bring(ledger, State.SUPPRESSED, reason=reason)
    bring(ledger, State.SUPPRESSED, reason="cap-day", day=LAST_WEEK.last)
    told = [(why.state, why.reason, why.n) for why in figures(ledger, THIS_WEEK).reasons]
    assert told == [("suppressed", "cap-day", 3), ("suppressed", "opted-out", 1)]


def test_who_wants_none_is_counted_among_those_kept_back(ledger: Ledger):
    for reason in ("opted-out", "opted-out", "cap-day"):
        bring(ledger, State.SUPPRESSED, reason=reason)
    counted = one(figures(ledger, THIS_WEEK))
    assert (counted["suppressed"], counted["opted_out"]) == (3, 2)


def paid(ledger: Ledger) -> Figures:
    """Two parts last week; this week five by SMS, and a mail; a refused one costs nothing."""
    ledger.prices = {"sms": Price(Decimal("0.045"), "CNY")}
    bring(ledger, State.ACCEPTED, parts=2, day=LAST_WEEK.last)
    bring(ledger, State.ACCEPTED, State.DELIVERED, parts=2)
    bring(ledger, State.UNDELIVERED, parts=1)
    bring(ledger, State.FAILED, parts=1)
    bring(ledger, State.ACCEPTED, channel="email")
    return figures(ledger, THIS_WEEK)


def test_parts_and_cost_stand_beside_those_of_the_week_before(ledger: Ledger):
    made = paid(ledger)
    mail, sms = made.rows
    for row in (sms, made.total):
        assert (row.parts, str(row.cost[0]), row.last_parts, str(row.last_cost[0])) == (5, "0.225 CNY", 2, "0.09 CNY")
    assert (mail.parts, mail.cost, mail.last_cost) == (0, (), ())


def test_money_is_exact_text_by_its_currency_in_json(ledger: Ledger):
    told = paid(ledger).as_json()["total"]
    assert (told["cost"], told["last_cost"], told["parts"], told["last_parts"]) == (
        {"CNY": "0.225"}, {"CNY": "0.09"}, 5, 2,
    )  # fmt: skip


def test_currencies_are_shown_side_by_side(ledger: Ledger):
    paid(ledger)
    ledger.prices = {"sms": Price(Decimal("0.007"), "EUR")}
    bring(ledger, State.ACCEPTED, parts=1)
    made = figures(ledger, THIS_WEEK)
    assert shown(made.total.cost) == "0.225 CNY + 0.007 EUR"
    total = read(as_csv(made))[-1]
    assert (total[-5], total[-2], total[-1]) == ("0.225; 0.007", "0.09; 0.00", "CNY; EUR")
    sheet = openpyxl.load_workbook(io.BytesIO(MAKERS[".xlsx"](made, ""))).worksheets[0]
    assert "0.225 CNY + 0.007 EUR" in [cell.value for cell in list(sheet.rows)[-1]]


def test_what_late_word_has_cost_since_the_first_print_is_told(ledger: Ledger):
    ledger.prices = {"sms": Price(Decimal("0.045"), "CNY")}
    bring(ledger, State.UNKNOWN, parts=2)
    sunday = datetime(2026, 11, 22, 18, tzinfo=UTC)
    printed(ledger, figures(ledger, THIS_WEEK), sunday)
    (delivery,) = questions.deliveries(ledger, [1])
    with ledger.write() as tx:
        changes.apply(tx, [Change([delivery], State.ACCEPTED, cause="asked")], TIMES)
    made = figures(ledger, THIS_WEEK)
    told = compared(ledger, made, sunday + timedelta(days=1)).told(made)
    assert told.endswith("18:00: sent +1, unknown -1, SMS parts +2, cost +0.09 CNY")


def test_a_first_print_from_before_costs_were_counted_has_not_changed_in_them(ledger: Ledger):
    made = paid(ledger)
    with ledger.write() as tx:
        tx.many(prints.KEEP, [("2026-W47", 0, '{"planned": 5, "accepted": 4}')])
    assert set(compared(ledger, made, NOW).by) == set()


@pytest.mark.parametrize("to", [State.ACCEPTED, State.DELIVERED])
def test_what_a_person_decided_is_counted_as_any_other(ledger: Ledger, to: State):
    bring(ledger, State.UNKNOWN, State.ACCEPTED)
    decided = Change([questions.deliveries(ledger, [1])[0]], to, cause="sent", reason="decided")
    with ledger.write() as tx:
        changes.apply(tx, [decided], TIMES)
    made = figures(ledger, THIS_WEEK)
    assert made.total.accepted == 2
    assert [(why.state, why.reason, why.n) for why in made.reasons] == [(to.value, "decided", 1)]


def test_one_project_can_be_counted_alone_and_building_by_building(ledger: Ledger):
    for project, building in (("青年城", "1"), ("青年城", "2"), ("天府城", "1")):
        bring(ledger, State.ACCEPTED, project=project, building=building)
    made = figures(ledger, THIS_WEEK, project="青年城", by_building=True)
    assert [(row.project, row.building, row.accepted) for row in made.rows] == [("青年城", "1", 1), ("青年城", "2", 1)]
    assert made.total.accepted == 2
    assert [row["building"] for row in made.as_json()["rows"]] == ["1", "2"]


def test_what_has_changed_since_the_first_print_is_told(ledger: Ledger):
    bring(ledger, State.ACCEPTED, State.UNKNOWN)
    sunday = datetime(2026, 11, 22, 18, tzinfo=UTC)
    printed(ledger, figures(ledger, THIS_WEEK), sunday)
    (delivery,) = questions.deliveries(ledger, [1])
    with ledger.write() as tx:
        changes.apply(tx, [Change([delivery], State.DELIVERED, cause="receipt")], TIMES)
    made = figures(ledger, THIS_WEEK)
    printed(ledger, made, sunday + timedelta(days=2))
    told = compared(ledger, made, sunday + timedelta(days=3)).told(made)
    assert told == "Since it was first printed on 2026-11-22 18:00: arrived +1"


def test_a_week_that_is_not_over_has_no_first_print(ledger: Ledger):
    bring(ledger, State.ACCEPTED)
    made = figures(ledger, THIS_WEEK)
    printed(ledger, made, NOW)
    bring(ledger, State.ACCEPTED)
    later = figures(ledger, THIS_WEEK)
    assert compared(ledger, later, NOW + timedelta(days=1)).told(later) == ""


# Files


def many(ledger: Ledger, n: int) -> Figures:
    for number in range(n):
        bring(ledger, State.ACCEPTED, State.FAILED, occasion=f"holiday/day-{number}")
    return figures(ledger, THIS_WEEK)


def test_the_workbook_opens_elsewhere_with_its_figures_reasons_and_a_chart(ledger: Ledger):
    bring(ledger, State.ACCEPTED, State.UNKNOWN)
    bring(ledger, State.SUPPRESSED, reason="opted-out")
    book = openpyxl.load_workbook(io.BytesIO(MAKERS[".xlsx"](figures(ledger, THIS_WEEK), "")))
    sheet, why = book.worksheets
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=5)]
    assert cells[0][:5] == ["occasion", "channel", "project", "planned", "sent"]
    assert cells[1][:5] == ["service/birthday", "sms", "青年城", 3, 1]
    assert cells[2][3:5] == [3, 1]
    assert sheet.freeze_panes == "B4"
    assert [cell.value for cell in list(why.rows)[1]] == ["kept back", "wants no messages", 1]


def test_a_sum_of_money_is_a_number_in_the_workbook_and_in_the_table(ledger: Ledger):
    made = paid(ledger)
    sheet = openpyxl.load_workbook(io.BytesIO(MAKERS[".xlsx"](made, ""))).worksheets[0]
    headings, _mail, sms, total = list(sheet.rows)[2:6]
    column = [cell.value for cell in headings].index("cost")
    for row in (sms, total):
        assert (row[column].value, row[column].number_format) == (0.225, '#,##0.00## "CNY"')
    names, _mail, line, _total = read(as_csv(made))
    told = dict(zip(names, line, strict=True))
    assert (told["parts"], told["cost"], told["last_cost"], told["currency"]) == ("5", "0.225", "0.09", "CNY")


def test_the_page_and_the_mail_tell_parts_and_cost(ledger: Ledger):
    made = paid(ledger)
    assert "0.225 CNY" in MAKERS[".html"](made, "").decode()
    told = facts(made, "")
    assert (told["parts"], told["cost"], told["last_cost"]) == (5, "0.225 CNY", "0.09 CNY")
    assert [row["cost"] for row in told["rows"]] == ["", "0.225 CNY"]


@pytest.mark.parametrize("ending", [".html", ".svg"])
def test_what_people_read_names_occasions_by_their_titles(ledger: Ledger, ending: str):
    bring(ledger, State.ACCEPTED)
    shown = MAKERS[ending](replace(figures(ledger, THIS_WEEK), titles={"service/birthday": "生日祝福"}), "").decode()
    assert "生日祝福" in shown
    assert "service/birthday" not in shown


def test_a_workbook_holds_a_chart_and_no_formula(ledger: Ledger):
    bring(ledger, State.ACCEPTED, project="=1+1", occasion="=cmd|' /C calc'!A0")
    data = MAKERS[".xlsx"](figures(ledger, THIS_WEEK), "")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert {cell.data_type for row in sheet.rows for cell in row} <= {"s", "n"}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert "xl/charts/chart1.xml" in parts.namelist()
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_the_same_figures_make_the_same_file(ledger: Ledger):
    bring(ledger, State.ACCEPTED)
    made = figures(ledger, THIS_WEEK)
    assert all(make(made, "") == make(made, "") for make in MAKERS.values())


def test_the_page_fetches_and_runs_nothing_and_shows_what_is_in_it(ledger: Ledger):
    bring(ledger, State.ACCEPTED, State.FAILED, project="<script>alert(1)</script>")
    page = MAKERS[".html"](figures(ledger, THIS_WEEK), "arrived +3").decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "arrived +3" in page
    assert "<svg" in page
    assert not re.search(r"<script|<link|<img|src=|@import|https?://(?!www\.w3\.org/2000/svg)", page)


@pytest.mark.parametrize("occasions", [0, 1, 40])
def test_the_chart_is_a_picture_whatever_there_is_to_show(ledger: Ledger, occasions: int):
    drawn = MAKERS[".svg"](many(ledger, occasions), "").decode()
    root = ET.fromstring(drawn)  # noqa: S314 - of our own making
    assert root.get("width") == "960"
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert len([text for text in texts if text.startswith("holiday/")]) == min(occasions, 23 if occasions > 24 else 24)
    assert ("17 other occasions" in texts) == (occasions == 40)
    assert MAKERS[".png"](figures(ledger, THIS_WEEK), "").startswith(b"\x89PNG")


def test_chinese_never_becomes_empty_boxes():
    def drawn(words: str) -> bytes:
        text = f'<text x="5" y="30" font-size="30">{words}</text>'
        return png(f'<svg xmlns="http://www.w3.org/2000/svg" width="150" height="40">{text}</svg>')

    pictures = [drawn(words) for words in ("青年城", "锦江里", "國慶節", "重陽節", "Hello")]
    assert len(set(pictures)) == len(pictures)


# Spans


@pytest.mark.parametrize(
    ("day", "name", "first", "last"),
    [
        (date(2026, 11, 21), "2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        (date(2026, 11, 16), "2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        (date(2026, 11, 22), "2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        (date(2027, 1, 3), "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        (date(2027, 1, 4), "2027-W01", date(2027, 1, 4), date(2027, 1, 10)),
        (date(2024, 12, 30), "2025-W01", date(2024, 12, 30), date(2025, 1, 5)),
    ],
)
def test_a_week_is_named_and_spanned_as_iso_8601_does(day: date, name: str, first: date, last: date):
    assert week(day) == named("week", name, DAY) == Span(name, first, last)


@pytest.mark.parametrize(
    ("day", "name", "last"),
    [(date(2026, 11, 30), "2026-11", 30), (date(2026, 12, 31), "2026-12", 31), (date(2028, 2, 1), "2028-02", 29)],
)
def test_a_month_is_all_its_days(day: date, name: str, last: int):
    assert month(day) == named("month", name, DAY) == Span(name, day.replace(day=1), day.replace(day=last))


@pytest.mark.parametrize(
    ("kind", "name", "before"),
    [("week", "2026-W47", "2026-W46"), ("week", "2027-W01", "2026-W53"), ("month", "2027-01", "2026-12")],
)
def test_the_span_before_is_of_the_same_kind(kind: str, name: str, before: str):
    assert named(kind, name, DAY).before == named(kind, before, DAY)


@given(st.dates(date(2001, 1, 1), date(2098, 1, 1)))
def test_spans_follow_each_other_without_a_gap(day: date):
    for span in (week(day), month(day)):
        assert span.first <= day <= span.last
        assert span.before.last + timedelta(days=1) == span.first


def test_without_a_name_it_is_the_current_one():
    assert named("week", None, DAY).name == "2026-W47"
    assert named("month", None, DAY).name == "2026-11"


@pytest.mark.parametrize(
    "name", ["2025-W53", "2026-W00", "2026-W54", "2026-47", "2026-W7", "W47", "", "2026-W47 ", "0001-W01", "9999-W52"]
)
def test_a_week_that_does_not_exist_is_refused_with_an_example(name: str):
    with pytest.raises(UsageError, match=r"there is no week .* write it like 2026-W47"):
        named("week", name, DAY)


@pytest.mark.parametrize(
    "name", ["2026-13", "2026-00", "2026-W47", "2026-1", "11", "", "2026-11-01", "0001-01", "9999-12"]
)
def test_a_month_that_does_not_exist_is_refused_with_an_example(name: str):
    with pytest.raises(UsageError, match=r"there is no month .* write it like 2026-11"):
        named("month", name, DAY)


# Tables


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_table_opens_in_a_spreadsheet_with_chinese_in_it(ledger: Ledger):
    bring(ledger, State.ACCEPTED)
    text = as_csv(figures(ledger, THIS_WEEK))
    assert text.encode().startswith(b"\xef\xbb\xbf")
    names, row, total = read(text)
    assert names[:5] == ["occasion", "channel", "project", "planned", "accepted"]
    assert row[:5] == ["service/birthday", "sms", "青年城", "1", "1"]
    assert total[:5] == ["", "", "", "1", "1"]


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\0=1",
        " =1",
        "\u3000=1",
        "\u00a0=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
    ],
)
def test_no_cell_is_a_formula(cell: str, ledger: Ledger):
    assert safe(cell) == f"'{cell}"
    bring(ledger, State.ACCEPTED, project=cell)
    assert f"'{cell}" in as_csv(figures(ledger, THIS_WEEK))


@pytest.mark.parametrize("cell", ["", " ", "青年城", "3-2-1", "a=b", "service/birthday", "'quoted"])
def test_an_ordinary_cell_stays_as_it_is(cell: str):
    assert safe(cell) == cell


@given(st.text())
def test_whatever_a_cell_holds_it_begins_like_text(cell: str):
    assert not safe(cell).strip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
