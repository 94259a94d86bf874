"""Take a parsed text into the system of record, as a new revision where it differs from the one in force."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import SimpleNamespace
from typing import Any

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from models.legislation import IngestedFile, Instrument, Provision, ProvisionVersion, Revision
from models.operations.audit import record
from models.operations.record_ingest import FileOutcome
from models.review import ReviewItem
from regulations.citations import ProvisionRef
from regulations.comparison import SIMILAR, ComparedProvision, Comparison, PairKind, match_provisions, similarity
from regulations.definitions import definitions, names_used
from regulations.numerals import parse_era_date
from regulations.similarity import place_in
from regulations.sources.headings import HEADS_OF_BODY
from regulations.structure import Kind, Ordinance, ParsedOrdinance, provisions
from regulations.structure import Provision as ParsedProvision
from regulations.text import normalise_for_identity

GOES_ON = 0.5
"""Share of characters from which a text of another title but the same number is the instrument, retitled.

An amendment leaves nearly all of them; two instruments that a source gives one number have the day of
enforcement in common and some stock phrases.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredRevision:
    """The revision in force after the call, and what became of the provisions of the one before.

    `carried` counts those with the same text, renumbered or not. All four are 0 where nothing changed.
    """

    instrument_id: int
    revision_id: int
    outcome: FileOutcome
    carried: int = 0
    changed: int = 0
    added: int = 0
    removed: int = 0


class EmptyRevisionError(ValueError):
    """A file without any provision, of an instrument that has some: it would wipe them all out.

    `code` and `message` (Japanese) are for the quarantine.
    """

    code = "empty_revision"

    def __init__(self, title: str) -> None:
        self.message = (
            f"「{title}」の条文が1つも読み取れません。前の版をそのまま残しました。ファイルの内容を確認してください。"
        )
        super().__init__(self.message)


def natural_key(ordinance: Ordinance) -> str:
    """Title, number and year of promulgation, folded: 条例第一三〇号 of 2022 and 令和四年条例第130号 are the same."""
    return instrument_key(
        title=ordinance.title, law_number=ordinance.law_number, promulgation_date=ordinance.promulgation_date
    )


def key_of_number(*, natural_key: str, kind: Kind, issuing_body: str) -> str:
    """Kind, issuing body, number and year, which no change of title touches; empty where one is not known.

    The prefecture itself is one body, whichever head its text names most.
    """
    _, number, year = natural_key.rsplit("|", 2)
    if not number or not year or kind is Kind.UNKNOWN:
        return ""
    body = "" if issuing_body in HEADS_OF_BODY else issuing_body
    return "|".join((kind.value, body, number, year))


_YEAR = re.compile(r"(?P<year>(?:明治|大正|昭和|平成|令和)[元0-9〇一二三四五六七八九十百]+)年")
# Without the body in front (「○○県条例」, 「条例」), which one source prints and another leaves out.
_NUMBER = re.compile(r"(?:法律|政令|省令|府令|条例|規則|告示|訓令|規程|要綱|要領)[^第]*第\d+号")
_MARKS = re.compile(r"[○◯●◎()\s]+")


def instrument_key(*, title: str, law_number: str, promulgation_date: dt.date | None) -> str:
    """`natural_key` out of its three parts: title|number|year, the last two empty where they are not known."""
    parts = (title_key(title), folded_number(law_number), year_of(law_number, promulgation_date))
    return "|".join(parts)


def folded_number(law_number: str) -> str:
    """条例第130号 for 令和四年一二月二二日条例第一三〇号 and 福島県条例第130号."""
    folded = title_key(law_number)
    found = _NUMBER.search(folded)
    return found[0] if found else folded


def title_key(text: str) -> str:
    """Widths, numerals, white space, brackets and ○ make no difference between titles, nor between numbers."""
    return _MARKS.sub("", normalise_for_identity(text))


def year_of(law_number: str, promulgation_date: dt.date | None) -> str:
    """Year of promulgation as the number states it, else of the date; empty where neither does."""
    stated = _YEAR.search(unicodedata.normalize("NFKC", law_number))
    # A number names its year but not always its day, which is all that is missing from a date.
    dated = parse_era_date(f"{stated['year']}年1月1日") if stated else promulgation_date
    return str(dated.year) if dated else ""


def register_revision(
    session: Session,
    *,
    parsed: ParsedOrdinance,
    source_name: str,
    source_hash: str,
    now: dt.datetime,
    run_id: int | None = None,
) -> RegisteredRevision:
    """Register a text; a new revision is written only where it differs from the one in force.

    Nothing is written (UNCHANGED) where the text is in force already (but addresses that were written in another
    way then), where its 施行日 is before that of the text in force, or where it was in force before and another
    file has replaced it: so a folder with two versions of one instrument may be read again and again. An earlier
    text comes back only through the file, by `source_name`, that holds the one in force.

    An instrument may change its title (題名改正) and stays the one of its kind, body, number and year, with its
    decisions, as long as its text goes on (`GOES_ON`) and was not new in the same run `run_id` itself; the text
    that it had under a former title is known as its own in any run. A text without a number, or with another
    one (全部改正), is known by its title and number together.

    A new revision carries the identity of provisions on (`regulations.comparison`), and review
    items learn the new text; decisions are not touched. What detection would see as before counts as
    scanned; not so a provision whose instrument has another title, or defines anew what it cites.
    Raises EmptyRevisionError.
    """
    ordinance = replace(
        parsed.ordinance,
        title=_clean(parsed.ordinance.title),
        law_number=_clean(parsed.ordinance.law_number),
        issuing_body=_clean(parsed.ordinance.issuing_body),
    )
    found = provisions(ordinance)
    rows = [_row(position, each) for position, each in enumerate(found)]
    content_hash = _content_hash(ordinance, rows, [each.ref for each in found])
    instrument = _find(session, ordinance, rows, content_hash, run_id)
    earlier = _revisions(session, instrument) if instrument else []
    current = next((revision for revision in earlier if revision.is_current), None)
    if instrument is not None and current is not None:
        if current.content_hash == content_hash:
            _cite_anew(session, current, rows)
        if _is_known(content_hash, ordinance, source_name, current=current, earlier=earlier):
            return RegisteredRevision(
                instrument_id=instrument.id, revision_id=current.id, outcome=FileOutcome.UNCHANGED
            )
        if not rows:
            raise EmptyRevisionError(ordinance.title)
    former = instrument.title if instrument else None
    heading = (former, instrument.kind) if instrument else None
    instrument = _describe(session, instrument, ordinance)
    if current is not None:
        current.is_current = False
    revision = Revision(
        instrument_id=instrument.id,
        sequence=len(earlier) + 1,
        is_current=True,
        source_name=source_name,
        source_format=parsed.format,
        source_hash=source_hash,
        content_hash=content_hash,
        enforcement_date=ordinance.enforcement_date,
        ingested_at=now,
        diagnostics=[
            {name: _clean(value) if isinstance(value, str) else value for name, value in asdict(diagnostic).items()}
            for diagnostic in parsed.diagnostics
        ],
    )
    session.add(revision)
    session.flush()
    is_named_as_before = heading == (instrument.title, instrument.kind)
    comparison = _write_provisions(
        session, revision, previous=current, rows=rows, is_named_as_before=is_named_as_before
    )
    counts = Counter(pair.kind for pair in comparison.pairs)
    registered = RegisteredRevision(
        instrument_id=instrument.id,
        revision_id=revision.id,
        outcome=FileOutcome.CHANGED if current else FileOutcome.CREATED,
        carried=counts[PairKind.SAME] + counts[PairKind.RENUMBERED],
        changed=counts[PairKind.CHANGED],
        added=len(comparison.added),
        removed=len(comparison.removed),
    )
    record(
        session,
        actor_id=None,
        action="register_revision",
        target_type="instrument",
        target_id=instrument.id,
        detail={
            "source": source_name,
            **asdict(registered),
            **({"title": instrument.title, "former_title": former} if former not in (None, instrument.title) else {}),
        },
        now=now,
    )
    return registered


def _clean(text: str) -> str:
    """PostgreSQL refuses the character NUL, which says nothing anyway."""
    return text.replace("\0", "")


def _row(position: int, found: ParsedProvision) -> dict[str, Any]:
    found = replace(found, text=_clean(found.text))
    return {
        "position": position,
        "section": found.ref.section,
        "label": _clean(found.ref.label),
        "article": _clean(found.ref.article),
        "paragraph": _clean(found.ref.paragraph),
        "address": _clean(str(found.ref)),
        "caption": _clean(found.caption),
        "text": found.text,
        "text_hash": found.text_hash,
    }


def _content_hash(ordinance: Ordinance, rows: Sequence[Mapping[str, Any]], refs: Sequence[ProvisionRef]) -> str:
    """SHA-256 over all that a reader of the text sees; `position` is in the order.

    Addresses count with every 項, as they were before only 項 were left out of them: revisions registered
    since the beginning go on having the hash of their text.
    """
    in_full = (
        {**row, "address": _clean(str(replace(ref, is_sole_paragraph=False)))}
        for row, ref in zip(rows, refs, strict=True)
    )
    seen = [ordinance.title, ordinance.law_number, *(list(row.values()) for row in in_full)]
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()


def _find(
    session: Session, ordinance: Ordinance, rows: Sequence[Mapping[str, Any]], content_hash: str, run_id: int | None
) -> Instrument | None:
    """The instrument of a text, locked; one that differs only by a year unknown on either side counts.

    Where none has its title, the one of its number whose text it goes on with: the title has changed (題名改正).
    """
    key = natural_key(ordinance)
    exact = select(Instrument).where(Instrument.natural_key == key).with_for_update()
    found = session.scalar(exact)
    stem, year = key.rsplit("|", 1)
    if found is not None or stem.endswith("|"):  # title alone, without a number: nothing to be lenient about
        return found
    pattern = Instrument.natural_key.startswith(f"{stem}|", autoescape=True)
    near = session.scalars(select(Instrument).where(pattern).with_for_update()).all()
    undated = [instrument for instrument in near if not year or instrument.natural_key.endswith("|")]
    return undated[0] if len(undated) == 1 else _find_retitled(session, ordinance, rows, content_hash, run_id)


def _find_retitled(
    session: Session, ordinance: Ordinance, rows: Sequence[Mapping[str, Any]], content_hash: str, run_id: int | None
) -> Instrument | None:
    key = key_of_number(natural_key=natural_key(ordinance), kind=ordinance.kind, issuing_body=ordinance.issuing_body)
    if not key:
        return None
    of_number = select(Instrument).where(Instrument.number_key == key).order_by(Instrument.id).with_for_update()
    # The file of a former title may be read after that of the new one, in the night that brings the new one.
    had_it = exists().where(Revision.instrument_id == Instrument.id, Revision.content_hash == content_hash)
    if (found := session.scalars(of_number.where(had_it)).first()) is not None:
        return found
    # Two texts that are new in one run are two instruments: to mistake one for the other would hide its text.
    new_in_run = (
        select(Revision.instrument_id)
        .join(IngestedFile, IngestedFile.revision_id == Revision.id)
        .where(IngestedFile.run_id == run_id, IngestedFile.outcome.in_([FileOutcome.CREATED, FileOutcome.CHANGED]))
    )
    place = place_in(ordinance.title)
    kept = {
        instrument: _kept(session, instrument, rows)
        for instrument in session.scalars(of_number.where(Instrument.id.not_in(new_in_run))).all()
        # Where several bodies share a database, their instruments of one number may be alike to the word.
        if not place or place_in(instrument.title) in ("", place)
    }
    closest = max(kept, key=lambda instrument: kept[instrument], default=None)
    return closest if closest is not None and kept[closest] >= GOES_ON else None


def _kept(session: Session, instrument: Instrument, rows: Sequence[Mapping[str, Any]]) -> float:
    """Share of the characters of the text in force that stand in the new one too, amended or not: 0 to 1."""
    revisions = _revisions(session, instrument)
    before = _versions(session, next((revision for revision in revisions if revision.is_current), None))
    comparison = _comparison(before, rows)
    kept = sum(
        len(pair.before.text)
        for pair in comparison.pairs
        if pair.kind is not PairKind.CHANGED or similarity(pair.before.text, pair.after.text) >= SIMILAR
    )
    length = sum(len(version.text) for version in before.values())
    return kept / length if length else 0.0


def _describe(session: Session, instrument: Instrument | None, ordinance: Ordinance) -> Instrument:
    if instrument is None:
        instrument = Instrument(natural_key=natural_key(ordinance), owner_as_stated="")
        session.add(instrument)
    elif title_key(instrument.title) != (title := title_key(ordinance.title)):
        others = [former for former in instrument.former_titles.splitlines() if title_key(former) != title]
        instrument.former_titles = "\n".join([*others, instrument.title])
        instrument.natural_key = natural_key(ordinance)
    elif instrument.natural_key.endswith("|"):
        instrument.natural_key = natural_key(ordinance)  # the year, where this text is the first to tell it
    instrument.title, instrument.law_number = ordinance.title, ordinance.law_number
    instrument.issuing_body = ordinance.issuing_body
    if ordinance.kind is not Kind.UNKNOWN or instrument.kind is None:  # else the catalogue may have told it
        instrument.kind = ordinance.kind
    instrument.promulgation_date = ordinance.promulgation_date or instrument.promulgation_date
    know_by_number(instrument)
    session.flush()
    return instrument


def know_by_number(instrument: Instrument) -> None:
    """Tell `number_key` anew, after title, number, kind or body were written; one that was known is not lost."""
    key = key_of_number(natural_key=instrument.natural_key, kind=instrument.kind, issuing_body=instrument.issuing_body)
    instrument.number_key = key or instrument.number_key or ""


def _revisions(session: Session, instrument: Instrument) -> Sequence[Revision]:
    return session.scalars(select(Revision).where(Revision.instrument_id == instrument.id)).all()


def _is_known(
    content_hash: str, ordinance: Ordinance, source_name: str, *, current: Revision, earlier: Sequence[Revision]
) -> bool:
    if current.content_hash == content_hash:
        return True
    if (
        ordinance.enforcement_date
        and current.enforcement_date
        and ordinance.enforcement_date < current.enforcement_date
    ):
        return True
    was_in_force = any(revision.content_hash == content_hash for revision in earlier)
    return was_in_force and current.source_name != source_name


def _cite_anew(session: Session, revision: Revision, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set right the addresses of a text that is the same, where they were written in another way then."""
    of_revision = (
        select(ProvisionVersion.id, ProvisionVersion.position, ProvisionVersion.address)
        .where(ProvisionVersion.revision_id == revision.id)
        .order_by(ProvisionVersion.position)
    )
    changed = [
        {"id": version_id, "address": rows[position]["address"]}
        for version_id, position, address in session.execute(of_revision)
        if address != rows[position]["address"]
    ]
    if changed:
        session.execute(update(ProvisionVersion), changed)


def _write_provisions(
    session: Session,
    revision: Revision,
    *,
    previous: Revision | None,
    rows: Sequence[Mapping[str, Any]],
    is_named_as_before: bool,
) -> Comparison:
    """Write the versions of a revision, each on an identity of before or a new one."""
    before = _versions(session, previous)
    comparison = _comparison(before, rows)
    identities = {pair.after.key: before[pair.before.key].provision_id for pair in comparison.pairs}
    scanned = _scanned(before, rows, comparison) if is_named_as_before else {}
    identities |= _revived(session, revision.instrument_id, comparison)
    new = [row["position"] for row in rows if row["position"] not in identities]
    if new:
        made = session.scalars(
            insert(Provision).returning(Provision.id, sort_by_parameter_order=True),
            [{"instrument_id": revision.instrument_id} for _ in new],
        )
        identities |= dict(zip(new, made, strict=True))
    if rows:
        session.execute(
            insert(ProvisionVersion),
            [
                {
                    **row,
                    "revision_id": revision.id,
                    "provision_id": identities[row["position"]],
                    "scanned_by": scanned.get(row["position"]),
                }
                for row in rows
            ],
        )
    _point_to_current_text(session, revision)
    return comparison


def _comparison(before: Mapping[int, ProvisionVersion], rows: Sequence[Mapping[str, Any]]) -> Comparison:
    return match_provisions(
        [_compared(version, key=version.id) for version in before.values()],
        [_compared(SimpleNamespace(**row), key=row["position"]) for row in rows],
    )


def _scanned(
    before: Mapping[int, ProvisionVersion], rows: Sequence[Mapping[str, Any]], comparison: Comparison
) -> dict[int, str | None]:
    """Position -> who has scanned a provision that detection would see as it was: words, caption, names defined."""
    earlier = definitions(version.text for version in before.values())
    later = definitions(row["text"] for row in rows)
    found = {}
    for pair in comparison.pairs:
        old, new = before[pair.before.key], rows[pair.after.key]
        if (old.text, old.caption, names_used(old.text, earlier)) == (
            *(new["text"], new["caption"]),
            names_used(new["text"], later),
        ):
            found[pair.after.key] = old.scanned_by
    return found


def _versions(session: Session, revision: Revision | None) -> dict[int, ProvisionVersion]:
    if revision is None:
        return {}
    statement = select(ProvisionVersion).where(ProvisionVersion.revision_id == revision.id)
    return {version.id: version for version in session.scalars(statement.order_by(ProvisionVersion.position))}


def _compared(version: Any, *, key: int) -> ComparedProvision:
    return ComparedProvision(
        key=key,
        section=version.section,
        label=version.label,
        article=version.article,
        paragraph=version.paragraph,
        text=version.text,
        text_hash=version.text_hash,
    )


def _revived(session: Session, instrument_id: int, comparison: Comparison) -> dict[int, int]:
    """What was removed earlier and comes back in the same words is the provision it was: position -> identity."""
    gone = session.execute(
        select(ProvisionVersion.text_hash, Provision.id)
        .join(Provision, Provision.latest_version_id == ProvisionVersion.id)
        .where(Provision.instrument_id == instrument_id, Provision.current_text_hash.is_(None))
        .order_by(Provision.id)
    )
    left: dict[str, list[int]] = {}
    for text_hash, provision_id in gone:
        left.setdefault(text_hash, []).append(provision_id)
    return {added.key: left[added.text_hash].pop(0) for added in comparison.added if left.get(added.text_hash)}


def _point_to_current_text(session: Session, revision: Revision) -> None:
    """Repeat on identities and review items what the new revision says of them.

    An item whose text changed gets a new `row_version`: an answer that somebody is giving to the
    text of before must not be saved for the new one.
    """
    of_instrument = Provision.instrument_id == revision.instrument_id
    in_revision = ProvisionVersion.revision_id == revision.id
    in_force = select(ProvisionVersion.provision_id).where(in_revision)
    # Neither asks anything for each provision anew, which would cost the square of their number.
    for statement in (
        update(Provision).where(of_instrument, Provision.id.not_in(in_force)).values(current_text_hash=None),
        update(Provision)
        .where(in_revision, ProvisionVersion.provision_id == Provision.id)
        .values(current_text_hash=ProvisionVersion.text_hash, latest_version_id=ProvisionVersion.id),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
    text_hash = select(Provision.current_text_hash).where(Provision.id == ReviewItem.provision_id).scalar_subquery()
    session.execute(
        update(ReviewItem)
        .where(
            ReviewItem.provision_id.in_(select(Provision.id).where(of_instrument)),
            ReviewItem.current_text_hash.is_distinct_from(text_hash),
        )
        .values(current_text_hash=text_hash, row_version=ReviewItem.row_version + 1),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()
