"""Words of Excelで回答: the workbook, what its import finds, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from models.operations.errors import AnswerFault
from models.operations.import_answers import (
    AnswerConflict,
    AnswerImport,
    CellChange,
    ConflictKind,
    SheetError,
    SheetFault,
)
from regulations.roadmap import RoadmapFault
from review_app.labels_ja import roadmap_fault
from review_app.presenters import thousands

TITLE = "Excelで回答"
HOW = "候補の一覧をExcelに書き出し、入力してから取り込みます。取り込むまで回答は変わりません。"

# Downloading
DOWNLOAD_STEP, UPLOAD_STEP = "1. 書き出す", "2. 入力したファイルを取り込む"
OF_DIVISION, EVERY_DIVISION = "所管課", "すべての所管課"
NOTHING_TO_ANSWER = "まだ候補がありません。例規の取込みと洗い出しが済むと、ここから書き出せます。"
ONLY_DIVISIONS_IMPORT = "取り込めるのは、所管課の担当者と承認者だけです。書き出したファイルを所管課に渡してください。"
NO_SUCH_WORKBOOK = (
    "指定された回答用のExcelはないか、あなたの所属では見られません。「Excelで回答」のページから書き出してください。"
)
NO_WORKBOOK = "あなたの役割では回答用のExcelを書き出せません。"


def file_title(division: str) -> str:
    return f"アナログ規制の点検 回答（{division}）" if division else "アナログ規制の点検 回答"


def download_open(count: int) -> str:
    return f"これから回答する候補を書き出す（{thousands(count)}件）"


def download_all(count: int) -> str:
    return f"回答済みも含めて書き出す（{thousands(count)}件）"


# Uploading
CHOOSE_FILE = "入力したExcelのファイル（xlsx、20MBまで）"
CHECKED_ONLY = "まだ何も書き込んでいません。下の内容を確かめて、取り込んでください。"
PROBLEMS_FIRST = "まだ何も書き込んでいません。エラーと衝突を直してから取り込み直すか、それ以外の行だけを取り込めます。"
NOTHING_NEW = "このファイルから取り込む変更はありません。"
NOTHING_LEFT = (
    "取り込める行がありません。下のエラーと衝突を確かめ、Excelを直すか書き出し直してから、もう一度選んでください。"
)
FASTER = (
    "確かめている間に候補が変わったため、何も書き込みませんでした。下の内容を確かめて、もう一度取り込んでください。"
)
CHANGES, CONFLICTS, ERRORS = "変更", "衝突", "エラー"
UNCHANGED, BLANK = "変更なし", "未記入"
CHANGE_COLUMNS = ("シート・行", "例規・条項", "変更する内容")
CONFLICT_COLUMNS = ("シート・行", "例規・条項", "Excelの内容", "今の状態")
NO_ERRORS = "エラーはありません。"
TO_INBOX = "受信箱を開く"
FILE_NAME = "ファイル"


def import_all(count: int) -> str:
    return f"{thousands(count)}行を取り込む"


def import_rest(count: int) -> str:
    return f"エラーのない{thousands(count)}行だけ取り込む"


def imported(found: AnswerImport) -> str:
    """35行を取り込みました。エラーのある2行と衝突した1行は取り込んでいません。"""
    rows = {(error.sheet, error.row) for error in found.errors}
    left = [f"エラーのある{thousands(len(rows))}行"] if rows else []
    left += [f"衝突した{thousands(len(found.conflicts))}行"] if found.conflicts else []
    rest = f"{'と'.join(left)}は取り込んでいません。" if left else ""
    return f"{thousands(len(found.changes))}行を取り込みました。{rest}"


def shown_of(shown: int, total: int) -> str:
    return f"はじめの{thousands(shown)}件を表示しています（全{thousands(total)}件）。"


def place(sheet: str, row: int) -> str:
    """「回答」12行目."""
    return f"「{sheet}」{row}行目"


def change(cell: CellChange) -> str:
    """理由: 定義 → 罰則."""
    return f"{cell.column}: {cell.before or '（空）'} → {cell.after or '（空）'}"


def wanted(conflict: AnswerConflict) -> str:
    return "、".join(f"{cell.column}: {cell.after or '（空）'}" for cell in conflict.cells)


_CONFLICTS: Mapping[ConflictKind, str] = {
    ConflictKind.ANSWERED: "書き出した後に回答されました。",
    ConflictKind.TEXT_CHANGED: "書き出した後に条文が改正されました。",
    ConflictKind.WITHDRAWN: "書き出した後に候補ではなくなりました。",
    ConflictKind.PLAN_CHANGED: "書き出した後に工程表が変更されました。",
    ConflictKind.CHANGED: "書き出した後に回答が取り消されました。",
}


def conflict(found: AnswerConflict) -> str:
    """What stands now and what to do: the workbook holds what it was, so a new one is needed."""
    stands = found.now
    if found.kind is ConflictKind.PLAN_CHANGED:
        stands = "、".join(f"{cell.column}: {cell.before or '（空）'}" for cell in found.cells)
    return f"{_CONFLICTS[found.kind]}今は「{stands}」です。変えるときは、書き出し直して入力してください。"


_FILE_FAULTS: Mapping[SheetFault, str] = {
    SheetFault.TOO_LARGE: "ファイルが大きすぎます（20MBまで）。貼り付けた画像などを除いて保存し直してください。",
    SheetFault.TOO_MANY_ROWS: "行が多すぎます（2万行まで）。ファイルを分けてください。",
    SheetFault.OLD_EXCEL: "古いExcelの形式（xls）です。Excelで「Excelブック（xlsx）」として保存し直してください。",
    SheetFault.PASSWORD: "パスワードが付いています。Excelでパスワードを外し、xlsxで保存し直してください。",
    SheetFault.NOT_EXCEL: "Excel（xlsx）のファイルではありません。CSVなどではなく、xlsxで保存し直してください。",
    SheetFault.BROKEN: "ファイルが壊れていて読めません。Excelで開いて保存し直すか、書き出し直してください。",
    SheetFault.NO_ANSWER_SHEET: (
        "回答のシートがありません。このページから書き出したファイルを選んでください（工程表のExcelは取り込めません）。"
    ),
}

_ROW_FAULTS: Mapping[SheetFault | AnswerFault | RoadmapFault, str] = {
    SheetFault.NO_KEY: (
        "どの候補の回答か分かりません。行を作らず、書き出した行に入力してください。"
        "候補にない規制は「例規を読む」で追加してください。"
    ),
    SheetFault.NOT_YOURS: "ほかの課の候補か、今はない候補です。この行を削除してください。",
    SheetFault.MIXED_UP: (
        "番号・例規名・条項が書き出したときと違います。列の一部だけを並べ替えたおそれがあるため取り込めません。"
        "書き出し直して入力してください。"
    ),
    SheetFault.EMPTY: "空です。一覧から選んでください。",
    SheetFault.ANSWER_MISSING: (
        "空のまま、ほかの欄が変わっているか、前の回答が消えています。該当・非該当・保留から選んでください。"
    ),
    SheetFault.NOTE_TOO_LONG: "長すぎます。2,000字までにしてください。",
    SheetFault.PLAN_NOT_APPLICABLE: "見直しの工程を入力できるのは「該当」のときだけです。工程の欄を空にしてください。",
    AnswerFault.REASON_REQUIRED: "「非該当」とするには理由が必要です。一覧から選んでください。",
    AnswerFault.REASON_TEXT_REQUIRED: "理由が「その他」のときは、メモに理由を書いてください。",
    AnswerFault.REASON_NOT_ALLOWED: "理由を選べるのは「非該当」のときだけです。空にしてください。",
    AnswerFault.CATEGORY_TAKEN: (
        "この条項は同じ規制区分で該当済みです。規制区分を選び直すか、「非該当」としてください。"
    ),
    AnswerFault.ANSWER_SUBMITTED: (
        "照会への回答を提出済みのため変更できません。変えるときは、受信箱で回答を取り下げるか、差戻しを依頼してください。"
    ),
}


def sentence(error: SheetError) -> str:
    """「回答」12行目「理由」: 「非該当」とするには理由が必要です。一覧から選んでください。"""
    if isinstance(error.fault, RoadmapFault):
        # 12行目「遅延理由」: 当初より遅くなっています。…: only the heading may be another here.
        words = roadmap_fault(error.fault, row=error.row).partition(": ")[2]
    elif error.fault in _FILE_FAULTS and not error.row:
        return _FILE_FAULTS[SheetFault(error.fault)]
    else:
        words = _cell_fault(error)
    column = f"「{error.column}」" if error.column else ""
    return f"{place(error.sheet, error.row)}{column}: {words}"


def _cell_fault(error: SheetError) -> str:
    match error.fault:
        case SheetFault.MISSING_COLUMNS:
            return f"「{error.value}」の列がありません。列を消さずに、書き出したファイルに入力してください。"
        case SheetFault.TWICE:
            sheet, _, row = error.value.rpartition("!")
            return f"{place(sheet, int(row))}と同じ候補に、違う回答が入っています。どちらかの行を削除してください。"
        case SheetFault.UNKNOWN_VALUE:
            return f"「{error.value}」は読めません。一覧から選び直してください。"
        case SheetFault.NOT_IN_CATEGORY:
            return f"「{error.value}」は、この行の規制区分では選べません。一覧から選び直してください。"
    return _ROW_FAULTS[error.fault]
