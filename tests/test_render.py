"""Texts are compiled once and rendered for each reader; what does not fit one reader stops nobody else."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate.errors import TemplateError
from notigate.model import Content, Person
from notigate.render import Context, Fault, Source, Text, salutation, segments

TODAY = date(2026, 11, 21)
PROJECT = {"name": "青年城", "hotline": "400-600-0000", "city": "成都"}
CONTEXT = Context(project=PROJECT, today=TODAY)
WANG = Person(
    id="1",
    name="王芳",
    title="ms",
    facts={
        "born": date(1800, 1, 1),
        "handover_on": date(2026, 12, 5),
        "amount_due": "600000",
        "房号": "3-2-1203",
        "area_m2": 89.5,
        "note": "",
    },
)


def compiled(body, *, medium="sms", locale="zh_Hans", html=None, file=None, **params):
    return Text.compile(
        medium,
        locale,
        Source(file=file or f"{locale}.{medium}.txt", text=body),
        html=html if html is None else Source(file=f"{locale}.{medium}.html", text=html),
        params={name: Source(file="occasion.yaml", text=text, line=7) for name, text in params.items()},
    )


def mail(body, reader=WANG, context=CONTEXT, **options):
    return compiled(f"Subject: s\n\n{body}", medium="email", **options).render(reader, context)


def value(expression, *, reader=WANG, locale="zh_Hans", context=CONTEXT):
    """What one param becomes: its text, or the fault's sentence."""
    made = compiled("{{ it }}", locale=locale, it=expression).render(reader, context)
    return str(made) if isinstance(made, Fault) else made.params["it"]


# The page of a mail without HTML of its own


def test_a_mail_without_html_of_its_own_is_shown_as_a_page():
    made = mail("您好：\n\n第一行\n第二行\n\n{{ closing }}", locale="zh_Hant")
    assert '<html lang="zh-Hant">' in made.html
    assert "<p>您好：</p>\n<p>第一行<br>\n第二行</p>\n<footer>" in made.html


def test_only_a_closing_is_set_apart():
    assert "<p>一</p>\n<p>二</p>\n</main>" in mail("一\n\n二").html


def test_nothing_in_a_page_is_markup_but_the_page_itself():
    told = mail("{{ note }}", reader=WANG._replace(facts={"note": "<script>&\"'</script>"})).html
    assert "<p>&lt;script&gt;&amp;&quot;&#x27;&lt;/script&gt;</p>" in told


# Params


@pytest.mark.parametrize(
    ("expression", "zh_hans", "zh_hant", "en"),
    [
        ("salutation", "王女士", "王女士", "Ms 王"),
        ("project.hotline", "400-600-0000", "400-600-0000", "400-600-0000"),
        ("handover_on | date", "2026年12月5日", "2026年12月5日", "December 5, 2026"),
        ("handover_on | date('full')", "2026年12月5日星期六", "2026年12月5日 星期六", "Saturday, December 5, 2026"),
        ("handover_on|date('MMMd')", "12月5日", "12月5日", "Dec 5"),
        ("handover_on | weekday", "星期六", "星期六", "Saturday"),
        ("handover_on", "2026年12月5日", "2026年12月5日", "December 5, 2026"),
        ("today | date", "2026年11月21日", "2026年11月21日", "November 21, 2026"),
        ("amount_due | money", "¥600,000.00", "CN¥600,000.00", "CN¥600,000.00"),
        ("amount_due | money(currency='HKD')", "HK$600,000.00", "HK$600,000.00", "HK$600,000.00"),
        ("amount_due | number", "600,000", "600,000", "600,000"),
        ("area_m2 | area", "89.5平方米", "89.5 平方公尺", "89.5 m²"),
        ("38 | temperature", "38°C", "38°C", "38°C"),
        ("area_m2 | unit('length-kilometer')", "89.5公里", "89.5 公里", "89.5 km"),
        ("房号", "3-2-1203", "3-2-1203", "3-2-1203"),
        ("'贵宾' if vip else salutation", "王女士", "王女士", "Ms 王"),
        ("(amount_due | number) ~ '/' ~ today.year", "600,000/2026", "600,000/2026", "600,000/2026"),
        ("area_m2 * 2", "179", "179", "179"),
        ("note | default('无')", "无", "无", "无"),
        ("today.year", "2026", "2026", "2026"),
        ("'暴雨' | weather", "暴雨", "豪雨", "heavy rain"),
        ("'Typhoon' | weather", "台风", "颱風", "typhoon"),
        ("'暴雨、大风' | weather", "暴雨、大风", "豪雨、強風", "heavy rain, strong wind"),
        ("'橙色' | weather", "橙色", "橙色", "orange"),
        ("'流星雨' | weather", "流星雨", "流星雨", "流星雨"),
        ("'2026-09-25' | lunar", "农历八月十五", "農曆八月十五", "8th lunar month, day 15"),
        ("'2025-07-25' | lunar", "农历闰六月初一", "農曆閏六月初一", "leap 6th lunar month, day 1"),
        ("'2026-02-16' | lunar", "农历腊月廿九", "農曆臘月廿九", "12th lunar month, day 29"),
        ("today | lunar", "农历十月十三", "農曆十月十三", "10th lunar month, day 13"),
    ],
)
def test_params_are_written_in_the_readers_locale(expression, zh_hans, zh_hant, en):
    assert [value(expression, locale=locale) for locale in ("zh_Hans", "zh_Hant", "en")] == [zh_hans, zh_hant, en]


@pytest.mark.parametrize(
    ("expression", "given", "told"),
    [
        ("at | time", time(10, 0), "10:00"),
        ("at | time", "2026-12-05T10:00", "10:00"),
        ("at | time", "16:30", "16:30"),
        ("at | datetime", datetime(2026, 12, 5, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai")), "2026年12月5日 10:00"),
        ("at | datetime", "2026-12-05 10:00", "2026年12月5日 10:00"),
        ("at", datetime(2026, 12, 5, 10, 0, tzinfo=UTC), "2026年12月5日 10:00"),
        ("at | date", datetime(2026, 12, 5, 23, 59, tzinfo=UTC), "2026年12月5日"),
        ("at | date", "2026/5/1", "2026年5月1日"),
        ("at | date", "2026年5月1日", "2026年5月1日"),
        ("at | money", Decimal("0.5"), "¥0.50"),
        ("at | money", "1,234.5", "¥1,234.50"),
        ("at | number", 0, "0"),
        ("at", 3.0, "3"),
        ("at", 1203, "1203"),
        ("at | list", ["三居", "四居"], "三居和四居"),
        ("at | list", "三居", "三居"),
    ],
)
def test_values_are_taken_as_rosters_and_callers_write_them(expression, given, told):
    assert value(expression, context=Context(project={}, today=TODAY, given={"at": given})) == told


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("moved_in_on | date", "'moved_in_on' is missing"),
        ("note", "'note' is missing"),
        ("event | default(weather.event)", "'event' is missing"),
        ("project.fax", "'project.fax' is missing"),
        ("consultant", "'consultant' is missing"),
        ("name.upper", "'name.upper' is missing"),
        ("name.__class__", "'__class__' is missing"),
        ("today.isoformat", "'today.isoformat' is missing"),
        ("today.hour", "'today.hour' is missing"),
        ("today.year.real", "'today.year.real' is missing"),
        ("(name | lower) ~ nobody", "'nobody' is missing"),
        ("note ~ '!'", "'note' is missing"),
        ("'x' if vip", "\"'x' if vip\" is missing"),
        ("房号 | money", "'房号' is not fit for 'money'"),
        ("vip | number", "'vip' is not fit for 'number'"),
        ("房号 | date", "'房号' is not fit for 'date'"),
        ("born | lunar", "'born' is not fit for 'lunar'"),
        ("today | date('nonsense')", "'today' is not fit for 'date'"),
        ("name + 1", "a value does not fit the text (TypeError)"),
        ("name * 1000000000", "only numbers can be multiplied"),
    ],
)
def test_what_the_record_does_not_tell_is_a_fault_that_names_the_column_and_no_value(expression, told):
    assert value(expression) == told


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "",
            "a b",
            "salutation |",
            "date(",
            "name | nonsense",
            "today | date('full', 'x')",
            "today | date(width='full')",
        ),
        *("a }} evil {{ b", "name.upper()", "2 ** 9", "name % 3", "[1, 2]", "{'a': 1}", "(" * 5000),
    ],
)
def test_a_param_that_cannot_be_understood_is_told_with_its_place(expression):
    with pytest.raises(TemplateError, match=r"^occasion.yaml:7: param 'it': "):
        compiled("{{ it }}", it=expression)


def test_what_the_run_brings_goes_before_columns_and_before_params_that_do_not_read_it():
    context = Context(project=PROJECT, today=TODAY, given={"amount_due": "5", "hotline": "400-1"})
    text = compiled("{{ amount_due }} {{ hotline }}", amount_due="amount_due | money", hotline="project.hotline")
    assert text.render(WANG, context).text == "¥5.00 400-1"


def test_a_text_tells_which_params_and_columns_it_reads():
    text = compiled("{{ due }}", due="amount_due | money", other="salutation")
    assert text.params == {"due"}
    assert text.names == {"amount_due"}


def test_a_param_nobody_uses_stops_nobody():
    assert compiled("您好", unused="nonexistent").render(WANG, CONTEXT) == Content(text="您好")


# SMS


def test_an_sms_is_the_words_with_the_values_the_provider_gets():
    made = compiled("{{ who }}，{{ day }}见。回电{{ tel }}", who="salutation", day="today | date('MMMd')", tel="房号")
    content = made.render(WANG, CONTEXT)
    assert content.text == "王女士，11月21日见。回电3-2-1203"
    assert dict(content.params) == {"who": "王女士", "day": "11月21日", "tel": "3-2-1203"}


def test_an_sms_that_reads_the_same_is_made_once_for_all_its_readers():
    text = compiled("{{ who }}，{{ day }}见。{{ again }}", who="salutation", day="today | date('MMMd')", again="name")
    shared = text.shared(CONTEXT)
    readers = [WANG, WANG._replace(id="2"), WANG._replace(name="王丽"), WANG._replace(title="mr")]
    first, alike, *others = [text.render(reader, CONTEXT, shared) for reader in readers]
    assert alike is first
    assert [first, *others] == [text.render(reader, CONTEXT) for reader in (WANG, *readers[2:])]
    assert [list(one.params) for one in (first, *others)] == [["who", "day", "again"]] * 3


def test_who_has_a_project_of_their_own_reads_its_name():
    text = compiled("{{ house }}", house="project.name")
    own = WANG._replace(facts={**WANG.facts, "project": "云栖里"})
    shared = text.shared(CONTEXT, "云栖里")
    assert [text.render(own, CONTEXT).text, text.render(own, CONTEXT, shared).text] == ["云栖里", "云栖里"]
    assert text.render(WANG, CONTEXT).text == PROJECT["name"]


def test_a_value_that_is_missing_for_all_is_told_of_each_reader():
    text = compiled("{{ tel }}", tel="project.hotline")
    context = Context(project={"hotline": "\u200b"}, today=TODAY)
    told = [text.render(reader, context, text.shared(context)) for reader in (WANG, Person(id="2"))]
    assert told == [text.render(WANG, context)] * 2
    assert isinstance(told[0], Fault)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("a\nb {{ nobody }}", 2),
        ("{{ it | upper }}", 1),
        ("{{ it.x }}", 1),
        ("a\n\n{% if it %}x{% endif %}", 3),
        ("{# note #}", 1),
        ("a\n{{ it", 2),
        ("it }}", 1),
        ("{{}}", 1),
        ("{{ {{ it }} }}", 1),
        ("{{\nit }}", 1),
        ("Subject: x\n\ny", 1),
        ("x" * 70_000, 1),
    ],
)
def test_an_sms_that_holds_more_than_plain_params_is_refused_with_its_line(body, line):
    with pytest.raises(TemplateError, match=rf"^zh_Hans.sms.txt:{line}: "):
        compiled(body, it="salutation")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("王\n芳", "王 芳"),
        ("【中奖】", "〔中奖〕"),
        (" a\t b ", "a b"),
        ("a\u200b\u202eb", "ab"),
        ("{{ name }}", "{{ name }}"),
        ("A\u3000B", "A B"),
    ],
)
def test_a_value_in_an_sms_is_one_line_without_the_signatures_brackets(written, sent):
    reader = Person(id="1", facts={"it": written})
    content = compiled("你好{{ it }}", it="it").render(reader, CONTEXT)
    assert (content.params["it"], content.text) == (sent, f"你好{sent}")


def test_a_value_that_shows_nothing_is_missing():
    assert (
        str(compiled("{{ it }}", it="it").render(Person(id="1", facts={"it": " \u200b"}), CONTEXT)) == "'it' is missing"
    )


# Mail and WeCom


def test_a_mail_is_subject_text_and_html():
    text = compiled(
        "Subject: 给{{ who }}\n\n{{ who }}，您好\n", medium="email", html="<p>{{ who }}</p>\n", who="salutation"
    )
    assert text.render(WANG, CONTEXT) == Content(text="王女士，您好", subject="给王女士", html="<p>王女士</p>\n")


def test_a_mail_without_a_subject_is_refused():
    with pytest.raises(TemplateError, match=r"^zh_Hans.email.txt:1: a mail begins with a line 'Subject: …'"):
        compiled("您好", medium="email")


@pytest.mark.parametrize("mark", ["\n", "\r", "\r\n", "\x00", "\x0b", "\x85", "\u2028"])
def test_no_value_breaks_a_subject(mark):
    text = compiled("Subject: {{ it }}\n\nx", medium="email", it="given")
    made = text.render(WANG, Context(project={}, today=TODAY, given={"given": f"a{mark}Bcc: b"}))
    assert isinstance(made, Fault) or made.subject == "aBcc: b"
    assert "\n" not in str(getattr(made, "subject", ""))


EVIL = "<img src=x onerror=alert(1)> & \"q\" 'q'"


@pytest.mark.parametrize("html", ["<p>{{ it }}</p>", "{% if it %}<p>{{ it }}</p>{% endif %}"])
def test_values_are_escaped_in_html_however_the_text_is_compiled(html):
    made = mail("x", reader=Person(id="1", facts={"it": EVIL}), html=html)
    assert made.html.startswith("<p>&lt;img src=x onerror=alert(1)&gt; &amp; ")
    assert '"' not in made.html
    assert "'" not in made.html


@pytest.mark.parametrize("body", ["{{ it }}", "{% if it %}{{ it }}{% endif %}"])
def test_values_are_no_markup_in_wecoms_markdown(body):
    reader = Person(id="1", facts={"it": "#1 [a](http://x) <@all> **b** `c`\n> d | <font color='warning'>"})
    text = compiled(body, medium="wecom", file="zh_Hans.wecom.md").render(reader, CONTEXT).text
    assert not set("<>[]*`|\n").intersection(text)
    assert text.startswith("＃1 ［a］")


def test_the_words_of_a_markdown_text_stay_markup():
    text = compiled("# {{ name }}\n> **{{ name }}**", medium="wecom", file="zh_Hans.wecom.md")
    assert text.render(WANG, CONTEXT).text == "# 王芳\n> **王芳**"


def test_a_list_runs_over_the_customers_of_a_colleague():
    context = Context(project=PROJECT, today=TODAY, customers=(WANG, Person(id="2", name="李强", title="mr")))
    body = "{% for one in customers %}\n{{ loop.index }}. {{ one.name }} {{ one.salutation }}\n{% endfor %}"
    assert mail(body, context=context).text == "1. 王芳 王女士\n2. 李强 李先生\n"


def test_a_customers_blank_cell_is_false_in_a_condition_and_a_fault_in_print():
    people = Context(project=PROJECT, today=TODAY, customers=(WANG,))
    body = "{% for one in customers %}{% if one.note %}a{% else %}b{% endif %}{% endfor %}"
    assert mail(body, context=people).text == "b"
    assert str(mail("{% for one in customers %}{{ one.note }}{% endfor %}", context=people)) == "'note' is missing"
    assert str(mail("{% for one in customers %}{{ one.x.y }}{% endfor %}", context=people)) == "'x' is missing"


def test_a_blank_cell_is_false_in_a_condition_and_a_fault_in_print():
    assert mail("{% if note %}a{% else %}b{% endif %}").text == "b"
    assert mail("{% if consultant %}a{% else %}b{% endif %}").text == "b"
    assert str(mail("{% if vip %}{% endif %}{{ note }}")) == "'note' is missing"


def test_a_param_whose_column_is_blank_is_false_in_a_condition_and_names_the_column_in_print():
    assert mail("{% if due %}a{% else %}b{% endif %}", due="note | money").text == "b"
    assert str(mail("{% if vip %}{% endif %}{{ due }}", due="note | money")) == "'note' is missing"


SHEET = CONTEXT._replace(columns={"parking", "stage"})
UNFULFILLED = [
    "parking", "parking == 'A1'", "parking == stage == 'A1'", "parking > '1'", "parking <= '9'", "'A' in parking",
    "parking is defined", "parking and stage == 'x'", "stage | default",
]  # fmt: skip


@pytest.mark.parametrize("condition", UNFULFILLED)
def test_a_cell_that_a_row_leaves_empty_fulfils_no_condition(condition):
    assert mail(f"{{% if {condition} %}}a{{% else %}}b{{% endif %}}", context=SHEET).text == "b"


@pytest.mark.parametrize("condition", ["parking == ''", "parking == stage", "not parking", "parking != 'A1'"])
def test_an_empty_cell_is_as_good_as_no_words(condition):
    assert mail(f"{{% if {condition} %}}a{{% else %}}b{{% endif %}}", context=SHEET).text == "a"


def test_an_empty_cell_in_print_is_a_fault_with_its_place_unless_the_text_says_what_to_write_instead():
    fault = mail("{% if parking %}x{% endif %}\n车位：{{ parking }}", context=SHEET)
    assert (str(fault), fault.place) == ("'parking' is missing", "zh_Hans.email.txt:4")
    assert mail("车位：{{ parking | default('未选') }}", context=SHEET).text == "车位：未选"
    short = compiled("{{ where }}", where="parking").render(WANG, SHEET)
    assert (str(short), short.place) == ("'parking' is missing", "occasion.yaml:7")


def test_a_customers_empty_cell_is_false_in_a_condition_too():
    people = SHEET._replace(customers=(WANG,))
    body = "{% for one in customers %}{% if one.parking %}a{% else %}b{% endif %}{% endfor %}"
    assert mail(body, context=people).text == "b"


@pytest.mark.parametrize("body", ["{{ nmae }}", "{% if nmae %}{% endif %}", "{% for x in nmae %}{% endfor %}"])
def test_a_name_that_nobody_knows_is_a_fault_wherever_it_stands(body):
    assert str(mail(body)) == "'nmae' is missing"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("a\n{% if x %}", 4),
        ("{% endif %}", 3),
        ("a\n\n{{ x | nonsense }}{% if x %}{% endif %}", 5),
        ("{{ x | date('full', 'x') }}", 3),
        ("{% set x = 1 %}", 3),
        ("a\n{% include 'x' %}", 4),
        ("{% extends 'x' %}", 3),
        ("{% import 'x' as x %}", 3),
        ("{% macro x() %}{% endmacro %}", 3),
        ("{% block x %}{% endblock %}", 3),
        ("{{ range(9) }}", 3),
        ("{{ name.format() }}", 3),
        ("{{ ''.__class__.__mro__() }}", 3),
        ("{{ 'a' ** 9 }}", 3),
        ("{{ '%1000000000d' % 1 }}", 3),
        ("{{ name | center(1000000000) }}{% if x %}{% endif %}", 3),
        ("{{ name | safe }}", 3),
        ("{% if name is odd %}{% endif %}", 3),
        ("{% for x in 'abc' %}{% endfor %}", 3),
        ("{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}", 3),
        ("x" * 70_000, 3),
    ],
)
def test_a_text_that_is_no_wording_is_refused_with_its_line(body, line):
    with pytest.raises(TemplateError, match=rf"^zh_Hans.email.txt:{line}: "):
        mail(body)


@pytest.mark.parametrize(
    "body",
    [
        "{{ 'a' * 10000000000 }}",
        "{{ name['__class__'] }}",
        "{{ name | map(attribute='__class__') | join }}",
        "{{ (name | map('upper'))['gi_frame'] }}",
        "{{ (name | map('upper')).gi_frame }}",
        "{% for a in name %}{{ loop.changed }}{% endfor %}",
        "{{ project['items'] }}",
        "{{ project.items }}{% if vip %}{% endif %}",
        "{% for a in name %}{% for b in name %}{{ name ~ name ~ name }}{% endfor %}{% endfor %}",
        "{{ 1 / 0 }}",
        "{{ name | sum }}",
    ],
)
def test_no_text_reaches_out_of_the_sandbox_or_grows_without_end(body):
    reader = Person(id="1", name="x" * 300, facts={})
    assert isinstance(mail(body, reader=reader), Fault)


@pytest.mark.parametrize("body", ["{{ it }}", "{% if it %}{{ it }}{% endif %}"])
def test_values_are_never_compiled(body):
    assert mail(body, reader=Person(id="1", facts={"it": "{{ 7 * 7 }}{% x"})).text == "{{ 7 * 7 }}{% x"


@pytest.mark.parametrize("body", ["{{ it }}", "{% if it %}{{ it }}{% endif %}"])
def test_a_text_that_becomes_too_long_is_a_fault(body):
    assert "longer than" in str(mail(body, reader=Person(id="1", facts={"it": "x" * 70_000})))


@given(st.text())
def test_any_value_makes_a_text_or_a_fault_with_the_words_unharmed(written):
    reader = Person(id="1", name=written, facts={"it": written})
    for made in (mail("[{{ it }}]", reader=reader), compiled("[{{ it }}]", it="it").render(reader, CONTEXT)):
        assert isinstance(made, Fault) or (made.text[0], made.text[-1]) == ("[", "]")


@given(st.text(alphabet="{}%# |'\"().[]abn\n*-+", max_size=40))
def test_any_source_makes_a_text_or_a_template_error(source):
    for medium in ("sms", "email"):
        try:
            made = compiled(source if medium == "sms" else f"Subject: s\n\n{source}", medium=medium, a="name")
        except TemplateError:
            continue
        assert isinstance(made.render(WANG, CONTEXT), Content | Fault)


# Built-in names


@pytest.mark.parametrize(
    ("person", "zh", "en"),
    [
        ({"name": "王芳", "title": "ms"}, "王女士", "Ms 王"),
        ({"name": "王芳", "title": "mr"}, "王先生", "Mr 王"),
        ({"name": "欧阳娜", "title": "ms"}, "欧阳女士", "Ms 欧阳"),
        ({"name": "歐陽", "title": "ms"}, "歐陽女士", "Ms 歐陽"),
        ({"name": "王", "title": "ms"}, "王女士", "Ms 王"),
        ({"name": "王女士"}, "王女士", "Ms 王"),
        ({"name": "李先生"}, "李先生", "Mr 李"),
        ({"name": "Fang Wang", "family_name": "Wang", "title": "ms"}, "Wang女士", "Ms Wang"),
        ({"name": "Anna O'Neil-Smith", "title": "ms"}, "Anna O'Neil-Smith女士", "Ms Anna O'Neil-Smith"),
        ({"name": "阿依古丽·买买提", "title": "ms"}, "阿依古丽·买买提女士", "Ms 阿依古丽·买买提"),
        ({"name": "王芳", "title": "ms", "vip": True}, "尊敬的贵宾", "Honoured guest"),
        ({"name": "", "vip": True}, "尊敬的贵宾", "Honoured guest"),
        ({"name": "王芳"}, "尊敬的客户", "Dear customer"),
        ({"name": "", "title": "ms"}, "尊敬的客户", "Dear customer"),
        ({"name": "  ", "title": "ms"}, "尊敬的客户", "Dear customer"),
        ({"name": "成都某某装饰有限公司", "title": "mr"}, "尊敬的客户", "Dear customer"),
        ({"name": "某某集团", "title": "mr"}, "尊敬的客户", "Dear customer"),
        ({"name": "Smith Limited", "title": "mr"}, "尊敬的客户", "Dear customer"),
        ({"name": "Smith Trading Co., Ltd", "title": "mr"}, "尊敬的客户", "Dear customer"),
        ({"name": "王芳、李强", "title": "ms"}, "尊敬的客户", "Dear customer"),
        ({"name": "3-2-1203", "title": "ms"}, "尊敬的客户", "Dear customer"),
    ],
)
def test_a_reader_is_addressed_by_family_name_and_title_or_neutrally(person, zh, en):
    reader = Person(id="1", **person)
    assert (salutation(reader, "zh_Hans"), salutation(reader, "en_GB")) == (zh, en)


@pytest.mark.parametrize("locale", ["zh_Hant", "zh_Hant_HK", "zh_TW"])
def test_traditional_readers_are_addressed_in_their_script(locale):
    assert salutation(Person(id="1", vip=True), locale) == "尊敬的貴賓"
    assert salutation(Person(id="1"), locale) == "親愛的客戶"


@pytest.mark.parametrize(
    ("project", "facts", "closing"),
    [
        (PROJECT, {}, "【青年城】400-600-0000"),
        ({"name": "青年城"}, {}, "【青年城】"),
        (PROJECT, {"project": "青年城二期"}, "【青年城二期】400-600-0000"),
        ({**PROJECT, "closing": "{name} · {consultant} {consultant_phone}"}, {"consultant": "李"}, "青年城 · 李"),
        ({**PROJECT, "closing": "{name.__class__}"}, {}, "{name.__class__}"),
        ({**PROJECT, "closing": "{fax}"}, {}, "'project.fax' is missing"),
    ],
)
def test_the_closing_is_filled_from_the_project_and_the_reader(project, facts, closing):
    made = mail("{{ closing }}", reader=Person(id="1", facts=facts), context=Context(project=project, today=TODAY))
    assert (str(made) if isinstance(made, Fault) else made.text) == closing


# Parts


@pytest.mark.parametrize(
    ("text", "signature", "parts"),
    [
        ("", "", 1),
        ("中" * 70, "", 1),
        ("中" * 71, "", 2),
        ("中" * 64, "示例物业", 1),
        ("中" * 65, "示例物业", 2),
        ("a" * 134, "", 2),
        ("a" * 135, "", 3),
        ("a" * 160, "", 3),
        ("a" * 201, "", 3),
        ("a" * 202, "", 4),
        ("😀" * 35, "", 1),
        ("😀" * 36, "", 2),
        ("中" * 66 + "😀" + "中" * 66, "", 2),
    ],
)
def test_domestic_parts_are_counted_as_they_are_billed(text, signature, parts):
    assert segments(text, signature) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("中" * 66 + "😀" + "中" * 66, 3),
    ],
)
def test_international_parts_depend_on_the_alphabet_and_cut_no_character(text, parts):
    assert segments(text, international=True) == parts


# Cost


def test_a_plain_text_imports_neither_jinja2_nor_babel():
    script = (
        "import sys; from datetime import date; from notigate.model import Person; from notigate.render import *;"
        "s = lambda t: Source(file='x.txt', text=t);"
        "t = Text.compile('email', 'zh_Hans', s('Subject: a\\n\\n{{ who }}'), html=s('<p>{{ who }}'),"
        " params={'who': s('salutation')});"
        "assert t.render(Person(id='1'), Context(project={}, today=date(2026, 1, 1))).text == '尊敬的客户';"
        "sys.exit(any(name.split('.')[0] in ('babel', 'jinja2') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
