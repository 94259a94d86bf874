"""The routes beside Streamlit's: sign-in, password, downloads, and the page it starts in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from models import exports, queries
from models.accounts import Account
from models.answer_workbook import answer_workbook
from models.operations.accounts import (
    PasswordFaultError,
    SignInError,
    change_password,
    check_password,
    sign_in,
    sign_out,
)
from models.operations.audit import record
from models.organisation import Division
from models.queries import HistoryFilter
from models.queries.answer_rows import LISTED
from regulations.review import OPEN_STATUSES, Actor, Owner, may_decide, may_see_audit_log, may_view
from review_app import labels_ja as ja
from review_app.app_pages.history import address_of, filter_of, log_cells
from review_app.csv_text import csv_lines
from review_app.database import reading, writing
from review_app.gate import COOKIE, is_own_origin, local_target
from review_app.labels_ja import help as help_words
from review_app.labels_ja import history as history_words
from review_app.labels_ja import workbooks as workbook_words
from review_app.manual_text import picture
from review_app.session_state import whole_number
from review_app.shell import shell as start_page

_templates = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
_templates.globals.update(product=ja.PRODUCT, secrecy=ja.SECRECY)

MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def _page(name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    html = _templates.get_template(f"{name}.html").render(**values)
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})


def _message(heading: str, text: str, *, status: int) -> HTMLResponse:
    return _page("message", status=status, heading=heading, text=text)


async def shell(_request: Request) -> Response:
    return HTMLResponse(start_page(), headers={"Cache-Control": "no-store"})


async def health(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def sign_in_page(request: Request) -> Response:
    return _page("signin", next=local_target(request.query_params.get("next")), login_name="")


async def sign_in_form(request: Request) -> Response:
    if not is_own_origin(request.headers):
        return _foreign_origin()
    form = await request.form()
    login_name, target = str(form.get("login_name", "")).strip(), local_target(str(form.get("next", "")))
    try:
        token = await run_in_threadpool(_sign_in, login_name, str(form.get("password", "")))
    except SignInError as error:
        message = ja.sign_in_fault(error)
        return _page("signin", status=401, next=target, login_name=login_name, error=message)
    response = RedirectResponse(target, status_code=303)
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=request.url.scheme == "https", path="/")
    return response


def _sign_in(login_name: str, password: str) -> str:
    # A refused sign-in counts towards the lock, so its session is committed before the error goes on.
    with reading() as opened:  # the slow comparison, outside the one write lock
        checked = check_password(opened, login_name=login_name, password=password)
    with writing() as opened:
        now = dt.datetime.now(dt.UTC)
        try:
            return sign_in(opened, login_name=login_name, password=password, now=now, checked=checked)
        except SignInError:
            opened.commit()
            raise


async def sign_out_form(request: Request) -> Response:
    if not is_own_origin(request.headers):
        return _foreign_origin()
    await run_in_threadpool(_sign_out, request.cookies[COOKIE])
    response = RedirectResponse("/signin", status_code=303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", path="/")
    return response


def _sign_out(token: str) -> None:
    with writing() as opened:
        sign_out(opened, token=token, now=dt.datetime.now(dt.UTC))


async def password_page(request: Request) -> Response:
    return _password_page(request, target=local_target(request.query_params.get("next")))


async def password_form(request: Request) -> Response:
    if not is_own_origin(request.headers):
        return _foreign_origin()
    form = await request.form()
    current, new, again = (str(form.get(name, "")) for name in ("current", "new", "again"))
    target = local_target(str(form.get("next", "")))
    if new != again:
        return _password_page(request, target=target, faults=[ja.PASSWORDS_DIFFER])
    try:
        await run_in_threadpool(_change_password, request, current, new)
    except PasswordFaultError as error:
        return _password_page(request, target=target, faults=[ja.password_fault(fault) for fault in error.faults])
    return RedirectResponse(target, status_code=303)


def _change_password(request: Request, current: str, new: str) -> None:
    now, token = dt.datetime.now(dt.UTC), request.cookies[COOKIE]
    with writing() as opened:
        change_password(opened, actor=request.state.actor, current=current, new=new, now=now, token=token)


def _password_page(request: Request, *, target: str, faults: list[str] | None = None) -> Response:
    with reading() as opened:
        account = opened.get_one(Account, request.state.actor.account_id)
        return _page(
            "password",
            status=422 if faults else 200,
            next=target,
            forced=account.must_change_password,
            display_name=account.display_name,
            login_name=account.login_name,
            rules=ja.password_rules(),
            faults=faults or [],
        )


def _foreign_origin() -> Response:
    return _message(ja.REFUSED, ja.FOREIGN_ORIGIN, status=403)


def download_roadmap(request: Request) -> Response:
    """The roadmap as a workbook or CSV: of one division (`?division=ID`) or of all that the actor sees."""
    suffix = request.path_params["suffix"]
    division = request.query_params.get("division", "")
    division_id = whole_number(division)
    if suffix not in MEDIA or (division and division_id is None):
        return _message(ja.NOT_FOUND, ja.NO_SUCH_DOWNLOAD, status=404)
    actor: Actor = request.state.actor
    now = dt.datetime.now(dt.UTC)
    with reading() as opened:  # not in one transaction with the record: all divisions' texts take a while to read
        found = opened.get(Division, division_id) if division_id is not None else None
        if refusal := _refusal(actor, division_id, found, no_role=ja.NO_ROADMAP, not_found=ja.NO_SUCH_DOWNLOAD):
            return refusal
        rows = queries.roadmap_rows(opened, actor=actor, division_id=division_id)
    with writing() as opened:
        record(
            opened,
            actor_id=actor.account_id,
            action="export_roadmap",
            target_type="division",
            target_id=division_id or "*",
            detail={"format": suffix, "rows": len(rows)},
            now=now,
        )
    title = ja.roadmap_title(found.name if found else "")
    if suffix == "csv":
        content = exports.roadmap_csv(rows)
    else:
        content = exports.roadmap_workbook(rows, title=title, classification=ja.SECRECY_CLASS, made_at=now)
    named = f"attachment; filename=\"roadmap.{suffix}\"; filename*=UTF-8''{ja.quoted(title)}.{suffix}"
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA[suffix], headers=headers)


def download_answers(request: Request) -> Response:
    """The workbook for answering offline: of one division (`?division=ID`) or of all that the actor sees.

    `?scope=open` leaves out what is answered already.
    """
    actor: Actor = request.state.actor
    division, scope = (request.query_params.get(name, "") for name in ("division", "scope"))
    division_id, not_found = whole_number(division), workbook_words.NO_SUCH_WORKBOOK
    if (division and division_id is None) or scope not in {"", "open", "all"}:
        return _message(ja.NOT_FOUND, not_found, status=404)
    if not division and any(may_decide(actor, owner) for owner in _own_scope(actor)):
        division_id = actor.division_id
    now = dt.datetime.now(dt.UTC)
    with reading() as opened:
        found = opened.get(Division, division_id) if division_id is not None else None
        if refusal := _refusal(actor, division_id, found, no_role=workbook_words.NO_WORKBOOK, not_found=not_found):
            return refusal
        rows = queries.answer_rows(
            opened, actor=actor, division_id=division_id, statuses=OPEN_STATUSES if scope == "open" else LISTED
        )
        due = queries.due_inquiries(opened, division_id=division_id) if division_id is not None else []
    with writing() as opened:
        record(
            opened,
            actor_id=actor.account_id,
            action="export_answers",
            target_type="division",
            target_id=division_id or "*",
            detail={"scope": scope or "all", "rows": len(rows)},
            now=now,
        )
    title = workbook_words.file_title(found.name if found else "")
    content = answer_workbook(
        rows,
        title=title,
        for_whom=found.name if found else workbook_words.EVERY_DIVISION,
        due=due,
        classification=ja.SECRECY_CLASS,
        made_at=now,
    )
    named = f"attachment; filename=\"answers.xlsx\"; filename*=UTF-8''{ja.quoted(title)}.xlsx"
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA["xlsx"], headers=headers)


def download_audit_log(request: Request) -> Response:
    """The log of every operation as CSV, narrowed as 履歴 is. That it was taken out is itself a line of it."""
    actor: Actor = request.state.actor
    if not may_see_audit_log(actor):
        return _message(ja.REFUSED, history_words.NO_LOG, status=403)
    try:
        narrowed = filter_of(request.query_params)
    except ValueError:
        return _message(ja.NOT_FOUND, history_words.BAD_PERIOD, status=404)
    now = dt.datetime.now(dt.UTC)
    with writing() as opened:
        record(
            opened,
            actor_id=actor.account_id,
            action="export_audit_log",
            target_type="audit_log",
            target_id="*",
            detail={"rows": queries.history_total(opened, actor=actor, **narrowed), "filter": address_of(narrowed)},
            now=now,
        )
    named = f"attachment; filename=\"audit.csv\"; filename*=UTF-8''{ja.quoted(history_words.LOG_FILE)}.csv"
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return StreamingResponse(_log_lines(actor, narrowed), media_type=MEDIA["csv"], headers=headers)


def _log_lines(actor: Actor, narrowed: HistoryFilter) -> Iterator[bytes]:
    with reading() as opened:
        divisions = queries.division_names(opened)
        rows = queries.audit_log(opened, actor=actor, **narrowed)
        yield from csv_lines(history_words.CSV_COLUMNS, (log_cells(row, divisions) for row in rows))


def manual_picture(request: Request) -> Response:
    """A picture of 操作手引き, or of the same page on a larger screen."""
    found = picture(request.path_params["name"])
    if found is None:
        return _message(ja.NOT_FOUND, help_words.NO_SUCH_PICTURE, status=404)
    return FileResponse(found, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


def _refusal(
    actor: Actor, division_id: int | None, found: Division | None, *, no_role: str, not_found: str
) -> Response | None:
    """Why the actor may not take out what is a division's, or all that they see; None where they may."""
    if division_id is None:
        may_take = any(may_view(actor, owner) for owner in _own_scope(actor))
        return None if may_take else _message(ja.REFUSED, no_role, status=403)
    may_take = found is not None and may_view(actor, Owner(division_id=found.id, bureau=found.bureau))
    return None if may_take else _message(ja.NOT_FOUND, not_found, status=404)


def _own_scope(actor: Actor) -> tuple[Owner, ...]:
    return (Owner(division_id=actor.division_id, bureau=actor.bureau),)
