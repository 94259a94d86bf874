"""The linear models: for each category a probability, and which 類型. Weights only; no training here.

Held as plain arrays in `artifacts/detection.npz` (no pickle): for each model the names and weights of its
features, the idf of its n-grams and the biases. A column a class; of two classes one column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlp.features import AROUND, CAPTION, LEAD, PHRASE, Features
from nlp.pipeline import ARTIFACTS

# Every block is scaled alike in training and in use: flags are many small steps, each n-gram block one vector
# of this length.
FLAG_SCALE = 0.5
NGRAM_SCALES = {AROUND: 2.0, PHRASE: 0.7, LEAD: 0.7, CAPTION: 0.7}

_PARTS = ("classes", "bias", "names", "weights", "ngrams", "idf")
_GROUPS = ("lexical", "full", "type")
Floats = npt.NDArray[np.float64]


def weigh(features: Features, idf: Mapping[str, float]) -> dict[str, float]:
    """Features as the models see them: scaled flags, and of each block the known n-grams at a fixed length.

    `idf` is by block and n-gram: "around:点検".
    """
    values = {name: FLAG_SCALE * value for name, value in features.flags.items()}
    for block, counts in features.ngrams.items():
        grams = {}
        for gram, count in counts.items():
            rarity = idf.get(name := f"{block}:{gram}")
            if rarity is not None:
                grams[name] = (1 + math.log(count)) * rarity
        length = math.sqrt(sum(value * value for value in grams.values()))
        scale = NGRAM_SCALES[block] / length if length else 0.0
        values.update((name, scale * value) for name, value in grams.items())
    return values


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Logistic model over named features. `classes` has two or more; two share one column of weights."""

    classes: tuple[int, ...]
    rows: Mapping[str, int]  # feature name -> row of `weights`
    weights: Floats
    idf: Mapping[str, float]  # of the n-grams it knows
    bias: Floats  # one a column

    def odds(self, features: Features) -> Floats:
        """Log-odds a column."""
        known = {
            row: value for name, value in weigh(features, self.idf).items() if (row := self.rows.get(name)) is not None
        }
        values = np.fromiter(known.values(), np.float64, len(known))
        return np.asarray(self.bias + values @ self.weights[list(known)], dtype=np.float64)

    def probabilities(self, features: Features) -> Floats:
        """Probability of each class, in the order of `classes`."""
        scores = self.odds(features)
        if len(scores) == 1:
            scores = np.array([0.0, scores[0]])
        shares = np.exp(scores - scores.max())
        return np.asarray(shares / shares.sum(), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Detector:
    """Two models of one category, and the straight line that turns their log-odds into a probability.

    `lexical` judges every unit; `full`, which also weighs the parse, those that the first is in doubt about.
    """

    lexical: LinearModel
    full: LinearModel
    slope: float = 1.0
    intercept: float = 0.0

    def probability(self, odds: float) -> float:
        """Calibrated probability of a provision whose likeliest unit has these log-odds."""
        return logistic(self.slope * odds + self.intercept)


@dataclass(frozen=True, slots=True)
class DetectionModel:
    """All models: category -> detector, category -> 類型, and what the decisions are taken at.

    A label is given from probability `threshold`; a unit is parsed whose `lexical` log-odds are within ±`doubt`.
    """

    detectors: Mapping[str, Detector]
    types: Mapping[str, LinearModel]
    threshold: float
    doubt: float


def logistic(odds: float) -> float:
    """The probability of log-odds."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def save(model: DetectionModel, path: Path) -> None:
    """Write the weights as named arrays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_bytes(model))


def to_bytes(model: DetectionModel) -> bytes:
    """The weights as an npz archive; the same model gives the same bytes."""
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "threshold": np.array(model.threshold),
        "doubt": np.array(model.doubt),
    }
    for category, detector in model.detectors.items():
        arrays[f"calibration/{category}"] = np.array([detector.slope, detector.intercept])
        _put(arrays, f"lexical/{category}", detector.lexical)
        _put(arrays, f"full/{category}", detector.full)
    for category, linear in model.types.items():
        _put(arrays, f"type/{category}", linear)
    archive = BytesIO()
    np.savez_compressed(archive, **arrays)  # type: ignore[arg-type]
    return archive.getvalue()


def _put(arrays: dict[str, npt.NDArray[np.generic]], key: str, linear: LinearModel) -> None:
    arrays[f"{key}/classes"] = np.array(linear.classes)
    arrays[f"{key}/bias"] = linear.bias
    arrays[f"{key}/names"] = np.array(list(linear.rows), dtype=np.str_)
    arrays[f"{key}/weights"] = linear.weights.astype(np.float32)
    arrays[f"{key}/ngrams"] = np.array(list(linear.idf), dtype=np.str_)
    arrays[f"{key}/idf"] = np.array(list(linear.idf.values()), dtype=np.float32)


@cache
def load_model(path: Path = ARTIFACTS / "detection.npz") -> DetectionModel | None:
    """The trained weights; None where there are none (then the rules' own weights decide)."""
    return from_bytes(path.read_bytes()) if path.exists() else None


def from_bytes(data: bytes) -> DetectionModel:
    """The model of an npz archive. Raises ValueError or KeyError on other bytes."""
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        groups: dict[str, dict[str, LinearModel]] = {group: {} for group in _GROUPS}
        for key in {name.rsplit("/", 1)[0] for name in arrays.files if name.count("/") == 2}:
            group, category = key.split("/")
            part = {name: arrays[f"{key}/{name}"] for name in _PARTS}
            groups[group][category] = LinearModel(
                classes=tuple(int(value) for value in part["classes"]),
                rows={name: row for row, name in enumerate(part["names"].tolist())},
                weights=part["weights"].astype(np.float64),
                idf=dict(zip(part["ngrams"].tolist(), part["idf"].astype(float).tolist(), strict=True)),
                bias=part["bias"],
            )
        detectors = {
            category: Detector(lexical, groups["full"][category], *map(float, arrays[f"calibration/{category}"]))
            for category, lexical in groups["lexical"].items()
        }
        return DetectionModel(detectors, groups["type"], float(arrays["threshold"]), float(arrays["doubt"]))
