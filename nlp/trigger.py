"""The lexical net: which sentences may hold an analog regulation at all, and so are worth parsing.

Wide on purpose (recall before precision): what it lets slip nothing later can find. One compiled
expression a category over normalised text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nlp.rule_schema import Rule
from nlp.sentences import Sentence

_CHECKING = "検査|点検|検分|監査|査察|調査|測定|監視|巡視|巡回|見回|巡察"
_FREQUENCY = (
    # Not the 定期 of 一定期間, 所定期日, 法定期限 and the like.
    "(?<![一所特確予測指法規認決算査判固安改協])定期|毎(?:日|週|月|年|事業年度|会計年度|学年|学期|回)|ごと|毎に|随時|(?:年|月|週|日|期|箇月|か月|カ月|ヵ月|ヶ月|ケ月)"
    "(?:以内)?(?:に|間に|を通じ)?(?:少なくとも)?(?:[0-9一二三四五六七八九十]+)回|期間を経過|連続して|始業|使用(?:する|の)前|"
    "時期に|時期ごと|回数|頻度|常時|自動的に"
)

# Order is that of the taxonomy. Each pattern names the smallest telling word, not a phrase.
PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "visual_inspection": (
            "検査|点検|目視|巡視|巡回|見回|見廻|巡察|監視|見張|立ち?入|実地|現地|現場|検分|外観|査察|調査|検認|臨検|視察|"
            "実測|測量|目で|状況を(?:確認|検|調)|状況の確認|監督員|検収"
        ),
        "on_site_audit": (
            "帳簿|帳票|出納簿|会計|名簿[^。]{0,12}(?:確認|検査|調査)|書類(?:その他|等)?[^、。]{0,12}(?:検査|調査|監査)|"
            "実地|監査|立ち?入|検査|調査"
        ),
        # A frequency counts only where something is inspected in the same provision (see below): it often
        # stands in the lead sentence and the act in an item, or the other way round.
        "periodic_inspection": f"{_FREQUENCY}|健康診断|棚卸",
        "full_time_presence": (
            "常駐|専任|専従|専ら|もつ?ぱら|常勤|常時|常に|兼ね|兼務|兼任|当直|宿直|日直|駐在|離れ|専属|在勤|勤務させ|詰め"
        ),
        "in_person_training": "講習|研修|教習|説明会|講義|受講|訓練|養成|教育|講座|セミナー",
        "written_posting": (
            "掲示|掲出|掲載|標識|標札|標章|見やすい|見易い|備え?付け|表示|標示|明示|証票|はり付け|貼り?付け|立札|"
            "掲げなければ|掲げて|掲げる(?:もの|こと)と|公衆の|触れやすく|公告|公示"
        ),
        "in_person_viewing": "閲覧|縦覧|備え?置|備え(?:、|て)|謄写|公にし|公衆に|供覧|公開|備付け|備え付け",
    }
)

_ACT = re.compile(f"{_CHECKING}|健康診断|健診|検診|棚卸|照合|測つ|測っ|診断|確認|計量|試験|吸引|検針")
_COMPILED = {category: re.compile(pattern) for category, pattern in PATTERNS.items()}
_ANY = re.compile("|".join(PATTERNS.values()))


@dataclass(frozen=True, slots=True)
class Hit:
    """A trigger of one category; half-open span in the normalised text, `sentence` indexes the sentences."""

    category: str
    start: int
    end: int
    sentence: int


def find_triggers(sentences: tuple[Sentence, ...], keywords: Iterable[Rule] = ()) -> tuple[Hit, ...]:
    """Every trigger of every category, in reading order within a category, and after them every keyword's find."""
    hits: list[Hit] = []
    inspected = any(_ACT.search(sentence.text) for sentence in sentences)
    for index, sentence in enumerate(sentences):
        if _ANY.search(sentence.text) is None:
            continue
        for category, pattern in _COMPILED.items():
            if category == "periodic_inspection" and not inspected:
                continue
            hits.extend(
                Hit(category, sentence.start + m.start(), sentence.start + m.end(), index)
                for m in pattern.finditer(sentence.text)
            )
    hits.extend(
        Hit(rule.category, sentence.start + start, sentence.start + end, index)
        for rule in keywords
        for index, sentence in enumerate(sentences)
        for start, end in rule.find(sentence.text)
    )
    return tuple(hits)
