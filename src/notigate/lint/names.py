"""The names that params and texts use: known, used, the same in every language, and safe."""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import get_close_matches
from typing import TYPE_CHECKING

from notigate.audience.headings import COLUMNS
from notigate.lint.remarks import Remark, at, name_in
from notigate.moments import OnFact, Weather, parts
from notigate.render import BUILT_IN
from notigate.render.expression import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from notigate.catalogue import Catalogue
    from notigate.model import Occasion
    from notigate.render import Source, Text

_USABLE = re.compile(r"[A-Za-z]\w*", re.ASCII)


def remarks(catalogue: Catalogue, name: str, texts: Sequence[Text]) -> Iterator[Remark]:
    """What is to be said about the names of an occasion."""
    params = {param: next(iter(written.values())) for param, written in catalogue.params(name).items()}
    for param, source in params.items():
        yield from _unsafe(name, param, source)
        if not any(param in text.params for text in texts):
            yield at(source, 0, name, "warning", "unused-param", "param {param!r} is used by no text", param=param)
    for text in texts:
        yield from _undefined(catalogue.occasion(name), params, text)
    yield from _unequal(name, texts)


def _unsafe(occasion: str, param: str, source: Source) -> Iterator[Remark]:
    if param in RESERVED or not _USABLE.fullmatch(param):
        told = "param {param!r}: begin it with a letter, go on with letters, digits and _, and take no word of Jinja2"
        yield at(source, 0, occasion, "error", "unsafe-name", told, param=param)
    elif param in BUILT_IN:
        told = "param {param!r} hides what every text knows under this name; call it something else"
        yield at(source, 0, occasion, "warning", "unsafe-name", told, param=param)


def _undefined(occasion: Occasion, params: Mapping[str, Source], text: Text) -> Iterator[Remark]:
    """Not an error by itself: where such a name is printed, the sample shows that it cannot be."""
    known = {*BUILT_IN, *COLUMNS, *occasion.sample, *_brought(occasion)}
    for name in sorted(text.names - known):
        source = _using(text, params, name)
        if re.search(rf"\b{re.escape(name)}\s*\|\s*default\b", source.text):
            continue
        told = "{name!r} is no param, no column that we have a name for, and not in the sample"
        if near := get_close_matches(name, {*known, *text.expressions} - {name}, 1):
            told += "; near: {near}"
        position = name_in(source, name)
        yield at(source, position, occasion.id, "warning", "undefined-name", told, name=name, near=", ".join(near))


def _brought(occasion: Occasion) -> Iterator[str]:
    """What an occasion's moment tells its texts, whatever the sample shows."""
    for part in parts(occasion.moment):
        if isinstance(part.rule, Weather):
            yield "weather"
        elif isinstance(part.rule, OnFact):
            yield from ("on", "at")


def _using(text: Text, params: Mapping[str, Source], name: str) -> Source:
    """Where a name is read: in a part of the text, or, where a param is called so, in the params."""
    if name not in text.expressions:
        for source in text.sources.values():
            if re.search(rf"\b{re.escape(name)}\b", source.text):
                return source
    through = next((param for param in text.params if name in text.expressions[param].names), "")
    return params.get(through, text.sources["body"])


def _unequal(occasion: str, texts: Sequence[Text]) -> Iterator[Remark]:
    """A param that one language tells its readers, and another does not."""
    media: defaultdict[str, list[Text]] = defaultdict(list)
    for text in texts:
        media[text.medium].append(text)
    for medium, written in media.items():
        everywhere = frozenset().union(*(text.params for text in written))
        for text in written:
            for param in sorted(everywhere - text.params):
                others = ", ".join(other.locale for other in written if param in other.params)
                told = "{param!r} is missing here, and readers of {others} are told it ({medium})"
                yield at(
                    text.sources["body"], 0, occasion, "error", "unequal-params", told,
                    param=param, others=others, medium=medium,
                )  # fmt: skip
