"""The sample, the demonstration, and the services."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.common import (
    fail,
    fail_if,
    installation,
    own_rules,
    say_ingested,
    say_scanned,
    settings_with_folders,
    table,
)

if TYPE_CHECKING:
    from flows.sample import SampleAccount
    from models.queries import InquiryRow
    from regulations.review import ReviewStatus

commands = typer.Typer()
audit = typer.Typer(help="操作の記録を確かめる。", no_args_is_help=True)
commands.add_typer(audit, name="audit")


@commands.command()
def sample() -> None:
    """空のデータベースに、見本の組織・例規・利用者を登録し、候補を洗い出す。"""
    settings = installation(with_prefect=True)
    own_rules(settings)
    from flows import sample as step
    from flows.database import sessions

    if not step.is_wanted(settings, sessions()):
        typer.echo("データベースには既に内容があります。見本は登録しません。")
        typer.echo("パスワードを忘れたときは: minaoshi accounts reset ログイン名")
        return
    loaded = step.load(settings)
    say_ingested(loaded.ingest)
    say_scanned(loaded.scan)
    fail_if(loaded.ingest.failed)
    _say_accounts(loaded.accounts)


@commands.command()
def demo() -> None:
    """見本の例規で、取込から見直し工程表の出力までを通して行う。専用のフォルダを毎回作り直す。"""
    from flows import demo as step
    from flows.prefect_environment import prepare

    settings = settings_with_folders()
    own_rules(settings)
    prepare(os.environ, settings)

    typer.echo("見本の例規で一通り行います。回答と工程表の入力は、担当者役が台本どおりに行います。")
    done = step.run(step.fresh_home(settings, os.environ))
    say_ingested(done.sample.ingest)
    say_scanned(done.sample.scan)
    typer.echo(f"回答: {done.answered:,} 件（担当者役）")
    _say_inquiry(done.inquiry)
    typer.echo("改正した例規を取込フォルダに置いて、再スキャンしました。")
    say_ingested(done.rescan.ingest)
    say_scanned(done.rescan.scan)
    _say_statuses(done.statuses)
    typer.echo(f"見直し工程表（{done.roadmap:,} 件）: {done.workbook}")
    fail_if(done.sample.ingest.failed or not done.roadmap)


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="確認画面が待ち受けるアドレス。")] = "127.0.0.1",
) -> None:
    """確認画面、Prefect サーバー及び夜間の再スキャンを動かす。終了は Ctrl-C。"""
    settings = installation(with_prefect=True)
    from flows import serve as step

    try:
        step.serve(settings, environ=os.environ, say=typer.echo, host=host)
    except step.ServeError as error:
        fail(str(error))


@audit.command()
def verify() -> None:
    """操作の記録を、毎晩の封印と突き合わせる。書き換えや削除があれば終了コード 1 で終わる。"""
    installation()
    from flows.database import sessions
    from models.database import reading_scope
    from models.queries.audit_check import seals_check

    with reading_scope(sessions()) as session:
        found = seals_check(session)
    if found.broken_to is not None:
        since = f"{_day(found.broken_from)}から" if found.broken_from else ""
        fail(
            f"{since}{_day(found.broken_to)}までに封印した記録が、封印したときと違います。"
            "これより後の封印は確かめていません。データベースのバックアップと比べ、"
            "情報セキュリティの担当に連絡してください。"
        )
    if found.sealed_at is None:
        typer.echo(f"まだ封印がありません（記録 {found.unsealed:,} 件）。封印は minaoshi rescan が毎晩行います。")
        return
    typer.echo(f"{_day(found.sealed_at)}までに封印した {found.sealed:,} 件は、封印したときのままです。")
    typer.echo(f"まだ封印していない記録: {found.unsealed:,} 件\n最後の封印の値: {found.digest}")


def _day(at: dt.datetime) -> str:
    from models.operations.dates import japan_date
    from regulations.numerals import format_era_date

    return format_era_date(japan_date(at))


def _say_accounts(issued: tuple[SampleAccount, ...]) -> None:
    from regulations.labels import label

    divisions: dict[str, list[str]] = {}
    for account in issued:
        place = divisions.setdefault(account.division or "－", [])
        place.append(f"{label(account.role)}  {account.login_name}  {account.password}")
    typer.echo("サインインに使う仮パスワードです。ここにしか表示しません。最初のサインインで変更します。")
    table(("所管課", "役割、ログイン名、仮パスワード", ""), [(name, *cells) for name, cells in divisions.items()])


def _say_inquiry(inquiry: InquiryRow) -> None:
    from regulations.inquiry import AnswerState
    from regulations.labels import label

    shown = sorted(AnswerState, key=lambda state: state is not AnswerState.ACCEPTED)
    states = "、".join(f"{label(state)} {count}課" for state in shown if (count := inquiry.by_state[state]))
    typer.echo(f"照会「{inquiry.name}」: {states}")


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
    table(("規制区分", *(label(status) for status in ReviewStatus), "計"), cells, numbers=True)
