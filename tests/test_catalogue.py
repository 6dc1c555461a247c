"""Occasions are found, read, replaced and refused; a broken one stops only itself."""

from __future__ import annotations

from datetime import date, time
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notigate import documents
from notigate.catalogue import Catalogue, packaged
from notigate.errors import ConfigError, NotigateError, TemplateError, UsageError
from notigate.model import Category, Person, Window
from notigate.render import Context

YAML = """\
title: A greeting
class: care
moment: {lunar: "8-15"}
channels: [sms, email]
params: {greeting: salutation, hotline: project.hotline}
sample: {name: 王芳}
"""
CONTEXT = Context(project={"name": "青年城", "hotline": "400"}, today=date(2026, 11, 21))


@pytest.fixture
def templates(tmp_path):
    """The folder `templates/` of a project, with one occasion."""
    folder = tmp_path / "templates"
    write(
        folder,
        "holiday/ours",
        {"occasion.yaml": YAML, "zh_Hans.sms.txt": "{{ greeting }}好", "en.sms.txt": "Hi {{ greeting }}"},
    )
    return folder


def write(folder, name, files):
    (folder / name).mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (folder / name / file).write_bytes(text.encode() if isinstance(text, str) else text)


def overrides(text):
    return documents.parse(dedent(text), "notigate.yaml").root.entries


def test_an_occasion_is_read_with_all_its_keys(templates):
    write(templates, "holiday/full", {"occasion.yaml": YAML + dedent("""\
        at: "10:00-11:30"
        who: subscribed or signed
        approval: workday-before
        late: drop
        readers: consultant
        """)})  # fmt: skip
    occasion = Catalogue.open([templates]).occasion("holiday/full")
    assert (occasion.id, occasion.title, occasion.category) == ("holiday/full", "A greeting", Category.CARE)
    assert (occasion.at, occasion.who) == (Window(time(10, 0), time(11, 30)), "subscribed or signed")
    assert (occasion.channels, occasion.approval, occasion.late) == (("sms", "email"), "workday-before", "drop")
    assert (occasion.readers, occasion.sample) == ("consultant", {"name": "王芳"})
    assert occasion.params == {"greeting": "salutation", "hotline": "project.hotline"}
    assert occasion.moment.columns() == frozenset()


def test_what_an_occasion_does_not_say_has_quiet_defaults(templates):
    occasion = Catalogue.open([templates]).occasion("holiday/ours")
    assert (occasion.at, occasion.who, occasion.approval, occasion.late) == (None, "", "none", "next-window")


def test_a_project_replaces_a_packaged_occasion_as_a_whole(templates):
    write(templates, "holiday/mid-autumn", {"occasion.yaml": YAML, "en.sms.txt": "ours"})
    catalogue = Catalogue.open([templates], locale="en")
    assert catalogue.occasion("holiday/mid-autumn").title == "A greeting"
    assert catalogue.media("holiday/mid-autumn") == ("sms",)
    assert catalogue.occasion("holiday/spring-festival").title == "Spring Festival greeting"


def test_of_two_folders_the_first_goes_before(templates, tmp_path):
    plugin = tmp_path / "plugin"
    write(plugin, "holiday/ours", {"occasion.yaml": YAML.replace("A greeting", "The plugin's")})
    write(plugin, "holiday/theirs", {"occasion.yaml": YAML})
    catalogue = Catalogue.open([templates, plugin])
    assert catalogue.occasion("holiday/ours").title == "A greeting"
    assert {"holiday/ours", "holiday/theirs", "holiday/mid-autumn"} <= set(catalogue.names())


def test_two_plugins_with_one_occasion_are_both_named_until_the_project_has_its_own(templates, tmp_path):
    shelves = [tmp_path / "one", tmp_path / "two"]
    for shelf in shelves:
        write(shelf, "holiday/theirs", {"occasion.yaml": YAML})
    switched = overrides("{holiday/theirs: {}, holiday/ours: {}}")
    catalogue = Catalogue.open([templates, *shelves], overrides=switched)
    usable, (fault,) = catalogue.switched_on()
    assert [occasion.id for occasion in usable] == ["holiday/ours"]
    assert all(str(shelf / "holiday/theirs") in str(fault) for shelf in shelves)
    write(templates, "holiday/theirs", {"occasion.yaml": YAML})
    assert Catalogue.open([templates, *shelves], overrides=switched).occasion("holiday/theirs")


def test_an_occasion_that_is_named_twice_is_told_with_both_lines():
    assert [str(fault) for fault in documents.parse("a/b: {}\na/b: {}", "notigate.yaml").faults] == [
        "notigate.yaml:2:1: a/b: this key stands here already, at line 1"
    ]


def test_a_project_without_a_folder_has_the_packaged_occasions(tmp_path):
    assert Catalogue.open([tmp_path / "nowhere"]).names() == Catalogue.open([]).names()
    assert (packaged() / "holiday" / "mid-autumn" / "occasion.yaml").is_file()


def test_notigate_yaml_replaces_single_keys(templates):
    changed = overrides("""
        holiday/ours:
          at: "09:00-09:30"
          channels: [email]
          who: vip
          params: {hotline: project.night_hotline}
        """)
    occasion = Catalogue.open([templates], overrides=changed).occasion("holiday/ours")
    assert (str(occasion.at), occasion.channels, occasion.who) == ("09:00-09:30", ("email",), "vip")
    assert occasion.params == {"greeting": "salutation", "hotline": "project.night_hotline"}
    assert occasion.title == "A greeting"


def test_a_name_alone_switches_an_occasion_on(templates):
    occasions, faults = Catalogue.open([templates], overrides=overrides("holiday/ours:\n")).switched_on()
    assert [occasion.id for occasion in occasions] == ["holiday/ours"]
    assert faults == ()


def test_a_broken_occasion_stops_only_itself(templates):
    write(templates, "holiday/broken", {"occasion.yaml": "title: x"})
    names = overrides("{holiday/broken: {}, holiday/ours: {}, holiday/nowhere: {}}")
    occasions, faults = Catalogue.open([templates], overrides=names).switched_on()
    assert [occasion.id for occasion in occasions] == ["holiday/ours"]
    assert len(faults) == 2
    assert str(faults[1]).startswith("notigate.yaml:1:40: holiday/nowhere: there is no occasion 'holiday/nowhere'")


FILE = "templates/holiday/bad/occasion.yaml"


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("title: A greeting", "titel: A greeting", f"{FILE}:1:1: titel: unknown key; did you mean title?"),
        ("class: care", "class: spam", f"{FILE}:2:8: class: expected "),
        ('{lunar: "8-15"}', "{lunra: x}", f"{FILE}:3:9: moment: "),
        ('{lunar: "8-15"}', "", f"{FILE}:3:8: moment: "),
        ("channels: [sms, email]", "channels: []", f"{FILE}:4:11: channels: is empty"),
        ("sample:", "who: a && b\nsample:", f"{FILE}:6:6: who: column 3: "),
        ("sample:", "at: 11:00-10:00\nsample:", f"{FILE}:6:5: at: "),
        ("salutation", "[x]", f"{FILE}:5:20: params.greeting: "),
    ],
)
def test_a_fault_is_told_with_file_line_and_column(templates, was, becomes, told):
    assert was in YAML
    write(templates, "holiday/bad", {"occasion.yaml": YAML.replace(was, becomes)})
    with pytest.raises(ConfigError) as fault:
        Catalogue.open([templates]).occasion("holiday/bad")
    assert any(str(one).startswith(told) for one in fault.value.faults), str(fault.value)


def test_all_faults_are_told_at_once_each_where_it_was_written(templates):
    write(templates, "holiday/bad", {"occasion.yaml": YAML.replace("care", "spam")})
    wrong = overrides("holiday/bad: {who: '(', moment: nonsense, colour: red}")
    with pytest.raises(ConfigError) as fault:
        Catalogue.open([templates], overrides=wrong).occasion("holiday/bad")
    assert [str(one).split(": ")[0] for one in fault.value.faults] == ["notigate.yaml:1:43", f"{FILE}:2:8"]


@pytest.mark.parametrize("text", ["[a]", "a", "", "a: [", "params: [x]\n" + YAML.replace("params", "other")])
def test_no_document_is_too_strange_to_be_told_about(templates, text):
    write(templates, "holiday/bad", {"occasion.yaml": text})
    for changed in ("{}", "{params: {a: b}}", "x", "[x]"):
        with pytest.raises(ConfigError):
            Catalogue.open([templates], overrides=overrides(f"holiday/bad: {changed}")).occasion("holiday/bad")


def test_an_unknown_occasion_is_told_with_near_names():
    with pytest.raises(UsageError, match="there is no occasion 'holiday/mid-autum'; near: holiday/mid-autumn"):
        Catalogue.open([]).occasion("holiday/mid-autum")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "../x/y",
        "../neighbour",
        "holiday/../ours",
        "/etc/passwd",
        "a/b/c",
        "holiday/ours\n",
        ".git/x",
        "a" * 200,
    ],
)
def test_a_name_never_leads_out_of_the_folders(templates, name):
    write(templates.parent, "neighbour", {"occasion.yaml": YAML})
    with pytest.raises(UsageError, match="there is no occasion"):
        Catalogue.open([templates]).occasion(name)


@given(st.text(alphabet="./\\abc\0-", max_size=30))
def test_no_name_reads_a_file_elsewhere(name):
    with pytest.raises(UsageError):
        Catalogue.open([]).occasion(name)


def test_links_out_of_the_folder_are_refused(templates, tmp_path):
    write(tmp_path, "outside/secret", {"occasion.yaml": YAML, "zh_Hans.sms.txt": "secret"})
    (templates / "holiday" / "linked").symlink_to(tmp_path / "outside" / "secret")
    (templates / "holiday" / "ours" / "zh_Hant.sms.txt").symlink_to(tmp_path / "outside" / "secret" / "zh_Hans.sms.txt")
    catalogue = Catalogue.open([templates])
    for attempt in (catalogue.occasion, catalogue.media):
        with pytest.raises(TemplateError, match=r"templates/holiday/linked.* leads out of"):
            attempt("holiday/linked")
    with pytest.raises(TemplateError, match=r"^templates/holiday/ours/zh_Hant.sms.txt: leads out of"):
        catalogue.text("holiday/ours", "sms", "zh_Hant")


# Texts


@pytest.mark.parametrize(
    ("wanted", "got"), [("", "zh_Hans"), ("zh-CN", "zh_Hans"), ("en_GB", "en"), ("zh_TW", "zh_Hans"), ("?", "zh_Hans")]
)
def test_a_reader_gets_the_text_of_the_language_asked_for_or_of_the_project(templates, wanted, got):
    assert Catalogue.open([templates]).text("holiday/ours", "sms", wanted).locale == got


def test_a_text_is_compiled_once(templates):
    catalogue = Catalogue.open([templates])
    assert catalogue.text("holiday/ours", "sms", "en") is catalogue.text("holiday/ours", "sms", "en_GB")


def test_a_text_renders_with_the_params_of_its_occasion(templates):
    made = Catalogue.open([templates]).text("holiday/ours", "sms").render(Person(id="1", name="王女士"), CONTEXT)
    assert (made.text, dict(made.params)) == ("王女士好", {"greeting": "王女士"})


def test_no_text_in_the_projects_language_is_a_fault(templates):
    with pytest.raises(TemplateError, match="no text for sms in the project's locale zh_Hant; there is: en, zh_Hans"):
        Catalogue.open([templates], locale="zh_Hant").text("holiday/ours", "sms", "en")
    with pytest.raises(TemplateError, match="no text for fax in the project's locale zh_Hans; there is: none"):
        Catalogue.open([templates]).text("holiday/ours", "fax")


def test_a_mail_is_its_text_and_its_html(templates):
    mail = {"zh_Hans.email.txt": "Subject: s\r\n\r\na\r\nb", "zh_Hans.email.html": "<p>"}
    write(templates, "holiday/ours", mail)
    catalogue = Catalogue.open([templates])
    made = catalogue.text("holiday/ours", "email").render(Person(id="1"), CONTEXT)
    assert (made.subject, made.text, made.html) == ("s", "a\nb", "<p>")
    assert catalogue.media("holiday/ours") == ("email", "sms")


@pytest.mark.parametrize(
    ("locale", "title"), [("zh_Hans", "中秋祝福"), ("zh_TW", "中秋祝賀"), ("en", "Mid-Autumn"), ("fr", "中秋祝福")]
)
def test_a_title_is_that_of_the_projects_language(templates, locale, title):
    titles = "title: {zh_Hans: 中秋祝福, zh_Hant: 中秋祝賀, en: Mid-Autumn}"
    write(templates, "holiday/ours", {"occasion.yaml": YAML.replace("title: A greeting", titles)})
    assert Catalogue.open([templates], locale=locale).occasion("holiday/ours").title == title


def test_a_param_may_be_written_for_each_language(templates):
    each = YAML.replace("greeting: salutation", "greeting: {zh_Hans: \"'您'\", en: \"'you'\"}")
    write(templates, "holiday/ours", {"occasion.yaml": each})
    catalogue = Catalogue.open([templates])
    made = [catalogue.text("holiday/ours", "sms", locale).render(Person(id="1"), CONTEXT) for locale in ("zh-CN", "en")]
    assert [content.params for content in made] == [{"greeting": "您"}, {"greeting": "you"}]


def test_a_param_that_says_nothing_in_a_language_is_told(templates):
    write(templates, "holiday/ours", {"occasion.yaml": YAML.replace("greeting: salutation", "greeting: {en: name}")})
    with pytest.raises(TemplateError, match=r"occasion.yaml:5: param 'greeting' says nothing for zh_Hans"):
        Catalogue.open([templates]).text("holiday/ours", "sms")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"zh_Hans.sms.txt": "a\n{{ nobody }}"}, "zh_Hans.sms.txt:2: 'nobody' is no param"),
        ({"zh_Hans.sms.txt": b"\xff\xfe"}, "zh_Hans.sms.txt: this is not UTF-8"),
        ({"zh_Hans.sms.txt": "x" * 300_000}, "zh_Hans.sms.txt: cannot be read: it is larger"),
        ({"zh-Hans.sms.txt": "a"}, "zh-Hans.sms.txt: a text is named LOCALE.MEDIUM.txt"),
        ({"zh_Hans.email.html": "a"}, "zh_Hans.email.html: a text has one body"),
        ({"en.sms.md": "a"}, "en.sms.md + en.sms.txt: a text has one body"),
        ({"zh_Hans.email.txt": "a"}, "zh_Hans.email.txt:1: a mail begins with a line"),
        ({"occasion.yaml": YAML.replace("salutation", "salutation ||")}, "occasion.yaml:5: param 'greeting': "),
    ],
)
def test_what_is_wrong_with_a_text_is_told_with_its_file(templates, files, told):
    write(templates, "holiday/ours", files)
    faults = Catalogue.open([templates]).faults("holiday/ours")
    assert str(faults[0]).startswith(f"templates/holiday/ours/{told}")


def test_a_param_that_notigate_yaml_replaces_is_told_at_its_place_there(templates):
    wrong = overrides("holiday/ours:\n  params:\n    greeting: a b\n")
    with pytest.raises(TemplateError, match=r"^notigate.yaml:3: param 'greeting': "):
        Catalogue.open([templates], overrides=wrong).text("holiday/ours", "sms")


def test_notes_beside_the_texts_do_no_harm(templates):
    write(templates, "holiday/ours", {"README.md": "x", "photo.png": b"\x89"})
    assert Catalogue.open([templates]).faults("holiday/ours") == ()


def test_all_faults_of_an_occasion_are_told_to_its_author(templates):
    write(templates, "holiday/ours", {"zh_Hans.sms.txt": "{{ a }}", "en.sms.txt": "{{ b }}"})
    assert len(Catalogue.open([templates]).faults("holiday/ours")) == 2
    write(templates, "holiday/ours", {"occasion.yaml": "titel: x"})
    faults = Catalogue.open([templates]).faults("holiday/ours")
    assert all(isinstance(fault, NotigateError) for fault in faults)
    assert len(faults) == 5
