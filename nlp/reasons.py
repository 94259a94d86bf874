"""The sentences a reviewer reads beside a candidate, and why a near miss was not flagged."""

from __future__ import annotations

from nlp.analysis import Analysis, Find
from nlp.rule_schema import COMMON, Role
from regulations.taxonomy import LegalBasis, load_taxonomy

_LONGEST_QUOTE = 40
_STRONG = -2.5


def reason_for(category: str, phase: int, quote: str, indication: Find | None, relief: Find | None, words: str) -> str:
    """「…」は、…を定めている。…のため、PHASEnとした。 `words` are those of `relief`, which gave the PHASE."""
    label = load_taxonomy()[category].label
    what = (indication and indication.rule.reason) or f"{label}に当たる行為を求めていると読める"
    said = f"「{shorten(quote)}」は、{what}。"
    if relief:
        usual = "デジタル手段等を基本としている" if phase == 3 else "デジタル手段等によることもできると読める"
        return f"{said}「{shorten(words)}」とあり、{relief.rule.reason or usual}ため、PHASE{phase}とした。"
    return f"{said}この項にはデジタル手段等による代替の定めがないため、PHASE1とした。"


def reason_for_basis(basis: LegalBasis, cited: str, name: str) -> str:
    """Why the basis is what it is, "" where nothing in the text says it. `name` is what a short name stands for."""
    if not cited:
        return ""
    meant = f"（{name}）" if name else ""
    told = {
        LegalBasis.NATIONAL_LAW: "引いているため、国の法令を根拠とすると判断した",
        LegalBasis.LOCAL_ORDINANCE: "引いているため、自治体の条例等を根拠とすると判断した",
        LegalBasis.UNCLEAR: "別の文で引いているが、この規制の根拠であるかは明らかでない",
    }
    return (
        f"「{shorten(cited)}」{meant}を{'引いているため、' if basis is not LegalBasis.UNCLEAR else ''}{told[basis]}。"
    )


def reason_against(analysis: Analysis, category: str, *, near: bool) -> str | None:
    """Why a provision with words of the category was not flagged; None where nothing particular speaks against it.

    Unless it was a `near` miss only a strong reason (a penalty, an identity card…) is worth telling.
    """
    against = [
        find.rule
        for find in (*analysis.finds_of(category), *analysis.finds_of(COMMON))
        if find.rule.role is Role.EXCLUSION and find.rule.reason
    ]
    if not against:
        return None
    strongest = min(against, key=lambda rule: (rule.weight, rule.id))
    if not near and strongest.weight > _STRONG:
        return None
    return f"{strongest.reason}ため、{load_taxonomy()[category].label}に該当しないと判断した。"


def shorten(quote: str) -> str:
    """Head and tail of a long quotation, on one line."""
    line = "".join(quote.split())
    if len(line) <= _LONGEST_QUOTE:
        return line
    return f"{line[: _LONGEST_QUOTE - 14]}…{line[-12:]}"
