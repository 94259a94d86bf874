"""The right side of 候補の確認: the proposal, the answer and what can be corrected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TypeVar

import streamlit as st
from sqlalchemy.orm import Session

from models import queries
from models.operations.decide import decide
from models.operations.decide_group import NotOneGroupError, decide_group
from models.operations.errors import InvalidAnswerError
from models.queries import DecisionRow, ItemDetail, SimilarItem
from regulations import labels
from regulations.review import OPEN_STATUSES, Actor, Applicability, NonApplicableReason, ReviewStatus
from regulations.taxonomy import LegalBasis, categories, load_taxonomy
from review_app import labels_ja as ja
from review_app.components.overtaken import OVERTAKEN, overtaken
from review_app.components.status import status_badge
from review_app.database import reading, writing
from review_app.labels_ja import handling
from review_app.presenters import answer_words, chip, japanese_time, phase_label, probability_html
from review_app.session_state import queue_filter, work

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    """The fields and the note as they stand in the form, but for the basis."""

    category: str
    regulation_type: int
    phase: int
    note: str


def proposal_html(detail: ItemDetail) -> str:
    """What is proposed and why; for a text that has changed also what was answered before."""
    head, lines = [status_badge(detail.status)], []
    candidate, decision = detail.candidate, detail.decision
    head.append(chip(candidate.category if candidate else detail.category))
    if detail.is_manual:
        head.append(f'<span class="mi-status">{ja.ADDED_BY_HAND}</span>')
    elif candidate:
        head.append(probability_html(candidate.probability))
    if candidate:
        lines.append(escape(candidate.reason))
        if not candidate.is_current:
            lines.append(ja.PROPOSAL_ON_EARLIER_TEXT)
    if decision and detail.status is ReviewStatus.RECHECK:
        lines.append(f"{ja.ANSWER_BEFORE}: {escape(answer_words(decision))}、PHASE {decision.phase}")
    paragraphs = "".join(f"<p>{line}</p>" for line in lines if line)
    return f'<div class="mi-proposal"><p class="mi-row">{" ".join(head)}</p>{paragraphs}</div>'


def answer_form(actor: Actor, detail: ItemDetail, *, group: Sequence[SimilarItem] = ()) -> None:
    """Buttons first, then the fields that can be corrected; answering opens the next candidate.

    With a `group`, the candidate among it, the answer is for all of these at once, and each keeps its own basis.
    """
    faults(detail.item_id)
    if work().rejecting == detail.item_id:
        _reasons(actor, detail, group)
    else:
        _buttons(actor, detail, group)
        _fields(detail, has_basis=not group)
    st.text_area(
        ja.NOTE,
        value=detail.decision.note if detail.decision else "",
        key=kept(detail, "note"),
        height=76,
        placeholder=ja.NOTE_HINT,
        persist_state="session",
        max_chars=2000,
    )


def faults(item_id: int) -> None:
    """Why the last step on the candidate was refused."""
    for sentence in work().faults.get(item_id, []):
        st.html(f'<p class="mi-fault" role="alert">{escape(sentence)}</p>')


def _buttons(actor: Actor, detail: ItemDetail, group: Sequence[SimilarItem]) -> None:
    answer = (actor, detail, group)
    with st.container(key="answer_buttons"):
        yes, no, later, elsewhere = st.columns(4, gap="small")
    yes.button(
        ja.APPLICABLE, key="answer_yes", type="primary", width="stretch", shortcut="1",
        on_click=_answer, args=(*answer, Applicability.APPLICABLE),
    )  # fmt: skip
    no.button(ja.NOT_APPLICABLE, key="answer_no", width="stretch", shortcut="2", on_click=_ask_reason, args=(detail,))
    later.button(
        ja.UNDECIDED, key="answer_later", width="stretch", shortcut="3",
        on_click=_answer, args=(*answer, Applicability.UNDECIDED),
    )  # fmt: skip
    # One by one, or from the list: what is alike in words need not be another division's.
    elsewhere.button(
        handling.HAND_OVER, key="hand_over", width="stretch", shortcut="4", on_click=_begin_handing, args=(detail,),
        disabled=bool(group) or detail.status not in OPEN_STATUSES,
    )  # fmt: skip


def _ask_reason(detail: ItemDetail) -> None:
    work().rejecting = detail.item_id
    work().faults.pop(detail.item_id, None)


def _begin_handing(detail: ItemDetail) -> None:
    work().close()
    work().handing = detail.item_id
    work().faults.pop(detail.item_id, None)


def _reasons(actor: Actor, detail: ItemDetail, group: Sequence[SimilarItem]) -> None:
    """非該当 needs a reason: each is a button with a key of its own, so that two keys reject a candidate."""
    answer = partial(_answer, actor, detail, group, Applicability.NOT_APPLICABLE)
    reason_buttons(answer, on_back=_stop_asking)


def reason_buttons(answer: Callable[[NonApplicableReason], None], *, on_back: Callable[[], None]) -> None:
    """The reasons of 非該当 to choose from, and the way back."""
    with st.container(key="reasons", gap="small"):
        st.html(f'<p class="mi-note">{ja.CHOOSE_REASON}</p>')
        columns = st.columns(2, gap="small")
        for number, reason in enumerate(NonApplicableReason):
            columns[number % 2].button(
                labels.label(reason), key=f"reason_{reason.value}", width="stretch", shortcut=str((number + 1) % 10),
                on_click=answer, args=(reason,),
            )  # fmt: skip
        st.button(ja.BACK, key="reason_back", shortcut="Esc", type="tertiary", on_click=on_back)


def _stop_asking() -> None:
    work().rejecting = None


def _key(detail: ItemDetail, field: str) -> str:
    # Text in force changed: the form starts anew, from the new proposal.
    return f"answer_{detail.item_id}_{detail.version_id}_{field}"


def kept(detail: ItemDetail, field: str) -> str:
    """The key of a text that `static/at_work.js` keeps over a reload until it has been sent."""
    return f"kept_{detail.item_id}_{detail.version_id}_{field}"


def _fields(detail: ItemDetail, *, has_basis: bool) -> None:
    """What can be corrected, starting from the latest answer on the text in force, else from the proposal."""
    stated = detail.decision if detail.decision and detail.decision.is_on_current_text else detail.candidate
    left, right = st.columns(2, gap="small")
    with left:
        known = [category.id for category in categories()]
        category = _choice(
            detail,
            "category",
            ja.CATEGORY,
            known,
            stated.category if stated else detail.category,
            labels.category_label,
        )
    with right:
        if has_basis:
            basis = stated.basis if stated else LegalBasis.UNCLEAR
            _choice(detail, "basis", ja.BASIS, list(LegalBasis), basis, labels.label)
        else:
            st.html(f'<p class="mi-keys">{ja.OWN_BASIS}</p>')
    # Another category has other types and phases, so its fields are others, and keep what was chosen in each.
    is_same = stated is not None and stated.category == category
    start = (stated.regulation_type, stated.phase) if stated and is_same else (1, 1)
    taxonomy = load_taxonomy()[category]
    _choice(detail, f"type_{category}", ja.TYPE, list(taxonomy.types), start[0], partial(labels.type_label, category))
    _choice(detail, f"phase_{category}", ja.PHASE, list(taxonomy.phases), start[1], partial(phase_label, category))


def _choice(detail: ItemDetail, field: str, name: str, options: list[T], start: T, words: Callable[[T], str]) -> T:
    return st.selectbox(
        name,
        options,
        index=options.index(start) if start in options else 0,
        key=_key(detail, field),
        format_func=words,
        placeholder=handling.CHOOSE,
        persist_state="session",
    )


def _typed(detail: ItemDetail) -> _Fields:
    state = st.session_state
    category = state[_key(detail, "category")]
    return _Fields(
        category=category,
        regulation_type=state[_key(detail, f"type_{category}")],
        phase=state[_key(detail, f"phase_{category}")],
        note=state[kept(detail, "note")] or "",
    )


def _answer(
    actor: Actor,
    detail: ItemDetail,
    group: Sequence[SimilarItem],
    applicability: Applicability,
    reason: NonApplicableReason | None = None,
) -> None:
    """Save the answer at once and open what comes next; nothing typed is lost where it is refused."""
    if kept(detail, "note") not in st.session_state:
        return  # a second press while the next candidate was being drawn: nobody has seen it yet
    typed = _typed(detail)
    saving = partial(_save_group, group=group) if group else _save_one
    try:
        with writing() as session:
            step = saving(session, actor, detail, typed, applicability, reason)
    except InvalidAnswerError as error:
        work().faults[detail.item_id] = [ja.answer_fault(error.fault)]
        return
    except (*OVERTAKEN, NotOneGroupError):
        overtaken(actor, detail, changed=ja.GROUP_CHANGED if group else "")
        return
    what = ja.all_of(len(group)) if group else detail.address
    work().answered(
        detail.item_id,
        ja.answered(f"{what}（{labels.category_label(typed.category)}）", applicability, reason),
        group=step,
    )
    open_next(actor, after_item_id=detail.item_id)


def open_next(actor: Actor, *, after_item_id: int) -> None:
    """The next candidate of the queue; past its end what was passed over on the way, and then the end."""
    with reading() as session:
        wanted = queue_filter()
        following = queries.next_item(session, actor=actor, after_item_id=after_item_id, **wanted)
        if following is None:
            following = queries.next_item(session, actor=actor, after_item_id=None, **wanted)
    is_end = following is None or following == after_item_id
    st.query_params["candidate"] = "done" if is_end else str(following)


def _save_one(
    session: Session,
    actor: Actor,
    detail: ItemDetail,
    typed: _Fields,
    applicability: Applicability,
    reason: NonApplicableReason | None,
) -> None:
    decide(
        session,
        actor=actor,
        item_id=detail.item_id,
        expected_version=detail.row_version,
        applicability=applicability,
        reason_code=reason,
        category=typed.category,
        regulation_type=typed.regulation_type,
        phase=typed.phase,
        basis=st.session_state[_key(detail, "basis")],
        note=typed.note,
        now=dt.datetime.now(dt.UTC),
    )


def _save_group(
    session: Session,
    actor: Actor,
    detail: ItemDetail,
    typed: _Fields,
    applicability: Applicability,
    reason: NonApplicableReason | None,
    *,
    group: Sequence[SimilarItem],
) -> int:
    """Returns the step to take back."""
    answer = decide_group(
        session,
        actor=actor,
        item_id=detail.item_id,
        items={row.item_id: row.row_version for row in group},
        applicability=applicability,
        reason_code=reason,
        category=typed.category,
        regulation_type=typed.regulation_type,
        phase=typed.phase,
        note=typed.note,
        now=dt.datetime.now(dt.UTC),
    )
    return answer.group_decision_id


def history_html(history: tuple[DecisionRow, ...]) -> str:
    """All answers, the last first: who, when, what."""
    return f'<ul class="mi-history">{"".join(map(_history_line, history))}</ul>'


def _history_line(row: DecisionRow) -> str:
    terms = (
        labels.type_label(row.category, row.regulation_type),
        phase_label(row.category, row.phase),
        labels.label(row.basis),
    )
    earlier = "" if row.is_on_current_text else f"　{ja.ON_EARLIER_TEXT}"
    return (
        f"<li><b>{escape(answer_words(row))}</b>　{chip(row.category)}<br>{escape('／'.join(terms))}<br>"
        f'{escape(row.note)}<div class="mi-keys">{japanese_time(row.decided_at)}　{escape(row.who)}{earlier}</div></li>'
    )
