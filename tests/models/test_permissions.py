"""Every operation with every role, on the own division's instrument, a foreign one and one that nobody owns."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import func, select

from models import queries
from models.detection import DetectionModel, ElusionRow, ModelState
from models.legislation import Instrument
from models.operations.accounts import create_account, reset_password
from models.operations.add_missed_regulation import add_missed_regulation
from models.operations.assign_owner import assign_owner
from models.operations.draw_elusion_sample import answer_elusion_row, draw_elusion_sample
from models.operations.edit_roadmap import edit_roadmap
from models.operations.import_catalog import CatalogRow, import_catalog
from models.operations.import_organisation import DivisionRow, import_organisation
from models.operations.propose_model import approve_model, propose_model, roll_back_model
from models.review import AuditEntry, ReviewItem, RoadmapItem
from regulations.review import OPEN_STATUSES, NotPermittedError, Owner, ReviewStatus, Role, may_view
from regulations.roadmap import ReviewPolicy, RoadmapEntry
from regulations.taxonomy import LegalBasis
from tests.factories import INSPECTION, NOW, PURPOSE, actor, answer, division, ordinance, register, scan

PLACES = ("own", "same bureau", "foreign", "nobody's")
DECIDERS = {(Role.REVIEWER, "own"), (Role.APPROVER, "own")}
COORDINATOR_ONLY = {(Role.COORDINATOR, place) for place in PLACES}
IMPORTERS = {(role, place) for role in (Role.COORDINATOR, Role.ADMINISTRATOR) for place in PLACES}
ADMINISTRATOR_ONLY = {(Role.ADMINISTRATOR, place) for place in PLACES}


def decided(session, by, item):
    answer(session, by, item)


def planned(session, by, item):
    plan = session.get(RoadmapItem, item.id)
    edit_roadmap(
        session,
        actor=by,
        item_id=item.id,
        expected_version=plan.row_version,
        entry=RoadmapEntry(policy=ReviewPolicy.AMEND),
        now=NOW,
    )


def added(session, by, item):
    add_missed_regulation(
        session,
        actor=by,
        version_id=item.provision.latest_version_id,
        start=0,
        end=2,
        category="periodic_inspection",
        regulation_type=1,
        phase=1,
        basis=LegalBasis.UNCLEAR,
        now=NOW,
    )


def assigned(session, by, item):
    heir = division(session, "承継課", bureau="総務部")
    assign_owner(session, actor=by, instrument_id=item.provision.instrument_id, division_id=heir.id, now=NOW)


def organised(session, by, item):
    import_organisation(session, actor=by, rows=[DivisionRow(bureau="新部", division="新課")], now=NOW)


def catalogued(session, by, item):
    rows = [CatalogRow(title="施設管理条例", owner="どこか課")]
    import_catalog(session, actor=by, rows=rows, now=NOW)


def accounted(session, by, item):
    create_account(
        session,
        actor=by,
        login_name="new",
        display_name="新規",
        role=Role.AUDITOR,
        password="tr0ub4dor&3-horse",
        now=NOW,
    )


def reset(session, by, item):
    reset_password(session, actor=by, login_name="reviewer-none", now=NOW)


FIGURES = {side: {"categories": {}} for side in ("new", "in_service")}


def put_forward(session, by, item, compared_with=None):
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


def approved(session, by, item):
    model_id = session.scalars(select(DetectionModel.id).where(DetectionModel.state == ModelState.PROPOSED)).one()
    approve_model(session, actor=by, model_id=model_id, now=NOW)


def rolled_back(session, by, item):
    roll_back_model(session, actor=by, now=NOW)


def sampled(session, by, item):
    draw_elusion_sample(session, actor=by, size=1, seed=1, now=NOW)


def read_in_sample(session, by, item):
    row_id = session.scalars(select(ElusionRow.id)).one()
    answer_elusion_row(session, actor=by, row_id=row_id, now=NOW)


def prepare_detection(session):
    """A model in service, another proposed, and a sample drawn, all by people of a bureau of their own."""
    first, second = (actor(session, Role.ADMINISTRATOR, division(session, name, bureau="企画部")) for name in "甲乙")
    coordinator = actor(session, Role.COORDINATOR, division(session, "行政経営課", bureau="総務部"))
    in_service = put_forward(session, first, None)
    approve_model(session, actor=second, model_id=in_service, now=NOW)
    put_forward(session, first, None, compared_with=in_service)
    draw_elusion_sample(session, actor=coordinator, size=1, seed=1, now=NOW)


OPERATIONS = {
    decided: DECIDERS,
    planned: DECIDERS,
    added: DECIDERS,
    assigned: COORDINATOR_ONLY,
    organised: IMPORTERS,
    catalogued: IMPORTERS,
    accounted: ADMINISTRATOR_ONLY,
    reset: ADMINISTRATOR_ONLY,
    put_forward: IMPORTERS,
    approved: IMPORTERS,
    rolled_back: IMPORTERS,
    sampled: COORDINATOR_ONLY,
    read_in_sample: DECIDERS | COORDINATOR_ONLY,
}


@pytest.fixture
def places(session):
    """Owners as the person of 施設課 in 土木部 sees them."""
    return {
        "own": division(session),
        "same bureau": division(session, "道路課"),
        "foreign": division(session, "農地課", bureau="農林部"),
        "nobody's": None,
    }


def audited(session) -> int:
    return session.scalar(select(func.count(AuditEntry.id)))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("place", PLACES)
def test_an_operation_does_what_the_role_grants_and_refuses_the_rest(session, places, operation, role, place):
    registered = register(session, ordinance({"1": INSPECTION, "2": PURPOSE}), owner=places["own"])
    scan(session)
    item = session.scalars(select(ReviewItem)).one()
    answer(session, actor(session, of=places["own"]), item)  # so that there is a plan to edit
    session.get(Instrument, registered.instrument_id).owner_id = places[place].id if places[place] else None
    actor(session)  # whose password is reset
    prepare_detection(session)
    session.flush()
    person, before = actor(session, role, places["own"]), audited(session)
    if (role, place) in OPERATIONS[operation]:
        operation(session, person, item)
        assert audited(session) > before
    else:
        with pytest.raises(NotPermittedError) as refused:
            operation(session, person, item)
        assert refused.value.actor == person
        assert audited(session) == before


@pytest.mark.parametrize(("role", "place"), list(product(Role, PLACES)))
def test_every_query_shows_exactly_what_may_be_seen(session, places, role, place):
    owner = places[place]
    registered = register(session, ordinance({"1": INSPECTION}), owner=owner)
    scan(session)
    item = session.scalars(select(ReviewItem)).one()
    person = actor(session, role, places["own"])
    is_seen = may_view(person, Owner(division_id=owner.id, bureau=owner.bureau) if owner else Owner())
    values = {"actor": person, "statuses": OPEN_STATUSES}
    assert bool(queries.queue(session, **values)) is is_seen
    assert bool(queries.queue_total(session, **values)) is is_seen
    assert (queries.next_item(session, after_item_id=None, **values) == item.id) is is_seen
    assert bool(queries.inbox_counts(session, actor=person)[ReviewStatus.PENDING]) is is_seen
    assert (queries.item_detail(session, actor=person, item_id=item.id) is not None) is is_seen
    assert bool(queries.instrument_list(session, actor=person)) is is_seen
    shown = queries.instrument_text(session, actor=person, instrument_id=registered.instrument_id)
    assert (shown is not None) is is_seen
    assert any(row.candidates for row in queries.progress_by_division(session, actor=person)) is is_seen
    if owner is not None:
        answer(session, actor(session, of=owner), item)
        assert bool(queries.roadmap_rows(session, actor=person)) is is_seen
