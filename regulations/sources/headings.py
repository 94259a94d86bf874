"""What the head of an instrument says: title, number, date, kind and issuing body.

The kind comes from the number line (条例第四号, 訓令甲第三号), because titles mislead: most 規程 and
要綱 are issued as 訓令 or 告示.
"""

from __future__ import annotations

import re
from collections import Counter

from regulations.numerals import NUMBER
from regulations.structure import Kind

_WORDS = {
    "法律": Kind.ACT,
    "憲法": Kind.ACT,
    "政令": Kind.CABINET_ORDER,
    "勅令": Kind.CABINET_ORDER,
    "省令": Kind.MINISTERIAL,
    "府令": Kind.MINISTERIAL,
    "庁令": Kind.MINISTERIAL,
    "内閣官房令": Kind.MINISTERIAL,
    "条例": Kind.ORDINANCE,
    "規則": Kind.RULE,
    "細則": Kind.RULE,
    "告示": Kind.PUBLIC_NOTICE,
    "訓令": Kind.INSTRUCTION,
    "訓": Kind.INSTRUCTION,
    "規程": Kind.REGULATION_RULES,
    "要綱": Kind.GUIDELINES,
    "要領": Kind.GUIDELINES,
}
_KIND = "|".join(sorted(_WORDS, key=len, reverse=True))
# 条例第四号, 訓令（甲）第三号, 教育委員会規則第五号, 企業局管理規程第1号, 規則甲第八号
_NUMBER = re.compile(
    rf"(?P<body>[^\s（）()、。]{{0,40}}?)(?P<kind>{_KIND})[（(]?[甲乙丙丁]?[）)]?"
    rf"(?:(?:第\s*)?{NUMBER}\s*号(?:の{NUMBER})*|[0-9０-９]+[―－‐ー-][0-9０-９]+)"  # 人事委員会規則7―12 has no 号
)
_DATE = re.compile(rf"(?:明治|大正|昭和|平成|令和)\s*(?:元|{NUMBER})\s*年\s*{NUMBER}\s*月\s*{NUMBER}\s*日")
_GUIDELINE_TITLE = re.compile(r"(?:要綱|要領|ガイドライン|指針|細目|マニュアル)(?:[（(].*[）)])?$")
# Rules of these are national law; every other 規則 is a local body's.
_NATIONAL_BODY = re.compile(
    r"国家公安委員会|人事院|会計検査院|公正取引委員会|最高裁判所|個人情報保護委員会|原子力規制委員会|公害等調整委員会"
    r"|中央労働委員会|運輸安全委員会|司法試験|カジノ管理委員会|衆議院|参議院|中央選挙管理会|船員労働委員会"
)
_LOCAL_BODY = re.compile(
    r"教育委員会|公安委員会|人事委員会|公平委員会|選挙管理委員会|監査委員|労働委員会|地方労働委員会|収用委員会|農業委員会"
    r"|海区漁業調整委員会|内水面漁場管理委員会|固定資産評価審査委員会|警察本部|企業局|病院局|企業庁|水道局|交通局|下水道局"
    r"|病院事業|企業管理者|水道事業|議会|消防本部|消防組合|広域連合"
)
_HEAD_OF_BODY = re.compile(r"知事|[^都]市長|区長|町長|村長")
HEADS_OF_BODY = frozenset({"知事", "市長", "区長", "町長", "村長"})


_TITLE = re.compile(
    r"(?:条例|規則|細則|規程|規定|要綱|要領|訓令|告示|規約|基準|指針|ガイドライン)(?:[（(][^（()）]*[）)])?\s*$"
)


def is_title(line: str) -> bool:
    """Whether a line ends as titles of instruments do."""
    return bool(_TITLE.search(line))


def clean_title(line: str) -> str:
    """Title without the mark ○ and the white space around it."""
    return re.sub(r"^[\s○◯〇●◎]+", "", line).strip()


def split_number_line(line: str) -> tuple[str, str]:
    """(date, number) as printed in one line, each empty where absent.

    平成二年三月一日条例第四号 -> (平成二年三月一日, 条例第四号). A line with a year only, as laws
    are cited (令和七年規程第二号), is all number.
    """
    date = _DATE.search(line)
    number = _NUMBER.search(line, date.end() if date else 0)
    return (date[0] if date else "", number[0].strip() if number else "")


def kind_of(law_number: str, title: str = "") -> Kind:
    """Kind by the number as printed; by the title only for 要綱 and the like that have no number."""
    match = _NUMBER.search(law_number)
    if not match:
        return Kind.GUIDELINES if not law_number and _GUIDELINE_TITLE.search(title) else Kind.UNKNOWN
    kind = _WORDS[match["kind"]]
    if kind is Kind.RULE and _NATIONAL_BODY.search(match["body"]):
        return Kind.MINISTERIAL
    return kind


def issuing_body_of(law_number: str, kind: Kind, text: str = "") -> str:
    """教育委員会, 企業局, … from the number line; else the head of the body that `text` mostly names.

    Known failure: an instrument that names no head at all counts as the governor's (知事).
    """
    match = _NUMBER.search(law_number)
    body = re.sub(rf"^(?:明治|大正|昭和|平成|令和)?(?:元|{NUMBER})年", "", match["body"]) if match else ""
    if kind.is_national:
        suffix = {"省令": "省", "府令": "府", "庁令": "庁"}.get(match["kind"], "") if match else ""
        return body + suffix
    if found := _LOCAL_BODY.search(body):
        return found[0]
    heads = Counter(head[-2:] for head in _HEAD_OF_BODY.findall(text))
    return heads.most_common(1)[0][0] if heads else "知事"
