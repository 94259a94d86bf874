from __future__ import annotations

import pytest
from spacy.language import Language

from nlp.components.modality import Modality, modality_of


@pytest.mark.parametrize(
    ("sentence", "modality"),
    [
        ("事業者は、設備を点検しなければならない。", Modality.DUTY),
        ("市長は、設備を点検するものとする。", Modality.DUTY),
        ("設備を点検すること。", Modality.DUTY),
        ("市長は、職員に点検させることができる。", Modality.POWER),
        ("市長は、設備を点検することができる。", Modality.PERMISSION),
        ("何人も、設備を点検してはならない。", Modality.PROHIBITION),
        ("設備を点検することを要しない。", Modality.EXEMPTION),
        ("設備を点検した。", Modality.PLAIN),
    ],
)
def test_modality_is_read_off_the_ending(pipeline: Language, sentence: str, modality: Modality) -> None:
    assert pipeline(sentence)._.modality is modality


def test_an_ending_of_plain_lemmas_is_plain() -> None:
    assert modality_of("する た") is Modality.PLAIN


@pytest.mark.parametrize(
    ("sentence", "trigger", "predicate", "particle"),
    [
        # the same word: an act of its own, and the subject of another act
        ("施設を検査しなければならない。", "検査", "検査", ""),
        ("検査の結果を知事に報告しなければならない。", "検査", "報告", "の"),
        ("標識を設置するものとする。", "標識", "設置", "を"),
    ],
)
def test_the_predicate_that_governs_a_word_is_found(
    pipeline: Language, sentence: str, trigger: str, predicate: str, particle: str
) -> None:
    doc = pipeline(sentence)
    token = next(token for token in doc if token.text == trigger)
    assert doc[token._.governor].lemma_ == predicate
    assert token._.particle == particle


def test_components_declare_what_they_assign_and_need(pipeline: Language) -> None:
    problems = pipeline.analyze_pipes(pretty=False)["summary"]
    assert "doc._.modality" in problems["modality"]["assigns"]
    assert "token._.governor" in problems["governing_predicate"]["assigns"]
    assert problems["token_rules"]["assigns"] == ["doc._.rule_finds"]


def test_the_pipeline_has_no_entities_and_finds_no_sentences(pipeline: Language) -> None:
    assert "ner" not in pipeline.pipe_names
    assert len(list(pipeline("点検する。検査する。").sents)) == 1
