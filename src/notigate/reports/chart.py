"""The bar chart of a report, as SVG: one bar an occasion, what became of its messages in colours, and the span before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from notigate.language import _
from notigate.reports.headings import before, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from notigate.reports.figures import Figures

#: occasions that have a bar of their own; the smaller ones are one
MOST = 24
#: what a bar is made of, from left to right: the column of a row, and its colour
PARTS = (
    ("accepted", "#2f6f9f"),
    ("unknown", "#d9a441"),
    ("failed", "#c8553d"),
    ("suppressed", "#b8b0a5"),
    ("waiting", "#8fb3c9"),
)
_BEFORE = "#6d655c"
_WIDTH, _LABELS, _FIGURES, _LINE, _TOP, _BOTTOM = 960, 250, 110, 34, 92, 24
#: the first Chinese character of Unicode's tables
_CJK = "\u2e80"
_FONT = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"


@dataclass(frozen=True, slots=True)
class Bar:
    """One occasion, over all channels and projects."""

    label: str
    parts: Mapping[str, int]
    before: int

    @property
    def total(self) -> int:
        """All its messages of this span."""
        return sum(self.parts.values())


def svg(figures: Figures) -> str:
    """The chart; its width is 960, its height follows the number of occasions."""
    bars = _bars(figures)
    height = _TOP + _LINE * max(len(bars), 1) + _BOTTOM
    most = max([*(bar.total for bar in bars), *(bar.before for bar in bars), 1])
    return "\n".join([
        (f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="{_FONT}" font-size="15" role="img">'),
        f"<title>{escape(title(figures))}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(24, 36, title(figures), size=20, colour="#23201d"),
        *_legend(figures),
        *(line for number, bar in enumerate(bars) for line in _drawn(bar, _TOP + number * _LINE, most)),
        *([] if bars else [_text(24, _TOP + 20, _("There were no messages."), colour=_BEFORE)]),
        "</svg>\n",
    ])  # fmt: skip


def _bars(figures: Figures) -> list[Bar]:
    parts: dict[str, Counter[str]] = {}
    earlier: Counter[str] = Counter()
    for row in figures.rows:
        counted = parts.setdefault(figures.title(row), Counter())
        counted.update({name: getattr(row, name) for name, _colour in PARTS})
        earlier[figures.title(row)] += row.last_week
    bars = sorted((Bar(name, counted, earlier[name]) for name, counted in parts.items()), key=_by_size)
    return bars if len(bars) <= MOST else [*bars[: MOST - 1], _together(bars[MOST - 1 :])]


def _by_size(bar: Bar) -> tuple[int, str]:
    return -bar.total, bar.label


def _together(bars: list[Bar]) -> Bar:
    parts: Counter[str] = Counter()
    for bar in bars:
        parts.update(bar.parts)
    label = _("{n} other occasions").format(n=len(bars))
    return Bar(label, parts, sum(bar.before for bar in bars))


def _legend(figures: Figures) -> Iterator[str]:
    names = {
        "accepted": _("sent"), "unknown": _("unknown"), "failed": _("failed"), "suppressed": _("not sent"),
        "waiting": _("waiting"),
    }  # fmt: skip
    x = 24
    for name, colour in PARTS:
        yield f'<rect x="{x}" y="54" width="12" height="12" rx="2" fill="{colour}"/>'
        yield _text(x + 18, 65, names[name], size=14)
        x += 50 + _width(names[name], 14)
    yield f'<rect x="{x}" y="59" width="12" height="3" fill="{_BEFORE}"/>'
    yield _text(x + 18, 65, before(figures), size=14)


def _drawn(bar: Bar, top: int, most: int) -> Iterator[str]:
    room = _WIDTH - _LABELS - _FIGURES - 24
    yield _text(_LABELS - 12, top + 17, _cut(bar.label), anchor="end")
    x = float(_LABELS)
    for name, colour in PARTS:
        if wide := bar.parts[name] / most * room:
            yield f'<rect x="{x:.1f}" y="{top + 4}" width="{wide:.1f}" height="16" fill="{colour}"/>'
            x += wide
    yield f'<rect x="{_LABELS}" y="{top + 22}" width="{bar.before / most * room:.1f}" height="3" fill="{_BEFORE}"/>'
    shown = max(x, _LABELS + bar.before / most * room)
    yield _text(shown + 8, top + 17, f"{bar.total:,} ({bar.before:,})", size=14)


def _text(  # noqa: PLR0913 - one an attribute
    x: float, y: float, said: str, *, size: int = 15, colour: str = "#23201d", anchor: str = "start"
) -> str:
    return f'<text x="{x:.1f}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{escape(said)}</text>'


def _cut(label: str) -> str:
    while _width(label, 15) > _LABELS - 36:
        label = label.rstrip("…")[:-1] + "…"
    return label


def _width(said: str, size: int) -> int:
    """About: Chinese characters are as wide as they are high, others half of it."""
    return round(sum(size if char >= _CJK else size * 0.55 for char in said))
