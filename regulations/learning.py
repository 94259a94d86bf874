"""Words of learning: where a trained model stands, why one is refused, and what reading a sample has shown."""

from __future__ import annotations

from enum import StrEnum


class ModelState(StrEnum):
    """Where a trained model stands."""

    PROPOSED = "proposed"  # 提案中
    IN_SERVICE = "in_service"  # 使用中
    RETIRED = "retired"  # 終了


class ModelFault(StrEnum):
    """Why a model does not go into service."""

    NOT_PROPOSED = "not_proposed"  # in service already, or retired
    WORSE = "worse"  # in at least one category, in cross-validation
    COMPARED_WITH_ANOTHER = "compared_with_another"  # another model has gone into service since it was measured
    NONE_IN_SERVICE = "none_in_service"  # nothing to take back


class ElusionAnswer(StrEnum):
    """What a reader found in a provision that detection had not flagged."""

    NOTHING = "nothing"  # 該当なし
    MISSED = "missed"  # 検出もれ
