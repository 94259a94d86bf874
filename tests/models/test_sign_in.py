"""Signing in of many at once: the slow comparison stands outside the transaction that writes."""

from __future__ import annotations

import datetime as dt

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, text

from models.accounts import Account, SignInSession
from models.database import make_engine, reading_scope, session_factory, session_scope
from models.operations.accounts import (
    SignInError,
    SignInFault,
    SignInPolicy,
    check_password,
    create_account,
    resolve_session,
    set_password,
    sign_in,
)
from models.operations.sign_in import LIFETIME
from models.review import AuditEntry
from regulations.review import Role
from tests.factories import NOW

PASSWORD = "tr0ub4dor&3-horse"
NEXT = "correct-battery-9-staple"


@pytest.fixture
def account(session) -> Account:
    made = create_account(
        session, login_name="hanako", display_name="福島 花子", role=Role.AUDITOR, password=PASSWORD, now=NOW
    )
    return session.get_one(Account, made.account_id)


def enter(session, password=PASSWORD, *, checked=None, now=NOW, login_name="hanako"):
    return sign_in(session, login_name=login_name, password=password, now=now, checked=checked)


def checked(session, password=PASSWORD, login_name="hanako"):
    return check_password(session, login_name=login_name, password=password)


def test_what_was_compared_before_is_not_compared_again(session, account, monkeypatch):
    before = checked(session)
    monkeypatch.setattr("models.operations.sign_in.verify", lambda *_: pytest.fail("compared inside the lock"))
    assert enter(session, checked=before)


def test_comparing_writes_nothing(session, account):
    audited = session.scalar(select(func.count(AuditEntry.id)))
    assert (checked(session).is_right, checked(session, "wrong").is_right) == (True, False)
    assert (checked(session, login_name="taro").is_right, account.failed_sign_ins) == (False, 0)
    assert session.scalar(select(func.count(AuditEntry.id))) == audited


@pytest.mark.parametrize(("password", "is_right"), [(PASSWORD, False), (NEXT, True)])
def test_a_password_changed_in_between_is_compared_anew(session, account, password, is_right):
    before = checked(session, password)
    set_password(account, password=NEXT, must_change=False)
    session.flush()
    assert before.is_right is not is_right
    if is_right:
        assert enter(session, password, checked=before)
        return
    with pytest.raises(SignInError) as refused:
        enter(session, password, checked=before)
    assert refused.value.kind is SignInFault.WRONG


def test_what_is_known_of_a_name_does_not_open_another(session, account):
    create_account(session, login_name="taro", display_name="太郎", role=Role.AUDITOR, password=NEXT, now=NOW)
    with pytest.raises(SignInError) as refused:
        enter(session, checked=checked(session), login_name="taro")
    assert refused.value.kind is SignInFault.WRONG
    with pytest.raises(SignInError):
        enter(session, checked=checked(session), login_name="jiro")


def test_attempts_compared_at_the_same_time_are_counted_one_by_one(session, account):
    """Somebody who tries many passwords at once is locked out all the same, with the right one among them."""
    policy = SignInPolicy()
    tried = [checked(session, "wrong") for _ in range(policy.max_failures)]
    right = checked(session)
    kinds = []
    for one in [*tried, right]:
        with pytest.raises(SignInError) as refused:
            enter(session, checked=one)
        kinds.append(refused.value.kind)
    assert kinds == [*[SignInFault.WRONG] * (policy.max_failures - 1), SignInFault.LOCKED, SignInFault.LOCKED]


def test_a_weak_hash_is_renewed_with_the_password_at_hand(session, account, monkeypatch):
    weak = account.password_hash
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr("models.operations.passwords._HASHER", stronger)
    found = checked(session)
    assert checked(session, "wrong").renewed_hash is None
    assert enter(session, checked=found)
    assert account.password_hash == found.renewed_hash != weak
    assert not stronger.check_needs_rehash(account.password_hash)
    assert enter(session)


def test_what_was_checked_does_not_show_its_hashes(session, account):
    assert account.password_hash not in repr(checked(session))


def test_sessions_that_are_over_are_cleared_away_with_a_new_one(session, account):
    old = enter(session)
    kept = enter(session, now=NOW + LIFETIME - dt.timedelta(minutes=1))
    new = enter(session, now=NOW + LIFETIME + dt.timedelta(minutes=1))
    assert session.scalar(select(func.count(SignInSession.token_hash))) == 2
    values = {"now": NOW + LIFETIME + dt.timedelta(minutes=1), "idle_timeout": LIFETIME}
    assert [resolve_session(session, token=token, **values) is not None for token in (old, kept, new)] == [
        False,
        True,
        True,
    ]


def test_comparing_needs_no_write_lock(sqlite_url):
    """Another connection is writing, for as long as it likes, while a password is compared."""
    engine = make_engine(sqlite_url)
    sessions = session_factory(engine)
    with session_scope(sessions) as session:
        create_account(session, login_name="hanako", display_name="花子", role=Role.AUDITOR, password=PASSWORD, now=NOW)
    with session_scope(sessions) as writer:
        writer.execute(text("UPDATE accounts SET display_name = '福島 花子'"))
        with reading_scope(sessions) as reader:
            assert checked(reader).is_right
    engine.dispose()
