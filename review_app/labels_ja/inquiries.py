"""The words of inquiry rounds: 照会の管理, 承認, and what of them stands in the 受信箱."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from models.operations.errors import HandoverFault, InquiryFault
from models.queries import AnswerFigures
from regulations.inquiry import AnswerState
from regulations.labels import category_label, label
from regulations.structure import Kind
from review_app.presenters import japanese_date, japanese_time, thousands

# Due dates
DUE = "期限"


def due_words(due_date: dt.date, *, today: dt.date) -> str:
    """あと12日, きょうまで, or 3日過ぎています."""
    days = (due_date - today).days
    if days > 0:
        return f"あと{thousands(days)}日"
    return "きょうまで" if days == 0 else f"{thousands(-days)}日過ぎています"


def due(due_date: dt.date, *, today: dt.date) -> str:
    """期限 令和9年1月29日（あと12日）."""
    return f"{DUE} {japanese_date(due_date)}（{due_words(due_date, today=today)}）"


# Faults
_INQUIRY_FAULTS = {
    InquiryFault.WRONG_STATE: (
        "開いている間に状態が変わったため、この操作はできません。今の状態を確かめて、やり直してください。"
    ),
    InquiryFault.OPEN_ITEMS: "未確認・再確認の候補が{count}件残っています。すべて回答されてから、やり直してください。",
    InquiryFault.REASON_REQUIRED: "理由が必要です。相手に分かるように理由を入力してください。",
    InquiryFault.NAME_REQUIRED: "照会名が空です。照会名を入力してください。",
    InquiryFault.NO_DIVISION: (
        "たずねる課がありません。範囲を広げるか、課を選んでください。所管課が未定の例規は、先に割り当ててください。"
    ),
    InquiryFault.DUE_DATE_PAST: "期限が過ぎています。きょう以降の日を選んでください。",
    InquiryFault.NOT_ALL_ACCEPTED: (
        "開いている間に変わり、終わっていない課が{count}あります。確かめて、もう一度終了するかどうかを選んでください。"
    ),
    InquiryFault.SCOPE_FIXED: "開始した照会の範囲は変えられません。範囲を変えるときは、新しい照会を作ってください。",
}

# As the coordinator reads them, who settles; the division that hands over has its own.
_HANDOVER_FAULTS = {
    HandoverFault.REASON_REQUIRED: "理由が必要です。相手に分かるように理由を入力してください。",
    HandoverFault.SAME_DIVISION: "今この候補に回答する課と同じです。別の課を選んでください。",
    HandoverFault.NO_SUCH_DIVISION: "この課は今の組織にありません。選び直してください。",
    HandoverFault.NOT_OPEN: "開いている間に、課が受け取ったか別の課へ渡しました。一覧を確かめてください。",
    HandoverFault.SETTLED: "この候補の所管は、ほかの人がすでに決めました。候補を開いて確かめてください。",
    HandoverFault.ACTED_ON: "渡した先の課か推進部門がすでに対応しました。候補を開いて確かめてください。",
}

CHANGED_MEANWHILE = (
    "開いている間にほかの人が変更しました。入力した内容は残してあります。今の状態を確かめて、やり直してください。"
)
NOT_PERMITTED_NOW = (
    "今の状態では、あなたの役割でこの操作はできません。開いている間に進んだかもしれません。状態を確かめてください。"
)
GONE = "見つかりません。ほかの人が削除したかもしれません。一覧を確かめてください。"


def inquiry_fault(fault: InquiryFault, count: int = 0) -> str:
    return _INQUIRY_FAULTS[fault].format(count=thousands(count))


def handover_fault(fault: HandoverFault) -> str:
    return _HANDOVER_FAULTS[fault]


# Figures of an answer
FIGURES = {
    "candidates": "候補",
    "open": "残り",
    "undecided": "保留",
    "applicable": "該当",
    "not_applicable": "非該当",
    "added": "追加",
}
READ_THROUGH = "読了の申告"


def read_through(figures: AnswerFigures) -> str:
    """読了の申告 3／12本."""
    return f"{thousands(figures.declared)}／{thousands(figures.instruments)}本"


DIVISION_COLUMNS = (
    *("部局", "局・総室", "課", "状態"),
    *("候補", "未確認", "再確認", "保留", "該当", "非該当", "追加", "例規", "読了の申告"),
)
TOTAL = "計"
LATE = "遅れ"
LATE_MARK = f"⚠ {LATE}"


# What is asked
ALL_KINDS, ALL_CATEGORIES = "すべての種別", "すべての規制区分"


def scope(kinds: Collection[Kind], categories: Collection[str]) -> str:
    """条例・規則／目視・書面掲示."""
    asked = "・".join(label(kind) for kind in Kind if kind in kinds) or ALL_KINDS
    return f"{asked}／{'・'.join(map(category_label, categories)) or ALL_CATEGORIES}"


SCOPE, GUIDANCE = "範囲", "説明・記入要領"
HISTORY = "経過"


def history(count: int) -> str:
    return f"{HISTORY} {count}件"


def submitted_by(who: str, at: dt.datetime | None) -> str:
    return f"提出: {who}　{japanese_time(at)}" if who else ""


# 照会の管理
INQUIRIES = "照会の管理"
NEW, TO_LIST = "新しい照会を作る", "照会の一覧へ戻る"
NO_INQUIRIES = "ここには、各課への照会が並びます"
NO_INQUIRIES_NEXT = (
    "まだ照会がありません。「新しい照会を作る」で照会名・期限・範囲を決めると、"
    "たずねる課と候補の数を確かめてから始められます。"
)
NO_INQUIRIES_AUDIT = "まだ照会がありません。推進部門が照会を作ると、経過と集計をここで確かめられます。"
NO_SUCH_INQUIRY = "この照会は見つかりません"
NO_SUCH_INQUIRY_NEXT = "削除されたか、まだ作られていない照会です。一覧から選び直してください。"
NAME, NAME_HINT = "照会名", "例: 令和8年度アナログ規制の点検"
GUIDANCE_HINT = "何を、どのように確かめて回答してほしいか。各課の受信箱に表示されます。"
KINDS, CATEGORIES, DIVISIONS = "種別", "規制区分", "たずねる課"
NO_DUE_DATE = "期限が空です。期限の日を選んでください。"
NOTHING_CHOSEN_IS_ALL = "種別と規制区分は、何も選ばなければすべてが対象です。"
EVERY_DIVISION, CHOSEN_DIVISIONS = "範囲内の例規か候補を持つ課すべて", "課を選ぶ"
CHOOSE_DIVISIONS = "課名の一部を入力してさがせます"
SAVE_DRAFT, SAVE_CHANGES, EDIT = "下書きを保存する", "変更を保存する", "照会を変更"
PREVIEW_COLUMNS = ("部局", "課", "候補", "未確認・再確認", "例規")
NOBODY_ASKED = _INQUIRY_FAULTS[InquiryFault.NO_DIVISION]
ONLY_THESE = "開始した後に変えられるのは、照会名・期限・説明です。"
DISCARD, DISCARD_NOW = "下書きを削除", "削除する"
DISPATCH = "照会を開始する"
DISPATCH_NOW = "開始する"
CLOSE, REOPEN = "照会を終了", "照会を再開"
CLOSE_NOW, CLOSE_UNFINISHED, REOPEN_NOW = "終了する", "未完了のまま終了する", "再開する"
REASON = "理由"
REOPEN_REASON_HINT = "例: 再確認が必要な条項が見つかったため"
RETURN_REASON_HINT = "例: 非該当の理由が「その他」のままの候補を確かめてください"
ACCEPT, RETURN, RETURN_NOW, APPROVE = "受理する", "差戻し", "差し戻す", "承認する"
ANSWERS_OF_DIVISIONS = "各課の回答"
FROZEN = "終了時の集計"
FROZEN_HOW = "終了したときの数です。その後に候補や回答が変わっても、この表は変わりません。"
DOWNLOAD_TABLE = "表をCSVでダウンロード"
SHOW, ALL_STATES, STILL_OPEN = "表示", "すべて", "未確認・再確認"
OPEN_ANSWER, BACK_TO_TABLE = "回答を開く", "各課の回答へ戻る"
NO_SUCH_DIVISION_HERE = "この条件に当てはまる課はありません。「すべて」を選んでください。"
DISCARD_QUESTION = "この下書きを削除します。各課にはまだ何も送られていません。"


def list_line(divisions: int) -> str:
    return f"{thousands(divisions)}課"


def saved_draft(name: str) -> str:
    return f"「{name}」の下書きを保存しました。たずねる課と候補の数を確かめて、「{DISPATCH}」を押してください。"


def saved(name: str) -> str:
    return f"「{name}」を保存しました。"


def discarded(name: str) -> str:
    return f"「{name}」の下書きを削除しました。"


def asks(divisions: int, candidates: int, open_items: int) -> str:
    """24課に、候補1,234件（うち未確認・再確認1,100件）をたずねます。"""
    return (
        f"{thousands(divisions)}課に、候補{thousands(candidates)}件"
        f"（うち未確認・再確認{thousands(open_items)}件）をたずねます。"
    )


def dispatch_question(divisions: int, candidates: int, due_date: dt.date) -> str:
    return (
        f"{thousands(divisions)}課の受信箱に、候補{thousands(candidates)}件の照会を出します。"
        f"期限は{japanese_date(due_date)}です。開始した後は、範囲を変えられません。"
    )


def dispatched(divisions: int) -> str:
    return f"照会を開始しました。{thousands(divisions)}課の受信箱に表示されます。"


def close_question(divisions: int, left: int) -> str:
    if not left:
        return (
            f"{thousands(divisions)}課すべての回答を受理しました。終了すると集計が確定し、各課は回答できなくなります。"
        )
    return f"次の{thousands(left)}課が終わっていません。終了すると集計が確定し、これらの課も回答できなくなります。"


def and_more(count: int) -> str:
    return f"ほか{thousands(count)}課" if count > 0 else ""


def left_over(count: int) -> str:
    return f"（未確認・再確認 {thousands(count)}件）" if count else ""


def closed_on(due_date: dt.date, closed_at: dt.datetime | None) -> str:
    """期限 令和9年1月29日　令和9年2月3日に終了."""
    ended = f"　{japanese_date(closed_at)}に終了" if closed_at else ""
    return f"{DUE} {japanese_date(due_date)}{ended}"


def handed_in_on(date: str) -> str:
    return f"{date}提出" if date else ""


def file_name(name: str) -> str:
    return f"照会の集計（{name}）.csv"


CLOSED = "照会を終了し、集計を確定しました。"
REOPENED = "照会を再開しました。各課の回答は終了したときの状態から続きます。"
REOPEN_QUESTION = "照会を再開すると、確定した集計は取り消され、次に終了したときに数え直します。"


def accepted(division: str) -> str:
    return f"{division}の回答を受理しました。"


def returned(division: str) -> str:
    return f"{division}へ差し戻しました。理由は相手の受信箱に表示されます。"


def approved(division: str) -> str:
    return f"{division}の回答を承認しました。推進部門が確認します。"


def late_count(count: int) -> str:
    return f"{LATE_MARK} {thousands(count)}課"


def state_count(state: AnswerState, count: int) -> str:
    return f"{label(state)} {thousands(count)}"


# 承認
APPROVAL = "承認"
NOTHING_TO_APPROVE = "承認を待っている回答はありません"
NOTHING_TO_APPROVE_NEXT = "課の担当者が回答を提出すると、ここに表示されます。候補の進み具合は受信箱で確かめられます。"
NOTHING_FOR_MANAGER_NEXT = "部局内の課が回答を提出すると、ここで内容を確かめ、必要なときは差し戻せます。"
TO_INBOX = "受信箱を開く"
MANAGER_READS = "承認は課の承認者が行います。部局長等は、推進部門が受理する前の回答を差し戻せます。"
APPROVE_QUESTION = "承認すると推進部門へ送られ、担当者は取り下げられなくなります。"
DECISIONS = "回答の内容"
NO_DECISIONS = "この条件の候補はありません"
NO_DECISIONS_NEXT = "「すべて」を選ぶと、この照会で課が答える候補がすべて並びます。"
NOT_ANSWERED = "まだ回答がありません"


def approve_how_many(figures: AnswerFigures) -> str:
    return (
        f"候補{thousands(figures.candidates)}件（該当{thousands(figures.applicable)}件・"
        f"非該当{thousands(figures.not_applicable)}件・保留{thousands(figures.undecided)}件）の回答を承認します。"
    )


def came_since(count: int) -> str:
    return f"提出の後に、未確認・再確認の候補が{thousands(count)}件出ました。差し戻して、回答してもらってください。"


def came_after_acceptance(count: int) -> str:
    """For who accepts: what has come since, and the choice there is."""
    return f"受理の後に、{open_candidates(count)}が増えました。{AFTER_ACCEPTANCE_HOW}"


def own_answer(others: Sequence[str]) -> str:
    if not others:
        return (
            "提出した本人は承認できません。この課にはほかの承認者がいません。"
            "システム管理者に、承認者の登録を依頼してください。"
        )
    return f"提出した本人は承認できません。{'さん、'.join(others)}さんが承認できます。"


# 受信箱: what the division is asked
INQUIRY = "照会"
SUBMIT, SUBMIT_NOW, WITHDRAW, WITHDRAW_NOW = "回答を提出する", "提出する", "提出を取り下げる", "取り下げる"
COMMENT, COMMENT_HINT = "承認者・推進部門への連絡（任意）", "例: 別表の改正を予定しているため、保留が2件あります"
WITHDRAW_QUESTION = "取り下げると未回答に戻り、回答を直せます。直したら、もう一度提出してください。"
SUBMITTED = "回答を提出しました。承認者の承認を待ちます。"
WITHDRAWN = "提出を取り下げました。回答を直して、もう一度提出してください。"
TO_APPROVAL = "承認のページを開く"
NOTHING_ASKED = "範囲内の候補はありません。そのまま提出できます。例規を読み、検出もれがないことを確かめてください。"

STATE_NOTES = {
    AnswerState.ANSWERED: "承認者の承認を待っています。承認されるまでは取り下げられます。",
    AnswerState.APPROVED: "承認されました。推進部門の確認を待っています。",
    AnswerState.ACCEPTED: "受理されました。この照会でしていただくことはありません。",
}


def still_open(count: int) -> str:
    return f"未確認・再確認の候補が{thousands(count)}件残っています。すべて回答すると提出できます。"


def submit_how_many(figures: AnswerFigures) -> str:
    undecided = f"保留の{thousands(figures.undecided)}件は、保留のまま提出します。" if figures.undecided else ""
    return (
        f"候補{thousands(figures.candidates)}件（該当{thousands(figures.applicable)}件・"
        f"非該当{thousands(figures.not_applicable)}件・保留{thousands(figures.undecided)}件）の回答を提出します。"
        f"{undecided}提出すると、取り下げるか差し戻されるまで回答を変えられません。"
    )


def returned_because(reason: str) -> str:
    return f"差戻し: {reason}"


RESUMED_NEXT = "増えた候補に回答して、もう一度提出してください。"


def came_since_acceptance(count: int) -> str:
    """For the division whose answer it is."""
    return (
        f"受理の後に、未確認・再確認の候補が{thousands(count)}件増えました。"
        "推進部門が差し戻すと、この照会で回答できます。差し戻されなければ、照会が終わってから回答してください。"
    )


RETURNED_NEXT = "回答を直して、もう一度提出してください。"


def late_notice(days: int, state: AnswerState) -> str:
    what = "承認者は、至急、承認してください。" if state is AnswerState.ANSWERED else "至急、回答を提出してください。"
    return f"{LATE_MARK}　期限を{thousands(days)}日過ぎています。{what}"


# 受信箱: what waits for the coordinator
NOTHING_WAITS = "推進部門を待っているものはありません"
NOTHING_WAITS_NEXT = (
    "各課の回答・質問・所管外の申出が届くと、ここに並びます。各課の状況は「照会の管理」で確かめられます。"
)
TO_INQUIRIES, TO_INQUIRY, TO_IMPORTS = "照会の管理を開く", "照会を開く", "取込状況で割り当てる"
TO_ACCEPT, QUESTIONS, HANDOVERS = "受理を待つ回答", "保留の質問", "所管外の申出"
ANSWER_QUESTION, YOUR_ANSWER = "回答する", "回答"
ANSWER_HINT = "課の受信箱に表示されます。課はこれを見て、該当・非該当を回答します。"
EMPTY_ANSWER = "回答が空です。回答を入力してください。"
SETTLE, SETTLE_TO, SETTLE_NOTE = "所管を決める", "所管する課", "決めた理由（両方の課に表示されます）"
CHOOSE_DIVISION = "課名の一部を入力してさがせます"
NO_DIVISION_CHOSEN = "課が選ばれていません。所管する課を選んでください。"
UNKNOWN_TARGET = "所管が分からない"
SENT_AND_WAITING = "相手の課の受け取りを待つ申出"


def section(name: str, count: int) -> str:
    return f"{name} {thousands(count)}件"


AFTER_ACCEPTANCE = "受理の後に候補が増えた回答"
AFTER_ACCEPTANCE_HOW = "回答を求めるときは差し戻してください。差し戻さなければ、次の照会でたずねます。"


def open_candidates(count: int) -> str:
    return f"未確認・再確認の候補{thousands(count)}件"


def first_of(shown: int, total: int) -> str:
    if shown >= total:
        return ""
    return f"{thousands(total)}件のうち、先の{thousands(shown)}件を表示しています。片付けると次が表示されます。"


def late_in(name: str, count: int) -> str:
    return f"{LATE_MARK}　「{name}」の期限を過ぎた課が{thousands(count)}課あります。"


def unowned(count: int, *, more: bool) -> str:
    return f"所管課が決まっていない例規が{thousands(count)}本{'以上' if more else ''}あります。"


def handover_line(from_division: str, to_division: str) -> str:
    return f"{from_division} → {to_division or UNKNOWN_TARGET}"


def bounces(count: int) -> str:
    return f"⚠ 所管外 {thousands(count)}回"


def question_answered(address: str) -> str:
    return f"{address}の質問に回答しました。課の受信箱に表示されます。"


def settled(address: str, division: str) -> str:
    return f"{address}の所管を{division}に決めました。候補はその課の受信箱に入ります。"
