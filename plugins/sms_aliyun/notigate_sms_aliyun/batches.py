"""The form of a call for many, encoded piece by piece: most words of its messages are the same, and are written once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from notigate_sms_aliyun.signing import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def form(sign_name: str, code: str, reference: str, aboard: Mapping[str, Mapping[str, str]]) -> str:
    """What `encoded` makes of the parameters of SendBatchSms; `aboard` is number → values of its message."""
    texts = {sign_name}
    for values in aboard.values():
        texts.update(values, values.values())
    written = _written(texts)
    numbers = [f"%22{number}%22" for number in aboard]  # digits stand for themselves
    signs = [written[sign_name]] * len(aboard)
    params = [
        f"%7B{'%2C'.join([f'{written[name]}%3A{written[value]}' for name, value in values.items()])}%7D"
        for values in aboard.values()
    ]
    return (
        f"PhoneNumberJson={_listed(numbers)}&SignNameJson={_listed(signs)}&TemplateCode={quoted(code)}"
        f"&TemplateParamJson={_listed(params)}&OutId={quoted(reference)}"
    )


def _written(texts: Collection[str]) -> Mapping[str, str]:
    """Text → how it stands in JSON in a form. All at once, as lines, for JSON has no line feed in its texts."""
    lines = quoted("\n".join(map(as_json, texts)))
    return dict(zip(texts, lines.split("%0A"), strict=True))


def _listed(written: Sequence[str]) -> str:
    return f"%5B{'%2C'.join(written)}%5D"
