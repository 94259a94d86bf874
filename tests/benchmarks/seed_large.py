"""`make seed-large`: a database of the size of a whole prefecture, the same at every run.

What is few is made by the operations themselves; answers and plans, which are ten thousands, are written in
bulk, row for row as `decide` and `edit_roadmap` write them (tests/models/test_seed_large.py holds them together).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from models.accounts import Account
from models.base import Base, make_engine
from models.database import database_url, minaoshi_home, session_factory, session_scope, upgrade
from models.inquiry import Inquiry, InquiryAnswer
from models.legislation import Instrument, Revision
from models.operations.answer_inquiry import accept_answer, approve_answer, return_answer, submit_answer
from models.operations.assign_groups import assign_groups
from models.operations.assign_owner import assign_joint_owners, assign_owner
from models.operations.close_inquiry import close_inquiry
from models.operations.decide_group import decide_many
from models.operations.declare_complete import declare_complete
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import draft_inquiry
from models.operations.draw_elusion_sample import draw_elusion_sample
from models.operations.errors import InquiryError
from models.operations.hand_over import hand_over, settle_handover
from models.operations.import_organisation import DivisionRow, import_organisation
from models.operations.passwords import one_time_password, set_password
from models.operations.post_message import post_message
from models.operations.record_ingest import FileOutcome, finish_ingest_run, record_file, start_ingest_run
from models.operations.record_scan import (
    FindingRecord,
    LabelRecord,
    finish_scan_run,
    record_findings,
    start_scan_run,
    unscanned_versions,
)
from models.operations.register_revision import register_revision
from models.operations.sign_in import actor_of
from models.organisation import Division
from regulations.review import Actor, Applicability, NonApplicableReason, Role
from regulations.roadmap import DelayReason, ReviewPolicy, RoadmapEntry, RoadmapProgress
from regulations.structure import ParsedOrdinance
from regulations.taxonomy import LegalBasis, load_taxonomy
from tests.benchmarks import large_texts

T = TypeVar("T")

PIPELINE = "generated-1"
_T = Base.metadata.tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything. `finished` is the share of divisions that have answered all of theirs."""

    instruments: int = 2_500
    provisions: int = 150_000
    candidates: int = 20_000
    divisions: int = 100
    amended: int = 60
    unowned: int = 40
    joint: int = 150
    handed: int = 240
    together: int = 30
    declared: int = 250
    sample: int = 200
    finished: float = 0.25
    answered: float = 0.42


LARGE = Size()


@dataclass(slots=True)
class People:
    """Accounts as actors: by division for the first two."""

    reviewers: dict[int, Actor] = field(default_factory=dict)
    approvers: dict[int, Actor] = field(default_factory=dict)
    others: dict[str, Actor] = field(default_factory=dict)

    @property
    def coordinator(self) -> Actor:
        return self.others["gyokei-1"]


def seed(
    sessions: sessionmaker[Session],
    *,
    size: Size = LARGE,
    seed: int = 1,
    password: str,
    now: dt.datetime,
    say: Callable[[str], None] = lambda _line: None,
) -> People:
    """Fill an empty, migrated database. Every account has `password`. Raises ValueError where it is not empty."""
    rng = random.Random(seed)
    began = now - dt.timedelta(days=150)
    with session_scope(sessions) as session:
        if session.scalar(select(func.count(Instrument.id))) or session.scalar(select(func.count(Account.id))):
            raise ValueError("the database is not empty")
        division_ids = _found_divisions(session, size=size, now=began)
        people = _open_accounts(session, division_ids, password=password, now=began)
    say(f"{len(division_ids)} divisions, accounts")
    parsed = list(_instruments(rng, size))
    instrument_ids = _register(sessions, parsed, now=began)
    say(f"{size.instruments} instruments, {size.provisions} provisions")
    _give_owners(sessions, rng, instrument_ids, division_ids, by=people.coordinator, size=size, now=began)
    say("owners")
    _scan(sessions, now=began)
    say("candidates and groups")
    finished = _answer(sessions, rng, people, size=size, began=began, now=now)
    say("answers and plans")
    _hold_round(
        sessions, people, finished, name="令和七年度　第一回照会", now=now - dt.timedelta(days=60), is_over=True
    )
    with session_scope(sessions) as session:
        unfinished = set(session.scalars(select(Instrument.id).where(Instrument.owner_id.not_in(finished))))
    of_unfinished = [number for number, made in enumerate(instrument_ids, 1) if made in unfinished]
    _amend(sessions, rng, parsed, of_unfinished, size=size, now=now - dt.timedelta(days=20))
    say("a round that is over, amendments")
    _hand_over(sessions, rng, people, finished, size=size, now=now - dt.timedelta(days=12))
    _decide_together(sessions, rng, people, finished, size=size, now=now - dt.timedelta(hours=5))
    say("handovers, answers for several")
    _hold_round(
        sessions, people, finished, name="令和八年度　第一回照会", now=now - dt.timedelta(days=9), is_over=False
    )
    _answer_questions(sessions, people, now=now - dt.timedelta(days=3))
    _declare(sessions, people, finished, size=size, now=now - dt.timedelta(days=2))
    with session_scope(sessions) as session:
        draw_elusion_sample(session, actor=people.coordinator, size=size.sample, seed=seed, now=now)
    say("a running round, questions, declarations, a sample")
    _optimise(sessions)
    return people


def _found_divisions(session: Session, *, size: Size, now: dt.datetime) -> list[int]:
    named = [(bureau, name) for bureau, names in large_texts.ORGANISATION.items() for name in names.split()]
    rows = [DivisionRow(bureau=bureau, division=name, row=row) for row, (bureau, name) in enumerate(named, 2)]
    import_organisation(session, rows=rows[: size.divisions], now=now)
    return list(session.scalars(select(Division.id).order_by(Division.id)))


def _open_accounts(session: Session, division_ids: Sequence[int], *, password: str, now: dt.datetime) -> People:
    """One hash for all: that everybody has the same password is what makes this a database for measuring."""
    model = Account(login_name="", display_name="", password_hash=None)
    set_password(model, password=password, must_change=False)
    divisions = {row.id: row for row in session.scalars(select(Division).order_by(Division.id))}
    bureaus = list(dict.fromkeys(row.bureau for row in divisions.values()))
    wanted: list[tuple[str, str, Role, int | None]] = []
    for number, division_id in enumerate(division_ids, 1):
        wanted.append((f"reviewer-{number:03}", "担当", Role.REVIEWER, division_id))
        wanted.append((f"approver-{number:03}", "課長", Role.APPROVER, division_id))
    for number, bureau in enumerate(bureaus, 1):
        first = next(row.id for row in divisions.values() if row.bureau == bureau)
        wanted.append((f"manager-{number:02}", "部長", Role.BUREAU_MANAGER, first))
    wanted += [(f"gyokei-{number}", "行政経営課", Role.COORDINATOR, None) for number in (1, 2, 3)]
    wanted += [("admin-1", "情報", Role.ADMINISTRATOR, None), ("kansa-1", "監査", Role.AUDITOR, None)]
    accounts = [
        Account(
            login_name=login_name,
            display_name=f"{divisions[division_id].name if division_id else name} {name}",
            role=role,
            division=divisions[division_id] if division_id else None,
            password_hash=model.password_hash,
            must_change_password=False,
        )
        for login_name, name, role, division_id in wanted
    ]
    session.add_all(accounts)
    session.flush()
    entries = [
        _audit(
            "create_account", "account", account.id, at=now, by=None,
            detail={"login_name": account.login_name, "role": account.role.value, "division_id": account.division_id},
        )
        for account in accounts
    ]  # fmt: skip
    session.execute(insert(_T["audit_entries"]), entries)
    people = People()
    for account in accounts:
        actor = actor_of(account)
        if account.role is Role.REVIEWER:
            people.reviewers[account.division_id or 0] = actor
        elif account.role is Role.APPROVER:
            people.approvers[account.division_id or 0] = actor
        else:
            people.others[account.login_name] = actor
    return people


def _instruments(rng: random.Random, size: Size) -> Iterator[ParsedOrdinance]:
    """Every instrument's text. Exactly `size.candidates` categories are in it, some two to a provision."""
    both = size.candidates // 16
    duties = set(rng.sample(range(size.provisions), size.candidates - both))
    double = set(rng.sample(sorted(duties), both))
    categories = list(large_texts.PHRASES)
    weights = (5, 6, 4, 3, 2, 4, 3)
    place = 0
    kinds = large_texts.titles(rng)
    for number, count in enumerate(large_texts.sizes(rng, instruments=size.instruments, provisions=size.provisions), 1):
        texts = []
        for position in range(place, place + count):
            found: tuple[str, ...] = ()
            if position in duties:
                first = rng.choices(categories, weights)[0]
                found = (first,)
                if position in double:
                    found = (first, rng.choice([other for other in categories if other != first]))
            texts.append(large_texts.clause(rng, found))
        place += count
        kind, title = next(kinds)
        yield large_texts.ordinance(rng, kind=kind, title=title, number=number, texts=texts)


def _register(sessions: sessionmaker[Session], parsed: Sequence[ParsedOrdinance], *, now: dt.datetime) -> list[int]:
    """Each under a file of its own in one run of ingest; the instruments' ids in the order given."""
    with session_scope(sessions) as session:
        run_id = start_ingest_run(session, source="例規集（生成）", now=now)
    ids = []
    for batch in _batches(list(enumerate(parsed, 1)), 100):
        with session_scope(sessions) as session:
            ids += [_register_one(session, one, number=number, run_id=run_id, now=now) for number, one in batch]
    with session_scope(sessions) as session:
        for number in range(1, 13):
            record_file(
                session,
                run_id=run_id,
                name=f"broken_{number:03}.xml",
                source_hash=_hash(f"broken {number}"),
                outcome=FileOutcome.QUARANTINED,
                reason_code="broken_xml",
                reason="XMLとして読めません。ファイルが途中で切れていないか確かめてください。",
            )
        finish_ingest_run(session, run_id=run_id, now=now + dt.timedelta(minutes=2))
    return ids


def _register_one(session: Session, parsed: ParsedOrdinance, *, number: int, run_id: int, now: dt.datetime) -> int:
    name, source_hash = f"{number:04}.xml", _hash(f"{number} {parsed.ordinance.enforcement_date}")
    made = register_revision(session, parsed=parsed, source_name=name, source_hash=source_hash, now=now)
    record_file(
        session,
        run_id=run_id,
        name=name,
        source_hash=source_hash,
        outcome=FileOutcome(made.outcome.value),
        revision_id=made.revision_id,
    )
    return made.instrument_id


def _give_owners(
    sessions: sessionmaker[Session],
    rng: random.Random,
    instrument_ids: Sequence[int],
    division_ids: Sequence[int],
    *,
    by: Actor,
    size: Size,
    now: dt.datetime,
) -> None:
    """Some divisions have many instruments and most have few; a few instruments have nobody."""
    weights = [1 / (rank + 12) for rank in range(len(division_ids))]
    owned = list(instrument_ids[size.unowned :])
    # Everybody has at least one, the rest falls by weight.
    leads = [*division_ids, *rng.choices(division_ids, weights, k=max(0, len(owned) - len(division_ids)))]
    joint = set(rng.sample(owned, min(size.joint, len(owned))))
    for batch in _batches(list(zip(owned, leads, strict=False)), 250):
        with session_scope(sessions) as session:
            for instrument_id, lead in batch:
                assign_owner(session, actor=by, instrument_id=instrument_id, division_id=lead, now=now)
                if instrument_id in joint:
                    others = rng.sample(division_ids, 2)
                    assign_joint_owners(
                        session, actor=by, instrument_id=instrument_id, division_ids=others[: rng.choice((1, 2))],
                        now=now,
                    )  # fmt: skip


def _scan(sessions: sessionmaker[Session], *, now: dt.datetime) -> None:
    """What `minaoshi scan` does, with a word list in place of the pipeline."""
    with session_scope(sessions) as session:
        run_id = start_scan_run(session, pipeline_version=PIPELINE, now=now)
    after = 0
    while True:
        with session_scope(sessions) as session:
            found = unscanned_versions(session, pipeline_version=PIPELINE, limit=4_000, after_id=after)
            if not found:
                finish_scan_run(session, scan_run_id=run_id, now=now + dt.timedelta(minutes=40))
                break
            record_findings(
                session,
                scan_run_id=run_id,
                pipeline_version=PIPELINE,
                findings=[_finding(row.version_id, row.text) for row in found],
                now=now,
            )
            after = found[-1].version_id
    while True:
        with session_scope(sessions) as session:
            if not assign_groups(session, limit=10_000):
                return


def _finding(version_id: int, words: str) -> FindingRecord:
    taxonomy = load_taxonomy()
    return FindingRecord(
        version_id=version_id,
        basis=(LegalBasis.LOCAL_ORDINANCE, LegalBasis.NATIONAL_LAW, LegalBasis.LOCAL_ORDINANCE)[len(words) % 3],
        labels=tuple(
            LabelRecord(
                category=category,
                regulation_type=sorted(taxonomy[category].types)[len(words) % len(taxonomy[category].types)],
                phase=1 + (len(words) % 5 == 0),
                probability=round(0.5 + (len(words) * 37 % 50) / 100, 2),
                evidence=(span,),
                reason=f"「{span[2]}」とあり、対応を義務付ける規定です。",
                rule_ids=(f"{category}.generated",),
            )
            for category, span in large_texts.found_in(words).items()
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """What answering a review item needs to know of it."""

    item_id: int
    provision_id: int
    category: str
    division_id: int
    text_hash: str
    regulation_type: int
    phase: int
    basis: LegalBasis
    is_alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer to be written."""

    item: OpenItem
    by: Actor
    at: dt.datetime
    applicability: Applicability
    reason_code: NonApplicableReason | None = None
    category: str
    regulation_type: int
    phase: int
    note: str = ""


def _answer(
    sessions: sessionmaker[Session],
    rng: random.Random,
    people: People,
    *,
    size: Size,
    began: dt.datetime,
    now: dt.datetime,
) -> set[int]:
    """Answers of all divisions; returns the divisions that have answered everything."""
    with session_scope(sessions) as session:
        items = open_items(session)
    of_division: dict[int, list[OpenItem]] = defaultdict(list)
    for item in items:
        of_division[item.division_id].append(item)
    finished = set(finished_divisions(sorted(of_division), size=size))
    given: list[list[Given]] = []
    for division_id, owned in sorted(of_division.items()):
        share = 1.0 if division_id in finished else rng.uniform(0.2, 2 * size.answered - 0.2)
        for item in owned:
            if rng.random() < share:
                given.append(_answers_to(rng, item, people, began=began, now=now))
    for rows in _batches(given, 4_000):
        with session_scope(sessions) as session:
            plans = write_answers(session, rows)
            write_plans(session, [(*plan, _entry(rng, plan[2])) for plan in plans if rng.random() < 0.6], now=now)
    return finished


def finished_divisions(division_ids: Sequence[int], *, size: Size) -> list[int]:
    """Those that have answered everything: every fourth of them."""
    every = max(1, round(1 / size.finished))
    return list(division_ids[::every])


def _answers_to(
    rng: random.Random, item: OpenItem, people: People, *, began: dt.datetime, now: dt.datetime
) -> list[Given]:
    """One answer, or, for one in five, two or three: people correct themselves and each other."""
    count = rng.choices((1, 2, 3), (80, 15, 5))[0]
    days = (now - began).days - 25
    at = began + dt.timedelta(days=rng.randrange(days), minutes=rng.randrange(480))
    given = []
    for _ in range(count):
        people_of = people.reviewers if rng.random() < 0.85 else people.approvers
        given.append(_one_answer(rng, item, by=people_of[item.division_id], at=at))
        at += dt.timedelta(minutes=rng.randrange(1, 3_000))
    return given


def _one_answer(rng: random.Random, item: OpenItem, *, by: Actor, at: dt.datetime) -> Given:
    applicability = rng.choices(list(Applicability), (55, 40, 5))[0]
    category, kind, phase = item.category, item.regulation_type, item.phase
    if applicability is Applicability.APPLICABLE and item.is_alone and rng.random() < 0.04:
        category = rng.choice([other for other in large_texts.PHRASES if other != item.category])
        kind, phase = 1, 1
    reason, note = None, ""
    if applicability is Applicability.NOT_APPLICABLE:
        reason = rng.choice(list(NonApplicableReason))
        note = "現に運用されていない規定であるため。" if reason is NonApplicableReason.OTHER else ""
    elif applicability is Applicability.UNDECIDED:
        note = "立入検査に準じて実施している運用も対象に含めてよいか、御教示ください。"
    elif rng.random() < 0.2:
        note = "運用では既に一部を電子化している。"
    return Given(
        item=item, by=by, at=at, applicability=applicability, reason_code=reason,
        category=category, regulation_type=kind, phase=phase, note=note,
    )  # fmt: skip


def _entry(rng: random.Random, phase: int) -> RoadmapEntry:
    policy = rng.choice(list(ReviewPolicy))
    original = rng.choice((2026, 2027, 2028))
    is_late = rng.random() < 0.15
    return RoadmapEntry(
        policy=policy,
        target_phase=phase if policy is ReviewPolicy.RETAIN else rng.randrange(phase, 4),
        original_year=original,
        revised_year=original + 1 if is_late else None,
        delay_reason=rng.choice(list(DelayReason)) if is_late else None,
        progress=rng.choice(list(RoadmapProgress)),
        note="県民の安全に直接関わるため、現行の方法を維持する。" if policy is ReviewPolicy.RETAIN else "",
    )


def open_items(session: Session) -> list[OpenItem]:
    """Every item that nobody has answered and somebody may, in the order of ids."""
    items, candidates = _T["review_items"], _T["candidates"]
    rows = session.execute(
        select(
            items.c.id, items.c.provision_id, items.c.category, items.c.division_id, items.c.current_text_hash,
            candidates.c.regulation_type, candidates.c.phase, candidates.c.basis,
        )
        .join(candidates, candidates.c.id == items.c.current_candidate_id)
        .where(items.c.applicability.is_(None), items.c.division_id.is_not(None), items.c.row_version == 1)
        .order_by(items.c.id)
    ).all()  # fmt: skip
    in_provision: dict[int, int] = defaultdict(int)
    for row in rows:
        in_provision[row.provision_id] += 1
    return [
        OpenItem(
            item_id=row.id,
            provision_id=row.provision_id,
            category=row.category,
            division_id=row.division_id,
            text_hash=row.current_text_hash,
            regulation_type=row.regulation_type,
            phase=row.phase,
            basis=LegalBasis(row.basis),
            is_alone=in_provision[row.provision_id] == 1,
        )
        for row in rows
    ]


def write_answers(session: Session, given: Sequence[Sequence[Given]]) -> list[tuple[int, Actor, int]]:
    """Write the answers to each item as `decide` would, one after the other.

    Returns item, person and phase of those that are now 該当: their row in the roadmap is made.
    """
    answers = [answer for answers in given for answer in answers]
    decision_ids = session.scalars(
        insert(_T["decisions"]).returning(_T["decisions"].c.id, sort_by_parameter_order=True),
        [
            {
                "review_item_id": answer.item.item_id,
                "account_id": answer.by.account_id,
                "decided_at": answer.at,
                "text_hash": answer.item.text_hash,
                "applicability": answer.applicability,
                "reason_code": answer.reason_code,
                "category": answer.category,
                "regulation_type": answer.regulation_type,
                "phase": answer.phase,
                "basis": answer.item.basis,
                "note": answer.note,
                "group_decision_id": None,
            }
            for answer in answers
        ],
    ).all()
    ids = iter(decision_ids)
    audit, standing, plans, messages, applicable = [], [], [], [], []
    for each in given:
        before, decision_id = None, 0
        for answer in each:
            decision_id = next(ids)
            audit.append(
                _audit(
                    "decide", "review_item", answer.item.item_id, at=answer.at, by=answer.by,
                    detail={"before": before, "after": answer.applicability.value,
                            "reason": answer.reason_code.value if answer.reason_code else None,
                            "decision": decision_id},
                )
            )  # fmt: skip
            before = answer.applicability.value
            if answer.applicability is Applicability.UNDECIDED and answer.note:
                messages.append(
                    {
                        "review_item_id": answer.item.item_id, "account_id": answer.by.account_id, "at": answer.at,
                        "is_answer": False, "text": answer.note,
                    }
                )  # fmt: skip
        last = each[-1]
        standing.append(
            {
                "item_id": last.item.item_id, "decision_id": decision_id, "given": last.applicability,
                "hash": last.item.text_hash, "version": 1 + len(each),
            }
        )  # fmt: skip
        if any(answer.applicability is Applicability.APPLICABLE for answer in each):
            plans.append(
                {
                    "review_item_id": last.item.item_id, "progress": RoadmapProgress.UNDETERMINED, "note": "",
                    "row_version": 1,
                }
            )  # fmt: skip
        if last.applicability is Applicability.APPLICABLE:
            applicable.append((last.item.item_id, last.by, last.phase))
    items = _T["review_items"]
    session.connection().execute(
        update(items)
        .where(items.c.id == bindparam("item_id"))
        .values(
            current_decision_id=bindparam("decision_id"),
            applicability=bindparam("given"),
            decided_text_hash=bindparam("hash"),
            row_version=bindparam("version"),
        ),
        standing,
    )
    for table, rows in (("audit_entries", audit), ("roadmap_items", plans), ("messages", messages)):
        if rows:
            session.execute(insert(_T[table]), rows)
    return applicable


def write_plans(session: Session, plans: Sequence[tuple[int, Actor, int, RoadmapEntry]], *, now: dt.datetime) -> None:
    """Save an entry for each item in a plan that nobody has edited, as `edit_roadmap` would."""
    untouched = RoadmapEntry()
    names = RoadmapEntry.__slots__
    rows, audit = [], []
    for item_id, by, _phase, entry in plans:
        values = {name: getattr(entry, name) for name in names}
        changed = {
            name: [getattr(untouched, name), value]
            for name, value in values.items()
            if value != getattr(untouched, name)
        }
        rows.append({"item_id": item_id, **{f"to_{name}": value for name, value in values.items()}})
        audit.append(_audit("edit_roadmap", "review_item", item_id, at=now, by=by, detail=changed))
    if not rows:
        return
    table = _T["roadmap_items"]
    session.connection().execute(
        update(table)
        .where(table.c.review_item_id == bindparam("item_id"))
        .values(row_version=2, **{name: bindparam(f"to_{name}") for name in names}),
        rows,
    )
    session.execute(insert(_T["audit_entries"]), audit)


def _amend(
    sessions: sessionmaker[Session],
    rng: random.Random,
    parsed: Sequence[ParsedOrdinance],
    numbers: Sequence[int],
    *,
    size: Size,
    now: dt.datetime,
) -> None:
    """A new revision of some instruments: what was answered on changed words is asked again."""
    with session_scope(sessions) as session:
        run_id = start_ingest_run(session, source="例規集（生成、改正後）", now=now)
        for number in rng.sample(numbers, min(size.amended, len(numbers))):
            after = large_texts.amended(rng, parsed[number - 1], share=0.3)
            _register_one(session, after, number=number, run_id=run_id, now=now)
        finish_ingest_run(session, run_id=run_id, now=now + dt.timedelta(seconds=40))
    _scan(sessions, now=now)


def _hold_round(
    sessions: sessionmaker[Session],
    people: People,
    finished: set[int],
    *,
    name: str,
    now: dt.datetime,
    is_over: bool,
) -> None:
    """An inquiry to all divisions. Who has finished hands its answer in, and these come to stand everywhere."""
    by = people.coordinator
    with session_scope(sessions) as session:
        inquiry_id = draft_inquiry(
            session,
            actor=by,
            name=name,
            guidance="所管する例規のアナログ規制について、候補ごとに該当・非該当を回答してください。",
            due_date=(now + dt.timedelta(days=21)).date(),
            kinds=(),
            categories=(),
            division_ids=None,
            now=now,
        )
        version = session.get_one(Inquiry, inquiry_id).row_version
        dispatch_inquiry(session, actor=by, inquiry_id=inquiry_id, expected_version=version, now=now)
    with session_scope(sessions) as session:
        rows = session.execute(
            select(InquiryAnswer.id, InquiryAnswer.division_id)
            .where(InquiryAnswer.inquiry_id == inquiry_id, InquiryAnswer.division_id.in_(finished))
            .order_by(InquiryAnswer.id)
        ).tuples()
        # 承認待ち, 確認待ち, 受理, 差戻し, and one that the head has sent back.
        for number, (answer_id, division_id) in enumerate(rows.all()):
            _take_steps(session, people, answer_id, division_id, steps=3 if is_over else number % 5, now=now)
    if is_over:
        with session_scope(sessions) as session:
            version = session.get_one(Inquiry, inquiry_id).row_version
            close_inquiry(
                session,
                actor=by,
                inquiry_id=inquiry_id,
                expected_version=version,
                even_unfinished=True,
                now=now + dt.timedelta(days=25),
            )


def _take_steps(
    session: Session, people: People, answer_id: int, division_id: int, *, steps: int, now: dt.datetime
) -> None:
    """Hand in, then by `steps`: 1 returned by the head, 2 approved, 3 accepted, 4 returned by the coordinator."""
    reviewer, head = people.reviewers[division_id], people.approvers[division_id]

    def place() -> dict[str, Any]:
        version = session.get_one(InquiryAnswer, answer_id, populate_existing=True).row_version
        return {"answer_id": answer_id, "expected_version": version, "now": now + dt.timedelta(days=5)}

    try:
        submit_answer(session, actor=reviewer, **place())
    except InquiryError:  # what came in since it finished: an amended text, a candidate handed to it
        return
    if steps == 1:
        return_answer(session, actor=head, reason="第十二条の候補について、運用を確認してください。", **place())
    if steps >= 2:
        approve_answer(session, actor=head, **place())
    if steps == 3:
        accept_answer(session, actor=people.coordinator, **place())
    if steps == 4:
        return_answer(session, actor=people.coordinator, reason="非該当とした理由を補ってください。", **place())


def _hand_over(
    sessions: sessionmaker[Session],
    rng: random.Random,
    people: People,
    finished: set[int],
    *,
    size: Size,
    now: dt.datetime,
) -> None:
    """所管外 of open candidates: to another division, or, for one in eight, to nobody in particular."""
    with session_scope(sessions) as session:
        items = [item for item in open_items(session) if item.division_id not in finished]
    busy = sorted({item.division_id for item in items})
    unclear: list[int] = []
    for batch in _batches(rng.sample(items, min(size.handed, len(items))), 60):
        with session_scope(sessions) as session:
            for item in batch:
                others = [division_id for division_id in busy if division_id != item.division_id]
                to = rng.choice(others) if others and rng.random() > 0.125 else None
                made = hand_over(
                    session,
                    actor=people.reviewers[item.division_id],
                    items={item.item_id: 1},
                    to_division_id=to,
                    reason="事務分掌の見直しにより、他の課が所管しているため。",
                    now=now,
                )
                unclear += made if to is None else ()
    with session_scope(sessions) as session:
        for handover_id in unclear[::2]:
            settle_handover(
                session,
                actor=people.coordinator,
                handover_id=handover_id,
                division_id=rng.choice(busy),
                note="事務分掌規則によりこの課の所管とします。",
                now=now,
            )


def _decide_together(
    sessions: sessionmaker[Session],
    rng: random.Random,
    people: People,
    finished: set[int],
    *,
    size: Size,
    now: dt.datetime,
) -> None:
    """One answer for several in some divisions."""
    with session_scope(sessions) as session:
        of_division: dict[int, dict[int, int]] = defaultdict(dict)
        for item in open_items(session):
            if item.division_id not in finished and item.is_alone:
                of_division[item.division_id][item.item_id] = 1
        chosen = rng.sample(sorted(of_division), min(size.together, len(of_division)))
        for division_id in chosen:
            items = dict(islice(of_division[division_id].items(), 4))
            decide_many(
                session,
                actor=people.reviewers[division_id],
                items=items,
                applicability=Applicability.NOT_APPLICABLE,
                reason_code=NonApplicableReason.MUTATIS_MUTANDIS,
                now=now,
            )


def _answer_questions(sessions: sessionmaker[Session], people: People, *, now: dt.datetime) -> None:
    """The coordinator has answered every other question."""
    items = _T["review_items"]
    with session_scope(sessions) as session:
        asked = session.scalars(
            select(items.c.id).where(items.c.applicability == Applicability.UNDECIDED.value).order_by(items.c.id)
        ).all()
        for item_id in asked[::2]:
            post_message(
                session, actor=people.coordinator, item_id=item_id, text="対象に含めて回答してください。", now=now
            )


def _declare(
    sessions: sessionmaker[Session], people: People, finished: set[int], *, size: Size, now: dt.datetime
) -> None:
    """Divisions that have answered everything have read some of their instruments to the end."""
    with session_scope(sessions) as session:
        rows = session.execute(
            select(Instrument.id, Instrument.owner_id, Revision.id)
            .join(Revision, Revision.instrument_id == Instrument.id)
            .where(Instrument.owner_id.in_(finished), Revision.is_current)
            .order_by(Instrument.id)
            .limit(size.declared)
        ).tuples()
        for instrument_id, division_id, revision_id in rows.all():
            declare_complete(
                session,
                actor=people.reviewers[division_id or 0],
                instrument_id=instrument_id,
                revision_id=revision_id,
                now=now,
            )


def _optimise(sessions: sessionmaker[Session]) -> None:
    """PostgreSQL keeps its statistics by itself, but only after a while."""
    with sessions() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(text("ANALYZE"))


def _audit(
    action: str, target_type: str, target_id: int, *, at: dt.datetime, by: Actor | None, detail: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "at": at,
        "account_id": by.account_id if by else None,
        "action": action,
        "target_type": target_type,
        "target_id": str(target_id),
        "detail": detail,
    }


def _batches(rows: Sequence[T], size: int) -> Iterator[list[T]]:
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def main(
    url: Annotated[str, typer.Option(help="database; by default that of MINAOSHI_HOME or MINAOSHI_DATABASE_URL")] = "",
    password: Annotated[str, typer.Option(help="of every account; by default a new one, which is printed")] = "",
    seed_number: Annotated[int, typer.Option("--seed")] = 1,
) -> None:
    """Fill an empty database with the candidates, answers and accounts of a whole prefecture."""
    url = url or database_url(os.environ, minaoshi_home(os.environ))
    password = password or one_time_password()
    started = time.perf_counter()
    upgrade(url)
    try:
        seed(
            session_factory(make_engine(url)),
            seed=seed_number,
            password=password,
            now=dt.datetime.now(dt.UTC),
            say=lambda line: typer.echo(f"{time.perf_counter() - started:6.1f} s  {line}"),
        )
    except ValueError as error:
        typer.echo(f"{url}: {error}. Name an empty one: MINAOSHI_HOME=... make seed-large", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{time.perf_counter() - started:6.1f} s  done")
    typer.echo(f"Sign in as reviewer-001, approver-001, manager-01, gyokei-1, admin-1, kansa-1 … with {password}")


if __name__ == "__main__":
    typer.run(main)
