"""The words of lists of candidates, instruments and plans, and of what narrows them."""

from __future__ import annotations

from regulations.labels import label
from regulations.review import ReviewStatus
from review_app.presenters import thousands

# 受信箱
_ALL_THAT_WAITS, _ALL = "要対応", "すべて"
STATUS_WORDS = {
    "open": _ALL_THAT_WAITS,
    "recheck": label(ReviewStatus.RECHECK),
    "pending": label(ReviewStatus.PENDING),
    "undecided": label(ReviewStatus.UNDECIDED),
    "applicable": label(ReviewStatus.APPLICABLE),
    "not_applicable": label(ReviewStatus.NOT_APPLICABLE),
    "all": _ALL,
}
"""What the list of candidates can be limited to, in the words of `session_state.STATUS_FILTERS`."""


def with_count(name: str, count: int) -> str:
    """未確認 1,203."""
    return f"{name} {thousands(count)}"


def matching(count: int) -> str:
    return f"{thousands(count)}件が当てはまります"


def estimate(how_long: str) -> str:
    return f"残りの目安 {how_long}"


def answers_came(count: int, *, more: bool) -> str:
    return f"保留の質問に回答が届いています　{thousands(count)}件{'以上' if more else ''}"


# 例規でしぼる
INSTRUMENT_WORDS, INSTRUMENT_WORDS_HINT = "例規名・番号の言葉", "例: 屋外広告物　施行規則"
NO_INSTRUMENT_FOUND = "この言葉の例規に候補はありません。短くするか、別の言葉でさがしてください。"
MORE_INSTRUMENTS = "ほかにもあります。言葉を足すと絞れます。"


def instrument_choice(title: str, waiting: int) -> str:
    return f"{title}（要対応 {thousands(waiting)}件）" if waiting else title


# 工程表
PLANS = "入力の状況"
ALL_PLANS, UNPLANNED, PLANNED = _ALL, "未入力", "入力済み"
ALL_PLANNED = "すべての規制に要否・方向性が入力されています"
ALL_PLANNED_NEXT = "「すべて」を選ぶと、入力した内容を確かめて直せます。"

# 例規を読む
ALL_INSTRUMENTS, WAITING, UNDECLARED, DECLARED = _ALL, "要対応あり", "読了の申告なし", "読了の申告あり"
INSTRUMENT_TITLE, INSTRUMENT_FACTS = "例規名", "番号・所管課"
INSTRUMENT_FIGURES = ("条項", "候補", _ALL_THAT_WAITS, "読了")
NO_SUCH_INSTRUMENT = "この条件に合う例規はありません"
NO_SUCH_INSTRUMENT_NEXT = "「すべて」を選ぶか、さがす言葉を短くしてください。"


# 進捗
def idle(count: int) -> str:
    return f"例規も候補もない課 {thousands(count)}課"
