"""Words of the menu and of 操作手引き."""

from __future__ import annotations

from regulations.review import Role
from review_app.presenters import thousands

REST = "その他"


def rest(here: str) -> str:
    """The button that opens the rest of the menu; it names the page where that is one of them."""
    return f"{REST}（{here}）" if here else REST


def waiting(count: int) -> str:
    return f"あなたの対応を待っているものが{thousands(count)}件あります"


MANUAL = "操作手引き"
CHAPTER = "章"
NO_SUCH_PICTURE = "この図はありません。操作手引きを開き直してください。"

FIRST_CHAPTER = {
    Role.APPROVER: "承認者の仕事",
    Role.BUREAU_MANAGER: "承認者の仕事",
    Role.COORDINATOR: "推進部門の仕事",
    Role.ADMINISTRATOR: "システム管理者の仕事",
}
"""Where each role begins to read; all others at the beginning."""
