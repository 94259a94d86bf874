"""Import 部局 › 局・総室 › 課・室 from a CSV file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.operations.apply_organisation_changes import apply_organisation_changes
from models.operations.audit import record
from models.operations.csv_files import CsvLine, cell_date, read_lines
from models.operations.dates import japan_date
from models.organisation import Division
from regulations.numerals import format_era_date
from regulations.review import Actor, NotPermittedError, may_import


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionRow:
    """A division as the file states it; `successor` names the one that took over. `row` counts the heading as 1."""

    bureau: str
    office: str = ""
    division: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    successor: str = ""
    row: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        return self.bureau, self.office, self.division


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """What an import does, or would do, for one row; `what` is Japanese, for a person."""

    row: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or would do. `errors` are Japanese sentences with the row; those rows are passed over."""

    created: tuple[RowChange, ...]
    updated: tuple[RowChange, ...]
    unchanged: int
    errors: tuple[str, ...]
    dry_run: bool


_COLUMNS = {
    "bureau": ("bureau", "部局"),
    "office": ("office", "局・総室", "局"),
    "division": ("division", "課・室", "課"),
    "valid_from": ("valid_from", "適用開始日", "設置日"),
    "valid_to": ("valid_to", "適用終了日", "廃止日"),
    "successor": ("successor", "承継先"),
}


def read_organisation_csv(data: bytes) -> tuple[list[DivisionRow], list[str]]:
    """Rows, and Japanese errors with row numbers for those that cannot be used. UTF-8 (BOM or not) or CP932."""
    lines, errors = read_lines(data, columns=_COLUMNS, required=("bureau", "division"))
    rows = []
    for line in lines:
        row = _division_row(line, errors)
        if row is not None:
            rows.append(row)
    return rows, errors


def _division_row(line: CsvLine, errors: list[str]) -> DivisionRow | None:
    count = len(errors)
    for field, label in (("bureau", "部局"), ("division", "課・室")):
        if not line.values[field]:
            errors.append(f"{line.row}行目「{label}」: 空欄です。名称を入力してください。")
    valid_from = cell_date(line, "valid_from", "適用開始日", errors)
    valid_to = cell_date(line, "valid_to", "適用終了日", errors)
    if valid_from and valid_to and valid_to <= valid_from:
        errors.append(f"{line.row}行目「適用終了日」: 適用開始日より後の日付にしてください。")
    if len(errors) > count:
        return None
    return DivisionRow(
        bureau=line.values["bureau"],
        office=line.values["office"],
        division=line.values["division"],
        valid_from=valid_from,
        valid_to=valid_to,
        successor=line.values["successor"],
        row=line.row,
    )


def import_organisation(
    session: Session,
    *,
    rows: Sequence[DivisionRow],
    now: dt.datetime | None = None,
    actor: Actor | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Create and update divisions by bureau, office and name; divisions that the file does not name stay as they are.

    What a division that has ended owns, holds and owes goes to its successor at once; where it ends on a day to
    come, `apply_organisation_changes` does so then. With `dry_run` nothing is written. `now` (the present by
    default) stands in the audit log, and tells what day it is in Japan. Raises NotPermittedError.
    """
    if actor is not None and not may_import(actor):
        raise NotPermittedError(actor, "import_organisation")
    now = now or dt.datetime.now(dt.UTC)
    known = {(row.bureau, row.office, row.name): row for row in session.scalars(select(Division))}
    rows, errors = _without_repeats(rows)
    names = {*known, *(row.key for row in rows)}
    successors = {row.key: _successor(row, names, errors) for row in rows if row.successor}
    begins = {key: division.valid_from for key, division in known.items()} | {row.key: row.valid_from for row in rows}
    created, updated, unchanged = [], [], 0
    for row in rows:
        division = known.get(row.key)
        changes = _changes(row, division, known, successors) if division else None
        effects = _effects(row, changes, successors.get(row.key), begins, today=japan_date(now))
        if division is None:
            created.append(RowChange(row=row.row, what=f"{_name(row)}{effects}"))
        elif changes:
            updated.append(RowChange(row=row.row, what=f"{_name(row)}: {'、'.join(changes)}{effects}"))
        else:
            unchanged += 1
    report = ImportReport(
        created=tuple(created), updated=tuple(updated), unchanged=unchanged, errors=tuple(errors), dry_run=dry_run
    )
    if dry_run:
        return report
    if created or updated:
        _write(session, rows, known, successors)
        record(
            session,
            actor_id=actor.account_id if actor else None,
            action="import_organisation",
            target_type="organisation",
            target_id="*",
            detail={"created": len(created), "updated": len(updated)},
            now=now,
        )
    apply_organisation_changes(session, actor_id=actor.account_id if actor else None, now=now)
    return report


def _write(
    session: Session,
    rows: Sequence[DivisionRow],
    known: dict[tuple[str, str, str], Division],
    successors: Mapping[tuple[str, str, str], tuple[str, str, str] | None],
) -> None:
    for row in rows:
        division = known.get(row.key)
        if division is None:
            division = Division(bureau=row.bureau, office=row.office, name=row.division)
            session.add(division)
            known[row.key] = division
        division.valid_from, division.valid_to = row.valid_from, row.valid_to
    session.flush()
    for row in rows:
        heir = successors.get(row.key)
        known[row.key].successor_id = known[heir].id if heir else None
    session.flush()


def _without_repeats(rows: Sequence[DivisionRow]) -> tuple[list[DivisionRow], list[str]]:
    first: dict[tuple[str, str, str], DivisionRow] = {}
    errors = []
    for row in rows:
        if (before := first.setdefault(row.key, row)) is not row:
            errors.append(f"{row.row}行目: {_name(row)}は{before.row}行目にもあります。どちらかを削除してください。")
    return list(first.values()), errors


def _successor(row: DivisionRow, names: set[tuple[str, str, str]], errors: list[str]) -> tuple[str, str, str] | None:
    """The division named as successor: of the same bureau if there is one, else the only one of that name."""
    named = [name for name in names if name[2] == row.successor and name != row.key]
    near = [name for name in named if name[0] == row.bureau] or named
    if len(near) == 1:
        return near[0]
    reason = "同じ名称の課が2つ以上あります。部局をそろえてください" if near else "この名称の課は組織にありません"
    errors.append(f"{row.row}行目「承継先」: 「{row.successor}」: {reason}。")
    return None


_BEGIN, _END, _HEIR = "適用開始日", "適用終了日", "承継先"


def _changes(
    row: DivisionRow,
    division: Division,
    known: dict[tuple[str, str, str], Division],
    successors: dict[tuple[str, str, str], tuple[str, str, str] | None],
) -> list[str]:
    heir_key = successors.get(row.key)
    heir = known.get(heir_key) if heir_key else None
    changes = []
    if division.valid_from != row.valid_from:
        changes.append(_BEGIN)
    if division.valid_to != row.valid_to:
        changes.append(_END)
    if division.successor_id != (heir.id if heir else None) or (heir_key and heir is None):
        changes.append(_HEIR)
    return changes


def _effects(
    row: DivisionRow,
    changes: Collection[str] | None,
    heir: tuple[str, str, str] | None,
    begins: Mapping[tuple[str, str, str], dt.date | None],
    *,
    today: dt.date,
) -> str:
    """When a row takes effect, in brackets; empty where nothing begins or goes over. `changes` None: it is new."""
    told = []
    if row.valid_from and row.valid_from > today and (changes is None or _BEGIN in changes):
        told.append(f"{format_era_date(row.valid_from)}に始まります")
    if row.valid_to and heir and (changes is None or _END in changes or _HEIR in changes):
        day = max(row.valid_to, begins[heir] or row.valid_to)
        name = heir[2] if heir[0] == row.bureau else f"{heir[0]}{heir[2]}"
        if day > today:
            told.append(f"{format_era_date(day)}に{name}へ引き継ぎます")
        elif changes is not None:  # what is new has nothing yet
            told.append(f"すぐに{name}へ引き継ぎます")
    return f"（{'、'.join(told)}）" if told else ""


def _name(row: DivisionRow) -> str:
    return "　".join(part for part in row.key if part)
