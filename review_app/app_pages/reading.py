"""例規を読む: an instrument's whole text with what was found in it, and adding what was missed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from itertools import groupby

import streamlit as st

from models import queries
from models.operations.add_missed_regulation import add_missed_regulation
from models.operations.errors import InvalidAnswerError
from models.queries import InstrumentRow, InstrumentText, TextRow
from regulations import labels
from regulations.review import Actor, may_decide
from regulations.structure import Diagnostic
from review_app import labels_ja as ja
from review_app.components.case_text import article_heading, head_html, paragraph_html
from review_app.components.pager import page_number, pager
from review_app.components.regulation_fields import RegulationFields, regulation_fields
from review_app.components.status import status_badge
from review_app.database import reading, writing
from review_app.navigation import CANDIDATE
from review_app.presenters import chip, locate_quote, plain_label
from review_app.session_state import leave, page, take

LIST_PAGE, LIST_SIZE = "reading_list_page", 20
TEXT_SIZE = 120
QUOTE = "missed_quote"
CORRECTED = "corrected"  # a diagnostic's code: something in the source was set right at the ingest


def show(actor: Actor) -> None:
    wanted = st.query_params.get("instrument", "")
    if not wanted:
        _list(actor)
        return
    with reading() as session:
        text = queries.instrument_text(session, actor=actor, instrument_id=int(wanted)) if wanted.isdecimal() else None
    if text is None:
        st.html(f'<div class="mi-empty"><h2>{ja.NO_INSTRUMENT}</h2><p>{ja.NO_INSTRUMENT_NEXT}</p></div>')
        _back_to_list()
        return
    _text(actor, text)


def _list(actor: Actor) -> None:
    wanted = st.text_input(
        ja.INSTRUMENT_SEARCH,
        placeholder=ja.INSTRUMENT_SEARCH_HINT,
        key="reading_search",
        persist_state="session",
        width=480,
    )
    with reading() as session:
        total = queries.instrument_total(session, actor=actor, text=wanted)
        offset = page_number(LIST_PAGE, total=total, size=LIST_SIZE) * LIST_SIZE
        rows = queries.instrument_list(session, actor=actor, text=wanted, limit=LIST_SIZE, offset=offset)
    if not rows:
        heading, following = (ja.NO_MATCH, ja.NO_MATCH_NEXT) if wanted else (ja.READING_EMPTY, ja.READING_EMPTY_NEXT)
        st.html(f'<div class="mi-empty"><h2>{heading}</h2><p>{following}</p></div>')
    for row in rows:
        _line(row)
    pager(LIST_PAGE, total=total, size=LIST_SIZE)


def _line(row: InstrumentRow) -> None:
    head = row.head
    with st.container(key=f"row_{head.instrument_id}"):
        title, facts, figures = st.columns([6, 4, 4], vertical_alignment="center")
        # Not a page link: one to the page it stands on leaves the address as it was.
        title.button(
            plain_label(head.title),
            key=f"open_{head.instrument_id}",
            type="tertiary",
            on_click=_open,
            args=(head.instrument_id,),
        )
        owner = head.division or ja.NO_OWNER
        facts.html(f'<p class="mi-queue-line">{escape(head.law_number)}<br><small>{escape(owner)}</small></p>')
        figures.html(f'<p class="mi-queue-line">{ja.instrument_line(row.provisions, row.candidates, row.open)}</p>')


def _open(instrument_id: int | None) -> None:
    if instrument_id is None:
        st.query_params.clear()
    else:
        st.query_params["instrument"] = str(instrument_id)


def _back_to_list() -> None:
    with st.container(key="back_links"):
        st.button(ja.TO_LIST, key="to_list", type="tertiary", on_click=_open, args=(None,))


def _text(actor: Actor, text: InstrumentText) -> None:
    key = f"reading_page_{text.head.instrument_id}"
    left, right = st.columns([2, 1], gap="small")
    with left:
        offset = page_number(key, total=len(text.rows), size=TEXT_SIZE) * TEXT_SIZE
        with st.container(key="fulltext"):
            st.html(_text_html(text, text.rows[offset : offset + TEXT_SIZE]))
        pager(key, total=len(text.rows), size=TEXT_SIZE)
    with right:
        _back_to_list()
        if message := take("missed"):
            st.html(f'<p class="mi-done" role="status">{escape(message)}</p>')
        if may_decide(actor, text.head.owner):
            _missed(actor, text)
        _found(text.rows)


def _text_html(text: InstrumentText, rows: Sequence[TextRow]) -> str:
    articles = []
    for _, run in groupby(rows, key=lambda row: (row.section, row.label, row.article)):
        article = list(run)
        paragraphs = "".join(paragraph_html(row) for row in article)
        articles.append(f"<h3>{escape(article_heading(article[0]))}</h3>{paragraphs}")
    return (
        f'<section class="mi-case">{head_html(text.head)}{diagnostics_html(text.diagnostics)}'
        f'<div class="mi-article">{"".join(articles)}</div></section>'
        f'<p class="mi-legend">{ja.LEGEND}</p>'
    )


def diagnostics_html(diagnostics: Sequence[Diagnostic]) -> str:
    """What was odd about the source and what was set right in it, folded away; nothing where there is nothing."""
    if not diagnostics:
        return ""
    corrected = [each for each in diagnostics if each.code == CORRECTED]
    noted = [each for each in diagnostics if each.code != CORRECTED]
    lines = "".join(map(_diagnostic_html, (*noted, *corrected)))
    summary = ja.reading_notes(len(noted), len(corrected))
    return f'<details class="mi-notes"><summary>{summary}</summary><ul class="mi-history">{lines}</ul></details>'


def _diagnostic_html(diagnostic: Diagnostic) -> str:
    kind = ja.CORRECTION if diagnostic.code == CORRECTED else labels.label(diagnostic.severity)
    place = diagnostic.ref or (ja.source_line(diagnostic.line) if diagnostic.line else "")
    return f"<li><b>{kind}</b>　{escape(f'{place}　' if place else '')}{escape(diagnostic.message)}</li>"


def _found(rows: Sequence[TextRow]) -> None:
    """The candidates of the instrument, each a way to its page."""
    target = page(CANDIDATE.name)
    if target is None:
        return
    with st.container(key="links", height=480, border=False):
        for row in rows:
            for item in row.items:
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    st.page_link(
                        target,
                        label=plain_label(row.address),
                        query_params={"candidate": str(item.item_id)},
                        width="content",
                    )
                    st.html(f"{chip(item.category)} {status_badge(item.status)}", width="content")


def _missed(actor: Actor, text: InstrumentText) -> None:
    """The form for a regulation that detection missed: quoted words find their place by themselves."""
    with st.expander(ja.ADD_MISSED, expanded=bool(st.session_state.get(QUOTE))):
        st.html(f'<p class="mi-keys">{ja.ADD_MISSED_HOW}</p>')
        quote = st.text_area(ja.QUOTE, key=QUOTE, placeholder=ja.QUOTE_HINT, height=76, persist_state="session")
        if not quote.strip():
            return
        places = {row: span for row in text.rows if (span := locate_quote(row.text, quote))}
        if not places:
            st.html(f'<p class="mi-fault" role="alert">{ja.QUOTE_NOT_FOUND}</p>')
            return
        row = st.selectbox(ja.QUOTE_PLACE, list(places), format_func=lambda found: f"{found.address}{found.caption}")
        fields = regulation_fields("missed")
        for sentence in take("missed_faults") or []:
            st.html(f'<p class="mi-fault" role="alert">{escape(sentence)}</p>')
        st.button(ja.ADD, type="primary", on_click=_add, args=(actor, row, places[row], fields))


def _add(actor: Actor, row: TextRow, span: tuple[int, int], fields: RegulationFields) -> None:
    try:
        with writing() as session:
            add_missed_regulation(
                session,
                actor=actor,
                version_id=row.version_id,
                start=span[0],
                end=span[1],
                category=fields.category,
                regulation_type=fields.regulation_type,
                phase=fields.phase,
                basis=fields.basis,
                note=fields.note,
                now=dt.datetime.now(dt.UTC),
            )
    except InvalidAnswerError as error:
        leave("missed_faults", [ja.answer_fault(error.fault)])
        return
    leave("missed", ja.added(row.address, labels.category_label(fields.category)))
    st.session_state[QUOTE] = ""
    st.session_state["missed_note"] = ""
