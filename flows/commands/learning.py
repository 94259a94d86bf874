"""Learning, the models in service, and what detection has left out."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.common import (
    Operator,
    fail,
    installation,
    misuse,
    operator,
    own_rules,
    read_settings,
    refuse,
    table,
)

if TYPE_CHECKING:
    from flows.train import Corpus
    from nlp.analysis import Analyser

commands = typer.Typer()
models = typer.Typer(help="学習したモデルを管理する。", no_args_is_help=True)
elusion = typer.Typer(help="候補にならなかった条項を抜き取って確かめる。", no_args_is_help=True)
commands.add_typer(models, name="models")
commands.add_typer(elusion, name="elusion")

_RATIOS = ("precision", "recall", "f1")

WithSample = Annotated[
    bool, typer.Option("--sample/--no-sample", help="付属の見本の例規と正解からも学習する（付属のモデルと同じ）。")
]


@commands.command()
def train(
    gold: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="正解の付いた条項（JSONL）。")],
    login: Operator,
    with_sample: WithSample = True,
) -> None:
    """正解と各課の判断から学習し直し、使用中のモデルと比べて、提案として登録する。使うには別の人の承認が要る。"""
    rule_folders = own_rules(installation())
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
    from nlp.sample_gold import sample_lines
    from regulations.labels import model_fault
    from regulations.learning import ModelFault
    from regulations.review import NotPermittedError, may_propose_model

    with reading_scope(sessions()) as session:
        actor = operator(session, login)
        if not may_propose_model(actor):  # before an hour's work, not after it
            refuse(NotPermittedError(actor, "propose_model"))
        current, decided = model_in_service(session), decided_provisions(session)
    gold_lines = _lines(gold)
    with _bad_lines(gold):
        list(read_provisions(gold_lines))  # names the line that is none
        gold_lines += sample_lines() if with_sample else []
        lines = step.training_lines(gold_lines, decided)
    # The weights that ship were learnt without any decision.
    before = current.training_data.decode().split("\n") if current else step.training_lines(gold_lines, [])
    analyser = Analyser(load_pipeline(), rule_folders=rule_folders)
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
            pipeline_version=pipeline_version(rule_folders=rule_folders),
            now=dt.datetime.now(dt.UTC),
        )
    typer.echo(
        f"モデル {model_id} を提案しました（正解と判断 {len(lines):,} 条項、交差検証 {figures['folds']} 分割）。"
    )
    _say_figures(figures)
    if worse := worse_categories(figures):
        typer.echo(model_fault(ModelFault.WORSE, worse), err=True)
    else:
        typer.echo(f"別の人が承認すると使われます: minaoshi models approve {model_id} --as LOGIN")


@commands.command()
def evaluate(
    gold: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="正解の付いた条項（JSONL）。")],
    ablations: Annotated[bool, typer.Option(help="特徴の群を一つずつ除いた表も出す（数分かかる）。")] = True,
    with_sample: WithSample = True,
) -> None:
    """正解の付いた条項で、洗い出しの正確さを交差検証で測る。括弧内は 95 % の区間。データベースは使わない。"""
    from nlp.evaluation import report

    _lines(gold)
    with _bad_lines(gold):
        rule_folders = own_rules(read_settings())
        typer.echo(report(gold, with_ablations=ablations, with_sample=with_sample, rule_folders=rule_folders))


@models.command("list")
def list_models(login: Operator) -> None:
    """学習したモデルを、新しい順に表示する。"""
    installation()
    from flows.database import sessions
    from models.database import reading_scope
    from models.queries.detection import detection_models
    from regulations.labels import label
    from regulations.review import NotPermittedError

    with reading_scope(sessions()) as session:
        try:
            rows = detection_models(session, actor=operator(session, login))
        except NotPermittedError as error:
            refuse(error)
    if not rows:
        typer.echo("登録されたモデルはありません。付属のモデルを使っています。")
        return
    cells = [
        (
            str(row.model_id),
            label(row.state),
            f"{row.created_at:%Y-%m-%d}",
            f"{row.figures['new']['micro']['f1']:.3f}",
            row.proposed_by,
            row.approved_by or "－",
            row.data_hash[:12],
        )
        for row in rows
    ]
    table(("番号", "状態", "作成日", "F1", "提案", "承認", "データ"), cells)


@models.command("approve")
def approve(model: Annotated[int, typer.Argument(help="モデルの番号。")], login: Operator) -> None:
    """提案されたモデルを使う。提案した本人は承認できない。次の洗い出しから使われる。"""
    installation()
    from flows.database import sessions
    from models.database import session_scope
    from models.operations.errors import NoSuchItemError
    from models.operations.propose_model import ModelRefusedError, approve_model
    from regulations.labels import model_fault
    from regulations.review import NotPermittedError

    with session_scope(sessions()) as session:
        try:
            approve_model(session, actor=operator(session, login), model_id=model, now=dt.datetime.now(dt.UTC))
        except NoSuchItemError:
            misuse(f"モデル {model} はありません。minaoshi models list で確かめてください。")
        except NotPermittedError as error:
            refuse(error)
        except ModelRefusedError as error:
            fail(model_fault(error.fault, error.categories))
    typer.echo(f"モデル {model} を使います。minaoshi scan で全ての条項を調べ直します。判断はそのまま残ります。")


@models.command("rollback")
def rollback(login: Operator) -> None:
    """使用中のモデルをやめ、その前のモデルに戻す。"""
    installation()
    from flows.database import sessions
    from models.database import session_scope
    from models.operations.propose_model import ModelRefusedError, roll_back_model
    from regulations.labels import model_fault
    from regulations.review import NotPermittedError

    with session_scope(sessions()) as session:
        try:
            restored = roll_back_model(session, actor=operator(session, login), now=dt.datetime.now(dt.UTC))
        except NotPermittedError as error:
            refuse(error)
        except ModelRefusedError as error:
            fail(model_fault(error.fault))
    typer.echo(f"{f'モデル {restored}' if restored else '付属のモデル'}に戻しました。minaoshi scan で調べ直します。")


@elusion.command("draw")
def draw_sample(
    login: Operator,
    size: Annotated[int, typer.Option(min=1, help="抜き取る条項の数。")] = 300,
    seed: Annotated[int | None, typer.Option(help="乱数の種。省くと日付から決める。")] = None,
) -> None:
    """候補にならなかった条項から無作為に抜き取る。読んで、検出もれがどれだけあるかを推定する。"""
    installation()
    from flows.database import sessions
    from models.database import session_scope
    from models.operations.draw_elusion_sample import NothingToDrawError, draw_elusion_sample
    from models.queries.detection import elusion_tasks
    from regulations.review import NotPermittedError

    now = dt.datetime.now(dt.UTC)
    with session_scope(sessions()) as session:
        actor = operator(session, login)
        try:
            number = seed if seed is not None else int(f"{now:%Y%m%d}")
            sample_id = draw_elusion_sample(session, actor=actor, size=size, seed=number, now=now)
        except NotPermittedError as error:
            refuse(error)
        except NothingToDrawError:
            fail("抜き取る条項がありません。先に minaoshi ingest と minaoshi scan を実行してください。")
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
    installation()
    from flows.database import sessions
    from models.database import reading_scope
    from models.queries.detection import elusion_estimate
    from regulations.review import NotPermittedError

    with reading_scope(sessions()) as session:
        try:
            found = elusion_estimate(session, actor=operator(session, login), sample_id=sample_id)
        except NotPermittedError as error:
            refuse(error)
    if found is None:
        fail("抜取り確認がありません。minaoshi elusion draw で抜き取ってください。")
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


def _lines(path: Path) -> list[str]:
    from nlp.jsonl import read_lines

    try:
        return read_lines(path)
    except UnicodeDecodeError as error:
        fail(f"{path}: UTF-8 ではありません（{error.start + 1} バイト目）。UTF-8 で保存し直してください。")


@contextmanager
def _bad_lines(path: Path) -> Iterator[None]:
    """Say in which file a line is that cannot be learnt from."""
    from nlp.jsonl import JsonlError

    try:
        yield
    except JsonlError as error:
        fail(f"{path}: {error}")
    except KeyError as error:
        fail(f"{path}: 正解の項目 {error} がない行があります。")


def _corpus(path: Path, lines: list[str], analyser: Analyser, advance: Callable[[int], None]) -> Corpus:
    from flows.train import read_corpus

    with _bad_lines(path):
        return read_corpus(lines, analyser, advance=advance)


def _say_figures(figures: Mapping[str, Any]) -> None:
    from regulations.labels import learnt_category_label

    new, before = figures["new"], figures["in_service"]
    rows = [
        (
            learnt_category_label(name),
            *(f"{side['categories'][name][ratio]:.3f}" for side in (before, new) for ratio in _RATIOS),
        )
        for name in new["categories"]
    ]
    rows.append(("全体", *(f"{side['micro'][ratio]:.3f}" for side in (before, new) for ratio in _RATIOS)))
    table(("規制区分", "使用中 適合率", "再現率", "F1", "新 適合率", "再現率", "F1"), rows, numbers=True)
