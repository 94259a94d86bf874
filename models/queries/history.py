"""The log of every operation (履歴), and the part of it that a division's own work is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select, true
from sqlalchemy.orm import Session

from models.accounts import Account
from models.inquiry import Inquiry, InquiryAnswer, InquiryEvent
from models.legislation import Instrument, Provision, ProvisionVersion
from models.organisation import Division
from models.queries.visibility import divisions_of, visible_instruments
from models.review import AuditEntry, Decision, Message, ReviewItem
from regulations.inquiry import InquiryState
from regulations.review import Actor, NonApplicableReason, NotPermittedError, may_see_audit_log

_JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")


class HistoryFilter(TypedDict, total=False):
    """What narrows the history; each may be left out or None.

    `since` and `until` are days in Japan, both included; `person` holds words of a name or login name,
    `text` words of the target: an ordinance's title or number, an inquiry's or an account's name.
    """

    since: dt.date | None
    until: dt.date | None
    person: str | None
    actions: Collection[str] | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One operation: who did what to which target, with what the log says of it.

    `who` is empty for the command line. `title` names the target: the ordinance of a candidate, the inquiry, the
    account; `address` and `category` are those of a candidate, `item_id` leads to it. `division` is the one
    whose answer it is. `reason_code` is that of the decision that `detail` names; `note` what was written with
    it, with a step of an inquiry, or as a message.
    """

    entry_id: int
    at: dt.datetime
    who: str
    login_name: str
    action: str
    target_type: str
    target_id: str
    title: str
    address: str
    category: str
    item_id: int | None
    division: str
    reason_code: NonApplicableReason | None
    note: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    title: str = ""
    address: str = ""
    category: str = ""
    item_id: int | None = None
    division: str = ""


def history(
    session: Session, *, actor: Actor, limit: int = 50, offset: int = 0, **narrowed: Unpack[HistoryFilter]
) -> list[HistoryRow]:
    """One page, the last first: for who may see the log all of it, for others what was done to what is theirs."""
    page = (
        select(AuditEntry, Account.display_name, Account.login_name)
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .where(*_conditions(actor, narrowed))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return _rows(session, session.execute(page).tuples().all())


def history_total(session: Session, *, actor: Actor, **narrowed: Unpack[HistoryFilter]) -> int:
    counted = select(func.count(AuditEntry.id)).outerjoin(Account, Account.id == AuditEntry.account_id)
    return session.scalar(counted.where(*_conditions(actor, narrowed))) or 0


def audit_log(
    session: Session, *, actor: Actor, portion: int = 500, **narrowed: Unpack[HistoryFilter]
) -> Iterator[HistoryRow]:
    """The whole log as narrowed, the first entry first, read `portion` by `portion`. Raises NotPermittedError."""
    if not may_see_audit_log(actor):
        raise NotPermittedError(actor, "audit_log")
    conditions = _conditions(actor, narrowed)
    last = 0
    while True:
        following = (
            select(AuditEntry, Account.display_name, Account.login_name)
            .outerjoin(Account, Account.id == AuditEntry.account_id)
            .where(*conditions, AuditEntry.id > last)
            .order_by(AuditEntry.id)
            .limit(portion)
        )
        rows = _rows(session, session.execute(following).tuples().all())
        yield from rows
        if len(rows) < portion:
            return
        last = rows[-1].entry_id


def _conditions(actor: Actor, narrowed: HistoryFilter) -> list[ColumnElement[bool]]:
    conditions = [true() if may_see_audit_log(actor) else _own_work(actor)]
    if since := narrowed.get("since"):
        conditions.append(AuditEntry.at >= _midnight(since))
    if until := narrowed.get("until"):
        conditions.append(AuditEntry.at < _midnight(until + dt.timedelta(days=1)))
    for word in (narrowed.get("person") or "").split():
        conditions.append(
            or_(
                Account.display_name.icontains(word, autoescape=True),
                Account.login_name.icontains(word, autoescape=True),
            )
        )
    if (actions := narrowed.get("actions")) is not None:
        conditions.append(AuditEntry.action.in_(actions))
    conditions += [_names(word) for word in (narrowed.get("text") or "").split()]
    return conditions


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=_JAPAN)


def _own_work(actor: Actor) -> ColumnElement[bool]:
    """What was done to the actor's instruments, candidates and answers. Drafts of inquiries are nobody's."""
    instruments = select(Instrument.id).where(visible_instruments(actor))
    divisions = divisions_of(actor)
    answers = select(InquiryAnswer.id).join(Inquiry).where(Inquiry.state != InquiryState.DRAFT)
    if divisions is not None:
        answers = answers.where(InquiryAnswer.division_id.in_(divisions))
    inquiries = select(InquiryAnswer.inquiry_id).where(InquiryAnswer.id.in_(answers))
    return or_(
        _on("review_item", _items().where(Instrument.id.in_(instruments))),
        _on("instrument", instruments),
        _on("inquiry_answer", answers),
        and_(_on("inquiry", inquiries), AuditEntry.action.not_in(("draft_inquiry", "discard_draft"))),
    )


def _names(word: str) -> ColumnElement[bool]:
    """Entries whose target's name holds the word."""
    titled = or_(
        Instrument.title.contains(word, autoescape=True), Instrument.law_number.contains(word, autoescape=True)
    )
    inquiries = select(Inquiry.id).where(Inquiry.name.contains(word, autoescape=True))
    named = or_(
        Account.display_name.icontains(word, autoescape=True), Account.login_name.icontains(word, autoescape=True)
    )
    return or_(
        _on("review_item", _items().where(titled)),
        _on("instrument", select(Instrument.id).where(titled)),
        _on("inquiry", inquiries),
        _on("inquiry_answer", select(InquiryAnswer.id).where(InquiryAnswer.inquiry_id.in_(inquiries))),
        _on("account", select(Account.id).where(named)),
    )


def _items() -> Select[tuple[int]]:
    return (
        select(ReviewItem.id)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
    )


def _on(target_type: str, ids: Select[tuple[int]]) -> ColumnElement[bool]:
    """Entries on targets of one kind. The log keeps ids as text, for some targets have none."""
    found = ids.subquery()
    return and_(
        AuditEntry.target_type == target_type,
        AuditEntry.target_id.in_(select(cast(found.c[0], String))),
    )


def _rows(session: Session, found: Sequence[tuple[AuditEntry, str, str]]) -> list[HistoryRow]:
    """Entries with their targets: one statement for each kind of target among them."""
    targets = {
        target_type: resolve(session, _ids(entry for entry, *_ in found if entry.target_type == target_type))
        for target_type, resolve in _RESOLVERS.items()
    }
    entries = [entry for entry, *_ in found]
    decisions = _decisions(session, {entry.detail.get("decision") for entry in entries})
    messages = _messages(session, {entry.detail.get("message") for entry in entries})
    reasons = _reasons(session, entries)
    rows = []
    for entry, who, login_name in found:
        target = targets.get(entry.target_type, {}).get(entry.target_id, _Target())
        reason_code, note = decisions.get(entry.detail.get("decision"), (None, ""))
        note = note or messages.get(entry.detail.get("message"), "") or reasons.get(_step(entry), "")
        rows.append(
            HistoryRow(
                entry_id=entry.id,
                at=entry.at,
                who=who or "",
                login_name=login_name or "",
                action=entry.action,
                target_type=entry.target_type,
                target_id=entry.target_id,
                title=target.title,
                address=target.address,
                category=target.category,
                item_id=target.item_id,
                division=target.division,
                reason_code=reason_code,
                note=note,
                detail=entry.detail,
            )
        )
    return rows


def _ids(entries: Iterable[AuditEntry]) -> set[int]:
    return {int(entry.target_id) for entry in entries if entry.target_id.isdecimal()}


def _resolve_items(session: Session, ids: set[int]) -> dict[str, _Target]:
    found = session.execute(
        select(ReviewItem.id, ReviewItem.category, Instrument.title, ProvisionVersion.address)
        .join(Provision, Provision.id == ReviewItem.provision_id)
        .join(Instrument, Instrument.id == Provision.instrument_id)
        .outerjoin(ProvisionVersion, ProvisionVersion.id == Provision.latest_version_id)
        .where(ReviewItem.id.in_(ids))
    )
    return {
        str(item_id): _Target(title=title, address=address or "", category=category, item_id=item_id)
        for item_id, category, title, address in found
    }


def _resolve_instruments(session: Session, ids: set[int]) -> dict[str, _Target]:
    found = session.execute(select(Instrument.id, Instrument.title).where(Instrument.id.in_(ids)))
    return {str(instrument_id): _Target(title=title) for instrument_id, title in found}


def _resolve_accounts(session: Session, ids: set[int]) -> dict[str, _Target]:
    found = session.execute(select(Account.id, Account.display_name, Account.login_name).where(Account.id.in_(ids)))
    return {str(account_id): _Target(title=f"{name}（{login}）") for account_id, name, login in found}


def _resolve_divisions(session: Session, ids: set[int]) -> dict[str, _Target]:
    found = session.execute(select(Division.id, Division.name).where(Division.id.in_(ids)))
    return {str(division_id): _Target(division=name) for division_id, name in found}


def _resolve_inquiries(session: Session, ids: set[int]) -> dict[str, _Target]:
    found = session.execute(select(Inquiry.id, Inquiry.name).where(Inquiry.id.in_(ids)))
    return {str(inquiry_id): _Target(title=name) for inquiry_id, name in found}


def _resolve_answers(session: Session, ids: set[int]) -> dict[str, _Target]:
    found = session.execute(
        select(InquiryAnswer.id, Inquiry.name, Division.name)
        .join(Inquiry, Inquiry.id == InquiryAnswer.inquiry_id)
        .join(Division, Division.id == InquiryAnswer.division_id)
        .where(InquiryAnswer.id.in_(ids))
    )
    return {str(answer_id): _Target(title=name, division=division) for answer_id, name, division in found}


_RESOLVERS: Mapping[str, Callable[[Session, set[int]], dict[str, _Target]]] = {
    "review_item": _resolve_items,
    "instrument": _resolve_instruments,
    "account": _resolve_accounts,
    "division": _resolve_divisions,
    "inquiry": _resolve_inquiries,
    "inquiry_answer": _resolve_answers,
}


def _decisions(session: Session, ids: set[Any]) -> dict[Any, tuple[NonApplicableReason | None, str]]:
    found = session.execute(
        select(Decision.id, Decision.reason_code, Decision.note).where(Decision.id.in_(ids - {None}))
    )
    return {decision_id: (reason_code, note) for decision_id, reason_code, note in found}


def _messages(session: Session, ids: set[Any]) -> dict[Any, str]:
    return dict(session.execute(select(Message.id, Message.text).where(Message.id.in_(ids - {None}))).tuples().all())


def _reasons(session: Session, entries: Sequence[AuditEntry]) -> dict[tuple[str, str, dt.datetime], str]:
    """What was written with steps of inquiries, which keep it in a history of their own."""
    answers, inquiries = (
        _ids(entry for entry in entries if entry.target_type == target_type)
        for target_type in ("inquiry_answer", "inquiry")
    )
    found = session.scalars(
        select(InquiryEvent).where(
            InquiryEvent.reason != "",
            or_(
                InquiryEvent.answer_id.in_(answers),
                and_(InquiryEvent.answer_id.is_(None), InquiryEvent.inquiry_id.in_(inquiries)),
            ),
        )
    )
    return {
        (
            "inquiry_answer" if event.answer_id else "inquiry",
            str(event.answer_id or event.inquiry_id),
            event.at,
        ): event.reason
        for event in found
    }


def _step(entry: AuditEntry) -> tuple[str, str, dt.datetime]:
    return entry.target_type, entry.target_id, entry.at


def division_names(session: Session) -> dict[int, str]:
    """Every division there is or was, by id: details of the log name them so."""
    return dict(session.execute(select(Division.id, Division.name)).tuples().all())
