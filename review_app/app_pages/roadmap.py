"""工程表: what a division plans for each regulation it found applicable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from typing import cast

import pandas as pd
import streamlit as st

from models import queries
from models.operations.edit_roadmap import edit_roadmap
from models.operations.errors import InvalidRoadmapError, StaleItemError
from models.queries import RoadmapRow
from regulations.review import Actor, NotPermittedError, Role
from regulations.roadmap import RoadmapEntry, faults
from review_app import labels_ja as ja
from review_app.components.narrowing import division, states
from review_app.components.overtaken import OVERTAKEN
from review_app.components.pager import page_number, pager
from review_app.components.roadmap_table import column_config, entries, entry_of, frame
from review_app.database import reading, writing
from review_app.labels_ja import lists
from review_app.navigation import INBOX
from review_app.session_state import leave, page, take

PAGE, SIZE = "roadmap_page", 25

HEIGHT = 528
"""Pixels of the table on a screen of 768, so that the way to the next page stands below it."""

_LISTED: Mapping[str, bool | None] = {lists.ALL_PLANS: None, lists.UNPLANNED: False, lists.PLANNED: True}
"""What the table can be limited to: whether 要否・方向性 is filled in."""


@dataclass(slots=True)
class _Drafts:
    """What was typed and not yet saved, over all pages of the table.

    `seen` holds the rows as they were when they were first shown, with the version a save expects: all that
    `entries` holds, listed now or not.
    `round` is in the grid's key: a new one makes the grid forget its edits, which are then in the rows.
    """

    entries: dict[int, RoadmapEntry] = field(default_factory=dict)
    seen: dict[int, RoadmapRow] = field(default_factory=dict)
    base: dict[str, list[RoadmapRow]] = field(default_factory=dict)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    round: int = 0


def show(actor: Actor) -> None:
    editable = actor.role in {Role.REVIEWER, Role.APPROVER}
    drafts = cast(_Drafts, st.session_state.setdefault("roadmap_drafts", _Drafts()))
    with st.container(
        key="roadmap_head", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.html(f"<h1>{ja.ROADMAP}</h1>", width="content")
        division_id = _division(actor)
        is_planned = _planned(actor, division_id)
        st.html(_downloads(division_id), width="content")
    with reading() as session:
        total = queries.roadmap_total(session, actor=actor, division_id=division_id, is_planned=is_planned)
        offset = page_number(PAGE, total=total, size=SIZE) * SIZE
        rows = queries.roadmap_rows(
            session, actor=actor, division_id=division_id, is_planned=is_planned, limit=SIZE, offset=offset
        )
    if not rows:
        if drafts.entries:
            _save_bar(actor, drafts)
        else:
            _saved()
            _refused()
        _nothing(all_planned=is_planned is False)
        return
    above = st.container()
    key = f"roadmap_{division_id}_{is_planned}_{offset}_{drafts.round}"
    if key not in st.session_state:  # the grid is new here, so what was typed before has to come from the rows
        drafts.base[key] = [
            drafts.seen.setdefault(row.item_id, row) if row.item_id in drafts.entries else row for row in rows
        ]
        drafts.seen.update({row.item_id: row for row in drafts.base[key]})
        drafts.frames[key] = frame(drafts.base[key], drafts.entries, with_division=not editable)
    shown = drafts.base[key]
    edited = st.data_editor(
        drafts.frames[key],
        key=key,
        column_config=column_config(with_division=not editable),
        hide_index=True,
        disabled=list(ja.ROADMAP_FIXED_COLUMNS) if editable else True,
        row_height=44,
        height=min(44 * len(shown) + 38, HEIGHT),
        placeholder="－",
        alt=ja.ROADMAP,
    )
    pager(PAGE, total=total, size=SIZE)
    if editable:
        for row, entry in zip(shown, entries(edited), strict=True):
            if entry == entry_of(row):
                drafts.entries.pop(row.item_id, None)
            else:
                drafts.entries[row.item_id] = entry
        with above:
            _save_bar(actor, drafts)


def _division(actor: Actor) -> int | None:
    """The division whose table is shown: one's own, or, for who sees several, the chosen one."""
    if actor.role in {Role.REVIEWER, Role.APPROVER}:
        return actor.division_id
    return division(
        actor, ja.DIVISION, key="roadmap_division", everyone=ja.ALL_DIVISIONS, on_change=_first_page, is_labelled=False
    )


def _planned(actor: Actor, division_id: int | None) -> bool | None:
    """Whether only rows with a plan, or only those without one, are listed; each choice tells how many there are."""
    with reading() as session:
        numbers = {
            name: queries.roadmap_total(session, actor=actor, division_id=division_id, is_planned=listed)
            for name, listed in _LISTED.items()
        }
    chosen = states(lists.PLANS, numbers, key="roadmap_listed", on_change=_first_page, default=lists.ALL_PLANS)
    return _LISTED[chosen or lists.ALL_PLANS]


def _first_page() -> None:
    st.session_state[PAGE] = 0


def _nothing(*, all_planned: bool) -> None:
    heading, following = (
        (lists.ALL_PLANNED, lists.ALL_PLANNED_NEXT) if all_planned else (ja.ROADMAP_EMPTY, ja.ROADMAP_EMPTY_NEXT)
    )
    st.html(f'<div class="mi-empty"><h2>{heading}</h2><p>{following}</p></div>')
    if not all_planned and (inbox := page(INBOX.name)):
        st.page_link(inbox, label=ja.TO_INBOX)


def _downloads(division_id: int | None) -> str:
    query = f"?division={division_id}" if division_id else ""
    links = (
        f'<a class="mi-button" href="/download/roadmap.{suffix}{query}" download target="_self">{escape(words)}</a>'
        for suffix, words in (("xlsx", ja.DOWNLOAD_WORKBOOK), ("csv", ja.DOWNLOAD_CSV))
    )
    return f'<div class="mi-downloads">{"".join(links)}</div>'


def _save_bar(actor: Actor, drafts: _Drafts) -> None:
    wrong = [
        ja.roadmap_fault(fault, row=drafts.seen[item_id].number)
        for item_id, entry in drafts.entries.items()
        for fault in faults(entry, current_phase=drafts.seen[item_id].current_phase)
    ]
    changes = sum(
        value != getattr(drafts.seen[item_id], name)
        for item_id, entry in drafts.entries.items()
        for name, value in asdict(entry).items()
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            ja.SAVE,
            type="primary",
            shortcut="Ctrl+S",
            disabled=not drafts.entries or bool(wrong),
            on_click=_save,
            args=(actor, drafts),
        )
        if drafts.entries:
            st.html(f'<p class="mi-keys">{ja.unsaved(len(drafts.entries), changes)}</p>', width="content")
        elif not _saved():
            st.html(f'<p class="mi-keys">{ja.ROADMAP_HOW}</p>', width="content")
    _refused(wrong)


def _saved() -> bool:
    """What the last save did; whether there was one."""
    message = take("roadmap_saved")
    if message:
        st.html(f'<p class="mi-done" role="status">{escape(message)}</p>', width="content")
    return bool(message)


def _refused(wrong: Sequence[str] = ()) -> None:
    """What keeps the rows from being saved, and what the last save has left."""
    for sentence in [*wrong, *(take("roadmap_faults") or [])]:
        st.html(f'<p class="mi-fault" role="alert">{escape(sentence)}</p>')


def _save(actor: Actor, drafts: _Drafts) -> None:
    """Each row is a use case of its own: one that somebody else changed meanwhile does not hold up the others."""
    saved, refused = 0, []
    for item_id, entry in list(drafts.entries.items()):
        row = drafts.seen[item_id]
        try:
            with writing() as session:
                edit_roadmap(
                    session,
                    actor=actor,
                    item_id=item_id,
                    expected_version=row.row_version,
                    entry=entry,
                    now=dt.datetime.now(dt.UTC),
                )
        except InvalidRoadmapError as error:
            refused += [ja.roadmap_fault(fault, row=row.number) for fault in error.faults]
        except OVERTAKEN as error:
            refused.append(_overtaken(actor, drafts, row, error))
        else:
            saved += 1
            del drafts.entries[item_id]
    drafts.round += 1
    drafts.base.clear()
    drafts.frames.clear()
    leave("roadmap_saved", ja.roadmap_saved(saved) if saved else "")
    leave("roadmap_faults", refused)


def _overtaken(actor: Actor, drafts: _Drafts, row: RoadmapRow, error: Exception) -> str:
    """Why a row was not saved. What was typed stays where it can be saved still, beside what the other has saved."""
    with reading() as session:
        now = queries.roadmap_rows(session, actor=actor, division_id=actor.division_id, item_id=row.item_id)
    if isinstance(error, StaleItemError) and now:
        (drafts.seen[row.item_id],) = now
        return ja.roadmap_changed_by_other(now[0].number)
    del drafts.entries[row.item_id]
    return (ja.roadmap_row_moved if isinstance(error, NotPermittedError) else ja.roadmap_row_gone)(row.number)
