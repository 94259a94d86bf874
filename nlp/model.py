"""The linear models: for each category a probability, and which 類型. Weights only; no training here.

Held as plain arrays in `artifacts/detection.npz` (no pickle): for each model the names and weights of its
features, the idf of its n-grams and the biases. A row a class; of two classes one row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlp.features import Features
from nlp.pipeline import ARTIFACTS

# Both blocks are scaled alike in training and in use: flags are many small steps, n-grams one unit vector.
FLAG_SCALE, NGRAM_SCALE = 0.5, 2.0

_PARTS = ("classes", "bias", "names", "weights", "ngrams", "idf")
Floats = npt.NDArray[np.float64]


def weigh(features: Features, idf: Mapping[str, float]) -> dict[str, float]:
    """Features as the models see them: scaled flags, and the known n-grams as one vector of fixed length."""
    values = {name: FLAG_SCALE * value for name, value in features.flags.items()}
    grams = {gram: (1 + math.log(count)) * idf[gram] for gram, count in features.ngrams.items() if gram in idf}
    length = math.sqrt(sum(value * value for value in grams.values()))
    return values | {f"char:{gram}": NGRAM_SCALE * value / length for gram, value in grams.items()}


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Logistic model over named features. `classes` has two or more; two share one row of weights."""

    classes: tuple[int, ...]
    weights: Mapping[str, Floats]  # name -> one weight a row
    idf: Mapping[str, float]  # of the n-grams it knows
    bias: Floats  # one a row

    def probabilities(self, features: Features) -> Floats:
        """Probability of each class, in the order of `classes`."""
        scores = self.bias.copy()
        for name, value in weigh(features, self.idf).items():
            if (weights := self.weights.get(name)) is not None:
                scores += value * weights
        if len(scores) == 1:
            scores = np.array([0.0, scores[0]])
        shares = np.exp(scores - scores.max())
        return np.asarray(shares / shares.sum(), dtype=np.float64)

    def best(self, features: Features) -> int:
        """The most probable class (the first among equals)."""
        return self.classes[int(self.probabilities(features).argmax())]


@dataclass(frozen=True, slots=True)
class DetectionModel:
    """All models: category -> detector, category -> 類型, and the probability from which a label is given."""

    detectors: Mapping[str, LinearModel]
    types: Mapping[str, LinearModel]
    threshold: float


def save(model: DetectionModel, path: Path) -> None:
    """Write the weights as named arrays."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"threshold": np.array(model.threshold)}
    for group, models in (("detector", model.detectors), ("type", model.types)):
        for category, linear in models.items():
            key = f"{group}/{category}"
            arrays[f"{key}/classes"] = np.array(linear.classes)
            arrays[f"{key}/bias"] = linear.bias
            arrays[f"{key}/names"] = np.array(list(linear.weights), dtype=np.str_)
            arrays[f"{key}/weights"] = np.array(list(linear.weights.values()), dtype=np.float32)
            arrays[f"{key}/ngrams"] = np.array(list(linear.idf), dtype=np.str_)
            arrays[f"{key}/idf"] = np.array(list(linear.idf.values()), dtype=np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


@cache
def load_model(path: Path = ARTIFACTS / "detection.npz") -> DetectionModel | None:
    """The trained weights; None where there are none (then the rules' own weights decide)."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        groups: dict[str, dict[str, LinearModel]] = {"detector": {}, "type": {}}
        for key in {name.rsplit("/", 1)[0] for name in arrays.files if "/" in name}:
            group, category = key.split("/")
            part = {name: arrays[f"{key}/{name}"] for name in _PARTS}
            groups[group][category] = LinearModel(
                classes=tuple(int(value) for value in part["classes"]),
                weights=dict(zip(part["names"].tolist(), part["weights"].astype(float), strict=True)),
                idf=dict(zip(part["ngrams"].tolist(), part["idf"].astype(float).tolist(), strict=True)),
                bias=part["bias"],
            )
        return DetectionModel(groups["detector"], groups["type"], float(arrays["threshold"]))
