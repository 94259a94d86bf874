"""Import a catalogue of ordinances (題名, 番号, 公布日, 所管課): who answers for which."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.legislation import Instrument
from models.operations.audit import record
from models.operations.csv_files import cell_date, read_lines
from models.operations.import_organisation import RowChange, in_force
from models.operations.register_revision import folded_number, instrument_key, year_of
from models.organisation import Division
from regulations.review import Actor, NotPermittedError, may_import


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogRow:
    """One line of the catalogue; only the title is required. `row` counts the header as 1."""

    title: str
    law_number: str = ""
    promulgation_date: dt.date | None = None
    owner: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogReport:
    """What an import did, or would do. `matched` counts the lines whose instrument was found.

    `unmatched` and `unknown_divisions` name their rows in Japanese. An owner who is not known is
    kept as stated, for the coordinator to settle.
    """

    matched: int
    updated: tuple[RowChange, ...]
    unmatched: tuple[RowChange, ...]
    unknown_divisions: tuple[RowChange, ...]
    dry_run: bool


_COLUMNS = {
    "title": ("title", "例規名", "題名"),
    "law_number": ("law_number", "例規番号", "番号"),
    "promulgation_date": ("promulgation_date", "公布年月日", "公布日"),
    "owner": ("owner", "division", "所管", "所管課"),
}


def read_catalog_csv(data: bytes) -> tuple[list[CatalogRow], list[str]]:
    """Rows, and Japanese errors with row numbers for those that cannot be used. UTF-8 (BOM or not) or CP932."""
    lines, errors = read_lines(data, columns=_COLUMNS, required=("title", "owner"))
    rows = []
    for line in lines:
        count = len(errors)
        if not line.values["title"]:
            errors.append(f"{line.row}行目「題名」: 空欄です。例規の題名を入力してください。")
        promulgated = cell_date(line, "promulgation_date", "公布日", errors)
        if len(errors) == count:
            rows.append(
                CatalogRow(
                    title=line.values["title"],
                    law_number=line.values["law_number"],
                    promulgation_date=promulgated,
                    owner=line.values["owner"],
                    row=line.row,
                )
            )
    return rows, errors


def import_catalog(
    session: Session,
    *,
    rows: Sequence[CatalogRow],
    now: dt.datetime,
    actor: Actor | None = None,
    dry_run: bool = False,
) -> CatalogReport:
    """Set the owner of each instrument that a row names; a row without 所管課 changes nothing.

    Titles and numbers match in either numeral style, with or without date. A division that has
    ended stands for its successor. With `dry_run` nothing is written. Raises NotPermittedError.
    """
    if actor is not None and not may_import(actor):
        raise NotPermittedError(actor, "import_catalog")
    by_title: dict[str, list[Instrument]] = defaultdict(list)
    for instrument in session.scalars(select(Instrument)):
        by_title[instrument.natural_key.split("|")[0]].append(instrument)
    divisions = {division.id: division for division in session.scalars(select(Division).order_by(Division.id))}
    directory = _directory(divisions)
    matched, updated, unmatched, unknown = 0, [], [], []
    for row in rows:
        found = _matching(row, by_title)
        if len(found) != 1:
            reason = "この題名・番号の例規は取り込まれていません" if not found else "当てはまる例規が2つ以上あります"
            unmatched.append(RowChange(row=row.row, what=f"{row.row}行目「{row.title}」: {reason}。"))
            continue
        matched += 1
        owner = _division(row.owner, directory, divisions)
        if owner is None and row.owner:
            unknown.append(RowChange(row=row.row, what=f"{row.row}行目「所管課」: 「{row.owner}」は組織にありません。"))
        if row.owner and _assign(found[0], owner, row.owner, dry_run=dry_run):
            updated.append(RowChange(row=row.row, what=f"{found[0].title}: {owner.name if owner else row.owner}"))
    if updated and not dry_run:
        session.flush()
        record(
            session,
            actor_id=actor.account_id if actor else None,
            action="import_catalog",
            target_type="catalog",
            target_id="*",
            detail={"updated": [change.what for change in updated]},
            now=now,
        )
    return CatalogReport(
        matched=matched,
        updated=tuple(updated),
        unmatched=tuple(unmatched),
        unknown_divisions=tuple(unknown),
        dry_run=dry_run,
    )


def _matching(row: CatalogRow, by_title: dict[str, list[Instrument]]) -> list[Instrument]:
    """Instruments of that title, less those whose number or year says otherwise; what is not stated agrees with all."""
    title, number, year = instrument_key(
        title=row.title, law_number=row.law_number, promulgation_date=row.promulgation_date
    ).split("|")
    return [
        instrument
        for instrument in by_title.get(title, [])
        if _agree(number, folded_number(instrument.law_number))
        and _agree(year, year_of(instrument.law_number, instrument.promulgation_date))
    ]


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other


def _assign(instrument: Instrument, owner: Division | None, stated: str, *, dry_run: bool) -> bool:
    """Whether the row says something new. An owner that is set is never unset by a name that nobody knows."""
    wanted = (owner.id if owner else instrument.owner_id, stated)
    if wanted == (instrument.owner_id, instrument.owner_as_stated):
        return False
    if not dry_run:
        instrument.owner_id, instrument.owner_as_stated = wanted
    return True


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


def _division(stated: str, directory: dict[str, list[Division]], divisions: dict[int, Division]) -> Division | None:
    named = {in_force(division, divisions).id for division in directory.get(_SEPARATORS.sub("", stated), [])}
    return divisions[named.pop()] if len(named) == 1 else None
