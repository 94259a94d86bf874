"""Accounts begin with a one-time password, and get another when it is forgotten."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.operations.audit import record
from models.operations.dates import japan_date
from models.operations.passwords import (
    DEFAULT_POLICY,
    PasswordFault,
    PasswordFaultError,
    SignInPolicy,
    one_time_password,
    set_password,
)
from models.operations.sign_in import end_sessions
from models.organisation import Division
from regulations.review import Actor, NotPermittedError, Role, may_manage_accounts

NEEDS_DIVISION = frozenset({Role.REVIEWER, Role.APPROVER, Role.BUREAU_MANAGER})
"""Roles that act for a division or its bureau."""


class AccountFault(StrEnum):
    """Why an account cannot be made or changed; screens put it into words."""

    LOGIN_NAME_TAKEN = "login_name_taken"
    LOGIN_NAME_EMPTY = "login_name_empty"
    DISPLAY_NAME_EMPTY = "display_name_empty"
    DIVISION_REQUIRED = "division_required"
    NO_SUCH_DIVISION = "no_such_division"  # there is none, it has ended, or it is yet to begin
    NO_SUCH_ACCOUNT = "no_such_account"
    OWN_ACCOUNT = "own_account"  # nobody shuts themselves out
    LAST_ADMINISTRATOR = "last_administrator"


class AccountError(ValueError):
    """`code` is the value of `fault`, which says why."""

    def __init__(self, fault: AccountFault, login_name: str) -> None:
        super().__init__(f"{fault}: {login_name}")
        self.fault, self.login_name = fault, login_name

    @property
    def code(self) -> str:
        return self.fault.value


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedPassword:
    """A password to hand over: it must be changed at the first sign-in, and is kept nowhere."""

    account_id: int
    login_name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPassword:
    """A one-time password and its hash, which takes a moment to compute: best before a transaction begins."""

    password: str = field(repr=False)
    password_hash: str = field(repr=False)


def prepare_password(*, login_name: str, display_name: str, policy: SignInPolicy = DEFAULT_POLICY) -> PreparedPassword:
    """A one-time password that keeps the rules. Raises PasswordFaultError where the policy asks for longer ones."""
    draft = Account(login_name=login_name, display_name=display_name)
    while True:
        password = one_time_password()
        try:
            set_password(draft, password=password, must_change=True, policy=policy)
        except PasswordFaultError as error:
            if error.faults != (PasswordFault.CONTAINS_NAME,):
                raise
            continue  # a name of two letters may stand in it by chance
        return PreparedPassword(password=password, password_hash=draft.password_hash or "")


def create_account(
    session: Session,
    *,
    actor: Actor | None = None,
    login_name: str,
    display_name: str,
    role: Role,
    division_id: int | None = None,
    password: str | None = None,
    prepared: PreparedPassword | None = None,
    expires_at: dt.datetime | None = None,
    now: dt.datetime,
    policy: SignInPolicy = DEFAULT_POLICY,
) -> IssuedPassword:
    """Make an account with `password`, or with a one-time one, which may have been `prepared`.

    Raises AccountError, PasswordFaultError, NotPermittedError.
    """
    _check(actor, "create_account")
    login_name = login_name.strip()
    if not login_name:
        raise AccountError(AccountFault.LOGIN_NAME_EMPTY, login_name)
    display_name = checked_terms(
        session, login_name=login_name, display_name=display_name, role=role, division_id=division_id, now=now
    )
    if session.scalar(select(Account.id).where(Account.login_name == login_name)) is not None:
        raise AccountError(AccountFault.LOGIN_NAME_TAKEN, login_name)
    account = Account(
        login_name=login_name, display_name=display_name, role=role, division_id=division_id, expires_at=expires_at
    )
    if password is None:
        one_time = prepared or prepare_password(login_name=login_name, display_name=display_name, policy=policy)
        account.password_hash, account.must_change_password = one_time.password_hash, True
        password = one_time.password
    else:
        set_password(account, password=password, must_change=True, policy=policy)
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
    return IssuedPassword(account_id=account.id, login_name=login_name, password=password)


def reset_password(
    session: Session, *, actor: Actor | None = None, login_name: str, now: dt.datetime
) -> IssuedPassword:
    """Give an account a new one-time password, lift its lock and end its sessions.

    Raises AccountError where nobody has that login name, NotPermittedError.
    """
    _check(actor, "reset_password")
    account = session.scalar(select(Account).where(Account.login_name == login_name.strip()))
    if account is None:
        raise AccountError(AccountFault.NO_SUCH_ACCOUNT, login_name)
    one_time = prepare_password(login_name=account.login_name, display_name=account.display_name)
    account.password_hash, account.must_change_password = one_time.password_hash, True
    account.failed_sign_ins, account.locked_until = 0, None
    end_sessions(session, account_id=account.id)
    record(
        session,
        actor_id=actor.account_id if actor else None,
        action="reset_password",
        target_type="account",
        target_id=account.id,
        now=now,
    )
    return IssuedPassword(account_id=account.id, login_name=account.login_name, password=one_time.password)


def checked_terms(
    session: Session,
    *,
    login_name: str,
    display_name: str,
    role: Role,
    division_id: int | None,
    now: dt.datetime,
    before: int | None = None,
) -> str:
    """The name as it is kept. Raises AccountError where there is none, or the role's division is not in force.

    `before` is a division that the account has already: nobody loses it because it has ended.
    """
    if not display_name.strip():
        raise AccountError(AccountFault.DISPLAY_NAME_EMPTY, login_name)
    if division_id is None:
        if role in NEEDS_DIVISION:
            raise AccountError(AccountFault.DIVISION_REQUIRED, login_name)
    elif division_id != before:
        division = session.get(Division, division_id)
        if division is None or not division.in_force(japan_date(now)):
            raise AccountError(AccountFault.NO_SUCH_DIVISION, login_name)
    return display_name.strip()


def _check(actor: Actor | None, action: str) -> None:
    if actor is not None and not may_manage_accounts(actor):
        raise NotPermittedError(actor, action)
