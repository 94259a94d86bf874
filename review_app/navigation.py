"""Which pages there are, at which path, and who sees which."""

from __future__ import annotations

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
ROADMAP = AppPage(name="roadmap", label="工程表", roles=_READERS)
PROGRESS = AppPage(name="progress", label="進捗", roles=frozenset({Role.COORDINATOR, Role.AUDITOR}))
IMPORTS = AppPage(name="imports", label="取込状況", roles=frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}))
MISSED = AppPage(name="missed", label="検出もれの点検", roles=frozenset({Role.COORDINATOR}))
MODELS = AppPage(name="detection_models", label="判定モデル", roles=frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}))

ALL_PAGES = (INBOX, CANDIDATE, READING, ROADMAP, PROGRESS, IMPORTS, MISSED, MODELS)
PATHS = ("/", *(f"/{page.name}" for page in ALL_PAGES))


def pages_for(role: Role) -> tuple[AppPage, ...]:
    """The pages of a role in menu order; the first opens after the sign-in."""
    pages = tuple(page for page in ALL_PAGES if role in page.roles)
    if role in {Role.COORDINATOR, Role.AUDITOR}:  # their day begins with the divisions, not with a queue
        return (PROGRESS, *(page for page in pages if page is not PROGRESS))
    return pages
