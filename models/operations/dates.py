"""Which day it is in the office."""

from __future__ import annotations

import datetime as dt

_JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")


def japan_date(now: dt.datetime) -> dt.date:
    """The day of `now` in Japan: what due dates and ownership are counted by."""
    return now.astimezone(_JAPAN).date()
