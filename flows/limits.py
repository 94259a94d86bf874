"""How much a reader takes in, read from the environment; apart from the other settings, which load the database."""

from __future__ import annotations

from collections.abc import Mapping

from regulations.sources.base import Limits

_MB = 2**20


class SettingsError(ValueError):
    """A MINAOSHI_* variable that cannot be used; the message is Japanese, for the person who set it."""


def load_limits(environ: Mapping[str, str]) -> Limits:
    """Limits from `environ` (usually `os.environ`); a file's limit holds before and after it is expanded.

    Raises SettingsError on what is no whole number above 0.
    """
    usual = Limits()
    max_bytes = _count(environ, "MINAOSHI_MAX_FILE_MB", usual.max_bytes // _MB) * _MB
    return Limits(
        max_bytes=max_bytes,
        max_expanded_bytes=max_bytes,
        max_pages=_count(environ, "MINAOSHI_MAX_PAGES", usual.max_pages),
        max_bundle_bytes=_count(environ, "MINAOSHI_MAX_BUNDLE_MB", usual.max_bundle_bytes // _MB) * _MB,
        max_bundle_files=_count(environ, "MINAOSHI_MAX_BUNDLE_FILES", usual.max_bundle_files),
        max_bundle_levels=_count(environ, "MINAOSHI_MAX_BUNDLE_LEVELS", usual.max_bundle_levels),
        max_ratio=_count(environ, "MINAOSHI_MAX_RATIO", usual.max_ratio),
    )


def _count(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not value.isdecimal() or not 0 < int(value) < 10**7:
        raise SettingsError(f"環境変数 {name} の「{value}」は使えません。1以上の整数にしてください。")
    return int(value)
