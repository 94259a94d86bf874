"""The gate in front of everything: pages, their data and their websocket open to the signed-in only."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.accounts import Account
from models.operations.sign_in import resolve_session
from regulations.review import Actor
from review_app import labels_ja as ja
from review_app.database import reading

COOKIE = "minaoshi_session"
OPEN_PATHS = frozenset({"/signin", "/healthz"})
OPEN_FOLDER = "/assets/"
CHANGE_PASSWORD_PATHS = frozenset({"/password", "/signout"})

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    # Streamlit's bundle writes inline styles and compiles its own code; nothing may leave this host.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'self'"
    ),
}


def idle_timeout(environ: Mapping[str, str] = os.environ) -> dt.timedelta:
    """How long a session may lie idle: MINAOSHI_IDLE_MINUTES, 60 by default."""
    return dt.timedelta(minutes=int(environ.get("MINAOSHI_IDLE_MINUTES", "60")))


def actor_of(token: str | None) -> tuple[Actor, bool] | None:
    """Who a session token stands for, and whether the password must be changed first; None if nobody."""
    if not token:
        return None
    with reading() as opened:
        actor = resolve_session(opened, token=token, now=dt.datetime.now(dt.UTC), idle_timeout=idle_timeout())
        if actor is None:
            return None
        must_change = opened.get_one(Account, actor.account_id).must_change_password
        opened.commit()  # the note that the session is in use
        return actor, must_change


def local_target(target: str | None) -> str:
    """`target` where it is a path of this app, "/" otherwise: a sign-in never leads to another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc or "\\" in target or parts.path in OPEN_PATHS else target


def is_own_origin(headers: Mapping[str, str]) -> bool:
    """Whether a form comes from this app. A browser always tells; a client that is none carries no cookie by itself."""
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == headers.get("host")
    return headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


class SignInGate:
    """ASGI middleware. Leaves the actor in `scope["state"]["actor"]` for the routes behind it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        if scope["type"] == "http":
            send = _with_security_headers(send)
        path = scope["path"]
        if path in OPEN_PATHS or path.startswith(OPEN_FOLDER):
            await self.app(scope, receive, send)
            return
        found = await run_in_threadpool(actor_of, HTTPConnection(scope).cookies.get(COOKIE))
        if found is None or (found[1] and path not in CHANGE_PASSWORD_PATHS):
            await _refuse(scope, receive, send, first="/password" if found else "/signin")
            return
        scope.setdefault("state", {})["actor"], scope["state"]["must_change_password"] = found
        await self.app(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send, *, first: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # the connect message; a close before accepting it answers 403
        await send({"type": "websocket.close", "code": 1008})
        return
    response: Response
    if scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        wanted = local_target(scope["path"] + (f"?{query}" if query else ""))
        response = RedirectResponse(f"{first}?next={quote(wanted, safe='')}", status_code=303)
    else:
        response = PlainTextResponse(ja.SIGN_IN_FIRST, status_code=401)
    response.headers["Cache-Control"] = "no-store"
    await response(scope, receive, send)


def _with_security_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
