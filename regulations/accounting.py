"""Nothing lost: the characters of a source's body against those of the tree that was made of it.

Both are compared in order and without white space. Where the tree sets something elsewhere than the
source (a table after the items it stands between, a note at the end of its article, furniture) the
comparison goes on there and comes back: it reads the tree with several cursors, each in order, and
each character of the tree answers for one of the source only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from regulations.rendering import Rendering, render
from regulations.structure import Diagnostic, ParsedOrdinance

TOLERATED = 0.01
"""Share of a body above which what is unaccounted for is a diagnostic."""

_NEAR = 4_000  # characters after a cursor in which the next words of the source are looked for
_POINT = re.compile(r"(?<=[0-9０-９a-zａ-ｚア-ン])[．.](?=\s|$)")
_TELLING = 4  # characters below which words are looked for next to a cursor only: の and 二 are everywhere
_MOST_CURSORS = 24
_FAR_SEARCHES = 200  # over the whole tree; bounded, so that a hostile source costs no more than its length
_MOST_MISSES = 2_000  # words, beyond which the order is given up and only what is there is counted
_DISTINCT = 12  # characters that stand for one place only
_PIECES = re.compile(r"[（(〔［「][^（()）〔〕［］「」]*[）)〕］」]|[^（(〔［「。]+。?|.", re.DOTALL)
_WORDS = re.compile(r"[一-龠々]+|[ぁ-ん]+|[ァ-ヶー]+|[0-9０-９]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Characters of the body, those not found, the first words that were not, and near which address."""

    total: int
    lost: int
    first_lost: str = ""
    place: str = ""

    @property
    def share(self) -> float:
        return self.lost / self.total if self.total else 0.0

    def diagnostic(self) -> Diagnostic | None:
        """What to tell a person, where more is lost than is tolerated."""
        if self.share <= TOLERATED:
            return None
        where = f"{self.place}の付近" if self.place else "冒頭の付近"
        return Diagnostic(
            code="unread_text",
            message=f"本文のうち{self.lost}文字（{self.share:.1%}）を読み取れていません。"
            f"最初は{where}の「{self.first_lost[:30]}」です。原本と見比べてください。",
            ref=self.place,
        )


def account(parsed: ParsedOrdinance, body: str) -> Account:
    """How much of `body`, the text that the source holds, is in the tree or in its furniture.

    The head of the instrument is expected in the furniture, as printed: the tree has its parts only. So is the
    number of a 号 that a point follows (１．), without the point.
    """
    found = _account(parsed, body)
    return _account(parsed, plain) if found.lost and (plain := _POINT.sub("", body)) != body else found


def _account(parsed: ParsedOrdinance, body: str) -> Account:
    rendering = render(parsed.ordinance, head=False)
    text, source = _squeezed("".join(rendering.pieces)), _squeezed(body)
    # Most sources agree from either end up to their 目次, if not from end to end.
    head = _common_prefix(text, source)
    if head == len(source):
        return Account(total=len(source), lost=0)
    shorter = min(len(text), len(source)) - head
    tail = min(_common_prefix(text[::-1], source[::-1]), shorter)
    search = _Search(text[: len(text) - tail], head, _squeezed("".join(parsed.furniture)))
    lost: list[tuple[str, str, int]] = []
    for chunk in _between(body.split(), head, tail):
        missing = search.missing(chunk) if len(lost) < _MOST_MISSES else (chunk,)
        lost += [(words, chunk, search.position) for words in missing]
    # What was set elsewhere in pieces too small to follow is still there, among what nothing has claimed.
    nowhere = Counter("".join(words for words, _, _ in lost)) - search.unclaimed()
    if not nowhere:
        return Account(total=len(source), lost=0)
    first, position = next((chunk, position) for words, chunk, position in lost if nowhere.keys() & set(words))
    return Account(total=len(source), lost=nowhere.total(), first_lost=first, place=_place(rendering, position))


def _common_prefix(one: str, other: str) -> int:
    """Length of what two texts begin with in common, found by halving: a handful of comparisons in C."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _between(chunks: list[str], head: int, tail: int) -> Iterator[str]:
    """`chunks` without their first `head` and last `tail` characters."""
    ends = list(accumulate(map(len, chunks)))
    last = (ends[-1] if ends else 0) - tail
    for index in range(bisect_right(ends, head), len(chunks)):
        start = ends[index] - len(chunks[index])
        if start >= last:
            return
        if chunk := chunks[index][max(head - start, 0) : last - start]:
            yield chunk


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _place(rendering: Rendering, position: int) -> str:
    ends = list(accumulate(len(_squeezed(piece)) for piece in rendering.pieces))
    return rendering.place_of(bisect_right(ends, max(position - 1, 0)))


class _Search:
    """Stretches of the tree's text that no word of the source has claimed yet, the last used first."""

    def __init__(self, text: str, start: int, furniture: str) -> None:
        self.text = text + furniture
        self.open = [span for span in ((start, len(text)), (len(text), len(self.text))) if span[0] < span[1]]
        self.position = start  # in the tree, up to which the source has been found
        self.far = _FAR_SEARCHES
        self.given_up: list[tuple[int, int]] = []

    def missing(self, chunk: str) -> Sequence[str]:
        """The words of `chunk`, which has no white space, that are nowhere in what is open."""
        # A run of text mostly goes on where the one before it ended.
        if self.open:
            start, end = self.open[0]
            after = start + len(chunk)
            if after <= end and self.text.startswith(chunk, start):
                self.open[0] = (after, end)
                self.position = after
                return ()
        if self.take(chunk):
            return ()
        pieces = [piece for piece in _PIECES.findall(chunk) if not self.take(piece)]
        return [word for piece in pieces for word in _WORDS.findall(piece) if not self.take(word)]

    def take(self, words: str) -> bool:
        """Claim `words` where they come next, else near there, else anywhere if there is no mistaking them."""
        length = len(words)
        for index, (start, end) in enumerate(self.open):
            if start + length <= end and self.text.startswith(words, start):
                self.claim(index, start, length)
                return True
        near = _NEAR if length >= _TELLING else 4 * length
        for index, (start, end) in enumerate(self.open):
            found = self.text.find(words, start, min(end, start + near))
            if found >= 0:
                self.claim(index, found, length)
                return True
        if length >= _DISTINCT and self.far:
            self.far -= 1
            for index, (start, end) in enumerate(self.open):
                found = self.text.find(words, start, end)
                if found >= 0:
                    self.claim(index, found, length)
                    return True
        return False

    def claim(self, index: int, found: int, length: int) -> None:
        start, end = self.open.pop(index)
        left = [(found + length, end)] if found + length < end else []
        if start < found:
            left.append((start, found))
        # The least used stretches are given up: without a bound a hostile source would cost its square.
        self.open = [*left, *self.open]
        self.given_up += self.open[_MOST_CURSORS:]
        del self.open[_MOST_CURSORS:]
        self.position = found + length

    def unclaimed(self) -> Counter[str]:
        """How often each character stands in what no word of the source has claimed."""
        return Counter("".join(self.text[start:end] for start, end in (*self.open, *self.given_up)))
