"""Accounts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from flows.commands.common import installation, misuse
from regulations.review import Role

commands = typer.Typer()
accounts = typer.Typer(help="利用者を登録する。", no_args_is_help=True)
commands.add_typer(accounts, name="accounts")

_ACCOUNT_ERRORS = {
    "login_name_taken": "ログイン名「{login}」は既に使われています。別の名を指定してください。",
    "login_name_empty": "ログイン名を指定してください。",
    "division_required": "この役割には課室が必要です。--division で指定してください。",
    "display_name_empty": "氏名を指定してください。",
    "no_such_division": "この課室は今の組織にありません。承継した課室を指定してください。",
    "no_such_account": "ログイン名「{login}」の利用者はいません。",
}


@accounts.command("create")
def create_account(
    login: Annotated[str, typer.Argument(help="ログイン名。")],
    name: Annotated[str, typer.Option(help="氏名。")],
    role: Annotated[Role, typer.Option(help="役割。")],
    division: Annotated[str | None, typer.Option(help="課室名（担当者、承認者及び部局長等は必須）。")] = None,
) -> None:
    """利用者を登録し、仮パスワードを一度だけ表示する。"""
    installation()
    from flows.database import sessions
    from flows.divisions import find_division
    from models.database import session_scope
    from models.operations.create_account import AccountError, create_account
    from models.operations.dates import japan_date

    now = dt.datetime.now(dt.UTC)
    with session_scope(sessions()) as session:
        division_id = find_division(session, division, on=japan_date(now)) if division else None
        if division and division_id is None:
            misuse(f"課室「{division}」は見つからないか、一つに決まりません。「部局名/課室名」の形でも指定できます。")
        try:
            issued = create_account(
                session,
                login_name=login,
                display_name=name,
                role=role,
                division_id=division_id,
                now=now,
            )
        except AccountError as error:
            misuse(_ACCOUNT_ERRORS[error.code].format(login=login))
    typer.echo(f"ログイン名: {issued.login_name}\n仮パスワード: {issued.password}\n最初のサインインで変更します。")


@accounts.command("reset")
def reset_account(login: Annotated[str, typer.Argument(help="ログイン名。")]) -> None:
    """仮パスワードを新しくし、ロックを解く。"""
    installation()
    from flows.database import sessions
    from models.database import session_scope
    from models.operations.create_account import AccountError, reset_password

    with session_scope(sessions()) as session:
        try:
            issued = reset_password(session, login_name=login, now=dt.datetime.now(dt.UTC))
        except AccountError as error:
            misuse(_ACCOUNT_ERRORS[error.code].format(login=login))
    typer.echo(f"ログイン名: {issued.login_name}\n仮パスワード: {issued.password}\n次のサインインで変更します。")
