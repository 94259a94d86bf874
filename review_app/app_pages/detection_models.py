"""判定モデル: what detection has learnt, put into service by a second person and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from models import queries
from models.detection import ModelState
from models.operations.propose_model import (
    ModelFault,
    ModelRefusedError,
    approve_model,
    roll_back_model,
    worse_categories,
)
from models.queries import ModelRow
from regulations.review import Actor, may_approve_model, may_roll_back_model
from regulations.taxonomy import load_taxonomy
from review_app import labels_ja as ja
from review_app.components.tables import TableRow, table_html
from review_app.database import reading, writing
from review_app.presenters import japanese_date
from review_app.session_state import leave, take

NONE = "－"
RATIOS = ("precision", "recall", "f1")


def show(actor: Actor) -> None:
    with reading() as session:
        rows = queries.detection_models(session, actor=actor)
    st.html(f'<h1>{ja.MODELS}</h1><p class="mi-keys">{ja.MODELS_HOW}</p>')
    if message := take("model_done"):
        st.html(f'<p class="mi-done" role="status">{escape(message)}</p>')
    if fault := take("model_fault"):
        st.html(f'<p class="mi-fault" role="alert">{escape(fault)}</p>')
    if not rows:
        st.html(f'<div class="mi-empty"><h2>{ja.MODELS_EMPTY}</h2><p>{ja.MODELS_EMPTY_NEXT}</p></div>')
        return
    in_service = next((row for row in rows if row.state is ModelState.IN_SERVICE), None)
    st.html(models_html(rows))
    if in_service is not None and may_roll_back_model(actor):
        with st.popover(ja.ROLL_BACK_MODEL):
            # What a model was compared with when it was approved is what it took over from.
            st.html(f"<p>{ja.roll_back_question(in_service.model_id, in_service.compared_with)}</p>")
            st.button(ja.ROLL_BACK_NOW, key="roll_back", type="primary", on_click=_roll_back, args=(actor,))
    for row in rows:
        _model(actor, row, in_service=in_service.model_id if in_service else None)


def models_html(rows: Sequence[ModelRow]) -> str:
    """All models, the last first, and below them the one that ships; the one in service is marked."""
    is_shipped = all(row.state is not ModelState.IN_SERVICE for row in rows)
    state = ja.MODEL_STATES[ModelState.IN_SERVICE] if is_shipped else ""
    shipped = TableRow(cells=(ja.SHIPPED_MODEL, "", "", "", *[NONE] * (1 + len(RATIOS)), state), is_chosen=is_shipped)
    return table_html(ja.MODEL_COLUMNS, [*map(_table_row, rows), shipped])


def _table_row(row: ModelRow) -> TableRow:
    return TableRow(
        cells=(
            ja.model_name(row.model_id),
            japanese_date(row.created_at),
            row.proposed_by,
            row.approved_by,
            row.figures.get("rows", NONE),
            *(_ratio(row.figures["new"].get("micro", {}), name) for name in RATIOS),
            ja.MODEL_STATES[row.state],
        ),
        is_chosen=row.state is ModelState.IN_SERVICE,
    )


def figures_html(figures: Mapping[str, Any]) -> str:
    """Each category beside the model compared with; those in which it is worse draw attention."""
    new, before = figures["new"], figures["in_service"]
    worse = worse_categories(figures)
    known = [category for category in load_taxonomy() if category in new["categories"]]
    pairs = [(ja.ALL_TOGETHER, new.get("micro", {}), before.get("micro", {}), False)]
    pairs += [
        (ja.category_word(name), new["categories"][name], before["categories"].get(name, {}), name in worse)
        for name in known
    ]
    return table_html(
        ja.MODEL_FIGURE_COLUMNS,
        (
            TableRow(
                cells=(name, *(_ratio(side, ratio) for ratio in RATIOS for side in (mine, theirs))), is_alert=is_worse
            )
            for name, mine, theirs, is_worse in pairs
        ),
    )


def _ratio(score: Mapping[str, float], name: str) -> str:
    return f"{score[name]:.3f}" if name in score else NONE


def why_not(actor: Actor, row: ModelRow, *, in_service: int | None) -> str:
    """Why the actor cannot put a proposed model into service; empty where nothing stands against it."""
    if not may_approve_model(actor, proposed_by=row.proposed_by_id):
        return ja.OWN_PROPOSAL
    if row.compared_with != in_service:
        return ja.model_fault(ModelFault.COMPARED_WITH_ANOTHER)
    if worse := worse_categories(row.figures):
        return ja.model_fault(ModelFault.WORSE, worse)
    return ""


def _model(actor: Actor, row: ModelRow, *, in_service: int | None) -> None:
    is_proposed = row.state is ModelState.PROPOSED
    with st.expander(ja.model_figures(row.model_id), expanded=is_proposed):
        if is_proposed:
            reason = why_not(actor, row, in_service=in_service)
            with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
                st.button(
                    ja.APPROVE_MODEL, key=f"approve_{row.model_id}", type="primary", disabled=bool(reason),
                    on_click=_approve, args=(actor, row.model_id),
                )  # fmt: skip
                if reason:
                    st.html(f'<p class="mi-note">{escape(reason)}</p>', width="content")
        st.html(f'{figures_html(row.figures)}<p class="mi-keys">{ja.MODEL_FIGURES_HOW}</p>')


def _approve(actor: Actor, model_id: int) -> None:
    try:
        with writing() as session:
            approve_model(session, actor=actor, model_id=model_id, now=dt.datetime.now(dt.UTC))
    except ModelRefusedError as error:
        leave("model_fault", ja.model_fault(error.fault, error.categories))
        return
    leave("model_done", ja.model_approved(model_id))


def _roll_back(actor: Actor) -> None:
    try:
        with writing() as session:
            restored = roll_back_model(session, actor=actor, now=dt.datetime.now(dt.UTC))
    except ModelRefusedError as error:
        leave("model_fault", ja.model_fault(error.fault))
        return
    leave("model_done", ja.model_rolled_back(restored))
