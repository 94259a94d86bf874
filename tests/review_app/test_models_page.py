"""判定モデル: what is in service, what is proposed, and who may put it into service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from models.database import reading_scope, session_scope
from models.detection import ModelState
from models.operations.propose_model import ModelFault, approve_model, propose_model
from models.queries import detection_models, model_in_service
from regulations.review import Actor
from review_app import labels_ja as ja
from review_app.app_pages.detection_models import figures_html
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import NOW, Prefecture


def figures(f1: float = 0.9) -> dict[str, Any]:
    def report(posting: float) -> dict[str, Any]:
        scores = {"visual_inspection": 0.8, "written_posting": posting}
        return {
            "categories": {name: {"precision": f1, "recall": f1, "f1": f1} for name, f1 in scores.items()},
            "micro": {"precision": 0.91, "recall": 0.97, "f1": 0.939},
        }

    return {"rows": 1534, "new": report(f1), "in_service": report(0.9)}


@pytest.fixture
def coordinator(prefecture: Prefecture) -> Actor:
    return person(prefecture, "gyokei")


@pytest.fixture
def administrator(prefecture: Prefecture) -> Actor:
    return person(prefecture, "admin")


@pytest.fixture
def propose(prefecture: Prefecture, administrator: Actor) -> Callable[..., int]:
    """Have the administrator put a model forward; returns its id."""

    def proposing(*, f1: float = 0.9, compared_with: int | None = None) -> int:
        with session_scope(prefecture.sessions) as session:
            return propose_model(
                session,
                actor=administrator,
                weights=b"weights",
                training_data=b"{}",
                figures=figures(f1),
                compared_with=compared_with,
                pipeline_version="rules-1",
                now=NOW,
            )

    return proposing


def test_without_a_model_the_shipped_one_is_in_use_and_the_page_says_how_a_new_one_is_made(coordinator: Actor) -> None:
    html = shown(open_page("detection_models", coordinator))
    assert ja.MODELS_EMPTY in html
    assert "minaoshi train" in html


def test_the_proposer_sees_why_the_button_is_closed(propose: Callable[..., int], administrator: Actor) -> None:
    model_id = propose()
    page = open_page("detection_models", administrator)
    assert page.button(key=f"approve_{model_id}").disabled
    assert ja.OWN_PROPOSAL in shown(page)


def test_a_second_person_puts_a_model_into_service_and_takes_it_back(
    propose: Callable[..., int], coordinator: Actor, prefecture: Prefecture
) -> None:
    model_id = propose()
    page = open_page("detection_models", coordinator)
    assert '<tr class="mi-chosen"><td>付属</td>' in shown(page)
    page.button(key=f"approve_{model_id}").click()
    run(page)
    assert f"第{model_id}版を使うことにしました。" in shown(page)
    assert f'<tr class="mi-chosen"><td>第{model_id}版</td>' in shown(page)
    assert f"第{model_id}版をやめ、付属のモデルに戻しますか。" in shown(page)
    page.button(key="roll_back").click()
    run(page)
    assert "付属のモデルに戻しました。" in shown(page)
    with reading_scope(prefecture.sessions) as session:
        assert model_in_service(session) is None


def test_a_model_that_is_worse_somewhere_cannot_be_put_into_service(
    propose: Callable[..., int], coordinator: Actor
) -> None:
    model_id = propose(f1=0.85)
    page = open_page("detection_models", coordinator)
    assert page.button(key=f"approve_{model_id}").disabled
    assert "比較元より劣る規制区分があるため使えません。学習し直してください（書面掲示）。" in shown(page)


def test_a_model_measured_against_an_earlier_one_cannot_be_put_into_service(
    propose: Callable[..., int], coordinator: Actor, prefecture: Prefecture
) -> None:
    first, second = propose(), propose()
    with session_scope(prefecture.sessions) as session:
        approve_model(session, actor=coordinator, model_id=first, now=NOW)
    page = open_page("detection_models", coordinator)
    assert page.button(key=f"approve_{second}").disabled
    assert ja.model_fault(ModelFault.COMPARED_WITH_ANOTHER) in shown(page)


def test_what_somebody_else_has_done_meanwhile_is_told(
    propose: Callable[..., int], coordinator: Actor, prefecture: Prefecture
) -> None:
    model_id = propose()
    page = open_page("detection_models", coordinator)
    with session_scope(prefecture.sessions) as session:
        approve_model(session, actor=coordinator, model_id=model_id, now=NOW)
    page.button(key=f"approve_{model_id}").click()
    run(page)
    assert ja.model_fault(ModelFault.NOT_PROPOSED) in shown(page)
    with reading_scope(prefecture.sessions) as session:
        (row,) = detection_models(session, actor=coordinator)
    assert row.state is ModelState.IN_SERVICE


def test_a_category_in_which_the_model_is_worse_draws_attention() -> None:
    html = figures_html(figures(0.85))
    assert '<tr class="mi-alert"><td>書面掲示</td>' in html
    assert "<tr><td>目視</td>" in html
    assert "<td class=mi-num>0.939</td>" in html


@pytest.mark.parametrize("fault", ModelFault)
def test_a_refused_model_says_what_to_do(fault: ModelFault) -> None:
    assert ja.model_fault(fault).endswith("ください。")


def test_figures_that_were_not_measured_are_left_open() -> None:
    measured = {side: {"categories": {"visual_inspection": {"f1": 0.9}}} for side in ("new", "in_service")}
    assert figures_html(measured).count("<td class=mi-num>－</td>") == 10
