"""The exact interval of a share, from the definition: reviewers' processes load no statistics library."""

from __future__ import annotations

import math
from collections.abc import Callable


def clopper_pearson(hits: int, trials: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """The exact two-sided interval (low, high) of a binomial share; (0, 1) where there are no trials."""
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else _crossing(lambda share: 1 - _at_most(hits - 1, trials, share) > tail)
    high = 1.0 if hits == trials else _crossing(lambda share: _at_most(hits, trials, share) < tail)
    return low, high


def _at_most(hits: int, trials: int, share: float) -> float:
    """Probability of `hits` or fewer, for 0 < share < 1. By logarithms: the coefficients overflow."""
    return sum(
        math.exp(
            math.lgamma(trials + 1)
            - math.lgamma(count + 1)
            - math.lgamma(trials - count + 1)
            + count * math.log(share)
            + (trials - count) * math.log1p(-share)
        )
        for count in range(hits + 1)
    )


def _crossing(is_beyond: Callable[[float], bool]) -> float:
    """Where a condition that holds from some share on begins to hold, to twelve digits."""
    low, high = 0.0, 1.0
    for _ in range(45):
        middle = (low + high) / 2
        low, high = (low, middle) if is_beyond(middle) else (middle, high)
    return high
