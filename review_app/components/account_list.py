"""利用者: the list of accounts, one account to change, and a new one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from models import queries
from models.operations.change_account import change_account, unlock_account
from models.operations.create_account import (
    AccountError,
    IssuedPassword,
    create_account,
    prepare_password,
    reset_password,
)
from models.queries import AccountRow, AccountState, DivisionChoice
from models.queries.accounts import DORMANT_AFTER
from regulations.labels import label
from regulations.review import Actor, Role
from review_app.components.pager import page_number, pager
from review_app.components.rounds import today
from review_app.database import reading, writing
from review_app.labels_ja import administration as words
from review_app.presenters import TOKYO, japanese_date, japanese_time, last_day
from review_app.session_state import leave, take, whole_number

PAGE, SIZE = "accounts_page", 20
CHOSEN, ISSUED = "account", "issued_passwords"


def account_list(actor: Actor) -> None:
    """The list, or the account that the address names (`?account=ID`)."""
    if message := take("account_done"):
        st.html(f'<p class="mi-done" role="status">{escape(message)}</p>')
    issued_passwords()
    chosen = whole_number(st.query_params.get(CHOSEN, ""))
    with reading() as session:
        divisions = queries.divisions(session, on=today())
        row = None if chosen is None else queries.account(session, actor=actor, account_id=chosen, now=_now())
    if row is not None:
        _one(actor, row, divisions)
        return
    with st.expander(words.NEW_ACCOUNT, icon=":material/person_add:"):
        _new(actor, divisions)
    _list(actor, divisions)


def issued_passwords() -> None:
    """One-time passwords until the person says that they are noted: no other screen or file has them."""
    issued: Sequence[IssuedPassword] = st.session_state.get(ISSUED, ())
    if not issued:
        return
    with st.container(border=True, key="issued"):
        st.html(f'<h3>{words.ISSUED}</h3><p class="mi-note">{words.ISSUED_HOW}</p>')
        st.code("\n".join(f"{row.login_name}\t{row.password}" for row in issued), language=None)
        st.button(words.ISSUED_NOTED, on_click=_put_issued_away)


def keep_issued(issued: Sequence[IssuedPassword]) -> None:
    st.session_state[ISSUED] = (*st.session_state.get(ISSUED, ()), *issued)


def _put_issued_away() -> None:
    st.session_state[ISSUED] = ()


def _list(actor: Actor, divisions: Sequence[DivisionChoice]) -> None:
    def first_page() -> None:
        st.session_state[PAGE] = 0

    text, role, division, state = st.columns([2.6, 2, 3, 2.2], vertical_alignment="bottom")
    names = {choice.division_id: choice.division for choice in divisions}
    wanted = text.text_input(
        words.SEARCH, key="accounts_text", placeholder=words.SEARCH_HINT, persist_state="session", on_change=first_page
    )
    of_role = role.selectbox(
        words.ROLE, [None, *Role], key="accounts_role", persist_state="session", on_change=first_page,
        format_func=lambda known: label(known) if known else words.ALL_ROLES,
    )  # fmt: skip
    of_division = division.selectbox(
        words.DIVISION, [None, *names], key="accounts_division", persist_state="session", on_change=first_page,
        format_func=lambda known: names[known] if known else words.ALL_DIVISIONS,
    )  # fmt: skip
    in_state = state.selectbox(
        words.STATE, [None, *AccountState], key="accounts_state", persist_state="session", on_change=first_page,
        format_func=lambda known: words.ACCOUNT_STATES[known] if known else words.ALL_STATES,
    )  # fmt: skip
    with reading() as session:
        total = queries.account_total(
            session, actor=actor, now=_now(), text=wanted, role=of_role, division_id=of_division, state=in_state
        )
        offset = page_number(PAGE, total=total, size=SIZE) * SIZE
        rows = queries.accounts(
            session,
            actor=actor,
            now=_now(),
            text=wanted,
            role=of_role,
            division_id=of_division,
            state=in_state,
            limit=SIZE,
            offset=offset,
        )
    if not rows:
        st.html(f'<div class="mi-empty"><h2>{words.NO_ACCOUNTS}</h2><p>{words.NO_ACCOUNTS_NEXT}</p></div>')
        return
    _heading()
    for row in rows:
        _row(row)
    pager(PAGE, total=total, size=SIZE)
    st.html(f'<p class="mi-keys">{words.dormant_hint(DORMANT_AFTER.days)}</p>')


WIDTHS = [2.2, 1.6, 1.6, 2.4, 1.8, 2.2, 1.8]


def _heading() -> None:
    with st.container(key="accounts_heading"):
        for column, name in zip(st.columns(WIDTHS), words.COLUMNS, strict=True):
            column.html(f"<b>{name}</b>")


def _row(row: AccountRow) -> None:
    with st.container(key=f"row_account_{row.account_id}"):
        name, *others = st.columns(WIDTHS, vertical_alignment="center")
        name.button(row.display_name, key=f"open_{row.account_id}", type="tertiary", on_click=_open, args=(row,))
        cells = (
            escape(row.login_name),
            label(row.role),
            escape(row.division),
            state_html(row.state),
            japanese_date(row.signed_in_at) or words.NEVER_SIGNED_IN,
            japanese_date(last_day(row.expires_at)),
        )
        for column, cell in zip(others, cells, strict=True):
            column.html(f'<p class="mi-queue-line">{cell}</p>')


def state_html(state: AccountState) -> str:
    return f'<span class="mi-status mi-account-{state.value}">{words.ACCOUNT_STATES[state]}</span>'


def end_of(day: dt.date | None) -> dt.datetime | None:
    """When an account that may sign in until that day expires: the midnight that ends it."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=TOKYO) if day else None


def _open(row: AccountRow) -> None:
    st.query_params[CHOSEN] = str(row.account_id)


def _close() -> None:
    st.query_params.pop(CHOSEN, None)


def _one(actor: Actor, row: AccountRow, divisions: Sequence[DivisionChoice]) -> None:
    st.button(words.BACK_TO_LIST, icon=":material/arrow_back:", type="tertiary", on_click=_close)
    lock = f"（{japanese_time(row.locked_until)}まで）" if row.locked_until else ""
    st.html(
        f"<h2>{escape(row.display_name)}（{escape(row.login_name)}）　{state_html(row.state)}{lock}</h2>"
        f'<p class="mi-keys">{words.COLUMNS[5]}: {japanese_time(row.signed_in_at) or words.NEVER_SIGNED_IN}</p>'
    )
    if fault := take("account_fault"):
        st.html(f'<p class="mi-fault" role="alert">{escape(fault)}</p>')
    with st.form(f"account_{row.account_id}", border=False):
        terms = _terms(f"change_{row.account_id}", divisions, row)
        is_active = st.segmented_control(
            words.STATE, [words.IN_USE, words.ENDED], default=words.IN_USE if row.is_active else words.ENDED,
            required=True, key=f"active_{row.account_id}",
        )  # fmt: skip
        if st.form_submit_button(words.SAVE, type="primary"):
            _change(actor, row, terms, is_active=is_active == words.IN_USE)
    with st.container(horizontal=True):
        with st.popover(words.RESET_PASSWORD):
            st.html(f"<p>{words.reset_question(escape(row.display_name))}</p>")
            st.button(words.RESET_NOW, type="primary", key="reset_now", on_click=_reset, args=(actor, row))
        if row.locked_until:
            st.button(words.UNLOCK, key="unlock", on_click=_unlock, args=(actor, row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the fields of an account hold."""

    name: str
    role: Role
    division_id: int | None
    expires_at: dt.datetime | None


def _terms(key: str, divisions: Sequence[DivisionChoice], row: AccountRow | None = None) -> Terms:
    names = {choice.division_id: "　".join(filter(None, (choice.bureau, choice.division))) for choice in divisions}
    if row and row.division_id and row.division_id not in names:  # a division that has ended stays until it is changed
        names[row.division_id] = "　".join(filter(None, (row.bureau, row.division)))
    roles, ids = list(Role), [None, *names]
    name, role = st.columns(2)
    stated = name.text_input(words.DISPLAY_NAME, row.display_name if row else "", key=f"{key}_name")
    chosen = role.selectbox(
        words.ROLE, roles, index=roles.index(row.role) if row else 0, key=f"{key}_role", format_func=label
    )
    division, until = st.columns(2)
    division_id = division.selectbox(
        words.DIVISION, ids, index=ids.index(row.division_id) if row else 0, key=f"{key}_division",
        format_func=lambda known: names[known] if known else words.NO_DIVISION,
    )  # fmt: skip
    last = until.date_input(words.EXPIRES, last_day(row.expires_at) if row else None, key=f"{key}_until")
    return Terms(name=stated or "", role=chosen, division_id=division_id, expires_at=end_of(last))


def _new(actor: Actor, divisions: Sequence[DivisionChoice]) -> None:
    if fault := take("new_fault"):
        st.html(f'<p class="mi-fault" role="alert">{escape(fault)}</p>')
    # A number that grows with each account made: the fields are empty again, but not while one is refused.
    number = st.session_state.get("accounts_made", 0)
    with st.form(f"new_account_{number}", border=False):
        login_name = st.text_input(words.NEW_LOGIN_NAME, key=f"new_login_{number}")
        terms = _terms(f"new_{number}", divisions)
        if st.form_submit_button(words.REGISTER, type="primary"):
            _create(actor, login_name, terms)


def _create(actor: Actor, login_name: str, terms: Terms) -> None:
    prepared = prepare_password(login_name=login_name, display_name=terms.name)
    try:
        with writing() as session:
            issued = create_account(
                session,
                actor=actor,
                login_name=login_name,
                display_name=terms.name,
                prepared=prepared,
                role=terms.role,
                division_id=terms.division_id,
                expires_at=terms.expires_at,
                now=_now(),
            )
    except AccountError as error:
        leave("new_fault", words.account_fault(error.fault, error.login_name))
    else:
        st.session_state["accounts_made"] = st.session_state.get("accounts_made", 0) + 1
        keep_issued([issued])
        leave("account_done", words.registered(terms.name, issued.login_name))
    st.rerun()


def _change(actor: Actor, row: AccountRow, terms: Terms, *, is_active: bool) -> None:
    try:
        with writing() as session:
            is_changed = change_account(
                session,
                actor=actor,
                account_id=row.account_id,
                display_name=terms.name,
                role=terms.role,
                division_id=terms.division_id,
                expires_at=terms.expires_at,
                is_active=is_active,
                now=_now(),
            )
    except AccountError as error:
        leave("account_fault", words.account_fault(error.fault, error.login_name))
    else:
        leave("account_done", words.changed(terms.name, row.login_name) if is_changed else words.unchanged(terms.name))
    st.rerun()


def _reset(actor: Actor, row: AccountRow) -> None:
    with writing() as session:
        issued = reset_password(session, actor=actor, login_name=row.login_name, now=_now())
    keep_issued([issued])
    leave("account_done", words.password_issued(row.display_name))


def _unlock(actor: Actor, row: AccountRow) -> None:
    with writing() as session:
        unlock_account(session, actor=actor, account_id=row.account_id, now=_now())
    leave("account_done", words.unlocked(row.display_name))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
