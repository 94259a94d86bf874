"""Settings of one installation, read from the environment when asked for and never at import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flows.limits import SettingsError, load_limits
from models.database import database_url, minaoshi_home
from regulations.sources.base import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are kept and which loopback ports are used.

    `rescan_cron` is a five-field cron expression in the time zone of the deployments (Asia/Tokyo).
    `rule_folders`: at most one, of rules and a keyword list that stand beside the project's.
    """

    home: Path
    database_url: str
    port: int
    prefect_port: int
    rescan_cron: str
    limits: Limits = field(default_factory=Limits)
    rule_folders: tuple[Path, ...] = ()

    @property
    def inbox(self) -> Path:
        """The drop folder (取込フォルダ)."""
        return self.home / "inbox"

    @property
    def corrections(self) -> Path:
        """Where staff put corrections of faulty source files (訂正ファイル)."""
        return self.home / "corrections"

    @property
    def exports(self) -> Path:
        return self.home / "exports"

    @property
    def prefect_home(self) -> Path:
        return self.home / "prefect"

    @property
    def prefect_api_url(self) -> str:
        return f"http://127.0.0.1:{self.prefect_port}/api"

    def make_folders(self) -> None:
        """Create the folders of the installation; those that exist are left alone."""
        for folder in (self.home, self.inbox, self.corrections, self.exports, self.prefect_home):
            folder.mkdir(parents=True, exist_ok=True)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from `environ` (usually `os.environ`). Raises SettingsError on a number that is none."""
    home = minaoshi_home(environ).resolve()
    return Settings(
        home=home,
        database_url=database_url(environ, home),
        port=_port(environ, "MINAOSHI_PORT", 8501),
        prefect_port=_port(environ, "MINAOSHI_PREFECT_PORT", 4200),
        rescan_cron=environ.get("MINAOSHI_RESCAN_CRON", "0 2 * * *"),
        limits=load_limits(environ),
        # In the home where it is relative: a child process may have another current folder.
        rule_folders=tuple(home / Path(value).expanduser() for value in [environ.get("MINAOSHI_RULES")] if value),
    )


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise SettingsError(
            f"環境変数 {name} の「{value}」はポート番号ではありません。1から65535までの数にしてください。"
        )
    return int(value)


__all__ = ["Settings", "SettingsError", "load_settings"]
