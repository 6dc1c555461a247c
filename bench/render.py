"""Texts rendered a second: ours against plain sandboxed Jinja2 that asks Babel each time. Same words, same readers.

python bench/render.py [--people 20000] [--rounds 7]

Each message is a salutation, a date and an amount of money in one of three locales. The others are what one would write by
hand: `SandboxedEnvironment`, strict undefined, templates compiled once, and Babel called for every value by a parsed locale
(`--plain`), or by the locale's name, as its documentation shows (which is slower, and counts here). Rounds are pairs.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from notigate.model import Content, Person
from notigate.render import Context, Source, Text, salutation

LOCALES = ("zh_Hans", "zh_Hant", "en")
WORDS = {
    "zh_Hans": "{{ greeting }}，您的房款{{ amount }}请在{{ day }}前付清，有事请拨{{ hotline }}。",
    "zh_Hant": "{{ greeting }}，您的房款{{ amount }}請在{{ day }}前付清，有事請撥{{ hotline }}。",
    "en": "{{ greeting }}, your payment of {{ amount }} is due on {{ day }}. Questions? Call {{ hotline }}.",
}
PARAMS = {"greeting": "salutation", "amount": "due | money", "day": "due_on | date", "hotline": "project.hotline"}
PROJECT = {"name": "青年城", "hotline": "400-600-0000"}
TODAY = date(2026, 11, 21)


def people(number: int) -> list[tuple[str, Person]]:
    """Readers, each with a language: amounts and days as a campaign has them, few and many times the same."""
    dice = random.Random(7)
    amounts = [f"{dice.randrange(1, 90) * 10_000}.00" for _ in range(200)]
    return [
        (
            dice.choice(LOCALES),
            Person(
                id=str(i),
                name=dice.choice(("王芳", "欧阳娜", "李强", "Anna Smith")),
                title=dice.choice(("mr", "ms", None)),
                facts={"due": dice.choice(amounts), "due_on": TODAY + timedelta(days=dice.randrange(60))},
            ),
        )
        for i in range(number)
    ]


def notigate(readers: list[tuple[str, Person]]) -> int:
    """As the planner does it; compiling is part of it."""
    params = {name: Source(file="occasion.yaml", text=text) for name, text in PARAMS.items()}
    texts = {
        locale: Text.compile("sms", locale, Source(file=f"{locale}.sms.txt", text=words), params=params)
        for locale, words in WORDS.items()
    }
    context = Context(project=PROJECT, today=TODAY)
    total = 0
    for locale, reader in readers:
        content = texts[locale].render(reader, context)
        assert isinstance(content, Content)
        total += len(content.text)
    return total


def _jinja(readers: list[tuple[str, Person]], named: Callable[[str], Locale | str]) -> int:
    sandbox = SandboxedEnvironment(undefined=StrictUndefined)
    templates = {locale: sandbox.from_string(words) for locale, words in WORDS.items()}
    total = 0
    for locale, reader in readers:
        known = named(locale)
        text = templates[locale].render(
            greeting=salutation(reader, locale),
            amount=format_currency(reader.facts["due"], "CNY", locale=known),  # type: ignore[arg-type]  # a fact is anything
            day=format_date(reader.facts["due_on"], "long", locale=known),  # type: ignore[arg-type]  # a fact is anything
            hotline=PROJECT["hotline"],
        )
        total += len(text)
    return total


def jinja(readers: list[tuple[str, Person]]) -> int:
    """Sandboxed Jinja2 and Babel, by the locale's name."""
    return _jinja(readers, str)


def jinja_parsed(readers: list[tuple[str, Person]]) -> int:
    """The same with locales that are parsed once."""
    parsed = {locale: Locale.parse(locale) for locale in LOCALES}
    return _jinja(readers, parsed.__getitem__)


def seconds(work: Callable[[list[tuple[str, Person]]], int], readers: list[tuple[str, Person]]) -> tuple[float, int]:
    """CPU time: the machine may be busy with others."""
    began = time.process_time()
    total = work(readers)
    return time.process_time() - began, total


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=7)
    given = options.parse_args()
    readers = people(given.people)
    ratios: dict[str, list[float]] = {"by name": [], "parsed once": []}
    rates: dict[str, list[float]] = {"notigate": [], "by name": [], "parsed once": []}
    for _ in range(given.rounds):
        ours, characters = seconds(notigate, readers)
        rates["notigate"].append(given.people / ours)
        for label, work in (("by name", jinja), ("parsed once", jinja_parsed)):
            theirs, same = seconds(work, readers)
            assert same == characters, "they do not say the same"
            ratios[label].append(theirs / ours)
            rates[label].append(given.people / theirs)
    for label, found in rates.items():
        print(f"{label:12} {statistics.median(found):>9,.0f} per CPU second [{min(found):,.0f}–{max(found):,.0f}]")
    for label, found in ratios.items():
        print(
            f"notigate ÷ sandboxed Jinja2 with Babel {label}: {statistics.median(found):.1f} [{min(found):.1f}–{max(found):.1f}]"
        )


if __name__ == "__main__":
    main()
