"""Two revisions of one instrument: which provision became which, and what changed in its words."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Indel, LCSseq

from regulations.citations import Section

SIMILAR = 0.6
"""Share of characters, kept in order, from which a provision at another place is the same one, amended.

Unrelated provisions share stock phrases (「知事は、」「しなければならない。」), amended ones nearly all words.
"""

NEARBY = 40
"""With how many provisions of the other revision one that changed is compared at most, on either side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedProvision:
    """A provision as a comparison sees it. `key` is the caller's own and comes back in the pairs."""

    key: int
    section: Section
    label: str
    article: str
    paragraph: str
    text: str
    text_hash: str

    @property
    def part(self) -> tuple[Section, str]:
        """本則, or which 附則 or 別表."""
        return self.section, self.label

    @property
    def place(self) -> tuple[Section, str, str, str]:
        return self.section, self.label, self.article, self.paragraph


class PairKind(StrEnum):
    """What became of a provision that both revisions hold."""

    SAME = "same"
    RENUMBERED = "renumbered"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    before: ComparedProvision
    after: ComparedProvision
    kind: PairKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`pairs` and `added` in the order of the later revision, `removed` in that of the earlier."""

    pairs: tuple[Pair, ...]
    added: tuple[ComparedProvision, ...]
    removed: tuple[ComparedProvision, ...]


def match_provisions(before: Sequence[ComparedProvision], after: Sequence[ComparedProvision]) -> Comparison:
    """Pair the provisions of two revisions, both in document order.

    Equal texts come first, in order, so that of several 「削除」 or 「この条例は、公布の日から施行する。」
    each meets its own; then equal texts that moved. Of what is left, the most similar within the
    same stretch between two equal texts are one provision with changed words (`SIMILAR`), and
    after those what stands at the same place. Known failure: a provision moved across others and
    reworded at once counts as removed and added.
    """
    matched = _in_order(before, after)
    stretch_before = _stretches(len(before), {i for i, _ in matched.items()})
    stretch_after = _stretches(len(after), set(matched.values()))
    _pair_off(matched, _moved(before, after, matched))
    _pair_off(matched, _similar(before, after, matched, stretch_before, stretch_after))
    _pair_off(matched, _at_same_place(before, after, matched))
    of_after = {j: i for i, j in matched.items()}
    return Comparison(
        pairs=tuple(
            Pair(before=before[of_after[j]], after=now, kind=_kind(before[of_after[j]], now))
            for j, now in enumerate(after)
            if j in of_after
        ),
        added=tuple(now for j, now in enumerate(after) if j not in of_after),
        removed=tuple(then for i, then in enumerate(before) if i not in matched),
    )


def _kind(before: ComparedProvision, after: ComparedProvision) -> PairKind:
    if before.text_hash != after.text_hash:
        return PairKind.CHANGED
    return PairKind.SAME if before.place == after.place else PairKind.RENUMBERED


Indexes = Iterator[tuple[int, int]]


def _pair_off(matched: dict[int, int], proposed: Indexes) -> None:
    taken = set(matched.values())
    for i, j in proposed:
        if i not in matched and j not in taken:
            matched[i] = j
            taken.add(j)


def _in_order(before: Sequence[ComparedProvision], after: Sequence[ComparedProvision]) -> dict[int, int]:
    """Indexes of the longest common sequence of equal texts; those of one 附則 never meet another's."""
    tokens = [[(*provision.part, provision.text_hash) for provision in revision] for revision in (before, after)]
    return {
        block.src_start + offset: block.dest_start + offset
        for block in LCSseq.opcodes(*tokens)
        if block.tag == "equal"
        for offset in range(block.src_end - block.src_start)
    }


def _stretches(length: int, anchors: set[int]) -> list[int]:
    """For each index the number of equal texts before it: the same in both revisions between the same two."""
    numbers, passed = [], 0
    for index in range(length):
        numbers.append(passed)
        passed += index in anchors
    return numbers


def _moved(before: Sequence[ComparedProvision], after: Sequence[ComparedProvision], matched: dict[int, int]) -> Indexes:
    left: dict[str, deque[int]] = defaultdict(deque)
    for i, provision in enumerate(before):
        if i not in matched:
            left[provision.text_hash].append(i)
    taken = set(matched.values())
    for j, provision in enumerate(after):
        if j not in taken and left[provision.text_hash]:
            yield left[provision.text_hash].popleft(), j


def _similar(
    before: Sequence[ComparedProvision],
    after: Sequence[ComparedProvision],
    matched: dict[int, int],
    stretch_before: Sequence[int],
    stretch_after: Sequence[int],
) -> Indexes:
    taken = set(matched.values())
    in_stretch: dict[int, list[int]] = defaultdict(list)
    for j, stretch in enumerate(stretch_after):
        if j not in taken:
            in_stretch[stretch].append(j)
    rank: dict[int, int] = defaultdict(int)
    scored = []
    for i, provision in enumerate(before):
        if i in matched:
            continue
        stretch = stretch_before[i]
        # In a stretch rewritten as a whole, what stands about as far into it is compared, not all with all.
        first = max(0, rank[stretch] - NEARBY)
        rank[stretch] += 1
        for j in in_stretch[stretch][first : first + 2 * NEARBY + 1]:
            likeness = similarity(provision.text, after[j].text)
            if likeness >= SIMILAR:
                scored.append((-likeness, provision.place != after[j].place, i, j))
    for _, _, i, j in sorted(scored):
        yield i, j


def _at_same_place(
    before: Sequence[ComparedProvision], after: Sequence[ComparedProvision], matched: dict[int, int]
) -> Indexes:
    left: dict[tuple[Section, str, str, str], deque[int]] = defaultdict(deque)
    for i, provision in enumerate(before):
        if i not in matched:
            left[provision.place].append(i)
    taken = set(matched.values())
    for j, provision in enumerate(after):
        if j not in taken and left[provision.place]:
            yield left[provision.place].popleft(), j


def similarity(one: str, other: str) -> float:
    """Share of characters that two texts have in common, in order: 0 to 1."""
    return Indel.normalized_similarity(one, other)


class DiffKind(StrEnum):
    SAME = "same"
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffPart:
    """A run of words that both texts have, only the earlier, or only the later."""

    kind: DiffKind
    text: str


# Runs of one script are near enough to words, and stay readable where single characters would flicker.
_WORD = re.compile(r"[\u3400-\u9fff々〇]+|[ぁ-ゖ]+|[ァ-ヺー]+|[0-9０-９]+|[A-Za-zＡ-Ｚａ-ｚ]+|\s+|.")


def word_diff(before: str, after: str) -> list[DiffPart]:
    """What was deleted and inserted, in order. Parts without INSERTED make `before`, without DELETED `after`."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    parts: list[DiffPart] = []
    deleted = inserted = ""

    def flush() -> None:
        for kind, text in ((DiffKind.DELETED, deleted), (DiffKind.INSERTED, inserted)):
            if text:
                parts.append(DiffPart(kind=kind, text=text))

    # Between two runs that both have, what was deleted comes before what was inserted.
    for block in LCSseq.opcodes(old, new):
        if block.tag != "equal":
            deleted += "".join(old[block.src_start : block.src_end])
            inserted += "".join(new[block.dest_start : block.dest_end])
            continue
        flush()
        deleted = inserted = ""
        parts.append(DiffPart(kind=DiffKind.SAME, text="".join(old[block.src_start : block.src_end])))
    flush()
    return parts
