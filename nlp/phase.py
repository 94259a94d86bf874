"""PHASE from the words of the provision itself: 1 unless a digital means or a relief is written into it.

A find can only raise the PHASE, so that adding 「インターネットの利用その他の方法により」 never lowers it.
"""

from __future__ import annotations

from nlp.analysis import Analysis, Find
from nlp.rule_schema import COMMON


def phase_of(analysis: Analysis, category: str) -> tuple[int, Find | None]:
    """PHASE (1–3) and the find that says so (None for 1)."""
    near = _sentences_near(analysis, category)
    finds = [
        find
        for find in (*analysis.finds_of(category), *analysis.finds_of(COMMON))
        if find.rule.phase and (find.sentence is None or find.sentence in near)
    ]
    best = max(finds, key=lambda find: (find.rule.phase or 1, -find.start), default=None)
    return (best.rule.phase or 1, best) if best else (1, None)


def _sentences_near(analysis: Analysis, category: str) -> set[int]:
    """Sentences that speak of the category: those with a trigger, their leads, and a ただし書 right after one."""
    near = {hit.sentence for hit in analysis.hits_of(category)}
    leads = {analysis.sentences[index].lead for index in near}
    following = {
        index
        for index in range(1, len(analysis.sentences))
        if index - 1 in near and analysis.sentences[index].depth == analysis.sentences[index - 1].depth
    }
    return near | following | {lead for lead in leads if lead is not None}
