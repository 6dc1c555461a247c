"""The form of a call for many, encoded name by name: most words of its messages are the same, and are written once."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

from notigate_sms_aliyun.signing import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
#: what it makes of a text, without a look at what it is
_text_as_json = json.encoder.encode_basestring


def form(sign_name: str, code: str, reference: str, aboard: Mapping[str, Mapping[str, str]]) -> str:
    """What `encoded` makes of the parameters of SendBatchSms; `aboard` is number → values of its message."""
    numbers = [f"%22{number}%22" for number in aboard]  # digits stand for themselves
    signs = [quoted(as_json(sign_name))] * len(aboard)
    params = [f"%7B{values}%7D" for values in _written(aboard.values())]
    return (
        f"PhoneNumberJson={_listed(numbers)}&SignNameJson={_listed(signs)}&TemplateCode={quoted(code)}"
        f"&TemplateParamJson={_listed(params)}&OutId={quoted(reference)}"
    )


def _written(aboard: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """How the values of each message stand in JSON in a form."""
    for names, some in groupby(aboard, key=tuple):
        alike = [values.values() for values in some]
        columns = [_column(name, values) for name, values in zip(names, zip(*alike, strict=True), strict=True)]
        yield from map("%2C".join, zip(*columns, strict=True)) if names else [""] * len(alike)


def _column(name: str, values: Iterable[str]) -> Iterable[str]:
    """What all messages have under one name. Encoded at once, as lines, for JSON has no line feed in its texts."""
    texts = set(values)
    lines = quoted("\n".join(map(_text_as_json, texts))).split("%0A")
    head = quoted(as_json(name))
    written = {text: f"{head}%3A{line}" for text, line in zip(texts, lines, strict=True)}
    return map(written.__getitem__, values)


def _listed(written: Sequence[str]) -> str:
    return f"%5B{'%2C'.join(written)}%5D"
