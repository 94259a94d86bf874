from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from spacy.language import Language

from nlp.analysis import read
from nlp.classifier import Finding, Label, ProvisionInput, decide
from nlp.evaluation import Score, evaluate, expected_calibration_error, folds
from nlp.features import Features
from nlp.jsonl import read_provisions
from nlp.model import load_model, save
from nlp.training import GoldLabel, GoldRow, fit, gold_row, train, train_from_gold
from regulations.taxonomy import LegalBasis


def gold(category: str | None, *, optional: bool = False, uncertain: bool = False, number: int = 0) -> GoldRow:
    labels = (GoldLabel(category, (1,), (1, 2), optional),) if category else ()
    return GoldRow(str(number), "source", labels, uncertain, ())


def found(category: str | None, *, probability: float = 0.9, number: int = 1, phase: int = 1) -> Finding:
    label = Label(
        category=category or "",
        type=number,
        phase=phase,
        probability=probability,
        evidence=(),
        reason="",
        rule_ids=(),
    )
    return Finding(id="", labels=(label,) if category else (), scores={}, basis=LegalBasis.UNCLEAR, basis_evidence=())


VIEWING = "in_person_viewing"


@pytest.mark.parametrize(
    ("row", "finding", "counts"),
    [
        (gold(VIEWING), found(VIEWING), (1, 0, 0)),
        (gold(VIEWING), found(None), (0, 0, 1)),
        (gold(None), found(VIEWING), (0, 1, 0)),
        (gold(None), found(None), (0, 0, 0)),
        # the annotators did not agree: neither right nor wrong
        (gold(VIEWING, optional=True), found(VIEWING), (0, 0, 0)),
        (gold(VIEWING, optional=True), found(None), (0, 0, 0)),
        # an uncertain row gives no false positive
        (gold(None, uncertain=True), found(VIEWING), (0, 0, 0)),
        # another category is both a miss and a false find
        (gold(VIEWING), found("written_posting"), (0, 1, 1)),
    ],
)
def test_a_label_counts_as_the_guideline_says(row: GoldRow, finding: Finding, counts: tuple[int, int, int]) -> None:
    assert evaluate([row], [finding]).micro == Score(*counts)


def test_type_and_phase_are_right_where_any_allowed_value_is_given() -> None:
    report = evaluate([gold(VIEWING)] * 2, [found(VIEWING, phase=2), found(VIEWING, number=2, phase=3)])
    assert (report.type_accuracy, report.phase_accuracy) == (0.5, 0.5)


def test_f1_is_the_harmonic_mean() -> None:
    score = Score(6, 2, 4)
    assert score.f1 == pytest.approx(2 * score.precision * score.recall / (score.precision + score.recall))


def test_stated_probabilities_that_come_true_have_no_calibration_error() -> None:
    assert expected_calibration_error([(0.75, True)] * 3 + [(0.75, False)]) == pytest.approx(0)
    assert expected_calibration_error([(0.9, False)]) == pytest.approx(0.9)


def test_a_document_is_never_on_both_sides_of_a_fold() -> None:
    sources = [f"document {number % 17}" for number in range(200)]
    placed = folds(sources)
    assert set(placed) == {0, 1, 2, 3, 4}
    assert all(len({fold for fold, each in zip(placed, sources, strict=True) if each == one}) == 1 for one in sources)
    assert placed == folds(sources)


def example(*flags: str, **ngrams: int) -> Features:
    return Features(dict.fromkeys(flags, 1.0), ngrams)


def test_a_model_learns_saves_and_reads_back_the_same(tmp_path: Path) -> None:
    positive, negative = example("rule:+", 点検=1, 点=1), example("rule:-", 報告=2, 点=1)
    rows = [gold("visual_inspection" if number % 2 else None, number=number) for number in range(12)]
    by_row = [{"visual_inspection": positive if number % 2 else negative} for number in range(12)]
    model = train(rows, by_row)
    detector = model.detectors["visual_inspection"]
    assert detector.probabilities(positive)[1] > 0.5 > detector.probabilities(negative)[1]
    save(model, tmp_path / "weights.npz")
    back = load_model(tmp_path / "weights.npz")
    assert back is not None
    assert back.threshold == model.threshold
    again = back.detectors["visual_inspection"].probabilities(positive)
    np.testing.assert_allclose(again, detector.probabilities(positive), atol=1e-5)


def test_three_classes_have_a_row_of_weights_each() -> None:
    examples = [example(f"rule:{number}", 点=1) for number in (1, 2, 3)] * 3
    model = fit([1, 2, 3] * 3, examples)
    assert model.classes == (1, 2, 3)
    assert [model.best(each) for each in examples[:3]] == [1, 2, 3]
    assert model.probabilities(examples[0]).sum() == pytest.approx(1)


def test_optional_labels_teach_nothing() -> None:
    rows = [gold("visual_inspection", optional=True), gold(None)]
    assert train(rows, [{"visual_inspection": example("rule:+", 点=1)}] * 2).detectors == {}


def test_without_a_weights_file_there_is_no_model(tmp_path: Path) -> None:
    assert load_model(tmp_path / "none.npz") is None


def test_training_twice_gives_the_same_weights(pipeline: Language) -> None:
    lines = [
        json.dumps(
            {
                "id": str(number),
                "source": str(number),
                "text": text,
                "labels": labels,
                "uncertain": False,
                "basis": None,
            }
        )
        for number, (text, labels) in enumerate(
            [
                (
                    "台帳を公衆の閲覧に供しなければならない。",
                    [{"category": VIEWING, "types": [2], "phases": [1], "optional": False}],
                ),
                ("縦覧期間の満了の日までに意見書を提出することができる。", []),
            ]
            * 4
        )
    ]
    first, second = train_from_gold(lines, pipeline), train_from_gold(lines, pipeline)
    assert first.detectors[VIEWING].weights.keys() == second.detectors[VIEWING].weights.keys()
    for name, weights in first.detectors[VIEWING].weights.items():
        np.testing.assert_array_equal(weights, second.detectors[VIEWING].weights[name])


def test_the_rules_alone_beat_a_keyword_net_on_real_text(shared: Path) -> None:
    lines = (shared / "labels" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    provisions: list[ProvisionInput] = list(read_provisions(lines))
    report = evaluate([gold_row(json.loads(line)) for line in lines], [decide(read(each), None) for each in provisions])
    assert report.micro.f1 >= 0.80
    assert report.phase_accuracy >= 0.95
