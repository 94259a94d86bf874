"""Who administers what: accounts are the administrator's alone, and nobody shuts the last one out."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from models import queries
from models.accounts import Account, SignInSession
from models.operations.accounts import create_account, reset_password, resolve_session, sign_in
from models.operations.change_account import change_account, unlock_account
from models.operations.create_account import AccountError, AccountFault, prepare_password
from models.operations.import_accounts import StaffRow, import_accounts, prepare_passwords, read_accounts
from models.operations.import_organisation import DivisionRow, import_organisation
from models.operations.passwords import PasswordFaultError, SignInPolicy
from models.operations.sign_in import SignInError, actor_of
from models.organisation import Division
from models.queries import AccountState
from models.queries.accounts import DORMANT_AFTER
from models.review import AuditEntry
from regulations.review import NotPermittedError, Role
from tests.factories import INSPECTION, NOW, actor, division, ordinance, register, scan

PASSWORD = "tr0ub4dor&3-horse"
IDLE = dt.timedelta(minutes=60)
DAY = dt.timedelta(days=1)


def account_of(session, login_name="hanako", *, role=Role.REVIEWER, of=None, **values) -> Account:
    issued = create_account(
        session,
        login_name=login_name,
        display_name="福島 花子",
        role=role,
        division_id=of.id if of else None,
        password=PASSWORD,
        now=NOW,
        **values,
    )
    return session.get_one(Account, issued.account_id)


@pytest.fixture
def facilities(session):
    return division(session)


@pytest.fixture
def hanako(session, facilities) -> Account:
    return account_of(session, of=facilities)


@pytest.fixture
def administrator(session):
    return actor_of(account_of(session, "kanri", role=Role.ADMINISTRATOR))


def change(session, by, account, **values) -> bool:
    stated = {
        "display_name": account.display_name,
        "role": account.role,
        "division_id": account.division_id,
        "expires_at": account.expires_at,
        "is_active": account.is_active,
        "now": NOW,
        **values,
    }
    return change_account(session, actor=by, account_id=account.id, **stated)


def test_a_one_time_password_never_holds_the_name_it_is_for(monkeypatch):
    made = iter(["aaab-cccc-dddd-eeee", "AbAB-cccc-dddd-eeee", "cccc-dddd-eeee-ffff"])
    monkeypatch.setattr("models.operations.create_account.one_time_password", lambda: next(made))
    assert prepare_password(login_name="ab", display_name="阿部").password == "cccc-dddd-eeee-ffff"


def test_a_policy_that_asks_for_more_than_a_one_time_password_is_told(session):
    with pytest.raises(PasswordFaultError):
        prepare_password(login_name="taro", display_name="太郎", policy=SignInPolicy(min_length=40))


def fault_of(session, by, account, **values) -> AccountFault:
    with pytest.raises(AccountError) as refused:
        change(session, by, account, **values)
    return refused.value.fault


def changed(session, by, account):
    change(session, by, account, display_name="佐藤 花子")


def unlocked(session, by, account):
    account.failed_sign_ins = 1
    unlock_account(session, actor=by, account_id=account.id, now=NOW)


def listed(session, by, account):
    import_accounts(session, actor=by, rows=[StaffRow(login_name="hanako", display_name="佐藤 花子", row=2)], now=NOW)


def created(session, by, account):
    create_account(
        session, actor=by, login_name="new", display_name="新規", role=Role.AUDITOR, password=PASSWORD, now=NOW
    )


def issued(session, by, account):
    reset_password(session, actor=by, login_name="hanako", now=NOW)


@pytest.mark.parametrize("operation", [changed, unlocked, listed, created, issued], ids=lambda done: done.__name__)
@pytest.mark.parametrize("role", Role)
def test_only_an_administrator_changes_accounts(session, facilities, hanako, operation, role):
    person = actor(session, role, facilities)
    before = session.scalar(select(func.count(AuditEntry.id)))
    if role is Role.ADMINISTRATOR:
        operation(session, person, hanako)
        assert session.scalar(select(func.count(AuditEntry.id))) > before
    else:
        with pytest.raises(NotPermittedError) as refused:
            operation(session, person, hanako)
        assert refused.value.actor == person
        assert session.scalar(select(func.count(AuditEntry.id))) == before


@pytest.mark.parametrize("role", Role)
def test_only_an_administrator_sees_accounts(session, facilities, hanako, role):
    person = actor(session, role, facilities)
    asked = (
        lambda: queries.accounts(session, actor=person, now=NOW),
        lambda: queries.account_total(session, actor=person, now=NOW),
        lambda: queries.account(session, actor=person, account_id=hanako.id, now=NOW),
    )
    for ask in asked:
        if role is Role.ADMINISTRATOR:
            assert ask()
        else:
            with pytest.raises(NotPermittedError):
                ask()


def test_what_is_changed_is_audited_before_and_after_and_the_same_again_is_nothing(session, hanako, administrator):
    assert change(session, administrator, hanako, role=Role.APPROVER, expires_at=NOW + DAY)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "change_account")).one()
    assert entry.detail == {
        "role": ["reviewer", "approver"],
        "expires_at": [None, (NOW + DAY).isoformat()],
    }
    assert not change(session, administrator, hanako)
    assert session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.action == "change_account")) == 1


@pytest.mark.parametrize(
    ("values", "stays"),
    [
        ({"display_name": "佐藤 花子"}, True),
        ({"is_active": False}, False),
        ({"role": Role.APPROVER}, False),
        ({"expires_at": NOW + DAY}, False),
        ({"division_id": "other"}, False),
    ],
)
def test_who_moves_or_ends_is_signed_out(session, hanako, administrator, values, stays):
    token = sign_in(session, login_name="hanako", password=PASSWORD, now=NOW)
    if "division_id" in values:
        values = {"division_id": division(session, "道路課").id}
    change(session, administrator, hanako, **values)
    assert (resolve_session(session, token=token, now=NOW, idle_timeout=IDLE) is not None) is stays
    assert bool(session.scalar(select(func.count(SignInSession.token_hash)))) is stays


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"display_name": "　"}, AccountFault.DISPLAY_NAME_EMPTY),
        ({"division_id": None}, AccountFault.DIVISION_REQUIRED),
        ({"division_id": 9999}, AccountFault.NO_SUCH_DIVISION),
        ({"division_id": "ended"}, AccountFault.NO_SUCH_DIVISION),
    ],
)
def test_a_change_that_cannot_be_says_why(session, hanako, administrator, values, fault):
    if values.get("division_id") == "ended":
        values = {"division_id": division(session, "旧課", valid_to=NOW.date()).id}
    assert fault_of(session, administrator, hanako, **values) is fault


def test_an_account_keeps_a_division_that_has_ended_until_it_is_moved(session, hanako, administrator, facilities):
    facilities.valid_to = NOW.date()
    assert change(session, administrator, hanako, display_name="佐藤 花子")


def test_there_is_nothing_to_change_of_nobody(session, administrator):
    nobody = Account(id=999, login_name="x", display_name="無", role=Role.AUDITOR)
    assert fault_of(session, administrator, nobody) is AccountFault.NO_SUCH_ACCOUNT
    with pytest.raises(AccountError):
        unlock_account(session, actor=administrator, account_id=999, now=NOW)


LOSES = [{"is_active": False}, {"role": Role.AUDITOR}, {"expires_at": NOW}]


@pytest.mark.parametrize("values", LOSES)
def test_nobody_shuts_themselves_out(session, administrator, values):
    account_of(session, "kanri2", role=Role.ADMINISTRATOR)
    own = session.get_one(Account, administrator.account_id)
    assert fault_of(session, administrator, own, **values) is AccountFault.OWN_ACCOUNT


@pytest.mark.parametrize("values", LOSES)
def test_the_last_administrator_who_can_sign_in_stays(session, administrator, values):
    last = account_of(session, "kanri2", role=Role.ADMINISTRATOR)
    assert change(session, administrator, last, display_name="残る 人")
    own = session.get_one(Account, administrator.account_id)
    own.is_active = False  # ended by somebody at the server while this page was open
    assert fault_of(session, administrator, last, **values) is AccountFault.LAST_ADMINISTRATOR


def test_one_of_two_administrators_can_be_ended_by_the_other(session, administrator):
    other = account_of(session, "kanri2", role=Role.ADMINISTRATOR)
    assert change(session, administrator, other, is_active=False)


def test_a_lock_is_lifted_and_audited_once(session, hanako, administrator):
    for _ in range(SignInPolicy().max_failures):
        with pytest.raises(SignInError):
            sign_in(session, login_name="hanako", password="wrong", now=NOW)
    unlock_account(session, actor=administrator, account_id=hanako.id, now=NOW)
    assert sign_in(session, login_name="hanako", password=PASSWORD, now=NOW)
    unlock_account(session, actor=administrator, account_id=hanako.id, now=NOW)
    assert session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.action == "unlock_account")) == 1


def standing(session, facilities) -> dict[str, AccountState]:
    """One account in each state, by login name."""
    for state in AccountState:
        account_of(session, state.value, of=facilities)
    by_login = {row.login_name: row for row in session.scalars(select(Account))}
    late = NOW + DORMANT_AFTER + DAY
    for login_name in ("dormant", "locked", "expired", "ended"):
        sign_in(session, login_name=login_name, password=PASSWORD, now=NOW)
    sign_in(session, login_name="active", password=PASSWORD, now=late)
    by_login["locked"].locked_until = late + DAY
    by_login["expired"].expires_at = late
    by_login["ended"].is_active = False
    by_login["unused"].locked_until = late  # a lock that has run out
    session.flush()
    return {state.value: state for state in AccountState}


def test_an_account_is_found_under_the_state_that_it_is_shown_with(session, facilities, administrator):
    wanted = standing(session, facilities)
    late = NOW + DORMANT_AFTER + DAY
    rows = queries.accounts(session, actor=administrator, now=late, text="福島", division_id=facilities.id)
    assert {row.login_name: row.state for row in rows} == wanted
    for state in AccountState:
        found = queries.accounts(session, actor=administrator, now=late, state=state, division_id=facilities.id)
        assert [row.login_name for row in found] == [state.value]
        total = queries.account_total(session, actor=administrator, now=late, state=state, division_id=facilities.id)
        assert total == 1


def test_accounts_are_searched_by_name_login_role_and_division_and_paged(session, facilities, hanako, administrator):
    other = account_of(session, "taro", role=Role.APPROVER, of=division(session, "道路課"))

    def logins(**narrowed) -> list[str]:
        rows = queries.accounts(session, actor=administrator, now=NOW, **narrowed)
        assert queries.account_total(session, actor=administrator, now=NOW, **narrowed) == len(rows)
        return [row.login_name for row in rows]

    assert logins() == ["kanri", "hanako", "taro"]
    assert logins(text="HANA") == ["hanako"]
    assert logins(text="福島 taro") == ["taro"]
    assert logins(role=Role.APPROVER) == ["taro"]
    assert logins(division_id=facilities.id) == ["hanako"]
    assert logins(text="100%") == []
    second = queries.accounts(session, actor=administrator, now=NOW, limit=1, offset=2)
    assert [row.account_id for row in second] == [other.id]


STAFF = """利用者ID,氏名,役割,部局,課・室,有効期限,状態
hanako,福島 花子,承認者,土木部,道路課,,
taro,新任 太郎,担当者,,施設課,令和9年3月31日,
jiro,離任 次郎,,,,,停止
"""


def staff(text: str) -> list[StaffRow]:
    rows, errors = read_accounts(text.encode("cp932"))
    assert errors == []
    return rows


@pytest.fixture
def roads(session):
    return division(session, "道路課")


@pytest.fixture
def jiro(session, facilities) -> Account:
    return account_of(session, "jiro", of=facilities)


def test_a_list_of_staff_is_rehearsed_and_then_carried_out(session, roads, hanako, jiro, administrator):
    token = sign_in(session, login_name="hanako", password=PASSWORD, now=NOW)
    audited = session.scalar(select(func.count(AuditEntry.id)))
    rehearsed = import_accounts(session, actor=administrator, rows=staff(STAFF), now=NOW, dry_run=True)
    assert session.scalar(select(func.count(AuditEntry.id))) == audited
    assert session.scalar(select(func.count(Account.id))) == 3
    assert rehearsed.issued == ()
    assert [change.what for change in rehearsed.created] == ["新任 太郎（taro）: 担当者、施設課、令和9年3月31日まで"]
    assert [change.what for change in rehearsed.changed] == [
        "福島 花子（hanako）: 役割 担当者 → 承認者、所属 施設課 → 道路課"
    ]
    assert [change.what for change in rehearsed.ended] == ["離任 次郎（jiro）: 氏名 福島 花子 → 離任 次郎、利用を停止"]
    assert rehearsed.unlisted == ("福島 花子（kanri）",)
    prepared = prepare_passwords(staff(STAFF), rehearsed)
    done = import_accounts(session, actor=administrator, rows=staff(STAFF), prepared=prepared, now=NOW)
    assert [issued.password for issued in done.issued] == [prepared["taro"].password]
    assert (done.created, done.changed, done.ended) == (rehearsed.created, rehearsed.changed, rehearsed.ended)
    assert (hanako.role, hanako.division_id, jiro.is_active) == (Role.APPROVER, roads.id, False)
    assert resolve_session(session, token=token, now=NOW, idle_timeout=IDLE) is None
    (taro,) = done.issued
    last_moment = dt.datetime(2027, 3, 31, 14, 59, tzinfo=dt.UTC)  # 23:59 in Japan
    assert sign_in(session, login_name="taro", password=taro.password, now=last_moment)
    with pytest.raises(SignInError):
        sign_in(session, login_name="taro", password=taro.password, now=last_moment + dt.timedelta(minutes=1))
    again = import_accounts(session, actor=administrator, rows=staff(STAFF), now=NOW)
    assert (again.created, again.changed, again.ended, again.unchanged, again.issued) == ((), (), (), 3, ())
    assert session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.action == "import_accounts")) == 1


def test_a_division_that_loses_its_people_is_named_with_what_waits_there(session, hanako, facilities, administrator):
    register(session, ordinance({"1": INSPECTION}), owner=facilities)
    scan(session)
    rows = [StaffRow(login_name="hanako", is_active=False, row=2)]
    (sentence,) = import_accounts(session, actor=administrator, rows=rows, now=NOW, dry_run=True).left_alone
    assert sentence == ("施設課: 担当者がいなくなります。要対応 1件は課の受信箱に残ります。後任を登録してください。")
    rows.append(StaffRow(login_name="taro", display_name="後任", role=Role.REVIEWER, division="施設課", row=3))
    assert import_accounts(session, actor=administrator, rows=rows, now=NOW, dry_run=True).left_alone == ()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("x,新任,係長,,施設課,,", "2行目「役割」: 「係長」"),
        ("x,新任,担当者,,施設課,来年,", "2行目「有効期限」"),
        ("x,新任,担当者,,施設課,,休み", "2行目「状態」: 「休み」"),
        (",新任,担当者,,施設課,,", "2行目「利用者ID」"),
        ("x,新任,担当者,,無い課,,", "2行目「課・室」: 「無い課」"),
        ("x,新任,担当者,,,,", "2行目「課・室」: 担当者には"),
        ("x,,担当者,,施設課,,", "2行目「氏名」"),
        ("x,新任,,,施設課,,", "2行目「役割」: 空欄"),
        ("x,新任,担当者,,施設課,,停止", "2行目「状態」: 登録のない"),
        ("x,新任,担当者,,総務課,,", "2行目「課・室」: 「総務課」: 同じ名称"),
        ("kanri,,監査,,,,", "2行目: 自分自身"),
        ("kanri,,,,,,停止", "2行目: 自分自身"),
    ],
)
def test_a_line_that_cannot_be_is_named_and_passed_over(session, facilities, administrator, line, named):
    division(session, "総務課")
    division(session, "総務課", bureau="農林部")
    rows, unread = read_accounts(f"利用者ID,氏名,役割,部局,課・室,有効期限,状態\n{line}\n".encode())
    report = import_accounts(session, actor=administrator, rows=rows, now=NOW)
    (error,) = (*unread, *report.errors)
    assert error.startswith(named)
    assert error.endswith("ください。")
    assert (report.created, report.changed, report.ended) == ((), (), ())


def test_a_login_name_stands_once_in_a_list(session):
    rows, (error,) = read_accounts("利用者ID,氏名,役割\nｈａｎａ,花子,監査\nhana,花子,監査\n".encode())
    assert [row.login_name for row in rows] == ["hana"]
    assert error.startswith("3行目「利用者ID」: 2行目にもあります。")


def test_nobody_is_put_in_a_division_before_it_begins(session, facilities, administrator):
    new = division(session, "新施設課", valid_from=dt.date(2027, 4, 1))
    rows = [StaffRow(login_name="s1", display_name="新 任", role=Role.REVIEWER, division="新施設課", row=2)]
    report = import_accounts(session, actor=administrator, rows=rows, now=NOW, dry_run=True)
    assert report.errors == (
        "2行目「課・室」: 「新施設課」: この課は令和9年4月1日に始まります。その日以後に取り込んでください。",
    )
    values = {"login_name": "s1", "display_name": "新 任", "role": Role.REVIEWER, "division_id": new.id}
    with pytest.raises(AccountError) as refused:
        create_account(session, actor=administrator, now=NOW, **values)
    assert refused.value.fault is AccountFault.NO_SUCH_DIVISION
    on_the_day = dt.datetime(2027, 3, 31, 15, 0, tzinfo=dt.UTC)
    done = import_accounts(session, actor=administrator, rows=rows, now=on_the_day)
    assert (done.errors, len(done.created)) == ((), 1)
    assert session.scalars(select(Account.division_id).where(Account.login_name == "s1")).one() == new.id


def test_a_division_that_has_ended_stands_for_its_successor_in_a_list(session, facilities, administrator):
    division(session, "管理課", valid_to=dt.date(2020, 3, 31), successor_id=facilities.id)
    rows = [StaffRow(login_name="x", display_name="新任", role=Role.REVIEWER, division="管理課", row=2)]
    report = import_accounts(session, actor=administrator, rows=rows, now=NOW)
    assert [change.what for change in report.created] == ["新任（x）: 担当者、施設課"]


def test_the_organisation_of_a_day_shows_who_was_there_then(session):
    rows = [
        DivisionRow(bureau="総務部", division="管財課", valid_to=dt.date(2020, 4, 1), successor="財産活用課", row=2),
        DivisionRow(bureau="総務部", division="財産活用課", valid_from=dt.date(2020, 4, 1), row=3),
    ]
    import_organisation(session, rows=rows, now=NOW)
    heir = queries.divisions(session, on=NOW.date())[0]
    register(session, ordinance({"1": INSPECTION}), owner=None)
    account_of(session, "x", of=session.get_one(Division, heir.division_id))
    (before,) = queries.organisation(session, on=dt.date(2020, 3, 31))
    assert (before.division, before.successor, before.people) == ("管財課", "財産活用課", 0)
    (after,) = queries.organisation(session, on=dt.date(2020, 4, 1))
    assert (after.division, after.valid_from, after.people) == ("財産活用課", dt.date(2020, 4, 1), 1)
