"""The command `minaoshi`. Each command calls a function or a flow and puts the outcome into Japanese.

Exit status: 0 fine, 1 a step failed, 2 wrong use. Heavy libraries are imported by the command that
needs them, so that `minaoshi parse` starts in a fraction of a second.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from regulations.review import Role

if TYPE_CHECKING:
    from flows.ingest import IngestSummary
    from flows.sample import SampleAccount
    from flows.scan import ScanSummary
    from flows.settings import Settings
    from regulations.review import ReviewStatus
    from regulations.structure import ParsedOrdinance

app = typer.Typer(
    help="条例・規則等のアナログ規制を洗い出し、見直し工程表を作ります。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
export = typer.Typer(help="出力する。", no_args_is_help=True)
accounts = typer.Typer(help="利用者を登録する。", no_args_is_help=True)
app.add_typer(export, name="export")
app.add_typer(accounts, name="accounts")

ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


class ExportFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


@app.callback()
def main(verbose: Annotated[bool, typer.Option("--verbose", "-v", help="経過を詳しく記録する。")] = False) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


@app.command()
def init(
    organisation: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="組織表（CSV: 部局, 局・総室, 課・室, 期間, 承継先）。"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="組織表は登録せず、内容だけを確かめる。")] = False,
) -> None:
    """フォルダとデータベースを用意し、組織表を登録する。何度実行してもよい。"""
    settings = _installation()
    typer.echo(f"フォルダ: {settings.home}")
    if organisation:
        _import_organisation(organisation, dry_run=dry_run)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="例規のファイル又はフォルダ。")],
    catalog: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="目録（CSV: 題名, 番号, 公布日, 所管課）。")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="登録せず、内容だけを確かめる。")] = False,
) -> None:
    """例規を取り込む。読めないファイルは理由を付けて隔離し、残りを続ける。"""
    _installation(with_prefect=True)
    from flows import ingest as step

    run = step.rehearse if dry_run else step.ingest
    summary = run([str(path) for path in paths], str(catalog) if catalog else None)
    _say_ingested(summary, dry_run=dry_run)
    _fail_if(summary.failed)


@app.command()
def scan() -> None:
    """まだ調べていない条項から、アナログ規制の候補を洗い出す。"""
    _installation(with_prefect=True)
    from flows import scan as step

    _say_scanned(step.scan())


@app.command()
def rescan() -> None:
    """取込フォルダの例規を取り込み、新しい条項と変わった条項を洗い出す。"""
    _installation(with_prefect=True)
    from flows import rescan as step

    summary = step.rescan()
    _say_ingested(summary.ingest)
    _say_scanned(summary.scan)
    _fail_if(summary.ingest.failed)


@export.command("roadmap")
def export_roadmap(
    format: Annotated[ExportFormat, typer.Option("--format", help="形式。")] = ExportFormat.XLSX,
    division: Annotated[str | None, typer.Option(help="課室名。省くと全ての課室。")] = None,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="出力先。省くと MINAOSHI_HOME/exports。")] = None,
) -> None:
    """見直し工程表を出力する。"""
    settings = _installation()
    from flows.database import sessions
    from flows.divisions import find_division
    from flows.export_roadmap import default_name, write_roadmap
    from models.database import session_scope

    now = dt.datetime.now(dt.UTC)
    with session_scope(sessions()) as session:
        division_id = find_division(session, division) if division else None
        if division and division_id is None:
            _misuse(f"課室「{division}」は見つからないか、一つに決まりません。「部局名/課室名」の形でも指定できます。")
        target = out or settings.exports / default_name(format, now=now)
        count = write_roadmap(session, target=target, format=format, division_id=division_id, now=now)
    typer.echo(f"見直し工程表（{count:,} 件）: {target}")


@app.command()
def parse(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="例規のファイル。")],
    json_lines: Annotated[bool, typer.Option("--json", help="1ファイルを1行の JSON で出力する。")] = False,
) -> None:
    """例規を読み、条項を表示する。登録はしない。"""
    from regulations.serialisation import parsed_as_dict
    from regulations.sources.base import UnreadableSource
    from regulations.sources.reading import read_source
    from regulations.structure import Diagnostic, Ordinance, ParsedOrdinance, Severity

    failed = False
    for path in files:
        try:
            parsed = read_source(path.name, path.read_bytes())
        except UnreadableSource as error:
            failed = True
            typer.echo(f"{path}: {error.message}", err=True)
            # A line a file all the same, so that whoever reads the output misses none.
            refusal = Diagnostic(code=error.code, message=error.message, severity=Severity.ERROR)
            parsed = ParsedOrdinance(ordinance=Ordinance(title=""), format="", diagnostics=(refusal,))
            if not json_lines:
                continue
        if json_lines:
            typer.echo(json.dumps(parsed_as_dict(str(path), parsed), ensure_ascii=False))
        else:
            _say_parsed(path, parsed)
    _fail_if(failed)


@app.command()
def classify(
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="条項（JSONL）。")],
    target: Annotated[Path, typer.Argument(dir_okay=False, help="結果を書き出すファイル（JSONL）。")],
) -> None:
    """条項のファイルを判定し、結果をファイルに書き出す。データベースは使わない。"""
    from flows.progress import Meter
    from nlp.classifier import Classifier
    from nlp.jsonl import JsonlError, finding_line, read_provisions
    from nlp.pipeline import load_pipeline

    try:
        with source.open(encoding="utf-8-sig") as lines:
            provisions = list(read_provisions(lines))
    except JsonlError as error:
        _fail(f"{source}: {error}")
    except UnicodeDecodeError as error:
        _fail(f"{source}: UTF-8 ではありません（{error.start + 1} バイト目）。UTF-8 で保存し直してください。")
    classifier = Classifier(load_pipeline())
    with Meter("判定", total=len(provisions), unit="条項", stream=sys.stderr) as meter:
        findings = classifier.classify(provisions, progress=meter.advance_to)
    with target.open("w", encoding="utf-8", newline="\n") as out:
        for finding, provision in zip(findings, provisions, strict=True):
            out.write(finding_line(finding, provision) + "\n")
    flagged = sum(bool(finding.labels) for finding in findings)
    typer.echo(f"{len(findings):,} 条項を判定し、{flagged:,} 条項に候補があります: {target}")


@accounts.command("create")
def create_account(
    login: Annotated[str, typer.Argument(help="ログイン名。")],
    name: Annotated[str, typer.Option(help="氏名。")],
    role: Annotated[Role, typer.Option(help="役割。")],
    division: Annotated[str | None, typer.Option(help="課室名（担当者、承認者及び部局長等は必須）。")] = None,
) -> None:
    """利用者を登録し、仮パスワードを一度だけ表示する。"""
    _installation()
    from flows.database import sessions
    from flows.divisions import find_division
    from models.database import session_scope
    from models.operations.create_account import AccountError, create_account

    with session_scope(sessions()) as session:
        division_id = find_division(session, division) if division else None
        if division and division_id is None:
            _misuse(f"課室「{division}」は見つからないか、一つに決まりません。「部局名/課室名」の形でも指定できます。")
        try:
            issued = create_account(
                session,
                login_name=login,
                display_name=name,
                role=role,
                division_id=division_id,
                now=dt.datetime.now(dt.UTC),
            )
        except AccountError as error:
            _misuse(_ACCOUNT_ERRORS[error.code].format(login=login))
    typer.echo(f"ログイン名: {issued.login_name}\n仮パスワード: {issued.password}\n最初のサインインで変更します。")


@accounts.command("reset")
def reset_account(login: Annotated[str, typer.Argument(help="ログイン名。")]) -> None:
    """仮パスワードを新しくし、ロックを解く。"""
    _installation()
    from flows.database import sessions
    from models.database import session_scope
    from models.operations.create_account import AccountError, reset_password

    with session_scope(sessions()) as session:
        try:
            issued = reset_password(session, login_name=login, now=dt.datetime.now(dt.UTC))
        except AccountError as error:
            _misuse(_ACCOUNT_ERRORS[error.code].format(login=login))
    typer.echo(f"ログイン名: {issued.login_name}\n仮パスワード: {issued.password}\n次のサインインで変更します。")


_REHEARSED = "（確認のみ。登録していません）"
_ACCOUNT_ERRORS = {
    "login_name_taken": "ログイン名「{login}」は既に使われています。別の名を指定してください。",
    "login_name_empty": "ログイン名を指定してください。",
    "division_required": "この役割には課室が必要です。--division で指定してください。",
    "no_such_account": "ログイン名「{login}」の利用者はいません。",
}


@app.command()
def sample() -> None:
    """空のデータベースに、見本の組織・例規・利用者を登録し、候補を洗い出す。"""
    settings = _installation(with_prefect=True)
    from flows import sample as step
    from flows.database import sessions

    if not step.is_wanted(settings, sessions()):
        typer.echo("データベースには既に内容があります。見本は登録しません。")
        typer.echo("パスワードを忘れたときは: minaoshi accounts reset ログイン名")
        return
    loaded = step.load(settings)
    _say_ingested(loaded.ingest)
    _say_scanned(loaded.scan)
    _fail_if(loaded.ingest.failed)
    _say_accounts(loaded.accounts)


@app.command()
def demo() -> None:
    """見本の例規で、取込から見直し工程表の出力までを通して行う。専用のフォルダを毎回作り直す。"""
    from flows import demo as step
    from flows.prefect_environment import prepare

    settings = _settings()
    prepare(os.environ, settings)

    typer.echo("見本の例規で一通り行います。回答と工程表の入力は、担当者役が台本どおりに行います。")
    done = step.run(step.fresh_home(settings, os.environ))
    _say_ingested(done.sample.ingest)
    _say_scanned(done.sample.scan)
    typer.echo(f"回答: {done.answered:,} 件（担当者役）")
    typer.echo("改正した例規を取込フォルダに置いて、再スキャンしました。")
    _say_ingested(done.rescan.ingest)
    _say_scanned(done.rescan.scan)
    _say_statuses(done.statuses)
    typer.echo(f"見直し工程表（{done.roadmap:,} 件）: {done.workbook}")
    _fail_if(done.sample.ingest.failed or not done.roadmap)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="確認画面が待ち受けるアドレス。")] = "127.0.0.1",
) -> None:
    """確認画面、Prefect サーバー及び夜間の再スキャンを動かす。終了は Ctrl-C。"""
    settings = _installation(with_prefect=True)
    from flows import serve as step

    try:
        step.serve(settings, environ=os.environ, say=typer.echo, host=host)
    except step.ServeError as error:
        _fail(str(error))


def _installation(*, with_prefect: bool = False) -> Settings:
    """Settings, folders and a database that is up to date: what every command on the database begins with."""
    from flows.prefect_environment import prepare
    from models.database import upgrade

    settings = _settings()
    upgrade(settings.database_url)
    if with_prefect:
        prepare(os.environ, settings)
    return settings


def _settings() -> Settings:
    from flows.settings import SettingsError, load_settings

    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        _misuse(str(error))
    settings.make_folders()
    return settings


def _import_organisation(path: Path, *, dry_run: bool) -> None:
    from flows.database import sessions
    from models.database import session_scope
    from models.operations.import_organisation import import_organisation, read_organisation_csv

    rows, errors = read_organisation_csv(path.read_bytes())
    if errors:
        _fail("\n".join([f"{path}: 誤りがあるため、何も登録していません。", *errors]))
    with session_scope(sessions()) as session:
        report = import_organisation(session, rows=rows, now=dt.datetime.now(dt.UTC), dry_run=dry_run)
    typer.echo(
        f"組織{_REHEARSED if dry_run else ''}: 新規 {len(report.created):,}、更新 {len(report.updated):,}、"
        f"変更なし {report.unchanged:,}"
    )
    for change in (*report.created, *report.updated) if dry_run else report.updated:
        typer.echo(f"  {change.row}行目 {change.what}")
    for error in report.errors:
        typer.echo(f"  {error}", err=True)
    _fail_if(bool(report.errors))


def _say_ingested(summary: IngestSummary, *, dry_run: bool = False) -> None:
    from flows.ingest import OUTCOME_LABELS

    counts = "、".join(f"{label} {summary.counts[outcome]:,}" for outcome, label in OUTCOME_LABELS.items())
    typer.echo(f"取込{_REHEARSED if dry_run else ''}: {len(summary.files):,} 件（{counts}）{summary.seconds:.1f} 秒")
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
        for change in (*summary.catalog.unmatched, *summary.catalog.unknown_divisions):
            typer.echo(f"  {change.what}", err=True)
    for error in summary.catalog_errors:
        typer.echo(f"  {error}", err=True)


def _say_scanned(summary: ScanSummary) -> None:
    typer.echo(
        f"洗い出し: {summary.provisions:,} 条項、新しい候補 {summary.candidates:,} 件、"
        f"{summary.seconds:.1f} 秒（毎秒 {summary.rate:,.0f} 条項）"
    )


def _say_parsed(path: Path, parsed: ParsedOrdinance) -> None:
    from regulations.labels import label
    from regulations.structure import provisions

    ordinance = parsed.ordinance
    facts = (
        ordinance.law_number or "番号なし",
        label(ordinance.kind),
        f"{len(provisions(ordinance))} 条項",
        parsed.format,
    )
    typer.echo(f"{path}: {ordinance.title}（{'、'.join(facts)}）")
    for diagnostic in parsed.diagnostics:
        typer.echo(f"  {label(diagnostic.severity)} {diagnostic.ref} {diagnostic.message}")


def _say_accounts(issued: tuple[SampleAccount, ...]) -> None:
    from regulations.labels import label

    divisions: dict[str, list[str]] = {}
    for account in issued:
        place = divisions.setdefault(account.division or "－", [])
        place.append(f"{label(account.role)}  {account.login_name}  {account.password}")
    typer.echo("サインインに使う仮パスワードです。ここにしか表示しません。最初のサインインで変更します。")
    _table(("所管課", "役割、ログイン名、仮パスワード", ""), [(name, *cells) for name, cells in divisions.items()])


def _say_statuses(statuses: dict[str, dict[ReviewStatus, int]]) -> None:
    from regulations.labels import label
    from regulations.review import ReviewStatus
    from regulations.taxonomy import load_taxonomy

    rows = [
        (category.label, *(counts.get(status, 0) for status in ReviewStatus), sum(counts.values()))
        for category in load_taxonomy().values()
        if (counts := statuses.get(category.id))
    ]
    totals = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]
    cells = [(row[0], *(f"{count:,}" for count in row[1:])) for row in [*rows, ("計", *totals)]]
    _table(("規制区分", *(label(status) for status in ReviewStatus), "計"), cells, numbers=True)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = False) -> None:
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


def _fail_if(failed: bool) -> None:
    if failed:
        raise typer.Exit(1)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _misuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)
