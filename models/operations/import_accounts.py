"""Reconcile accounts with a list of staff (人事異動): who comes, who moves, who ends."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.operations.audit import record
from models.operations.change_account import change_account
from models.operations.create_account import (
    NEEDS_DIVISION,
    IssuedPassword,
    PreparedPassword,
    create_account,
    prepare_password,
)
from models.operations.csv_files import CsvLine, cell_date, read_lines
from models.operations.dates import japan_date
from models.operations.import_organisation import RowChange
from models.organisation import Division, heir_on
from models.review import ReviewItem
from regulations.labels import label
from regulations.numerals import format_era_date
from regulations.review import OPEN_STATUSES, Actor, NotPermittedError, Role, may_manage_accounts

Value = TypeVar("Value")

_JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """One line of the list; what is None or empty leaves the account as it is. `row` counts the heading as 1."""

    login_name: str
    display_name: str = ""
    role: Role | None = None
    bureau: str = ""
    division: str = ""
    valid_until: dt.date | None = None
    is_active: bool | None = None
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffReport:
    """What a reconciliation did, or would do; all sentences are Japanese.

    `unlisted` are accounts in use that the list does not name: they stay. `left_alone` are divisions that lose their
    last 担当者 or 承認者 by it, with what still waits there: work belongs to the division, never to a person.
    `errors` name rows that were passed over. `issued` are the one-time passwords of new accounts, kept nowhere.
    """

    created: tuple[RowChange, ...]
    changed: tuple[RowChange, ...]
    ended: tuple[RowChange, ...]
    unchanged: int
    unlisted: tuple[str, ...]
    left_alone: tuple[str, ...]
    errors: tuple[str, ...]
    issued: tuple[IssuedPassword, ...]
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What one line comes to: the account as it shall be. `account` is None for a new one."""

    row: StaffRow
    account: Account | None
    display_name: str
    role: Role
    division_id: int | None
    expires_at: dt.datetime | None
    is_active: bool


# The last of each is the one that messages name.
_COLUMNS = {
    "login_name": ("login_name", "職員番号", "ログイン名", "利用者ID"),
    "display_name": ("display_name", "職員氏名", "氏名"),
    "role": ("role", "権限", "役割"),
    "bureau": ("bureau", "部局名", "部局"),
    "division": ("division", "所属", "課", "課室", "課・室"),
    "valid_until": ("valid_until", "利用期限", "有効期限"),
    "state": ("state", "在籍", "状態"),
}
_ROLES = {label(role): role for role in Role} | {
    "課長": Role.APPROVER,
    "部局長": Role.BUREAU_MANAGER,
    "行政経営課": Role.COORDINATOR,
    "管理者": Role.ADMINISTRATOR,
}
_STATES = {"有効": True, "利用中": True, "在籍": True, "停止": False, "無効": False, "終了": False, "退職": False}


def read_accounts(data: bytes) -> tuple[list[StaffRow], list[str]]:
    """Rows of a CSV (UTF-8, CP932) or XLSX file, and Japanese errors with row numbers for those that cannot be used."""
    lines, errors = read_lines(data, columns=_COLUMNS, required=("login_name", "display_name", "role"))
    rows: list[StaffRow] = []
    first: dict[str, int] = {}
    for line in lines:
        count = len(errors)
        login_name = unicodedata.normalize("NFKC", line.values["login_name"]).strip()
        if not login_name:
            errors.append(f"{line.row}行目「利用者ID」: 空欄です。利用者IDを入力してください。")
        elif (before := first.setdefault(login_name, line.row)) != line.row:
            errors.append(f"{line.row}行目「利用者ID」: {before}行目にもあります。どちらかを削除してください。")
        role = _known(line, "role", "役割", _ROLES, errors)
        is_active = _known(line, "state", "状態", _STATES, errors)
        valid_until = cell_date(line, "valid_until", "有効期限", errors)
        if len(errors) == count:
            rows.append(
                StaffRow(
                    login_name=login_name,
                    display_name=line.values["display_name"],
                    role=role,
                    bureau=line.values["bureau"],
                    division=line.values["division"],
                    valid_until=valid_until,
                    is_active=is_active,
                    row=line.row,
                )
            )
    return rows, errors


def _known(line: CsvLine, field: str, heading: str, words: Mapping[str, Value], errors: list[str]) -> Value | None:
    stated = unicodedata.normalize("NFKC", line.values[field]).strip()
    if not stated:
        return None
    if stated not in words:
        offered = "、".join(list(words)[:6])
        errors.append(f"{line.row}行目「{heading}」: 「{stated}」は読めません。{offered}のどれかを入力してください。")
        return None
    return words[stated]


def prepare_passwords(rows: Sequence[StaffRow], rehearsed: StaffReport) -> dict[str, PreparedPassword]:
    """One-time passwords for the accounts that a rehearsal would make, by login name.

    Hashing many takes seconds, in which nobody should have to wait for the transaction.
    """
    made = {change.row for change in rehearsed.created}
    return {
        row.login_name: prepare_password(login_name=row.login_name, display_name=row.display_name)
        for row in rows
        if row.row in made
    }


def import_accounts(
    session: Session,
    *,
    actor: Actor,
    rows: Sequence[StaffRow],
    prepared: Mapping[str, PreparedPassword] | None = None,
    now: dt.datetime,
    dry_run: bool = False,
) -> StaffReport:
    """Create, change and end accounts as the list states; an empty cell changes nothing.

    A division that has ended stands for its successor; nobody is put in one before it begins. 有効期限 is the
    last day on which the account may sign in. With `dry_run` nothing is written. Raises NotPermittedError.
    """
    if not may_manage_accounts(actor):
        raise NotPermittedError(actor, "import_accounts")
    known = list(session.scalars(select(Account).order_by(Account.id).with_for_update()))
    divisions = {division.id: division for division in session.scalars(select(Division).order_by(Division.id))}
    by_login = {account.login_name: account for account in known}
    errors: list[str] = []
    plans = [
        plan
        for row in rows
        if (plan := _plan(row, by_login.get(row.login_name), divisions, errors, now=now)) is not None
        and not _shuts_out(plan, actor, errors, now=now)
    ]
    new = [plan for plan in plans if plan.account is None]
    old = [(plan, words) for plan in plans if plan.account and (words := _difference(plan, plan.account, divisions))]
    ended = [plan for plan, _ in old if plan.account and plan.account.is_active and not plan.is_active]
    listed = {row.login_name for row in rows}
    report = StaffReport(
        created=tuple(RowChange(row=plan.row.row, what=_described(plan, divisions)) for plan in new),
        changed=tuple(
            RowChange(row=plan.row.row, what=f"{_name(plan)}: {words}") for plan, words in old if plan not in ended
        ),
        ended=tuple(
            RowChange(row=plan.row.row, what=f"{_name(plan)}: {words}") for plan, words in old if plan in ended
        ),
        unchanged=len(plans) - len(new) - len(old),
        unlisted=tuple(
            f"{account.display_name}（{account.login_name}）"
            for account in known
            if account.is_active and account.login_name not in listed
        ),
        left_alone=_left_alone(session, known, plans, divisions, now=now),
        errors=tuple(errors),
        issued=() if dry_run else tuple(_create(session, actor, plan, prepared or {}, now=now) for plan in new),
        dry_run=dry_run,
    )
    if dry_run:
        return report
    for plan, _ in old:
        _change(session, actor, plan, now=now)
    if new or old:
        record(
            session,
            actor_id=actor.account_id,
            action="import_accounts",
            target_type="accounts",
            target_id="*",
            detail={"created": len(new), "changed": len(old) - len(ended), "ended": len(ended)},
            now=now,
        )
    return report


def _plan(
    row: StaffRow, account: Account | None, divisions: Mapping[int, Division], errors: list[str], *, now: dt.datetime
) -> _Plan | None:
    """The account that a line asks for; None, and an error, where it cannot be."""
    count = len(errors)
    name = row.display_name or (account.display_name if account else "")
    role = row.role or (account.role if account else None)
    division_id = account.division_id if account else None
    if row.division:
        division_id = _division(row, divisions, errors, now=now)
    if not name:
        errors.append(f"{row.row}行目「氏名」: 空欄です。新しい利用者には氏名を入力してください。")
    if role is None:
        errors.append(f"{row.row}行目「役割」: 空欄です。新しい利用者には役割を入力してください。")
    if account is None and row.is_active is False:
        errors.append(f"{row.row}行目「状態」: 登録のない利用者IDです。停止する利用者IDを確かめてください。")
    if len(errors) > count or role is None:
        return None
    if role in NEEDS_DIVISION and division_id is None:
        errors.append(f"{row.row}行目「課・室」: {label(role)}には課・室が必要です。入力してください。")
        return None
    return _Plan(
        row=row,
        account=account,
        display_name=name,
        role=role,
        division_id=division_id if role in NEEDS_DIVISION or row.division else None,
        expires_at=_end_of(row.valid_until) if row.valid_until else account.expires_at if account else None,
        is_active=row.is_active if row.is_active is not None else account.is_active if account else True,
    )


def _end_of(day: dt.date) -> dt.datetime:
    """The first moment after the day in Japan."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=_JAPAN)


def _division(row: StaffRow, divisions: Mapping[int, Division], errors: list[str], *, now: dt.datetime) -> int | None:
    named = [
        division
        for division in divisions.values()
        if division.name == row.division and (not row.bureau or division.bureau == row.bureau)
    ]
    today = japan_date(now)
    heirs = {heir_on(division, divisions, on=today).id for division in named}
    in_force = [heir_id for heir_id in heirs if divisions[heir_id].in_force(today)]
    if len(in_force) == 1:
        return in_force[0]
    to_come = [division.valid_from for division in named if division.valid_from and division.valid_from > today]
    if in_force:
        reason = "同じ名称の課が2つ以上あります。部局も入力してください"
    elif to_come:
        reason = f"この課は{format_era_date(min(to_come))}に始まります。その日以後に取り込んでください"
    else:
        reason = "この名称の課は今の組織にありません。名称を直すか、先に組織を取り込んでください"
    errors.append(f"{row.row}行目「課・室」: 「{row.bureau}{row.division}」: {reason}。")
    return None


def _shuts_out(plan: _Plan, actor: Actor, errors: list[str], *, now: dt.datetime) -> bool:
    """Whether a line would take from the actor what they need to run this; the last administrator is the actor."""
    if plan.account is None or plan.account.id != actor.account_id:
        return False
    expired = plan.expires_at is not None and plan.expires_at <= now
    if plan.role is Role.ADMINISTRATOR and plan.is_active and not expired:
        return False
    errors.append(f"{plan.row.row}行目: 自分自身は停止できず、役割も変えられません。ほかの管理者に依頼してください。")
    return True


def _difference(plan: _Plan, account: Account, divisions: Mapping[int, Division]) -> str:
    """What a line changes of an account, in words; empty where nothing."""
    parts = []
    if plan.display_name != account.display_name:
        parts.append(f"氏名 {account.display_name} → {plan.display_name}")
    if plan.role is not account.role:
        parts.append(f"役割 {label(account.role)} → {label(plan.role)}")
    if plan.division_id != account.division_id:
        parts.append(f"所属 {_of(account.division_id, divisions)} → {_of(plan.division_id, divisions)}")
    if plan.expires_at != account.expires_at:
        parts.append(f"有効期限 {_last_day(plan.expires_at)}")
    if plan.is_active != account.is_active:
        parts.append("利用を再開" if plan.is_active else "利用を停止")
    return "、".join(parts)


def _described(plan: _Plan, divisions: Mapping[int, Division]) -> str:
    division = f"、{_of(plan.division_id, divisions)}" if plan.division_id else ""
    until = f"、{_last_day(plan.expires_at)}まで" if plan.expires_at else ""
    return f"{_name(plan)}: {label(plan.role)}{division}{until}"


def _name(plan: _Plan) -> str:
    return f"{plan.display_name}（{plan.row.login_name}）"


def _of(division_id: int | None, divisions: Mapping[int, Division]) -> str:
    return divisions[division_id].name if division_id else "なし"


def _last_day(expires_at: dt.datetime | None) -> str:
    if expires_at is None:
        return "なし"
    return format_era_date((expires_at - dt.timedelta(microseconds=1)).astimezone(_JAPAN).date())


def _left_alone(
    session: Session,
    known: Iterable[Account],
    plans: Sequence[_Plan],
    divisions: Mapping[int, Division],
    *,
    now: dt.datetime,
) -> tuple[str, ...]:
    """Divisions that have a 担当者 (or 承認者) now and none afterwards, with what waits for them."""
    before = Counter((row.division_id, row.role) for row in known if _may_enter(row.is_active, row.expires_at, now))
    planned = {plan.account.id: plan for plan in plans if plan.account}
    after = Counter(
        (plan.division_id, plan.role) for plan in plans if _may_enter(plan.is_active, plan.expires_at, now)
    ) + Counter(
        (row.division_id, row.role)
        for row in known
        if row.id not in planned and _may_enter(row.is_active, row.expires_at, now)
    )
    emptied: dict[int, list[str]] = {}
    for division_id, role in before:
        if division_id and role in {Role.REVIEWER, Role.APPROVER} and not after[division_id, role]:
            emptied.setdefault(division_id, []).append(label(role))
    if not emptied:
        return ()
    waiting = dict(
        session.execute(
            select(ReviewItem.division_id, func.count())
            .where(ReviewItem.division_id.in_(emptied), ReviewItem.status.in_(OPEN_STATUSES))
            .group_by(ReviewItem.division_id)
        )
        .tuples()
        .all()
    )
    return tuple(
        f"{divisions[division_id].name}: {'・'.join(roles)}がいなくなります。要対応 {waiting.get(division_id, 0):,}件は"
        "課の受信箱に残ります。後任を登録してください。"
        for division_id, roles in sorted(emptied.items())
    )


def _may_enter(is_active: bool, expires_at: dt.datetime | None, now: dt.datetime) -> bool:
    return is_active and (expires_at is None or expires_at > now)


def _create(
    session: Session, actor: Actor, plan: _Plan, prepared: Mapping[str, PreparedPassword], *, now: dt.datetime
) -> IssuedPassword:
    return create_account(
        session,
        actor=actor,
        login_name=plan.row.login_name,
        display_name=plan.display_name,
        role=plan.role,
        division_id=plan.division_id,
        prepared=prepared.get(plan.row.login_name),
        expires_at=plan.expires_at,
        now=now,
    )


def _change(session: Session, actor: Actor, plan: _Plan, *, now: dt.datetime) -> None:
    if plan.account is not None:
        change_account(
            session,
            actor=actor,
            account_id=plan.account.id,
            display_name=plan.display_name,
            role=plan.role,
            division_id=plan.division_id,
            expires_at=plan.expires_at,
            is_active=plan.is_active,
            now=now,
        )
