"""Accounts as the administrator sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict, Unpack

from sqlalchemy import ColumnElement, ScalarSelect, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.organisation import Division
from models.review import AuditEntry
from regulations.review import Actor, NotPermittedError, Role, may_manage_accounts


class AccountState(StrEnum):
    """How an account stands."""

    ACTIVE = "active"  # may sign in
    DORMANT = "dormant"  # may sign in, and has not done so for long
    UNUSED = "unused"  # may sign in, and never has
    LOCKED = "locked"
    EXPIRED = "expired"
    ENDED = "ended"  # deactivated


DORMANT_AFTER = dt.timedelta(days=90)


class AccountFilter(TypedDict, total=False):
    """What narrows the list; each may be left out or None. `text` holds words of name or login name."""

    text: str | None
    role: Role | None
    division_id: int | None
    state: AccountState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account. `signed_in_at` is the last time it signed in, as the audit log tells."""

    account_id: int
    login_name: str
    display_name: str
    role: Role
    division_id: int | None
    bureau: str
    division: str
    is_active: bool
    expires_at: dt.datetime | None
    locked_until: dt.datetime | None
    must_change_password: bool
    signed_in_at: dt.datetime | None
    state: AccountState


def accounts(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    dormant_after: dt.timedelta = DORMANT_AFTER,
    limit: int | None = 50,
    offset: int = 0,
    **narrowed: Unpack[AccountFilter],
) -> list[AccountRow]:
    """One page, in the order of divisions and login names; those without a division first. Raises NotPermittedError."""
    _check(actor)
    signed_in = _signed_in_at()
    page = (
        select(Account, Division, signed_in)
        .outerjoin(Division, Division.id == Account.division_id)
        .where(*_conditions(narrowed, now=now, dormant_after=dormant_after))
        .order_by(func.coalesce(Account.division_id, 0), Account.login_name)
        .limit(limit)
        .offset(offset)
    )
    return [
        _row(account, division, signed_in_at, now=now, dormant_after=dormant_after)
        for account, division, signed_in_at in session.execute(page)
    ]


def account_total(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    dormant_after: dt.timedelta = DORMANT_AFTER,
    **narrowed: Unpack[AccountFilter],
) -> int:
    _check(actor)
    counted = select(func.count(Account.id)).where(*_conditions(narrowed, now=now, dormant_after=dormant_after))
    return session.scalar(counted) or 0


def account(session: Session, *, actor: Actor, account_id: int, now: dt.datetime) -> AccountRow | None:
    """One account; None where there is none of that id. Raises NotPermittedError."""
    _check(actor)
    found = session.execute(
        select(Account, Division, _signed_in_at())
        .outerjoin(Division, Division.id == Account.division_id)
        .where(Account.id == account_id)
    ).one_or_none()
    return _row(*found, now=now, dormant_after=DORMANT_AFTER) if found else None


def _check(actor: Actor) -> None:
    if not may_manage_accounts(actor):
        raise NotPermittedError(actor, "accounts")


def _signed_in_at() -> ScalarSelect[dt.datetime]:
    return (
        select(func.max(AuditEntry.at))
        .where(
            AuditEntry.target_type == "account",
            AuditEntry.target_id == cast(Account.id, String),
            AuditEntry.action == "sign_in",
        )
        .correlate(Account)
        .scalar_subquery()
    )


def _conditions(narrowed: AccountFilter, *, now: dt.datetime, dormant_after: dt.timedelta) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        or_(Account.display_name.icontains(word, autoescape=True), Account.login_name.icontains(word, autoescape=True))
        for word in (narrowed.get("text") or "").split()
    ]
    if role := narrowed.get("role"):
        conditions.append(Account.role == role)
    if division_id := narrowed.get("division_id"):
        conditions.append(Account.division_id == division_id)
    if state := narrowed.get("state"):
        conditions.append(_in_state(state, now=now, dormant_after=dormant_after))
    return conditions


def _in_state(state: AccountState, *, now: dt.datetime, dormant_after: dt.timedelta) -> ColumnElement[bool]:
    """`_state` in SQL; a test holds the two together."""
    expired = and_(Account.expires_at.is_not(None), Account.expires_at <= now)
    locked = and_(Account.locked_until.is_not(None), Account.locked_until > now)
    may_enter = and_(Account.is_active, ~expired, ~locked)
    signed_in = _signed_in_at()
    conditions: Mapping[AccountState, ColumnElement[bool]] = {
        AccountState.ENDED: ~Account.is_active,
        AccountState.EXPIRED: and_(Account.is_active, expired),
        AccountState.LOCKED: and_(Account.is_active, ~expired, locked),
        AccountState.UNUSED: and_(may_enter, signed_in.is_(None)),
        AccountState.DORMANT: and_(may_enter, signed_in < now - dormant_after),
        AccountState.ACTIVE: and_(may_enter, signed_in >= now - dormant_after),
    }
    return conditions[state]


def _state(
    row: Account, signed_in_at: dt.datetime | None, *, now: dt.datetime, dormant_after: dt.timedelta
) -> AccountState:
    if not row.is_active:
        return AccountState.ENDED
    if row.expires_at is not None and row.expires_at <= now:
        return AccountState.EXPIRED
    if row.locked_until is not None and row.locked_until > now:
        return AccountState.LOCKED
    if signed_in_at is None:
        return AccountState.UNUSED
    return AccountState.DORMANT if signed_in_at < now - dormant_after else AccountState.ACTIVE


def _row(
    row: Account,
    division: Division | None,
    signed_in_at: dt.datetime | None,
    *,
    now: dt.datetime,
    dormant_after: dt.timedelta,
) -> AccountRow:
    return AccountRow(
        account_id=row.id,
        login_name=row.login_name,
        display_name=row.display_name,
        role=row.role,
        division_id=row.division_id,
        bureau=division.bureau if division else "",
        division=division.name if division else "",
        is_active=row.is_active,
        expires_at=row.expires_at,
        locked_until=row.locked_until if row.locked_until and row.locked_until > now else None,
        must_change_password=row.must_change_password,
        signed_in_at=signed_in_at,
        state=_state(row, signed_in_at, now=now, dormant_after=dormant_after),
    )
