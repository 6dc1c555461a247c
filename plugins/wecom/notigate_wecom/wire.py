"""How a message is put on the wire, and how WeCom's answer is read from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from notigate.plugin import Answer, Outcome, Reason


def encode(body: Mapping[str, Any]) -> bytes:
    """The JSON of `body`: equal bodies give equal bytes, and characters stand as they are (40033: escaped ones)."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode(errors="replace")


def errcode(answer: Answer) -> int | None:
    """The number WeCom answered; None where it is missing or no whole number (`false` is not 0)."""
    code = answer.body.get("errcode")
    return code if type(code) is int else None


def oversize(content: str, limit: int) -> Outcome | None:
    """The refusal of a text that is empty or longer than `limit` bytes of UTF-8."""
    size = len(content.encode(errors="replace"))
    if size > limit:
        return Outcome.refused(Reason.BAD_CONTENT, f"the text has {size} bytes, WeCom takes {limit}")
    if not content.strip():
        return Outcome.refused(Reason.BAD_CONTENT, "the text is empty")
    return None
