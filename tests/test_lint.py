"""What lint says against texts, with file and line; and that it has nothing to say against those that we ship."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from notigate.catalogue import Catalogue
from notigate.lint import lint
from notigate.render import Context

CONTEXT = Context(
    project={"name": "青年城", "hotline": "400-600-0000", "closing": "【{name}】{hotline}"}, today=date(2026, 11, 21)
)
OCCASION = """\
title: Tried
class: {category}
moment: manual
channels: [sms, email, wecom]
{params}
sample: {{name: 王芳, title: ms, phone: "13800138000", note: 三点, {sample}}}
"""
GOOD = "{{ greeting }}，明天下午停水，有事请拨{{ hotline }}。"
PARAMS = "params: {greeting: salutation, hotline: project.hotline}"


@pytest.fixture
def said(tmp_path):
    """What lint says against an occasion of these files."""

    def say(files=None, *, category="service", params=PARAMS, sample=""):
        folder = tmp_path / "templates" / "service" / "tried"
        folder.mkdir(parents=True, exist_ok=True)
        occasion = OCCASION.format(category=category, params=params, sample=sample)
        texts = {"occasion.yaml": occasion, "zh_Hans.sms.txt": GOOD} | (files or {})
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        return list(lint(Catalogue.open([tmp_path / "templates"]), ["service/tried"], CONTEXT, "青年城"))

    return say


def rules(remarks):
    return [(remark.severity, remark.rule, Path(remark.file).name, remark.line) for remark in remarks]


def test_there_is_nothing_to_say_against_a_good_text(said):
    assert said() == []


def test_the_occasions_that_we_ship_keep_every_rule():
    catalogue = Catalogue.open([])
    told = lint(catalogue, catalogue.names(), CONTEXT, "青年城")
    assert [f"{remark.where}: {remark}" for remark in told] == []


SMS = {
    "sms-variable-twice": "{{ greeting }}，请拨{{ hotline }}，就是{{ hotline }}。",
    "sms-adjacent": "您好{{ greeting }} {{ hotline }}。",
    "sms-only-variables": "{{ greeting }}，{{ hotline }}。",
    "sms-brackets": "【{{ greeting }}】，请拨{{ hotline }}。",
    "sms-characters": "{{ greeting }}，★请拨{{ hotline }}。",
    "sms-opt-out": "{{ greeting }}，请拨{{ hotline }}，拒收请回复R",
    "sms-promotion": "{{ greeting }}，本月开盘，请拨{{ hotline }}。",
    "sms-contact": "{{ greeting }}，请拨{{ hotline }}或13800138000。",
    "sms-length": "{{ greeting }}，" + "好" * 480 + "{{ hotline }}。",
}


@pytest.mark.parametrize("rule", SMS)
def test_a_rule_for_sms_is_an_error_with_its_line(said, rule):
    found = rules(said({"zh_Hans.sms.txt": "\n" + SMS[rule]}))
    assert ("error", rule, "zh_Hans.sms.txt", 2) in found
    assert {name for severity, name, *_ in found if severity == "error"} == {rule}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{{ greeting }}，歡迎致電{{ hotline }}。", "sms-characters"),
        ("{{ greeting }}，节日快乐🎉，{{ hotline }}。", "sms-characters"),
        ("[{{ greeting }}，请拨{{ hotline }}。", "sms-brackets"),
        ("{{ greeting }}，加微信好友，{{ hotline }}。", "sms-contact"),
        ("{{ greeting }}，010-88886666、400-600-0001、95588，{{ hotline }}。", "sms-contact"),
        ("{{ greeting }}，低息放款快，{{ hotline }}。", "sms-promotion"),
        ("{{ greeting }}, a discount for you, call {{ hotline }}.", "sms-promotion"),
        ("{{ greeting }}，退订回T，{{ hotline }}。", "sms-opt-out"),
    ],
)
def test_other_ways_to_break_a_rule_are_seen(said, text, rule):
    assert {remark.rule for remark in said({"zh_Hans.sms.txt": text})} == {rule}


@pytest.mark.parametrize(
    "text",
    [
        "{{ greeting }}，本周六新品开盘，请拨{{ hotline }}，拒收请回复R",
        "{{ greeting }}, a discount on Saturday, call {{ hotline }}. 拒收请回复R",
    ],
)
def test_marketing_may_sell_and_ends_with_the_way_out(said, text):
    assert said({"zh_Hans.sms.txt": text}, category="marketing") == []
    for without in (text.removesuffix("拒收请回复R"), text + "。"):
        found = rules(said({"zh_Hans.sms.txt": without}, category="marketing"))
        assert [rule for _, rule, *_ in found] == ["sms-opt-out"]


def test_a_text_for_readers_elsewhere_is_free_of_the_mainlands_rules_on_wording(said):
    assert said({"zh_Hant.sms.txt": "{{ greeting }}，歡迎致電{{ hotline }}。"}) == []


@pytest.mark.parametrize(("name", "refused"), [("email", True), ("x" * 25, False), ("x" * 26, True), ("a_1", False)])
def test_names_of_variables_are_those_that_providers_take(said, name, refused):
    text = f"您好，{{{{ {name} }}}}，请看。"
    found = said({"zh_Hans.sms.txt": text}, params=f"params: {{{name}: note}}")
    assert [remark.rule for remark in found] == (["sms-variable-name"] if refused else [])


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("字" * 35, None),
        ("字" * 36, "sms-value-length"),
        ("见www.example.cn", "sms-link-in-value"),
        ("a.com", "sms-link-in-value"),
    ],
)
def test_values_are_those_that_providers_take(said, value, rule):
    found = said(
        {"zh_Hans.sms.txt": "您好，{{ told }}，请看。"}, params="params: {told: told}", sample=f"told: {value}"
    )
    assert [remark.rule for remark in found if remark.severity == "error"] == ([rule] if rule else [])


def test_a_reader_with_a_long_name_is_thought_of(said):
    found = said(
        {"zh_Hans.sms.txt": "您好，{{ who }}，请看。"},
        params="params: {who: \"name ~ '（本次活动特邀嘉宾，全家均可出席，请带好证件）'\"}",
    )
    assert [(remark.severity, remark.rule) for remark in found] == [("warning", "sms-value-length")]
    assert "a long name in Latin letters" in str(found[0]) or "a name of many characters" in str(found[0])


def test_more_than_two_parts_are_shown(said):
    found = said({"zh_Hans.sms.txt": "{{ greeting }}，" + "好" * 130 + "{{ hotline }}。"})
    assert rules(found) == [("warning", "sms-parts", "zh_Hans.sms.txt", 1)]


def test_a_name_that_nobody_knows_is_an_error_where_it_is_printed(said):
    found = said({"zh_Hans.email.txt": "Subject: 您好\n\n{{ greeting }}：\n{{ hotlines }}\n{{ hotline }}"})
    assert rules(found) == [("error", "cannot-be-made", "zh_Hans.email.txt", 4)]
    assert "hotlines" in str(found[0])


def test_a_name_that_nobody_knows_is_a_warning_where_the_sample_does_not_print_it(said):
    text = "Subject: 您好\n\n{{ greeting }}\n{% if note == 'x' %}{{ prmo }}{% endif %}{{ hotline }}"
    found = said({"zh_Hans.email.txt": text})
    assert rules(found) == [("warning", "undefined-name", "zh_Hans.email.txt", 4)]


def test_a_condition_may_ask_for_any_cell_that_a_row_can_leave_empty_and_for_no_other(said):
    text = (
        "Subject: 您好\n\n{{ greeting }}，{{ hotline }}\n{% if parking %}x{% endif %}{% if moved_in_on %}y{% endif %}"
    )
    assert said({"zh_Hans.email.txt": text}, sample="parking: A1") == []
    found = said({"zh_Hans.email.txt": text.replace("{% if parking", "{% if prking")}, sample="parking: A1")
    assert rules(found) == [("error", "cannot-be-made", "zh_Hans.email.txt", 4)]


def test_a_param_without_a_text_is_shown_where_it_stands(said):
    found = said(params="params:\n  greeting: salutation\n  hotline: project.hotline\n  spare: note")
    assert rules(found) == [("warning", "unused-param", "occasion.yaml", 8)]


@pytest.mark.parametrize(
    ("name", "severity"), [("loop", "error"), ("2x", "error"), ("问候", "error"), ("project", "warning")]
)
def test_a_name_that_texts_cannot_use_is_shown(said, name, severity):
    found = said(params=PARAMS.removesuffix("}") + f", {name}: note}}")
    assert (severity, "unsafe-name", "occasion.yaml", 5) in rules(found)


def test_what_one_language_is_told_and_another_is_not_is_an_error(said):
    found = said({"en.sms.txt": "{{ greeting }}, there is no water tomorrow."})
    assert rules(found) == [("error", "unequal-params", "en.sms.txt", 1)]
    assert "hotline" in str(found[0])


def test_a_text_that_fails_for_awkward_people_says_for_whom(said):
    text = "Subject: 您好\n\n{{ greeting }}，{{ hotline }}，您的顾问{{ consultant }}"
    found = said({"zh_Hans.email.txt": text}, sample="consultant: 李娜")
    assert rules(found) == [("error", "cannot-be-made", "zh_Hans.email.txt", 3)]
    assert "no consultant" in str(found[0])


def test_a_subject_that_lists_of_mail_cut_off_is_shown(said):
    mail = "Subject: {}\n\n{{{{ greeting }}}}，{{{{ hotline }}}}"
    assert said({"zh_Hans.email.txt": mail.format("好" * 39)}) == []
    assert rules(said({"zh_Hans.email.txt": mail.format("好" * 40)})) == [
        ("warning", "mail-subject", "zh_Hans.email.txt", 1)
    ]
    assert [remark.severity for remark in said({"zh_Hans.email.txt": mail.format("好" * 256)})] == ["error"]


@pytest.mark.parametrize(("length", "severity"), [(682, None), (683, "warning"), (1365, "warning"), (1366, "error")])
def test_bytes_of_wecom_are_counted(said, length, severity):
    found = said({"zh_Hans.wecom.md": "好" * length}, params="params: {}", sample="")
    told = [remark.severity for remark in found if remark.rule == "wecom-length"]
    assert told == ([severity] if severity else [])


def test_what_mail_programs_block_is_shown(said):
    html = '<p>{{ greeting }}{{ hotline }}</p>\n<img src="https://example.com/a.png">'
    found = said({"zh_Hans.email.txt": "Subject: 您好\n\n{{ greeting }}{{ hotline }}", "zh_Hans.email.html": html})
    assert rules(found) == [("warning", "mail-remote", "zh_Hans.email.html", 2)]


def test_a_broken_text_is_told_and_the_others_are_still_looked_at(said):
    found = said({"en.sms.txt": "{{ oops }}", "zh_Hans.sms.txt": SMS["sms-adjacent"]})
    assert [remark.rule for remark in found] == ["broken", "sms-adjacent"]
    assert "oops" in str(found[0])


def test_a_broken_occasion_is_told_with_its_line(said):
    found = said({"occasion.yaml": "title: x\nclass: cair\nmoment: manual\nchannels: [sms]\n"})
    assert rules(found) == [("error", "broken", "occasion.yaml", 2)]


def notigate(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "notigate", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_build_stops_where_a_message_would_be_refused(tmp_path):
    notigate(tmp_path, "init", str(tmp_path / "p"), "--sample")
    own = tmp_path / "p" / "templates" / "service" / "own"
    own.mkdir(parents=True)
    (own / "occasion.yaml").write_text(OCCASION.format(category="care", params=PARAMS, sample=""), encoding="utf-8")
    (own / "zh_Hans.sms.txt").write_text(GOOD, encoding="utf-8")
    assert notigate(tmp_path / "p", "templates", "lint").returncode == 0
    (own / "zh_Hans.sms.txt").write_text(SMS["sms-adjacent"], encoding="utf-8")
    ended = notigate(tmp_path / "p", "templates", "lint", "service/own")
    assert ended.returncode == 2
    assert ended.stdout.startswith("templates/service/own/zh_Hans.sms.txt:1: error: two variables")
    told = json.loads(notigate(tmp_path / "p", "templates", "lint", "service/own", "--json").stdout)
    assert (told["rule"], told["occasion"], told["line"]) == ("sms-adjacent", "service/own", 1)
