"""The detector in service: GiNZA with the approved model, or with the weights that ship with the project."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from sqlalchemy.orm import Session

from models.queries.detection import model_in_service
from nlp.classifier import Classifier
from nlp.model import from_bytes
from nlp.parallel import classify_in_processes
from nlp.pipeline import load_pipeline, pipeline_version
from nlp.provision import Finding, ProvisionInput
from nlp.rule_loader import load_rules

logger = logging.getLogger(__name__)

PROCESSES = 2
ALONE = 2_000
"""Provisions up to which one process is as quick: two more have to load GiNZA first."""
_BLOCK = 512

Classify = Callable[[Sequence[ProvisionInput]], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorInService:
    """`version` is what findings are kept under; `weights` None means the weights that ship.

    `rule_folders` hold the installation's own rules and keyword list, beside those that ship.
    """

    version: str
    weights: bytes | None = field(repr=False)
    rule_folders: tuple[Path, ...] = ()

    def classify(self, provisions: Sequence[ProvisionInput]) -> Iterator[Finding]:
        """One finding a provision, in order, as they come: in processes of their own where there are many."""
        if len(provisions) > ALONE:
            yield from classify_in_processes(
                provisions, processes=PROCESSES, weights=self.weights, rule_folders=self.rule_folders
            )
            return
        classifier = _classifier(self)
        for start in range(0, len(provisions), _BLOCK):
            yield from classifier.classify(provisions[start : start + _BLOCK])


@lru_cache(maxsize=2)
def _classifier(detector: DetectorInService) -> Classifier:
    """The classifier of this process, made once for a version of weights and rules."""
    model = from_bytes(detector.weights) if detector.weights is not None else None
    return Classifier(load_pipeline(), model=model, rule_folders=detector.rule_folders)


def detector_in_service(session: Session, *, rule_folders: tuple[Path, ...] = ()) -> DetectorInService:
    """What to detect with now. Raises RuleError on a folder of rules that cannot be used."""
    load_rules(*rule_folders)  # before anything is read, and by file and line
    model = model_in_service(session)
    weights = model.weights if model else None
    if model and model.pipeline_version != pipeline_version(rule_folders=rule_folders):
        # Two people approved it, so it stays; but the features it learnt from may mean something else by now.
        logger.warning("model %d was trained under %s: train anew", model.model_id, model.pipeline_version)
    version = pipeline_version(weights, rule_folders=rule_folders)
    return DetectorInService(version=version, weights=weights, rule_folders=rule_folders)
