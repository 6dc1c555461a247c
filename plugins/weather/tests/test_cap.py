"""CAP 1.2: what counts, whom it concerns, what puts an end to it, and files that are not to be trusted."""

from __future__ import annotations

import os
from datetime import datetime

import pytest

from notigate.plugin import Level, Status
from notigate.weather import standing
from notigate_weather.cap import MOST_FILES, Cap, Settings

AREA = "<area><areaDesc>四川省成都市</areaDesc></area>"
INFO = (
    "<info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Expected</urgency>"
    "<severity>Severe</severity><certainty>Likely</certainty><effective>2026-07-11T10:30:00+08:00</effective>"
    "<expires>2026-07-12T10:30:00+08:00</expires><senderName>成都市气象台</senderName>"
    "<headline>成都市气象台发布暴雨橙色预警</headline><description>示例正文</description>{more}{area}</info>"
)


def message(  # noqa: PLR0913 - the parts of a message that tests vary
    identifier="a1", *, kind="Alert", status="Actual", scope="Public", references="", info=INFO, area=AREA, more=""
):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{identifier}</identifier><sender>met@example.cn</sender><sent>2026-07-11T10:30:00+08:00</sent>"
        f"<status>{status}</status><msgType>{kind}</msgType><scope>{scope}</scope><references>{references}</references>"
        f"{info.format(area=area, more=more)}</alert>"
    )


def reference(identifier):
    return f"met@example.cn,{identifier},2026-07-11T10:30:00+08:00"


@pytest.fixture
def read(tmp_path, place):
    def read(*texts, at=place):
        for number, text in enumerate(texts):
            data = text if isinstance(text, bytes) else text.encode()
            (tmp_path / f"{number}.xml").write_bytes(data)
        return Cap(Settings(path=tmp_path), None).warnings(at)

    return read


def test_a_warning_is_read_whole(read):
    told = read(message())
    (one,) = told.alerts
    assert (one.id, one.event, one.level, one.sender) == (reference("a1"), "暴雨", Level.ORANGE, "成都市气象台")
    assert one.starts == datetime.fromisoformat("2026-07-11T10:30+08:00")
    assert one.ends == datetime.fromisoformat("2026-07-12T10:30+08:00")
    assert told.as_of is not None


def test_an_empty_folder_holds_no_warnings(read):
    assert read().alerts == ()


def test_a_folder_is_as_fresh_as_when_it_was_touched_last(read, tmp_path):
    (tmp_path / "old.xml").write_text(message(), encoding="utf-8")
    for path in (tmp_path / "old.xml", tmp_path):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert read().as_of.timestamp() == 1_700_000_000


def test_an_update_replaces_and_a_cancellation_lifts(read):
    update = message("a2", kind="Update", references=reference("a1"))
    assert [one.id for one in standing(read(message("a1"), update).alerts)] == [reference("a2")]
    cancel = message("a3", kind="Cancel", references=reference("a2"))
    assert standing(read(message("a1"), update, cancel).alerts) == []


def test_an_update_that_has_moved_away_lifts_what_it_replaces(read):
    elsewhere = "<area><areaDesc>上海市</areaDesc></area>"
    update = message("a2", kind="Update", references=reference("a1"), area=elsewhere)
    assert standing(read(message("a1"), update).alerts) == []


@pytest.mark.parametrize(
    "given",
    [
        {"status": "Test"}, {"status": "Exercise"}, {"status": "Draft"}, {"scope": "Private"}, {"scope": "Restricted"},
        {"kind": "Ack"}, {"kind": "Error"},
    ],
    ids=str,
)  # fmt: skip
def test_exercises_and_private_messages_do_not_count(read, given):
    assert read(message(**given)).alerts == ()


@pytest.mark.parametrize(
    ("area", "concerned"),
    [
        ("<areaDesc>成都市</areaDesc>", True),
        ("<areaDesc>Greater Chengdu</areaDesc>", True),
        ("<areaDesc>上海市</areaDesc>", False),
        ("<areaDesc>x</areaDesc><geocode><valueName>GB2260</valueName><value>510107</value></geocode>", True),
        ("<areaDesc>x</areaDesc><geocode><valueName>GB2260</valueName><value>310000</value></geocode>", False),
        ("<areaDesc>x</areaDesc><polygon>30,103 30,105 31,105 31,103 30,103</polygon>", True),
        ("<areaDesc>x</areaDesc><polygon>20,103 20,105 21,105 21,103 20,103</polygon>", False),
        ("<areaDesc>x</areaDesc><circle>30.66,104.06 15</circle>", True),
        ("<areaDesc>x</areaDesc><circle>30.66,104.06 5</circle>", False),
    ],
)
def test_a_warning_concerns_those_in_its_area(read, area, concerned):
    assert bool(read(message(area=f"<area>{area}</area>")).alerts) == concerned


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ("<parameter><valueName>colour</valueName><value>Red</value></parameter>", Level.RED),
        ("<parameter><valueName>AlertColor</valueName><value>蓝色</value></parameter>", Level.BLUE),
        ("<parameter><valueName>colour</valueName><value>mauve</value></parameter>", None),
        ("<parameter><valueName>height</valueName><value>12</value></parameter>", Level.ORANGE),
    ],
)
def test_the_colour_goes_before_the_severity(read, more, level):
    assert read(message(more=more)).alerts[0].level is level


def test_the_chinese_of_several_languages_is_taken(read):
    english = INFO.replace("zh-CN", "en-US").replace("暴雨", "Rainstorm")
    assert read(message(info=english + INFO)).alerts[0].event == "暴雨"


@pytest.mark.parametrize("encoding", ["GBK", "gb2312", "GB18030"])
def test_files_in_chinese_encodings_are_read(read, encoding):
    text = message().replace("UTF-8", encoding).encode("gb18030")
    assert read(text).alerts[0].event == "暴雨"


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (message().replace("<alert", f"{BOMB}<alert").replace("示例正文", "&c;"), "document type"),
        (message().replace("<alert", '<!DOCTYPE alert SYSTEM "file:///etc/passwd"><alert'), "document type"),
        ("<alert" + " " * (1 << 20), "megabyte"),
        ("<a>" * 40 + "</a>" * 40, "too deep"),
        (message()[:-9], "0.xml"),
        (message().replace("UTF-8", "UTF-7"), "encoding utf-7"),
        (message().replace("cap:1.2", "cap:1.1"), "no CAP 1.2"),
        (message().replace("2026-07-11T10:30:00+08:00", "soon"), "no time"),
        (message().replace("+08:00", ""), "no zone"),
        (message(area="<area><areaDesc>x</areaDesc><polygon>north</polygon></area>"), "no point"),
        (message().encode()[:-20] + b"\xff\xfe</alert>", "0.xml"),
    ],
)
def test_a_file_that_cannot_be_trusted_makes_all_unknown(read, text, why):
    told = read(text)
    assert told.status is Status.UNKNOWN
    assert why in told.detail


def test_a_folder_that_is_not_there_is_named(tmp_path, place):
    told = Cap(Settings(path=tmp_path / "gone"), None).warnings(place)
    assert told.status is Status.REFUSED
    assert "gone" in told.detail


def test_a_folder_that_nobody_clears_is_named(read, monkeypatch):
    monkeypatch.setattr("notigate_weather.cap.MOST_FILES", 2)
    assert read(*[message(f"a{n}") for n in range(3)]).status is Status.UNKNOWN
    assert MOST_FILES > 100


def test_one_file_alone_may_be_named(tmp_path, place):
    (tmp_path / "one.cap").write_text(message(), encoding="utf-8")
    assert len(Cap(Settings(path=tmp_path / "one.cap"), None).warnings(place).alerts) == 1
