"""Which text a reader gets, and in which language the program speaks."""

from __future__ import annotations

import subprocess
import sys

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from hypothesis import given
from hypothesis import strategies as st

from notigate import language
from notigate.errors import ConfigError, UsageError
from notigate.render import Fault

OURS = ("zh_Hans", "zh_Hant", "en")


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("zh", "zh_Hans"),
        ("zh_CN", "zh_Hans"),
        ("zh-CN", "zh_Hans"),
        ("zh_SG", "zh_Hans"),
        ("zh_Hans", "zh_Hans"),
        ("zh_Hans_HK", "zh_Hans"),
        ("zh_TW", "zh_Hant"),
        ("zh-TW", "zh_Hant"),
        ("zh_HK", "zh_Hant"),
        ("zh_MO", "zh_Hant"),
        ("zh_Hant", "zh_Hant"),
        ("zh_Hant_HK", "zh_Hant"),
        ("ZH-hant-tw", "zh_Hant"),
        ("en", "en"),
        ("en_GB", "en"),
        ("EN", "en"),
        (" en ", "en"),
        ("繁體中文", "zh_Hant"),
        ("英文", "en"),
        ("English", "en"),
    ],
)
def test_a_reader_gets_the_language_and_script_asked_for(wanted, got):
    assert language.negotiate(wanted, OURS, "the default") == got


@pytest.mark.parametrize("wanted", ["", "fr", "xx_YY", "nonsense!", "../etc", "中", "-", "zh_Latn"])
def test_what_is_not_there_or_not_understood_gets_the_default(wanted):
    assert language.negotiate(wanted, OURS, "the default") == "the default"


@pytest.mark.parametrize(("wanted", "available"), [("zh_TW", "zh_Hans"), ("zh_CN", "zh_Hant"), ("zh", "zh_Hant")])
def test_one_chinese_script_never_stands_in_for_the_other(wanted, available):
    assert language.negotiate(wanted, (available, "en"), "en") == "en"


@pytest.mark.parametrize(
    ("wanted", "got"), [("zh_HK", "zh_Hant_HK"), ("zh_TW", "zh_Hant"), ("zh_MO", "zh_Hant"), ("en_AU", "en_GB")]
)
def test_the_own_territory_goes_before_the_language_alone(wanted, got):
    assert language.negotiate(wanted, ("zh_Hant", "zh_Hant_HK", "en_GB"), "en_GB") == got


@given(st.text(max_size=40))
def test_any_tag_ends_in_an_available_locale_or_the_default(wanted):
    assert language.negotiate(wanted, OURS, "zh_Hans") in OURS


def test_a_locale_is_parsed_once():
    assert language.parse_locale("zh-Hant") is language.parse_locale("zh-Hant")
    assert language.parse_locale("zh_TW").script == "Hant"


@pytest.mark.parametrize("tag", ["", "nonsense!", "xx", "zh_Hant_XX_YY_ZZ"])
def test_no_locale_is_the_users_fault(tag):
    with pytest.raises(UsageError, match="there is no locale"):
        language.parse_locale(tag)


@pytest.fixture
def translated(tmp_path, monkeypatch):
    """Catalogues of one sentence each, in the three languages' folders."""
    for locale, sentence in {"zh_Hans": "{file}：键 {key!r} 不认识", "zh_Hant": "{file}：不認得鍵 {key!r}"}.items():
        catalog = Catalog(locale=locale)
        catalog.add("{file}: unknown key {key!r}", sentence)
        folder = tmp_path / locale / "LC_MESSAGES"
        folder.mkdir(parents=True)
        with (folder / "notigate.mo").open("wb") as file:
            write_mo(file, catalog)
    monkeypatch.setattr(language, "_FOLDER", tmp_path)
    for variable in ("NOTIGATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    language._catalogue.cache_clear()
    yield monkeypatch
    language._catalogue.cache_clear()


SIMPLIFIED, TRADITIONAL = "roster：键 'a' 不认识", "roster：不認得鍵 'a'"
ENGLISH = "roster: unknown key 'a'"


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, ENGLISH),
        ({"LANG": "C.UTF-8"}, ENGLISH),
        ({"LANG": "zh_CN.UTF-8"}, SIMPLIFIED),
        ({"LANG": "zh_TW.UTF-8"}, TRADITIONAL),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "zh_HK"}, TRADITIONAL),
        ({"LC_MESSAGES": "zh_HK", "LC_ALL": "zh_CN"}, SIMPLIFIED),
        ({"LC_ALL": "zh_CN", "NOTIGATE_LANG": "zh-Hant"}, TRADITIONAL),
        ({"LANG": "zh_CN.UTF-8", "NOTIGATE_LANG": "en"}, ENGLISH),
        ({"LANG": "zh_CN.UTF-8", "NOTIGATE_LANG": ""}, SIMPLIFIED),
        ({"LANG": "de_DE.UTF-8"}, ENGLISH),
        ({"LANG": "../../etc"}, ENGLISH),
    ],
)
def test_errors_and_faults_are_told_in_the_users_language(translated, environment, told):
    for variable, value in environment.items():
        translated.setenv(variable, value)
    sentence = "{file}: unknown key {key!r}"
    assert language.translate(ConfigError(sentence, file="roster", key="a")) == told
    assert language.translate(Fault(sentence, {"file": "roster", "key": "a"})) == told


def test_an_empty_sentence_stays_empty(translated):
    translated.setenv("LANG", "zh_CN")
    assert language._("") == ""


def test_babel_is_not_imported_for_a_match_or_for_the_programs_own_sentences():
    script = (
        "import sys; from notigate import language as l;"
        "l.negotiate('zh_Hans', ('zh_Hans',), 'en'); l.negotiate('', ('zh_Hans',), 'en'); l._('x');"
        "sys.exit(any(name.split('.')[0] in ('babel', 'jinja2') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
