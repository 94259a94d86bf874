"""The fields of an inquiry: name, due date, guidance and, while it is a draft, what it asks and whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from models.queries import AnswerFigures, DivisionChoice, InquiryRow
from models.queries.inquiries import figures_now
from regulations import labels
from regulations.inquiry import InquiryScope
from regulations.structure import Kind
from regulations.taxonomy import categories
from review_app.components.tables import TableRow, table_html
from review_app.database import reading
from review_app.labels_ja import inquiries as words
from review_app.labels_ja.administration import to_come
from review_app.presenters import japanese_date

WEEKS = 4
"""How long divisions have, unless another date is chosen."""

KINDS = tuple(kind for kind in Kind if not kind.is_national and kind is not Kind.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryFields:
    """What stands in the fields. `division_ids` None: every division that the scope concerns."""

    name: str
    guidance: str
    due_date: dt.date | None
    kinds: tuple[Kind, ...] = ()
    categories: tuple[str, ...] = ()
    division_ids: tuple[int, ...] | None = None


def typed(key: str) -> InquiryFields:
    """What stands in the fields under `key` at this moment, a click that follows the last letter included."""
    state = st.session_state
    return InquiryFields(
        name=state.get(f"{key}_name") or "",
        guidance=state.get(f"{key}_guidance") or "",
        due_date=state.get(f"{key}_due"),
        kinds=tuple(state.get(f"{key}_kinds") or ()),
        categories=tuple(state.get(f"{key}_categories") or ()),
        division_ids=None if state.get(f"{key}_every", True) else tuple(state.get(f"{key}_divisions") or ()),
    )


def asked_figures(fields: InquiryFields, divisions: Sequence[DivisionChoice]) -> dict[int, AnswerFigures]:
    """The divisions that would be asked, in the organisation's order, with their figures within the scope.

    A division that is named is asked even where it has nothing; otherwise those that own an
    instrument or answer for a candidate.
    """
    scope = InquiryScope(kinds=frozenset(fields.kinds), categories=frozenset(fields.categories))
    chosen = fields.division_ids
    asked = [row.division_id for row in divisions if chosen is None or row.division_id in chosen]
    with reading() as session:
        found = figures_now(session, scope=scope, division_ids=asked)
    return {one: found[one] for one in asked if chosen is not None or found[one].candidates or found[one].instruments}


def fields_form(
    key: str,
    *,
    row: InquiryRow | None,
    today: dt.date,
    divisions: Sequence[DivisionChoice] = (),
    asked: Collection[int] = (),
) -> None:
    """Draw the fields under widget keys that begin with `key`, starting from `row`; `typed` reads them.

    With `divisions` to choose from also the scope. `asked` are the divisions that the draft asks now.
    """
    st.text_input(
        words.NAME, value=row.name if row else "", key=f"{key}_name", placeholder=words.NAME_HINT, max_chars=200
    )
    due, told = st.columns([1, 1], vertical_alignment="bottom")
    due_date = due.date_input(
        words.DUE, value=row.due_date if row else today + dt.timedelta(weeks=WEEKS), key=f"{key}_due"
    )
    if due_date is not None:
        told.html(f'<p class="mi-keys">{japanese_date(due_date)}（{words.due_words(due_date, today=today)}）</p>')
    st.text_area(
        words.GUIDANCE, value=row.guidance if row else "", key=f"{key}_guidance", height=100,
        placeholder=words.GUIDANCE_HINT, max_chars=5000,
    )  # fmt: skip
    if not divisions:
        return
    st.pills(
        words.KINDS, KINDS, selection_mode="multi", wrap=True,
        default=[kind for kind in KINDS if row and kind in row.kinds], format_func=labels.label, key=f"{key}_kinds",
    )  # fmt: skip
    known = [category.id for category in categories()]
    st.pills(
        words.CATEGORIES, known, selection_mode="multi", wrap=True,
        default=[one for one in known if row and one in row.categories], format_func=labels.category_label,
        key=f"{key}_categories",
    )  # fmt: skip
    st.html(f'<p class="mi-keys">{words.NOTHING_CHOSEN_IS_ALL}</p>')
    every = st.radio(
        words.DIVISIONS, [True, False], index=0 if row is None or _is_every(row, asked, divisions) else 1,
        horizontal=True, key=f"{key}_every",
        format_func=lambda is_every: words.EVERY_DIVISION if is_every else words.CHOSEN_DIVISIONS,
    )  # fmt: skip
    if not every:
        named = {one.division_id: division_name(one) for one in divisions}
        st.multiselect(
            words.CHOSEN_DIVISIONS, list(named), default=[one for one in named if one in asked],
            format_func=lambda division_id: named[division_id], key=f"{key}_divisions",
            placeholder=words.CHOOSE_DIVISIONS, label_visibility="collapsed", select_all=False,
            filter_mode="contains",
        )  # fmt: skip


def _is_every(row: InquiryRow, asked: Collection[int], divisions: Sequence[DivisionChoice]) -> bool:
    everywhere = InquiryFields(
        name="", guidance="", due_date=row.due_date, kinds=row.kinds, categories=row.categories, division_ids=None
    )
    return set(asked) == asked_figures(everywhere, divisions).keys()


def division_name(row: DivisionChoice) -> str:
    """Bureau, office and division, and the day from which it stands where that is yet to come."""
    name = "　".join(filter(None, (row.bureau, row.office, row.division)))
    return to_come(name, row.begins) if row.begins else name


def preview_html(figures: Mapping[int, AnswerFigures], divisions: Sequence[DivisionChoice]) -> str:
    """Whom it would ask, and how much of each."""
    rows = (
        TableRow(
            cells=(
                "　".join(filter(None, (row.bureau, row.office))),
                row.division,
                figures[row.division_id].candidates,
                figures[row.division_id].open,
                figures[row.division_id].instruments,
            )
        )
        for row in divisions
        if row.division_id in figures
    )
    return table_html(words.PREVIEW_COLUMNS, rows)
