"""`make bench-load`: many people answer candidates at once, each over a websocket as the browser opens it.

What a browser sends and receives is Streamlit's protobuf; a person here keeps what the last run has drawn, presses
the buttons in it and waits until the script has finished. Afterwards every answer that the page has acknowledged must
be one row in `decisions`, and there must be no other.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated, Self

import httpx
import typer
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from models import queries
from models.accounts import Account
from models.base import make_engine
from models.database import reading_scope, session_factory, upgrade
from models.operations.sign_in import actor_of
from models.review import Decision, ReviewItem
from regulations.review import Applicability, NonApplicableReason, ReviewStatus, Role
from review_app import labels_ja as ja
from review_app.gate import COOKIE
from tests.benchmarks.app import percentile
from tests.benchmarks.measuring import machine
from tests.benchmarks.serving import Server, copied_database, running_app

GOAL = 2.0
"""Seconds from the click to the end of the script, for 95 of 100."""

PATIENCE = 60.0
"""Seconds after which a click counts as never answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer that the page has acknowledged."""

    account_id: int
    item_id: int
    applicability: Applicability
    seconds: float


@dataclass(slots=True)
class Outcome:
    """What one person has met with."""

    answers: list[Answered] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    passed: int = 0
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class Tab:
    """One browser tab: what the last run of the script has drawn, and the address it stands at."""

    def __init__(self, connection: ClientConnection, *, address: str) -> None:
        self.connection, self.address = connection, address
        self.query, self.page = "", ""
        self.buttons: dict[str, str] = {}
        self.html: list[str] = []

    @property
    def item_id(self) -> int | None:
        """The candidate that the address names."""
        value = self.query.removeprefix("candidate=")
        return int(value) if value.isdecimal() else None

    async def run(self, *, page_name: str = "", pressed: str = "") -> float:
        """Have the script run, after pressing a button by its key if any; the seconds until it has finished."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = self.query, self.page, page_name
        state.context_info.timezone, state.context_info.locale = "Asia/Tokyo", "ja-JP"
        state.context_info.url = f"{self.address}/candidate"
        if pressed:
            widget = state.widget_states.widgets.add()
            widget.id, widget.trigger_value = self.buttons[pressed], True
        else:
            state.widget_states.SetInParent()
        started = time.perf_counter()
        await self.connection.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while not self._is_end(await self.connection.recv(decode=False)):
                pass
        return time.perf_counter() - started

    def _is_end(self, data: bytes) -> bool:
        message = ForwardMsg.FromString(data)
        match message.WhichOneof("type"):
            case "new_session":
                self.buttons, self.html = {}, []
                self.page = message.new_session.page_script_hash
            case "navigation":
                self.page = message.navigation.page_script_hash
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                if element.WhichOneof("type") == "button" and not element.button.disabled:
                    key = element.button.id.rpartition("-")[2]
                    self.buttons[element.button.label if key == "None" else key] = element.button.id
                elif element.WhichOneof("type") == "html":
                    self.html.append(element.html.body)
            case "script_finished":
                return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return False

    def says(self, marker: str) -> str:
        return next((body for body in self.html if marker in body), "")


class Person:
    """Someone who confirms or refuses one candidate after the other."""

    def __init__(self, login_name: str, account_id: int, *, seed: int) -> None:
        self.login_name, self.account_id = login_name, account_id
        self.random = random.Random(seed)
        self.outcome = Outcome()

    async def work(self, address: str, *, password: str, every: float, until: float) -> Self:
        """Sign in, open 候補の確認, and answer one every `every` seconds until the clock shows `until`."""
        cookie = await self._sign_in(address, password)
        headers = {"Cookie": f"{COOKIE}={cookie}", "Origin": address}
        uri = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
        async with connect(
            uri, additional_headers=headers, subprotocols=["streamlit"], max_size=None, compression=None
        ) as connection:
            tab = Tab(connection, address=address)
            await tab.run(page_name="candidate")
            await asyncio.sleep(self.random.uniform(0, every))
            at = time.monotonic()
            while at < until and tab.item_id is not None:
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                await self._answer(tab)
                at += every
        return self

    async def _sign_in(self, address: str, password: str) -> str:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            form = {"login_name": self.login_name, "password": password, "next": "/healthz"}
            answer = await client.post(f"{address}/signin", data=form)
        if COOKIE not in answer.cookies:
            raise RuntimeError(f"{self.login_name} could not sign in: {answer.status_code}")
        return answer.cookies[COOKIE]

    async def _answer(self, tab: Tab) -> None:
        """該当, or for three in ten 非該当 with a reason, which takes two clicks."""
        item_id, given = tab.item_id, Applicability.APPLICABLE
        keys = ["answer_yes"]
        if "answer_no" in tab.buttons and self.random.random() < 0.3:
            reason = self.random.choice([each for each in NonApplicableReason if each is not NonApplicableReason.OTHER])
            given, keys = Applicability.NOT_APPLICABLE, ["answer_no", f"reason_{reason.value}"]
        for key in keys:
            if key == "answer_yes" and key not in tab.buttons and ja.NEXT in tab.buttons:
                # Owned jointly, and the other division has handed its answer in: nothing to answer here.
                self.outcome.seconds.append(await tab.run(pressed=ja.NEXT))
                self.outcome.passed += 1
                return
            if key not in tab.buttons:
                self.outcome.failed.append(f"{self.login_name}: no button {key} on candidate {item_id}")
                await tab.run()
                return
            try:
                self.outcome.seconds.append(await tab.run(pressed=key))
            except TimeoutError:
                self.outcome.failed.append(f"{self.login_name}: {key} on candidate {item_id} was never answered")
                return
        if fault := tab.says('class="mi-fault"'):
            self.outcome.refused.append(f"{self.login_name}, candidate {item_id}: {fault[:200]}")
        elif item_id is not None and tab.item_id != item_id and tab.says('class="mi-done"'):
            self.outcome.answers.append(
                Answered(
                    account_id=self.account_id,
                    item_id=item_id,
                    applicability=given,
                    seconds=self.outcome.seconds[-1],
                )
            )
        else:
            self.outcome.failed.append(f"{self.login_name}: candidate {item_id} was not acknowledged")


def choose_people(session: Session, *, count: int, answers: int) -> list[Person]:
    """Reviewers whose divisions have more unread candidates than they will answer. Raises ValueError."""
    people: list[Person] = []
    accounts = session.scalars(select(Account).where(Account.role == Role.REVIEWER).order_by(Account.id))
    for account in accounts:
        actor = actor_of(account)
        if queries.queue_total(session, actor=actor, statuses=[ReviewStatus.PENDING]) > answers:
            people.append(Person(account.login_name, account.id, seed=account.id))
        if len(people) == count:
            return people
    raise ValueError(f"only {len(people)} divisions have more than {answers} unread candidates: take less time")


async def work_at_once(people: Sequence[Person], address: str, *, password: str, every: float, seconds: float) -> None:
    """All of them, bounded in time: whoever has not come to an end by then is cut off."""
    # Everybody signs in first, which is slow on purpose; then the clock starts.
    until = time.monotonic() + seconds + 20
    async with asyncio.timeout(seconds + 20 + PATIENCE):
        results = await asyncio.gather(
            *(person.work(address, password=password, every=every, until=until) for person in people),
            return_exceptions=True,
        )
    for person, result in zip(people, results, strict=True):
        if isinstance(result, BaseException):
            person.outcome.failed.append(f"{person.login_name}: {type(result).__name__}: {result}")


def lost_and_double(
    sessions: sessionmaker[Session], people: Sequence[Person], *, since: dt.datetime
) -> tuple[list[str], list[str]]:
    """Acknowledged answers that are no row or do not stand, and rows that nobody was told of or that are too many."""
    told = {
        (answer.account_id, answer.item_id): answer.applicability
        for person in people
        for answer in person.outcome.answers
    }
    with reading_scope(sessions) as session:
        rows = session.execute(
            select(Decision.account_id, Decision.review_item_id, Decision.applicability, ReviewItem.current_decision_id)
            .join(ReviewItem, ReviewItem.id == Decision.review_item_id)
            .where(Decision.decided_at >= since)
        ).all()
    written = Counter((row[0], row[1]) for row in rows)
    standing = {(row[0], row[1]): row[2] for row in rows if row[3] is not None}
    lost = [f"account {key[0]}, candidate {key[1]}" for key, given in told.items() if standing.get(key) is not given]
    double = [f"account {key[0]}, candidate {key[1]}" for key, n in written.items() if n > 1 or key not in told]
    return lost, double


def report(people: Sequence[Person], lost: Sequence[str], double: Sequence[str], server: Server, used: float) -> bool:
    """Print the figures; whether nothing was lost or doubled, all were answered and p95 is within the goal."""
    seconds = [value for person in people for value in person.outcome.seconds]
    answers = sum(len(person.outcome.answers) for person in people)
    refused = [line for person in people for line in person.outcome.refused]
    failed = [line for person in people for line in person.outcome.failed]
    passed = sum(person.outcome.passed for person in people)
    p95 = percentile(seconds)
    is_good = not (lost or double or failed) and p95 <= GOAL
    typer.echo(
        f"{len(people)} people, {len(seconds)} clicks, {answers} answers acknowledged, "
        f"{len(refused)} refused because somebody else had answered, {passed} passed over, {len(failed)} failed, "
        f" {len(lost)} lost, {len(double)} too many\n"
        f"click to the end of the script: median {median(seconds):.2f} s, p95 {p95:.2f} s, "
        f"longest {max(seconds):.2f} s; goal {GOAL} s\n"
        f"server: {used:.1f} s of processor, {server.memory:,.0f} MB; {'pass' if is_good else 'FAIL'}"
    )
    for line in [*refused[:5], *failed[:5], *lost[:5], *double[:5]]:
        typer.echo(line)
    return is_good


def main(
    password: Annotated[str, typer.Option(help="the one that `make seed-large` printed or was given")],
    url: Annotated[
        str, typer.Option(help="the database, which is written to; by default a copy of the one in MINAOSHI_HOME")
    ] = "",
    count: Annotated[int, typer.Option("--people", min=1, max=200)] = 50,
    every: Annotated[float, typer.Option(min=1, help="seconds between two answers of a person")] = 10.0,
    seconds: Annotated[float, typer.Option(min=5, max=1800)] = 300.0,
) -> None:
    """Have many people answer at once; fails where an answer is lost or 95 of 100 clicks take longer than the goal."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = url or copied_database(home)
        upgrade(url)
        sessions = session_factory(make_engine(url))
        with reading_scope(sessions) as session:
            people = choose_people(session, count=count, answers=round(seconds / every) + 5)
        since = dt.datetime.now(dt.UTC)
        typer.echo(machine())
        with running_app(url, home=home) as server:
            before = server.processor
            asyncio.run(work_at_once(people, server.address, password=password, every=every, seconds=seconds))
            lost, double = lost_and_double(sessions, people, since=since)
            is_good = report(people, lost, double, server, server.processor - before)
    if not is_good:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
