from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate.documents import Document, Node, Place, bind, bind_mapping, gathered, overlaid, parse, read
from notigate.errors import ConfigError
from notigate.model import Secret, Window


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    left: int
    right: int = 0

    def __post_init__(self) -> None:
        if self.left > self.right > 0:
            raise ValueError("left is larger than right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    text: str = ""
    count: int = 0
    share: float = 0.0
    switch: bool = False
    hour: time = time(0)
    day: date = date(2026, 1, 1)
    wait: timedelta = timedelta(0)
    hours: Window | None = None
    file: Path = Path("data")
    key: Secret | None = None
    security: Literal["tls", "starttls", "none"] = "tls"
    colour: Colour = Colour.RED
    maybe: int | None = 1
    names: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    days: Mapping[date, bool] = field(default_factory=dict)
    codes: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    pair: Pair = Pair(left=0)
    pairs: tuple[Pair, ...] = ()
    free: object = None
    raw: Node | None = None
    class_: str = ""


def bound(text: str) -> Everything:
    value, faults = bind(parse(text), Everything)
    assert not faults
    assert value is not None
    return value


def faults_of(text: str, kind: type = Everything) -> list[str]:
    value, faults = bind(parse(text, "notigate.yaml"), kind)
    assert value is None
    return [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("text: 13800138000", "text", "13800138000"),
        ("text: 0571", "text", "0571"),
        ("text: 22:00", "text", "22:00"),
        ("text: no", "text", "no"),
        ("text: true", "text", "true"),
        ("text: 2026-10-01", "text", "2026-10-01"),
        ("text: '【{name}】{hotline}'", "text", "【{name}】{hotline}"),
        ("text: |\n  two\n  lines\n", "text", "two\nlines\n"),
        ("count: 0571", "count", 571),
        ("count: '465'", "count", 465),
        ("count: -3", "count", -3),
        ("share: 0.5", "share", 0.5),
        ("share: 20", "share", 20.0),
        ("switch: true", "switch", True),
        ("switch: false", "switch", False),
        ("hour: 22:00", "hour", time(22)),
        ("hour: 9:05", "hour", time(9, 5)),
        ("day: 2026-10-01", "day", date(2026, 10, 1)),
        ("wait: 500ms", "wait", timedelta(milliseconds=500)),
        ("wait: 15s", "wait", timedelta(seconds=15)),
        ("wait: 1.5m", "wait", timedelta(seconds=90)),
        ("wait: 4h", "wait", timedelta(hours=4)),
        ("wait: 2d", "wait", timedelta(days=2)),
        ("hours: 10:00-11:30", "hours", Window(time(10), time(11, 30))),
        ("hours: '00:00-24:00'", "hours", Window(time(0), time.max)),
        ("file: ledger/notigate.db", "file", Path("ledger/notigate.db")),
        ("file: /var/lib/x", "file", Path("/var/lib/x")),
        ("key: hunter2", "key", Secret("hunter2")),
        ("key: null", "key", None),
        ("security: starttls", "security", "starttls"),
        ("colour: green", "colour", Colour.GREEN),
        ("maybe: ~", "maybe", None),
        ("maybe:", "maybe", None),
        ("maybe: 7", "maybe", 7),
        ("names: [a, 1, 'null']", "names", ("a", "1", "null")),
        ("names:", "names", ()),
        ("counts: {day: 1, month: 8}", "counts", {"day": 1, "month": 8}),
        ("days: {2026-10-10: true}", "days", {date(2026, 10, 10): True}),
        ("codes: {a: SMS_1, b: {en: SMS_2}}", "codes", {"a": "SMS_1", "b": {"en": "SMS_2"}}),
        ("pair: {left: 1, right: 2}", "pair", Pair(left=1, right=2)),
        ("pairs:\n- left: 1\n- {left: 2}", "pairs", (Pair(left=1), Pair(left=2))),
        ("class: care", "class_", "care"),
        ("", "text", ""),
        ("# only a comment", "text", ""),
    ],
)
def test_a_value_becomes_what_its_field_asks_for(text, name, value):
    assert getattr(bound(text), name) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-5", -5),
        ("0.25", 0.25),
        ("true", True),
        ("'12'", "12"),
        ("13800138000", "13800138000"),
        ("0571", "0571"),
        ("22:00", "22:00"),
        ("2026-10-01", "2026-10-01"),
        ("12E3", "12E3"),
        ("yes", "yes"),
        ("~", None),
        ("[1, {a: x}]", (1, {"a": "x"})),
    ],
)
def test_a_free_value_is_a_number_only_when_it_reads_like_one_to_count_with(text, value):
    assert bound(f"free: {text}").free == value


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("txet: a", "1:1: txet: unknown key; did you mean text?"),
        ("a: 1\n", "1:1: a: unknown key; known are text, "),
        ("text: [a]", "1:7: text: expected a text"),
        ("text:", "1:6: text: expected a text"),
        ("text:\n  a: 1", "2:3: text: expected a text"),
        ("count: 1.5", "1:8: count: expected a whole number"),
        ("count: 1_000", "1:8: count: expected a whole number"),
        ("count: １２", "1:8: count: expected a whole number"),
        ("share: .nan", "1:8: share: expected a number"),
        ("switch: yes", "1:9: switch: expected true or false"),
        ("hour: 24:00", "1:7: hour: expected a time of day such as 10:30"),
        ("hour: 10", "1:7: hour: expected a time of day"),
        ("day: 2026-02-30", "1:6: day: expected a day such as 2026-10-01"),
        ("wait: 15", "1:7: wait: expected a duration such as 500ms, 15s, 10m, 4h, 2d or 1y"),
        ("wait: 999999999d", "1:7: wait: expected a duration"),
        ("hours: 11:30-10:00", "1:8: hours: expected hours such as 10:00-11:30"),
        ("hours: 10:00-10:00", "1:8: hours: expected hours"),
        ("hours: 24:00-24:00", "1:8: hours: expected hours"),
        ("file: ''", "1:7: file: expected a path"),
        ("security: tsl", "1:11: security: expected tls or starttls or none; did you mean tls?"),
        ("security: x", "1:11: security: expected tls or starttls or none"),
        ("colour: blue", "1:9: colour: expected red or green"),
        ("maybe: x", "1:8: maybe: expected a whole number"),
        ("names: a", "1:8: names: expected a list, such as [a, b]"),
        ("names: [a, [b]]", "1:12: names[1]: expected a text"),
        ("counts: [1]", "1:9: counts: expected `key: value` lines"),
        ("counts: {day: x}", "1:15: counts.day: expected a whole number"),
        ("days: {today: true}", "1:8: days.today: expected a day"),
        ("codes: {a: {en: []}}", "1:17: codes.a.en: expected a text"),
        ("pair: {right: 1}", "1:7: pair.left: is missing"),
        ("pair: {left: 3, right: 2}", "1:7: pair: left is larger than right"),
        ("pairs: [{left: 1, lef: 2}]", "1:19: pairs[0].lef: unknown key; did you mean left?"),
        ("- a", "1:1: expected `key: value` lines"),
        ("text: a\ntext: b", "2:1: text: this key stands here already, at line 1"),
        ("text: &a x\nclass: *a", "2:8: class: aliases such as *a are not used here; write the value out"),
        ("count: !!python/name:os.system 1", "1:8: count: tags such as !!str are not used here"),
        ("[a]: b", "1:1: ?: a key must be a word"),
        ("~: b", "1:1: ~: a key must be a word"),
    ],
)
def test_a_fault_says_where_and_what_was_expected(text, fault):
    assert any(line.startswith(f"notigate.yaml:{fault}") for line in faults_of(text)), faults_of(text)


def test_every_fault_is_told_at_once_in_the_order_of_the_file():
    text = "txt: a\ncount: many\npair: {lft: 1}\nnames: {}\ncount: 3\n"
    assert [line.split(": ")[0] for line in faults_of(text)] == [
        "notigate.yaml:1:1",
        "notigate.yaml:2:8",
        "notigate.yaml:3:7",
        "notigate.yaml:3:8",
        "notigate.yaml:4:8",
        "notigate.yaml:5:1",
    ]


def test_gathered_faults_show_one_a_line():
    faults = bind(parse("txt: a\ncount: many", "x.yaml"), Everything)[1]
    assert str(gathered(faults)).splitlines() == [str(fault) for fault in faults]
    assert gathered(faults).faults == faults


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b"a: [1\n", "x.yaml:2:1: this is no YAML: did not find"),
        (b"a: [1", "x.yaml:1:6: this is no YAML: "),
        (b"a: 'b\n", "x.yaml:2:1: "),
        (b"a: b\n\tc: d\n", "x.yaml:2:1: "),
        (b"a: 1\n--- \nb: 1\n", "x.yaml:2:1: a second document begins here"),
        (b"a: 1\nbc\xff: 2\n", "x.yaml:2:3: this is not UTF-8"),
        (b"a: 1\nbc: \x00\n", "x.yaml:2:5: a character that no YAML may contain: U+0000"),
        ("a: \ud800".encode("utf-8", "surrogatepass"), "x.yaml:1:4: this is not UTF-8"),
        (b"#" * (1 << 20) + b"#", "x.yaml:1:1: the file is larger than"),
        (b"[" * 500_000, "x.yaml:1:21: [0]"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_yaml_is_refused_with_its_place(text, where):
    with pytest.raises(ConfigError) as refusal:
        parse(text, "x.yaml")
    assert str(refusal.value).startswith(where)


def test_a_byte_order_mark_is_no_part_of_the_first_key():
    assert bound("\ufefftext: a").text == "a"


def test_a_bomb_of_aliases_is_never_expanded():
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 10))
    document = parse("l0: &l0 [lol]\n" + levels, "bomb.yaml")
    assert len(document.faults) == 9 * 9


@hypothesis.settings(deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_are_a_document_or_a_fault_inside_it(data):
    _parsed_or_refused_inside(data)


YAML_BITS = (
    *(
        "text",
        "count",
        "pair",
        "left",
        "free",
        ": ",
        ":\n  ",
        "\n",
        "- ",
        "? ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "'",
        '"',
        "|",
        ">",
    ),
    *(
        "&a ",
        "*a",
        "!!int ",
        "#",
        "~",
        "12",
        "${env:NOTIGATE_NOT_SET}",
        "${",
        "---\n",
        "%YAML 1.2\n",
        "\t",
        "中",
        "\u2028",
    ),
)


@hypothesis.settings(deadline=None)
@given(st.lists(st.sampled_from(YAML_BITS), max_size=40).map("".join))
def test_any_punctuation_is_a_document_or_a_fault_inside_it(text):
    _parsed_or_refused_inside(text.encode())


def _parsed_or_refused_inside(data: bytes) -> None:
    try:
        faults = bind(parse(data, "x.yaml"), Everything)[1]
    except ConfigError as fault:
        faults = (fault,)
    lines = re.split(r"\r\n|[\r\n\x85\u2028\u2029]", data.decode("utf-8", "replace"))
    for fault in faults:
        place = fault.fields["place"]
        assert isinstance(place, Place)
        assert str(fault).startswith(f"x.yaml:{place.line}:{place.column}: ")
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 2


@pytest.fixture
def yaml_file(tmp_path):
    def write(text: str, mode: int = 0o600) -> Path:
        file = tmp_path / "notigate.yaml"
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
        return file

    return write


def shown(document: Document) -> str:
    return "\n".join(map(str, bind(document, Everything)[1]))


def test_a_secret_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("MY_KEY", "canary")
    everything = bound("key: ${env:MY_KEY}\ntext: 'https://${env:MY_KEY}/'\ncodes: {a: 'x${env:MY_KEY}'}")
    assert everything.key == Secret("canary")
    assert everything.text == "https://canary/"
    assert everything.codes == {"a": "xcanary"}


def test_what_an_environment_variable_holds_is_bound_like_what_is_written(monkeypatch):
    monkeypatch.setenv("PORT", "465")
    assert bound("count: ${env:PORT}").count == 465


def test_a_secret_comes_from_a_file_without_its_last_newline(yaml_file, tmp_path):
    (tmp_path / "aliyun").write_text("canary\r\n")
    (tmp_path / "aliyun").chmod(0o600)
    for name in ("aliyun", tmp_path / "aliyun"):
        value, faults = bind(read(yaml_file(f"key: ${{file:{name}}}")), Everything)
        assert not faults
        assert value.key.reveal() == "canary"


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("${env:NOT_SET}", "the environment variable NOT_SET is not set"),
        ("${env:EMPTY}", "the environment variable EMPTY is empty"),
        ("${env:}", "not a reference; write ${env:NAME} or ${file:/path}"),
        ("${MY_KEY}", "not a reference"),
        ("${ENV:MY_KEY}", "not a reference"),
        ("${file:nowhere}", "nowhere cannot be read: No such file or directory"),
        ("${file:.}", "is no file"),
        ("${file:open}", "open is open to others than its owner; chmod 600"),
        ("${file:binary}", "binary holds no text"),
        ("${file:empty}", "empty is empty"),
    ],
)
def test_a_secret_that_is_not_there_is_named_and_never_shown(yaml_file, tmp_path, monkeypatch, reference, told):
    monkeypatch.setenv("EMPTY", "")
    for name, content, mode in [
        ("open", b"canary", 0o640),
        ("binary", b"\xff\xfecanary", 0o600),
        ("empty", b"\n", 0o600),
    ]:
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(mode)
    sentence = shown(read(yaml_file(f"key: '{reference}'")))
    assert sentence.startswith("notigate.yaml:1:6: key: ")
    assert told in sentence
    assert "canary" not in sentence


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_plain_secret_in_a_file_that_others_may_read_is_refused(yaml_file, mode):
    sentence = shown(read(yaml_file("key: canary", mode)))
    assert sentence.startswith(
        "notigate.yaml:1:6: key: a secret in a file that others may read: chmod 600 notigate.yaml"
    )
    assert "canary" not in sentence


def test_a_plain_secret_in_a_file_of_its_owner_is_allowed(yaml_file):
    assert bind(read(yaml_file("key: canary", 0o600)), Everything)[0].key == Secret("canary")


def test_a_reference_in_a_file_that_others_may_read_is_allowed(yaml_file, monkeypatch):
    monkeypatch.setenv("MY_KEY", "canary")
    assert bind(read(yaml_file("key: ${env:MY_KEY}", 0o644)), Everything)[0].key == Secret("canary")


def test_a_wrong_value_is_never_shown():
    text = "\n".join(
        f"{key}: hunter2canary" for key in ("count", "share", "switch", "hour", "wait", "security", "colour")
    )
    assert "canary" not in "\n".join(faults_of(text))


def test_nodes_and_documents_hide_their_values():
    assert "canary" not in repr(parse("key: canary"))


def test_a_relative_path_starts_at_the_folder_of_the_document(yaml_file, tmp_path):
    assert bind(read(yaml_file("file: outbox")), Everything)[0].file == tmp_path / "outbox"
    assert bind(read(yaml_file("file: /srv/outbox")), Everything)[0].file == Path("/srv/outbox")


def test_a_path_that_is_a_default_starts_there_too(yaml_file, tmp_path):
    assert bind(read(yaml_file("text: a")), Everything)[0].file == tmp_path / "data"


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(ConfigError, match=re.escape(str(tmp_path / name))):
        read(tmp_path / name)


def test_a_part_can_be_bound_later_and_keeps_its_places():
    raw = bound("raw:\n  plugin: x\n  left: 1\n  rihgt: 2").raw
    assert bind(raw.only(["left"]), Pair)[0] == Pair(left=1)
    faults = bind(raw.without(["plugin"]), Pair)[1]
    assert [str(fault) for fault in faults] == ["document:4:3: raw.rihgt: unknown key; did you mean right?"]


def test_an_override_replaces_single_keys_and_its_faults_have_its_own_place():
    base, override = parse("left: 1\nright: 2", "occasion.yaml"), parse("right: 5", "notigate.yaml")
    assert bind(overlaid(base.root, override.root), Pair)[0] == Pair(left=1, right=5)
    faults = bind(overlaid(base.root, parse("right: x", "notigate.yaml").root), Pair)[1]
    assert str(faults[0]).startswith("notigate.yaml:1:8: right: expected")


def test_a_python_mapping_is_bound_like_a_file():
    mapping = {
        "count": "465",
        "share": 2,
        "switch": True,
        "names": ["a"],
        "pair": {"left": 1},
        "maybe": None,
        "key": "x",
    }
    assert bind_mapping(mapping, Everything) == Everything(
        count=465, share=2.0, switch=True, names=("a",), pair=Pair(left=1), maybe=None, key=Secret("x")
    )


def test_a_python_mapping_may_hold_values_that_are_already_what_is_asked_for():
    mapping = {"key": Secret("x"), "hour": time(9), "file": Path("a"), "colour": Colour.GREEN, "free": date(2026, 1, 2)}
    assert bind_mapping(mapping, Everything) == Everything(
        key=Secret("x"), hour=time(9), file=Path("a"), colour=Colour.GREEN, free=date(2026, 1, 2)
    )


def test_a_faulty_python_mapping_is_refused_with_every_fault():
    with pytest.raises(ConfigError) as refusal:
        bind_mapping({"cuont": 1, "pair": {"left": "x"}}, Everything, "channels.sms")
    assert [str(fault) for fault in refusal.value.faults] == [
        "channels.sms: cuont: unknown key; did you mean count?",
        "channels.sms: pair.left: expected a whole number",
    ]
