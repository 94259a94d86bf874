"""The article as 候補の確認 shows it, from the database."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from models.accounts import Account
from models.database import reading_scope
from models.operations.sign_in import actor_of
from models.queries import EarlierText, ItemDetail, item_detail, queue
from regulations.review import ReviewStatus
from review_app.components.case_text import FOLD_FROM, case_html, paragraph_html
from tests.review_app.prefecture import Prefecture


@pytest.fixture
def detail(prefecture: Prefecture) -> ItemDetail:
    """A candidate in a second paragraph, so that there is something before it."""
    with reading_scope(prefecture.sessions) as session:
        actor = actor_of(session.scalars(select(Account).where(Account.login_name == "sato")).one())
        rows = queue(session, actor=actor, statuses=[ReviewStatus.PENDING])
        item_id = next(row.item_id for row in rows if row.address.endswith("第二項"))
        found = item_detail(session, actor=actor, item_id=item_id)
        assert found
        return found


def words(html: str) -> str:
    return re.sub(r"<[^>]+>", "", re.sub(r'<span class="mi-chip[^>]*>.</span>', "", html))


def test_the_whole_article_is_there_and_one_paragraph_is_marked_as_the_candidates(detail: ItemDetail) -> None:
    html = case_html(detail)
    assert html.count("aria-current") == 1
    assert detail.instrument.title in words(html)
    for part in detail.article:
        assert part.row.text.split("\n")[0] in words(html)


def test_evidence_is_marked_in_the_colour_of_its_category(detail: ItemDetail) -> None:
    assert f'<mark class="mi-mark mi-cat-{detail.evidence[0].category}">' in case_html(detail)


def test_an_instrument_is_shown_with_what_it_was_called_the_last_first(detail: ItemDetail) -> None:
    assert "旧題名" not in case_html(detail)
    renamed = replace(detail.instrument, former_titles=("甲条例", "乙<条例"))
    assert "旧題名: 乙&lt;条例、甲条例" in case_html(replace(detail, instrument=renamed))


def test_a_paragraph_has_its_number_in_front_and_the_first_has_none(detail: ItemDetail) -> None:
    first, second = (part.row for part in detail.article[:2])
    assert words(paragraph_html(first)).startswith(first.text[:5])
    assert words(paragraph_html(second)).startswith("２　")


def test_a_long_beginning_is_folded_away(detail: ItemDetail) -> None:
    before = detail.article[0]
    long = replace(before, row=replace(before.row, text="甲" * FOLD_FROM, marks=()))
    assert "この条の前の部分" in case_html(replace(detail, article=(long, *detail.article[1:])))
    short = replace(before, row=replace(before.row, text="甲", marks=()))
    assert "この条の前の部分" not in case_html(replace(detail, article=(short, *detail.article[1:])))


def test_a_changed_text_stands_beside_the_one_decided_on_with_its_old_address(detail: ItemDetail) -> None:
    earlier = EarlierText(address="第九条第一項", caption="", text=f"旧{detail.text}")
    html = case_html(replace(detail, before=earlier))
    assert "<del>旧" in html
    assert "第九条第一項" in words(html)


def test_a_provision_that_is_gone_says_so(detail: ItemDetail) -> None:
    assert "今の例規にありません" in case_html(replace(detail, in_force=False))


def test_markup_in_names_and_texts_is_shown_and_never_run(detail: ItemDetail) -> None:
    evil = "<script>x</script>"
    head = replace(detail.instrument, title=evil, law_number=evil, division=evil)
    row = replace(detail.article[1].row, text=evil, caption=evil, address=evil, marks=())
    article = (detail.article[0], replace(detail.article[1], row=row), *detail.article[2:])
    before = EarlierText(address=evil, caption="", text=evil)
    assert "<script" not in case_html(replace(detail, instrument=head, article=article, before=before, text=evil))
