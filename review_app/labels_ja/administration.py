"""Words of 管理: people, staff changes, the organisation, who owns what; and of catalogues in 取込状況."""

from __future__ import annotations

import datetime as dt

from models.operations.create_account import AccountFault
from models.queries import AccountState
from review_app.presenters import japanese_date, thousands

ADMINISTRATION = "管理"
SECTION = "管理する対象"
PEOPLE, STAFF_CHANGES, ORGANISATION, OWNERS = "利用者", "人事異動", "組織", "例規の所管"

# 利用者
NEW_ACCOUNT = "利用者を登録する"
LOGIN_NAME, DISPLAY_NAME, ROLE, DIVISION = "利用者ID", "氏名", "役割", "所属"
NO_DIVISION = "所属なし"
EXPIRES = "有効期限（この日まで使えます。期限がなければ空欄）"
STATE, IN_USE, ENDED = "状態", "利用中", "停止"
REGISTER, SAVE, BACK_TO_LIST = "登録する", "保存する", "一覧へ戻る"
SEARCH, SEARCH_HINT = "さがす", "氏名・利用者ID"
ALL_ROLES, ALL_DIVISIONS, ALL_STATES = "すべての役割", "すべての所属", "すべての状態"
CHANGE = "変更"
RESET_PASSWORD, RESET_NOW, UNLOCK = "仮パスワードを発行", "発行する", "ロックを解除"
NO_ACCOUNTS = "この条件に合う利用者はいません"
NO_ACCOUNTS_NEXT = "条件を減らすか、「利用者を登録する」から登録してください。"
COLUMNS = ("氏名", "利用者ID", "役割", "所属", "状態", "最後のサインイン", "有効期限")
NEVER_SIGNED_IN = "なし"
ACCOUNT_STATES = {
    AccountState.ACTIVE: "利用中",
    AccountState.DORMANT: "長く使われていない",
    AccountState.UNUSED: "まだ使われていない",
    AccountState.LOCKED: "ロック中",
    AccountState.EXPIRED: "期限切れ",
    AccountState.ENDED: "停止",
}
ISSUED = "仮パスワード"
ISSUED_HOW = (
    "仮パスワードは、ここで一度だけ表示します。控えて本人に渡してください。最初のサインインで、本人が変更します。"
)
ISSUED_NOTED = "控えたので閉じる"
NEW_LOGIN_NAME = "利用者ID（後から変えられません）"

_FAULTS = {
    AccountFault.LOGIN_NAME_TAKEN: "利用者ID「{login}」は、すでに使われています。別のIDを入力してください。",
    AccountFault.LOGIN_NAME_EMPTY: "利用者IDが空欄です。入力してください。",
    AccountFault.DISPLAY_NAME_EMPTY: "氏名が空欄です。入力してください。",
    AccountFault.DIVISION_REQUIRED: "担当者・承認者・部局長等には所属が必要です。所属を選んでください。",
    AccountFault.NO_SUCH_DIVISION: "選んだ所属は今の組織にありません。選び直してください。",
    AccountFault.NO_SUCH_ACCOUNT: "この利用者は見つかりません。一覧から選び直してください。",
    AccountFault.OWN_ACCOUNT: "自分自身は停止できず、管理者の役割も外せません。ほかの管理者に依頼してください。",
    AccountFault.LAST_ADMINISTRATOR: (
        "管理者がいなくなるため変更できません。先に別の人をシステム管理者にしてください。"
    ),
}


def account_fault(fault: AccountFault, login_name: str) -> str:
    return _FAULTS[fault].format(login=login_name)


def dormant_hint(days: int) -> str:
    return f"「長く使われていない」は、{days}日以上サインインのない利用者です。"


def registered(name: str, login_name: str) -> str:
    return f"{name}（{login_name}）を登録しました。"


def changed(name: str, login_name: str) -> str:
    return f"{name}（{login_name}）を変更しました。"


def unchanged(name: str) -> str:
    return f"{name}に変更はありません。"


def unlocked(name: str) -> str:
    return f"{name}のロックを解除しました。"


def reset_question(name: str) -> str:
    return f"{name}の今のパスワードは使えなくなり、サインインしている画面も終わります。発行しますか。"


def password_issued(name: str) -> str:
    return f"{name}の仮パスワードを発行しました。"


# 取込み with a rehearsal, of staff, organisation and catalogue alike
CHOOSE_FILE = "ファイルを選ぶ"
REHEARSED = "まだ登録していません。内容を確かめてください。"
APPLY = "登録する"
CREATED, UPDATED, CHANGED, ENDED_ROWS = "追加", "更新", "変更", "停止"
ERRORS, UNLISTED, LEFT_ALONE = "読めない行", "名簿にない利用者", "担当がいなくなる課"
NOTHING_TO_DO = "登録することはありません。すでにこのファイルの内容になっています。"
ERRORS_HOW = "読めない行は登録しません。ファイルを直して選び直すか、このまま残りを登録してください。"
FILE_GONE = "ファイルを読み直せません。もう一度選んでください。"
MORE_ROWS = "ほか{count}件"


def count_of(words: str, count: int) -> str:
    return f"{words} {thousands(count)}件"


# 人事異動
STAFF_HOW = (
    "利用者の名簿（CSV又はExcel）と突き合わせ、登録・異動・停止を確かめてから反映します。"
    "見出しは「利用者ID、氏名、役割、部局、課・室、有効期限、状態」です。空欄は今のまま、名簿にない利用者もそのままです。"
)
STAFF_FILE = "名簿のファイル"


def staff_applied(created: int, changed: int, ended: int) -> str:
    return f"{thousands(created)}人を登録し、{thousands(changed)}人を変更し、{thousands(ended)}人を停止しました。"


# 組織
ORGANISATION_HOW = (
    "組織のCSVを取り込みます。見出しは「部局、局・総室、課・室、適用開始日、適用終了日、承継先」です。"
    "課を終了して承継先を書くと、所管する例規・候補・照会の回答は承継先に移ります。"
    "適用終了日がまだ先のときは、その日に移ります。"
)
ORGANISATION_FILE = "組織のCSV"
ON_DAY = "この日の組織"
ORGANISATION_COLUMNS = ("部局", "局・総室", "課・室", "設置", "終了", "承継先", "所管する例規", "利用者")
NO_ORGANISATION = "この日の組織はありません"
NO_ORGANISATION_NEXT = "日付を変えるか、組織のCSVを取り込んでください。"


def organisation_applied(created: int, updated: int) -> str:
    return f"{thousands(created)}課を追加し、{thousands(updated)}課を更新しました。"


# 例規の所管
OWNERS_HOW = (
    "例規ごとに、主管の課（照会に回答します）と、ともに所管する課（候補を見て回答できます）を決めます。"
    "変えると、その日から新しい課の受信箱に移ります。まだ始まっていない課を選んでも、すぐに移ります。"
)
INSTRUMENT_SEARCH, INSTRUMENT_HINT = "例規をさがす", "例規名・番号の言葉"
INSTRUMENT, CHOOSE_INSTRUMENT = "例規", "例規を選ぶ"
LEAD, JOINT, NOBODY = "主管", "ともに所管", "未定"
CHOOSE_DIVISIONS = "課を選ぶ（いくつでも）"
OWNERS_ON = "この日の所管"
OWNER_COLUMNS = ("課・室", "部局", "主管・共管", "いつから", "いつまで")
NOBODY_ON_DAY = "この日に所管する課はありません。"
NO_INSTRUMENT = "この言葉を含む例規はありません。言葉を短くしてください。"


def to_come(division: str, begins: dt.date) -> str:
    return f"{division}（{japanese_date(begins)}から）"


def owners_saved(title: str) -> str:
    return f"{title}の所管を保存しました。"


def more_instruments(shown: int, total: int) -> str:
    return f"{thousands(total)}本のうち{thousands(shown)}本から選べます。言葉を足すと絞り込めます。"


# 目録
CATALOG = "目録の取込み"
CATALOG_HOW = (
    "例規の目録（CSV又はExcel）から所管課などを登録します。見出しは「題名、番号、公布日、所管課、施行日、種別」です。"
)
CATALOG_FILE = "目録のファイル"
MATCHED = "対応した行"
UNMATCHED, UNKNOWN_DIVISIONS, CONFLICTS = "対応する例規がない行", "組織にない所管課", "本文やほかの行と食い違う行"
NOT_IN_CATALOG = "目録にない例規"


def catalog_applied(updated: int) -> str:
    return f"{thousands(updated)}本の例規を更新しました。"


# 訂正ファイル
CORRECTIONS = "訂正ファイル"
CORRECTIONS_HOW = "取込みのときに使われない訂正です。ファイルを直すと、次の取込みから使われます。"
ERRORS_IN_CORRECTIONS = "直すところ"
