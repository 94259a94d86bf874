"""Status and counts as a reader sees them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from regulations import labels
from regulations.review import ReviewStatus
from review_app.presenters import thousands


def status_badge(status: ReviewStatus) -> str:
    return f'<span class="mi-status mi-status-{status.value}">{labels.label(status)}</span>'


def counts(numbers: Mapping[str, int | str]) -> str:
    """Figures in a row, each under its name."""
    cells = (
        f"<li><span>{escape(name)}</span><b>{thousands(value) if isinstance(value, int) else escape(value)}</b></li>"
        for name, value in numbers.items()
    )
    return f'<ul class="mi-counts">{"".join(cells)}</ul>'
