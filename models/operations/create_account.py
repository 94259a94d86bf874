"""Accounts begin with a one-time password, and get another when it is forgotten."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.operations.audit import record
from models.operations.passwords import DEFAULT_POLICY, SignInPolicy, one_time_password, set_password
from models.operations.sign_in import end_sessions
from regulations.review import Actor, NotPermittedError, Role, may_manage_accounts

_NEEDS_DIVISION = frozenset({Role.REVIEWER, Role.APPROVER, Role.BUREAU_MANAGER})


class AccountError(ValueError):
    """`code`: login_name_taken, login_name_empty, division_required or no_such_account."""

    def __init__(self, code: str, login_name: str) -> None:
        super().__init__(f"{code}: {login_name}")
        self.code, self.login_name = code, login_name


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedPassword:
    """A password to hand over: it must be changed at the first sign-in, and is kept nowhere."""

    account_id: int
    login_name: str
    password: str = field(repr=False)


def create_account(
    session: Session,
    *,
    actor: Actor | None = None,
    login_name: str,
    display_name: str,
    role: Role,
    division_id: int | None = None,
    password: str | None = None,
    expires_at: dt.datetime | None = None,
    now: dt.datetime,
    policy: SignInPolicy = DEFAULT_POLICY,
) -> IssuedPassword:
    """Make an account with `password`, or with a one-time one.

    Raises AccountError, PasswordFaultError, NotPermittedError.
    """
    _check(actor, "create_account")
    login_name = login_name.strip()
    if not login_name:
        raise AccountError("login_name_empty", login_name)
    if role in _NEEDS_DIVISION and division_id is None:
        raise AccountError("division_required", login_name)
    if session.scalar(select(Account.id).where(Account.login_name == login_name)) is not None:
        raise AccountError("login_name_taken", login_name)
    account = Account(
        login_name=login_name, display_name=display_name, role=role, division_id=division_id, expires_at=expires_at
    )
    issued = password or one_time_password()
    set_password(account, password=issued, must_change=True, policy=policy)
    session.add(account)
    session.flush()
    record(
        session,
        actor_id=actor.account_id if actor else None,
        action="create_account",
        target_type="account",
        target_id=account.id,
        detail={"login_name": login_name, "role": role.value, "division_id": division_id},
        now=now,
    )
    return IssuedPassword(account_id=account.id, login_name=login_name, password=issued)


def reset_password(
    session: Session, *, actor: Actor | None = None, login_name: str, now: dt.datetime
) -> IssuedPassword:
    """Give an account a new one-time password, lift its lock and end its sessions.

    Raises AccountError where nobody has that login name, NotPermittedError.
    """
    _check(actor, "reset_password")
    account = session.scalar(select(Account).where(Account.login_name == login_name.strip()))
    if account is None:
        raise AccountError("no_such_account", login_name)
    issued = one_time_password()
    set_password(account, password=issued, must_change=True)
    end_sessions(session, account_id=account.id)
    record(
        session,
        actor_id=actor.account_id if actor else None,
        action="reset_password",
        target_type="account",
        target_id=account.id,
        now=now,
    )
    return IssuedPassword(account_id=account.id, login_name=account.login_name, password=issued)


def _check(actor: Actor | None, action: str) -> None:
    if actor is not None and not may_manage_accounts(actor):
        raise NotPermittedError(actor, action)
