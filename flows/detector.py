"""The detector in service: GiNZA with the approved model, or with the weights that ship with the project."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy.orm import Session

from models.queries.detection import model_in_service
from nlp.classifier import Classifier
from nlp.model import from_bytes
from nlp.parallel import classify_in_processes
from nlp.pipeline import load_pipeline, pipeline_version
from nlp.provision import Finding, ProvisionInput

logger = logging.getLogger(__name__)

PROCESSES = 2
ALONE = 2_000
"""Provisions up to which one process is as quick: two more have to load GiNZA first."""
_BLOCK = 512

Classify = Callable[[Sequence[ProvisionInput]], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorInService:
    """`version` is what findings are kept under; `weights` None means the weights that ship."""

    version: str
    weights: bytes | None = field(repr=False)

    def classify(self, provisions: Sequence[ProvisionInput]) -> Iterator[Finding]:
        """One finding a provision, in order, as they come: in processes of their own where there are many."""
        if len(provisions) > ALONE:
            yield from classify_in_processes(provisions, processes=PROCESSES, weights=self.weights)
            return
        for start in range(0, len(provisions), _BLOCK):
            yield from _classifier(self.weights).classify(provisions[start : start + _BLOCK])


@cache
def _classifier(weights: bytes | None) -> Classifier:
    """The classifier of this process: loading GiNZA costs a second or two and 0.5 GB, so once."""
    return Classifier(load_pipeline(), model=from_bytes(weights) if weights is not None else None)


def detector_in_service(session: Session) -> DetectorInService:
    """What to detect with now."""
    model = model_in_service(session)
    if model is None:
        return DetectorInService(version=pipeline_version(), weights=None)
    if model.pipeline_version != pipeline_version():
        # Two people approved it, so it stays; but the features it learnt from may mean something else by now.
        logger.warning("model %d was trained under %s: train anew", model.model_id, model.pipeline_version)
    return DetectorInService(version=pipeline_version(model.weights), weights=model.weights)
