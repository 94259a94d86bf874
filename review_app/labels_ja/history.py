"""Words of 履歴: every action of the log, and what it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from models.operations.sign_in import SignInFault
from models.queries import AuditCheck, HistoryRow
from regulations.inquiry import AnswerState, InquiryAction
from regulations.labels import label
from regulations.review import Applicability, Role
from regulations.roadmap import DelayReason, ReviewPolicy, RoadmapProgress
from review_app.labels_ja import ROADMAP_COLUMNS, model_name
from review_app.presenters import fiscal_year, japanese_date, japanese_time, last_day, thousands

HISTORY = "履歴"
HISTORY_HOW = "だれが、いつ、何をしたかの記録です。記録は書き足されるだけで、この画面からは変更も削除もできません。"
OWN_HISTORY_HOW = "所管する例規・候補への回答と、照会の経過です。条項を押すと候補を開きます。"
SINCE, UNTIL = "いつから", "いつまで"
PERSON, PERSON_HINT = "だれが", "氏名又は利用者ID"
KIND_OF_ACTION, ALL_ACTIONS = "操作の種類", "すべての操作"
TARGET, TARGET_HINT = "対象", "例規名・照会名の言葉"
COLUMNS = ("日時", "だれが", "操作", "対象", "内容")
EMPTY = "ここには、操作の記録が新しい順に並びます"
EMPTY_NEXT = "まだ記録がありません。候補に回答するか、照会が始まると表示されます。"
NO_MATCH = "この条件に合う記録はありません"
NO_MATCH_NEXT = "期間を広げるか、言葉を短くしてください。"
PERIOD_REVERSED = "「いつから」が「いつまで」より後の日付です。日付を直してください。"
DOWNLOAD_LOG = "この条件の記録をCSVでダウンロード"
SERVER = "サーバー"
"""Who took a step that nobody took: the nightly run, or a command given on the server."""
LOG_FILE = "操作記録"
NO_LOG = "あなたの役割では操作の記録をダウンロードできません。"
BAD_PERIOD = "期間の指定を読めません。履歴のページからダウンロードし直してください。"
CSV_COLUMNS = (
    *("番号", "日時", "利用者ID", "氏名", "操作", "操作コード", "対象の種類", "対象の番号"),
    *("対象", "条項", "所管課", "内容", "詳細"),
)

CHECK_LOG, CHECK_NOW = "記録が書き換えられていないか確かめる", "確かめる"
CHECK_HOW = (
    "記録は、毎晩の処理で封印されます。確かめると、今の記録が封印したときのままかどうかが分かります。"
    "封印の値を別に控えておくと、記録と封印の両方が書き換えられても気づけます。"
)
NOT_SEALED_YET = "まだ封印されていません。毎晩の処理が動いた後で、もう一度確かめてください。"

ANSWERS = "候補への回答"
PLANS = "工程表"
ROUNDS = "照会"
OWNERS = "所管・所管外"
READING = "読了・やりとり"
PEOPLE = "利用者とサインイン"
INTAKE = "例規・組織の取込"
DETECTION = "検出の点検と判定モデル"
OUTPUT = "出力"

ACTIONS: Mapping[str, Mapping[str, str]] = {
    ANSWERS: {
        "decide": "回答",
        "decide_group": "同じ文言にまとめて回答",
        "decide_many": "選んでまとめて回答",
        "undo_group_decision": "まとめた回答の取消し",
        "add_missed_regulation": "検出もれの追加",
        "mark_regulation": "検出もれの記録",
        "import_answers": "Excelの回答の取込",
    },
    PLANS: {"edit_roadmap": "工程表の入力"},
    ROUNDS: {
        "draft_inquiry": "照会の作成",
        "edit_inquiry": "照会の変更",
        "discard_draft": "作成中の照会の削除",
        "dispatch_inquiry": "照会の開始",
        "close_inquiry": "照会の終了",
        "reopen_inquiry": "照会の再開",
        "submit_answer": "回答の提出",
        "withdraw_answer": "回答の取下げ",
        "approve_answer": "回答の承認",
        "return_answer": "回答の差戻し",
        "accept_answer": "回答の受理",
        "resume_answer": "未回答に戻す",
    },
    OWNERS: {
        "assign_owner": "所管課の割当て",
        "assign_joint_owners": "共管の割当て",
        "hand_over": "所管外の申出",
        "settle_handover": "所管の決定",
        "take_back_handover": "所管外の取消し",
    },
    READING: {
        "post_message": "やりとり",
        "declare_complete": "読了の申告",
        "withdraw_declaration": "読了の申告の取消し",
    },
    PEOPLE: {
        "sign_in": "サインイン",
        "sign_in_refused": "サインインの失敗",
        "sign_out": "サインアウト",
        "change_password": "パスワードの変更",
        "create_account": "利用者の登録",
        "change_account": "利用者の変更",
        "unlock_account": "ロックの解除",
        "reset_password": "仮パスワードの発行",
        "import_accounts": "人事異動の取込",
    },
    INTAKE: {
        "register_revision": "例規の取込",
        "import_catalog": "目録の取込",
        "import_organisation": "組織の取込",
        "apply_organisation_changes": "承継先への引継ぎ",
    },
    DETECTION: {
        "draw_elusion_sample": "点検する条項の抜取り",
        "answer_elusion_row": "抜き取った条項の回答",
        "propose_model": "判定モデルの提案",
        "approve_model": "判定モデルの承認",
        "roll_back_model": "判定モデルを戻す",
    },
    OUTPUT: {
        "export_roadmap": "工程表の出力",
        "export_answers": "回答用Excelの出力",
        "export_audit_log": "操作の記録の出力",
        "export_inquiry": "照会の集計の出力",
    },
}
"""Kind of action → action → its word; a test holds it against every operation."""

OWN_KINDS = frozenset({ANSWERS, PLANS, ROUNDS, OWNERS, READING, INTAKE})
"""Kinds of action among which a division finds its own work."""

_WORDS = {action: word for actions in ACTIONS.values() for action, word in actions.items()}

TARGETS = {
    "review_item": "候補",
    "instrument": "例規",
    "account": "利用者",
    "division": "課・室",
    "organisation": "組織",
    "catalog": "目録",
    "accounts": "人事異動",
    "group_decision": "まとめた回答",
    "inquiry": "照会",
    "inquiry_answer": "照会への回答",
    "detection_model": "判定モデル",
    "elusion_sample": "抜き取った条項",
    "elusion_row": "抜き取った条項",
    "audit_log": "操作の記録",
    "workbook": "回答用Excel",
}

_ACCOUNT_FIELDS = {
    "display_name": "氏名",
    "role": "役割",
    "division_id": "所属",
    "expires_at": "有効期限",
    "is_active": "状態",
}
_INQUIRY_FIELDS = {
    "name": "照会名",
    "guidance": "記入要領",
    "due_date": "期限",
    "kinds": "種別",
    "categories": "規制区分",
    "divisions": "照会先",
}
_REFUSED = {
    SignInFault.WRONG.value: "パスワードが違う",
    SignInFault.LOCKED.value: "ロック中",
    SignInFault.EXPIRED.value: "期限切れ",
    SignInFault.INACTIVE.value: "停止中",
}
_OUTCOMES = {"created": "新規", "changed": "改正", "unchanged": "変更なし"}


def action_word(action: str) -> str:
    """The word; an action of a later version, which this one does not know, stands as it is written."""
    return _WORDS.get(action, action)


def actions_of(kind: str) -> frozenset[str] | None:
    """The actions of a kind; None for all, and for a kind that there is not."""
    return frozenset(ACTIONS[kind]) if kind in ACTIONS else None


def kind_of(actions: Collection[str] | None) -> str | None:
    return next((kind for kind, known in ACTIONS.items() if actions is not None and set(known) == set(actions)), None)


def target_word(target_type: str) -> str:
    return TARGETS.get(target_type, "")


_STEPS_OF_ANSWERS = frozenset(ACTIONS[ROUNDS]) & {f"{step}_answer" for step in InquiryAction}


def what_changed(row: HistoryRow, divisions: Mapping[int, str]) -> str:
    """What an entry says beyond its action and target: 未回答 → 非該当（罰則）。"""
    detail = row.detail
    match row.action:
        case "decide":
            reason = f"（{label(row.reason_code)}）" if row.reason_code else ""
            parts = [f"{_answer(detail.get('before'))} → {_answer(detail.get('after'))}{reason}"]
        case "undo_group_decision" if row.target_type == "review_item":
            parts = [f"{_answer(detail.get('after'))}に戻した"]
        case "decide_group" | "decide_many" | "undo_group_decision":
            parts = [f"{thousands(len(detail.get('items', ())))}件", _answer(detail.get("applicability"), empty="")]
        case action if action in _STEPS_OF_ANSWERS:
            states = (detail.get(side) for side in ("before", "after"))
            parts = [" → ".join(label(AnswerState(state)) for state in states if state)]
        case "edit_inquiry":
            parts = ["・".join(_INQUIRY_FIELDS.get(field, field) for field in detail)]
        case "edit_roadmap":
            parts = [
                f"{ROADMAP_COLUMNS.get(field, field)}: {_plan(field, before)} → {_plan(field, after)}"
                for field, (before, after) in detail.items()
            ]
        case "assign_owner" | "assign_joint_owners" | "hand_over" | "settle_handover" | "take_back_handover":
            before, after = (_named(detail.get(side), divisions) for side in ("before", "after"))
            parts = [f"{before} → {after}"]
        case "create_account":
            parts = [_role(detail.get("role")), _named(detail.get("division_id"), divisions, empty="")]
        case "change_account":
            parts = [
                f"{_ACCOUNT_FIELDS.get(field, field)}: {_account(field, before, divisions)} → "
                f"{_account(field, after, divisions)}"
                for field, (before, after) in detail.items()
            ]
        case "sign_in_refused":
            parts = [_REFUSED.get(detail.get("kind", ""), "")]
        case "register_revision":
            parts = [_OUTCOMES.get(str(detail.get("outcome")), ""), str(detail.get("source", ""))]
        case "import_catalog":
            parts = [f"{thousands(len(detail.get('updated', ())))}件を更新"]
        case "propose_model" | "approve_model" | "roll_back_model":
            parts = [model_name(int(row.target_id))]
        case _:
            parts = [_counts(detail)]
    said = "".join(_quoted(text) for text in (row.note, *_said(detail)) if text)
    return "、".join(filter(None, parts)) + said


_COUNTED = {
    "created": "追加",
    "updated": "更新",
    "changed": "変更",
    "ended": "停止",
    "instruments_moved": "引き継いだ例規",
    "joint_moved": "引き継いだ共管",
    "candidates_moved": "引き継いだ候補",
    "handovers_moved": "引き継いだ申出",
    "answers_moved": "引き継いだ回答",
    "rows": "行",
    "divisions": "課",
    "candidates": "候補",
    "size": "抜取り",
}


def _counts(detail: Mapping[str, Any]) -> str:
    """Figures of imports and exports: 追加 3・更新 2."""
    return "・".join(
        f"{word} {thousands(detail[key])}" for key, word in _COUNTED.items() if isinstance(detail.get(key), int)
    )


_INNER_QUOTES = str.maketrans("「」", "『』")


def _quoted(text: str) -> str:
    return f"「{text.translate(_INNER_QUOTES)}」"


def _said(detail: Mapping[str, Any]) -> Sequence[str]:
    """What the person wrote with it: the reason of a 所管外, the note of who decided."""
    # The reason of a 非該当 is a code, and stands with the answer.
    said = ("note",) if "decision" in detail else ("reason", "note")
    return [detail[key] for key in said if isinstance(detail.get(key), str)]


def _answer(value: str | None, *, empty: str = "未回答") -> str:
    return label(Applicability(value)) if value else empty


def _plan(field: str, value: Any) -> str:
    if value is None or value == "":
        return "なし"
    match field:
        case "policy":
            return label(ReviewPolicy(value))
        case "progress":
            return label(RoadmapProgress(value))
        case "delay_reason":
            return label(DelayReason(value))
        case "original_year" | "revised_year":
            return fiscal_year(value)
        case "target_phase":
            return f"PHASE {value}"
    return str(value)


def _account(field: str, value: Any, divisions: Mapping[int, str]) -> str:
    match field:
        case "role":
            return _role(value)
        case "division_id":
            return _named(value, divisions, empty="なし")
        case "is_active":
            return "利用中" if value else "停止"
        case "expires_at":
            return f"{japanese_date(last_day(dt.datetime.fromisoformat(value)))}まで" if value else "なし"
    return str(value)


def _role(value: str | None) -> str:
    return label(Role(value)) if value else ""


def _named(value: int | Sequence[int] | None, divisions: Mapping[int, str], *, empty: str = "未定") -> str:
    """A division or several by name."""
    ids = [value] if isinstance(value, int) else list(value or ())
    return "・".join(divisions.get(division_id, "組織にない課") for division_id in ids) or empty


def check_result(found: AuditCheck) -> str:
    """What a check of the log has shown, and what to do about it."""
    if found.is_broken:
        since = f"{japanese_time(found.broken_from)}から" if found.broken_from else ""
        return (
            f"{since}{japanese_time(found.broken_to)}までに封印した記録が、封印したときと違います。"
            "データベースのバックアップと比べ、情報セキュリティの担当に連絡してください。"
        )
    if found.sealed_at is None:
        return NOT_SEALED_YET
    waiting = f"その後の{thousands(found.unsealed)}件は、次の封印を待っています。" if found.unsealed else ""
    return (
        f"{japanese_time(found.sealed_at)}までに封印した{thousands(found.sealed)}件は、封印したときのままです。{waiting}"
        f"封印の値は {found.digest} です。"
    )
