"""A step on candidates that somebody else was faster with: what they did, in words, and what is left to do."""

from __future__ import annotations

from collections.abc import Collection

from models import queries
from models.operations.errors import NoSuchItemError, StaleItemError
from models.queries import ItemDetail
from regulations.review import Actor, NotPermittedError
from review_app import labels_ja as ja
from review_app.database import reading
from review_app.labels_ja import handling as words
from review_app.presenters import answer_words
from review_app.session_state import work

OVERTAKEN = (StaleItemError, NotPermittedError, NoSuchItemError)
"""How operations refuse what stood otherwise when it was shown."""


def overtaken(actor: Actor, detail: ItemDetail, *, changed: str = "") -> None:
    """Tell it on the candidate's page, which asks nobody for an answer any more that another division has to give.

    `changed` is the sentence for a candidate that is still the actor's; without it, what was answered meanwhile.
    """
    state = work()
    state.rejecting = state.handing = None
    with reading() as session:
        is_ours = queries.own_items(session, actor=actor, item_ids=[detail.item_id])
        now = queries.item_detail(session, actor=actor, item_id=detail.item_id)
    if not is_ours:
        drop([detail.item_id])
        state.close()
        state.faults.pop(detail.item_id, None)
        state.done, state.done_item, state.done_group = words.moved_away(detail.address), None, None
        return
    if not changed and now and now.decision:
        changed = ja.answered_by_other(now.decision.who, answer_words(now.decision))
    state.faults[detail.item_id] = [changed or ja.CHANGED_MEANWHILE]


def lost(actor: Actor, item_ids: Collection[int]) -> set[int]:
    """Those of the candidates that are another division's now."""
    with reading() as session:
        return set(item_ids) - queries.own_items(session, actor=actor, item_ids=item_ids)


def drop(item_ids: Collection[int]) -> None:
    """Untick what can no longer be answered as it was shown."""
    for item_id in item_ids:
        work().chosen.pop(item_id, None)
