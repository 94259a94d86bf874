"""Import a catalogue of ordinances (題名, 番号, 公布日, 所管課, 施行日, 種別): who answers for which."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Base
from models.legislation import Instrument, Provision, Revision
from models.operations.audit import record
from models.operations.csv_files import CsvLine, cell_date, read_lines
from models.operations.dates import japan_date
from models.operations.import_organisation import RowChange
from models.operations.ownership import set_lead
from models.operations.register_revision import folded_number, instrument_key, know_by_number, title_key, year_of
from models.operations.resume_answers import resume_answers
from models.organisation import Division, heir_on
from models.review import ReviewItem
from regulations.inquiry import Arrival
from regulations.labels import label
from regulations.numerals import format_era_date
from regulations.review import Actor, NotPermittedError, may_import
from regulations.structure import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogRow:
    """One line of the catalogue; only the title is required. `row` counts the header as 1."""

    title: str
    law_number: str = ""
    promulgation_date: dt.date | None = None
    owner: str = ""
    enforcement_date: dt.date | None = None
    kind: Kind | None = None
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogReport:
    """What an import did, or would do. `matched` counts the lines whose instrument was found.

    `unmatched` are lines without an instrument and `unlisted` local instruments without a line;
    `conflicts` are lines that say otherwise than the text or another line, which is believed. All are
    Japanese. An owner who is not known is kept as stated, for the coordinator to settle.
    """

    matched: int
    updated: tuple[RowChange, ...]
    unmatched: tuple[RowChange, ...]
    unknown_divisions: tuple[RowChange, ...]
    unlisted: tuple[str, ...] = ()
    conflicts: tuple[RowChange, ...] = ()
    dry_run: bool


# The last of each is the one that messages name.
_COLUMNS = {
    "title": ("title", "名称", "件名", "例規名称", "例規名", "題名"),
    "law_number": ("law_number", "法令番号", "条例番号", "公布番号", "例規番号", "番号"),
    "promulgation_date": ("promulgation_date", "制定年月日", "制定日", "公布年月日", "公布日"),
    "owner": ("owner", "division", "主管課", "担当課", "所管課室", "所管課・室", "所管", "所管課"),
    "enforcement_date": ("enforcement_date", "施行年月日", "施行日"),
    "kind": ("kind", "種類", "例規種別", "種別"),
}
_KINDS = {label(kind): kind for kind in Kind if kind is not Kind.UNKNOWN} | {
    "要綱": Kind.GUIDELINES,
    "要領": Kind.GUIDELINES,
}


def read_catalog(data: bytes) -> tuple[list[CatalogRow], list[str]]:
    """Rows of a CSV (UTF-8, CP932) or XLSX file, and Japanese errors with row numbers for those that cannot be used."""
    lines, errors = read_lines(data, columns=_COLUMNS, required=("title", "owner"))
    rows = []
    for line in lines:
        count = len(errors)
        if not line.values["title"]:
            errors.append(f"{line.row}行目「題名」: 空欄です。例規の題名を入力してください。")
        promulgated = cell_date(line, "promulgation_date", "公布日", errors)
        enforced = cell_date(line, "enforcement_date", "施行日", errors)
        kind = _kind(line, errors)
        if len(errors) == count:
            rows.append(
                CatalogRow(
                    title=line.values["title"],
                    law_number=line.values["law_number"],
                    promulgation_date=promulgated,
                    owner=line.values["owner"],
                    enforcement_date=enforced,
                    kind=kind,
                    row=line.row,
                )
            )
    return rows, errors


def _kind(line: CsvLine, errors: list[str]) -> Kind | None:
    """The kind that 規則（教育委員会） names; None where the cell is empty, or names none and so is an error."""
    stated = line.values["kind"]
    named = next((_KINDS[word] for word in sorted(_KINDS, key=len, reverse=True) if word in stated), None)
    if stated and named is None:
        errors.append(
            f"{line.row}行目「種別」: 「{stated}」は読めません。条例、規則、告示、訓令などで入力してください。"
        )
    return named


def import_catalog(
    session: Session,
    *,
    rows: Sequence[CatalogRow],
    now: dt.datetime,
    actor: Actor | None = None,
    dry_run: bool = False,
) -> CatalogReport:
    """Set the owner of each instrument that a row names; an empty cell changes nothing.

    Titles and numbers match in either numeral style, with or without date; a former title (題名改正) only
    together with the number, where no instrument has that title now. A division that has
    ended stands for its successor; one yet to begin gets nothing before its day. 種別 and 施行日 are taken
    where the text itself does not tell them. What was handed in to a running inquiry goes back where candidates
    come to its division so. With `dry_run` nothing is written. Raises NotPermittedError.
    """
    if actor is not None and not may_import(actor):
        raise NotPermittedError(actor, "import_catalog")
    actor_id = actor.account_id if actor else None
    by_title: dict[str, list[Instrument]] = defaultdict(list)
    by_former_title: dict[str, list[Instrument]] = defaultdict(list)
    for instrument in session.scalars(select(Instrument).order_by(Instrument.id)):
        by_title[instrument.natural_key.rsplit("|", 2)[0]].append(instrument)
        for former in instrument.former_titles.splitlines():
            by_former_title[title_key(former)].append(instrument)
    divisions = {division.id: division for division in session.scalars(select(Division).order_by(Division.id))}
    directory = _directory(divisions)
    undated = _undated(session)
    updated, unmatched, unknown, conflicts = [], [], [], []
    listed: dict[int, CatalogRow] = {}
    given: list[int] = []
    for row in rows:
        found = _matching(row, by_title, by_former_title)
        if len(found) != 1:
            reason = "この題名・番号の例規は取り込まれていません" if not found else "当てはまる例規が2つ以上あります"
            unmatched.append(RowChange(row=row.row, what=f"{row.row}行目「{row.title}」: {reason}。"))
            continue
        instrument = found[0]
        first = listed.setdefault(instrument.id, row)
        if first.owner != row.owner:
            conflicts.append(
                RowChange(row=row.row, what=f"{row.row}行目「所管課」: 同じ例規の{first.row}行目と違います。")
            )
            continue
        owner, reason = _division(row.owner, directory, divisions, on=japan_date(now))
        if owner is None and row.owner:
            unknown.append(RowChange(row=row.row, what=f"{row.row}行目「所管課」: 「{row.owner}」{reason}。"))
        if row.kind and instrument.kind not in {row.kind, Kind.UNKNOWN}:
            stated, read = label(row.kind), label(instrument.kind)
            what = f"{row.row}行目「種別」: 目録では{stated}ですが、本文の番号から{read}としました。"
            conflicts.append(RowChange(row=row.row, what=what))
        changes = _changes(session, row, instrument, owner, undated.get(instrument.id), now=now)
        if changes:
            said = "、".join(change for change, _ in changes)
            updated.append(RowChange(row=row.row, what=f"{instrument.title}: {said}"))
            before = instrument.owner_id
            for _, write in changes if not dry_run else ():
                write()
            if instrument.owner_id != before:
                given.append(instrument.id)
    if updated and not dry_run:
        session.flush()
        record(
            session,
            actor_id=actor_id,
            action="import_catalog",
            target_type="catalog",
            target_id="*",
            detail={"updated": [change.what for change in updated]},
            now=now,
        )
        provisions = select(Provision.id).where(Provision.instrument_id.in_(given))
        moved = ReviewItem.provision_id.in_(provisions)
        resume_answers(session, arrival=Arrival.CATALOG, actor_id=actor_id, moved=moved, now=now)
    return CatalogReport(
        matched=len(rows) - len(unmatched),
        updated=tuple(updated),
        unmatched=tuple(unmatched),
        unknown_divisions=tuple(unknown),
        unlisted=tuple(
            f"{instrument.title}（{instrument.law_number or '番号なし'}）"
            for same in by_title.values()
            for instrument in same
            if instrument.id not in listed and not instrument.kind.is_national
        ),
        conflicts=tuple(conflicts),
        dry_run=dry_run,
    )


def _undated(session: Session) -> dict[int, Revision]:
    """Revisions in force whose text does not tell its 施行日, by instrument."""
    statement = select(Revision).where(Revision.is_current, Revision.enforcement_date.is_(None))
    return {revision.instrument_id: revision for revision in session.scalars(statement)}


def _changes(
    session: Session,
    row: CatalogRow,
    instrument: Instrument,
    owner: Division | None,
    undated: Revision | None,
    *,
    now: dt.datetime,
) -> list[tuple[str, Callable[[], None]]]:
    """What a row says that is new: in Japanese, and how to write it."""
    changes: list[tuple[str, Callable[[], None]]] = []
    # An owner that is set is never unset by a name that nobody knows.
    owner_id = owner.id if owner else instrument.owner_id
    if row.owner and (owner_id, row.owner) != (instrument.owner_id, instrument.owner_as_stated):
        named = owner.name if owner else row.owner
        changes.append((named, partial(_write_owner, session, row, instrument, owner_id, now=now)))
    if row.kind and instrument.kind is Kind.UNKNOWN:
        changes.append((f"種別 {label(row.kind)}", partial(_write_kind, instrument, row.kind)))
    if row.enforcement_date and undated is not None:
        date = row.enforcement_date
        changes.append((f"施行日 {format_era_date(date)}", partial(_write, undated, enforcement_date=date)))
    return changes


def _write_owner(
    session: Session, row: CatalogRow, instrument: Instrument, owner_id: int | None, *, now: dt.datetime
) -> None:
    instrument.owner_as_stated = row.owner
    if owner_id != instrument.owner_id:
        set_lead(session, instrument=instrument, division_id=owner_id, now=now)


def _write_kind(instrument: Instrument, kind: Kind) -> None:
    instrument.kind = kind
    know_by_number(instrument)


def _write(target: Base, **values: object) -> None:
    for name, value in values.items():
        setattr(target, name, value)


def _matching(
    row: CatalogRow, by_title: dict[str, list[Instrument]], by_former_title: dict[str, list[Instrument]]
) -> list[Instrument]:
    """Instruments of that title, less those whose number or year says otherwise; what is not stated agrees with all.

    Where there are none, those of its number that had the title before.
    """
    title, number, year = instrument_key(
        title=row.title, law_number=row.law_number, promulgation_date=row.promulgation_date
    ).rsplit("|", 2)

    def agreeing(instruments: Sequence[Instrument]) -> list[Instrument]:
        return [
            instrument
            for instrument in instruments
            if _agree(number, folded_number(instrument.law_number))
            and _agree(year, year_of(instrument.law_number, instrument.promulgation_date))
        ]

    found = agreeing(by_title.get(title, []))
    if found or not number:
        return found
    return [instrument for instrument in agreeing(by_former_title.get(title, [])) if instrument.law_number]


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other


_SEPARATORS = re.compile(r"[\s/／›＞>・]+")


def _directory(divisions: dict[int, Division]) -> dict[str, list[Division]]:
    """Divisions by every way of writing them: 行政経営課, 総務部行政経営課, with 局・総室 between or not."""
    found: dict[str, list[Division]] = defaultdict(list)
    for division in divisions.values():
        ways = {
            division.name,
            division.bureau + division.name,
            division.office + division.name,
            division.bureau + division.office + division.name,
        }
        for way in ways:
            found[_SEPARATORS.sub("", way)].append(division)
    return found


def _division(
    stated: str, directory: dict[str, list[Division]], divisions: dict[int, Division], *, on: dt.date
) -> tuple[Division | None, str]:
    """The division of that name that answers on a day; otherwise None, and what is wrong with the name."""
    named = directory.get(_SEPARATORS.sub("", stated), [])
    heirs = {heir.id: heir for heir in (heir_on(division, divisions, on=on) for division in named)}
    # One that moves to another bureau stands twice under one name: of these, the one that has begun.
    begun = [heir for heir in heirs.values() if heir.has_begun(on)]
    if len(begun) == 1:
        return begun[0], ""
    days = [heir.valid_from for heir in heirs.values() if heir.valid_from and not begun]
    if days:
        return (
            None,
            f"は{format_era_date(min(days))}に始まる課です。その日以後に取り込むか、例規の所管で割り当ててください",
        )
    return None, "は組織にありません"
