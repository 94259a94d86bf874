"""Signing in and out, and whom a session's token stands for."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import delete, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, joinedload

from models.accounts import Account, SignInSession
from models.operations.audit import record
from models.operations.passwords import DEFAULT_POLICY, SignInPolicy, renewed_hash, verify
from regulations.review import Actor

LIFETIME = dt.timedelta(hours=12)
"""How long a session lasts at most, however busy: one working day."""

_TOUCH_EVERY = dt.timedelta(minutes=1)


class SignInFault(StrEnum):
    WRONG = "wrong"
    LOCKED = "locked"
    EXPIRED = "expired"
    INACTIVE = "inactive"


class SignInError(Exception):
    """A refused sign-in. `kind` says why; `until` the end of a lock.

    Whoever catches it commits the session: failures are counted and written to the audit log.
    """

    def __init__(self, kind: SignInFault, *, until: dt.datetime | None = None) -> None:
        super().__init__(kind.value)
        self.kind, self.until = kind, until


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPassword:
    """What `check_password` found. `password_hash` is the one compared with, None where there is none.

    `renewed_hash` replaces it where it was made with weaker parameters than today's.
    """

    is_right: bool
    password_hash: str | None = field(repr=False)
    renewed_hash: str | None = field(repr=False)


def check_password(session: Session, *, login_name: str, password: str) -> CheckedPassword:
    """Compare a password with the one of that login name, if anybody has it; changes nothing.

    This is the slow part of signing in, made slow on purpose: done in a session opened for reading, it
    keeps nobody waiting for the one write lock that SQLite has. `sign_in` decides what follows from it.
    """
    password_hash = session.scalar(select(Account.password_hash).where(Account.login_name == login_name))
    is_right = verify(password_hash, password)
    return CheckedPassword(
        is_right=is_right,
        password_hash=password_hash,
        renewed_hash=renewed_hash(password_hash, password) if is_right and password_hash else None,
    )


def sign_in(
    session: Session,
    *,
    login_name: str,
    password: str,
    now: dt.datetime,
    policy: SignInPolicy = DEFAULT_POLICY,
    checked: CheckedPassword | None = None,
) -> str:
    """Open a session and return its token, which only the cookie keeps. Raises SignInError.

    What is wrong with an account is told only to who knows its password. `checked` is what
    `check_password` said just before; without it, or where the password has been changed since, it is
    compared here. Sessions that are over are cleared away with each new one.
    """
    account = session.scalar(select(Account).where(Account.login_name == login_name).with_for_update())
    if checked is None or (account is not None and account.password_hash != checked.password_hash):
        checked = check_password(session, login_name=login_name, password=password)
    if account is None:
        record(session, actor_id=None, action="sign_in_refused", target_type="account", target_id="", now=now)
        raise SignInError(SignInFault.WRONG)
    fault = _fault(account, is_right=checked.is_right, now=now)
    if fault is SignInFault.WRONG:
        if account.locked_until is not None:  # an old lock that has run out: counting begins anew
            account.failed_sign_ins, account.locked_until = 0, None
        account.failed_sign_ins += 1
        if account.failed_sign_ins >= policy.max_failures:
            account.locked_until = now + policy.lockout
            fault = SignInFault.LOCKED
    detail = {"kind": fault.value} if fault else {}
    action = "sign_in_refused" if fault else "sign_in"
    record(
        session,
        actor_id=account.id,
        action=action,
        target_type="account",
        target_id=account.id,
        detail=detail,
        now=now,
    )
    if fault:
        raise SignInError(fault, until=account.locked_until if fault is SignInFault.LOCKED else None)
    account.failed_sign_ins, account.locked_until = 0, None
    if checked.renewed_hash is not None:
        account.password_hash = checked.renewed_hash
    purge_sessions(session, now=now, idle_timeout=LIFETIME)
    token = secrets.token_urlsafe(32)
    session.add(SignInSession(token_hash=_hashed(token), account_id=account.id, created_at=now, last_seen_at=now))
    session.flush()
    return token


def _fault(account: Account, *, is_right: bool, now: dt.datetime) -> SignInFault | None:
    if account.locked_until is not None and now < account.locked_until:
        return SignInFault.LOCKED
    if not is_right:
        return SignInFault.WRONG
    if not account.is_active:
        return SignInFault.INACTIVE
    return SignInFault.EXPIRED if account.expires_at is not None and account.expires_at <= now else None


def resolve_session(
    session: Session, *, token: str, now: dt.datetime, idle_timeout: dt.timedelta, lifetime: dt.timedelta = LIFETIME
) -> Actor | None:
    """Whom the token stands for; None where the session is over or the account may no longer sign in.

    May run in a session opened for reading: the note that the session is in use, made once a
    minute, is skipped while another process writes, and made with the next request.
    """
    found = session.scalar(
        select(SignInSession)
        .where(SignInSession.token_hash == _hashed(token))
        .options(joinedload(SignInSession.account).joinedload(Account.division))
    )
    if found is None or now - found.last_seen_at > idle_timeout or now - found.created_at > lifetime:
        return None
    account = found.account
    if not account.is_active or (account.expires_at is not None and account.expires_at <= now):
        return None
    if now - found.last_seen_at >= _TOUCH_EVERY:
        _touch(session, token_hash=found.token_hash, now=now)
    return actor_of(account)


def _touch(session: Session, *, token_hash: str, now: dt.datetime) -> None:
    statement = update(SignInSession).where(SignInSession.token_hash == token_hash).values(last_seen_at=now)
    try:
        session.execute(statement)
    except OperationalError:
        # Only SQLite: another connection is writing. Elsewhere a failed statement ends the transaction.
        if session.get_bind().dialect.name != "sqlite":
            raise


def actor_of(account: Account) -> Actor:
    """The account as the permission predicates see it."""
    return Actor(
        account_id=account.id,
        display_name=account.display_name,
        role=account.role,
        division_id=account.division_id,
        bureau=account.division.bureau if account.division else None,
    )


def sign_out(session: Session, *, token: str, now: dt.datetime) -> None:
    """End a session; one that is over already is left at that."""
    found = session.get(SignInSession, _hashed(token))
    if found is None:
        return
    account_id = found.account_id
    session.delete(found)
    record(session, actor_id=account_id, action="sign_out", target_type="account", target_id=account_id, now=now)


def purge_sessions(
    session: Session, *, now: dt.datetime, idle_timeout: dt.timedelta, lifetime: dt.timedelta = LIFETIME
) -> int:
    """Delete sessions that can no longer be used; returns how many."""
    over = or_(SignInSession.last_seen_at < now - idle_timeout, SignInSession.created_at < now - lifetime)
    result = session.execute(delete(SignInSession).where(over))
    return result.rowcount if isinstance(result, CursorResult) else 0


def end_sessions(session: Session, *, account_id: int, but_token: str | None = None) -> None:
    """End the account's sessions, except the one whose token is given."""
    ended = delete(SignInSession).where(SignInSession.account_id == account_id)
    if but_token is not None:
        ended = ended.where(SignInSession.token_hash != _hashed(but_token))
    session.execute(ended)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
