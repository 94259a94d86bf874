"""Trained models: put forward by one person, put into service by another, and taken back."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.detection import DetectionModel, ModelState
from models.operations.audit import record
from models.operations.errors import NoSuchItemError
from regulations.learning import ModelFault
from regulations.review import Actor, NotPermittedError, may_approve_model, may_propose_model, may_roll_back_model

__all__ = [
    "ModelFault",
    "ModelRefusedError",
    "approve_model",
    "propose_model",
    "roll_back_model",
    "worse_categories",
]


class ModelRefusedError(Exception):
    """The model's state or figures do not allow it. `categories` are those in which it is worse."""

    def __init__(self, fault: ModelFault, *, categories: tuple[str, ...] = ()) -> None:
        super().__init__(fault.value)
        self.fault, self.categories = fault, categories


def worse_categories(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """Categories whose F1 in cross-validation is below that of the model compared with.

    `figures` holds two reports, "new" and "in_service", each with "categories": id -> {"f1": …}. A category
    that only the model compared with knows counts as worse. There is no tolerance: equal is good
    enough, and a model that loses in one category to win in another is for people to improve first.
    """
    new, before = (figures[side]["categories"] for side in ("new", "in_service"))
    return tuple(sorted(name for name in before if name not in new or new[name]["f1"] < before[name]["f1"]))


def propose_model(
    session: Session,
    *,
    actor: Actor,
    weights: bytes,
    training_data: bytes,
    figures: Mapping[str, Any],
    compared_with: int | None,
    pipeline_version: str,
    now: dt.datetime,
) -> int:
    """Record a trained model as proposed; returns its id.

    `training_data` is JSON Lines as it was learnt from; `figures` as `worse_categories` reads them;
    `compared_with` the model they were measured against (None: the weights that ship). Raises NotPermittedError.
    """
    if not may_propose_model(actor):
        raise NotPermittedError(actor, "propose_model")
    model = DetectionModel(
        state=ModelState.PROPOSED,
        created_at=now,
        proposed_by_id=actor.account_id,
        compared_with_id=compared_with,
        pipeline_version=pipeline_version,
        weights=weights,
        weights_hash=sha256(weights).hexdigest(),
        training_data=gzip.compress(training_data, mtime=0),
        data_hash=sha256(training_data).hexdigest(),
        figures=dict(figures),
    )
    session.add(model)
    session.flush()
    _audit(session, actor, "propose_model", model, {"data_hash": model.data_hash, "compared_with": compared_with}, now)
    return model.id


def approve_model(session: Session, *, actor: Actor, model_id: int, now: dt.datetime) -> None:
    """Put a proposed model into service; the next scan uses it.

    Raises NoSuchItemError, NotPermittedError (also for the person who proposed it) and
    ModelRefusedError. A model that is worse in any category is refused, whoever asks.
    """
    model = session.get(DetectionModel, model_id, with_for_update=True, populate_existing=True)
    if model is None:
        raise NoSuchItemError(f"model {model_id}")
    if not may_approve_model(actor, proposed_by=model.proposed_by_id):
        raise NotPermittedError(actor, "approve_model")
    if model.state is not ModelState.PROPOSED:
        raise ModelRefusedError(ModelFault.NOT_PROPOSED)
    current = _in_service(session)
    if model.compared_with_id != (current.id if current else None):
        raise ModelRefusedError(ModelFault.COMPARED_WITH_ANOTHER)
    if worse := worse_categories(model.figures):
        raise ModelRefusedError(ModelFault.WORSE, categories=worse)
    if current is not None:
        current.state = ModelState.RETIRED
        session.flush()  # before the other takes its place: only one may be in service
    model.state, model.replaced_id = ModelState.IN_SERVICE, current.id if current else None
    model.approved_by_id, model.approved_at = actor.account_id, now
    _audit(session, actor, "approve_model", model, {"replaced": model.replaced_id}, now)


def roll_back_model(session: Session, *, actor: Actor, now: dt.datetime) -> int | None:
    """Retire the model in service and put back the one it replaced; returns that one's id (None: the shipped weights).

    Raises NotPermittedError and ModelRefusedError.
    """
    if not may_roll_back_model(actor):
        raise NotPermittedError(actor, "roll_back_model")
    current = _in_service(session)
    if current is None:
        raise ModelRefusedError(ModelFault.NONE_IN_SERVICE)
    current.state = ModelState.RETIRED
    session.flush()
    if current.replaced_id is not None:
        session.get_one(DetectionModel, current.replaced_id).state = ModelState.IN_SERVICE
    _audit(session, actor, "roll_back_model", current, {"restored": current.replaced_id}, now)
    return current.replaced_id


def _in_service(session: Session) -> DetectionModel | None:
    return session.scalar(select(DetectionModel).where(DetectionModel.state == ModelState.IN_SERVICE).with_for_update())


def _audit(
    session: Session, actor: Actor, action: str, model: DetectionModel, detail: Mapping[str, Any], now: dt.datetime
) -> None:
    record(
        session,
        actor_id=actor.account_id,
        action=action,
        target_type="detection_model",
        target_id=model.id,
        detail=detail,
        now=now,
    )
