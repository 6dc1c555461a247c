"""The program speaks the languages it says it speaks: everything is translated, and what is installed is what was translated."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "src/notigate/locale"
CATALOGUES = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
LANGUAGES = ("zh_Hans", "zh_Hant")
FIELD = re.compile(r"\{\{|\}\}|\{[^{}]*\}")
#: characters that only a simplified (first) or only a traditional text (second) may hold
SIMPLIFIED = set(
    "们这来时会对发经学无关开门问间见现说话请谢谁让认识记还进过远运达适选边过头买卖书号团国图圆处备复够东车电节"
)
TRADITIONAL = set(
    "們這來時會對發經學無關開門問間見現說話請謝誰讓認識記還進過遠運達適選邊頭買賣書號團國圖圓處備複夠東車電節"
)


def messages(file: Path):
    with file.open("rb") as opened:
        catalogue = read_po(opened)
    return [message for message in catalogue if message.id]


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def everywhere(check):
    return pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: f"{file.parts[-3]}-{file.stem}")(check)


def test_every_language_has_its_catalogues():
    assert {(file.parts[-3], file.stem) for file in CATALOGUES} == {
        (language, domain) for language in LANGUAGES for domain in ("notigate", "messages")
    }


@everywhere
def test_nothing_is_missing_or_doubtful(file):
    assert [m.id for m in messages(file) if m.fuzzy or not all(form.strip() for form in forms(m.string))] == []


@everywhere
def test_a_translation_has_the_fields_of_its_message(file):
    for message in messages(file):
        meant = [sorted(FIELD.findall(form)) for form in forms(message.id)]
        for form in forms(message.string):
            assert sorted(FIELD.findall(form)) in meant, message.id


@everywhere
def test_a_translation_keeps_commands_and_options_as_they_are_typed(file):
    typed = re.compile(
        r"notigate (?:init|send|plan|log|doctor|resolve|approvals|approve|refuse|report)\b|--[a-z-]+|\b[A-Z_]{8,}\b|`[^`{}]*`"
    )
    for message in messages(file):
        for form in forms(message.string):
            wanted = [found for found in typed.findall(forms(message.id)[-1]) if found not in EXPLAINED]
            assert [found for found in wanted if found not in form] == [], message.id


#: words that a translation may put into the reader's language
EXPLAINED = frozenset({"DELIVERY", "`key: value`"})


@everywhere
def test_simplified_and_traditional_characters_are_not_mixed(file):
    strange = SIMPLIFIED - TRADITIONAL if file.parts[-3] == "zh_Hant" else TRADITIONAL - SIMPLIFIED
    for message in messages(file):
        assert strange & set("".join(forms(message.string))) == set(), message.string


@everywhere
def test_what_is_installed_is_what_was_translated(file):
    with file.open("rb") as opened:
        catalogue = read_po(opened)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert file.with_suffix(".mo").read_bytes() == compiled.getvalue()


def test_the_catalogues_hold_what_the_code_says(tmp_path):
    template = tmp_path / "notigate.pot"
    subprocess.run(
        [ROOT / ".ci/translate", "extract", template],
        check=True,
        timeout=60,
        env=os.environ | {"PYTHON": sys.executable},
    )
    said = {message.id for message in messages(template)}
    for language in LANGUAGES:
        kept = {message.id for message in messages(LOCALE / language / "LC_MESSAGES/notigate.po")}
        assert sorted(map(str, said - kept)) == [], f"run .ci/translate, and translate into {language}"
        assert sorted(map(str, kept - said)) == [], "run .ci/translate"


def test_no_sentence_stands_within_an_f_string_where_it_would_not_be_found():
    for file in sorted((ROOT / "src").rglob("*.py")):
        texts = [
            node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.JoinedStr)
        ]
        calls = [node for text in texts for node in ast.walk(text) if isinstance(node, ast.Call)]
        said = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_"]
        assert [ast.unparse(one) for one in said if isinstance(one, ast.Constant)] == [], file


def test_what_is_translated_for_click_is_what_click_says():
    source = "".join(file.read_text(encoding="utf-8") for file in Path(click.__file__).parent.glob("*.py"))
    said = re.sub(r'"\s+"', "", source)
    for message in messages(LOCALE / "zh_Hans/LC_MESSAGES/messages.po"):
        for form in forms(message.id):
            assert form.encode("unicode_escape").decode() in said, form


def told(language: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "notigate", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "NOTIGATE_PROJECT": "/nowhere", **dict([language.split("=")])},
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("NOTIGATE_LANG=en", "Send what is due now"),
        ("NOTIGATE_LANG=zh_Hant", "顯示這一頁"),
        ("LANG=zh_CN.UTF-8", "发送现在该发的消息"),
        ("LC_ALL=zh_TW.UTF-8", "發送現在該發的訊息"),
        ("LANG=zh_HK.UTF-8", "發送現在該發的訊息"),
        ("LANG=C", "Send what is due now"),
    ],
)
def test_help_is_in_the_users_language(language, sentence):
    assert sentence in told(language, "send", "--help")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("NOTIGATE_LANG=zh", "错误：/nowhere 里没有 notigate.yaml"),
        ("NOTIGATE_LANG=zh_TW", "錯誤：/nowhere 裡沒有 notigate.yaml"),
    ],
)
def test_faults_are_in_the_users_language(language, sentence):
    assert sentence in told(language, "send", "--due")


def test_the_sentence_behind_a_place_and_what_was_expected_are_in_the_users_language(tmp_path):
    (tmp_path / "notigate.yaml").write_text(
        "project: {name: a}\nchannels: {trial: {plugin: outbox, batch: many}}\n", encoding="utf-8"
    )
    said = told("NOTIGATE_LANG=zh", "-C", str(tmp_path), "channels")
    assert "notigate.yaml:2:43: channels.trial.batch: 应为整数" in said


def test_usage_faults_are_in_the_users_language():
    assert "没有 '--dew' 这个选项。" in told("NOTIGATE_LANG=zh", "send", "--dew")
