"""The app as one ASGI application: our routes and gate around Streamlit."""

from __future__ import annotations

import gc
import logging
import os
from importlib import import_module
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from models.database import database_url, minaoshi_home, upgrade
from review_app import labels_ja as ja
from review_app import routes
from review_app.gate import SignInGate
from review_app.navigation import ALL_PAGES, PATHS

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent


def create_app() -> st.App:
    """The application for `uvicorn --factory review_app.asgi:create_app`.

    Reads MINAOSHI_HOME and MINAOSHI_DATABASE_URL, and brings the database's schema up to date.
    """
    upgrade(database_url(os.environ, minaoshi_home(os.environ)))
    _settle()
    return st.App(
        HERE / "main.py",
        routes=[
            Route("/healthz", routes.health),
            Route("/signin", routes.sign_in_page, methods=["GET"]),
            Route("/signin", routes.sign_in_form, methods=["POST"]),
            Route("/signout", routes.sign_out_form, methods=["POST"]),
            Route("/password", routes.password_page, methods=["GET"]),
            Route("/password", routes.password_form, methods=["POST"]),
            Route("/download/roadmap.{suffix:str}", routes.download_roadmap),
            Route("/download/answers.xlsx", routes.download_answers),
            Route("/download/audit.csv", routes.download_audit_log),
            Route("/manual/{name:str}.png", routes.manual_picture),
            Mount("/assets", StaticFiles(directory=HERE / "static")),
            *(Route(path, routes.shell) for path in PATHS),
        ],
        middleware=[Middleware(SignInGate)],
        on_script_error=_show_error,
    )


def _settle() -> None:
    """Load every page now, not at somebody's first click, and spare the collector what stays for good.

    Looking through all loaded modules took longer than drawing a page.
    """
    for page in ALL_PAGES:
        import_module(f"review_app.app_pages.{page.name}")
    gc.collect()
    gc.freeze()


def _show_error(error: Exception) -> bool:
    """In place of Streamlit's own words: what happened goes to the log, what to do to the reader."""
    logger.error("a page failed", exc_info=error)
    st.html(f'<p class="mi-fault" role="alert">{ja.UNEXPECTED_ERROR}</p>')
    return True
