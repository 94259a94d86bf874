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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from regulations.review import Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from flows.ingest import IngestSummary
    from flows.sample import SampleAccount
    from flows.scan import ScanSummary
    from flows.settings import Settings
    from flows.train import Corpus
    from nlp.analysis import Analyser
    from regulations.review import Actor, NotPermittedError, ReviewStatus
    from regulations.sources.base import Limits
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
models_app = typer.Typer(help="学習したモデルを管理する。", no_args_is_help=True)
elusion = typer.Typer(help="候補にならなかった条項を抜き取って確かめる。", no_args_is_help=True)
app.add_typer(models_app, name="models")
app.add_typer(elusion, name="elusion")

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
    paths: Annotated[list[Path], typer.Argument(exists=True, help="例規のファイル、フォルダ又は圧縮ファイル（zip）。")],
    catalog: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="目録（CSV・XLSX: 題名, 番号, 公布日, 所管課, 施行日, 種別）。"),
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
    limits = _limits()
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
    _fail_if(failed)


@app.command()
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

    limits = _limits()
    try:
        wanted = load_schema(schema) if schema else None
    except SchemaError as error:
        _misuse(str(error))
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
    _fail_if(failed)


def _contents(paths: list[Path], limits: Limits) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Files, and those in bundles, with how to read each; reading raises UnreadableSource."""
    from flows.files import FileReader, find_files

    with FileReader(limits) as reader:
        for file in find_files(paths, limits=limits).files:
            inside = f"/{file.member.name}" if file.member else ""
            yield f"{file.path}{inside}", partial(reader.read, file)


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


Operator = Annotated[str, typer.Option("--as", metavar="LOGIN", help="操作する利用者のログイン名。権限を確かめます。")]


@app.command()
def train(
    gold: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="正解の付いた条項（JSONL）。")],
    login: Operator,
) -> None:
    """正解と各課の判断から学習し直し、使用中のモデルと比べて、提案として登録する。使うには別の人の承認が要る。"""
    _installation()
    from flows import train as step
    from flows.database import sessions
    from flows.progress import Meter
    from models.database import reading_scope, session_scope
    from models.operations.propose_model import propose_model, worse_categories
    from models.queries.detection import decided_provisions, model_in_service
    from nlp.analysis import Analyser
    from nlp.jsonl import read_provisions
    from nlp.model import to_bytes
    from nlp.pipeline import load_pipeline, pipeline_version
    from regulations.review import NotPermittedError, may_propose_model

    with reading_scope(sessions()) as session:
        actor = _operator(session, login)
        if not may_propose_model(actor):  # before an hour's work, not after it
            _refuse(NotPermittedError(actor, "propose_model"))
        current, decided = model_in_service(session), decided_provisions(session)
    gold_lines = _lines(gold)
    with _bad_lines(gold):
        list(read_provisions(gold_lines))  # names the line that is none
        lines = step.training_lines(gold_lines, decided)
    # The weights that ship were learnt from the gold alone.
    before = current.training_data.decode().split("\n") if current else step.training_lines(gold_lines, [])
    analyser = Analyser(load_pipeline())
    with Meter("学習", total=len(lines) + len(before), unit="条項", stream=sys.stderr) as meter:
        new = _corpus(gold, lines, analyser, meter.advance)
        old = _corpus(gold, before, analyser, meter.advance)
    figures = step.compare(new, old)
    weights = to_bytes(step.fit(new))
    with session_scope(sessions()) as session:
        model_id = propose_model(
            session,
            actor=actor,
            weights=weights,
            training_data="\n".join(lines).encode("utf-8"),
            figures=figures,
            compared_with=current.model_id if current else None,
            pipeline_version=pipeline_version(),
            now=dt.datetime.now(dt.UTC),
        )
    typer.echo(
        f"モデル {model_id} を提案しました（正解と判断 {len(lines):,} 条項、交差検証 {figures['folds']} 分割）。"
    )
    _say_figures(figures)
    if worse := worse_categories(figures):
        typer.echo(f"使用中のモデルより劣る区分があるため、承認できません: {_categories(worse)}", err=True)
    else:
        typer.echo(f"別の人が承認すると使われます: minaoshi models approve {model_id} --as LOGIN")


@app.command()
def evaluate(
    gold: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="正解の付いた条項（JSONL）。")],
    ablations: Annotated[bool, typer.Option(help="特徴の群を一つずつ除いた表も出す（数分かかる）。")] = True,
) -> None:
    """正解の付いた条項で、洗い出しの正確さを交差検証で測る。括弧内は 95 % の区間。データベースは使わない。"""
    from nlp.evaluation import report

    _lines(gold)
    with _bad_lines(gold):
        typer.echo(report(gold, with_ablations=ablations))


@models_app.command("list")
def list_models(login: Operator) -> None:
    """学習したモデルを、新しい順に表示する。"""
    _installation()
    from flows.database import sessions
    from models.database import reading_scope
    from models.queries.detection import detection_models
    from regulations.review import NotPermittedError

    with reading_scope(sessions()) as session:
        try:
            rows = detection_models(session, actor=_operator(session, login))
        except NotPermittedError as error:
            _refuse(error)
    if not rows:
        typer.echo("登録されたモデルはありません。付属のモデルを使っています。")
        return
    cells = [
        (
            str(row.model_id),
            _MODEL_STATES[row.state],
            f"{row.created_at:%Y-%m-%d}",
            f"{row.figures['new']['micro']['f1']:.3f}",
            row.proposed_by,
            row.approved_by or "－",
            row.data_hash[:12],
        )
        for row in rows
    ]
    _table(("番号", "状態", "作成日", "F1", "提案", "承認", "データ"), cells)


@models_app.command("approve")
def approve(model: Annotated[int, typer.Argument(help="モデルの番号。")], login: Operator) -> None:
    """提案されたモデルを使う。提案した本人は承認できない。次の洗い出しから使われる。"""
    _installation()
    from flows.database import sessions
    from models.database import session_scope
    from models.operations.errors import NoSuchItemError
    from models.operations.propose_model import ModelRefusedError, approve_model
    from regulations.review import NotPermittedError

    with session_scope(sessions()) as session:
        try:
            approve_model(session, actor=_operator(session, login), model_id=model, now=dt.datetime.now(dt.UTC))
        except NoSuchItemError:
            _misuse(f"モデル {model} はありません。minaoshi models list で確かめてください。")
        except NotPermittedError as error:
            _refuse(error)
        except ModelRefusedError as error:
            _fail(_MODEL_FAULTS[error.fault].format(categories=_categories(error.categories)))
    typer.echo(f"モデル {model} を使います。minaoshi scan で全ての条項を調べ直します。判断はそのまま残ります。")


@models_app.command("rollback")
def rollback(login: Operator) -> None:
    """使用中のモデルをやめ、その前のモデルに戻す。"""
    _installation()
    from flows.database import sessions
    from models.database import session_scope
    from models.operations.propose_model import ModelRefusedError, roll_back_model
    from regulations.review import NotPermittedError

    with session_scope(sessions()) as session:
        try:
            restored = roll_back_model(session, actor=_operator(session, login), now=dt.datetime.now(dt.UTC))
        except NotPermittedError as error:
            _refuse(error)
        except ModelRefusedError as error:
            _fail(_MODEL_FAULTS[error.fault])
    typer.echo(f"{f'モデル {restored}' if restored else '付属のモデル'}に戻しました。minaoshi scan で調べ直します。")


@elusion.command("draw")
def draw_sample(
    login: Operator,
    size: Annotated[int, typer.Option(min=1, help="抜き取る条項の数。")] = 300,
    seed: Annotated[int | None, typer.Option(help="乱数の種。省くと日付から決める。")] = None,
) -> None:
    """候補にならなかった条項から無作為に抜き取る。読んで、検出もれがどれだけあるかを推定する。"""
    _installation()
    from flows.database import sessions
    from models.database import session_scope
    from models.operations.draw_elusion_sample import NothingToDrawError, draw_elusion_sample
    from models.queries.detection import elusion_tasks
    from regulations.review import NotPermittedError

    now = dt.datetime.now(dt.UTC)
    with session_scope(sessions()) as session:
        actor = _operator(session, login)
        try:
            number = seed if seed is not None else int(f"{now:%Y%m%d}")
            sample_id = draw_elusion_sample(session, actor=actor, size=size, seed=number, now=now)
        except NotPermittedError as error:
            _refuse(error)
        except NothingToDrawError:
            _fail("抜き取る条項がありません。先に minaoshi ingest と minaoshi scan を実行してください。")
        tasks = elusion_tasks(session, actor=actor, sample_id=sample_id)
    typer.echo(f"抜取り確認 {sample_id}: {len(tasks):,} 条項（乱数の種 {number}）")
    for task in tasks:
        typer.echo(f"{task.position}\t{task.title}\t{task.address}\t{task.text.replace(chr(10), ' ')}")


@elusion.command("report")
def report_sample(
    login: Operator,
    sample_id: Annotated[int | None, typer.Option("--sample", help="抜取り確認の番号。省くと最後のもの。")] = None,
) -> None:
    """抜き取って読んだ結果から、検出もれの数と再現率を推定する。"""
    _installation()
    from flows.database import sessions
    from models.database import reading_scope
    from models.queries.detection import elusion_estimate
    from regulations.review import NotPermittedError

    with reading_scope(sessions()) as session:
        try:
            found = elusion_estimate(session, actor=_operator(session, login), sample_id=sample_id)
        except NotPermittedError as error:
            _refuse(error)
    if found is None:
        _fail("抜取り確認がありません。minaoshi elusion draw で抜き取ってください。")
    typer.echo(
        f"抜取り確認 {found.sample_id}: 母集団 {found.population:,} 条項、"
        f"抜取り {found.size:,}、確認済み {found.read:,}"
    )
    low, high = found.share_range
    typer.echo(f"検出もれ: {found.missed:,} 条項、割合 {found.share:.2%}（95 % 区間 {low:.2%}–{high:.2%}）")
    least, most = found.implied_range
    typer.echo(f"母集団全体の推定: {found.implied:,.0f} 条項（{least:,.0f}–{most:,.0f}）")
    if found.recall is None or found.recall_range is None:
        typer.echo("再現率: 候補の判断と抜き取った条項の確認が進むと推定できます。")
    else:
        typer.echo(f"再現率: {found.recall:.1%}（{found.recall_range[0]:.1%}–{found.recall_range[1]:.1%}）")


_MODEL_STATES = {"proposed": "提案中", "in_service": "使用中", "retired": "終了"}
_MODEL_FAULTS = {
    "not_proposed": "このモデルは提案中ではありません。",
    "worse": "使用中のモデルより劣る区分があるため、承認できません: {categories}",
    "compared_with_another": "提案の後で使用中のモデルが変わりました。minaoshi train で比べ直してください。",
    "none_in_service": "登録されたモデルは使われていません（付属のモデルを使っています）。",
}


def _operator(session: Session, login: str) -> Actor:
    """The person on whose behalf the command acts; the same permissions as in the app."""
    from sqlalchemy import select

    from models.accounts import Account
    from models.operations.sign_in import actor_of

    account = session.scalar(select(Account).where(Account.login_name == login, Account.is_active))
    if account is None:
        _misuse(f"ログイン名「{login}」の利用者はいません。")
    return actor_of(account)


def _refuse(error: NotPermittedError) -> NoReturn:
    if error.action == "approve_model":
        _fail(
            f"{error.actor.display_name} には承認できません。"
            "提案した人と別の、推進部門かシステム管理者の承認が要ります。"
        )
    _fail(f"{error.actor.display_name} にはこの操作の権限がありません。")


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
    except UnicodeDecodeError as error:
        _fail(f"{path}: UTF-8 ではありません（{error.start + 1} バイト目）。UTF-8 で保存し直してください。")


@contextmanager
def _bad_lines(path: Path) -> Iterator[None]:
    """Say in which file a line is that cannot be learnt from."""
    from nlp.jsonl import JsonlError

    try:
        yield
    except JsonlError as error:
        _fail(f"{path}: {error}")
    except KeyError as error:
        _fail(f"{path}: 正解の項目 {error} がない行があります。")


def _corpus(path: Path, lines: list[str], analyser: Analyser, advance: Callable[[int], None]) -> Corpus:
    from flows.train import read_corpus

    with _bad_lines(path):
        return read_corpus(lines, analyser, advance=advance)


def _say_figures(figures: Mapping[str, Any]) -> None:
    from regulations.labels import category_label

    new, before = figures["new"], figures["in_service"]
    rows = [
        (
            category_label(name),
            *(f"{side['categories'][name][ratio]:.3f}" for side in (before, new) for ratio in _RATIOS),
        )
        for name in new["categories"]
    ]
    rows.append(("全体", *(f"{side['micro'][ratio]:.3f}" for side in (before, new) for ratio in _RATIOS)))
    _table(("規制区分", "使用中 適合率", "再現率", "F1", "新 適合率", "再現率", "F1"), rows, numbers=True)


_RATIOS = ("precision", "recall", "f1")


def _categories(names: Sequence[str]) -> str:
    from regulations.labels import category_label

    return "、".join(category_label(name) for name in names)


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


def _limits() -> Limits:
    from flows.limits import SettingsError, load_limits

    try:
        return load_limits(os.environ)
    except SettingsError as error:
        _misuse(str(error))


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
        catalog = summary.catalog
        for change in (*catalog.unmatched, *catalog.unknown_divisions, *catalog.conflicts):
            typer.echo(f"  {change.what}", err=True)
        if catalog.unlisted:
            typer.echo(f"  目録にない例規: {len(catalog.unlisted):,} 件", err=True)
        for title in catalog.unlisted:
            typer.echo(f"    {title}", err=True)
    for error in (*summary.catalog_errors, *summary.correction_errors):
        typer.echo(f"  {error}", err=True)


def _say_scanned(summary: ScanSummary) -> None:
    typer.echo(
        f"洗い出し: {summary.provisions:,} 条項、新しい候補 {summary.candidates:,} 件、"
        f"{summary.seconds:.1f} 秒（毎秒 {summary.rate:,.0f} 条項）"
    )


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
