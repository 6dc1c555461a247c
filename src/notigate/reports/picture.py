"""A chart as a PNG. Chinese is drawn with a font of our own, so that no machine shows empty boxes."""

from __future__ import annotations

from importlib.resources import as_file, files

#: 8,900 characters of Noto Sans CJK SC: those of GB 2312 and the common ones of Big5 (SIL Open Font License 1.1, see OFL.txt)
FONT = "NotoSansSC-notigate.otf"
_FAMILY = "Noto Sans CJK SC"


def png(svg: str) -> bytes:
    """Draw the SVG, twice as large for sharp screens; the machine's fonts are looked at only for characters that ours lacks."""
    import resvg_py  # noqa: PLC0415 - only for pictures

    with as_file(files("notigate.reports").joinpath(FONT)) as font:
        drawn = resvg_py.svg_to_bytes(
            svg_string=svg, zoom=2, skip_system_fonts=_all_known(svg), font_files=[str(font)],
            font_family=_FAMILY, sans_serif_family=_FAMILY,
        )  # fmt: skip
    return bytes(drawn)


def _all_known(said: str) -> bool:
    return all(_known(char) for char in set(said))


def _known(char: str) -> bool:
    return char.isspace() or any(_encodes(char, encoding) for encoding in ("gb2312", "big5"))


def _encodes(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
