"""例規を読む: what was odd about the source, and what was set right in it."""

from __future__ import annotations

from dataclasses import asdict

from models.database import session_scope
from models.legislation import Revision
from models.queries import instrument_text
from regulations.structure import Diagnostic, Severity
from review_app.app_pages.reading import diagnostics_html
from tests.review_app.pages import open_page, person, shown
from tests.review_app.prefecture import Prefecture

GAP = Diagnostic(code="gap", message="第三条の次が第五条です。原本を確かめてください。", ref="第五条")
CORRECTED = Diagnostic(
    code="corrected", message="「掲事」を「掲示」に改めました。", ref="第九条第一項", severity=Severity.INFO
)


def test_notes_and_corrections_are_counted_apart_and_told_with_their_place() -> None:
    html = diagnostics_html((CORRECTED, GAP))
    assert "<summary>読み取り時の注意 1件・訂正 1件</summary>" in html
    assert "<li><b>注意</b>　第五条　第三条の次が第五条です。" in html
    assert html.index("第五条") < html.index("<b>訂正</b>　第九条第一項")


def test_a_source_without_anything_odd_shows_nothing() -> None:
    assert diagnostics_html(()) == ""


def test_a_note_without_an_address_names_the_line_of_the_source_and_its_markup_is_shown() -> None:
    html = diagnostics_html((Diagnostic(code="x", message="<p>が閉じていません。", line=1200),))
    assert "元のファイルの1,200行目　&lt;p&gt;が閉じていません。" in html


def test_the_page_shows_what_was_stored_at_the_ingest(prefecture: Prefecture) -> None:
    actor = person(prefecture, "sato")
    with session_scope(prefecture.sessions) as session:
        revision = session.query(Revision).one()
        revision.diagnostics = [asdict(GAP), asdict(CORRECTED)]
        instrument_id = revision.instrument_id
    with session_scope(prefecture.sessions) as session:
        text = instrument_text(session, actor=actor, instrument_id=instrument_id)
        assert text
        assert text.diagnostics == (GAP, CORRECTED)
    assert GAP.message in shown(open_page("reading", actor, instrument=str(instrument_id)))
