"""規制根拠 of a local instrument's provision: a national law, the body's own ordinances, or not to be told.

Decided on the provision, its instrument's title and caption. The nearest citation speaks first: 「法第…条」
(a national law by its short name) against 「条例第…条」. Then the title: 法施行細則 and 基準条例 rest on a
law, the 施行規則 of an ordinance on that ordinance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.analysis import Analysis
from regulations.taxonomy import LegalBasis

_NUMBER = "[0-9一二三四五六七八九十百]+"
# 条例 and 規則 must not pass for a law: 「法第九条」 but not 「方法第一」.
_NATIONAL_CITATION = re.compile(
    rf"(?<![方手寸文用作工製療理])(?:法|政令|省令|府令|(?<!条例)施行令|基準省令|告示)(?:[(][^()]*[)])?(?:第|附則第){_NUMBER}(?:条|項|号)"
    rf"|[一-龠]{{2,}}法(?:[(](?:明治|大正|昭和|平成|令和)[^()]*[)])?の規定(?:に|による)"
    rf"|(?:法律|政令|省令|府令)第{_NUMBER}号"
)
_LOCAL_CITATION = re.compile(
    rf"(?:条例|規則|規程|要綱)(?:[(][^()]*[)])?第{_NUMBER}条|この(?:条例|規則|規程|要綱|要領|訓令|告示)"
)
_NATIONAL_TITLE = re.compile(
    r"法(?:律)?(?:等)?(?:の)?施行(?:細則|規則|条例)|法(?:等)?の施行に関する|施行細則$|(?:法|法律|令)(?:第.{1,12}条)?.{0,12}(?:に基づく|に係る)"
    r"|(?:人員|設備|構造)(?:、|及び|並びに|の).{0,12}(?:運営|基準|技術)|基準(?:等)?を定める"
    # Registers and drawings that only a national law makes a body keep and show.
    r"|建築計画概要書|開発登録簿|選挙人名簿|地価公示|住民基本台帳|固定資産|都市計画|生産緑地|景観|危険物|消防法"
)
_NATIONAL_REGISTER = re.compile(
    "建築計画概要書|開発登録簿|選挙人名簿|地価公示|住民基本台帳|固定資産課税台帳|都市計画図書"
)
_LAW_ENFORCED = re.compile(r"法(?:律)?(?:等)?(?:の)?施行(?:細則|規則|条例)|法(?:等)?の施行に関する|施行細則$")


@dataclass(frozen=True, slots=True)
class Basis:
    """The basis and the half-open span (normalised text) that says so, if any stands in the text."""

    basis: LegalBasis
    span: tuple[int, int] | None = None


def basis_of(analysis: Analysis) -> Basis:
    """The basis of a provision; national instruments are always national law."""
    if analysis.provision.is_national:
        return Basis(LegalBasis.NATIONAL_LAW)
    text = analysis.text.text
    national = _NATIONAL_CITATION.search(text) or _NATIONAL_REGISTER.search(text)
    if national is None and _LAW_ENFORCED.search(analysis.title):
        return Basis(LegalBasis.NATIONAL_LAW)
    local = _LOCAL_CITATION.search(text)
    if national and not (local and local.start() < national.start()):
        return Basis(LegalBasis.NATIONAL_LAW, national.span())
    if local:
        return Basis(LegalBasis.LOCAL_ORDINANCE, local.span())
    if _NATIONAL_TITLE.search(analysis.title) or _NATIONAL_REGISTER.search(analysis.caption):
        return Basis(LegalBasis.NATIONAL_LAW)
    return Basis(LegalBasis.LOCAL_ORDINANCE)
