"""What detection left out: samples, answers, and what they say of the whole."""

from __future__ import annotations

import pytest
from scipy.stats import beta
from sqlalchemy import select

from models.detection import ElusionRow
from models.operations.draw_elusion_sample import (
    AlreadyAnsweredError,
    MissedRegulation,
    NothingToDrawError,
    answer_elusion_row,
    draw_elusion_sample,
)
from models.operations.errors import InvalidAnswerError, NoSuchItemError
from models.queries import elusion_estimate, elusion_tasks
from models.queries.intervals import clopper_pearson
from models.review import ReviewItem
from regulations.review import Applicability, NotPermittedError, ReviewStatus, Role
from regulations.structure import Kind
from regulations.taxonomy import LegalBasis
from tests.factories import INSPECTION, NOW, actor, answer, division, items, ordinance, register, scan

QUIET = "知事は、必要があると認めるときは、職員に事情を聴かせることができる。"
MISSED = MissedRegulation(
    start=0, end=2, category="on_site_audit", regulation_type=1, phase=1, basis=LegalBasis.UNCLEAR
)


@pytest.fixture
def place(session):
    """Ten provisions of which detection flags the first; an act beside them; the people who see to them."""
    own = division(session)
    registered = register(
        session, ordinance({"1": INSPECTION} | {str(number): QUIET * number for number in range(2, 11)}), owner=own
    )
    register(session, ordinance({"1": QUIET}, title="施設法", kind=Kind.ACT))
    scan(session)
    return {
        "registered": registered,
        "reviewer": actor(session, of=own),
        "stranger": actor(session, of=division(session, "農地課", bureau="農林部")),
        "coordinator": actor(session, Role.COORDINATOR),
    }


def drawn(session, place, size=4, seed=7):
    sample = draw_elusion_sample(session, actor=place["coordinator"], size=size, seed=seed, now=NOW)
    return elusion_tasks(session, actor=place["coordinator"], sample_id=sample)


def test_only_unflagged_provisions_of_local_instruments_in_force_are_drawn(session, place):
    tasks = drawn(session, place, size=100)
    assert {task.title for task in tasks} == {"施設管理条例"}
    assert len({task.version_id for task in tasks}) == 9
    assert all(task.text.startswith("知事は") for task in tasks)


def test_a_provision_refused_by_people_is_not_drawn_where_the_machine_no_longer_flags_it(session, place):
    item = items(session, place["registered"])["1"]
    answer(session, place["reviewer"], item, Applicability.NOT_APPLICABLE)
    scan(session, pipeline_version="rules-2", words={})
    assert len(drawn(session, place, size=100)) == 9


def test_the_same_seed_draws_the_same_provisions_and_another_seed_others(session, place):
    first, again, other = ([task.version_id for task in drawn(session, place, seed=seed)] for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_nothing_is_drawn_before_a_scan(session):
    register(session, ordinance({"1": QUIET}))
    with pytest.raises(NothingToDrawError):
        draw_elusion_sample(session, actor=actor(session, Role.COORDINATOR), size=3, seed=1, now=NOW)


def test_a_miss_seen_by_the_owning_division_is_decided_at_once(session, place):
    task = drawn(session, place)[0]
    (item_id,) = answer_elusion_row(session, actor=place["reviewer"], row_id=task.row_id, missed=[MISSED], now=NOW)
    item = session.get(ReviewItem, item_id)
    assert (item.status, item.is_manual) == (ReviewStatus.APPLICABLE, True)


def test_a_miss_seen_by_the_coordinator_waits_for_the_owning_division(session, place):
    task = drawn(session, place)[0]
    (item_id,) = answer_elusion_row(session, actor=place["coordinator"], row_id=task.row_id, missed=[MISSED], now=NOW)
    item = session.get(ReviewItem, item_id)
    assert (item.status, item.current_decision_id) == (ReviewStatus.PENDING, None)
    answer(session, place["reviewer"], item)
    assert item.status is ReviewStatus.APPLICABLE


def test_a_foreign_division_may_not_answer_for_another(session, place):
    task = drawn(session, place)[0]
    with pytest.raises(NotPermittedError):
        answer_elusion_row(session, actor=place["stranger"], row_id=task.row_id, now=NOW)


def test_nothing_may_become_a_miss_later_but_a_miss_stays(session, place):
    task = drawn(session, place)[0]
    values = {"actor": place["coordinator"], "row_id": task.row_id, "now": NOW}
    assert answer_elusion_row(session, **values) == []
    answer_elusion_row(session, missed=[MISSED], **values)
    with pytest.raises(AlreadyAnsweredError):
        answer_elusion_row(session, **values)


def test_a_row_that_is_not_there_and_a_span_outside_the_text_are_refused(session, place):
    with pytest.raises(NoSuchItemError):
        answer_elusion_row(session, actor=place["coordinator"], row_id=999_999, now=NOW)
    task = drawn(session, place)[0]
    outside = MissedRegulation(
        start=0, end=9_999, category="on_site_audit", regulation_type=1, phase=1, basis=LegalBasis.UNCLEAR
    )
    with pytest.raises(InvalidAnswerError):
        answer_elusion_row(session, actor=place["coordinator"], row_id=task.row_id, missed=[outside], now=NOW)
    session.expire_all()


def test_the_estimate_scales_the_share_to_the_population_and_to_the_recall(session, place):
    tasks = drawn(session, place, size=4)
    by = place["coordinator"]
    answer_elusion_row(session, actor=by, row_id=tasks[0].row_id, missed=[MISSED], now=NOW)
    for task in tasks[1:3]:
        answer_elusion_row(session, actor=by, row_id=task.row_id, now=NOW)
    found = elusion_estimate(session, actor=by)
    assert (found.population, found.size, found.read, found.missed) == (9, 4, 3, 1)
    assert found.share == pytest.approx(1 / 3)
    assert found.implied == pytest.approx(3.0)
    assert found.share_range == pytest.approx((beta.ppf(0.025, 1, 3), beta.ppf(0.975, 2, 2)))
    assert found.recall is None, "nothing flagged has been decided"
    answer(session, place["reviewer"], items(session, place["registered"])["1"])
    found = elusion_estimate(session, actor=by)
    assert found.found == pytest.approx(1.0)
    assert found.recall == pytest.approx(1 / 4)
    low, high = found.recall_range
    assert low < found.recall < high


def test_a_miss_that_the_division_refuses_is_no_miss(session, place):
    task = drawn(session, place)[0]
    by = place["coordinator"]
    (item_id,) = answer_elusion_row(session, actor=by, row_id=task.row_id, missed=[MISSED], now=NOW)
    answer(session, place["reviewer"], session.get(ReviewItem, item_id), Applicability.NOT_APPLICABLE)
    assert elusion_estimate(session, actor=by).missed == 0


def test_without_a_sample_there_is_no_estimate(session):
    assert elusion_estimate(session, actor=actor(session, Role.COORDINATOR)) is None


@pytest.mark.parametrize(("hits", "trials"), [(0, 300), (3, 300), (300, 300), (1, 2), (17, 2000), (400, 1000)])
def test_the_interval_is_the_exact_one(hits, trials):
    low, high = clopper_pearson(hits, trials)
    assert low == pytest.approx(beta.ppf(0.025, hits, trials - hits + 1) if hits else 0.0, abs=1e-9)
    assert high == pytest.approx(beta.ppf(0.975, hits + 1, trials - hits) if hits < trials else 1.0, abs=1e-9)


def test_without_trials_nothing_is_known():
    assert clopper_pearson(0, 0) == (0.0, 1.0)


def test_rows_keep_the_order_of_drawing(session, place):
    drawn(session, place, size=9)
    assert list(session.scalars(select(ElusionRow.position).order_by(ElusionRow.id))) == list(range(1, 10))
