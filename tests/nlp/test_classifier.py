from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language

from nlp.analysis import Analyser
from nlp.classifier import Classifier, Finding, ProvisionInput, decide, input_hash
from nlp.pipeline import LONGEST_CLAUSE, clauses, pipeline_version
from nlp.sentences import without_asides
from nlp.trigger import PATTERNS
from regulations.taxonomy import LegalBasis, load_taxonomy

# Our own sentences, one typical of each category: (text, category, 類型, PHASE)
TYPICAL = [
    (
        "市長は、この条例の施行に必要な限度において、職員に、工場に立ち入り、機械設備の状況を検査させることができる。",
        "visual_inspection",
        1,
        1,
    ),
    (
        "知事は、必要があると認めるときは、職員に、指定管理者の事務所に立ち入り、帳簿書類その他の物件を検査させることができる。",
        "on_site_audit",
        1,
        1,
    ),
    (
        "事業者は、ボイラーについて、一年以内ごとに一回、定期に、自主検査を行わなければならない。",
        "periodic_inspection",
        2,
        1,
    ),
    ("事業者は、事業所ごとに、利用者の相談に応ずる常勤の相談員を置かなければならない。", "full_time_presence", 3, 1),
    (
        "事業所の管理者は、専らその職務に従事する者でなければならない。ただし、管理上支障がない場合は、他の職務に従事することができる。",
        "full_time_presence",
        4,
        2,
    ),
    (
        "防火管理者は、選任された日から六月以内に、知事が行う講習を受けなければならない。",
        "in_person_training",
        1,
        1,
    ),
    ("営業者は、料金表を営業所の見やすい場所に掲示しなければならない。", "written_posting", 2, 1),
    ("市長は、基本計画の案を公告の日から二週間公衆の縦覧に供しなければならない。", "in_person_viewing", 2, 1),
]

# Words of the categories that demand nothing
NEAR_MISSES = [
    "前項の規定による立入検査を拒み、妨げ、又は忌避した者は、二十万円以下の罰金に処する。",
    "第五条の規定による権限は、犯罪捜査のために認められたものと解釈してはならない。",
    "第八条の規定は、前項の検査について準用する。",
    "監査委員の任期は、四年とする。",
    "非常勤の職員の報酬の額は、別表のとおりとする。",
    "定期巡回サービスの名称は、規則で定める。",
    "何人も、みだりに標識を移転し、又は損壊してはならない。",
    "この条例の施行に関し必要な事項は、規則で定める。",
]


def provision(text: str, **fields: str) -> ProvisionInput:
    return ProvisionInput(**{"id": "p", "kind": "ordinance", "law": "みなと県安全条例", **fields, "text": text})


@pytest.mark.parametrize(("text", "category", "number", "phase"), TYPICAL, ids=[row[1] for row in TYPICAL])
def test_a_typical_regulation_is_found_with_type_phase_and_reason(
    classifier: Classifier, text: str, category: str, number: int, phase: int
) -> None:
    (finding,) = classifier.classify([provision(text)])
    label = next(label for label in finding.labels if label.category == category)
    assert (label.type, label.phase) == (number, phase)
    assert label.reason.endswith(f"PHASE{phase}とした。")
    assert label.evidence[0].text in text


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_words_without_a_demand_give_no_label(classifier: Classifier, text: str) -> None:
    (finding,) = classifier.classify([provision(text)])
    assert finding.labels == ()


def test_an_item_is_read_with_the_lead_it_hangs_on(classifier: Classifier) -> None:
    lead = "設置者は、次に掲げる措置を講じなければならない。"
    text = f"{lead}\n一　毎月一回以上、配管の漏えいの有無を点検すること。\n二　記録を保存すること。"
    (finding,) = classifier.classify([provision(text)])
    label = next(label for label in finding.labels if label.category == "periodic_inspection")
    assert "毎月一回以上" in "".join(evidence.text for evidence in label.evidence)


def test_every_finding_has_all_seven_scores_and_valid_numbers(classifier: Classifier) -> None:
    for finding in classifier.classify(provision(row[0]) for row in TYPICAL):
        assert set(finding.scores) == set(PATTERNS) == {c.id for c in load_taxonomy().values() if c.enabled}
        for label in finding.labels:
            assert label.probability == finding.scores[label.category]
            assert label.type in load_taxonomy()[label.category].types
            assert label.phase in (1, 2, 3)


def assert_spans_hold(text: str, finding: Finding) -> None:
    for evidence in (*finding.basis_evidence, *(e for label in finding.labels for e in label.evidence)):
        assert 0 <= evidence.start < evidence.end <= len(text)
        assert text[evidence.start : evidence.end] == evidence.text


PIECES = [
    *(row[0] for row in TYPICAL),
    *NEAR_MISSES,
    "\n一　",
    "　イ　",
    "（以下「施設」という。）",
    "( 様式第1号 )",
    "ｶﾞｽ設備を 点検し",
    "、",
    "\x00",
    "😀",
    "\ud83d",
    "法第三条第二項の規定により",
]


@given(st.lists(st.sampled_from(PIECES), max_size=5).map("".join))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_evidence_is_always_the_words_it_points_at(classifier: Classifier, text: str) -> None:
    (finding,) = classifier.classify([provision(text)])
    assert_spans_hold(text, finding)


def test_order_and_company_do_not_change_a_finding(pipeline: Language) -> None:
    provisions = [
        provision(text, id=str(number)) for number, text in enumerate([*(row[0] for row in TYPICAL), *NEAR_MISSES])
    ]
    together = {finding.id: finding for finding in Classifier(pipeline).classify(provisions)}
    backwards = {finding.id: finding for finding in Classifier(pipeline).classify(reversed(provisions))}
    alone = {each.id: Classifier(pipeline).classify([each])[0] for each in provisions}
    assert together == backwards == alone


def test_progress_counts_what_is_done(classifier: Classifier) -> None:
    seen: list[int] = []
    classifier.classify((provision("定めない。", id=str(n)) for n in range(1030)), progress=seen.append)
    assert seen == [512, 1024, 1030]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "\ud800検査",
        "😀検査😀",
        "\ufeff",
        "　" * 1000,
        "（" * 3000 + "検査する。",
        "検査、" * 3000,
        "立ち入り、検査させることができる。" * 6000,
        "定期に" + "点検" * 20_000,
        "あ" * 100_000,
    ],
    ids=["empty", "nul", "surrogate", "emoji", "bom", "spaces", "brackets", "list", "100kB", "no-break", "kana"],
)
def test_odd_text_gives_a_finding_soon(classifier: Classifier, text: str) -> None:
    begun = time.process_time()
    (finding,) = classifier.classify([provision(text)])
    assert time.process_time() - begun < 30  # a hang shows as minutes, a long text as seconds, whatever else runs here
    assert_spans_hold(text, finding)


# A digital means as the rule, and one that makes the act unnecessary
LATE = [
    (
        "事業者は、従業者に研修を受けさせなければならない。研修は、オンラインの方法により行うものとする。",
        "in_person_training",
        3,
    ),
    ("前項の講習は、専らインターネットを利用する方法により行うものとする。", "in_person_training", 3),
    ("遠隔で監視する装置を備えた事業所の管理者は、専任であることを要しない。", "full_time_presence", 3),
    (
        "職員は、工場に立ち入り、設備を検査することができる。この検査は、映像の送受信により行うことができる。",
        "visual_inspection",
        2,
    ),
]


DIGITAL = "インターネットの利用その他の方法により"


@pytest.mark.parametrize(
    ("text", "category", "phase"), [*((text, category, phase) for text, category, _, phase in TYPICAL), *LATE]
)
def test_adding_a_digital_means_never_lowers_the_phase(
    classifier: Classifier, text: str, category: str, phase: int
) -> None:
    places = [0, len(text), *(index + 1 for index, character in enumerate(text) if character in "、。")]
    (before,) = classifier.classify([provision(text)])
    least = {label.category: label.phase for label in before.labels}
    for finding in classifier.classify(provision(text[:at] + DIGITAL + text[at:]) for at in places):
        assert all(label.phase >= least.get(label.category, 1) for label in finding.labels)
    assert least[category] == phase


def test_without_weights_the_rules_decide(pipeline: Language) -> None:
    analysis, miss = Analyser(pipeline).analyse([provision(TYPICAL[0][0]), provision(NEAR_MISSES[0])])
    assert "visual_inspection" in {label.category for label in decide(analysis, None).labels}
    assert decide(miss, None).labels == ()


@pytest.mark.parametrize(
    ("text", "fields", "basis"),
    [
        # a law by its short name
        ("法第三条の規定により、職員に検査させることができる。", {}, LegalBasis.NATIONAL_LAW),
        # 方法第一 is no citation of a law
        ("閲覧の方法第一号により、閲覧させることができる。", {}, LegalBasis.LOCAL_ORDINANCE),
        ("条例第五条の標識を設置しなければならない。", {}, LegalBasis.LOCAL_ORDINANCE),
        # 施行細則 enforce a national law
        ("閲覧時間は、午前九時からとする。", {"law": "みなと県都市公園法施行細則"}, LegalBasis.NATIONAL_LAW),
        ("閲覧時間は、午前九時からとする。", {"law": "みなと県公文書条例施行規則"}, LegalBasis.LOCAL_ORDINANCE),
        ("職員に検査させることができる。", {"kind": "act"}, LegalBasis.NATIONAL_LAW),
    ],
)
def test_basis_follows_the_citation_then_the_title(
    classifier: Classifier, text: str, fields: dict[str, str], basis: LegalBasis
) -> None:
    (finding,) = classifier.classify([provision(text, **fields)])
    assert finding.basis is basis


def test_a_near_miss_says_why_it_was_not_flagged(classifier: Classifier) -> None:
    text = "立入検査をする職員は、その身分を示す証明書を携帯し、関係者に提示しなければならない。"
    (finding,) = classifier.classify([provision(text)])
    assert finding.labels == ()
    assert "身分を示す証明書の携帯・提示" in finding.non_reasons["visual_inspection"]


def test_the_hash_depends_on_what_the_finding_depends_on() -> None:
    base = provision("点検する。")
    assert input_hash(base) == input_hash(provision("点検する。", id="q", article="9"))
    changed = [
        provision("点検する。 "),
        provision("点検する。", law="別の条例"),
        provision("点検する。", kind="rule"),
        provision("点検する。", caption="（点検）"),
    ]
    assert len({input_hash(base), *map(input_hash, changed)}) == 5
    # fields do not run together
    assert input_hash(provision("b", caption="a")) != input_hash(provision("", caption="ab"))


def test_the_version_names_code_data_and_language_model() -> None:
    assert pipeline_version().count("+") == 2


@given(st.text("検査点()、。施設", max_size=900))
def test_clauses_are_bounded_and_point_into_their_sentence(sentence: str) -> None:
    for clause in clauses(*without_asides(sentence)):
        assert 0 < len(clause.text) <= LONGEST_CLAUSE
        assert "".join(sentence[position] for position in clause.positions) == clause.text


DEFINED = {"法": "水道法（昭和三十二年法律第百七十七号）", "条例": "みなと県給水条例（平成十年みなと県条例第九号）"}


@pytest.mark.parametrize(
    ("text", "definitions", "basis", "named"),
    [
        ("法第三条の規定により、職員に施設を検査させることができる。", DEFINED, LegalBasis.NATIONAL_LAW, "水道法"),
        (
            "条例第九条の規定により、職員に施設を検査させることができる。",
            DEFINED,
            LegalBasis.LOCAL_ORDINANCE,
            "みなと県給水条例",
        ),
        # what an instrument calls 令 may be a rule of its own
        (
            "令第九条の規定により、職員に施設を検査させることができる。",
            {"令": "みなと県給水条例施行規則"},
            LegalBasis.LOCAL_ORDINANCE,
            "みなと県給水条例施行規則",
        ),
        # a law in another sentence leaves open what this sentence rests on
        (
            "法第三条の届出は、書面による。市長は、職員に施設に立ち入り、設備を検査させることができる。",
            DEFINED,
            LegalBasis.UNCLEAR,
            "水道法",
        ),
    ],
)
def test_basis_follows_the_instruments_own_definitions(
    classifier: Classifier, text: str, definitions: dict[str, str], basis: LegalBasis, named: str
) -> None:
    (finding,) = classifier.classify([replace(provision(text), definitions=definitions)])
    assert finding.basis is basis
    assert finding.basis_evidence[0].text.endswith("条")
    assert f"（{named}" in finding.basis_reason


def test_the_hash_counts_the_definitions_that_the_text_uses() -> None:
    plain, cited = provision("点検する。"), provision("法第三条により点検する。")
    assert input_hash(plain) == input_hash(replace(plain, definitions=DEFINED))
    assert input_hash(cited) != input_hash(replace(cited, definitions=DEFINED))


@pytest.mark.parametrize(
    ("text", "category", "quoted"),
    [
        # not the bare word of the rule but the phrase
        (
            "検査を行う部門に専任の管理者を置くこと。",
            "full_time_presence",
            "検査を行う部門に専任の管理者を置くこと",
        ),
        (
            "事業者は、その設備（第五条のものに限る。以下同じ。）について、毎月一回、点検をしなければならない。",
            "periodic_inspection",
            "点検をしなければならない",
        ),
    ],
)
def test_a_quotation_reads_like_a_phrase(classifier: Classifier, text: str, category: str, quoted: str) -> None:
    (finding,) = classifier.classify([provision(text)])
    label = next(label for label in finding.labels if label.category == category)
    assert any(evidence.text.endswith(quoted) for evidence in label.evidence)
    assert all(len(evidence.text) <= 60 for evidence in label.evidence)


def test_a_full_stop_in_brackets_does_not_hide_the_act(classifier: Classifier) -> None:
    text = "職員は、営業所に立ち入り、設備及び帳簿（第三条の書面を含む。以下同じ。）を検査することができる。"
    (finding,) = classifier.classify([provision(text)])
    assert {label.category for label in finding.labels} >= {"visual_inspection", "on_site_audit"}


def test_only_what_is_in_doubt_is_parsed(pipeline: Language) -> None:
    sure = Classifier(pipeline)
    sure.classify(
        [provision("職員に、工場に立ち入り、設備を検査させることができる。"), provision("公布の日から施行する。")]
    )
    assert sure.parsed_characters == 0
