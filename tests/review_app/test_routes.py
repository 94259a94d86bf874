"""What stands in front of Streamlit: the gate, sign-in, passwords and downloads, over HTTP."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from httpx import Response
from sqlalchemy import select
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from starlette.websockets import WebSocketDisconnect

from models import queries
from models.accounts import Account, SignInSession
from models.database import reading_scope, session_scope
from models.operations.decide import decide
from models.operations.sign_in import actor_of
from models.organisation import Division
from models.queries import queue
from models.review import AuditEntry
from regulations.review import Applicability, ReviewStatus
from regulations.taxonomy import LegalBasis
from review_app import labels_ja as ja
from review_app.asgi import create_app
from review_app.gate import COOKIE, is_own_origin, local_target
from review_app.manual_text import pictures_named
from review_app.navigation import PATHS
from review_app.shell import COMPONENTS, component_scripts
from tests.review_app.prefecture import NOW, OWN, Prefecture

PASSWORD = "Susuki-no-hara-2026"
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def app(founded: Prefecture) -> Iterator[ASGIApp]:
    """One for all tests: a process holds one Streamlit runtime. The database is looked up at each request."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MINAOSHI_DATABASE_URL", founded.url)
        yield create_app()


@pytest.fixture
def client(app: ASGIApp, prefecture: Prefecture) -> TestClient:
    # Not as a context manager: what is tested here needs no running Streamlit.
    return TestClient(app, base_url="http://minaoshi.test", follow_redirects=False)


@pytest.fixture
def signed_in(client: TestClient, prefecture: Prefecture) -> Iterator[TestClient]:
    enter(client, prefecture, "sato")
    yield client


def enter(client: TestClient, prefecture: Prefecture, login: str) -> None:
    """Sign in and change the one-time password."""
    sign_in(client, login, prefecture.passwords[login])
    answer = client.post(
        "/password", data={"current": prefecture.passwords[login], "new": PASSWORD, "again": PASSWORD, "next": "/"}
    )
    assert answer.status_code == 303


def sign_in(client: TestClient, login: str, password: str, target: str = "/") -> Response:
    return client.post("/signin", data={"login_name": login, "password": password, "next": target})


def test_the_health_check_needs_no_sign_in(client: TestClient) -> None:
    assert client.get("/healthz").text == "ok"


@pytest.mark.parametrize("path", [*PATHS, "/download/roadmap.xlsx", "/static/js/index.js", "/_stcore/host-config"])
def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_with_the_way_back(client: TestClient, path: str) -> None:
    page = client.get(f"{path}?candidate=12", headers=HTML)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/signin?next=%2F")
    assert page.headers["location"].endswith("%3Fcandidate%3D12")
    data = client.get(path)
    assert data.status_code == 401
    assert "サインイン" in data.text


def test_the_websocket_is_closed_to_whoever_is_not_signed_in(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect) as closed, client.websocket_connect("/_stcore/stream"):
        pass
    assert closed.value.code == 1008


def test_a_sign_in_sets_a_cookie_that_scripts_cannot_read(client: TestClient, prefecture: Prefecture) -> None:
    answer = sign_in(client, "sato", prefecture.passwords["sato"], "/candidate?candidate=3")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/candidate?candidate=3"
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_over_https_the_cookie_is_secure(app: ASGIApp, prefecture: Prefecture) -> None:
    client = TestClient(app, base_url="https://minaoshi.test", follow_redirects=False)
    assert "secure" in sign_in(client, "sato", prefecture.passwords["sato"]).headers["set-cookie"].lower()


def test_the_token_is_nowhere_in_the_database(client: TestClient, prefecture: Prefecture) -> None:
    sign_in(client, "sato", prefecture.passwords["sato"])
    with reading_scope(prefecture.sessions) as session:
        kept = session.scalars(select(SignInSession.token_hash)).all()
    assert len(kept) == 1
    assert client.cookies[COOKIE] not in kept


@pytest.mark.parametrize(("login", "password"), [("sato", "wrong"), ("nobody", "wrong"), ("", "")])
def test_a_wrong_sign_in_says_the_same_whoever_it_is(client: TestClient, login: str, password: str) -> None:
    answer = sign_in(client, login, password)
    assert answer.status_code == 401
    assert "利用者IDまたはパスワードが違います" in answer.text
    assert COOKIE not in client.cookies


def test_after_five_wrong_passwords_even_the_right_one_is_refused(client: TestClient, prefecture: Prefecture) -> None:
    for _ in range(5):
        sign_in(client, "sato", "wrong")
    answer = sign_in(client, "sato", prefecture.passwords["sato"])
    assert answer.status_code == 401
    assert "一時的に使えません" in answer.text


def test_what_was_typed_as_a_name_comes_back_as_text(client: TestClient) -> None:
    answer = sign_in(client, '"><script>alert(1)</script>', "x")
    assert "<script>" not in answer.text


def test_a_form_from_another_site_is_refused(signed_in: TestClient, prefecture: Prefecture) -> None:
    elsewhere = {"origin": "https://evil.example"}
    for path in ("/signin", "/signout", "/password"):
        assert signed_in.post(path, data={}, headers=elsewhere).status_code == 403
    assert signed_in.get("/inbox", headers=HTML).status_code == 200


def test_the_first_sign_in_leads_nowhere_but_to_the_new_password(client: TestClient, prefecture: Prefecture) -> None:
    sign_in(client, "sato", prefecture.passwords["sato"])
    page = client.get("/inbox", headers=HTML)
    assert page.headers["location"] == "/password?next=%2Finbox"
    assert client.get("/download/roadmap.csv").status_code == 401
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass
    form = client.get("/password?next=/inbox", headers=HTML)
    assert "仮のパスワードは使い続けられません" in form.text


@pytest.mark.parametrize(
    ("new", "again", "sentence"),
    [
        ("short", "short", "12文字以上"),
        ("SATO-no-password-1", "SATO-no-password-1", "利用者IDか氏名が含まれています"),
        (PASSWORD, PASSWORD + "x", "一致しません"),
        (None, None, "今のパスワードと同じです"),
    ],
)
def test_a_new_password_that_breaks_a_rule_is_refused_with_the_rule(
    client: TestClient, prefecture: Prefecture, new: str | None, again: str | None, sentence: str
) -> None:
    current = prefecture.passwords["sato"]
    sign_in(client, "sato", current)
    answer = client.post("/password", data={"current": current, "new": new or current, "again": again or current})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert client.get("/inbox", headers=HTML).headers["location"].startswith("/password")


def test_the_session_outlives_a_reload_and_ends_with_the_sign_out(signed_in: TestClient) -> None:
    for _ in range(2):
        page = signed_in.get("/inbox", headers=HTML)
        assert page.status_code == 200
        assert '<html lang="ja">' in page.text
    token = signed_in.cookies[COOKIE]
    assert signed_in.post("/signout").headers["location"] == "/signin"
    assert COOKIE not in signed_in.cookies
    signed_in.cookies.set(COOKIE, token)  # a copy of the cookie is worth nothing either
    assert signed_in.get("/inbox", headers=HTML).status_code == 303


def test_an_idle_session_is_over(
    signed_in: TestClient, prefecture: Prefecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with session_scope(prefecture.sessions) as session:
        for row in session.scalars(select(SignInSession)):
            row.last_seen_at -= dt.timedelta(minutes=10)
    assert signed_in.get("/inbox", headers=HTML).status_code == 200
    with session_scope(prefecture.sessions) as session:
        for row in session.scalars(select(SignInSession)):
            row.last_seen_at -= dt.timedelta(minutes=10)
    monkeypatch.setenv("MINAOSHI_IDLE_MINUTES", "5")
    assert signed_in.get("/inbox", headers=HTML).status_code == 303


def test_every_answer_carries_the_headers_that_keep_it_here(signed_in: TestClient) -> None:
    headers = signed_in.get("/inbox", headers=HTML).headers
    assert headers["x-frame-options"] == "DENY"
    assert "connect-src 'self'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def division_id(prefecture: Prefecture, name: str) -> int:
    with reading_scope(prefecture.sessions) as session:
        return session.scalars(select(Division.id).where(Division.name == name)).one()


def confirm_first(prefecture: Prefecture) -> str:
    """One 該当 of the reviewer; its address."""
    with session_scope(prefecture.sessions) as session:
        actor = actor_of(session.scalars(select(Account).where(Account.login_name == "sato")).one())
        row = queue(session, actor=actor, statuses=[ReviewStatus.PENDING], limit=1)[0]
        decide(
            session,
            actor=actor,
            item_id=row.item_id,
            expected_version=1,
            applicability=Applicability.APPLICABLE,
            category=row.category,
            regulation_type=row.regulation_type,
            phase=row.phase,
            basis=LegalBasis.LOCAL_ORDINANCE,
            now=NOW,
        )
        return row.address


def test_a_division_downloads_its_own_roadmap_and_the_log_says_so(
    signed_in: TestClient, prefecture: Prefecture
) -> None:
    address = confirm_first(prefecture)
    answer = signed_in.get(f"/download/roadmap.xlsx?division={division_id(prefecture, OWN)}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    cells = [
        cell
        for sheet in openpyxl.load_workbook(io.BytesIO(answer.content))
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    ]
    assert address in cells
    assert any("機密性2" in str(cell) for cell in cells)
    assert address in signed_in.get("/download/roadmap.csv").content.decode("utf-8-sig")
    with reading_scope(prefecture.sessions) as session:
        logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "export_roadmap")).all()
    assert [(entry.detail["format"], entry.detail["rows"]) for entry in logged] == [("xlsx", 1), ("csv", 1)]


@pytest.mark.parametrize("file", ["roadmap.xlsx", "answers.xlsx"])
@pytest.mark.parametrize("named", ["{foreign}", "999999", "0", "x", "-1", "9" * 26, "9" * 5_000])
def test_a_foreign_or_unknown_division_is_not_found(
    signed_in: TestClient, prefecture: Prefecture, named: str, file: str
) -> None:
    foreign = division_id(prefecture, "生活衛生課")
    answer = signed_in.get(f"/download/{file}?division={named.format(foreign=foreign)}")
    assert answer.status_code == 404
    assert "見つかりません" in answer.text


@pytest.mark.parametrize("file", ["roadmap.csv", "answers.xlsx"])
def test_a_file_is_read_without_holding_up_whoever_saves_meanwhile(
    signed_in: TestClient, prefecture: Prefecture, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    asked = {"roadmap.csv": "roadmap_rows", "answers.xlsx": "answer_rows"}[file]
    read, saved = getattr(queries, asked), []

    def reading_slowly(*args: Any, **values: Any) -> Any:
        saved.append(confirm_first(prefecture))
        return read(*args, **values)

    monkeypatch.setattr(queries, asked, reading_slowly)
    assert signed_in.get(f"/download/{file}").status_code == 200
    assert len(saved) == 1


def test_an_unknown_format_is_not_found(signed_in: TestClient) -> None:
    assert signed_in.get("/download/roadmap.pdf").status_code == 404


@pytest.mark.parametrize(("login", "status"), [("gyokei", 200), ("kansa", 200), ("admin", 403)])
def test_the_whole_roadmap_is_for_those_who_see_all_divisions(
    client: TestClient, prefecture: Prefecture, login: str, status: int
) -> None:
    enter(client, prefecture, login)
    assert client.get("/download/roadmap.csv").status_code == status


@pytest.mark.parametrize(
    ("target", "taken"),
    [
        ("/candidate?candidate=3", "/candidate?candidate=3"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\tevil", "/"),
        ("/signin", "/"),  # no way back to the form one has just filled in
        ("", "/"),
        (None, "/"),
    ],
)
def test_the_way_back_never_leaves_the_app(target: str | None, taken: str) -> None:
    assert local_target(target) == taken


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"host": "a", "origin": "http://a"}, True),
        ({"host": "a:8501", "origin": "http://a:8501"}, True),
        ({"host": "a:8501", "origin": "http://a"}, False),
        ({"host": "a", "origin": "null"}, False),
        ({"host": "a", "sec-fetch-site": "cross-site"}, False),
        ({"host": "a", "sec-fetch-site": "same-site"}, False),
        ({"host": "a"}, True),  # no browser: it sends no cookie by itself
    ],
)
def test_only_forms_of_the_app_itself_are_taken(headers: dict[str, str], own: bool) -> None:
    assert is_own_origin(headers) is own


def test_the_log_goes_out_to_those_who_watch_over_it_and_that_it_did_is_logged(
    client: TestClient, prefecture: Prefecture
) -> None:
    enter(client, prefecture, "kansa")
    answer = client.get("/download/audit.csv?kind=利用者とサインイン&person=監査")
    assert answer.status_code == 200
    assert "filename*=UTF-8''%E6%93%8D%E4%BD%9C%E8%A8%98%E9%8C%B2.csv" in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line["操作"] for line in lines] == ["サインイン", "パスワードの変更"]
    with reading_scope(prefecture.sessions) as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.detail["rows"]) == ("export_audit_log", 2)


@pytest.mark.parametrize(("login", "query", "status"), [("sato", "", 403), ("kansa", "?since=昨日", 404)])
def test_the_log_is_refused_in_words(
    client: TestClient, prefecture: Prefecture, login: str, query: str, status: int
) -> None:
    enter(client, prefecture, login)
    answer = client.get(f"/download/audit.csv{query}", headers=HTML)
    assert answer.status_code == status
    assert re.search("できません|読めません", answer.text)


def test_the_pictures_of_the_manual_are_served_to_the_signed_in(signed_in: TestClient) -> None:
    for name in pictures_named():
        answer = signed_in.get(f"/manual/{name}.png")
        assert answer.status_code == 200
        assert answer.content.startswith(b"\x89PNG")
    for name in ("nothing", ".hidden", "in box"):
        assert signed_in.get(f"/manual/{name}.png").status_code == 404
    signed_in.cookies.clear()
    assert signed_in.get("/manual/inbox.png").status_code == 401


def test_the_page_asks_at_once_for_all_it_is_drawn_with(signed_in: TestClient) -> None:
    page = signed_in.get("/candidate").text
    asked = set(re.findall(r'<link rel="modulepreload" crossorigin href="\./(static/js/[^"]+)">', page))
    for component in COMPONENTS:
        assert any(name.startswith(f"static/js/{component}.") for name in asked), component
    for name in asked:
        assert signed_in.get(f"/{name}").status_code == 200
    # with what it needs itself: nothing is met for the first time when it is drawn
    for name in component_scripts():
        assert f"static/js/{name}" in page


def test_without_scripts_the_page_says_so_in_japanese_alone(signed_in: TestClient) -> None:
    page = signed_in.get("/inbox").text
    assert re.findall(r"<noscript>(.*?)</noscript>", page, re.DOTALL) == [f"<p>{ja.NEEDS_JAVASCRIPT}</p>"]
