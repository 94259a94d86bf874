"""The Japanese word for each member of the enumerations, as the policy says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from regulations.citations import Section
from regulations.inquiry import AnswerState, Arrival, InquiryAction, InquiryState
from regulations.learning import ElusionAnswer, ModelFault, ModelState
from regulations.review import Applicability, HandoverState, NonApplicableReason, ReviewStatus, Role
from regulations.roadmap import DelayReason, ReviewPolicy, RoadmapProgress
from regulations.structure import DivisionLevel, Kind, SentenceFunction, Severity
from regulations.taxonomy import LegalBasis, load_taxonomy

# Keyed by class first: members of different StrEnums with the same value compare equal.
_LABELS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    Kind: {
        Kind.ACT: "法律",
        Kind.CABINET_ORDER: "政令",
        Kind.MINISTERIAL: "省令",
        Kind.ORDINANCE: "条例",
        Kind.RULE: "規則",
        Kind.PUBLIC_NOTICE: "告示",
        Kind.INSTRUCTION: "訓令",
        Kind.REGULATION_RULES: "規程",
        Kind.GUIDELINES: "要綱・要領",
        Kind.UNKNOWN: "種別不明",
    },
    Section: {
        Section.MAIN: "本則",
        Section.SUPPLEMENTARY: "附則",
        Section.TABLE: "別表・表",
    },
    SentenceFunction: {
        SentenceFunction.MAIN_CLAUSE: "本文",
        SentenceFunction.PROVISO: "ただし書",
        SentenceFunction.FIRST_SENTENCE: "前段",
        SentenceFunction.SECOND_SENTENCE: "後段",
    },
    DivisionLevel: {
        DivisionLevel.PART: "編",
        DivisionLevel.CHAPTER: "章",
        DivisionLevel.SECTION: "節",
        DivisionLevel.SUBSECTION: "款",
        DivisionLevel.DIVISION: "目",
    },
    Severity: {Severity.INFO: "参考", Severity.WARNING: "注意", Severity.ERROR: "エラー"},
    LegalBasis: {
        LegalBasis.NATIONAL_LAW: "国の法令等",
        LegalBasis.LOCAL_ORDINANCE: "県の条例等",
        LegalBasis.UNCLEAR: "不明",
    },
    Applicability: {
        Applicability.APPLICABLE: "該当",
        Applicability.NOT_APPLICABLE: "非該当",
        Applicability.UNDECIDED: "保留",
    },
    NonApplicableReason: {
        NonApplicableReason.PENALTY: "罰則",
        NonApplicableReason.MUTATIS_MUTANDIS: "準用・読替",
        NonApplicableReason.DEFINITION: "定義",
        NonApplicableReason.ORGANISATION: "組織・所掌",
        NonApplicableReason.PROHIBITION: "禁止",
        NonApplicableReason.EXEMPTION: "適用除外",
        NonApplicableReason.OTHER_MEANING: "別義",
        NonApplicableReason.MERE_APPOINTMENT: "必置のみ",
        NonApplicableReason.ALREADY_REPEALED: "既に廃止",
        NonApplicableReason.OTHER: "その他",
    },
    ReviewStatus: {
        ReviewStatus.PENDING: "未確認",
        ReviewStatus.RECHECK: "再確認",
        ReviewStatus.APPLICABLE: "該当",
        ReviewStatus.NOT_APPLICABLE: "非該当",
        ReviewStatus.UNDECIDED: "保留",
        ReviewStatus.WITHDRAWN: "対象外",
    },
    Role: {
        Role.REVIEWER: "担当者",
        Role.APPROVER: "承認者",
        Role.BUREAU_MANAGER: "部局長等",
        Role.COORDINATOR: "推進部門",
        Role.ADMINISTRATOR: "システム管理者",
        Role.AUDITOR: "監査",
    },
    HandoverState: {
        HandoverState.OPEN: "受け取り待ち",
        HandoverState.RECEIVED: "受け取り済み",
        HandoverState.SENT_ON: "さらに所管外",
        HandoverState.SETTLED: "推進部門が決定",
        HandoverState.TAKEN_BACK: "取消し",
    },
    InquiryState: {
        InquiryState.DRAFT: "作成中",
        InquiryState.OPEN: "照会中",
        InquiryState.CLOSED: "終了",
    },
    AnswerState: {
        AnswerState.WAITING: "未回答",
        AnswerState.ANSWERED: "承認待ち",
        AnswerState.APPROVED: "確認待ち",
        AnswerState.ACCEPTED: "受理",
        AnswerState.RETURNED: "差戻し",
    },
    InquiryAction: {
        InquiryAction.DISPATCH: "照会を開始",
        InquiryAction.EDIT: "照会を変更",
        InquiryAction.CLOSE: "照会を終了",
        InquiryAction.REOPEN: "照会を再開",
        InquiryAction.SUBMIT: "回答を提出",
        InquiryAction.WITHDRAW: "回答を取り下げ",
        InquiryAction.APPROVE: "回答を承認",
        InquiryAction.RETURN: "回答を差戻し",
        InquiryAction.ACCEPT: "回答を受理",
        InquiryAction.RESUME: "未回答に戻す",
    },
    Arrival: {
        Arrival.AMENDMENT: "例規の改正",
        Arrival.SCAN: "再スキャン",
        Arrival.MARK: "検出もれの記録",
        Arrival.CATALOG: "目録の取込",
        Arrival.OWNER: "所管課の割当て",
        Arrival.ORGANISATION: "組織の変更",
        Arrival.HANDOVER: "所管外の申出",
        Arrival.SETTLEMENT: "所管の決定",
        Arrival.TAKEN_BACK: "所管外の取消し",
        Arrival.REOPENING: "照会の再開",
    },
    ReviewPolicy: {
        ReviewPolicy.AMEND: "改正する",
        ReviewPolicy.CLARIFY: "解釈を明確にする",
        ReviewPolicy.REPEAL: "廃止する",
        ReviewPolicy.RETAIN: "見直さない",
        ReviewPolicy.AWAIT_NATIONAL: "国の動向待ち",
    },
    RoadmapProgress: {
        RoadmapProgress.DONE: "実施",
        RoadmapProgress.PLANNED: "実施予定",
        RoadmapProgress.CONSIDERING: "検討中",
        RoadmapProgress.UNDETERMINED: "未定",
    },
    DelayReason: {
        DelayReason.SYSTEM: "システム開発",
        DelayReason.LAW: "法改正待ち",
        DelayReason.OTHER: "その他",
    },
    ModelState: {ModelState.PROPOSED: "提案中", ModelState.IN_SERVICE: "使用中", ModelState.RETIRED: "終了"},
    ModelFault: {
        ModelFault.NOT_PROPOSED: "提案中でない",
        ModelFault.WORSE: "比較元より劣る",
        ModelFault.COMPARED_WITH_ANOTHER: "比較元が変わった",
        ModelFault.NONE_IN_SERVICE: "付属のモデルを使用中",
    },
    ElusionAnswer: {ElusionAnswer.NOTHING: "該当なし", ElusionAnswer.MISSED: "検出もれ"},
}

_MODEL_FAULTS = {
    ModelFault.NOT_PROPOSED: "このモデルは提案中ではなくなりました。一覧を確かめてください。",
    ModelFault.WORSE: "比較元より劣る規制区分があるため使えません。学習し直してください",
    ModelFault.COMPARED_WITH_ANOTHER: "作った後で、使うモデルが変わりました。学習し直して比べてください。",
    ModelFault.NONE_IN_SERVICE: "すでに付属のモデルを使っています。一覧を確かめてください。",
}


def label(member: StrEnum) -> str:
    """The Japanese word for a member. Raises KeyError for a class that has none."""
    return _LABELS[type(member)][member]


def labelled() -> tuple[type[StrEnum], ...]:
    """The classes whose members have labels."""
    return tuple(_LABELS)


def category_label(category: str) -> str:
    """目視 for "visual_inspection". Raises KeyError for a category that the taxonomy does not know."""
    return load_taxonomy()[category].label


def learnt_category_label(category: str) -> str:
    """The category's word; a model may know one that this installation does not know any more."""
    return category_label(category) if category in load_taxonomy() else "今はない規制区分"


def model_fault(fault: ModelFault, categories: Sequence[str] = ()) -> str:
    """Why a model does not go into service, with the `categories` it is worse in, and what to do: sentences."""
    named = f"（{'、'.join(map(learnt_category_label, categories))}）。" if categories else ""
    return f"{_MODEL_FAULTS[fault].removesuffix('。')}{named or '。'}"


def type_label(category: str, regulation_type: int) -> str:
    """類型 as the roadmap shows it: its number and words."""
    return f"{regulation_type} {load_taxonomy()[category].types[regulation_type]}"


def phase_label(category: str, phase: int) -> str:
    """PHASE as the roadmap shows it: its number and words."""
    return f"{phase} {load_taxonomy()[category].phases[phase]}"
