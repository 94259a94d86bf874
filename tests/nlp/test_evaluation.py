from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from spacy.language import Language

from nlp.analysis import Analysis, read
from nlp.classifier import Finding, Label, ProvisionInput, decide
from nlp.evaluation import Labelled, Score, assess, cross_validate, evaluate, expected_calibration_error, folds
from nlp.features import AROUND, Features
from nlp.jsonl import read_provisions
from nlp.model import load_model, save, to_bytes
from nlp.sample_gold import FOLDER, sample_lines
from nlp.scoring import NONE, confusion, intervals, precision_at_recall, reading_effort
from nlp.training import Example, GoldLabel, GoldRow, examples, fit, fit_examples, gold_row, train_from_gold
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
    return Features(dict.fromkeys(flags, 1.0), {AROUND: ngrams})


POSITIVE, NEGATIVE = example("rule:+", 点検=1, 点=1), example("rule:-", 報告=2, 点=1)


def taught(category: str | None, number: int) -> Example:
    features = POSITIVE if category else NEGATIVE
    return Example(number, f"document {number}", gold(category).label(category or ""), 1.0, features, features)


def test_a_model_learns_saves_and_reads_back_the_same(tmp_path: Path) -> None:
    model = fit_examples({VIEWING: [taught(VIEWING if number % 2 else None, number) for number in range(24)]})
    detector = model.detectors[VIEWING]
    positive, negative = (detector.probability(float(detector.full.odds(each)[0])) for each in (POSITIVE, NEGATIVE))
    assert positive > 0.5 > negative
    save(model, tmp_path / "weights.npz")
    back = load_model(tmp_path / "weights.npz")
    assert back is not None
    assert (back.threshold, back.doubt) == (model.threshold, model.doubt)
    again = back.detectors[VIEWING]
    assert again.probability(float(again.full.odds(POSITIVE)[0])) == pytest.approx(positive, abs=1e-5)


def test_three_classes_have_a_column_of_weights_each() -> None:
    three = [example(f"rule:{number}", 点=1) for number in (1, 2, 3)]
    model = fit([1, 2, 3] * 3, three * 3)
    assert model.classes == (1, 2, 3)
    assert [int(model.probabilities(each).argmax()) for each in three] == [0, 1, 2]
    assert model.probabilities(three[0]).sum() == pytest.approx(1)


def analysed(*texts: str) -> list[Analysis]:
    return [read(ProvisionInput(id=str(number), text=text)) for number, text in enumerate(texts)]


def test_optional_labels_and_uncertain_rows_teach_nothing() -> None:
    rows = [gold(VIEWING, optional=True), gold(None, uncertain=True)]
    assert examples(rows, analysed("閲覧させる。", "閲覧させる。"))[VIEWING] == []


def test_the_sentence_that_holds_the_evidence_is_taught_as_the_reason() -> None:
    label = GoldLabel(VIEWING, (1,), (1,), optional=False, evidence=("公衆の縦覧に供する",))
    row = GoldRow("1", "source", (label,), uncertain=False, basis=())
    units = examples([row], analysed("閲覧の手数料は、無料とする。案を公衆の縦覧に供する。"))[VIEWING]
    assert [unit.share for unit in units] == [0.0, 1.0]


def test_without_evidence_every_sentence_is_the_reason_in_part() -> None:
    units = examples([gold(VIEWING)], analysed("閲覧の申請をする。公衆の縦覧に供する。"))[VIEWING]
    assert [unit.share for unit in units] == [0.5, 0.5]


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
    assert to_bytes(first) == to_bytes(second)


def scored(*probabilities: float) -> list[Finding]:
    return [replace(found(None), scores={VIEWING: each}) for each in probabilities]


def test_precision_is_stated_where_recall_is_reached_and_a_tie_does_not_flatter() -> None:
    rows = [gold(VIEWING), gold(None), gold(VIEWING), gold(None)]
    scores = [finding.scores for finding in scored(0.9, 0.8, 0.5, 0.5)]
    assert precision_at_recall(rows, scores, 0.5) == 1.0
    assert precision_at_recall(rows, scores, 1.0) == 0.5


def test_reading_effort_counts_what_stands_before_the_last_true_one() -> None:
    rows = [gold(VIEWING), gold(None), gold(VIEWING), gold(None)]
    assert reading_effort(rows, scored(0.9, 0.2, 0.5, 0.1), 1.0) == 0.5
    assert reading_effort(rows, scored(0.9, 0.2, 0.0, 0.0), 1.0) == 1.0


def test_a_missed_label_and_a_wrong_one_are_one_confusion() -> None:
    counts = confusion(
        [gold(VIEWING), gold(VIEWING), gold(None), gold(VIEWING)],
        [found(VIEWING), found("written_posting"), found(VIEWING), found(None)],
    )
    assert counts == {
        (VIEWING, VIEWING): 1,
        (VIEWING, "written_posting"): 1,
        (NONE, VIEWING): 1,
        (VIEWING, NONE): 1,
    }


def test_intervals_hold_the_figure_and_come_out_the_same_again() -> None:
    rows = [replace(gold(VIEWING), source=str(number % 7)) for number in range(40)]
    findings = [found(VIEWING if number % 4 else None) for number in range(40)]
    drawn = intervals(rows, findings, resamples=50, seed=1)
    low, high = drawn["micro_recall"]
    assert low < evaluate(rows, findings).micro.recall < high
    assert drawn == intervals(rows, findings, resamples=50, seed=1)


GOLD_TEXTS = [
    ("台帳を公衆の閲覧に供しなければならない。", True),
    ("縦覧期間の満了の日までに意見書を提出することができる。", False),
    ("名簿の閲覧を請求することができる。", True),
    ("何人も、閲覧した書類を損壊してはならない。", False),
]


def test_the_whole_table_is_printed_from_a_gold_file(pipeline: Language, tmp_path: Path) -> None:
    rows = [
        {
            "id": str(number),
            "source": f"document {number}",
            "kind": "ordinance",
            "text": text,
            "labels": [{"category": VIEWING, "types": [1, 2], "phases": [1], "optional": False}] if true else [],
            "uncertain": False,
            "basis": ["local"] if true else None,
        }
        for number, (text, true) in enumerate(GOLD_TEXTS * 5)
    ]
    path = tmp_path / "gold.jsonl"
    rows[0]["text"] = f"{rows[0]['text']}\u2028"  # a line end to some, but not in a file of lines
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    assessment = assess(path, pipeline=pipeline, resamples=5)
    figures = json.loads(json.dumps(assessment.as_dict()))
    assert figures["figures"]["in_person_viewing_f1"] == 1.0
    assert figures["ablations"][0]["name"] == "trigger only"
    assert figures["ablations"][0]["recall"] == 1.0 > figures["ablations"][0]["precision"]
    text = assessment.as_text()
    assert "| in_person_viewing | 1.000 (1.000–1.000) |" in text
    assert "| gold \\ given |" in text


def test_what_stands_beside_the_gold_is_learnt_and_not_scored() -> None:
    rows = [replace(gold(VIEWING if true else None), source=str(n)) for n, (_, true) in enumerate(GOLD_TEXTS * 2)]
    analyses = analysed(*(text for text, _ in GOLD_TEXTS * 2))
    novel = analysed("原簿の縦覧をさせる。")
    unseen = Labelled([replace(gold(VIEWING), source="beside")] * 12, novel * 12)
    alone = cross_validate(rows, analyses)
    helped = cross_validate([replace(gold(VIEWING), source="a"), *rows], [*novel, *analyses], beside=unseen)
    assert (len(alone), len(helped)) == (8, 9)
    (without, *_) = cross_validate([replace(gold(VIEWING), source="a"), *rows], [*novel, *analyses])
    assert helped[0].scores[VIEWING] > without.scores[VIEWING]


def test_the_shipped_sample_is_gold_with_every_row_of_its_key() -> None:
    lines = sample_lines()
    rows = [gold_row(json.loads(line)) for line in lines]
    assert [each.id for each in read_provisions(lines)] == [row.id for row in rows]
    with (FOLDER / "expected.csv").open(encoding="utf-8-sig") as key:
        listed = sum(1 for _ in key) - 1
    assert sum(len(row.labels) for row in rows) >= listed
    assert {label.phases for row in rows for label in row.labels} == {(1,), (2,), (3,)}
    assert len({row.source for row in rows}) == 28


def test_the_rules_alone_beat_a_keyword_net_on_real_text(shared: Path) -> None:
    lines = (shared / "labels" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    provisions: list[ProvisionInput] = list(read_provisions(lines))
    report = evaluate([gold_row(json.loads(line)) for line in lines], [decide(read(each), None) for each in provisions])
    assert report.micro.f1 >= 0.80
    assert report.phase_accuracy >= 0.95
