"""Answers that were filled in offline: held against what stands now, and saved as `decide` does."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.answer_workbook import cells, last_answer, plan_cells
from models.operations.answer_sheets import AnswerLine, SheetError, SheetFault, read_answer_workbook
from models.operations.audit import record
from models.operations.decide import ItemAnswer, save_answers
from models.operations.edit_roadmap import save_plans
from models.operations.errors import AnswerFault
from models.operations.review_items import check_not_submitted, items_to_decide
from models.queries.answer_rows import AnswerSheetRow, answer_rows
from models.queries.visibility import items_to_answer
from models.review import Decision, ReviewItem
from regulations.answer_sheet import (
    DECISION_FIELDS,
    PLAN_FIELDS,
    fold,
    load_answer_form,
    read_category,
    read_member,
    read_phase,
    read_type,
    row_check,
)
from regulations.labels import category_label, label, phase_label, type_label
from regulations.numerals import parse_fiscal_year
from regulations.review import (
    Actor,
    Applicability,
    NonApplicableReason,
    NotPermittedError,
    Owner,
    ReviewStatus,
    may_decide,
)
from regulations.roadmap import DelayReason, ReviewPolicy, RoadmapEntry, RoadmapFault, RoadmapProgress, faults
from regulations.taxonomy import LegalBasis, load_taxonomy

__all__ = [
    "AnswerChange",
    "AnswerConflict",
    "AnswerImport",
    "AnswerLine",
    "CellChange",
    "ConflictKind",
    "SheetError",
    "SheetFault",
    "import_answers",
    "read_answer_workbook",
]

LONGEST_NOTE = 2000
"""Characters of a note, as many as the form takes."""

_LABELS = {column.field: column.label for column in load_answer_form().columns}
_FILLED_IN = (*DECISION_FIELDS, *PLAN_FIELDS)

Parsed = TypeVar("Parsed")


class ConflictKind(StrEnum):
    """What has happened to a candidate since the sheet was written."""

    ANSWERED = "answered"  # somebody has answered it
    TEXT_CHANGED = "text_changed"
    WITHDRAWN = "withdrawn"  # it is no candidate any more
    PLAN_CHANGED = "plan_changed"
    CHANGED = "changed"  # something else: it was handed over, or an answer was taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """One column before and after, in the words of the sheet."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChange:
    """What a row changes."""

    sheet: str
    row: int
    item_id: int
    title: str
    address: str
    cells: tuple[CellChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerConflict:
    """A row that was filled in for what has changed since.

    `cells` are what it would change; `now` says in words how the candidate was answered last, or where it stands.
    """

    sheet: str
    row: int
    item_id: int
    title: str
    address: str
    kind: ConflictKind
    cells: tuple[CellChange, ...]
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerImport:
    """What an import changes, or has changed where `is_written`.

    `unchanged` counts rows that say what stands already, `blank` those not filled in yet.
    """

    changes: tuple[AnswerChange, ...]
    unchanged: int
    blank: int
    conflicts: tuple[AnswerConflict, ...]
    errors: tuple[SheetError, ...]
    is_written: bool


def import_answers(
    session: Session,
    *,
    actor: Actor,
    lines: Sequence[AnswerLine],
    dry_run: bool,
    only_valid: bool = False,
    found: Sequence[SheetError] = (),
    now: dt.datetime,
) -> AnswerImport:
    """Save what was filled in, all rows in one transaction; with `dry_run` only tell what that would be.

    A row counts as filled in where its cells differ from what was written into them. While an error
    or a conflict stands, one in `found` (those of reading the file) included, nothing is written
    unless `only_valid` asks for the other rows. The same file again changes nothing. Raises
    NotPermittedError, and what `decide` raises where somebody is faster between checking and saving;
    then nothing is written.
    """
    if not may_decide(actor, Owner(division_id=actor.division_id, bureau=actor.bureau)):
        raise NotPermittedError(actor, "import_answers")
    checked = _check(session, actor, lines)
    order = {id_: place for place, id_ in enumerate((line.sheet, line.row) for line in lines)}

    def in_order(what: AnswerChange | AnswerConflict | SheetError) -> int:
        return order.get((what.sheet, what.row), -1)

    errors = (*found, *sorted(checked.errors, key=in_order))
    is_written = not dry_run and bool(checked.steps) and (only_valid or not (errors or checked.conflicts))
    if is_written:
        _save(session, actor, checked.steps, now)
        record(
            session,
            actor_id=actor.account_id,
            action="import_answers",
            target_type="division",
            target_id=actor.division_id or 0,
            detail={
                "rows": len(lines),
                "changed": sorted(step.row.item_id for step in checked.steps),
                "conflicts": len(checked.conflicts),
                "errors": len(errors),
            },
            now=now,
        )
    return AnswerImport(
        changes=tuple(sorted((_change(step) for step in checked.steps), key=in_order)),
        unchanged=checked.unchanged,
        blank=checked.blank,
        conflicts=tuple(sorted(checked.conflicts, key=in_order)),
        errors=errors,
        is_written=is_written,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What a row asks for; None where it leaves the answer, or the plan, as it is."""

    line: AnswerLine
    row: AnswerSheetRow
    answer: ItemAnswer | None
    entry: RoadmapEntry | None


@dataclass(slots=True, kw_only=True)
class _Checked:
    """What came of checking all rows."""

    steps: list[_Step] = field(default_factory=list)
    errors: list[SheetError] = field(default_factory=list)
    conflicts: list[AnswerConflict] = field(default_factory=list)
    unchanged: int = 0
    blank: int = 0

    def refuse(
        self, line: AnswerLine, fault: SheetFault | AnswerFault | RoadmapFault, name: str = "", value: str = ""
    ) -> None:
        column = _LABELS[name] if name else ""
        self.errors.append(SheetError(sheet=line.sheet, row=line.row, column=column, fault=fault, value=value))


def _check(session: Session, actor: Actor, lines: Iterable[AnswerLine]) -> _Checked:
    rows = {row.item_id: row for row in answer_rows(session, actor=actor, statuses=list(ReviewStatus))}
    checked = _Checked()
    by_item: dict[int, AnswerLine] = {}
    for line in lines:
        if (row := _row_of(line, rows, checked)) is None:
            continue
        other = by_item.setdefault(row.item_id, line)
        if other is line or not _is_touched(line):
            continue
        if not _is_touched(other):
            by_item[row.item_id] = line  # the sheet holds the candidate twice, and this is the one that was filled in
        elif any(fold(line.values.get(name, "")) != fold(other.values.get(name, "")) for name in _FILLED_IN):
            checked.refuse(line, SheetFault.TWICE, value=f"{other.sheet}!{other.row}")
    for item_id in sorted(by_item):  # the order they are locked in, so that two imports never wait for each other
        _check_row(by_item[item_id], rows[item_id], checked)
    _refuse_taken(_taken(session, actor), checked)
    return checked


def _row_of(line: AnswerLine, rows: Mapping[int, AnswerSheetRow], checked: _Checked) -> AnswerSheetRow | None:
    """The candidate that a line is about; None where it says nothing, or something of no candidate of the actor's."""
    key = fold(line.values["item_id"])
    if not key:
        if any(line.values.get(name) for name in _FILLED_IN):
            checked.refuse(line, SheetFault.NO_KEY)
        return None
    row = rows.get(int(key)) if key.isdecimal() and len(key) < 19 else None
    if row is None:
        checked.refuse(line, SheetFault.NOT_YOURS)
    elif line.values["check"].partition("-")[0] != row_check(line.values).partition("-")[0]:
        checked.refuse(line, SheetFault.MIXED_UP)
        return None
    return row


_ANSWER, _PLAN = 1, 2  # their places in the check


def _is_filled_in(line: AnswerLine, part: int) -> bool:
    """Whether somebody has changed the answer, or the plan, since the sheet was written."""
    written, stands = line.values["check"].split("-"), row_check(line.values).split("-")
    return written[part : part + 1] != stands[part : part + 1]


def _is_touched(line: AnswerLine) -> bool:
    return _is_filled_in(line, _ANSWER) or _is_filled_in(line, _PLAN)


def _check_row(line: AnswerLine, row: AnswerSheetRow, checked: _Checked) -> None:
    errors = len(checked.errors)
    has_answer, has_plan = _is_filled_in(line, _ANSWER), _is_filled_in(line, _PLAN)
    # A plan hangs on what its row says of the candidate, also where that was in it from the beginning.
    said = _answer(line, row, checked) if has_answer or (has_plan and line.values["applicability"]) else None
    entry = _entry(line, said, checked) if has_plan and len(checked.errors) == errors else None
    if len(checked.errors) > errors:
        return
    stands = _is_same(said, _answer_now(row))
    step = _Step(
        line=line,
        row=row,
        answer=said if has_answer and not stands else None,
        entry=entry if entry != (row.entry or RoadmapEntry()) else None,
    )
    if step.answer is None and step.entry is None:
        if row.is_answered or line.values["applicability"]:
            checked.unchanged += 1
        else:
            checked.blank += 1
    elif (kind := _conflict(step, stands=stands)) is not None:
        checked.conflicts.append(_conflict_of(step, kind))
    elif step.answer is not None and step.row.is_handed_in:
        checked.refuse(line, AnswerFault.ANSWER_SUBMITTED)
    else:
        checked.steps.append(step)


def _answer(line: AnswerLine, row: AnswerSheetRow, checked: _Checked) -> ItemAnswer | None:
    """What the answer's columns say; None with the faults noted where they do not say it."""
    values = line.values
    errors = len(checked.errors)
    if not values["applicability"]:
        checked.refuse(line, SheetFault.ANSWER_MISSING, "applicability")
        return None
    unknown, elsewhere = SheetFault.UNKNOWN_VALUE, SheetFault.NOT_IN_CATEGORY
    applicability = _cell(line, "applicability", lambda text: read_member(Applicability, text), unknown, checked)
    reason = None
    if values["reason_code"]:
        reason = _cell(line, "reason_code", lambda text: read_member(NonApplicableReason, text), unknown, checked)
    basis = _cell(line, "basis", lambda text: read_member(LegalBasis, text), unknown, checked)
    category = _cell(line, "category", lambda text: _category(text, row), unknown, checked)
    kind = phase = None
    if category is not None:
        kind = _cell(line, "regulation_type", lambda text: read_type(category, text), elsewhere, checked)
        phase = _cell(line, "phase", lambda text: read_phase(category, text), elsewhere, checked)
    note = values["note"]
    if len(note) > LONGEST_NOTE:
        checked.refuse(line, SheetFault.NOTE_TOO_LONG, "note")
    if applicability is Applicability.NOT_APPLICABLE:
        if not values["reason_code"]:
            checked.refuse(line, AnswerFault.REASON_REQUIRED, "reason_code")
        elif reason is NonApplicableReason.OTHER and not note:
            checked.refuse(line, AnswerFault.REASON_TEXT_REQUIRED, "note")
    elif applicability is not None and reason is not None:
        checked.refuse(line, AnswerFault.REASON_NOT_ALLOWED, "reason_code", values["reason_code"])
    if len(checked.errors) > errors:
        return None
    if applicability is None or category is None or kind is None or phase is None or basis is None:
        return None  # each has its error, which the line above has seen
    return ItemAnswer(
        expected_version=row.row_version,
        applicability=applicability,
        reason_code=reason,
        category=category,
        regulation_type=kind,
        phase=phase,
        basis=basis,
        note=note,
    )


def _cell(
    line: AnswerLine, name: str, parse: Callable[[str], Parsed | None], fault: SheetFault, checked: _Checked
) -> Parsed | None:
    """The value of a cell that must hold one; None with the fault noted where it does not."""
    text = line.values[name]
    value = parse(text) if text else None
    if value is None:
        checked.refuse(line, fault if text else SheetFault.EMPTY, name, text)
    return value


def _category(text: str, row: AnswerSheetRow) -> str | None:
    """A category in force, or the one that the row has already."""
    category = read_category(text)
    return category if category == row.category or (category and load_taxonomy()[category].enabled) else None


def _answer_now(row: AnswerSheetRow) -> ItemAnswer | None:
    """The answer on the text in force, as the sheet would say it; None where one is still waited for."""
    if row.answer is None or not row.is_answered:
        return None
    return ItemAnswer(
        expected_version=row.row_version,
        applicability=row.answer.applicability,
        reason_code=row.answer.reason_code,
        category=row.category,
        regulation_type=row.regulation_type,
        phase=row.phase,
        basis=row.basis,
        note=row.answer.note,
    )


def _is_same(one: ItemAnswer | None, other: ItemAnswer | None) -> bool:
    """Whether two answers say the same, however their notes are broken into lines."""
    if one is None or other is None:
        return one is other
    return replace(one, note=fold(one.note)) == replace(other, note=fold(other.note))


def _entry(line: AnswerLine, stated: ItemAnswer | None, checked: _Checked) -> RoadmapEntry | None:
    """What the plan's columns say beside the row's answer; None with the faults noted where they do not say it."""
    values = {name: line.values.get(name, "") for name in PLAN_FIELDS}
    if stated is None or stated.applicability is not Applicability.APPLICABLE:
        first = next((name for name in PLAN_FIELDS if values[name]), None)
        if first is not None:
            checked.refuse(line, SheetFault.PLAN_NOT_APPLICABLE, first)
        return None
    errors = len(checked.errors)

    def read(name: str, parse: Callable[[str], Parsed | None]) -> Parsed | None:
        fault = SheetFault.NOT_IN_CATEGORY if name == "target_phase" else SheetFault.UNKNOWN_VALUE
        return _cell(line, name, parse, fault, checked) if values[name] else None

    progress = read("progress", lambda text: read_member(RoadmapProgress, text))
    entry = RoadmapEntry(
        policy=read("policy", lambda text: read_member(ReviewPolicy, text)),
        target_phase=read("target_phase", lambda text: read_phase(stated.category, text)),
        original_year=read("original_year", _year),
        revised_year=read("revised_year", _year),
        delay_reason=read("delay_reason", lambda text: read_member(DelayReason, text)),
        progress=progress or RoadmapProgress.UNDETERMINED,
        note=values["plan_note"],
    )
    if len(checked.errors) > errors:
        return None  # what could not be read would only break rules as well
    if len(entry.note) > LONGEST_NOTE:
        checked.refuse(line, SheetFault.NOTE_TOO_LONG, "plan_note")
    for fault in faults(entry, current_phase=stated.phase):
        checked.refuse(line, fault, _FAULT_FIELDS[fault], values[_FAULT_FIELDS[fault]])
    return entry if len(checked.errors) == errors else None


_FAULT_FIELDS = {
    RoadmapFault.TARGET_BELOW_CURRENT: "target_phase",
    RoadmapFault.TARGET_OUT_OF_RANGE: "target_phase",
    RoadmapFault.RETAIN_NEEDS_REASON: "plan_note",
    RoadmapFault.YEAR_OUT_OF_RANGE: "original_year",
    RoadmapFault.REVISED_NEEDS_ORIGINAL: "original_year",
    RoadmapFault.DELAY_NEEDS_REASON: "delay_reason",
}


def _year(text: str) -> int | None:
    try:
        return parse_fiscal_year(text)
    except ValueError:
        return None


def _conflict(step: _Step, *, stands: bool) -> ConflictKind | None:
    """What has changed since the sheet was written, where that touches what the row asks for.

    `stands` says that the row's answer, filled in or not, is the one that counts now.
    """
    values, row = step.line.values, step.row
    if row.status is ReviewStatus.WITHDRAWN:
        return ConflictKind.WITHDRAWN
    if not stands and values["text_hash"] != row.text_hash:
        return ConflictKind.TEXT_CHANGED
    # Whatever else has changed, a new proposal say, leaves what was asked and answered as it was.
    if not stands and fold(values["decision_id"]) != str(row.decision_id or ""):
        return ConflictKind.ANSWERED if row.is_answered else ConflictKind.CHANGED
    was_empty = not values["plan_version"] and row.entry in (None, RoadmapEntry())
    if step.entry is not None and not was_empty and fold(values["plan_version"]) != str(row.plan_version or ""):
        return ConflictKind.PLAN_CHANGED
    return None


def _conflict_of(step: _Step, kind: ConflictKind) -> AnswerConflict:
    row, change = step.row, _change(step)
    return AnswerConflict(
        sheet=change.sheet,
        row=change.row,
        item_id=row.item_id,
        title=row.title,
        address=row.address,
        kind=kind,
        cells=change.cells,
        now=last_answer(row) or label(row.status),
    )


def _taken(session: Session, actor: Actor) -> defaultdict[int, dict[int, str]]:
    """For each provision with a candidate of the actor's the category of each item that is 該当, as `decide` looks."""
    taken: defaultdict[int, dict[int, str]] = defaultdict(dict)
    own = select(ReviewItem.provision_id).where(items_to_answer(actor))
    rows = session.execute(
        select(ReviewItem.provision_id, ReviewItem.id, Decision.category)
        .join(Decision, Decision.id == ReviewItem.current_decision_id)
        .where(ReviewItem.applicability == Applicability.APPLICABLE, ReviewItem.provision_id.in_(own))
    )
    for provision_id, item_id, category in rows:
        taken[provision_id][item_id] = category
    return taken


def _refuse_taken(standing: Mapping[int, Mapping[int, str]], checked: _Checked) -> None:
    """Leave out each row whose category another item of its provision has, once all are saved, as `decide` will.

    A row that is left out keeps the category it had, which may be what another row asks for: so once more.
    """
    answered = {step.row.item_id: step.answer for step in checked.steps if step.answer is not None}
    while True:
        taken = {
            provision_id: {item_id: category for item_id, category in others.items() if item_id not in answered}
            for provision_id, others in standing.items()
        }
        refused = {}
        for step in checked.steps:
            answer = answered.get(step.row.item_id)
            if answer is None or answer.applicability is not Applicability.APPLICABLE:
                continue
            of_provision = taken.setdefault(step.row.provision_id, {})
            if answer.category in of_provision.values():
                refused[step.row.item_id] = answer.category
                checked.refuse(step.line, AnswerFault.CATEGORY_TAKEN, "category", category_label(answer.category))
            else:
                of_provision[step.row.item_id] = answer.category
        if not refused:
            return
        checked.steps = [step for step in checked.steps if step.row.item_id not in refused]
        answered = {item_id: answer for item_id, answer in answered.items() if item_id not in refused}


def _change(step: _Step) -> AnswerChange:
    before, after = cells(step.row), {}
    if (answer := step.answer) is not None:
        after = {
            "applicability": label(answer.applicability),
            "reason_code": label(answer.reason_code) if answer.reason_code else "",
            "note": answer.note,
            "category": category_label(answer.category),
            "regulation_type": type_label(answer.category, answer.regulation_type),
            "phase": phase_label(answer.category, answer.phase),
            "basis": label(answer.basis),
        }
    if step.entry is not None:
        after |= plan_cells(answer.category if answer else step.row.category, step.entry)
    return AnswerChange(
        sheet=step.line.sheet,
        row=step.line.row,
        item_id=step.row.item_id,
        title=step.row.title,
        address=step.row.address,
        cells=tuple(
            CellChange(column=_LABELS[name], before=str(before.get(name, "")), after=words)
            for name, words in after.items()
            if str(before.get(name, "")) != words
        ),
    )


def _save(session: Session, actor: Actor, steps: Sequence[_Step], now: dt.datetime) -> None:
    """All answers, then the plans that hang on them."""
    found = items_to_decide(
        session, actor=actor, item_ids=[step.row.item_id for step in steps], action="import_answers"
    )
    items = {item.id: item for item in found}
    answers = [(items[step.row.item_id], step.answer) for step in steps if step.answer is not None]
    check_not_submitted(session, items=[item for item, _ in answers])
    save_answers(session, account_id=actor.account_id, answers=answers, now=now)
    # Where the answer has just made the plan's row, or brought an earlier one back, nobody else can have changed it.
    plans = [(items[step.row.item_id], step.row.plan_version, step.entry) for step in steps if step.entry is not None]
    save_plans(session, account_id=actor.account_id, plans=plans, now=now)
