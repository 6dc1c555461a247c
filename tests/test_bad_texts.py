"""Hostile and broken input: refused where it is written, or a fault of one reader that the ledger records."""

from __future__ import annotations

import csv
import time
from datetime import date

import pytest

from notigate.catalogue import Catalogue
from notigate.errors import NotigateError, TemplateError
from notigate.gateway import Gateway
from notigate.model import Content, Person, State
from notigate.render import Context, Fault, Source, Text

PROJECT = {"name": "青年城", "hotline": "400-600-0000"}
#: a list as long as no colleague's
CROWD = tuple(Person(id=str(number), name="王芳", facts={"n": number}) for number in range(5000))
LONG = "字" * 10_000
#: seconds; a bomb needs minutes
SOON = 5.0


def compiled(body, medium="email", params=None):
    words = f"Subject: x\n\n{body}" if medium == "email" else body
    name = "zh_Hans.wecom.md" if medium == "wecom" else f"zh_Hans.{medium}.txt"
    sources = {key: Source(file="occasion.yaml", text=text) for key, text in (params or {}).items()}
    return Text.compile(medium, "zh_Hans", Source(file=name, text=words), params=sources)


def made(body, medium="email", params=None, *, name="王芳", facts=None):
    """What became of it: `refused` where it was written, a `Fault`, or the content."""
    reader = Person(id="1", name=name, title="ms", facts=facts or {})
    try:
        text = compiled(body, medium, params)
    except TemplateError as fault:
        return f"refused: {fault}"
    return text.render(reader, Context(project=PROJECT, today=date(2026, 11, 21), customers=CROWD))


REFUSED = {
    "power": "{{ 10 ** 10 ** 10 }}",
    "times": "{{ 'a' * 10 ** 9 }}",
    "modulo": "{{ '%1000000000d' % 1 }}",
    "call": "{{ range(1000000000) }}",
    "method": "{{ name.upper() }}",
    "format": "{{ '{0.__class__}'.format(name) }}",
    "namespace": "{{ namespace(a=1) }}",
    "lipsum": "{{ lipsum(1000000) }}",
    "cycler": "{{ cycler('a') }}",
    "macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "set": "{% set a = name %}{{ a }}",
    "with": "{% with a = name %}{{ a }}{% endwith %}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "extends": "{% extends 'base' %}",
    "block": "{% block a %}{% endblock %}",
    "filter block": "{% filter upper %}a{% endfilter %}",
    "center": "{{ name | center(1000000000) }}",
    "indent": "{{ name | indent(1000000000) }}",
    "replace": "{{ name | replace('', name) }}",
    "safe": "{{ name | safe }}",
    "tojson": "{{ name | tojson }}",
    "attr": "{{ name | attr('__class__') }}",
    "pprint": "{{ name | pprint }}",
    "loop over words": "{% for a in 'abc' %}{{ a }}{% endfor %}",
    "three loops": "{% for a in customers %}{% for b in customers %}{% for c in customers %}{% endfor %}{% endfor %}{% endfor %}",
    "recursive loop": "{% for a in customers recursive %}{{ loop(customers) }}{% endfor %}",
    "many joined": "{{ " + " ~ ".join(["note"] * 201) + " }}",
    "deep brackets": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "deep not": "{{ " + "not " * 3000 + "1 }}",
    "deep index": "{{ name" + "[0]" * 3000 + " }}",
    "deep if": "{% if vip %}" * 500 + "{% endif %}" * 500,
    "endless text": "x" * (64 * 1024 + 1),
    "open brace": "{{ name",
    "open tag": "{% if vip %}",
    "nonsense": "{{ name | date( }}",
}


@pytest.mark.parametrize("label", REFUSED)
def test_what_no_text_may_ask_for_is_refused_with_its_line(label):
    began = time.monotonic()
    told = made("\n" + REFUSED[label])
    assert str(told).startswith("refused: zh_Hans.email.txt:"), told
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize(
    "label", ["power", "times", "modulo", "call", "method", "format", "lipsum", "center", "attr", "safe"]
)
def test_what_no_text_may_ask_for_is_refused_in_a_param_too(label):
    told = made("{{ told }}", params={"told": REFUSED[label].removeprefix("{{ ").removesuffix(" }}")})
    assert str(told).startswith("refused: occasion.yaml:1: param 'told'"), told


@pytest.mark.parametrize("written", ["name }}{{ name", "name %}{% if vip", "", "{{ name }}"])
def test_a_param_is_one_expression(written):
    assert str(made("{{ told }}", params={"told": written})).startswith("refused: occasion.yaml:1")


@pytest.mark.parametrize(
    "body",
    [
        "{{ greeting }}{{ name }}",
        "{{ greeting | upper }}",
        "{% if vip %}x{% endif %}",
        "{{ range(9) }}",
        "{{ greeting.x }}",
        "{{",
    ],
)
def test_an_sms_takes_plain_params_only(body):
    assert str(made(body, "sms", {"greeting": "salutation"})).startswith("refused: zh_Hans.sms.txt:1")


FAULTS = {
    "string times": "{{ 'a' * 1000000000 }}",
    "value times": "{{ note * note }}",
    "nested empty loops": "{% for a in customers %}{% for b in customers %}{% endfor %}{% endfor %}",
    "loops over letters": "{% for a in long %}{% for b in long %}{% endfor %}{% endfor %}",
    "sorting in a loop": "{% for a in customers %}{{ customers | sort(attribute='n') | length }}{% endfor %}",
    "joining in a loop": "{% for a in customers %}{{ customers | map(attribute='name') | join | length }}{% endfor %}",
    "a long separator": "{{ customers | map(attribute='n') | join(long) }}",
    "growing by +": "{{ long + long + long + long + long + long + long + long }}",
    "endless output": "{% for a in customers %}{{ long }}{% endfor %}",
    "a huge value": "{{ huge | upper }}",
    "class": "{{ name.__class__ }}",
    "class by key": "{{ name['__class__'] }}",
    "class by map": "{{ customers | map(attribute='__class__') | list }}",
    "globals": "{{ self.__init__.__globals__ }}",
    "private of a loop": "{% for a in customers %}{{ loop._iterator }}{% endfor %}",
    "a figure without end": "{{ figure | number }}",
    "money without end": "{{ figure | money }}",
    "no figure": "{{ note | money }}",
    "not a number": "{{ nan | number }}",
    "no day": "{{ note | date }}",
    "a step of nothing": "{{ name[::0] }}",
    "divided by nothing": "{{ 1 / 0 }}",
}


@pytest.mark.parametrize("label", FAULTS)
def test_what_goes_wrong_with_a_value_is_a_fault_of_this_reader_and_soon_over(label):
    facts = {"note": "三点", "long": LONG, "huge": LONG * 10, "figure": "1e99999999", "nan": "NaN"}
    began = time.monotonic()
    told = made(FAULTS[label], facts=facts)
    assert isinstance(told, Fault), told
    assert LONG not in str(told)
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize(("body", "most"), [
    ("{% for a in customers %}{% endfor %}", 20),
    # each of them twice: by the filter, and, one by one, by the loop
    ("{% for a in customers | map(attribute='n') %}{% endfor %}", 10),
])  # fmt: skip
def test_a_text_may_run_through_so_many_items_and_not_one_list_more(body, most):
    assert isinstance(made(body * most), Content)
    assert "more than 100000 items" in str(made(body * (most + 1)))


@pytest.mark.parametrize("medium", ["sms", "email", "wecom"])
@pytest.mark.parametrize(
    "name",
    [
        "王芳\r\nBcc: all@example.com",
        "王芳\n\n第二段",
        "王\x00芳\x1b[31m",
        "王芳\u202e反",
        "王\u200b芳\u2028下",
        "**王芳** [点我](http://a.cn)",
        "<font color='warning'>王</font>",
        "<script>alert(1)</script>",
        "{{ project.name }}",
        "{% include '/etc/passwd' %}",
        "${greeting}",
        "【官方】王芳",
        "../../../etc/passwd",
        "'; DROP TABLE delivery; --",
        "%s%n{0}",
        "=cmd|' /C calc'!A0",
        "𠜎𠮷某",
        "e\u0301" * 30,
    ],
)
def test_a_name_is_only_a_name(medium, name):
    body = "{{ who }}，您好。"
    told = made(body, medium, {"who": "name"}, name=name)
    assert isinstance(told, Content), told
    assert "青年城" not in told.text
    assert "root:" not in told.text
    for control in "\r\x00\x1b\u202e":
        assert control not in told.text + told.subject + told.html
    if medium == "sms":
        assert "\n" not in told.text
        assert not set("【】") & set(told.params["who"])
    if medium == "wecom":
        assert "\n" not in told.text
        assert not set("<>[]*`|") & set(told.text)
    if medium == "email":
        assert "<script>" not in told.html
        assert "<font" not in told.html


@pytest.mark.parametrize("name", ["王芳\r\nBcc: all@example.com", "王芳\nX-Spam: no", "王\u2028芳"])
def test_a_name_adds_no_header(name):
    text = Text.compile(
        "email", "zh_Hans", Source(file="a.email.txt", text="Subject: {{ name }}，您好\n\n您好"), params={}
    )
    told = text.render(Person(id="1", name=name), Context(project=PROJECT, today=date(2026, 11, 21)))
    assert isinstance(told, Fault) or not set("\r\n\u2028") & set(told.subject)


# Files


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "holiday/../../x", "/etc/passwd", "holiday\\mid-autumn", "holiday/\0", "a" * 500]
)
def test_no_name_of_an_occasion_leads_elsewhere(tmp_path, name):
    (tmp_path / "occasion.yaml").write_text("title: secret", encoding="utf-8")
    with pytest.raises(NotigateError, match="there is no occasion"):
        Catalogue.open([tmp_path / "templates"]).occasion(name)


OCCASION = """\
title: Tried
class: service
moment: manual
channels: [sms, email]
params: {greeting: salutation}
sample: {name: 王芳, title: ms, phone: "13800138000"}
"""


@pytest.fixture
def catalogue(tmp_path):
    def make(files, locale="zh_Hans"):
        folder = tmp_path / "templates/service/tried"
        folder.mkdir(parents=True)
        (folder / "occasion.yaml").write_text(OCCASION, encoding="utf-8")
        for file, content in files.items():
            (folder / file).write_bytes(content)
        return Catalogue.open([tmp_path / "templates"], locale=locale)

    return make


@pytest.mark.parametrize(
    "content",
    ["您好".encode("gb18030"), "您好".encode("utf-16"), b"\xff\xfe\x00", b"abc\xc3"],
    ids=["gb18030", "utf-16", "bom", "cut off"],
)
def test_a_text_that_is_no_utf8_is_named(catalogue, content):
    with pytest.raises(TemplateError, match=r"zh_Hans\.sms\.txt: this is not UTF-8"):
        catalogue({"zh_Hans.sms.txt": content}).text("service/tried", "sms")


def test_a_byte_order_mark_and_line_ends_of_another_system_do_no_harm(catalogue):
    found = catalogue({"zh_Hans.email.txt": b"\xef\xbb\xbfSubject: x\r\n\r\n{{ greeting }}\r\nb\r\n"})
    assert found.text("service/tried", "email").sources["body"].text == "{{ greeting }}\nb"


@pytest.mark.parametrize(
    "wanted", ["xx", "tlh", "zz-ZZ", "../../etc", "zh_Hant\0", "klingon", "日本語", "-", "en_" * 50]
)
def test_a_language_nobody_wrote_gets_the_projects(catalogue, wanted):
    found = catalogue({"zh_Hans.sms.txt": b"{{ greeting }}", "en.sms.txt": b"{{ greeting }}"})
    assert found.text("service/tried", "sms", wanted).locale == "zh_Hans"


def test_a_project_in_a_language_nobody_wrote_is_told(catalogue):
    with pytest.raises(TemplateError, match=r"no text for sms in the project's locale ja; there is: en"):
        catalogue({"en.sms.txt": b"{{ greeting }}"}, "ja").text("service/tried", "sms")


# Recorded

SETTINGS = """\
project: {name: 青年城, hotline: 400-600-0000}
ledger: sqlite:///notigate.db
roster: {file: customers.csv}
channels: {trial: {plugin: outbox, folder: outbox}}
occasions: {service/tried: {}}
policy: {windows: ["00:00-24:00"]}
"""


#: a sum, and loops that run as often as a note is long, times itself
MAIL = "Subject: x\n\n{{ greeting }}，{{ due | money }}{% for a in note %}{% for b in note %}{% endfor %}{% endfor %}"


def test_an_empty_cell_chooses_the_other_words_and_where_it_is_printed_the_place_and_the_person_are_named(
    tmp_path, catalogue
):
    text = "Subject: 车位\n\n{% if parking %}车位{{ parking }}{% else %}没有车位{% endif %}\n{{ greeting }}，{{ note }}"
    catalogue({"zh_Hans.email.txt": text.encode(), "zh_Hans.sms.txt": b"{{ greeting }}"})
    rows = [["c1", "王芳", "a@example.com", "", "三点"], ["c2", "李雷", "b@example.com", "A1", ""]]
    with (tmp_path / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "name", "email", "parking", "note"], *rows])
    (tmp_path / "notigate.yaml").write_text(SETTINGS, encoding="utf-8")
    with Gateway.open(tmp_path) as gateway:
        run = gateway.send("service/tried", key="once")
        (sent,) = gateway.log(state="accepted")
        (alone,) = gateway.log(run=gateway.send("service/tried", to="a@example.com").id)
        (shown,) = (one for one in gateway.preview("service/tried", person="c1") if one.medium == "email")
    assert sent.person == "c1"
    assert ["没有车位" in one.content.text for one in (sent, alone, shown)] == [True] * 3
    (problem,) = run.problems
    assert (problem.person, problem.detail) == ("c2", "templates/service/tried/zh_Hans.email.txt:4: 'note' is missing")


def test_the_ledger_records_whose_text_could_not_be_made_and_the_others_get_theirs(tmp_path, catalogue):
    catalogue({"zh_Hans.sms.txt": b"{{ greeting }}", "zh_Hans.email.txt": MAIL.encode()})
    rows = [
        ["good", "王芳", "a@example.com", "12000", "三点", ""],
        ["figure", "王芳", "b@example.com", "1e99999999", "三点", ""],
        ["bomb", "王芳", "c@example.com", "1", "字" * 9000, ""],
        ["away", "../../王芳", "d@example.com", "1", "三点", "tlh"],
    ]
    with (tmp_path / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "name", "email", "due", "note", "language"], *rows])
    settings = tmp_path / "notigate.yaml"
    settings.write_text(SETTINGS, encoding="utf-8")
    settings.chmod(0o600)
    with Gateway.open(tmp_path) as gateway:
        gateway.send("service/tried", key="once")
        states = {delivery.person: (delivery.state, delivery.reason) for delivery in gateway.log()}
    assert states == {
        "good": (State.ACCEPTED, ""),
        "figure": (State.INVALID, "text"),
        "bomb": (State.INVALID, "text"),
        "away": (State.ACCEPTED, ""),
    }
