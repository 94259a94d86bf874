"""Every word of the interface that no enumeration carries (those are in `regulations.labels`)."""

from __future__ import annotations

from urllib.parse import quote

from models.detection import ElusionAnswer, ModelState
from models.operations.accounts import PasswordFault, SignInError, SignInFault, SignInPolicy
from models.operations.errors import AnswerFault
from models.queries import ElusionEstimate
from regulations import labels
from regulations.labels import label
from regulations.review import Applicability, NonApplicableReason
from regulations.roadmap import REVIEW_YEARS, RoadmapFault
from review_app.presenters import fiscal_year, japanese_time, percent, thousands

POLICY = SignInPolicy()

PRODUCT = "みなおし"
SECRECY_CLASS = "機密性2"
SECRECY = f"{SECRECY_CLASS}　点検・見直しの途中の情報を含みます。取扱いに注意してください。"

# Signing in
SIGN_IN_FIRST = "サインインしてください。"
SESSION_ENDED = "サインインの期限が切れました。入力した内容は保存されていません。もう一度サインインしてください。"
SIGN_IN = "サインイン"
CHANGE_PASSWORD = "パスワード変更"  # noqa: S105
SIGN_OUT = "サインアウト"
PASSWORDS_DIFFER = "新しいパスワードと確認用のパスワードが一致しません。同じものを2回入力してください。"
REFUSED = "この操作はできません"
NOT_YOUR_PAGE = "このページは、あなたの役割では開けません。上のメニューから選んでください。"
NOT_FOUND = "見つかりません"
UNEXPECTED_ERROR = (
    "画面を表示できませんでした。ページを開き直してください。"
    "それでも直らないときは、日時と開いていたページをシステム管理者に知らせてください。"
)
FOREIGN_ORIGIN = "別のサイトから送られた操作のため、受け付けませんでした。この画面を開き直してやり直してください。"
NO_SUCH_DOWNLOAD = (
    "指定された工程表はないか、あなたの所属では見られません。工程表のページからダウンロードしてください。"
)
NO_ROADMAP = "あなたの役割では工程表をダウンロードできません。"
NEEDS_JAVASCRIPT = "この画面を使うには、ブラウザーのJavaScriptを有効にしてください。"


def sign_in_fault(error: SignInError) -> str:
    match error.kind:
        case SignInFault.LOCKED:
            until = f"{japanese_time(error.until)}以降に" if error.until else "しばらくしてから"
            return (
                f"続けて間違えたため、このIDは一時的に使えません。{until}やり直すか、システム管理者に連絡してください。"
            )
        case SignInFault.EXPIRED:
            return "このIDは有効期限が切れています。システム管理者に連絡してください。"
        case SignInFault.INACTIVE:
            return "このIDは停止されています。システム管理者に連絡してください。"
    return "利用者IDまたはパスワードが違います。確かめて、もう一度入力してください。"


def password_rules(policy: SignInPolicy = POLICY) -> tuple[str, ...]:
    return (
        f"{policy.min_length}文字以上にしてください。",
        "利用者IDや氏名を含めないでください。",
        "今のパスワードとは別のものにしてください。",
    )


def password_fault(fault: PasswordFault, policy: SignInPolicy = POLICY) -> str:
    return {
        PasswordFault.TOO_SHORT: f"新しいパスワードが短すぎます。{policy.min_length}文字以上で入力してください。",
        PasswordFault.CONTAINS_NAME: "新しいパスワードに利用者IDか氏名が含まれています。含まないものにしてください。",
        PasswordFault.UNCHANGED: "今のパスワードと同じです。別のものを入力してください。",
        PasswordFault.WRONG_CURRENT: "現在のパスワードが違います。確かめて、もう一度入力してください。",
    }[fault]


# Downloads
def roadmap_title(division: str) -> str:
    return f"見直し工程表（{division}）" if division else "見直し工程表"


def quoted(file_name: str) -> str:
    """A file name as RFC 5987 wants it."""
    return quote(file_name, safe="")


# Roadmap
ROADMAP_COLUMNS = {
    "policy": "要否・方向性",
    "target_phase": "到達PHASE",
    "original_year": "見直し時期",
    "revised_year": "変更後の時期",
    "delay_reason": "遅延理由",
    "progress": "実施状況",
    "note": "備考",
}

_ROADMAP_FAULTS = {
    RoadmapFault.TARGET_BELOW_CURRENT: (
        "target_phase",
        "現在のPHASEより前です。現在と同じか、後のPHASEを選んでください。",
    ),
    RoadmapFault.TARGET_OUT_OF_RANGE: ("target_phase", "PHASEは1から3までです。選び直してください。"),
    RoadmapFault.RETAIN_NEEDS_REASON: ("note", "「見直さない」ときは理由が必要です。備考に理由を入力してください。"),
    RoadmapFault.YEAR_OUT_OF_RANGE: (
        "original_year",
        f"{fiscal_year(REVIEW_YEARS[0])}から{fiscal_year(REVIEW_YEARS[-1])}までの年度を選んでください。",
    ),
    RoadmapFault.REVISED_NEEDS_ORIGINAL: (
        "original_year",
        "変更後の時期だけが入っています。当初の時期も選んでください。",
    ),
    RoadmapFault.DELAY_NEEDS_REASON: ("delay_reason", "当初より遅くなっています。遅延理由を選んでください。"),
}


def roadmap_fault(fault: RoadmapFault, *, row: int) -> str:
    """3行目「遅延理由」: 当初より遅くなっています。遅延理由を選んでください。"""
    field, sentence = _ROADMAP_FAULTS[fault]
    return f"{row}行目「{ROADMAP_COLUMNS[field]}」: {sentence}"


# 受信箱
START_WORK = "最初の候補から確認する"
STATUS, CATEGORY, SEARCH = "状態", "規制区分", "さがす"
ALL_CATEGORIES = "すべての規制区分"
SEARCH_HINT = "例規名・条番号・条文の言葉"
ADDED_BY_HAND = "追加"
INBOX_EMPTY = "ここには、確認していただく候補が並びます"
INBOX_EMPTY_NEXT = (
    "まだ候補がありません。例規の取込みと洗い出しが済むと届きます。"
    "所管する例規が登録されているかは「例規を読む」で確かめられます。"
)
READ_INSTEAD = "例規を読む"
ALL_ANSWERED = "すべて回答しました"
ALL_ANSWERED_NEXT = "次は、該当とした規制について見直しの要否・到達PHASE・時期を工程表に入力してください。"
NO_MATCH = "この条件に合う候補はありません"
NO_MATCH_NEXT = "「すべて」を選ぶか、さがす言葉を短くしてください。"
TO_ROADMAP = "工程表を開く"


# 工程表
ROADMAP = "見直し工程表"
DIVISION, ALL_DIVISIONS = "所管課", "すべての所管課"
ROADMAP_FIXED_COLUMNS = {
    "number": "番号",
    "division": "所管課",
    "address": "条項",
    "title": "例規",
    "category": "規制区分",
    "current_phase": "現PHASE",
}
ROADMAP_EMPTY = "ここには、該当とした規制の見直し工程が並びます"
ROADMAP_EMPTY_NEXT = "まだ該当とした規制がありません。受信箱で候補を確認してください。"
TO_INBOX = "受信箱を開く"
ROADMAP_HOW = "欄をダブルクリックするか、選んで入力すると変更できます。変更したら保存してください。"
SAVE = "保存する"
DOWNLOAD_WORKBOOK, DOWNLOAD_CSV = "Excelでダウンロード", "CSVでダウンロード"


def unsaved(rows: int, fields: int) -> str:
    return f"{rows}行・{fields}か所を変更しました。まだ保存していません。"


def roadmap_saved(count: int) -> str:
    return f"{count}行を保存しました。"


def roadmap_row_gone(row: int) -> str:
    return f"{row}行目: 該当ではなくなったため、保存できません。候補の回答を確かめてください。"


def roadmap_row_moved(row: int) -> str:
    return f"{row}行目: ほかの課の所管になったため、保存できません。入力した内容は取り消しました。"


def roadmap_changed_by_other(row: int) -> str:
    return (
        f"{row}行目: ほかの人が先に変更したため、まだ保存していません。入力した内容は残してあります。"
        "確かめてから、もう一度保存してください。"
    )


# 候補の確認
APPLICABLE, NOT_APPLICABLE, UNDECIDED = "該当", "非該当", "保留"
TYPE, PHASE, BASIS, NOTE = "類型", "PHASE", "根拠", "メモ"
NOTE_HINT = "判断の理由や、保留にして確かめたいこと"
CHOOSE_REASON = "非該当とする理由を選んでください。"
BACK = "理由を選ばずに戻る"
PREVIOUS, NEXT = "前へ", "次へ"
PREVIOUS_ARTICLE, FOLLOWING_ARTICLE = "前", "次"
THIS_CANDIDATE = "この候補"
TEXT_BEFORE, TEXT_NOW = "前に判断したときの条文", "今の条文"
PROVISION_GONE = (
    "この条項は今の例規にありません。最後にあったときの条文を表示しています。工程表に残すかどうかを判断してください。"
)
PROPOSAL_ON_EARLIER_TEXT = "この提案は、改正前の条文についてのものです。"
ANSWER_BEFORE = "前の回答"
ON_EARLIER_TEXT = "改正前の条文についての回答"
UNKNOWN_DIVISION, NO_OWNER = "組織にない課名", "未定"
FORMER_TITLES = "旧題名"
ANSWERED = "回答済み"
OPEN_AGAIN = "この回答を見直す"
READ_WHOLE = "例規の全文を読む"
ALIKE = "近さ"
ONLY_OWNER_ANSWERS = "回答できるのは所管課の担当者と承認者です。"
NO_SUCH_CANDIDATE = "この候補は見つかりません"
NO_SUCH_CANDIDATE_NEXT = "削除されたか、あなたの所属では見られない候補です。受信箱から選び直してください。"
CHANGED_MEANWHILE = (
    "開いている間に内容が変わりました。入力した内容は残してあります。確かめて、もう一度回答してください。"
)

_ANSWER_FAULTS = {
    AnswerFault.REASON_REQUIRED: "非該当とするには理由が必要です。理由を選んでください。",
    AnswerFault.REASON_TEXT_REQUIRED: "「その他」を選ぶときは、メモに理由を入力してください。",
    AnswerFault.UNKNOWN_CATEGORY: "規制区分を選び直してください。",
    AnswerFault.UNKNOWN_TYPE: "この規制区分にない類型です。類型を選び直してください。",
    AnswerFault.UNKNOWN_PHASE: "この規制区分にないPHASEです。PHASEを選び直してください。",
    AnswerFault.REASON_NOT_ALLOWED: "理由を選べるのは非該当のときだけです。もう一度回答してください。",
    AnswerFault.CATEGORY_TAKEN: "この条項は同じ規制区分で該当済みです。規制区分を確かめるか、非該当としてください。",
    AnswerFault.SPAN_OUTSIDE_TEXT: "指定した言葉が条文の中にありません。条文から写し直してください。",
    AnswerFault.TEXT_NOT_IN_FORCE: "この条文は改正されました。例規を開き直し、今の条文から追加してください。",
    AnswerFault.ANSWER_SUBMITTED: (
        "照会への回答を提出済みのため変更できません。変えるときは、受信箱で回答を取り下げるか、差戻しを依頼してください。"
    ),
    AnswerFault.OPEN_ITEMS_LEFT: "回答していない候補があるため申告できません。候補に回答してから申告してください。",
    AnswerFault.TEXT_REQUIRED: "内容が空です。伝えることを入力してください。",
}


def answer_fault(fault: AnswerFault) -> str:
    return _ANSWER_FAULTS[fault]


def answered(what: str, applicability: Applicability, reason: NonApplicableReason | None) -> str:
    """第三条第一項（目視）を「非該当（罰則）」としました。"""
    because = f"（{label(reason)}）" if reason else ""
    return f"{what}を「{label(applicability)}{because}」としました。"


def answered_by_other(who: str, answer: str) -> str:
    return (
        f"開いている間に{who}さんが「{answer}」と回答しました。入力した内容は残してあります。"
        "これまでの回答を確かめて、変えるときだけもう一度回答してください。"
    )


def paragraphs_before(count: int) -> str:
    return f"この条の前の部分（{count}項）を表示"


def similar(count: int) -> str:
    return f"似た条文の判断 {count}件"


def earlier_answers(count: int) -> str:
    return f"これまでの回答 {count}件"


OWN_BASIS = "根拠は、それぞれの候補のままにします。"
ONE_BY_ONE = "1件ずつ回答する"
GROUP_CHANGED = "開いている間に、まとめる候補のどれかが変わりました。一覧を確かめて、もう一度回答してください。"
UNDO = "取り消す"
GROUP_UNDONE_ALREADY = "この回答は、すでに取り消されています。"


def answer_group(others: int) -> str:
    return f"同じ文言の候補 {others}件にまとめて回答"


def group_preview(chosen: int) -> str:
    return f"次の{chosen}件に同じ回答をします。違う回答をするものは、チェックを外してください。"


def all_of(count: int) -> str:
    return f"同じ文言の候補{count}件"


def group_undone(taken_back: int, kept: int) -> str:
    after = f"後から回答が変わった{kept}件は、そのままです。" if kept else ""
    return f"{taken_back}件の回答を取り消し、前の状態に戻しました。{after}"


# 例規を読む
READING_EMPTY = "ここには、所管する例規が並びます"
READING_EMPTY_NEXT = "まだ例規がありません。所管課が登録されていない例規は、推進部門が割り当てると表示されます。"
INSTRUMENT_SEARCH, INSTRUMENT_SEARCH_HINT = "例規をさがす", "例規名・番号の言葉"
NO_INSTRUMENT = "この例規は見つかりません"
NO_INSTRUMENT_NEXT = "削除されたか、あなたの所属では見られない例規です。一覧から選び直してください。"
TO_LIST = "例規の一覧へ戻る"
ADD_MISSED = "検出もれを追加"
ADD_MISSED_HOW = "左の条文から、規制にあたる言葉を写して貼り付けてください。どの条項かは自動でさがします。"
QUOTE, QUOTE_HINT = "条文の言葉", "例: 見やすい場所に掲示しなければならない"
QUOTE_NOT_FOUND = "この言葉は、この例規の条文にありません。条文からそのまま写して貼り付けてください。"
QUOTE_PLACE = "条項"
ADD = "該当として追加する"
LEGEND = "色の付いた言葉は候補の根拠、緑の点線はデジタルの手段を認める言葉です。"


def added(address: str, category: str) -> str:
    return f"{address}を「{category}」の規制として追加し、該当としました。工程表にも加わりました。"


CORRECTION = "訂正"


def reading_notes(notes: int, corrections: int) -> str:
    """読み取り時の注意 3件・訂正 1件"""
    parts = ((f"注意 {notes}件", notes), (f"{CORRECTION} {corrections}件", corrections))
    return f"読み取り時の{'・'.join(words for words, count in parts if count)}"


def source_line(line: int) -> str:
    return f"元のファイルの{thousands(line)}行目"


# 進捗
PROGRESS = "進捗"
PROGRESS_ORDER, BY_BACKLOG, BY_ORGANISATION = "並び順", "遅れている順", "組織順"
PROGRESS_COLUMNS = (
    *("部局", "局・総室", "所管課", "例規", "候補", "回答済み", "回答率"),
    *("該当", "非該当", "保留", "再確認", "未確認", "工程表 入力済み"),
)
TOTAL = "計"
UNOWNED = "所管課未定"
PROGRESS_EMPTY = "ここには、各課の点検の進み具合が並びます"
PROGRESS_EMPTY_NEXT = "まだ組織が登録されていません。組織のCSVを取り込んでください。"
CATEGORY_COUNTS = "規制区分ごとの数は、該当とした件数です。"
NOT_IN_TOTALS = "条例・規則・告示・訓令・規程の合計です。要綱・要領などは含みません"


def outside_totals(instruments: int, candidates: int) -> str:
    return f"{NOT_IN_TOTALS}（別に{thousands(instruments)}本、候補{thousands(candidates)}件）。"


# 取込状況
IMPORTS = "取込状況"
RUN_COLUMNS = ("開始", "終了", "取込元", "新規", "改正", "変更なし", "読めないファイル")
RUNNING = "終わっていません"
NO_RUNS = "まだ例規を取り込んでいません"
NO_RUNS_NEXT = "例規のファイルを取込用のフォルダーに置くと、夜間に読み込まれます。"
QUARANTINE, QUARANTINE_COLUMNS = "読めなかったファイル", ("日時", "ファイル", "理由")
NO_QUARANTINE = "読めなかったファイルはありません。"
WITHOUT_OWNER = "所管課が決まっていない例規"
ALL_OWNED = "すべての例規に所管課があります。"
CHOOSE_DIVISION = "所管課を選ぶ"
STATED_OWNER = "目録の所管課"
ASSIGN = "割り当てる"


def assigned(title: str, division: str) -> str:
    return f"{title}の所管課を{division}にしました。候補はその課の受信箱に入ります。"


# 検出もれの点検
MISSED = "検出もれの点検"
MISSED_EMPTY = "ここでは、候補にならなかった条項を抜き取って読み、検出もれの割合を推定します"
MISSED_EMPTY_NEXT = "件数を決めて「抜き取る」を押してください。抜き取った条項を1件ずつ読んで回答します。"
SAMPLE_SIZE, DRAW, DRAW_ANEW = "件数", "抜き取る", "新しく抜き取る"
DRAW_ANEW_HOW = (
    "候補にならなかった条項から選び直します。これまでの回答は記録に残りますが、この画面では見られなくなります。"
)
NOTHING_TO_DRAW = "抜き取れる条項がありません。例規の取込みと洗い出しが済んでから、もう一度抜き取ってください。"
NO_REGULATION, REGULATION_MISSED = label(ElusionAnswer.NOTHING), label(ElusionAnswer.MISSED)
ELUSION_ANSWERS = {ElusionAnswer.NOTHING: NO_REGULATION, ElusionAnswer.MISSED: REGULATION_MISSED, None: "まだ"}
MISSED_QUOTE_HOW = "規制にあたる言葉を条文から写してください。空のままなら条文の全体とします。"
RECORD_MISSED, BACK_TO_READING = "検出もれとして記録する", "記録せずに戻る"
QUOTE_NOT_HERE = "この言葉は、この条文にありません。条文からそのまま写して貼り付けてください。"
ALREADY_MISSED = "検出もれとして記録済みです。所管課の受信箱に入っていて、該当かどうかは所管課が回答します。"
DRAWN = "抜き取った条項"
SAMPLE_READ = "抜き取った条項をすべて読みました"
SAMPLE_READ_NEXT = (
    "もれの割合が高いときは、システム管理者に相談し、各課の回答から判定モデルを学習し直してください。"
    "学習の後や改正の後は、新しく抜き取ると今の割合が分かります。"
)
RECALL_LATER = "見つけた割合（再現率）は、候補の回答と抜き取った条項の確認が進むと推定できます。"


def sample_size_help(size: int, highest: float) -> str:
    return f"{thousands(size)}件を読んでもれが1件もなければ、もれの割合は{percent(highest)}以下と推定できます。"


def sample_progress(read: int, size: int) -> str:
    return f"<b>{thousands(read)}／{thousands(size)}件</b> 読みました"


def sample_position(position: int, size: int) -> str:
    return f"{thousands(position)}件目／{thousands(size)}件"


def estimate(found: ElusionEstimate) -> str:
    """候補にならなかった条項 980件から 40件を読み、もれ 1件。もれの割合は2.5%（95%信頼区間 0.1%〜13.2%）。"""
    if not found.read:
        return (
            f"候補にならなかった条項 {thousands(found.population)}件から抜き取りました。読むともれの割合を推定します。"
        )
    return (
        f"候補にならなかった条項 {thousands(found.population)}件から {thousands(found.read)}件を読み、"
        f"もれ {thousands(found.missed)}件。もれの割合は{percent(found.share)}"
        f"（{found.confidence:.0%}信頼区間 {_from_to(found.share_range)}）"
    )


def recall(found: ElusionEstimate) -> str:
    """The share of all regulations that detection has found, as far as it can be told."""
    if found.recall is None or found.recall_range is None:
        return RECALL_LATER
    return f"見つけた割合（再現率）は{percent(found.recall)}（{_from_to(found.recall_range)}）と推定されます。"


def _from_to(shares: tuple[float, float]) -> str:
    return "〜".join(map(percent, shares))


def sample_answered(address: str, answer: ElusionAnswer, category: str = "") -> str:
    if answer is ElusionAnswer.NOTHING:
        return f"{address}を「{NO_REGULATION}」としました。"
    return f"{address}を「{category}」の{REGULATION_MISSED}として記録しました。所管課の受信箱に入ります。"


# 判定モデル
MODELS = "判定モデル"
MODELS_HOW = (
    "候補の洗い出しに使うモデルです。作った人とは別の人が承認すると、次の洗い出しから使われます。回答は変わりません。"
)
MODELS_EMPTY = "付属のモデルを使っています"
MODELS_EMPTY_NEXT = (
    "各課の回答から学習したモデルが、ここに並びます。新しいモデルは、回答がたまったら、"
    "システム管理者がサーバーで「minaoshi train」を実行して作ります。"
)
SHIPPED_MODEL = "付属"
MODEL_COLUMNS = ("版", "作成日", "作成者", "承認者", "学習した条項", "適合率", "再現率", "F1", "状態")
MODEL_FIGURE_COLUMNS = (
    *("規制区分", "適合率", "適合率（比較元）", "再現率", "再現率（比較元）", "F1", "F1（比較元）"),
)
MODEL_FIGURES_HOW = "比較元は、作ったときに使っていたモデルです。同じ条項で、学習に使っていない文書についての値です。"
ALL_TOGETHER = "全体"
MODEL_STATES = {state: label(state) for state in ModelState}
APPROVE_MODEL, ROLL_BACK_MODEL, ROLL_BACK_NOW = "承認して使う", "元に戻す", "元に戻す（次の洗い出しから）"
OWN_PROPOSAL = "提案した本人は承認できません。別の推進部門の人かシステム管理者が承認してください。"

model_fault, category_word = labels.model_fault, labels.learnt_category_label


def model_name(model_id: int | None) -> str:
    return f"第{model_id}版" if model_id is not None else f"{SHIPPED_MODEL}のモデル"


def model_figures(model_id: int) -> str:
    return f"{model_name(model_id)}の規制区分ごとの値"


def model_approved(model_id: int) -> str:
    return f"{model_name(model_id)}を使うことにしました。次の洗い出しから使われます。"


def model_rolled_back(restored: int | None) -> str:
    return f"{model_name(restored)}に戻しました。次の洗い出しから使われます。"


def roll_back_question(current: int, restored: int | None) -> str:
    return (
        f"{model_name(current)}をやめ、{model_name(restored)}に戻しますか。"
        "次の洗い出しから候補が変わることがあります。これまでの回答は変わりません。"
    )
