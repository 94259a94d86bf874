"""規制根拠 of a local instrument's provision: a national law, the body's own ordinances, or not to be told.

The provision speaks before its instrument: what it cites first, by a short name that the instrument
defines (「法」 may be any law), by a full name or by a number. Registers that a national law makes a body
keep count as a citation of it. Then the title: 法施行細則 and 基準条例 rest on a law, the 施行規則 of an
ordinance on that ordinance. A law that is named only beside the sentence in question leaves it open.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nlp.analysis import Analysis
from regulations.definitions import is_national
from regulations.taxonomy import LegalBasis

_NUMBER = "[0-9一二三四五六七八九十百]+"
_ASIDE = r"(?:[(][^()]*[)])?"
# 条例 and 規則 must not pass for a law: 「法第九条」 but not 「方法第一」.
_NATIONAL = re.compile(
    rf"(?<![方手寸文用作工製療理])(?:法|政令|省令|府令|(?<!条例)施行令|基準省令){_ASIDE}(?:第|附則第){_NUMBER}(?:条|項|号)"
    rf"|[一-龠]{{2,}}法{_ASIDE}の規定(?:に|による)"
    rf"|(?:法律|政令|省令|府令)第{_NUMBER}号"
    # Registers that a law orders to be shown: 建築基準法93条の2, 都市計画法47条, 公職選挙法28条の2, 地価公示法7条,
    # 住民基本台帳法11条, 地方税法382条の2, 都市計画法20条. 法 alone would not find them.
    "|建築計画概要書|開発登録簿|選挙人名簿|地価公示|住民基本台帳|固定資産課税台帳|都市計画図書"
)
_LOCAL = re.compile(rf"(?:条例|規則|規程|要綱){_ASIDE}第{_NUMBER}条|この(?:条例|規則|規程|要綱|要領|訓令|告示)")
_ENFORCES_LAW = re.compile(r"法(?:律)?(?:等)?(?:の)?施行(?:細則|規則|条例)|法(?:等)?の施行に関する|施行細則$")
_RESTS_ON_LAW = re.compile(
    rf"{_ENFORCES_LAW.pattern}|(?:法|法律|令)(?:第.{{1,12}}条)?.{{0,12}}(?:に基づく|に係る)"
    r"|(?:人員|設備|構造)(?:、|及び|並びに|の).{0,12}(?:運営|基準|技術)|基準(?:等)?(?:を定める|に関する条例)"
)


@dataclass(frozen=True, slots=True)
class Basis:
    """The basis, the half-open span (normalised text) that says so, and the name it stands for, if known."""

    basis: LegalBasis
    span: tuple[int, int] | None = None
    name: str = ""


def basis_of(analysis: Analysis, sentences: Collection[int] = ()) -> Basis:
    """The basis of a provision's regulation, which stands in `sentences` (none: anywhere).

    National instruments are always national law.
    """
    if analysis.provision.is_national:
        return Basis(LegalBasis.NATIONAL_LAW)
    citations = sorted(_citations(analysis), key=lambda basis: basis.span or (0, 0))
    near = {sentence for index in sentences for sentence in (index, analysis.sentences[index].lead)}
    here = [each for each in citations if not near or _sentence(analysis, each) in near]
    national = next((each for each in citations if each.basis is LegalBasis.NATIONAL_LAW), None)
    # In an instrument that enforces a law 「規則第…条」 is but a step on the way to that law.
    enforces = _ENFORCES_LAW.search(analysis.title) is not None
    if here and not (enforces and here[0].basis is LegalBasis.LOCAL_ORDINANCE):
        return here[0]
    if any(
        _RESTS_ON_LAW.search(heading) or _NATIONAL.search(heading) for heading in (analysis.title, analysis.caption)
    ):
        return Basis(LegalBasis.NATIONAL_LAW)
    if national:
        return Basis(LegalBasis.UNCLEAR, national.span, national.name)
    return Basis(LegalBasis.LOCAL_ORDINANCE)


def _citations(analysis: Analysis) -> Iterator[Basis]:
    text = analysis.text.text
    defined = analysis.provision.definitions
    taken: list[tuple[int, int]] = []
    for short in sorted(defined, key=len, reverse=True):
        kind = LegalBasis.NATIONAL_LAW if is_national(defined[short]) else LegalBasis.LOCAL_ORDINANCE
        for match in re.finditer(rf"(?<![一-龠ァ-ヶー]){re.escape(short)}{_ASIDE}第{_NUMBER}(?:条|項|号)", text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                yield Basis(kind, match.span(), defined[short])
    for kind, pattern in ((LegalBasis.NATIONAL_LAW, _NATIONAL), (LegalBasis.LOCAL_ORDINANCE, _LOCAL)):
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                yield Basis(kind, match.span())


def _sentence(analysis: Analysis, basis: Basis) -> int | None:
    start = basis.span[0] if basis.span else 0
    return next(
        (index for index, sentence in enumerate(analysis.sentences) if sentence.start <= start < sentence.end), None
    )
