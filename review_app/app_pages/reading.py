"""例規を読む: an instrument's whole text with what was found in it, and adding what was missed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from urllib.parse import urlencode

import streamlit as st

from models import queries
from models.operations.add_missed_regulation import add_missed_regulation
from models.operations.declare_complete import declare_complete, withdraw_declaration
from models.operations.errors import InvalidAnswerError, NoSuchItemError
from models.queries import InstrumentRow, InstrumentText, ReadingState, TextRow
from regulations import labels
from regulations.review import Actor, NotPermittedError, ReviewStatus, may_decide, may_declare_complete
from regulations.structure import Diagnostic
from review_app import labels_ja as ja
from review_app.components.at_work import sent
from review_app.components.case_text import article_heading, head_html, paragraph_html
from review_app.components.law_text_selection import PickedWords, law_text_selection, text_region
from review_app.components.narrowing import states
from review_app.components.pager import page_number, pager
from review_app.components.regulation_fields import RegulationFields, regulation_fields
from review_app.components.status import status_badge
from review_app.database import reading, writing
from review_app.labels_ja import handling as words
from review_app.labels_ja import lists
from review_app.navigation import CANDIDATE, INBOX
from review_app.presenters import chip, find_words, locate_quote, plain_label, thousands
from review_app.session_state import leave, page, take, work

LIST_PAGE, LIST_SIZE = "reading_list_page", 20
TEXT_SIZE = 300
"""Provisions on one page: all but the longest ordinances stand on one."""

HITS_SHOWN, FOUND_SIZE = 50, 30
_STATES: Mapping[str, ReadingState | None] = {
    lists.ALL_INSTRUMENTS: None,
    lists.WAITING: ReadingState.WAITING,
    lists.UNDECLARED: ReadingState.UNDECLARED,
    lists.DECLARED: ReadingState.DECLARED,
}
"""What the list of instruments can be limited to."""

ADDING, PLACE = "missed_adding", "missed_place"
CORRECTED = "corrected"  # a diagnostic's code: something in the source was set right at the ingest
UNANSWERED = frozenset({ReviewStatus.PENDING, ReviewStatus.RECHECK})

Hits = Mapping[int, list[tuple[int, int]]]
"""Where the words looked for stand, by the version's id; only provisions that hold any."""


def show(actor: Actor) -> None:
    wanted = st.query_params.get("instrument", "")
    if not wanted:
        _list(actor)
        return
    with reading() as session:
        text = (
            queries.instrument_text(session, actor=actor, instrument_id=int(wanted))
            if wanted.isdecimal() and len(wanted) < 10
            else None
        )
    if text is None:
        _refused()
        st.html(f'<div class="mi-empty"><h2>{ja.NO_INSTRUMENT}</h2><p>{ja.NO_INSTRUMENT_NEXT}</p></div>')
        _back_to_list()
        return
    _text(actor, text)


def _list(actor: Actor) -> None:
    with st.container(key="reading_head", horizontal=True, vertical_alignment="bottom", gap="medium"):
        wanted = st.text_input(
            ja.INSTRUMENT_SEARCH, placeholder=ja.INSTRUMENT_SEARCH_HINT, key="reading_search", persist_state="session",
            on_change=_first_page, width=480,
        )  # fmt: skip
        state = _state(actor, wanted)
    with reading() as session:
        total = queries.instrument_total(session, actor=actor, text=wanted, state=state)
        offset = page_number(LIST_PAGE, total=total, size=LIST_SIZE) * LIST_SIZE
        rows = queries.instrument_list(session, actor=actor, text=wanted, state=state, limit=LIST_SIZE, offset=offset)
    if not rows:
        is_empty = not wanted and state is None
        heading, following = (
            (ja.READING_EMPTY, ja.READING_EMPTY_NEXT)
            if is_empty
            else (lists.NO_SUCH_INSTRUMENT, lists.NO_SUCH_INSTRUMENT_NEXT)
        )
        st.html(f'<div class="mi-empty"><h2>{heading}</h2><p>{following}</p></div>')
        return
    _heading()
    with st.container(key="instruments"):
        for row in rows:
            _line(row)
    pager(LIST_PAGE, total=total, size=LIST_SIZE)


def _state(actor: Actor, text: str) -> ReadingState | None:
    """What the list is limited to; each choice tells how many instruments it has."""
    with reading() as session:
        numbers = {
            name: queries.instrument_total(session, actor=actor, text=text, state=state)
            for name, state in _STATES.items()
        }
    chosen = states(ja.STATUS, numbers, key="reading_state", on_change=_first_page, default=lists.ALL_INSTRUMENTS)
    return _STATES[chosen or lists.ALL_INSTRUMENTS]


def _first_page() -> None:
    st.session_state[LIST_PAGE] = 0


WIDTHS = [5.4, 4, 4.6]


def _heading() -> None:
    with st.container(key="instruments_heading"):
        title, facts, figures = st.columns(WIDTHS, vertical_alignment="center")
        title.html(f"<b>{lists.INSTRUMENT_TITLE}</b>")
        facts.html(f"<b>{lists.INSTRUMENT_FACTS}</b>")
        figures.html(_cells_html(lists.INSTRUMENT_FIGURES))


def _cells_html(cells: Sequence[str]) -> str:
    return f'<p class="mi-cells">{"".join(f"<span>{cell}</span>" for cell in cells)}</p>'


def _line(row: InstrumentRow) -> None:
    head = row.head
    with st.container(key=f"row_{head.instrument_id}"):
        title, facts, figures = st.columns(WIDTHS, vertical_alignment="center")
        # Not a page link: one to the page it stands on leaves the address as it was.
        title.button(
            plain_label(head.title),
            key=f"open_{head.instrument_id}",
            type="tertiary",
            on_click=_open,
            args=(head.instrument_id,),
        )
        owner = "・".join((head.division or ja.NO_OWNER, *head.joint))
        read = f'<i class="mi-status mi-status-applicable">{words.DECLARED}</i>' if row.is_declared else ""
        facts.html(f'<p class="mi-queue-line">{escape(head.law_number)}<br><small>{escape(owner)}</small></p>')
        figures.html(_cells_html([*map(thousands, (row.provisions, row.candidates, row.open)), read]))


def _open(instrument_id: int | None) -> None:
    st.session_state.pop(ADDING, None)
    if instrument_id is None:
        st.query_params.clear()
    else:
        st.query_params["instrument"] = str(instrument_id)


def _back_to_list() -> None:
    with st.container(key="back_links"):
        st.button(ja.TO_LIST, key="to_list", type="tertiary", on_click=_open, args=(None,))


def _text(actor: Actor, text: InstrumentText) -> None:
    key = f"reading_page_{text.head.instrument_id}"
    if key not in st.session_state:
        part = st.query_params.get("part", "")
        st.session_state[key] = max(int(part) - 1, 0) if part.isdecimal() and len(part) < 10 else 0
    left, right = st.columns([2, 1], gap="small")
    with right, st.container(key="reading_side"):
        with st.container(key="reading_tools", horizontal=True, vertical_alignment="bottom", gap="small"):
            found = _find(text)
            _back_to_list()
        if message := take("missed"):
            clears = sent(quote_key(text.head.instrument_id))
            st.html(f'<p class="mi-done" role="status"{clears}>{escape(message)}</p>')
        is_adding = may_decide(actor, text.head.owner) and st.session_state.get(ADDING) == text.head.instrument_id
        if is_adding:
            _missed(actor, text)
        st.html(contents_html(text) + (hits_html(text, found) if found else ""))
        if not is_adding:
            _declaration(actor, text)
            if may_decide(actor, text.head.owner):
                st.button(
                    ja.ADD_MISSED, key="missed_begin", shortcut="A", on_click=_begin, args=(text.head.instrument_id,)
                )
        _found(text)
    with left:
        number = page_number(key, total=len(text.rows), size=TEXT_SIZE)
        rows = text.rows[number * TEXT_SIZE : (number + 1) * TEXT_SIZE]
        with st.container(key="fulltext"):
            st.html(_text_html(text, rows, found))

        def turned() -> None:
            st.query_params["part"] = str(st.session_state[key] + 1)

        pager(key, total=len(text.rows), size=TEXT_SIZE, on_turn=turned)


def _find(text: InstrumentText) -> Hits:
    """The field to look for words in this text, and where they stand; the words stay in the address."""
    key = f"reading_find_{text.head.instrument_id}"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get("find", "")[:200]

    def sought() -> None:
        if st.session_state[key]:
            st.query_params["find"] = st.session_state[key]
        else:
            st.query_params.pop("find", None)

    wanted = st.text_input(words.FIND, key=key, placeholder=words.FIND_HINT, on_change=sought, width=240)
    if not wanted or not wanted.strip():
        return {}
    found = {row.version_id: places for row in text.rows if (places := find_words(row.text, wanted))}
    if not found:
        st.html(f'<p class="mi-fault" role="status">{words.NOT_FOUND_IN_TEXT}</p>')
    return found


def _text_html(text: InstrumentText, rows: Sequence[TextRow], found: Hits) -> str:
    articles = []
    for _, run in groupby(rows, key=_article):
        article = list(run)
        paragraphs = "".join(paragraph_html(row, hits=found.get(row.version_id, ())) for row in article)
        articles.append(f'<h3 id="a{article[0].version_id}">{escape(article_heading(article[0]))}</h3>{paragraphs}')
    return (
        f'<section class="mi-case">{head_html(text.head)}{diagnostics_html(text.diagnostics)}'
        f'<div class="mi-article">{text_region("".join(articles))}</div></section>'
        f'<p class="mi-legend">{ja.LEGEND}</p>'
    )


def _article(row: TextRow) -> tuple[str, str, str]:
    return row.section.value, row.label, row.article


def contents_html(text: InstrumentText) -> str:
    """The articles, each a way to its place; those on other pages open these."""
    lines = []
    for _, run in groupby(enumerate(text.rows), key=lambda numbered: _article(numbered[1])):
        index, first = next(run)
        lines.append(f"<li>{_jump(text, index, f'a{first.version_id}', article_heading(first))}</li>")
    return (
        f'<details class="mi-contents"><summary>{words.CONTENTS}</summary>'
        f'<nav aria-label="{words.CONTENTS}"><ul>{"".join(lines)}</ul></nav></details>'
    )


def hits_html(text: InstrumentText, found: Hits) -> str:
    """How often the words stand in the text, and the ways there."""
    lines = [
        f"<li>{_jump(text, index, f'v{row.version_id}', words.hit_link(row.address, len(found[row.version_id])))}</li>"
        for index, row in enumerate(text.rows)
        if row.version_id in found
    ]
    told = words.hits(sum(map(len, found.values())), len(found))
    return (
        f'<details class="mi-contents" open><summary>{told}</summary>'
        f'<nav aria-label="{told}"><ul>{"".join(lines[:HITS_SHOWN])}</ul></nav></details>'
    )


def _jump(text: InstrumentText, index: int, place: str, label: str) -> str:
    """A link to a place of the text: on this page, or by an address that opens its own page."""
    part = index // TEXT_SIZE
    key = f"reading_page_{text.head.instrument_id}"
    query = ""
    if part != st.session_state.get(key, 0):
        asked = {"instrument": str(text.head.instrument_id), "part": str(part + 1)}
        if "find" in st.query_params:
            asked["find"] = st.query_params["find"]
        query = f"?{urlencode(asked)}"
    return f'<a href="{escape(query)}#{place}" target="_self">{escape(label)}</a>'


def _declaration(actor: Actor, text: InstrumentText) -> None:
    """Whether the instrument has been read to its end, and saying so."""
    declared, instrument_id = text.declaration, text.head.instrument_id
    _refused()
    if message := take("declared"):
        st.html(f'<p class="mi-done" role="status">{escape(message)}</p>')
    may_declare = may_declare_complete(actor, text.head.owner)
    if declared:
        said = words.declared_by(declared.who, declared.declared_at)
        st.html(f'<p class="mi-note"><b>{words.DECLARED}</b>　{escape(said)}</p>')
        if may_declare:
            st.button(
                words.WITHDRAW_DECLARATION, key="withdraw_declaration", type="tertiary",
                on_click=_withdraw, args=(actor, text),
            )  # fmt: skip
    elif may_declare:
        with reading() as session:
            waiting = queries.unanswered_total(session, actor=actor, instrument_id=instrument_id)
            listed = queries.queue_total(session, actor=actor, statuses=UNANSWERED, instrument_id=instrument_id)
        with st.container(key="declare"):
            if waiting:
                st.html(f'<p class="mi-keys">{words.declare_after(waiting)}</p>')
                if listed and (inbox := page(INBOX.name)):
                    st.page_link(inbox, label=words.TO_WAITING, query_params={"of": str(instrument_id)})
            else:
                st.html(f'<p class="mi-keys">{words.DECLARE_HOW}</p>')
            st.button(
                words.DECLARE, key="declare_complete", disabled=bool(waiting), on_click=_declare, args=(actor, text)
            )


def _refused() -> None:
    """Why the last step on the instrument was not taken."""
    if fault := take("declare_fault"):
        st.html(f'<p class="mi-fault" role="alert">{escape(fault)}</p>')


def _declare(actor: Actor, text: InstrumentText) -> None:
    try:
        with writing() as session:
            declare_complete(
                session,
                actor=actor,
                instrument_id=text.head.instrument_id,
                revision_id=text.revision_id,
                now=dt.datetime.now(dt.UTC),
            )
    except InvalidAnswerError as error:
        leave("declare_fault", ja.answer_fault(error.fault))
        return
    except NotPermittedError:
        leave("declare_fault", words.moved_away(text.head.title))
        return
    leave("declared", words.DECLARED_NOW)


def _withdraw(actor: Actor, text: InstrumentText) -> None:
    instrument_id = text.head.instrument_id
    try:
        with writing() as session:
            withdraw_declaration(session, actor=actor, instrument_id=instrument_id, now=dt.datetime.now(dt.UTC))
    except NoSuchItemError:  # taken back by somebody else meanwhile: what was wanted
        pass
    except NotPermittedError:
        leave("declare_fault", words.moved_away(text.head.title))
        return
    leave("declared", words.DECLARATION_WITHDRAWN)


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


def _found(text: InstrumentText) -> None:
    """The candidates of the instrument, each a way to its page."""
    target = page(CANDIDATE.name)
    if target is None:
        return
    key = f"reading_found_{text.head.instrument_id}"
    found = [(row, item) for row in text.rows for item in row.items]
    offset = page_number(key, total=len(found), size=FOUND_SIZE) * FOUND_SIZE
    with st.container(key="links", border=False):
        for row, item in found[offset : offset + FOUND_SIZE]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.page_link(
                    target,
                    label=plain_label(row.address),
                    query_params={"candidate": str(item.item_id)},
                    width="content",
                )
                st.html(f"{chip(item.category)} {status_badge(item.status)}", width="content")
    pager(key, total=len(found), size=FOUND_SIZE)


def quote_key(instrument_id: int) -> str:
    return f"kept_quote_{instrument_id}"


def _missed(actor: Actor, text: InstrumentText) -> None:
    """The form for a regulation that detection missed: by words picked out of the text, pasted, or by address."""
    quote_at = quote_key(text.head.instrument_id)
    with st.container(key="missed_form", border=True):
        st.html(f'<p class="mi-keys">{words.WHOLE_PROVISION_HOW}</p>')
        law_text_selection(lambda picked: _picked(text, picked))
        quote = st.text_area(
            ja.QUOTE, key=quote_at, placeholder=words.QUOTE_MAY_BE_EMPTY, height=76, persist_state="session"
        )
        places = places_of(text.rows, quote or "")
        if not places:
            st.html(f'<p class="mi-fault" role="alert">{ja.QUOTE_NOT_FOUND}</p>')
        else:
            rows = {row.version_id: row for row in text.rows}
            if st.session_state.get(PLACE) not in places:
                st.session_state[PLACE] = next(iter(places)) if quote and quote.strip() else None
            version_id = st.selectbox(
                ja.QUOTE_PLACE,
                list(places),
                index=None,
                key=PLACE,
                format_func=lambda found: f"{rows[found].address}{rows[found].caption}" if found in rows else "",
                placeholder=words.CHOOSE_PROVISION,
                filter_mode="contains",
            )
            if version_id is not None:
                fields = regulation_fields("missed")
                for sentence in take("missed_faults") or []:
                    st.html(f'<p class="mi-fault" role="alert">{escape(sentence)}</p>')
                st.button(
                    ja.ADD, key="missed_add", type="primary",
                    on_click=_add, args=(actor, text, rows[version_id], places[version_id], fields),
                )  # fmt: skip
        st.button(words.STOP_ADDING, key="missed_stop", type="tertiary", shortcut="Esc", on_click=_begin, args=(None,))


def places_of(rows: Sequence[TextRow], quote: str) -> dict[int, tuple[int, int]]:
    """Where the quoted words stand, by the version's id; without any words each provision as a whole."""
    if not quote.strip():
        return {row.version_id: (0, len(row.text)) for row in rows if row.text}
    return {row.version_id: span for row in rows if (span := locate_quote(row.text, quote))}


def _begin(instrument_id: int | None) -> None:
    st.session_state[ADDING] = instrument_id


def _picked(text: InstrumentText, picked: PickedWords) -> None:
    row = next((row for row in text.rows if row.version_id == picked.version_id), None)
    span = locate_quote(row.text, picked.words) if row else None
    if row is None or span is None:
        return
    st.session_state[quote_key(text.head.instrument_id)] = row.text[slice(*span)]
    st.session_state[PLACE] = row.version_id


def _add(actor: Actor, text: InstrumentText, row: TextRow, span: tuple[int, int], fields: RegulationFields) -> None:
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
    except NotPermittedError:
        leave("declare_fault", words.moved_away(text.head.title))
        return
    work().turn += 1
    leave("missed", ja.added(row.address, labels.category_label(fields.category)))
    st.session_state[quote_key(text.head.instrument_id)] = ""
    st.session_state["missed_note"] = ""
    st.session_state[ADDING] = None
