"""The left side of 候補の確認: the article as it stands, the candidate's paragraph marked, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from models.queries import EarlierText, InstrumentHead, ItemDetail, TextRow
from regulations import labels
from regulations.citations import Section, format_article
from regulations.comparison import word_diff
from review_app import labels_ja as ja
from review_app.labels_ja import handling as words
from review_app.presenters import diff_html, law_text

_FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９の")

OPEN_BELOW = 520
"""Characters of the article and its neighbours below which all of it is in view on a small screen."""

FOLD_FROM = 280
"""Characters before the candidate's paragraph above which they are folded away, so that it opens in view."""


def case_html(detail: ItemDetail) -> str:
    """The whole case as one piece of HTML."""
    rows = [part.row for part in detail.article]
    subject = next(index for index, part in enumerate(detail.article) if part.is_subject)
    before, after = rows[:subject], rows[subject + 1 :]
    # Beside a short article its neighbours are open; a long one leaves them no room without scrolling.
    opens = sum(map(_length, (rows, detail.previous, detail.following))) < OPEN_BELOW and detail.before is None
    heading = f"<h3>{escape(article_heading(rows[subject]))}</h3>"
    return (
        f'<section class="mi-case">{head_html(detail.instrument)}'
        + _neighbour(detail.previous, ja.PREVIOUS_ARTICLE, is_open=opens)
        + (_changed(detail.before, detail) if detail.before else "")
        + ("" if detail.in_force else f'<p class="mi-fault">{ja.PROVISION_GONE}</p>')
        + f'<div class="mi-article">{heading}{_folded(before)}'
        + paragraph_html(rows[subject], is_subject=True)
        + "".join(paragraph_html(row) for row in after)
        + "</div>"
        + _neighbour(detail.following, ja.FOLLOWING_ARTICLE, is_open=opens)
        + "</section>"
    )


def head_html(head: InstrumentHead) -> str:
    """Title, number, kind and owners of an instrument."""
    owner = head.division or (
        f"{head.owner_as_stated}（{ja.UNKNOWN_DIVISION}）" if head.owner_as_stated else ja.NO_OWNER
    )
    facts = [head.law_number, labels.label(head.kind), f"{ja.DIVISION}: {owner}"]
    if head.joint:
        facts.append(f"{words.JOINT}: {'、'.join(head.joint)}")
    if head.former_titles:
        facts.append(f"{ja.FORMER_TITLES}: {'、'.join(reversed(head.former_titles))}")
    return f"<header><h2>{escape(head.title)}</h2><p>{'　'.join(escape(fact) for fact in facts if fact)}</p></header>"


def article_heading(row: TextRow) -> str:
    """第十条の二（見出し）, or the 附則 or 別表 where there is no article."""
    label = row.label if row.section is not Section.MAIN or not row.article else ""
    article = format_article(row.article) if row.article and row.section is not Section.TABLE else ""
    return f"{label}{article}{row.caption}" or row.address


def paragraph_html(row: TextRow, *, is_subject: bool = False, hits: Sequence[tuple[int, int]] = ()) -> str:
    """One provision, its number in front as the 例規集 prints it; the first of an article has none.

    `data-version` tells the script on the page which provision words picked out of it stand in.
    """
    printed = row.paragraph.translate(_FULL_WIDTH)
    number = f"{printed}　" if row.paragraph not in ("", "1") and row.section is not Section.TABLE else ""
    here = f'<span class="mi-here">▶ {ja.THIS_CANDIDATE} {escape(row.address)}</span>' if is_subject else ""
    current = ' aria-current="true"' if is_subject else ""
    table = (
        f'<p class="mi-address">{escape(row.address)}</p>' if row.section is Section.TABLE and not is_subject else ""
    )
    text = _numbered(number, law_text(row.text, row.marks, hits))
    place = f'id="v{row.version_id}" data-version="{row.version_id}"'
    return f'<div class="mi-paragraph" {place}{current}>{here}{table}{text}</div>'


def _numbered(number: str, html: str) -> str:
    opening = html.index(">") + 1
    return f'{html[:opening]}<span class="mi-number">{escape(number)}</span>{html[opening:]}' if number else html


def _folded(rows: Sequence[TextRow]) -> str:
    html = "".join(paragraph_html(row) for row in rows)
    if _length(rows) < FOLD_FROM:
        return html
    return f"<details><summary>{ja.paragraphs_before(len(rows))}</summary>{html}</details>"


def _neighbour(rows: Sequence[TextRow], name: str, *, is_open: bool) -> str:
    if not rows:
        return ""
    text = "".join(paragraph_html(row) for row in rows)
    summary = f"{name}　{escape(article_heading(rows[0]))}"
    return f'<details class="mi-neighbour"{" open" if is_open else ""}><summary>{summary}</summary>{text}</details>'


def _length(rows: Sequence[TextRow]) -> int:
    return sum(len(row.text) for row in rows)


def _changed(earlier: EarlierText, detail: ItemDetail) -> str:
    before, after = diff_html(word_diff(earlier.text, detail.text))
    moved = f"（{escape(earlier.address)}）" if earlier.address != detail.address else ""
    return (
        f'<div class="mi-article"><div class="mi-diff"><h3>{ja.TEXT_BEFORE}{moved}</h3><h3>{ja.TEXT_NOW}</h3>'
        f"<p>{before}</p><p>{after}</p></div></div>"
    )
