"""One review item with all that a person needs to answer it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.legislation import Instrument, Provision, ProvisionVersion
from models.organisation import Division
from models.queries.instruments import WITH_OWNERS, InstrumentHead, TextRow, head_of, items_by_provision, text_row
from models.queries.marks import Mark, marks
from models.queries.visibility import visible_instruments
from models.review import Candidate, Decision, GroupDecision, ReviewItem
from regulations.comparison import similarity
from regulations.review import Actor, Applicability, NonApplicableReason, Owner, ReviewStatus
from regulations.taxonomy import LegalBasis

WINDOW = 60
"""Provisions looked at before and after the subject: enough for any article and its neighbours."""

SIMILAR_POOL = 200
SIMILAR_SHOWN = 5
SIMILAR_FROM = 0.5
"""Below half of the characters in common, in order, two clauses share little but 「ならない。」."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    """The proposal. `is_current` says that it was made on the text now shown."""

    candidate_id: int
    category: str
    regulation_type: int
    phase: int
    basis: LegalBasis
    probability: float
    reason: str
    rule_ids: tuple[str, ...]
    pipeline_version: str
    created_at: dt.datetime
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One answer, as it was given; `group_decision_id` where it was part of one for several items.

    `is_undone` says that this step was taken back: the answer counts no more.
    """

    decision_id: int
    who: str
    decided_at: dt.datetime
    applicability: Applicability
    reason_code: NonApplicableReason | None
    category: str
    regulation_type: int
    phase: int
    basis: LegalBasis
    note: str
    is_on_current_text: bool
    group_decision_id: int | None = None
    is_undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePart:
    """A provision of the article; `is_subject` marks the one that the item is about."""

    is_subject: bool
    row: TextRow


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierText:
    """The text decided on, where it has changed since (再確認)."""

    address: str
    caption: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCase:
    """A decided item of the same category with a similar text; `similarity` from 0 to 1."""

    item_id: int
    title: str
    address: str
    text: str
    applicability: Applicability
    reason_code: NonApplicableReason | None
    regulation_type: int
    phase: int
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDetail:
    """A review item. `decision` is the answer that counts, `history` all of them, the last first.

    `owner` is who answers for this item and `division` its name: where it was handed over that is not
    the instrument's. `article` is the whole article (or the run of unnumbered paragraphs) in order, `previous` and
    `following` the articles beside it. `in_force` is False where the provision is gone: then all is
    shown as the last revision that had it.
    """

    item_id: int
    row_version: int
    status: ReviewStatus
    category: str
    is_manual: bool
    is_detected: bool
    in_force: bool
    instrument: InstrumentHead
    owner: Owner
    division: str
    version_id: int
    address: str
    caption: str
    text: str
    evidence: tuple[Mark, ...]
    candidate: CandidateRow | None
    decision: DecisionRow | None
    history: tuple[DecisionRow, ...]
    article: tuple[ArticlePart, ...]
    previous: tuple[TextRow, ...]
    following: tuple[TextRow, ...]
    before: EarlierText | None
    similar: tuple[SimilarCase, ...]


def item_detail(session: Session, *, actor: Actor, item_id: int) -> ItemDetail | None:
    """The item; None where there is none that the actor may see. A fixed number of queries."""
    found = session.execute(
        select(ReviewItem, Candidate, ProvisionVersion, Instrument, Division)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .outerjoin(Candidate, Candidate.id == ReviewItem.current_candidate_id)
        .outerjoin(Division, Division.id == ReviewItem.division_id)
        .options(*WITH_OWNERS)
        .where(ReviewItem.id == item_id, visible_instruments(actor))
    ).one_or_none()
    if found is None:
        return None
    item, candidate, version, instrument, division = found
    head = head_of(instrument)
    history = _history(session, item)
    article, previous, following = _surroundings(session, version, instrument_id=instrument.id)
    return ItemDetail(
        item_id=item.id,
        row_version=item.row_version,
        status=item.status,
        category=item.category,
        is_manual=item.is_manual,
        is_detected=item.is_detected,
        in_force=item.current_text_hash is not None,
        instrument=head,
        owner=_owner(head.owner, item, division),
        division=division.name if division else head.division,
        version_id=version.id,
        address=version.address,
        caption=version.caption,
        text=version.text,
        evidence=marks(version.text, candidate.evidence, category=candidate.category) if candidate else (),
        candidate=_candidate_row(candidate, version) if candidate else None,
        decision=next((row for row in history if row.decision_id == item.current_decision_id), None),
        history=history,
        article=tuple(ArticlePart(is_subject=row.version_id == version.id, row=row) for row in article),
        previous=previous,
        following=following,
        before=_before(session, item, version),
        similar=_similar(session, item, version, actor=actor),
    )


def _owner(owner: Owner, item: ReviewItem, division: Division | None) -> Owner:
    if item.handed_to_id is None or division is None:
        return owner
    return owner.handed_to(division_id=division.id, bureau=division.bureau)


def _candidate_row(candidate: Candidate, version: ProvisionVersion) -> CandidateRow:
    return CandidateRow(
        candidate_id=candidate.id,
        category=candidate.category,
        regulation_type=candidate.regulation_type,
        phase=candidate.phase,
        basis=candidate.basis,
        probability=candidate.probability,
        reason=candidate.reason,
        rule_ids=tuple(candidate.rule_ids),
        pipeline_version=candidate.pipeline_version,
        created_at=candidate.created_at,
        is_current=candidate.text_hash == version.text_hash,
    )


def _history(session: Session, item: ReviewItem) -> tuple[DecisionRow, ...]:
    rows = session.execute(
        select(Decision, Account.display_name, GroupDecision.undone_at)
        .join(Account, Account.id == Decision.account_id)
        .outerjoin(GroupDecision, GroupDecision.id == Decision.group_decision_id)
        .where(Decision.review_item_id == item.id)
        .order_by(Decision.id.desc())
    )
    return tuple(
        DecisionRow(
            decision_id=decision.id,
            who=who,
            decided_at=decision.decided_at,
            applicability=decision.applicability,
            reason_code=decision.reason_code,
            category=decision.category,
            regulation_type=decision.regulation_type,
            phase=decision.phase,
            basis=decision.basis,
            note=decision.note,
            is_on_current_text=decision.text_hash == item.current_text_hash,
            group_decision_id=decision.group_decision_id,
            is_undone=undone_at is not None,
        )
        for decision, who, undone_at in rows
    )


Rows = tuple[TextRow, ...]


def _surroundings(session: Session, subject: ProvisionVersion, *, instrument_id: int) -> tuple[Rows, Rows, Rows]:
    near = ProvisionVersion.position.between(subject.position - WINDOW, subject.position + WINDOW)
    versions = session.scalars(
        select(ProvisionVersion)
        .where(ProvisionVersion.revision_id == subject.revision_id, near)
        .order_by(ProvisionVersion.position)
    ).all()
    articles = [[version for _, version in run] for _, run in groupby(_in_runs(versions), key=lambda pair: pair[0])]
    here = next(index for index, run in enumerate(articles) if any(version.id == subject.id for version in run))
    before, after = articles[here - 1] if here else [], articles[here + 1] if here + 1 < len(articles) else []
    shown = (articles[here], before, after)
    provision_ids = [version.provision_id for run in shown for version in run]
    items = items_by_provision(session, Provision.id.in_(provision_ids))
    article, previous, following = (
        tuple(text_row(version, items.get(version.provision_id, [])) for version in run) for run in shown
    )
    return article, previous, following


def _in_runs(versions: Sequence[ProvisionVersion]) -> list[tuple[int, ProvisionVersion]]:
    """Number the articles: a new one begins where the article's number changes, or the 附則 or 別表 it stands in.

    A table inside a paragraph carries the article's number and stays with it.
    """
    numbered: list[tuple[int, ProvisionVersion]] = []
    last: ProvisionVersion | None = None
    run = 0
    for version in versions:
        follows = last is not None and version.article == last.article
        if last is not None and not (follows and (version.article or version.label == last.label)):
            run += 1
        numbered.append((run, version))
        last = version
    return numbered


def _before(session: Session, item: ReviewItem, version: ProvisionVersion) -> EarlierText | None:
    if item.decided_text_hash is None or item.decided_text_hash == version.text_hash:
        return None
    earlier = session.scalar(
        select(ProvisionVersion)
        .where(ProvisionVersion.provision_id == item.provision_id, ProvisionVersion.text_hash == item.decided_text_hash)
        .order_by(ProvisionVersion.id.desc())
        .limit(1)
    )
    return EarlierText(address=earlier.address, caption=earlier.caption, text=earlier.text) if earlier else None


def _similar(session: Session, item: ReviewItem, version: ProvisionVersion, *, actor: Actor) -> tuple[SimilarCase, ...]:
    """Decided items of the category among those the actor may see, the latest `SIMILAR_POOL` compared."""
    pool = session.execute(
        select(ReviewItem.id, Instrument.title, ProvisionVersion.address, ProvisionVersion.text, Decision)
        .join(Decision, Decision.id == ReviewItem.current_decision_id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .where(
            visible_instruments(actor),
            ReviewItem.category == item.category,
            ReviewItem.id != item.id,
            ReviewItem.applicability.in_([Applicability.APPLICABLE, Applicability.NOT_APPLICABLE]),
            ReviewItem.decided_text_hash == ReviewItem.current_text_hash,
        )
        .order_by(Decision.id.desc())
        .limit(SIMILAR_POOL)
    )
    cases = [
        SimilarCase(
            item_id=item_id,
            title=title,
            address=address,
            text=text,
            applicability=decision.applicability,
            reason_code=decision.reason_code,
            regulation_type=decision.regulation_type,
            phase=decision.phase,
            similarity=likeness,
        )
        for item_id, title, address, text, decision in pool
        if (likeness := similarity(version.text, text)) >= SIMILAR_FROM
    ]
    return tuple(sorted(cases, key=lambda case: -case.similarity)[:SIMILAR_SHOWN])
