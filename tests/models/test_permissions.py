"""Every operation with every role, in every state of what it works on, wherever that belongs.

One table says who may; whatever it does not say must be refused: NotPermittedError where the person may
not, the operation's own error where what it works on does not stand so that anybody could. In
both cases nothing is written.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from itertools import product

import pytest
from sqlalchemy import func, select, update

import models.operations
from models import queries
from models.accounts import Account
from models.detection import DetectionModel, ElusionRow, ModelState
from models.inquiry import Inquiry, InquiryAnswer
from models.legislation import Revision
from models.operations.accounts import create_account, reset_password
from models.operations.add_missed_regulation import add_missed_regulation, mark_regulation
from models.operations.answer_inquiry import (
    accept_answer,
    approve_answer,
    return_answer,
    submit_answer,
    withdraw_answer,
)
from models.operations.assign_owner import assign_joint_owners, assign_owner
from models.operations.change_account import change_account, unlock_account
from models.operations.change_password import change_password
from models.operations.close_inquiry import close_inquiry, reopen_inquiry
from models.operations.decide import decide
from models.operations.decide_group import NotOneGroupError, decide_group, decide_many
from models.operations.declare_complete import declare_complete, withdraw_declaration
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import discard_draft, draft_inquiry, edit_inquiry
from models.operations.draw_elusion_sample import answer_elusion_row, draw_elusion_sample
from models.operations.edit_roadmap import edit_roadmap
from models.operations.errors import (
    HandoverError,
    HandoverFault,
    InquiryError,
    InquiryFault,
    InvalidAnswerError,
    NoSuchItemError,
)
from models.operations.hand_over import hand_over, hand_over_many, settle_handover
from models.operations.import_accounts import import_accounts
from models.operations.import_answers import import_answers
from models.operations.import_catalog import CatalogRow, import_catalog
from models.operations.import_organisation import DivisionRow, import_organisation
from models.operations.passwords import set_password
from models.operations.post_message import post_message
from models.operations.propose_model import approve_model, propose_model, roll_back_model
from models.operations.undo_group_decision import undo_group_decision
from models.review import AuditEntry, Decision, GroupDecision, Handover, ReadingDeclaration, ReviewItem, RoadmapItem
from regulations.inquiry import AnswerState, InquiryState, may_approve, may_return
from regulations.review import (
    OPEN_STATUSES,
    Actor,
    Applicability,
    HandoverState,
    NotPermittedError,
    Owner,
    ReviewStatus,
    Role,
    may_view,
)
from regulations.roadmap import ReviewPolicy, RoadmapEntry
from regulations.taxonomy import LegalBasis
from tests.factories import INSPECTION, NOW, PURPOSE, actor, answer, division, ordinance, own, register, scan

# Where a candidate is, as a person of 施設課 sees it.
OWN, JOINT, TO_US, AWAY = "own", "joint", "handed to us", "handed away"
SAME_BUREAU, FOREIGN, NOBODYS = "same bureau", "foreign", "nobody's"
PLACES = (OWN, JOINT, TO_US, AWAY, SAME_BUREAU, FOREIGN, NOBODYS)
ANSWERED_FOR = {OWN, JOINT, TO_US}
OWNED = {OWN, JOINT, AWAY}

DIVISION = {Role.REVIEWER, Role.APPROVER}
PASSWORD = "tr0ub4dor&3-horse"


class World:
    """An instrument with one candidate, 該当 and planned, an inquiry, a handover, a sample and two models."""

    def __init__(self, session):
        self.session = session
        self.own = division(session)
        self.same_bureau = division(session, "道路課")
        self.foreign = division(session, "農地課", bureau="農林部")
        self.registered = register(session, ordinance({"1": INSPECTION, "2": PURPOSE}), owner=self.own)
        scan(session)
        self.item_id = session.scalars(select(ReviewItem.id)).one()
        self.reviewer = actor(session, of=self.own)
        account = Account(login_name="other", display_name="別人", role=Role.REVIEWER, division_id=self.own.id)
        session.add(account)
        session.flush()
        answer(session, self.reviewer, self.item)
        self.step = GroupDecision(group_key="", category="", account_id=self.reviewer.account_id, decided_at=NOW)
        session.add(self.step)
        session.flush()
        session.get_one(Decision, self.item.current_decision_id).group_decision_id = self.step.id
        self.inquiry = Inquiry(
            name="照会",
            guidance="",
            due_date=NOW.date(),
            kinds=[],
            categories=[],
            state=InquiryState.DRAFT,
            created_by_id=account.id,
            created_at=NOW,
        )
        session.add(self.inquiry)
        session.flush()
        self.answers = {
            place: InquiryAnswer(
                inquiry_id=self.inquiry.id, division_id=asked.id, state=AnswerState.WAITING, submitted_by_id=account.id
            )
            for place, asked in ((OWN, self.own), (SAME_BUREAU, self.same_bureau), (FOREIGN, self.foreign))
        }
        self.handover = Handover(
            review_item_id=self.item_id,
            from_division_id=self.own.id,
            reason="所管外です。",
            requested_by_id=account.id,
            requested_at=NOW,
            state=HandoverState.RECEIVED,
        )
        session.add_all([*self.answers.values(), self.handover])
        prepare_detection(session)
        self.people = {role: actor(session, role, self.own) for role in Role}
        for person in self.people.values():
            set_password(session.get_one(Account, person.account_id), password=PASSWORD, must_change=False)
        session.flush()
        session.expire_all()

    @property
    def item(self):
        return self.session.get_one(ReviewItem, self.item_id)

    @property
    def version(self):
        return self.item.provision.latest_version_id

    @property
    def revision(self):
        return self.session.scalars(select(Revision.id).where(Revision.is_current)).one()

    def put(self, place):
        """Make the instrument, or its candidate, belong where the place says."""
        lead = {SAME_BUREAU: self.same_bureau, FOREIGN: self.foreign, JOINT: self.foreign, TO_US: self.foreign}
        lead |= {OWN: self.own, AWAY: self.own, NOBODYS: None}
        own(self.session, self.registered.instrument_id, lead[place], *([self.own] if place == JOINT else []))
        handed = {TO_US: self.own, AWAY: self.foreign}.get(place)
        if handed is not None:
            self._set(ReviewItem, handed_to_id=handed.id, division_id=handed.id)

    def in_status(self, status):
        """Make the candidate stand there."""
        text_hash = self.item.current_text_hash
        answered = {
            ReviewStatus.APPLICABLE: Applicability.APPLICABLE,
            ReviewStatus.NOT_APPLICABLE: Applicability.NOT_APPLICABLE,
            ReviewStatus.UNDECIDED: Applicability.UNDECIDED,
            ReviewStatus.RECHECK: Applicability.APPLICABLE,
        }.get(status)
        self._set(
            ReviewItem,
            applicability=answered,
            decided_text_hash=None if answered is None or status is ReviewStatus.RECHECK else text_hash,
            current_decision_id=None if answered is None else ReviewItem.current_decision_id,
            is_detected=status is not ReviewStatus.WITHDRAWN,
        )
        assert self.item.status is status

    def in_answer_state(self, states):
        inquiry_state, answer_state = states
        self._set(Inquiry, state=inquiry_state)
        self._set(InquiryAnswer, state=answer_state)

    def in_inquiry_state(self, state):
        self._set(Inquiry, state=state)

    def in_handover_state(self, state):
        self._set(Handover, state=state, to_division_id=self.own.id)

    def declared(self, is_declared):
        if is_declared:
            self.session.add(
                ReadingDeclaration(
                    instrument_id=self.registered.instrument_id,
                    revision_id=self.revision,
                    division_id=self.own.id,
                    account_id=self.reviewer.account_id,
                    declared_at=NOW,
                )
            )

    def _set(self, table, **values):
        self.session.execute(update(table).values(**values).execution_options(synchronize_session=False))
        self.session.expire_all()


FIGURES = {side: {"categories": {}} for side in ("new", "in_service")}


def put_forward(session, by, compared_with=None):
    return propose_model(
        session,
        actor=by,
        weights=b"",
        training_data=b"",
        figures=FIGURES,
        compared_with=compared_with,
        pipeline_version="rules-1",
        now=NOW,
    )


def prepare_detection(session):
    """A model in service, another proposed, and a sample drawn, all by people of a bureau of their own."""
    first, second = (actor(session, Role.ADMINISTRATOR, division(session, name, bureau="企画部")) for name in "甲乙")
    coordinator = actor(session, Role.COORDINATOR, division(session, "行政経営課", bureau="総務部"))
    in_service = put_forward(session, first)
    approve_model(session, actor=second, model_id=in_service, now=NOW)
    put_forward(session, first, compared_with=in_service)
    draw_elusion_sample(session, actor=coordinator, size=1, seed=1, now=NOW)


# How each operation is called; the world and the person first.


TERMS = {"category": "visual_inspection", "regulation_type": 1, "phase": 1, "basis": LegalBasis.UNCLEAR}


def call_decide(world, by, place):
    answer(world.session, by, world.item)


def call_decide_group(world, by, place):
    values = {**TERMS, "applicability": Applicability.APPLICABLE, "now": NOW}
    items = {world.item_id: world.item.row_version}
    decide_group(world.session, actor=by, item_id=world.item_id, items=items, **values)


def call_decide_many(world, by, place):
    items = {world.item_id: world.item.row_version}
    decide_many(world.session, actor=by, items=items, applicability=Applicability.UNDECIDED, now=NOW)


def call_undo(world, by, place):
    undo_group_decision(world.session, actor=by, group_decision_id=world.step.id, now=NOW)


def call_hand_over(operation, world, by, place):
    values = {"to_division_id": None, "reason": "所管外です。", "now": NOW}
    operation(world.session, actor=by, items={world.item_id: world.item.row_version}, **values)


def call_settle(world, by, place):
    values = {"handover_id": world.handover.id, "division_id": world.foreign.id, "note": "", "now": NOW}
    settle_handover(world.session, actor=by, **values)


def call_post_message(world, by, place):
    post_message(world.session, actor=by, item_id=world.item_id, text="？", now=NOW)


def call_edit_roadmap(world, by, place):
    version = world.session.get_one(RoadmapItem, world.item_id).row_version
    entry = RoadmapEntry(policy=ReviewPolicy.AMEND)
    edit_roadmap(world.session, actor=by, item_id=world.item_id, expected_version=version, entry=entry, now=NOW)


def call_add(operation, world, by, place):
    values = {**TERMS, "category": "periodic_inspection", "version_id": world.version, "start": 0, "end": 2}
    operation(world.session, actor=by, now=NOW, **values)


def call_declare(world, by, place):
    instrument_id = world.registered.instrument_id
    declare_complete(world.session, actor=by, instrument_id=instrument_id, revision_id=world.revision, now=NOW)


def call_withdraw_declaration(world, by, place):
    withdraw_declaration(world.session, actor=by, instrument_id=world.registered.instrument_id, now=NOW)


def call_assign(world, by, place):
    instrument_id = world.registered.instrument_id
    heir = division(world.session, "承継課", bureau="総務部")
    assign_owner(world.session, actor=by, instrument_id=instrument_id, division_id=heir.id, now=NOW)


def call_assign_joint(world, by, place):
    instrument_id = world.registered.instrument_id
    heir = division(world.session, "承継課", bureau="総務部")
    assign_joint_owners(world.session, actor=by, instrument_id=instrument_id, division_ids=[heir.id], now=NOW)


def call_answer_step(operation, world, by, place):
    row = world.answers[place]
    values = {"reason": "確かめてください。"} if operation is return_answer else {}
    operation(world.session, actor=by, answer_id=row.id, expected_version=row.row_version, now=NOW, **values)


def call_inquiry_step(operation, world, by, place, **values):
    if operation is not discard_draft:
        values["expected_version"] = world.inquiry.row_version
    operation(world.session, actor=by, inquiry_id=world.inquiry.id, now=NOW, **values)


def call_draft(world, by, place):
    values = {"name": "照会", "guidance": "", "due_date": NOW.date(), "kinds": (), "categories": ()}
    draft_inquiry(world.session, actor=by, division_ids=None, now=NOW, **values)


def call_import_organisation(world, by, place):
    import_organisation(world.session, actor=by, rows=[DivisionRow(bureau="新部", division="新課")], now=NOW)


def call_import_catalog(world, by, place):
    rows = [CatalogRow(title="施設管理条例", owner="どこか課")]
    import_catalog(world.session, actor=by, rows=rows, now=NOW)


def call_import_accounts(world, by, place):
    import_accounts(world.session, actor=by, rows=[], now=NOW)


def call_import_answers(world, by, place):
    import_answers(world.session, actor=by, lines=[], dry_run=False, now=NOW)


def call_create_account(world, by, place):
    values = {"login_name": "new", "display_name": "新規", "role": Role.AUDITOR, "password": PASSWORD}
    create_account(world.session, actor=by, now=NOW, **values)


def call_reset_password(world, by, place):
    reset_password(world.session, actor=by, login_name="other", now=NOW)


def call_change_account(world, by, place):
    account = world.session.scalars(select(Account).where(Account.login_name == "other")).one()
    values = {"role": account.role, "division_id": account.division_id, "expires_at": None, "is_active": True}
    change_account(world.session, actor=by, account_id=account.id, display_name="新しい名前", now=NOW, **values)


def call_unlock_account(world, by, place):
    account = world.session.scalars(select(Account).where(Account.login_name == "other")).one()
    account.failed_sign_ins, account.locked_until = 5, NOW.replace(year=2027)
    world.session.flush()
    unlock_account(world.session, actor=by, account_id=account.id, now=NOW)


def call_change_password(world, by, place):
    change_password(world.session, actor=by, current=PASSWORD, new="correct-battery-9-staple", now=NOW)


def call_propose(world, by, place):
    put_forward(world.session, by)


def call_approve_model(world, by, place):
    model_id = world.session.scalars(select(DetectionModel.id).where(DetectionModel.state == ModelState.PROPOSED)).one()
    approve_model(world.session, actor=by, model_id=model_id, now=NOW)


def call_roll_back(world, by, place):
    roll_back_model(world.session, actor=by, now=NOW)


def call_draw(world, by, place):
    draw_elusion_sample(world.session, actor=by, size=1, seed=1, now=NOW)


def call_read_in_sample(world, by, place):
    row_id = world.session.scalars(select(ElusionRow.id)).one()
    answer_elusion_row(world.session, actor=by, row_id=row_id, now=NOW)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One line of the table.

    `may` says which role may in which place; `states` are all that what it works on can be in (set by
    the World's method `put_in`), `from_` those from which the step leads on, `stands_so` tells the error that says so.
    """

    call: Callable[[World, Actor, str], object]
    may: Callable[[Role, str], bool]
    places: Collection[str] = PLACES
    put_in: Callable[[World, object], None] = lambda world, state: None
    states: Collection[object] = (None,)
    from_: Callable[[Role, str, object], bool] = lambda role, place, state: True
    stands_so: Callable[[Exception], bool] = lambda error: False
    is_audited: bool = True


def only(*roles: Role) -> Callable[[Role, str], bool]:
    return lambda role, place: role in roles


def division_in(places: Collection[str], *anywhere: Role) -> Callable[[Role, str], bool]:
    return lambda role, place: (role in DIVISION and place in places) or role in anywhere


def from_any(*states: object) -> Callable[[Role, str, object], bool]:
    return lambda role, place, state: state in states


COORDINATOR = only(Role.COORDINATOR)
IMPORTERS = only(Role.COORDINATOR, Role.ADMINISTRATOR)
ADMINISTRATOR = only(Role.ADMINISTRATOR)
ASKED = (OWN, SAME_BUREAU, FOREIGN)
RUNNING = InquiryState.OPEN


def wrong_state(error):
    return isinstance(error, InquiryError) and error.fault is InquiryFault.WRONG_STATE


def may_return_somewhere(role: Role, place: str) -> bool:
    if role is Role.BUREAU_MANAGER:
        return place in {OWN, SAME_BUREAU}
    return role is Role.COORDINATOR or (role is Role.APPROVER and place == OWN)


RETURNS = {
    Role.APPROVER: {AnswerState.ANSWERED},
    Role.BUREAU_MANAGER: {AnswerState.ANSWERED, AnswerState.APPROVED},
    Role.COORDINATOR: {AnswerState.APPROVED, AnswerState.ACCEPTED},
}


def of_item(call, may, *, from_=lambda role, place, state: True, stands_so=lambda error: False):
    return Rule(
        call=call, may=may, put_in=World.in_status, states=tuple(ReviewStatus), from_=from_, stands_so=stands_so
    )


def of_answer(operation, may, from_):
    return Rule(
        call=partial(call_answer_step, operation),
        may=may,
        places=ASKED,
        put_in=World.in_answer_state,
        states=tuple(product(InquiryState, AnswerState)),
        from_=lambda role, place, state: state[0] is RUNNING and from_(role, state[1]),
        stands_so=wrong_state,
    )


def of_inquiry(operation, *states, **values):
    return Rule(
        call=partial(call_inquiry_step, operation, **values),
        may=COORDINATOR,
        places=(OWN,),
        put_in=World.in_inquiry_state,
        states=tuple(InquiryState),
        from_=from_any(*states),
        stands_so=wrong_state,
    )


DECIDERS = division_in(ANSWERED_FOR)
OPEN = from_any(*OPEN_STATUSES)
EDITED = {"name": "新しい名前", "guidance": "", "due_date": NOW.date()}

OPERATIONS: dict[Callable[..., object], Rule] = {
    decide: of_item(call_decide, DECIDERS),
    decide_group: of_item(call_decide_group, DECIDERS, from_=OPEN, stands_so=lambda e: isinstance(e, NotOneGroupError)),
    decide_many: of_item(call_decide_many, DECIDERS, from_=OPEN, stands_so=lambda e: isinstance(e, NotOneGroupError)),
    undo_group_decision: of_item(call_undo, DECIDERS),
    **{
        operation: of_item(
            partial(call_hand_over, operation),
            DECIDERS,
            from_=OPEN,
            stands_so=lambda e: isinstance(e, HandoverError) and e.fault is HandoverFault.NOT_OPEN,
        )
        for operation in (hand_over, hand_over_many)
    },
    edit_roadmap: of_item(
        call_edit_roadmap,
        DECIDERS,
        from_=from_any(ReviewStatus.APPLICABLE, ReviewStatus.RECHECK),
        stands_so=lambda e: isinstance(e, NoSuchItemError),
    ),
    post_message: of_item(call_post_message, division_in(ANSWERED_FOR, Role.COORDINATOR)),
    # By hand anywhere in what the division owns; where another candidate of it is or stands changes nothing.
    add_missed_regulation: Rule(call=partial(call_add, add_missed_regulation), may=division_in(OWNED)),
    mark_regulation: Rule(call=partial(call_add, mark_regulation), may=division_in(OWNED, Role.COORDINATOR)),
    declare_complete: of_item(
        call_declare,
        division_in(OWNED),
        # What was handed away waits elsewhere.
        from_=lambda role, place, state: place == AWAY or state not in {ReviewStatus.PENDING, ReviewStatus.RECHECK},
        stands_so=lambda e: isinstance(e, InvalidAnswerError),
    ),
    withdraw_declaration: Rule(
        call=call_withdraw_declaration,
        may=division_in(OWNED),
        put_in=World.declared,
        states=(True, False),
        from_=from_any(True),
        stands_so=lambda e: isinstance(e, NoSuchItemError),
    ),
    settle_handover: Rule(
        call=call_settle,
        may=COORDINATOR,
        put_in=World.in_handover_state,
        states=tuple(HandoverState),
        from_=from_any(HandoverState.OPEN),
        stands_so=lambda e: isinstance(e, HandoverError),
    ),
    submit_answer: of_answer(
        submit_answer,
        division_in({OWN}),
        lambda role, state: state in {AnswerState.WAITING, AnswerState.RETURNED},
    ),
    withdraw_answer: of_answer(withdraw_answer, division_in({OWN}), lambda role, state: state is AnswerState.ANSWERED),
    approve_answer: of_answer(
        approve_answer,
        lambda role, place: role is Role.APPROVER and place == OWN,
        lambda role, state: state is AnswerState.ANSWERED,
    ),
    return_answer: of_answer(return_answer, may_return_somewhere, lambda role, state: state in RETURNS[role]),
    accept_answer: of_answer(accept_answer, COORDINATOR, lambda role, state: state is AnswerState.APPROVED),
    draft_inquiry: Rule(call=call_draft, may=COORDINATOR, places=(OWN,)),
    edit_inquiry: of_inquiry(edit_inquiry, InquiryState.DRAFT, InquiryState.OPEN, **EDITED),
    discard_draft: of_inquiry(discard_draft, InquiryState.DRAFT),
    dispatch_inquiry: of_inquiry(dispatch_inquiry, InquiryState.DRAFT),
    close_inquiry: of_inquiry(close_inquiry, InquiryState.OPEN, even_unfinished=True),
    reopen_inquiry: of_inquiry(reopen_inquiry, InquiryState.CLOSED, reason="追加があります。"),
    assign_owner: Rule(call=call_assign, may=COORDINATOR),
    assign_joint_owners: Rule(call=call_assign_joint, may=COORDINATOR),
    import_organisation: Rule(call=call_import_organisation, may=IMPORTERS, places=(OWN,)),
    import_catalog: Rule(call=call_import_catalog, may=IMPORTERS),
    import_accounts: Rule(call=call_import_accounts, may=ADMINISTRATOR, places=(OWN,), is_audited=False),
    # Whose row each is, is checked row by row: tests/models/test_import_answers.py.
    import_answers: Rule(call=call_import_answers, may=only(*DIVISION), places=(OWN,), is_audited=False),
    create_account: Rule(call=call_create_account, may=ADMINISTRATOR, places=(OWN,)),
    reset_password: Rule(call=call_reset_password, may=ADMINISTRATOR, places=(OWN,)),
    change_account: Rule(call=call_change_account, may=ADMINISTRATOR, places=(OWN,)),
    unlock_account: Rule(call=call_unlock_account, may=ADMINISTRATOR, places=(OWN,)),
    change_password: Rule(call=call_change_password, may=only(*Role), places=(OWN,)),
    propose_model: Rule(call=call_propose, may=IMPORTERS, places=(OWN,)),
    approve_model: Rule(call=call_approve_model, may=IMPORTERS, places=(OWN,)),
    roll_back_model: Rule(call=call_roll_back, may=IMPORTERS, places=(OWN,)),
    draw_elusion_sample: Rule(call=call_draw, may=COORDINATOR, places=(OWN,)),
    answer_elusion_row: Rule(call=call_read_in_sample, may=division_in(OWNED, Role.COORDINATOR)),
}

SHARED = {"inquiry_steps", "review_items"}
"""Modules that no screen calls: what operations share."""


def operations_with_an_actor():
    found = set()
    for module in pkgutil.iter_modules(models.operations.__path__):
        if module.name in SHARED:
            continue
        loaded = importlib.import_module(f"models.operations.{module.name}")
        for name, value in vars(loaded).items():
            is_own = inspect.isfunction(value) and value.__module__ == loaded.__name__ and not name.startswith("_")
            if is_own and "actor" in inspect.signature(value).parameters:
                found.add(value)
    return found


def test_no_operation_is_missing_from_the_table():
    missing = operations_with_an_actor() - OPERATIONS.keys()
    assert {f"{operation.__module__}.{operation.__name__}" for operation in missing} == set()


@pytest.fixture
def world(session):
    return World(session)


def audited(session) -> int:
    return session.scalar(select(func.count(AuditEntry.id)))


def outcome(world, rule, person, place):
    """ "done", "refused", "stands so" or the error, in a savepoint that is rolled back."""
    session, before = world.session, audited(world.session)
    savepoint = session.begin_nested()
    try:
        rule.call(world, person, place)
        session.flush()
        return "done" if audited(session) > before or not rule.is_audited else "done without a trace"
    except NotPermittedError as error:
        assert error.actor == person
        return "refused" if audited(session) == before else "refused, but written"
    except Exception as error:  # noqa: BLE001  whatever it is, the table says what it must be
        return "stands so" if rule.stands_so(error) else repr(error)
    finally:
        savepoint.rollback()
        session.expire_all()


def expected(rule, role, place, state):
    if not rule.may(role, place):
        return "refused"
    return "done" if rule.from_(role, place, state) else "stands so"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_an_operation_does_what_the_table_grants_and_refuses_the_rest(world, operation):
    rule, wrong = OPERATIONS[operation], []
    session = world.session
    for place in rule.places:
        at_place = session.begin_nested()
        if rule.places is PLACES:
            world.put(place)
        for state in rule.states:
            in_state = session.begin_nested()
            rule.put_in(world, state)
            session.flush()
            session.expire_all()
            for role, person in world.people.items():
                found, wanted = outcome(world, rule, person, place), expected(rule, role, place, state)
                if found != wanted:
                    wrong.append(f"{role} {place} {state}: {found}, not {wanted}")
            in_state.rollback()
            session.expire_all()
        at_place.rollback()
        session.expire_all()
    assert wrong == []


def test_the_predicates_of_answers_grant_what_the_table_says(world):
    """`may_approve` and `may_return` decide by state and by who submitted; the table above by state alone."""
    for role, person in world.people.items():
        for place, row in world.answers.items():
            shown = next(
                (shown for shown in answers_of(world, Role.AUDITOR) if shown.division_id == row.division_id), None
            )
            rule = OPERATIONS[return_answer]
            for state in AnswerState:
                wanted = rule.may(role, place) and rule.from_(role, place, (RUNNING, state))
                assert may_return(person, shown.respondent, state=state) is wanted
            assert may_approve(person, shown.respondent) is OPERATIONS[approve_answer].may(role, place)


def answers_of(world, role):
    every = {"today": NOW.date(), "inquiry_states": list(InquiryState)}
    return queries.answers(world.session, actor=world.people[role], **every)


@pytest.mark.parametrize("role", Role)
def test_every_query_shows_exactly_what_may_be_seen(world, role):
    session, person, wrong = world.session, world.people[role], []
    owners = {
        OWN: Owner(division_id=world.own.id, bureau="土木部"),
        JOINT: Owner(
            division_id=world.foreign.id,
            bureau="農林部",
            joint=frozenset({world.own.id}),
            reader_bureaus=frozenset({"土木部"}),
        ),
        TO_US: Owner(division_id=world.foreign.id, bureau="農林部").handed_to(
            division_id=world.own.id, bureau="土木部"
        ),
        AWAY: Owner(division_id=world.own.id, bureau="土木部").handed_to(division_id=world.foreign.id, bureau="農林部"),
        SAME_BUREAU: Owner(division_id=world.same_bureau.id, bureau="土木部"),
        FOREIGN: Owner(division_id=world.foreign.id, bureau="農林部"),
        NOBODYS: Owner(),
    }
    for place, owner in owners.items():
        savepoint = session.begin_nested()
        world.put(place)
        world.in_status(ReviewStatus.UNDECIDED)
        is_seen = may_view(person, owner)
        # What was handed away is still read, but waits in no list of the division, nor of its bureau's manager.
        is_listed = is_seen and not (place == AWAY and role not in {Role.COORDINATOR, Role.AUDITOR})
        values = {"actor": person, "statuses": OPEN_STATUSES}
        instrument_id = world.registered.instrument_id
        found = {
            "queue": (bool(queries.queue(session, **values)), is_listed),
            "queue_total": (bool(queries.queue_total(session, **values)), is_listed),
            "next_item": (queries.next_item(session, after_item_id=None, **values) == world.item_id, is_listed),
            "inbox_counts": (bool(queries.inbox_counts(session, actor=person)[ReviewStatus.UNDECIDED]), is_listed),
            "progress": (
                any(row.candidates for row in queries.progress_by_division(session, actor=person, on=NOW.date())),
                is_listed,
            ),
            "item_detail": (queries.item_detail(session, actor=person, item_id=world.item_id) is not None, is_seen),
            "instrument_list": (bool(queries.instrument_list(session, actor=person)), is_seen),
            "instrument_text": (
                queries.instrument_text(session, actor=person, instrument_id=instrument_id) is not None,
                is_seen,
            ),
            "handovers_of_item": (
                bool(queries.handovers_of_item(session, actor=person, item_id=world.item_id)),
                is_seen,
            ),
        }
        answer_as_coordinator(world)
        found["thread"] = (bool(queries.thread(session, actor=person, item_id=world.item_id)), is_seen)
        found["answered_questions"] = (bool(queries.answered_questions(session, actor=person)), is_listed)
        world.in_status(ReviewStatus.APPLICABLE)
        found["roadmap"] = (bool(queries.roadmap_rows(session, actor=person)), is_listed)
        wrong += [f"{place} {name}: {shown}" for name, (shown, wanted) in found.items() if shown is not wanted]
        savepoint.rollback()
        session.expire_all()
    assert wrong == []


def answer_as_coordinator(world):
    post_message(world.session, actor=world.people[Role.COORDINATOR], item_id=world.item_id, text="対象です。", now=NOW)
