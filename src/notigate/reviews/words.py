"""How two wordings differ, word by word: a variable, a Latin word, or one Chinese character is a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORD = re.compile(r"\$\{[^}]*\}|[A-Za-z0-9]+(?:['’-][A-Za-z0-9]+)*|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """Some words that stand in both wordings, in the provider's only (`-`), or in ours only (`+`)."""

    kind: Literal[" ", "-", "+"]
    words: str


def difference(theirs: str, ours: str) -> tuple[Part, ...]:
    """Both wordings as one line of parts."""
    before, after = _WORD.findall(theirs), _WORD.findall(ours)
    return tuple(_parts(before, after))


def _parts(before: list[str], after: list[str]) -> Iterator[Part]:
    for step, i, j, m, n in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if step == "equal":
            yield Part(" ", "".join(before[i:j]))
            continue
        if i < j:
            yield Part("-", "".join(before[i:j]))
        if m < n:
            yield Part("+", "".join(after[m:n]))
