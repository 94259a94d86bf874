"""Organisation and ordinances in, roadmap out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.common import REHEARSED, fail, fail_if, installation, limits_in_force, misuse, say_ingested

if TYPE_CHECKING:
    from regulations.sources.base import Limits
    from regulations.structure import ParsedOrdinance

commands = typer.Typer()
export = typer.Typer(help="出力する。", no_args_is_help=True)
commands.add_typer(export, name="export")


class ExportFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


@commands.command()
def init(
    organisation: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="組織表（CSV: 部局, 局・総室, 課・室, 期間, 承継先）。"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="組織表は登録せず、内容だけを確かめる。")] = False,
) -> None:
    """フォルダとデータベースを用意し、組織表を登録する。何度実行してもよい。"""
    settings = installation()
    typer.echo(f"フォルダ: {settings.home}")
    if organisation:
        _import_organisation(organisation, dry_run=dry_run)


@commands.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="例規のファイル、フォルダ又は圧縮ファイル（zip）。")],
    catalog: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="目録（CSV・XLSX: 題名, 番号, 公布日, 所管課, 施行日, 種別）。"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="登録せず、内容だけを確かめる。")] = False,
) -> None:
    """例規を取り込む。読めないファイルは理由を付けて隔離し、残りを続ける。"""
    installation(with_prefect=True)
    from flows import ingest as step

    run = step.rehearse if dry_run else step.ingest
    summary = run([str(path) for path in paths], str(catalog) if catalog else None)
    say_ingested(summary, dry_run=dry_run)
    fail_if(summary.failed)


@export.command("roadmap")
def export_roadmap(
    format: Annotated[ExportFormat, typer.Option("--format", help="形式。")] = ExportFormat.XLSX,
    division: Annotated[str | None, typer.Option(help="課室名。省くと全ての課室。")] = None,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="出力先。省くと MINAOSHI_HOME/exports。")] = None,
) -> None:
    """見直し工程表を出力する。"""
    settings = installation()
    from flows.database import sessions
    from flows.divisions import find_division
    from flows.export_roadmap import default_name, write_roadmap
    from models.database import session_scope
    from models.operations.dates import japan_date

    now = dt.datetime.now(dt.UTC)
    with session_scope(sessions()) as session:
        division_id = find_division(session, division, on=japan_date(now)) if division else None
        if division and division_id is None:
            misuse(f"課室「{division}」は見つからないか、一つに決まりません。「部局名/課室名」の形でも指定できます。")
        target = out or settings.exports / default_name(format, now=now)
        count = write_roadmap(session, target=target, format=format, division_id=division_id, now=now)
    typer.echo(f"見直し工程表（{count:,} 件）: {target}")


@commands.command()
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
    limits = limits_in_force()
    for name, read in _contents(files, limits):
        try:
            parsed = read_source(name, read(), limits=limits)
        except UnreadableSource as error:
            failed = True
            typer.echo(f"{name}: {error.message}", err=True)
            # A line a file all the same, so that whoever reads the output misses none.
            refusal = Diagnostic(code=error.code, message=error.message, severity=Severity.ERROR)
            parsed = ParsedOrdinance(ordinance=Ordinance(title=""), format="", diagnostics=(refusal,))
            if not json_lines:
                continue
        if json_lines:
            typer.echo(json.dumps(parsed_as_dict(name, parsed), ensure_ascii=False))
        else:
            _say_parsed(name, parsed)
    fail_if(failed)


@commands.command()
def doctor(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="例規のファイル。")],
    schema: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            envvar="MINAOSHI_LAW_SCHEMA",
            help="法令標準XMLのスキーマ（XSD）。合わない箇所を警告する。",
        ),
    ] = None,
) -> None:
    """例規のファイルを調べ、読み取った内容と気になる点を表示する。登録はしない。"""
    from flows.doctor import examine, report
    from regulations.sources.base import UnreadableSource
    from regulations.sources.schema import SchemaError, load_schema

    limits = limits_in_force()
    try:
        wanted = load_schema(schema) if schema else None
    except SchemaError as error:
        misuse(str(error))
    failed = False
    for name, read in _contents(files, limits):
        try:
            found = examine(name, read(), limits=limits, schema=wanted)
        except UnreadableSource as error:
            failed = True
            typer.echo(f"{name}\n  [エラー] {error.code} {error.message}")
            continue
        failed = failed or found.parsed is None
        for line in report(found):
            typer.echo(line)
    fail_if(failed)


def _contents(paths: list[Path], limits: Limits) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Files, and those in bundles, with how to read each; reading raises UnreadableSource."""
    from flows.files import FileReader, find_files

    with FileReader(limits) as reader:
        for file in find_files(paths, limits=limits).files:
            inside = f"/{file.member.name}" if file.member else ""
            yield f"{file.path}{inside}", partial(reader.read, file)


def _import_organisation(path: Path, *, dry_run: bool) -> None:
    from flows.database import sessions
    from models.database import session_scope
    from models.operations.import_organisation import import_organisation, read_organisation_csv

    rows, errors = read_organisation_csv(path.read_bytes())
    if errors:
        fail("\n".join([f"{path}: 誤りがあるため、何も登録していません。", *errors]))
    with session_scope(sessions()) as session:
        report = import_organisation(session, rows=rows, now=dt.datetime.now(dt.UTC), dry_run=dry_run)
    typer.echo(
        f"組織{REHEARSED if dry_run else ''}: 新規 {len(report.created):,}、更新 {len(report.updated):,}、"
        f"変更なし {report.unchanged:,}"
    )
    for change in (*report.created, *report.updated) if dry_run else report.updated:
        typer.echo(f"  {change.row}行目 {change.what}")
    for error in report.errors:
        typer.echo(f"  {error}", err=True)
    fail_if(bool(report.errors))


def _say_parsed(name: str, parsed: ParsedOrdinance) -> None:
    from regulations.labels import label
    from regulations.structure import provisions

    ordinance = parsed.ordinance
    facts = (
        ordinance.law_number or "番号なし",
        label(ordinance.kind),
        f"{len(provisions(ordinance))} 条項",
        parsed.format,
    )
    typer.echo(f"{name}: {ordinance.title}（{'、'.join(facts)}）")
    for diagnostic in parsed.diagnostics:
        typer.echo(f"  {label(diagnostic.severity)} {diagnostic.ref} {diagnostic.message}")
