from __future__ import annotations

import datetime as dt

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from models.accounts import Account, SignInSession
from models.database import make_engine, reading_scope, session_factory, session_scope
from models.operations.accounts import (
    AccountError,
    PasswordFault,
    PasswordFaultError,
    SignInError,
    SignInFault,
    SignInPolicy,
    change_password,
    create_account,
    one_time_password,
    purge_sessions,
    reset_password,
    resolve_session,
    sign_in,
    sign_out,
)
from models.operations.sign_in import LIFETIME
from models.review import AuditEntry
from regulations.review import Role
from tests.factories import NOW, division

PASSWORD = "tr0ub4dor&3-horse"
IDLE = dt.timedelta(minutes=60)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def account(session) -> Account:
    made = create_account(
        session,
        login_name="hanako",
        display_name="福島 花子",
        role=Role.REVIEWER,
        division_id=division(session).id,
        password=PASSWORD,
        now=NOW,
    )
    return session.get(Account, made.account_id)


def enter(session, *, password=PASSWORD, login_name="hanako", now=NOW):
    return sign_in(session, login_name=login_name, password=password, now=now)


def refused(session, **values) -> SignInFault:
    with pytest.raises(SignInError) as error:
        enter(session, **values)
    return error.value.kind


def who(session, token, *, now=NOW):
    return resolve_session(session, token=token, now=now, idle_timeout=IDLE)


def test_a_token_stands_for_the_person_until_they_sign_out(session, account):
    token = enter(session)
    person = who(session, token)
    assert (person.account_id, person.role, person.bureau) == (account.id, Role.REVIEWER, "土木部")
    sign_out(session, token=token, now=NOW)
    assert who(session, token) is None
    sign_out(session, token=token, now=NOW)  # again: nothing to do


def test_the_database_holds_neither_password_nor_token(session, account):
    token = enter(session)
    assert account.password_hash.startswith("$argon2id$")
    assert PASSWORD not in account.password_hash
    assert session.scalar(select(SignInSession.token_hash)) != token


def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nobody(session, account):
    assert refused(session, password="wrong") is SignInFault.WRONG
    assert refused(session, login_name="taro") is SignInFault.WRONG


def test_an_unknown_name_costs_a_comparison_too(session, account, monkeypatch):
    calls = []
    monkeypatch.setattr("models.operations.sign_in.verify", lambda hash_, password: calls.append(hash_) or False)
    refused(session, login_name="taro")
    refused(session)
    assert calls == [None, account.password_hash]


def test_failures_lock_the_account_for_a_while_even_for_the_right_password(session, account):
    policy = SignInPolicy()
    for _ in range(policy.max_failures - 1):
        assert refused(session, password="wrong") is SignInFault.WRONG
    with pytest.raises(SignInError) as error:
        enter(session, password="wrong")
    assert (error.value.kind, error.value.until) == (SignInFault.LOCKED, NOW + policy.lockout)
    assert refused(session) is SignInFault.LOCKED
    assert enter(session, now=NOW + policy.lockout)


def test_after_a_lock_has_run_out_counting_begins_anew(session, account):
    policy = SignInPolicy()
    for _ in range(policy.max_failures):
        refused(session, password="wrong")
    assert refused(session, password="wrong", now=NOW + policy.lockout) is SignInFault.WRONG
    assert account.failed_sign_ins == 1


def test_a_success_forgets_earlier_failures(session, account):
    refused(session, password="wrong")
    enter(session)
    assert account.failed_sign_ins == 0


def test_what_is_wrong_with_an_account_is_told_only_to_who_knows_the_password(session, account):
    account.is_active = False
    assert refused(session, password="wrong") is SignInFault.WRONG
    assert refused(session) is SignInFault.INACTIVE
    account.is_active, account.expires_at = True, NOW
    assert refused(session) is SignInFault.EXPIRED


def test_an_account_without_password_cannot_sign_in(session, account):
    account.password_hash = None
    assert refused(session) is SignInFault.WRONG


@pytest.mark.parametrize("ended", ["idle", "over", "inactive", "expired", "unknown"])
def test_a_session_ends(session, account, ended):
    token, now = enter(session), NOW + MINUTE
    match ended:
        case "idle":
            now = NOW + IDLE + MINUTE
        case "over":
            session.scalars(select(SignInSession)).one().last_seen_at = now = NOW + LIFETIME + MINUTE
        case "inactive":
            account.is_active = False
        case "expired":
            account.expires_at = now
        case "unknown":
            token = "x" * 43
    assert who(session, token, now=now) is None


def test_use_keeps_a_session_alive_and_is_noted_once_a_minute(session, account):
    token = enter(session)
    row = session.scalars(select(SignInSession)).one()
    for now, noted in [
        (NOW + dt.timedelta(seconds=30), NOW),
        (NOW + MINUTE, NOW + MINUTE),
        (NOW + MINUTE + IDLE, NOW + MINUTE + IDLE),
    ]:
        assert who(session, token, now=now) is not None
        session.refresh(row)
        assert row.last_seen_at == noted


def test_a_request_does_not_wait_for_a_writer_to_note_that_it_came(sqlite_url):
    factory = session_factory(make_engine(sqlite_url))
    with session_scope(factory) as session:
        create_account(session, login_name="hanako", display_name="花子", role=Role.AUDITOR, password=PASSWORD, now=NOW)
        token = enter(session)
    with session_scope(factory) as writer, reading_scope(factory) as reader:
        division(writer)
        assert who(reader, token, now=NOW + 2 * MINUTE) is not None
    with reading_scope(factory) as session:
        assert session.scalars(select(SignInSession)).one().last_seen_at == NOW


def test_sessions_that_cannot_be_used_any_more_are_purged(session, account):
    enter(session)
    alive = enter(session, now=NOW + IDLE)
    now = NOW + IDLE + MINUTE
    assert purge_sessions(session, now=now, idle_timeout=IDLE) == 1
    assert who(session, alive, now=now) is not None


@pytest.mark.parametrize(
    ("new", "faults"),
    [
        ("短い", {PasswordFault.TOO_SHORT}),
        ("my-Hanako-password", {PasswordFault.CONTAINS_NAME}),  # login name, in any case
        ("これは花子の秘密のことばです", {PasswordFault.CONTAINS_NAME}),  # part of the display name
        (PASSWORD, {PasswordFault.UNCHANGED}),
        ("hanako", {PasswordFault.TOO_SHORT, PasswordFault.CONTAINS_NAME}),
    ],
)
def test_a_new_password_must_keep_every_rule(session, account, new, faults):
    person = who(session, enter(session))
    with pytest.raises(PasswordFaultError) as error:
        change_password(session, actor=person, current=PASSWORD, new=new, now=NOW)
    assert set(error.value.faults) == faults
    assert enter(session)


def test_whoever_does_not_know_the_current_password_cannot_change_it(session, account):
    person = who(session, enter(session))
    with pytest.raises(PasswordFaultError) as error:
        change_password(session, actor=person, current="wrong", new="correct-battery-9", now=NOW)
    assert error.value.faults == (PasswordFault.WRONG_CURRENT,)


def test_a_changed_password_ends_other_sessions_and_is_no_longer_to_be_changed(session, account):
    kept, other = enter(session), enter(session)
    change_password(session, actor=who(session, kept), current=PASSWORD, new="correct-battery-9", now=NOW, token=kept)
    assert who(session, other) is None
    assert who(session, kept) is not None
    assert account.must_change_password is False
    assert refused(session) is SignInFault.WRONG
    assert enter(session, password="correct-battery-9")


def test_the_minimal_length_is_the_bodys_own(session, account):
    person = who(session, enter(session))
    with pytest.raises(PasswordFaultError):
        change_password(
            session, actor=person, current=PASSWORD, new="x9" * 9, now=NOW, policy=SignInPolicy(min_length=20)
        )


def test_a_reset_gives_a_one_time_password_lifts_the_lock_and_ends_sessions(session, account):
    token = enter(session)
    for _ in range(SignInPolicy().max_failures):
        refused(session, password="wrong")
    issued = reset_password(session, login_name="hanako", now=NOW)
    assert who(session, token) is None
    assert enter(session, password=issued.password)
    assert account.must_change_password is True
    assert issued.password not in repr(issued)


def test_one_time_passwords_are_long_and_never_the_same():
    made = {one_time_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(password) >= SignInPolicy().min_length for password in made)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"login_name": "hanako"}, "login_name_taken"),
        ({"login_name": "  "}, "login_name_empty"),
        ({"login_name": "taro", "division_id": None}, "division_required"),
    ],
)
def test_an_account_that_cannot_be_made_says_why(session, account, values, code):
    stated = {"display_name": "太郎", "role": Role.REVIEWER, "division_id": account.division_id, **values}
    with pytest.raises(AccountError) as error:
        create_account(session, now=NOW, **stated)
    assert error.value.code == code
    assert session.scalar(select(func.count(Account.id))) == 1


def test_nobody_can_reset_the_password_of_an_account_that_is_not_there(session):
    with pytest.raises(AccountError, match="no_such_account"):
        reset_password(session, login_name="taro", now=NOW)


def test_signing_in_and_all_that_is_done_to_accounts_is_audited(session, account):
    token = enter(session)
    refused(session, password="wrong")
    sign_out(session, token=token, now=NOW)
    reset_password(session, login_name="hanako", now=NOW)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["create_account", "sign_in", "sign_in_refused", "sign_out", "reset_password"]


def test_a_hash_with_weaker_parameters_is_renewed_at_sign_in(session, account, monkeypatch):
    before = account.password_hash
    monkeypatch.setattr(
        "models.operations.passwords._HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    )
    enter(session)
    assert account.password_hash != before
    assert enter(session)
