"""Charts as SVG made on the server: no script, no style attribute, readable on a phone, on paper and without colour.

Widths are percentages and text keeps its size, so that a chart 320 pixels wide is as legible as a wide one. Colours
stand in presentation attributes (the content security policy allows no style; WeasyPrint reads no page CSS inside an
SVG). Nothing is told by colour alone: bars carry their words, kinds differ in shape or hatching, and a chart always
stands beside a table with the same numbers. The colours are told apart with every common colour blindness and in grey.
"""

import hashlib
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

INK, QUIET, TRACK, BLUE, ORANGE, GREY = "#212b32", "#4c6272", "#e8edee", "#005eb8", "#b35806", "#aeb7bd"
TEXT, LINE, BAR, GAP = 16, 22, 18, 16
# As many characters of this size as fit on the smallest phone.
LINE_LENGTH = 34


@dataclass(frozen=True)
class ShareBar:
    """A share from 0 to 1, with its interval if there is one; or, without a share, the range of a band; or neither.

    `words` is what the row says: "62% (13 of 21)", "over two thirds", "Hidden: fewer than 5 answers".
    """

    label: str
    words: str
    share: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class DivergingBar:
    """Shares from 0 to 1 of those against, those in between and those in favour; together at most 1."""

    label: str
    words: str
    against: float
    between: float
    for_it: float


@dataclass(frozen=True)
class RunPoint:
    """One value of a repeated measure."""

    on: date
    value: float


@dataclass(frozen=True)
class RunLine:
    """A level line across a run chart, "median" or "aim", and what it says: "Median: 11 minutes"."""

    kind: str
    value: float
    words: str


@dataclass(frozen=True)
class RhythmMark:
    """One session on the strip: its day, and whether it is "held", "planned" or "cancelled"."""

    on: date
    kind: str


def share_bars(rows: Iterable[ShareBar], *, title: str = "Shares") -> SafeString:
    """A bar per row on a scale of 0% to 100%; a band is a hatched range, its exact place unknown."""
    rows = list(rows)
    hatch = _pattern_id("band", title, rows)
    parts, y = [_hatch(hatch, BLUE)], 0
    for row in rows:
        words, y = _words(row.label, row.words, y)
        parts += [words, _rect(0, 100, y, TRACK), _share(row, y, f"url(#{hatch})")]
        y += BAR + GAP
    parts.append(_scale(y, ("0%", "50%", "100%")))
    return _svg(y + LINE, title, ((row.label, row.words) for row in rows), parts)


def diverging_bars(
    rows: Iterable[DivergingBar], *, title: str = "Answers", ends: tuple[str, str] = ("Disagree", "Agree")
) -> SafeString:
    """A bar per row around a middle line: those against to the left (hatched), those in favour to the right."""
    rows = list(rows)
    hatch = _pattern_id("against", title, rows)
    parts, y = [_hatch(hatch, ORANGE)], 0
    for row in rows:
        words, y = _words(row.label, row.words, y)
        # Half of the width stands for everyone, so that the middle line stays in the middle.
        against, between, for_it = (50 * share for share in (row.against, row.between, row.for_it))
        left = 50 - between / 2 - against
        parts += [
            words,
            _rect(0, 100, y, TRACK),
            _rect(left, against, y, f"url(#{hatch})"),
            _rect(left + against, between, y, GREY),
            _rect(left + against + between, for_it, y, BLUE),
            format_html(
                '<line x1="50%" x2="50%" y1="{}" y2="{}" stroke="{}" stroke-width="2"/>', y - 3, y + BAR + 3, INK
            ),
        ]
        y += BAR + GAP
    parts.append(_scale(y, (f"← {ends[0]}", "", f"{ends[1]} →")))
    return _svg(y + LINE, title, ((row.label, row.words) for row in rows), parts)


def rhythm_strip(
    marks: Iterable[RhythmMark], *, today: date | None = None, title: str = "Rhythm of sessions"
) -> SafeString:
    """Sessions along time: a full block was held, an empty one is planned, a cross was cancelled.

    With `today` the strip reaches it, with a line that marks it, so that a silence since the last session shows.
    """
    marks = sorted(marks, key=lambda mark: mark.on)
    if not marks:
        return SafeString("")
    ends = [mark.on for mark in (marks[0], marks[-1])] + ([today] if today else [])
    first, last = min(ends), max(ends)
    days = max(1, (last - first).days)
    # Three percent on either side keep the outermost blocks inside the picture.
    parts = [format_html('<line x1="0" x2="100%" y1="34" y2="34" stroke="{}"/>', QUIET)]
    parts += [_mark(mark.kind, 3 + 94 * (mark.on - first).days / days) for mark in marks]
    said = [(date_format(mark.on), KINDS[mark.kind][0].lower()) for mark in marks]
    parts.append(_scale(40, (_month(first), "", _month(last))))
    parts += _legend(64)
    if today:
        parts += [_today(_percent(3 + 94 * (today - first).days / days), 0, 40), _today("8", 90, 104)]
        parts.append(_text("Today", "18", 64 + LINE, fill=QUIET))
        said.append((date_format(today), "today"))
    return _svg(88 + LINE if today else 88, title, said, parts)


def run_chart(
    points: Iterable[RunPoint],
    *,
    ends: tuple[str, str],
    lines: Sequence[RunLine] = (),
    began_on: date | None = None,
    title: str,
) -> SafeString:
    """Values along time, joined by a line; hollow dots are from before the day on which the change began.

    `ends` words the lowest and the highest level, those of `run_range` over all values and lines.
    """
    points = sorted(points, key=lambda point: point.on)
    if not points:
        return SafeString("")
    first, last = points[0].on, points[-1].on
    low, high = run_range([*(point.value for point in points), *(line.value for line in lines)])

    def across(day: date) -> float:
        return 3 + 94 * (day - first).days / max(1, (last - first).days)

    def down(value: float) -> int:
        return round(RUN_BOTTOM - (RUN_BOTTOM - RUN_TOP) * (value - low) / (high - low))

    places = [(across(point.on), down(point.value)) for point in points]
    legend = [(_level(9, *RUN_LINES[line.kind], width="32"), line.words) for line in lines]
    parts = [_text(ends[1], "0", 0, fill=QUIET), _level(RUN_TOP, TRACK), _level(RUN_BOTTOM, TRACK)]
    parts += [_level(down(line.value), *RUN_LINES[line.kind]) for line in lines]
    if began_on and first < began_on <= last:
        parts.append(_beginning(_percent(across(began_on)), RUN_TOP, RUN_BOTTOM))
        legend.append((_beginning("16", 0, 18), f"The change began on {date_format(began_on)}"))
    parts += [_joined(here, there) for here, there in pairwise(places)]
    parts += [
        _dot(*place, is_hollow=began_on is not None and p.on < began_on)
        for place, p in zip(places, points, strict=True)
    ]
    parts += [_text(ends[0], "0", RUN_BOTTOM + 2, fill=QUIET)]
    parts.append(_scale(RUN_BOTTOM + 2 + LINE, (_day(first), "", _day(last) if last > first else "")))
    below, y = _run_legend(legend, RUN_BOTTOM + 8 + 2 * LINE)
    said = [
        (f"{len(points)} value{'s' if len(points) > 1 else ''}", f"from {date_format(first)} to {date_format(last)}")
    ]
    return _svg(y, title, [*said, *(("a line", words) for _, words in legend)], [*parts, *below])


def run_range(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest level of a run chart's scale; never the same."""
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high + 1)


def _svg(height: int, title: str, said: Iterable[tuple[str, str]], parts: Sequence[SafeString]) -> SafeString:
    name = f"{title}: " + "; ".join(f"{label}, {words}" for label, words in said)
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{}" width="100%" height="{}"'
        ' font-family="Arial, sans-serif" font-size="{}" fill="{}">{}</svg>',
        name,
        height,
        TEXT,
        INK,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def _words(label: str, words: str, y: int) -> tuple[SafeString, int]:
    """The label, wrapped, and the words behind it at the right-hand end where there is room; and the y below them."""
    lines = textwrap.wrap(label, LINE_LENGTH) or [""]
    fits = len(lines[-1]) + len(words) < LINE_LENGTH
    texts = [_text(line, "0", y + LINE * number) for number, line in enumerate(lines)]
    y += LINE * (len(lines) - 1 if fits else len(lines))
    texts.append(_text(words, "100%" if fits else "0", y, anchor="end" if fits else "start", weight="bold"))
    return format_html_join("", "{}", ((text,) for text in texts)), y + LINE


def _text(text: str, x: str, y: int, *, anchor: str = "start", weight: str = "normal", fill: str = INK) -> SafeString:
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}" font-weight="{}" fill="{}">{}</text>',
        x,
        y + TEXT,
        anchor,
        weight,
        fill,
        text,
    )


def _share(row: ShareBar, y: int, hatch: str) -> SafeString:
    if row.share is None:
        if row.low is None or row.high is None:
            return SafeString("")
        return _rect(100 * row.low, 100 * (row.high - row.low), y, hatch)
    bar = _rect(0, 100 * row.share, y, BLUE)
    if row.low is None or row.high is None:
        return bar
    # White under black: the interval can be seen on the bar and beyond it.
    low, high, top, middle, bottom = _percent(100 * row.low), _percent(100 * row.high), y + 4, y + BAR // 2, y + BAR - 4
    return bar + format_html_join(
        "",
        '<g stroke="{}" stroke-width="{}"><line x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<line x1="{}" x2="{}" y1="{}" y2="{}"/><line x1="{}" x2="{}" y1="{}" y2="{}"/></g>',
        (
            (colour, width, low, high, middle, middle, low, low, top, bottom, high, high, top, bottom)
            for colour, width in (("#ffffff", 5), (INK, 2))
        ),
    )


def _rect(x: float, width: float, y: int, fill: str) -> SafeString:
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>', _percent(x), y, _percent(width), BAR, fill
    )


def _percent(value: float) -> str:
    return f"{round(value, 2):g}%"


def _scale(y: int, words: tuple[str, str, str]) -> SafeString:
    places = zip(words, ("0", "50%", "100%"), ("start", "middle", "end"), strict=True)
    return format_html_join("", "{}", ((_text(w, x, y, anchor=a, fill=QUIET),) for w, x, a in places if w))


def _pattern_id(kind: str, title: str, rows: Sequence[object]) -> str:
    """The same chart has the same id every time; two charts of a page have two."""
    return f"{kind}-{hashlib.sha256(repr((title, rows)).encode()).hexdigest()[:12]}"


def _hatch(pattern_id: str, colour: str) -> SafeString:
    return format_html(
        '<defs><pattern id="{}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="6" height="6" fill="#ffffff"/><rect width="3" height="6" fill="{}"/></pattern></defs>',
        pattern_id,
        colour,
    )


RUN_TOP = LINE + 4
RUN_BOTTOM = RUN_TOP + 170
# Colour and dashes of each level line: told apart without colour too.
RUN_LINES = {"median": (INK, "8 4"), "aim": (ORANGE, "2 4")}


def _level(y: int, colour: str, dashes: str = "none", width: str = "100%") -> SafeString:
    return format_html(
        '<line x1="0" x2="{0}" y1="{1}" y2="{1}" stroke="{2}" stroke-width="2" stroke-dasharray="{3}"/>',
        width,
        y,
        colour,
        dashes,
    )


def _beginning(x: str, top: int, bottom: int) -> SafeString:
    return format_html(
        '<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" stroke="{3}" stroke-width="2" stroke-dasharray="6 3 1 3"/>',
        x,
        top,
        bottom,
        QUIET,
    )


def _joined(here: tuple[float, int], there: tuple[float, int]) -> SafeString:
    ends = _percent(here[0]), _percent(there[0]), here[1], there[1]
    return format_html('<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}" stroke-width="2"/>', *ends, BLUE)


def _dot(x: float, y: int, *, is_hollow: bool) -> SafeString:
    fill = "#ffffff" if is_hollow else BLUE
    return format_html(
        '<circle cx="{}" cy="{}" r="5" fill="{}" stroke="{}" stroke-width="2"/>', _percent(x), y, fill, BLUE
    )


def _run_legend(legend: Iterable[tuple[SafeString, str]], y: int) -> tuple[list[SafeString], int]:
    """Each line's sample and words, wrapped to fit on the smallest phone; and the y below them."""
    parts = []
    for sample, words in legend:
        parts.append(format_html('<g transform="translate(0 {})">{}</g>', y, sample))
        texts = textwrap.wrap(words, LINE_LENGTH - 6) or [""]
        parts += [_text(text, "42", y + LINE * number, fill=QUIET) for number, text in enumerate(texts)]
        y += LINE * len(texts)
    return parts, y + 6


def _day(day: date) -> str:
    return date_format(day, "j M Y")


BLOCK = (
    '<rect x="{0}" y="8" width="8" height="26" transform="translate(-4 0)" fill="{1}" stroke="{2}" stroke-width="2"/>'
)
CROSS = (
    '<svg x="{0}" y="14" width="12" height="14" overflow="visible"><g transform="translate(-6 0)" stroke="{1}"'
    ' stroke-width="3"><line x1="0" y1="0" x2="12" y2="14"/><line x1="12" y1="0" x2="0" y2="14"/></g></svg>'
)
KINDS = {
    "held": ("Held", BLOCK, BLUE, BLUE),
    "planned": ("Planned", BLOCK, "#ffffff", BLUE),
    "cancelled": ("Cancelled", CROSS, ORANGE, ""),
}


def _mark(kind: str, x: float) -> SafeString:
    _, shape, first, second = KINDS[kind]
    return format_html(shape, _percent(x), first, second)


def _today(x: str, top: int, bottom: int) -> SafeString:
    """A dashed line, told from the blocks by its shape."""
    return format_html(
        '<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" stroke="{3}" stroke-width="2" stroke-dasharray="4 3"/>',
        x,
        top,
        bottom,
        INK,
    )


def _legend(y: int) -> list[SafeString]:
    """What the shapes mean, at fixed places that fit on the smallest phone."""
    parts = []
    for x, (word, shape, first, second) in zip((8, 84, 184), KINDS.values(), strict=True):
        sample = format_html(shape, 0, first, second)
        parts.append(format_html('<g transform="translate({} {}) scale(0.6)">{}</g>', x, y - 3, sample))
        parts.append(_text(word, str(x + 10), y, fill=QUIET))
    return parts


def _month(day: date) -> str:
    return date_format(day, "M Y")
