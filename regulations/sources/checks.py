"""What is odd about a finished tree, whichever reader made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from regulations.citations import ProvisionRef, Section, format_article, format_ref, number_key
from regulations.structure import (
    Article,
    Diagnostic,
    Division,
    Item,
    Ordinance,
    Paragraph,
    Severity,
    each_provision,
    has_sole_paragraph,
)

_SHORT_BODY = 20
"""Characters below which a body is suspect; a rule that only sets the day of enforcement has more."""

Children = Sequence[Division | Article | Paragraph]


def check(ordinance: Ordinance) -> Iterator[Diagnostic]:
    """Diagnostics on head, body, numbering and unread forms, in the order of the instrument."""
    yield from _check_head(ordinance)
    yield from _check_body(ordinance)
    yield from _check_numbering(ordinance.main, ProvisionRef())
    for ordinal, part in enumerate(ordinance.supplementary):
        ref = ProvisionRef(section=Section.SUPPLEMENTARY, ordinal=ordinal, label=part.label)
        yield from _check_numbering(part.children, ref)
    for form in ordinance.forms:
        if form.unread:
            yield Diagnostic(
                code="form_unread",
                message=f"{form.title or '様式'}は画像か別ファイルのため読み取っていません。原本で確かめてください。",
                ref=form.title,
                severity=Severity.INFO,
            )


def _check_head(ordinance: Ordinance) -> Iterator[Diagnostic]:
    if not ordinance.title:
        yield Diagnostic(code="no_title", message="題名が見つかりません。例規目録と突き合わせて確かめてください。")
    if not ordinance.law_number:
        yield Diagnostic(
            code="no_number",
            message="番号（条例第○号など）が見つからず、条例・規則などの種別を番号から判断できません。例規目録で確かめてください。",
        )


def _check_body(ordinance: Ordinance) -> Iterator[Diagnostic]:
    main = 0
    for provision in each_provision(ordinance):
        main += len(provision.text) if provision.ref.section is not Section.SUPPLEMENTARY else 0
        if main >= _SHORT_BODY:
            return
    if not main:
        yield Diagnostic(
            code="empty_body",
            message="本則の条文を1つも読み取れませんでした。アナログ規制がないのではなく、読めていないおそれがあります。原本を確かめてください。",
            severity=Severity.ERROR,
        )
    else:
        yield Diagnostic(
            code="short_body",
            message=f"本則が{main}文字しかありません。途中で切れていないか、原本と見比べてください。",
        )


def _articles(children: Children) -> Iterator[Article]:
    for child in children:
        if isinstance(child, Article):
            yield child
        elif isinstance(child, Division):
            yield from _articles(child.children)


def _paragraphs(children: Children, ref: ProvisionRef) -> Iterator[tuple[ProvisionRef, Paragraph]]:
    for child in children:
        if isinstance(child, Division):
            yield from _paragraphs(child.children, ref)
        elif isinstance(child, Article):
            article = replace(ref, article=child.number, is_sole_paragraph=has_sole_paragraph(child))
            yield from _paragraphs(child.paragraphs, article)
        else:
            yield replace(ref, paragraph=child.number), child


def _check_numbering(children: Children, ref: ProvisionRef) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    previous = ""
    for article in _articles(children):
        if article.number in seen:
            here = format_ref(replace(ref, article=article.number))
            yield Diagnostic(
                code="duplicate_article", message=f"{here}が2回出てきます。原本で確かめてください。", ref=here
            )
        elif previous and number_key(article.number) < number_key(previous):
            here = format_ref(replace(ref, article=article.number))
            yield Diagnostic(
                code="article_order",
                message=f"{here}が{format_article(previous)}の後にあります。条の順序を原本で確かめてください。",
                ref=here,
            )
        # 附則 are often printed in extract (抄), where a gap means nothing.
        elif ref.section is Section.MAIN and previous and (gap := _gap(previous, article.number)):
            here = format_ref(replace(ref, article=article.number))
            yield Diagnostic(
                code="missing_article",
                message=f"{format_article(previous)}の次が{format_article(article.number)}で、{gap}がありません。原本で確かめてください。",
                ref=here,
            )
        seen.add(article.number)
        previous = article.number
    for place, paragraph in _paragraphs(children, replace(ref, is_sole_paragraph=has_sole_paragraph(children))):
        if restarted := _restart(paragraph.items):
            here = format_ref(place)
            yield Diagnostic(
                code="item_restart",
                message=f"{here}の号が途中でもう一度{restarted.title}から始まります。項の区切りが失われていないか確かめてください。",
                ref=here,
            )


def _gap(before: str, after: str) -> str:
    """The article that is missing between two neighbours: 第四条 between 第三条 and 第五条."""
    last = number_key(before.split(":")[-1])
    first = number_key(after)
    if not last or not first or first[0] <= last[0] + 1:
        return ""
    missing = [format_article(str(number)) for number in (last[0] + 1, first[0] - 1)]
    return missing[0] if missing[0] == missing[1] else "から".join(missing) + "まで"


def _restart(items: Sequence[Item]) -> Item | None:
    """The 号 at which a list begins anew with 一, if any."""
    for before, after in pairwise(items):
        if after.number == "1" and after.title and number_key(before.number) >= (1,):
            return after
    return None
