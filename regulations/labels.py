"""The Japanese word for each member of the enumerations, as the policy says it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from regulations.citations import Section
from regulations.review import Applicability, NonApplicableReason, ReviewStatus, Role
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


def type_label(category: str, regulation_type: int) -> str:
    """類型 as the roadmap shows it: its number and words."""
    return f"{regulation_type} {load_taxonomy()[category].types[regulation_type]}"


def phase_label(category: str, phase: int) -> str:
    """PHASE as the roadmap shows it: its number and words."""
    return f"{phase} {load_taxonomy()[category].phases[phase]}"
