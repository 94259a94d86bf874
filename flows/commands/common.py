"""What several commands begin with, say and end with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from flows.ingest import IngestSummary
    from flows.scan import ScanSummary
    from flows.settings import Settings
    from regulations.review import Actor, NotPermittedError
    from regulations.sources.base import Limits

REHEARSED = "（確認のみ。登録していません）"

Operator = Annotated[str, typer.Option("--as", metavar="LOGIN", help="操作する利用者のログイン名。権限を確かめます。")]


def installation(*, with_prefect: bool = False) -> Settings:
    """Settings, folders and a database that is up to date: what every command on the database begins with."""
    from flows.prefect_environment import prepare
    from models.database import upgrade

    settings = settings_with_folders()
    upgrade(settings.database_url)
    if with_prefect:
        prepare(os.environ, settings)
    return settings


def settings_with_folders() -> Settings:
    settings = read_settings()
    settings.make_folders()
    return settings


def read_settings() -> Settings:
    from flows.settings import SettingsError, load_settings

    try:
        return load_settings(os.environ)
    except SettingsError as error:
        misuse(str(error))


def limits_in_force() -> Limits:
    from flows.limits import SettingsError, load_limits

    try:
        return load_limits(os.environ)
    except SettingsError as error:
        misuse(str(error))


def own_rules(settings: Settings) -> tuple[Path, ...]:
    """The installation's folder of rules, after a look at every file in it: before work is begun that needs it."""
    from nlp.rule_loader import load_rules
    from nlp.rule_schema import RuleError

    try:
        load_rules(*settings.rule_folders)
    except RuleError as error:
        misuse("\n".join(["MINAOSHI_RULES のフォルダの規則が使えないため、何もしていません。", *error.problems]))
    return settings.rule_folders


def operator(session: Session, login: str) -> Actor:
    """The person on whose behalf the command acts; the same permissions as in the app."""
    from sqlalchemy import select

    from models.accounts import Account
    from models.operations.sign_in import actor_of

    account = session.scalar(select(Account).where(Account.login_name == login, Account.is_active))
    if account is None:
        misuse(f"ログイン名「{login}」の利用者はいません。")
    return actor_of(account)


def refuse(error: NotPermittedError) -> NoReturn:
    if error.action == "approve_model":
        fail(
            f"{error.actor.display_name} には承認できません。"
            "提案した人と別の、推進部門かシステム管理者の承認が要ります。"
        )
    fail(f"{error.actor.display_name} にはこの操作の権限がありません。")


def say_ingested(summary: IngestSummary, *, dry_run: bool = False) -> None:
    from flows.ingest import OUTCOME_LABELS

    counts = "、".join(f"{label} {summary.counts[outcome]:,}" for outcome, label in OUTCOME_LABELS.items())
    typer.echo(f"取込{REHEARSED if dry_run else ''}: {len(summary.files):,} 件（{counts}）{summary.seconds:.1f} 秒")
    for file in summary.files:
        if dry_run and not file.reason:
            typer.echo(
                f"  {OUTCOME_LABELS[file.outcome]} {file.name}"
                f"（引継ぎ {file.carried}、変更 {file.changed}、追加 {file.added}、削除 {file.removed}）"
            )
    for file in summary.refused:
        typer.echo(f"  隔離 {file.name}: {file.reason}", err=True)
    if summary.skipped:
        typer.echo(f"  読んでいない種類のファイル: {len(summary.skipped):,} 件（{summary.skipped[0]} など）")
    if summary.catalog:
        updated = len(summary.catalog.updated)
        typer.echo(f"目録: {summary.catalog.matched:,} 行が例規に対応し、所管課 {updated:,} 件を設定しました。")
        catalog = summary.catalog
        for change in (*catalog.unmatched, *catalog.unknown_divisions, *catalog.conflicts):
            typer.echo(f"  {change.what}", err=True)
        if catalog.unlisted:
            typer.echo(f"  目録にない例規: {len(catalog.unlisted):,} 件", err=True)
        for title in catalog.unlisted:
            typer.echo(f"    {title}", err=True)
    for error in (*summary.catalog_errors, *summary.correction_errors):
        typer.echo(f"  {error}", err=True)


def say_scanned(summary: ScanSummary) -> None:
    typer.echo(
        f"洗い出し: {summary.provisions:,} 条項、新しい候補 {summary.candidates:,} 件、"
        f"{summary.seconds:.1f} 秒（毎秒 {summary.rate:,.0f} 条項）"
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = False) -> None:
    """A table for the terminal; rich knows that a Japanese character takes two columns."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if numbers and number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    # Wide enough for every row, so that a narrow or piped output never cuts a password.
    Console(width=200, markup=False, highlight=False).print(table)


def fail_if(failed: bool) -> None:
    if failed:
        raise typer.Exit(1)


def fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def misuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)
