"""Which pages there are, at which path, and who sees which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regulations.review import Role

_DIVISION = frozenset({Role.REVIEWER, Role.APPROVER})
_READERS = _DIVISION | {Role.BUREAU_MANAGER, Role.COORDINATOR, Role.AUDITOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppPage:
    """One page: its module in `app_pages`, its path, its name in the menu and the roles that see it."""

    name: str
    label: str
    roles: frozenset[Role]


INBOX = AppPage(name="inbox", label="受信箱", roles=_READERS)
CANDIDATE = AppPage(name="candidate", label="候補の確認", roles=_READERS)
READING = AppPage(name="reading", label="例規を読む", roles=_READERS)
APPROVAL = AppPage(name="approval", label="承認", roles=frozenset({Role.APPROVER, Role.BUREAU_MANAGER}))
INQUIRIES = AppPage(name="inquiries", label="照会の管理", roles=frozenset({Role.COORDINATOR, Role.AUDITOR}))
ROADMAP = AppPage(name="roadmap", label="工程表", roles=_READERS)
PROGRESS = AppPage(name="progress", label="進捗", roles=frozenset({Role.COORDINATOR, Role.AUDITOR}))
IMPORTS = AppPage(name="imports", label="取込状況", roles=frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}))
MISSED = AppPage(name="missed", label="検出もれの点検", roles=frozenset({Role.COORDINATOR}))
MODELS = AppPage(name="detection_models", label="判定モデル", roles=frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}))
WORKBOOK = AppPage(name="workbook", label="Excelで回答", roles=_DIVISION | frozenset({Role.COORDINATOR, Role.AUDITOR}))
HISTORY = AppPage(name="history", label="履歴", roles=frozenset(Role))
ADMINISTRATION = AppPage(name="administration", label="管理", roles=frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}))
MANUAL = AppPage(name="manual", label="操作手引き", roles=frozenset(Role))

ALL_PAGES = (
    INBOX,
    CANDIDATE,
    READING,
    APPROVAL,
    INQUIRIES,
    ROADMAP,
    PROGRESS,
    MISSED,
    IMPORTS,
    HISTORY,
    ADMINISTRATION,
    MODELS,
    WORKBOOK,
    MANUAL,
)
PATHS = ("/", *(f"/{page.name}" for page in ALL_PAGES))


# What each role opens day by day, in the order of its work; names, so that a page is told once, above.
_DAILY: Mapping[Role, tuple[str, ...]] = {
    Role.REVIEWER: ("inbox", "candidate", "reading", "roadmap", "workbook", "history"),
    Role.APPROVER: ("inbox", "approval", "candidate", "reading", "roadmap", "workbook", "history"),
    Role.BUREAU_MANAGER: ("inbox", "approval", "candidate", "reading", "roadmap", "history"),
    # Their day begins with the divisions, not with a queue.
    Role.COORDINATOR: ("progress", "inbox", "inquiries", "candidate", "reading", "roadmap", "imports"),
    Role.AUDITOR: ("progress", "inbox", "inquiries", "candidate", "reading", "roadmap", "history"),
    Role.ADMINISTRATOR: ("administration", "imports", "history", "detection_models"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """A role's pages on the line on top, and those behind その他. The first one opens after the sign-in."""

    inline: tuple[AppPage, ...]
    rest: tuple[AppPage, ...]


def menu_for(role: Role) -> Menu:
    """The menu of a role; 操作手引き stands on the line by itself, last."""
    offered = {page.name: page for page in ALL_PAGES if role in page.roles and page is not MANUAL}
    inline = tuple(offered[name] for name in _DAILY[role] if name in offered)
    return Menu(inline=inline, rest=tuple(page for page in offered.values() if page not in inline))


def pages_for(role: Role) -> tuple[AppPage, ...]:
    """The pages of a role in menu order; the first opens after the sign-in."""
    menu = menu_for(role)
    return (*menu.inline, *menu.rest, *((MANUAL,) if role in MANUAL.roles else ()))
