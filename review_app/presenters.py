"""Values into what a reader sees: safe HTML, dates, counts, sentences. Pure; knows nothing of Streamlit."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from itertools import pairwise
from zoneinfo import ZoneInfo

from models.queries import DecisionRow, Mark
from regulations import labels
from regulations.comparison import DiffPart
from regulations.taxonomy import load_taxonomy

TOKYO = ZoneInfo("Asia/Tokyo")

_ERAS = (
    (dt.date(2019, 5, 1), "令和"),
    (dt.date(1989, 1, 8), "平成"),
    (dt.date(1926, 12, 25), "昭和"),
    (dt.date(1912, 7, 30), "大正"),
    (dt.date(1873, 1, 1), "明治"),  # the solar calendar begins; earlier months do not map to ours
)

HIGH, MIDDLE = 0.8, 0.5
"""Lower ends of 確度 高 and 中."""

_DIGITAL_MEANS = re.compile(
    "電子情報処理組織|電子計算機|情報通信(?:の)?技術|情報通信機器|電磁的(?:記録|方法)|電子メール|インターネット|オンライン|"
    "自動公衆送信|ウェブサイト|ホームページ|映像(?:と音声)?の送受信|遠隔"
)

_ITEM_NUMBER = re.compile(
    r"[（(]?[一二三四五六七八九十百〇\dァ-ヶa-zａ-ｚⅰ-ⅹ①-⑳]{1,5}(?:の[一二三四五六七八九十\d]+)*[）)]?"
)


def law_text(text: str, marks: Sequence[Mark] = (), hits: Sequence[tuple[int, int]] = ()) -> str:
    """A provision's text as HTML: one block a line with its 号 indented, evidence, digital means and hits marked.

    Spans may overlap, repeat, cross lines or reach outside the text; each stretch of characters
    then carries all its categories, and the chip with the category's character stands where a
    category's evidence begins. `hits` are where words looked for stand. Everything that comes from
    the text is escaped.
    """
    spans = sorted(_clipped(marks, len(text)), key=lambda mark: (mark.start, mark.end))
    digital = [match.span() for match in _DIGITAL_MEANS.finditer(text)]
    cuts = {0, len(text)}
    cuts.update(edge for mark in spans for edge in (mark.start, mark.end))
    cuts.update(edge for span in (*digital, *hits) for edge in span)
    lines, offset = [], 0
    for line in text.split("\n"):
        end = offset + len(line)
        edges = sorted({offset, end, *(cut for cut in cuts if offset < cut < end)})
        stretches = [_stretch(text, a, b, spans, digital, hits) for a, b in pairwise(edges)]
        depth = _depth(line)
        lines.append(f'<span class="mi-line mi-depth{depth}">{"".join(stretches)}</span>')
        offset = end + 1
    return "".join(lines)


def _clipped(marks: Iterable[Mark], length: int) -> list[Mark]:
    inside = (replace(mark, start=max(mark.start, 0), end=min(mark.end, length)) for mark in marks)
    return [mark for mark in inside if mark.start < mark.end]


def _stretch(
    text: str,
    start: int,
    end: int,
    spans: Sequence[Mark],
    digital: Sequence[tuple[int, int]],
    hits: Sequence[tuple[int, int]],
) -> str:
    over = [mark for mark in spans if mark.start <= start and end <= mark.end]
    html = escape(text[start:end])
    if any(a <= start and end <= b for a, b in hits):
        html = f'<mark class="mi-hit">{html}</mark>'
    if any(a <= start and end <= b for a, b in digital):
        html = f'<span class="mi-digital">{html}</span>'
    if not over:
        return html
    opening = dict.fromkeys(mark.category for mark in over if mark.start == start)
    chips = "".join(chip(category, short=True) for category in opening)
    for category in dict.fromkeys(mark.category for mark in reversed(over)):
        html = f'<mark class="mi-mark mi-cat-{category}">{html}</mark>'
    return chips + html


def _depth(line: str) -> int:
    """0 for a sentence, 1 for 号, 2 and more below it: an item begins with its number and U+3000."""
    inner = line.lstrip("　")
    number, separator, _ = inner.partition("　")
    return min(len(line) - len(inner) + 1, 4) if separator and _ITEM_NUMBER.fullmatch(number) else 0


def phase_label(category: str, phase: int) -> str:
    """●●○ 2 一部許容している."""
    return f"{phase_steps(phase)} {labels.phase_label(category, phase)}"


def phase_steps(phase: int) -> str:
    """PHASE as three steps, so that it reads without its number: ●○○, ●●○, ●●●."""
    filled = min(max(phase, 0), 3)
    return "●" * filled + "○" * (3 - filled)


def chip(category: str, *, short: bool = False) -> str:
    """The category's chip: its word, or its one character where room is short. Never colour alone."""
    known = load_taxonomy()[category]
    if short:
        return (
            f'<span class="mi-chip mi-chip-short mi-cat-{known.id}" title="{escape(known.label)}">{known.mark}</span>'
        )
    return f'<span class="mi-chip mi-cat-{known.id}">{escape(known.label)}</span>'


def probability_band(probability: float) -> str:
    """高・中・低."""
    if probability >= HIGH:
        return "高"
    return "中" if probability >= MIDDLE else "低"


def probability_html(probability: float) -> str:
    """The band, with the number on hover."""
    return f'<span class="mi-prob" title="{probability:.0%}">確度 <b>{probability_band(probability)}</b></span>'


def japanese_date(date: dt.date | None) -> str:
    """令和8年3月31日; an empty string for none."""
    if date is None:
        return ""
    if isinstance(date, dt.datetime):
        date = date.astimezone(TOKYO).date()
    return f"{_era_year(date)}年{date.month}月{date.day}日"


def japanese_time(moment: dt.datetime | None) -> str:
    """令和8年3月31日 14:05, at the office's clock."""
    return f"{japanese_date(moment)} {moment.astimezone(TOKYO):%H:%M}" if moment else ""


def last_day(expires_at: dt.datetime | None) -> dt.date | None:
    """The last day at the office on which something holds that ends at that moment: midnight is the day before."""
    return (expires_at - dt.timedelta(microseconds=1)).astimezone(TOKYO).date() if expires_at else None


def _era_year(date: dt.date) -> str:
    for start, era in _ERAS:
        if date >= start:
            year = date.year - start.year + 1
            return f"{era}{'元' if year == 1 else year}"
    return f"西暦{date.year}"


def fiscal_year(year: int | None) -> str:
    """令和8年度 for 2026."""
    return f"{_era_year(dt.date(year, 12, 31))}年度" if year else ""


def plain_label(text: str) -> str:
    """A text as the label of a link or button, which Streamlit would read as Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!$~:<>|])", r"\\\1", text)


def thousands(number: int) -> str:
    return f"{number:,}"


def rate(part: int, whole: int) -> str:
    """Share in per cent, "-" where there is nothing to share, as the headquarters' tables have it."""
    return f"{part * 100 // whole}%" if whole else "-"


def percent(share: float) -> str:
    """A measured share, 0 to 1, to a tenth of a per cent: 1.2%."""
    return f"{share:.1%}"


def remaining(count: int, seconds_each: float) -> str:
    """要対応36件・約18分."""
    return f"要対応{thousands(count)}件・{about(count, seconds_each)}" if count > 0 else "要対応はありません"


def about(count: int, seconds_each: float) -> str:
    """約18分: how long so many candidates take."""
    hours, minutes = divmod(max(1, round(count * seconds_each / 60)), 60)
    return f"約{hours}時間{minutes}分" if hours and minutes else f"約{hours}時間" if hours else f"約{minutes}分"


def diff_html(parts: Sequence[DiffPart]) -> tuple[str, str]:
    """Before and after, side by side: what went struck out on the left, what came underlined on the right."""
    before, after = [], []
    for part in parts:
        text = escape(part.text).replace("\n", "<br>")
        if part.kind == "same":
            before.append(text)
            after.append(text)
        elif part.kind == "deleted":
            before.append(f"<del>{text}</del>")
        else:
            after.append(f"<ins>{text}</ins>")
    return "".join(before), "".join(after)


def locate_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Where the quoted words stand in `text`, as half-open characters; None if they do not.

    Words copied from a screen come with line breaks and spaces of their own, so white space is
    passed over on both sides.
    """
    wanted = "".join(quote.split())
    if not wanted:
        return None
    places = [index for index, character in enumerate(text) if not character.isspace()]
    start = "".join(text[index] for index in places).find(wanted)
    return (places[start], places[start + len(wanted) - 1] + 1) if start >= 0 else None


def find_words(text: str, wanted: str) -> list[tuple[int, int]]:
    """Where words stand in `text`, as half-open characters in order; each of several words for itself.

    Width and case are passed over (１ finds 1, ＩＤ finds id); a place that two words share is told once.
    """
    folded = "".join(map(_folded, text))
    places: set[tuple[int, int]] = set()
    for word in wanted.split():
        sought = "".join(map(_folded, word))
        start = folded.find(sought)
        while start >= 0:
            places.add((start, start + len(sought)))
            start = folded.find(sought, start + len(sought))
    return sorted(places)


def _folded(character: str) -> str:
    """One character for one, so that places stay: those that would become several (㈱) are left as they are."""
    plain = unicodedata.normalize("NFKC", character).casefold()
    return plain if len(plain) == 1 else character


def answer_words(decision: DecisionRow) -> str:
    """非該当（罰則）: the answer in one word, with its reason."""
    reason = f"（{labels.label(decision.reason_code)}）" if decision.reason_code else ""
    return f"{labels.label(decision.applicability)}{reason}"
