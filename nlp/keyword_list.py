"""A coordinator's keyword list as rules: a CSV with the columns 規制区分, キーワード, 除外語 and 備考.

Such lists come with the manual or from another body. A keyword is weak evidence (it says no more than a
search would), so it is a rule of low weight: it makes sure that the sentence is judged, is shown as
evidence, and moves the probability a little. Ids are `keyword.<row>`, rows counted as a spreadsheet counts them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.normalisation import normalise
from nlp.rule_schema import Role, Rule, RuleError
from regulations.taxonomy import load_taxonomy

CATEGORY, KEYWORD, EXCEPTIONS, REMARKS = COLUMNS = ("規制区分", "キーワード", "除外語", "備考")
_REQUIRED = (CATEGORY, KEYWORD)
WEIGHT = 0.5
LONGEST_KEYWORD = 40
_SEPARATORS = re.compile("[、,;；|｜]")


class KeywordListError(RuleError):
    """A list that cannot be used. `problems` name rows; whoever knows the file puts its name in front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """One row: `word` speaks for `category` unless it stands within one of `exceptions`."""

    row: int
    category: str
    word: str
    exceptions: tuple[str, ...] = ()
    remarks: str = ""


def read_keyword_list(data: bytes) -> tuple[Keyword, ...]:
    """The keywords of a CSV file (UTF-8 or cp932). Raises KeywordListError with every problem found."""
    table = list(csv.reader(io.StringIO(_decoded(data), newline="")))
    header = [name.strip() for name in table[0]] if table else []
    if missing := [name for name in _REQUIRED if name not in header]:
        raise KeywordListError([f"1行目: 列「{'」「'.join(missing)}」がありません。"])
    if unknown := [name for name in header if name and name not in COLUMNS]:
        raise KeywordListError(
            [f"1行目: 列「{'」「'.join(unknown)}」は使えません。使える列は{'、'.join(COLUMNS)}です。"]
        )
    keywords: list[Keyword] = []
    problems: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in enumerate(table[1:], 2):
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
        if not any(row.values()):
            continue
        keyword, problem = _keyword(number, row)
        if keyword and (first := seen.setdefault((keyword.category, keyword.word), number)) != number:
            problem = f"{number}行目: キーワード「{keyword.word}」は{first}行目と重複しています。"
        if problem:
            problems.append(problem)
        elif keyword:
            keywords.append(keyword)
    if problems:
        raise KeywordListError(problems)
    return tuple(keywords)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise KeywordListError(["文字コードを読み取れません。UTF-8（BOM付き可）又はShift_JIS（cp932）で保存してください。"])


def _keyword(number: int, row: Mapping[str, str]) -> tuple[Keyword | None, str]:
    category = _category(row.get(CATEGORY, ""))
    word = normalise(row.get(KEYWORD, "")).text
    exceptions = tuple(
        folded for part in _SEPARATORS.split(row.get(EXCEPTIONS, "")) if (folded := normalise(part).text.strip())
    )
    if category is None:
        labels = "、".join(each.label for each in load_taxonomy().values() if each.enabled)
        return (
            None,
            f"{number}行目: 規制区分「{row.get(CATEGORY, '')}」はありません。{labels}のいずれかを書いてください。",
        )
    if not word:
        return None, f"{number}行目: キーワードが空です。"
    if len(word) > LONGEST_KEYWORD:
        return None, f"{number}行目: キーワードは{LONGEST_KEYWORD}字以内で書いてください。"
    if wrong := [part for part in exceptions if word not in part or part == word]:
        return None, f"{number}行目: 除外語「{wrong[0]}」にキーワード「{word}」が含まれていません。"
    return Keyword(row=number, category=category, word=word, exceptions=exceptions, remarks=row.get(REMARKS, "")), ""


def _category(name: str) -> str | None:
    return next((each.id for each in load_taxonomy().values() if each.enabled and name in (each.id, each.label)), None)


def rules_of(keywords: Sequence[Keyword], *, source: str = "") -> tuple[Rule, ...]:
    """A rule a keyword. `source` names the list."""
    return tuple(
        Rule(
            id=f"keyword.{keyword.row}",
            description=keyword.remarks or f"キーワード「{keyword.word}」",
            role=Role.INDICATION,
            category=keyword.category,
            regex=_regex(keyword),
            weight=WEIGHT,
            reason=f"キーワード「{keyword.word}」を含む",
            source=source,
            examples={"positive": (keyword.word,), "negative": keyword.exceptions},
            pattern=re.compile(_regex(keyword)),
            is_keyword=True,
        )
        for keyword in keywords
    )


def _regex(keyword: Keyword) -> str:
    """The word, wherever it does not stand within one of the exceptions."""
    guards = "".join(
        _not_within(part, at.start(), len(keyword.word))
        for part in keyword.exceptions
        for at in re.finditer(f"(?={re.escape(keyword.word)})", part)
    )
    return guards + re.escape(keyword.word)


def _not_within(part: str, at: int, length: int) -> str:
    before, after = re.escape(part[:at]), re.escape(part[at:])
    return f"(?!(?<={before}){after})" if before else f"(?!{after})"
