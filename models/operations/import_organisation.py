"""Import 部局 › 局・総室 › 課・室 from a CSV file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.legislation import Instrument
from models.operations.audit import record
from models.operations.csv_files import CsvLine, cell_date, read_lines
from models.organisation import Division
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
    """Create and update divisions by bureau, office and name; what a division owned goes to its successor.

    Divisions that the file does not name stay as they are. With `dry_run` nothing is written.
    `now` stands in the audit log (the present by default). Raises NotPermittedError.
    """
    if actor is not None and not may_import(actor):
        raise NotPermittedError(actor, "import_organisation")
    known = {(row.bureau, row.office, row.name): row for row in session.scalars(select(Division))}
    rows, errors = _without_repeats(rows)
    names = {*known, *(row.key for row in rows)}
    successors = {row.key: _successor(row, names, errors) for row in rows if row.successor}
    created, updated, unchanged = [], [], 0
    for row in rows:
        division = known.get(row.key)
        if division is None:
            created.append(RowChange(row=row.row, what=_name(row)))
        elif changes := _changes(row, division, known, successors):
            updated.append(RowChange(row=row.row, what=f"{_name(row)}: {'、'.join(changes)}"))
        else:
            unchanged += 1
    report = ImportReport(
        created=tuple(created), updated=tuple(updated), unchanged=unchanged, errors=tuple(errors), dry_run=dry_run
    )
    if dry_run or not (created or updated):
        return report
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
    moved = _hand_over(session)
    record(
        session,
        actor_id=actor.account_id if actor else None,
        action="import_organisation",
        target_type="organisation",
        target_id="*",
        detail={"created": len(created), "updated": len(updated), "instruments_moved": moved},
        now=now or dt.datetime.now(dt.UTC),
    )
    return report


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
        changes.append("適用開始日")
    if division.valid_to != row.valid_to:
        changes.append("適用終了日")
    if division.successor_id != (heir.id if heir else None) or (heir_key and heir is None):
        changes.append("承継先")
    return changes


def _hand_over(session: Session) -> int:
    """Give what ended divisions own to the last of their successors; the number of instruments."""
    divisions = {row.id: row for row in session.scalars(select(Division))}
    owned = session.scalars(
        select(Instrument)
        .join(Division, Division.id == Instrument.owner_id)
        .where(Division.valid_to.is_not(None), Division.successor_id.is_not(None))
    ).all()
    for instrument in owned:
        instrument.owner_id = in_force(divisions[instrument.owner_id or 0], divisions).id
    session.flush()
    return len(owned)


def in_force(division: Division, divisions: dict[int, Division]) -> Division:
    """The division that answers today: the last of the chain of successors (a chain that bites its tail is cut)."""
    passed = set()
    while division.valid_to is not None and division.successor_id is not None and division.id not in passed:
        passed.add(division.id)
        division = divisions[division.successor_id]
    return division


def _name(row: DivisionRow) -> str:
    return "　".join(part for part in row.key if part)
