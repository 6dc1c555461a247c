"""The packaged texts: each one renders, keeps the providers' rules, and says the same in every language."""

from __future__ import annotations

import re
from datetime import date

import pytest

from notigate.catalogue import Catalogue, packaged
from notigate.lint import people
from notigate.model import Category, Content, Person
from notigate.planner import previews
from notigate.render import Context, segments

LOCALES = ("en", "zh_Hans", "zh_Hant")
PROJECT = {"name": "青年城", "hotline": "400-600-0000", "city": "成都"}
SIGNATURE = "青年城"
CONTEXT = Context(project=PROJECT, today=date(2026, 11, 21))

CATALOGUE = Catalogue.open([])
OCCASIONS = CATALOGUE.names()
TEXTS = [
    (name, medium, locale)
    for name in OCCASIONS
    for medium in CATALOGUE.media(name)
    for locale in CATALOGUE.locales(name, medium)
]
SMS = [text for text in TEXTS if text[1] == "sms"]
#: variable names that Aliyun keeps to itself
RESERVED = {"email", "mobile", "id", "nick", "site"}
#: characters that only a simplified (first) or only a traditional text (second) may hold
SIMPLIFIED = (
    "们这来时会对发经学无关开门问间见现说话请谢谁让认识记让还进过远运达适选边过头买卖书号团园国图圆处备复够东车乐电节"
)
TRADITIONAL = (
    "們這來時會對發經學無關開門問間見現說話請謝誰讓認識記還進過遠運達適選邊頭買賣書號團園國圖圓處備複夠東車樂電節"
)


def sample(name, changes):
    """The person of the occasion's sample, with some columns changed."""
    person = previews.sample(CATALOGUE.occasion(name))
    own = {key: value for key, value in changes.items() if key in {"name", "title", "vip"}}
    if "name" in changes:
        own["family_name"] = ""
    return person._replace(facts={**person.facts, **changes}, **own)


def rendered(name, medium, locale, facts=None):
    person = sample(name, facts or {})
    occasion = CATALOGUE.occasion(name)
    if not occasion.readers:
        return CATALOGUE.text(name, medium, locale).render(person, CONTEXT)
    by = previews.seen(occasion, person, CONTEXT)
    return CATALOGUE.text(name, medium, locale).render(by.reader, by.context)


def source(name, medium, locale, kind="txt"):
    return (packaged() / name / f"{locale}.{medium}.{kind}").read_text(encoding="utf-8")


#: every row of what users must be able to send, and its folders
ROWS = {
    "C01": {"service/birthday"},
    "C02": {"purchase/subscription-thanks"},
    "C03": {"progress/fortnightly"},
    "C04": {"purchase/showflat-opens"},
    "C05": {"purchase/showflat-closes"},
    "C06": {"progress/major-change"},
    "C07": {"purchase/signing-reminder"},
    "C08": {"service/event-invitation"},
    "C09": {
        *(f"holiday/{name}" for name in ("spring-festival", "lantern-festival", "labour-day", "dragon-boat")),
        *(f"holiday/{name}" for name in ("mid-autumn", "national-day", "double-ninth", "christmas", "new-year")),
    },
    "C10": {"weather/severe-weather"},
    "C11": {"purchase/payment-arrived"},
    "C12": {"purchase/contract-filed"},
    "C13": {"handover/moved-in"},
    "C14": {"service/complaint-answer"},
    "C15": {"service/visit-thanks"},
    "C16": {"progress/milestone"},
    "C17": {"handover/invitation", "handover/reminder", "handover/preinspection"},
    "C18": {"purchase/payment-due"},
    "C19": {"service/appointment"},
    "C20": {"purchase/thank-you-letter"},
    "C21": {"service/keeping-in-touch", "purchase/offer"},
    "C22": {"service/news"},
    "C23": {"progress/monthly-report"},
    "S01": {"staff/birthday-gifts"},
    "S02": {"staff/signing-call"},
    "S03": {"staff/follow-up"},
    "S04": {"staff/callers"},
    "S05": {"staff/complaint-deadline", "staff/complaint-callback"},
    "S06": {"staff/daily-round"},
    "R01": {"staff/weekly-report"},
    "R02": {"staff/monthly-report"},
    "S07": {"staff/records-due"},
}


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_its_folders_and_they_name_it(row):
    for name in ROWS[row]:
        assert (packaged() / name / "occasion.yaml").read_text(encoding="utf-8").startswith(f"# {row}. ")


@pytest.mark.parametrize("name", OCCASIONS)
def test_an_occasion_is_readable_and_names_its_row(name):
    assert CATALOGUE.faults(name) == ()
    first = (packaged() / name / "occasion.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert re.match(r"# [CRS]\d\d\. ", first)


@pytest.mark.parametrize("name", OCCASIONS)
def test_an_occasion_has_its_media_in_every_language(name):
    media = ("email", "wecom") if CATALOGUE.occasion(name).category is Category.STAFF else ("email", "sms")
    assert CATALOGUE.media(name) == media
    assert [CATALOGUE.locales(name, medium) for medium in media] == [LOCALES, LOCALES]


@pytest.mark.parametrize(("name", "medium", "locale"), TEXTS)
def test_a_text_renders_with_the_sample(name, medium, locale):
    content = rendered(name, medium, locale)
    assert isinstance(content, Content), str(content)
    assert bool(content.subject) == bool(content.html) == (medium == "email")
    for text in (content.subject, content.text, content.html):
        assert "None" not in text
        assert "{{" not in text
        assert "{%" not in text
        assert len(text) < 10_000


@pytest.mark.parametrize(("name", "medium", "locale"), TEXTS)
def test_a_text_renders_for_a_reader_of_whom_little_is_known(name, medium, locale):
    little = {"title": None, "building": None, "unit": ""}
    if not CATALOGUE.occasion(name).readers:
        little |= {"name": "", "consultant": None, "consultant_phone": ""}
    assert isinstance(rendered(name, medium, locale, little), Content)


@pytest.mark.parametrize("name", OCCASIONS)
def test_the_languages_use_the_same_params(name):
    for medium in CATALOGUE.media(name):
        used = [CATALOGUE.text(name, medium, locale).params for locale in LOCALES]
        assert used[0] == used[1] == used[2]


@pytest.mark.parametrize("name", OCCASIONS)
def test_every_param_is_used(name):
    used = set().union(*(CATALOGUE.text(name, medium, locale).params for _, medium, locale in TEXTS if _ == name))
    assert used == set(CATALOGUE.occasion(name).params)


@pytest.mark.parametrize(("name", "medium", "locale"), [text for text in TEXTS if not text[0].startswith("staff/")])
def test_a_customer_is_addressed_and_told_where_to_turn(name, medium, locale):
    content = rendered(name, medium, locale)
    address = "Ms 王" if locale == "en" else "王女士"
    phones = {"400-600-0000", str(sample(name, {}).facts.get("consultant_phone"))}
    for text in filter(None, (content.text, content.html)):
        assert address in text
        assert any(phone in text for phone in phones)
    if medium == "email":
        assert content.text.endswith("【青年城】400-600-0000")
        assert "<footer>【青年城】400-600-0000</footer>" in content.html


@pytest.mark.parametrize(("name", "medium", "locale"), SMS)
def test_an_sms_takes_two_parts_at_most_whatever_the_name_and_wherever_the_phone(name, medium, locale):
    occasion, text = CATALOGUE.occasion(name), CATALOGUE.text(name, medium, locale)
    context = CONTEXT._replace(columns=previews.cells(occasion))
    for one in people.readers(occasion):
        content = text.render(one.person, one.context(context))
        assert isinstance(content, Content), (one.why, content)
        parts = {segments(content.text, SIGNATURE, international=abroad) for abroad in (False, True)}
        assert max(parts) <= 2, (one.why, len(content.text))


@pytest.mark.parametrize(("name", "medium", "locale"), SMS)
def test_an_sms_keeps_the_providers_rules_for_templates(name, medium, locale):
    text = source(name, medium, locale).strip()
    variables = re.findall(r"\{\{ (\w+) \}\}", text)
    assert variables == list(dict.fromkeys(variables)), "the same variable twice"
    assert not re.search(r"\}\}\s*\{\{", text), "adjacent variables"
    assert all(re.fullmatch(r"[A-Za-z]\w{0,24}", variable, re.ASCII) for variable in variables)
    assert not RESERVED.intersection(variables)
    assert not re.search(r"[【】\n]|https?:|www\.|\d{5}", text)
    selling = CATALOGUE.occasion(name).category is Category.MARKETING
    assert text.endswith("拒收請回覆R" if locale == "zh_Hant" else "拒收请回复R") == selling
    assert text[0] != "["
    assert text[-1] != "]"
    assert len(text) <= 500


@pytest.mark.parametrize(("name", "medium", "locale"), SMS)
def test_an_sms_value_fits_the_provider(name, medium, locale):
    for value in rendered(name, medium, locale).params.values():
        assert 1 <= len(value) <= 35
        assert not re.search(r"https?:|www\.|[【】\n]", value)


@pytest.mark.parametrize(("name", "medium", "locale"), [text for text in TEXTS if text[2] != "en"])
def test_each_script_keeps_to_itself(name, medium, locale):
    others = set(TRADITIONAL) - set(SIMPLIFIED) if locale == "zh_Hans" else set(SIMPLIFIED) - set(TRADITIONAL)
    for file in (packaged() / name).glob(f"{locale}.{medium}.*"):
        assert not others.intersection(file.read_text(encoding="utf-8")), file.name


@pytest.mark.parametrize(("name", "locale"), [(name, locale) for name, medium, locale in TEXTS if medium == "email"])
def test_html_reads_well_on_a_phone_in_the_dark_and_fetches_nothing(name, locale):
    html = rendered(name, "email", locale).html
    assert f'<html lang="{locale.replace("_", "-")}">' in html
    assert '<meta name="viewport"' in html
    assert "prefers-color-scheme: dark" in html
    assert not re.search(r"<(?:img|script|link|iframe)|url\(|@import", html)


@pytest.mark.parametrize(
    "name", ["birthday-gifts", "complaint-callback", "complaint-deadline", "follow-up", "records-due"]
)
@pytest.mark.parametrize(
    ("medium", "locale"), [(medium, locale) for medium in ("wecom", "email") for locale in LOCALES]
)
def test_a_list_for_colleagues_has_each_customer_on_a_line_of_their_own_with_their_home(name, medium, locale):
    days = ("birthday", "birthday_on", "visited_on", "complaint_called_back_on", "complained_at")
    facts = dict.fromkeys(days, date(2026, 11, 20)) | {"key_account": True, "building": "3栋", "unit": "2单元"}
    people = tuple(
        Person(id=name, name=name, facts=facts | {"home": home}) for name, home in (("甲", "801"), ("乙", "802"))
    )
    context = Context(project=PROJECT, today=date(2026, 11, 2), customers=people)
    text = CATALOGUE.text(f"staff/{name}", medium, locale).render(Person(id="9", name="李娜"), context).text
    lines = [line for line in text.splitlines() if "3栋" in line]
    assert [("甲" in line, "3栋 2单元 801" in line, "乙" in line, "3栋 2单元 802" in line) for line in lines] == [
        (True, True, False, False),
        (False, False, True, True),
    ]


def test_a_list_of_birthdays_holds_those_of_the_month_in_order():
    people = [
        Person(id=str(number), name=name, facts={"birthday": birthday})
        for number, (name, birthday) in enumerate(
            [("甲", date(1980, 11, 30)), ("乙", date(1990, 12, 1)), ("丙", None), ("丁", date(2000, 11, 2))]
        )
    ]
    context = Context(project=PROJECT, today=date(2026, 11, 2), customers=tuple(people))
    text = CATALOGUE.text("staff/birthday-gifts", "wecom", "zh_Hans").render(Person(id="9", name="李娜"), context).text
    assert [line.split()[1] for line in text.splitlines() if line.startswith("> ")] == ["11月2日", "11月30日"]
    assert "**丁**" in text
