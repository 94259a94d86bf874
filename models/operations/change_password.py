"""A person changes their own password."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from models.accounts import Account
from models.operations.audit import record
from models.operations.passwords import (
    DEFAULT_POLICY,
    PasswordFault,
    PasswordFaultError,
    SignInPolicy,
    set_password,
    verify,
)
from models.operations.sign_in import end_sessions
from regulations.review import Actor

__all__ = ["PasswordFault", "PasswordFaultError", "change_password"]


def change_password(
    session: Session,
    *,
    actor: Actor,
    current: str,
    new: str,
    now: dt.datetime,
    policy: SignInPolicy = DEFAULT_POLICY,
    token: str | None = None,
) -> None:
    """Replace the actor's password and end their other sessions (all of them where no `token` is kept).

    Raises PasswordFaultError with every rule that `new` breaks.
    """
    account = session.get_one(Account, actor.account_id)
    if not verify(account.password_hash, current):
        raise PasswordFaultError(PasswordFault.WRONG_CURRENT)
    set_password(account, password=new, must_change=False, policy=policy)
    if token is not None:
        end_sessions(session, account_id=account.id, but_token=token)
    record(
        session,
        actor_id=account.id,
        action="change_password",
        target_type="account",
        target_id=account.id,
        now=now,
    )
