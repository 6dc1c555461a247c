"""In which encoding is a text file written? Decided once for the whole file; where its bytes do not tell, asked for.

Of the 3,755 most common Chinese characters 682 have GBK bytes that are good UTF-8 as well (`路平` reads as `·ƽ`): a file
that holds nothing else tells nothing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from notigate.address import mask
from notigate.errors import AudienceError

#: characters; no table has longer lines
LONGEST_LINE = 1 << 20
#: bytes
_CHUNK = 1 << 20
#: bytes in which UTF-16 shows itself, by so many zero bytes
_HEAD, _ZEROS = 4096, 4
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CHINESE = re.compile("[一-鿿]")
#: so many Chinese characters that are good UTF-8 are no accident of another encoding
_NO_ACCIDENT = 3
#: words that are not plain ASCII, as far as they are looked at
_WORD = re.compile(r"[^\x00-\x7f]+")
_WORDS = 64
#: a Latin word with accents, or the dot inside a name, stands between its own letters
_LATIN = r"(?:[A-Za-z][À-ɏ'’]+|[À-ɏ]+[A-Za-z])"
#: what Chinese text does not hold, and other encodings read as GB18030 do: Greek, Cyrillic, kana, private characters; and
#: a rare character that is glued to a Latin word
_STRANGE = "[\u0370-\u04ff\u3040-\u312f\ue000-\uf8ff]"
_GLUED = "[a-z]([一-鿿])[a-z,;\t\r\n]"


class _Undecodable(Exception):  # noqa: N818 - a finding, not an error
    """Not in that encoding from `line` on, after `chinese` good Chinese characters."""

    def __init__(self, line: int, chinese: int) -> None:
        super().__init__(line, chinese)
        self.line = line
        self.chinese = chinese


class Scan:
    """What a look through a whole file tells."""

    def __init__(self, *, gb18030: bool) -> None:
        self.gb18030 = gb18030
        #: as far as they are counted
        self.chinese = 0
        #: words that are not plain ASCII, the first of them
        self.words: dict[str, str] = {}
        self.strange = ""

    def note(self, text: str) -> None:
        """Take in the next piece."""
        if text.isascii():
            return
        if self.chinese < _NO_ACCIDENT:
            self.chinese += sum(1 for _ in islice(_CHINESE.finditer(text), _NO_ACCIDENT))
        if len(self.words) < _WORDS and self.chinese < _NO_ACCIDENT:
            for found in _WORD.finditer(text):
                around = text[max(found.start() - 1, 0) : found.end() + 1]
                self.words.setdefault(found[0], around)
        if self.gb18030 and not self.strange:
            self.strange = _stranger(text)


def decide(path: Path, named: str | None) -> str:
    """The encoding of a file.

    Args:
        path: the file.
        named: the encoding that the project says; None where the bytes must tell.

    Raises:
        AudienceError: it is no text; or the bytes fit two encodings, or none.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    certain = named or next((name for mark, name in _BOMS.items() if head.startswith(mark)), None) or _bare_utf16(head)
    if certain:
        try:
            scan(path, certain)
        except _Undecodable as fault:
            raise _unreadable(path, fault.line, certain) from None
    return certain or _guessed(path)


def _guessed(path: Path) -> str:
    try:
        found = scan(path, "utf-8-sig")
    except _Undecodable as fault:
        if fault.chinese >= _NO_ACCIDENT:
            raise _unreadable(path, fault.line, "utf-8-sig") from None
    else:
        if found.chinese < _NO_ACCIDENT and found.words:
            _refuse_doubt(path, found)
        return "utf-8-sig"
    try:
        found = scan(path, "gb18030")
    except _Undecodable as fault:
        raise _unreadable(path, fault.line, "UTF-8 or GB18030") from None
    if found.strange:
        raise AudienceError(
            "{file}: this is not UTF-8, and as GB18030 it would read {sample!r}. Save it as UTF-8, or name its encoding: "
            "roster: {{encoding: big5}}",
            file=path.name,
            sample=found.strange,
        )
    return "gb18030"


def _bare_utf16(head: bytes) -> str | None:
    """UTF-16 without its mark: delimiters, digits and line ends have a zero byte, all at one side; on the other, few (一)."""
    first, second = head[::2].count(0), head[1::2].count(0)
    if max(first, second) < max(_ZEROS, _ZEROS * min(first, second)):
        return None
    return "utf-16-le" if second > first else "utf-16-be"


def _refuse_doubt(path: Path, found: Scan) -> None:
    """Few characters, all good UTF-8: are they good GB18030 too?"""
    for word, around in found.words.items():
        try:
            other = word.encode().decode("gb2312")
        except UnicodeDecodeError:
            continue
        if re.search(_LATIN, around) and not re.search(_LATIN, around.replace(word, other)):
            continue
        raise AudienceError(
            "{file}: its bytes do not tell its encoding: {one!r} in UTF-8 is {other!r} in GB18030. Say which it is: "
            "roster: {{encoding: utf-8}} or roster: {{encoding: gb18030}}",
            file=path.name,
            one=mask(word),
            other=mask(other),
        )


def _stranger(text: str) -> str:
    """A word, masked, that hardly is Chinese."""
    if found := re.search(_STRANGE, text):
        return mask(_around(text, found.start()))
    for found in re.finditer(_GLUED, text):
        try:
            found[1].encode("gb2312")
        except UnicodeEncodeError:
            return mask(_around(text, found.start()))
    return ""


def _around(text: str, at: int) -> str:
    return text[at : at + 4].partition(",")[0]


def _unreadable(path: Path, line: int, tried: str) -> AudienceError:
    return AudienceError(
        "{file}:{line}: this is not {tried}; save the file as UTF-8, or name its encoding: roster: {{encoding: big5}}",
        file=path.name,
        line=line,
        tried=tried.replace("utf-8-sig", "UTF-8"),
    )


def scan(path: Path, encoding: str) -> Scan:
    """Look through a file once, a piece at a time."""
    line, width, found = 1, 0, Scan(gb18030=encoding == "gb18030")
    with path.open("rb") as file:
        try:
            for text in _decoded(file, encoding):
                lines = text.split("\n")
                _refuse_binary(path, line, text, max(width + len(lines[0]), *map(len, lines)))
                line, width = line + len(lines) - 1, len(lines[-1]) + (width if len(lines) == 1 else 0)
                found.note(text)
        except UnicodeDecodeError as fault:
            good = fault.object[: fault.start].decode(encoding, "ignore")
            raise _Undecodable(line + good.count("\n"), found.chinese + len(_CHINESE.findall(good))) from None
        except UnicodeError:
            raise _Undecodable(line, 0) from None
    return found


def _decoded(file: BinaryIO, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    while chunk := file.read(_CHUNK):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _refuse_binary(path: Path, line: int, text: str, longest: int) -> None:
    if "\0" in text:
        line += text.count("\n", 0, text.index("\0"))
        raise AudienceError("{file}:{line}: a zero byte; this is no text file", file=path.name, line=line)
    if longest > LONGEST_LINE:
        raise AudienceError(
            "{file}: a line of more than {limit} characters; this is no CSV", file=path.name, limit=LONGEST_LINE
        )
