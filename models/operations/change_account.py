"""Change an account: name, role, division, expiry, whether it may sign in at all; and lift its lock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.operations.audit import record
from models.operations.create_account import AccountError, AccountFault, checked_terms
from models.operations.sign_in import end_sessions
from regulations.review import Actor, NotPermittedError, Role, may_manage_accounts

ENDS_SESSIONS = frozenset({"role", "division_id", "is_active", "expires_at"})
"""Fields whose change ends the account's sessions: who has moved signs in anew, as what they are now."""


def change_account(
    session: Session,
    *,
    actor: Actor,
    account_id: int,
    display_name: str,
    role: Role,
    division_id: int | None,
    expires_at: dt.datetime | None,
    is_active: bool,
    now: dt.datetime,
) -> bool:
    """Bring an account to what is stated; whether anything changed.

    Nobody takes the right to sign in, or to manage accounts, from themselves, nor from the last who has
    it. Raises NotPermittedError and AccountError.
    """
    if not may_manage_accounts(actor):
        raise NotPermittedError(actor, "change_account")
    # In the order of ids, so that two who take the right from each other never wait for each other.
    rows = select(Account).where((Account.id == account_id) | (Account.role == Role.ADMINISTRATOR))
    locked = session.scalars(
        rows.order_by(Account.id).with_for_update().execution_options(populate_existing=True)
    ).all()
    account = next((row for row in locked if row.id == account_id), None)
    if account is None:
        raise AccountError(AccountFault.NO_SUCH_ACCOUNT, str(account_id))
    wanted = {
        "display_name": checked_terms(
            session,
            login_name=account.login_name,
            display_name=display_name,
            role=role,
            division_id=division_id,
            now=now,
            before=account.division_id,
        ),
        "role": role,
        "division_id": division_id,
        "expires_at": expires_at,
        "is_active": is_active,
    }
    changed = {
        name: [getattr(account, name), value] for name, value in wanted.items() if getattr(account, name) != value
    }
    if not changed:
        return False
    if administers(account, now=now) and not _still_administers(wanted, now=now):
        if account.id == actor.account_id:
            raise AccountError(AccountFault.OWN_ACCOUNT, account.login_name)
        if not any(administers(row, now=now) for row in locked if row is not account):
            raise AccountError(AccountFault.LAST_ADMINISTRATOR, account.login_name)
    for name, (_, value) in changed.items():
        setattr(account, name, value)
    session.flush()
    if changed.keys() & ENDS_SESSIONS:
        end_sessions(session, account_id=account.id)
    record(
        session,
        actor_id=actor.account_id,
        action="change_account",
        target_type="account",
        target_id=account.id,
        detail={name: [_plain(before), _plain(after)] for name, (before, after) in changed.items()},
        now=now,
    )
    return True


def unlock_account(session: Session, *, actor: Actor, account_id: int, now: dt.datetime) -> None:
    """Lift the lock that failed sign-ins have put on an account; one that has none is left at that.

    Raises NotPermittedError and AccountError.
    """
    if not may_manage_accounts(actor):
        raise NotPermittedError(actor, "unlock_account")
    account = session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if account is None:
        raise AccountError(AccountFault.NO_SUCH_ACCOUNT, str(account_id))
    if account.locked_until is None and account.failed_sign_ins == 0:
        return
    account.locked_until, account.failed_sign_ins = None, 0
    session.flush()
    record(
        session,
        actor_id=actor.account_id,
        action="unlock_account",
        target_type="account",
        target_id=account.id,
        now=now,
    )


def administers(account: Account, *, now: dt.datetime) -> bool:
    """Whether the account can manage accounts: its role, and whether it may sign in."""
    return _administers(account.role, account.is_active, account.expires_at, now=now)


def _still_administers(wanted: Mapping[str, Any], *, now: dt.datetime) -> bool:
    return _administers(wanted["role"], wanted["is_active"], wanted["expires_at"], now=now)


def _administers(role: Role, is_active: bool, expires_at: dt.datetime | None, *, now: dt.datetime) -> bool:
    return role is Role.ADMINISTRATOR and is_active and (expires_at is None or expires_at > now)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value
