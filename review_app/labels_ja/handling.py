"""The words of what a reviewer does all day: 所管外, やりとり, まとめて回答, 読了の申告, and finding one's place."""

from __future__ import annotations

import datetime as dt

from models.operations.errors import HandoverFault
from regulations.inquiry import AnswerState
from regulations.labels import label
from regulations.review import HandoverState, ReviewStatus
from review_app.presenters import japanese_time, thousands

# キー操作
KEYS = "キー操作"
KEYS_HOW = "入力欄の中では働きません。入力欄を出るには、タブキーを押してください。"
KEY_LIST = (
    ("1", "該当"),
    ("2", "非該当（続けて理由の数字）"),
    ("3", "保留"),
    ("4", "所管外"),
    ("M", "やりとりを開く"),
    ("G", "同じ文言の候補にまとめて回答"),
    ("K", "前の候補"),
    ("J", "次の候補"),
    ("Z", "直前の回答を見直す・取り消す"),
    ("Esc", "選ばずに戻る"),
    ("タブ", "次の欄やボタンへ"),
)

# Streamlit's own words, which no option of it translates
CHOOSE = "選んでください"
NOTHING_FOUND = "見つかりません"
RECONNECT = "通信を確かめて、しばらくお待ちください。つながらないときは、このページを開き直してください。"
WORDS_IN_PLACE = {
    "Skip to main content": "",  # app.css says it, on the pages without the script as well
    "Open": "選択肢を開く",
    "Close": "閉じる",
    "Clear": "消す",
    "Clear all": "すべて消す",
    "Clear value": "消す",
    "Dismiss": "閉じる",
    "Remove": "外す",
    "Help": "説明",
    "Loading": "読み込んでいます",
    "Loading...": "読み込んでいます",
    "No results": NOTHING_FOUND,
    "No options to select.": "選べるものがありません",
    "Choose an option": CHOOSE,
    "Choose options": CHOOSE,
    "Select all": "すべて選ぶ",
    "Selectbox options": "選択肢",
    "Multiselect options": "選択肢",
    "Selected values": "選んだもの",
    "Type to search": "入力してさがす",
    "No options": "選べるものがありません",
    "Clear selection": "選択を外す",
    "Search": "さがす",
    "Add row": "行を追加",
    "Delete row(s)": "行を削除",
    "Show/hide columns": "列の表示・非表示",
    "Dataframe column menu": "列の操作",
    "Sort ascending": "小さい順に並べる",
    "Sort descending": "大きい順に並べる",
    "Autosize": "幅を合わせる",
    "Pin column": "列を固定",
    "Unpin column": "列の固定を外す",
    "Hide column": "列を隠す",
    "Copy column name": "列の名前を写す",
    "Download as CSV": "CSVでダウンロード",
    "Cancel (Escape)": "やめる（Esc）",
    "file upload": "ファイルを選ぶ",
    "Upload": "ファイルを選ぶ",
    "Drag and drop a file here": "ここにファイルを置いてください",
    "Drag and drop files here": "ここにファイルを置いてください",
    "Choose date": "日付を選ぶ",
    "Clear date": "日付を消す",
    "Previous month": "前の月",
    "Next month": "次の月",
    "yyyy": "年",
    "mm": "月",
    "dd": "日",
    "Empty": "未入力",
    "Use arrow keys to navigate dates. Enter to select. Escape to close.": (
        "矢印キーで日付を動かし、Enterキーで選び、Escキーで閉じます。"
    ),
    "Link to heading": "この見出しへのリンク",
    "Press Enter to apply": "入力したらEnterキーを押してください",
    "Press Ctrl+Enter to apply": "入力したらCtrlとEnterキーを押してください",
    "Press ⌘+Enter to apply": "入力したら⌘とEnterキーを押してください",
    "Connection error": "サーバーにつながりません",
    "Streamlit server is not responding. Are you connected to the internet?": RECONNECT,
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WORDS_WITH_A_VALUE = {
    r"^Shortcut (.+)$": "ショートカットキー $1",
    r"^(\d+) options? available\.?$": "$1件から選べます",
    r"^(\d+) results? available\.?$": "$1件から選べます",
    r"^(\d+)MB per file(.*)$": "1ファイル$1MBまで$2",
    r"^Remove (.+)$": "$1を外す",
    r"^(Connection failed|Is Streamlit still running).*$": RECONNECT,
    r"^Selected (.+)\. (.+)$": "$1を選んでいます",
    r"^Show/hide columns: (.+)$": "列の表示・非表示: $1",
    r"^Search: (.+)$": "さがす: $1",
    r"^Fullscreen: (.+)$": "画面いっぱいに広げる: $1",
    r"^/candidate\?candidate=\d+#(.+)$": "$1",  # a link in a table, as it is read aloud
    r"^year, (.+)$": "$1の年",
    r"^month, (.+)$": "$1の月",
    r"^day, (.+)$": "$1の日",
    r"^(\d+) – [A-Z][a-z]+$": "$1月",
    r"^Choose date, (.+)$": "日付を選ぶ（$1）",
    **{
        rf"^Selected Date: {name} (\d+), (\d+)$": f"選んだ日付: $2年{number}月$1日"
        for number, name in enumerate(_MONTHS, 1)
    },
}
OFFLINE = "サーバーとの接続が切れました。つながり直すまで、回答せずにお待ちください。ここまでの回答は保存されています。"

# 候補の確認


def undo_earlier(items: int, decided_at: dt.datetime, *, is_handover: bool = False) -> str:
    what = HAND_OVER_CHOSEN if is_handover else ANSWER_CHOSEN
    return f"前の{what}（{items}件、{japanese_time(decided_at)}）を取り消す"


def standing_still(status: ReviewStatus) -> str:
    """Why a candidate that waits for an answer cannot be given one now."""
    return "提出済み" if status is ReviewStatus.UNDECIDED else "提出の後に追加"


def submitted_already(inquiry: str, state: AnswerState) -> str:
    """Why the answer cannot be changed now, and whom to turn to."""
    what_to_do = (
        "変えるときは、受信箱で回答を取り下げてください。"
        if state is AnswerState.ANSWERED
        else "変えるときは、推進部門に差戻しを依頼してください。"
    )
    return f"照会「{inquiry}」への回答を提出済み（{label(state)}）のため、この候補の回答は変えられません。{what_to_do}"


SUBMITTED_BY_OTHERS = (
    "所管課が照会への回答を提出済みのため、この候補の回答は変えられません。変えるときは、所管課に連絡してください。"
)

# 所管外
HAND_OVER = "所管外"
HAND_OVER_HOW = "この候補を所管する課へ渡します。渡した先の受信箱に入り、あなたの課の要対応からは外れます。"
TO_DIVISION, TO_DIVISION_HINT = "渡す先の課", "課名を入力してさがす"
NOBODY_KNOWN = "分からない（推進部門が決めます）"
HAND_OVER_REASON, HAND_OVER_REASON_HINT = "所管外とする理由", "例: 許可の事務は令和7年4月に生活衛生課へ移った。"
SEND, BACK = "所管外として渡す", "渡さずに戻る"
CHOOSE_DIVISION = "渡す先の課を選んでください。分からないときは「分からない」を選んでください。"

_HANDOVER_FAULTS = {
    HandoverFault.REASON_REQUIRED: "所管外とするには理由が必要です。理由を入力してください。",
    HandoverFault.SAME_DIVISION: "渡す先が、今この候補に回答する課と同じです。別の課を選んでください。",
    HandoverFault.NO_SUCH_DIVISION: "その課は今の組織にありません。別の課を選んでください。",
    HandoverFault.NOT_OPEN: "回答が済んだ候補は渡せません。一覧を開き直し、要対応の候補を選んでください。",
    HandoverFault.SETTLED: "推進部門が所管を決めた候補です。異議があるときは、やりとりで推進部門に知らせてください。",
    HandoverFault.ACTED_ON: (
        "渡した先の課か推進部門がすでに対応したため、取り消せません。戻すときは、渡した先の課か推進部門に連絡してください。"
    ),
}


def handover_fault(fault: HandoverFault) -> str:
    return _HANDOVER_FAULTS[fault]


def handed_over(what: str, division: str) -> str:
    """Where it went; with an empty `division` to nobody yet."""
    if not division:
        return f"{what}の所管の確認を推進部門に頼みました。決まるまで、あなたの課の要対応に残ります。"
    return f"{what}を所管外として{division}に渡しました。"


def taken_back(count: int, kept: int) -> str:
    """What became of a step 所管外 that was taken back; `kept` stay where they went."""
    stays = f"渡した先の課がすでに対応した{kept}件は、戻していません。" if kept else ""
    return f"所管外とした{count}件を取り消し、渡す前の状態に戻しました。{stays}"


def came_from(division: str, who: str, at: dt.datetime) -> str:
    return f"{division}から所管外として届きました（{who}、{japanese_time(at)}）。"


def went_to(division: str, who: str, at: dt.datetime) -> str:
    if not division:
        return f"推進部門が所管を確かめています（{who}、{japanese_time(at)}に依頼）。"
    return f"所管外として{division}に渡しました（{who}、{japanese_time(at)}）。"


def settled(division: str) -> str:
    return f"推進部門が、{division}の所管と決めました。"


def handover_line(from_division: str, to_division: str, state: HandoverState) -> str:
    return f"{from_division} → {to_division or '分からない'}（{label(state)}）"


def bounced(times: int) -> str:
    return f"この候補が課の間を移るのは{times}回目です。"


def handed_from(division: str) -> str:
    return f"{division}から"


REASON, SETTLED_NOTE = "理由", "推進部門から"

# やりとり
THREAD_BACK = "やりとりを閉じる"
QUESTION, ANSWER = "推進部門への質問", "回答"
QUESTION_HINT, ANSWER_HINT = "確かめたいことを書いてください", "質問への回答を書いてください"
ASK, REPLY = "質問を送る", "回答を送る"
MESSAGE_SENT, REPLY_SENT = "質問を送りました。回答が届くと受信箱の上に表示されます。", "回答を送りました。"
NO_MESSAGES = "推進部門とのやりとりは、まだありません。保留にして確かめたいことを書くと、ここに並びます。"
FROM_COORDINATOR = "推進部門"


def thread(count: int) -> str:
    return f"やりとり {count}件"


def answer_came(who: str, at: dt.datetime) -> str:
    return f"保留の質問に回答が届きました（{who}、{japanese_time(at)}）"


# 受信箱
INSTRUMENT, ALL_INSTRUMENTS = "例規", "すべての例規"
PROBABILITY, ANY_PROBABILITY = "確度", "すべての確度"
PROBABILITIES = {0.8: "高", 0.5: "中以上"}
CLEAR_FILTER = "条件をすべて外す"
MORE_ANSWERS_CAME = "ほかにも届いています。ここの候補に回答すると、続きが表示されます。"
CHOOSE_PAGE, UNCHOOSE = "この画面をすべて選ぶ", "選択を外す"
ANSWER_CHOSEN, HAND_OVER_CHOSEN = "まとめて回答", "まとめて所管外"
BACK_TO_LIST = "一覧に戻る"
BULK_HOW = (
    "規制区分・類型・PHASE・根拠は、それぞれの提案のままにします。直すものは、ここで外して1件ずつ回答してください。"
)
BULK_HAND_OVER_HOW = "渡した先の課が対応するまでは、まとめて取り消せます。"
NOTHING_CHOSEN = "要対応の候補が選ばれていません。一覧に戻って選んでください。"


def choose_all(count: int, limit: int) -> str:
    """この条件の48件をすべて選ぶ; only the first where there are more than can be done at once."""
    if count > limit:
        return f"この条件の先頭{thousands(limit)}件を選ぶ（全{thousands(count)}件）"
    return f"この条件の{thousands(count)}件をすべて選ぶ"


def too_many(limit: int) -> str:
    return f"一度に選べるのは{thousands(limit)}件までです。選んだものに回答してから、続きを選んでください。"


def choose_row(title: str, address: str) -> str:
    return f"{title} {address}を選ぶ"


def moved_away(place: str) -> str:
    return f"{place}は、開いている間にほかの課の所管になったため、保存していません。受信箱から選び直してください。"


UNDO_MOVED_AWAY = "候補のどれかがほかの課の所管になったため、取り消せません。何も変えていません。"


def bulk_changed(places: str) -> str:
    return (
        f"{places}は、開いている間に変わったため選択から外しました。まだ何も保存していません。"
        "残りを確かめて、もう一度操作してください。"
    )


def chosen(count: int) -> str:
    return f"{thousands(count)}件を選択中"


def answer_preview(count: int) -> str:
    return f"次の{thousands(count)}件に同じ回答をします。違う回答をするものは、チェックを外してください。"


def hand_over_preview(count: int) -> str:
    return f"次の{thousands(count)}件を所管外として渡します。渡さないものは、チェックを外してください。"


def several(count: int) -> str:
    return f"選んだ候補{thousands(count)}件"


# 例規を読む
JOINT = "共同所管"
DECLARED = "読了"
DECLARE = "この例規にほかの規制はない、と申告する"
DECLARE_HOW = "全文を読み、候補のほかにアナログ規制がないことを確かめたら申告してください。"
WITHDRAW_DECLARATION = "申告を取り消す"
DECLARATION_WITHDRAWN = "申告を取り消しました。"
DECLARED_NOW = "「ほかの規制はない」と申告しました。"
CONTENTS, FIND = "目次", "この例規の中をさがす"
FIND_HINT = "例: 掲示　検査"
NOT_FOUND_IN_TEXT = "この言葉は条文にありません。短くするか、別の言葉でさがしてください。"
STOP_ADDING = "追加をやめる"
WHOLE_PROVISION_HOW = (
    "左の条文で、規制にあたる言葉をマウスで選ぶと下に入ります。キーボードでは、条文の枠で上下の矢印で項を、"
    "シフトと左右の矢印で言葉を選び、Enterを押します。貼り付けても、条項を選ぶだけでもかまいません。"
)
TEXT_REGION = "条文。上下の矢印で項を、シフトと左右の矢印で言葉を選び、Enterで検出もれの欄に写します。"
QUOTE_MAY_BE_EMPTY = "例: 見やすい場所に掲示しなければならない（空のままなら条項の全体）"
CHOOSE_PROVISION = "条番号を入力してさがす"
PICKED = "選んだ条文"
TO_WAITING = "要対応の候補を開く"


def declared_by(who: str, at: dt.datetime) -> str:
    return f"{who}さんが「ほかの規制はない」と申告しました（{japanese_time(at)}）。"


def declare_after(waiting: int) -> str:
    return f"要対応の候補が{waiting}件あります。すべて回答すると申告できます。"


def hits(places: int, provisions: int) -> str:
    return f"{thousands(places)}か所（{thousands(provisions)}条項）"


def hit_link(address: str, places: int) -> str:
    return f"{address}　{places}か所" if places > 1 else address
