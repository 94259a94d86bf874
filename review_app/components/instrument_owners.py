"""例規の所管: which division leads an instrument, which own it with it, and who did on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from models import queries
from models.operations.assign_owner import assign_joint_owners, assign_owner
from models.queries import InstrumentHead
from models.queries.ownership import OwnerRow, owners_on
from regulations.review import Actor
from review_app.components.inquiry_form import division_name
from review_app.components.rounds import today
from review_app.components.tables import TableRow, table_html
from review_app.database import reading, writing
from review_app.labels_ja import administration as words
from review_app.presenters import japanese_date
from review_app.session_state import leave, take

MOST = 50


def instrument_owners(actor: Actor) -> None:
    st.html(f'<p class="mi-keys">{words.OWNERS_HOW}</p>')
    if message := take("owners_done"):
        st.html(f'<p class="mi-done" role="status">{escape(message)}</p>')
    search, choice = st.columns([3, 5], vertical_alignment="bottom")
    text = search.text_input(
        words.INSTRUMENT_SEARCH, key="owners_text", placeholder=words.INSTRUMENT_HINT, persist_state="session"
    )
    with reading() as session:
        rows = queries.instrument_list(session, actor=actor, text=text or None, limit=MOST)
        total = queries.instrument_total(session, actor=actor, text=text or None)
        divisions = queries.divisions(session, on=today(), to_come=True)
    heads = {row.head.instrument_id: row.head for row in rows if not row.head.kind.is_national}
    if not heads:
        st.html(f"<p>{words.NO_INSTRUMENT}</p>")
        return
    chosen = choice.selectbox(
        words.INSTRUMENT, list(heads), index=None, key="owners_instrument", placeholder=words.CHOOSE_INSTRUMENT,
        format_func=lambda known: f"{heads[known].title}（{heads[known].division or words.NOBODY}）",
    )  # fmt: skip
    if total > len(rows):
        st.html(f'<p class="mi-keys">{words.more_instruments(len(rows), total)}</p>')
    if chosen is not None:
        _owners(actor, heads[chosen], {choice.division_id: division_name(choice) for choice in divisions})


def _owners(actor: Actor, head: InstrumentHead, names: Mapping[int, str]) -> None:
    st.html(f"<h2>{escape(head.title)}　<small>{escape(head.law_number)}</small></h2>")
    lead_id = head.owner.division_id
    lead_ids: list[int | None] = [None, *names]
    joint_ids = [division_id for division_id in names if division_id in head.owner.joint]
    with st.form(f"owners_{head.instrument_id}", border=False):
        lead = st.selectbox(
            words.LEAD, lead_ids, index=lead_ids.index(lead_id) if lead_id in lead_ids else 0,
            key=f"lead_{head.instrument_id}",
            format_func=lambda known: names[known] if known else words.NOBODY,
        )  # fmt: skip
        joint = st.multiselect(
            words.JOINT, list(names), default=joint_ids, key=f"joint_{head.instrument_id}",
            format_func=lambda known: names[known], placeholder=words.CHOOSE_DIVISIONS,
        )  # fmt: skip
        if st.form_submit_button(words.SAVE, type="primary"):
            _save(actor, head, lead, joint)
    on = st.date_input(words.OWNERS_ON, today(), key="owners_on", width=220) or today()
    with reading() as session:
        rows = owners_on(session, instrument_id=head.instrument_id, on=on)
    if rows:
        st.html(table_html(words.OWNER_COLUMNS, map(_owner_row, rows)))
    else:
        st.html(f"<p>{words.NOBODY_ON_DAY}</p>")


def _owner_row(row: OwnerRow) -> TableRow:
    kind = words.LEAD if row.is_lead else words.JOINT
    return TableRow(cells=(row.division, row.bureau, kind, japanese_date(row.valid_from), japanese_date(row.valid_to)))


def _save(actor: Actor, head: InstrumentHead, lead: int | None, joint: Sequence[int]) -> None:
    now = dt.datetime.now(dt.UTC)
    with writing() as session:
        assign_owner(session, actor=actor, instrument_id=head.instrument_id, division_id=lead, now=now)
        assign_joint_owners(session, actor=actor, instrument_id=head.instrument_id, division_ids=joint, now=now)
    leave("owners_done", words.owners_saved(head.title))
    st.rerun()
