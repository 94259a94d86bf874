"""PDF: lines, wrapped lines, tables and page furniture by position; what has no readable text is refused."""

from __future__ import annotations

import pytest

from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import ParsedOrdinance, provisions
from tests.regulations.pdf_files import LEADING, LEFT, SIZE, TOP, Run, page, pdf, wrapped

HEAD = ["　　　○霞野県桟橋条例", "　" * 28 + "令和三年三月二十六日", "　" * 29 + "霞野県条例第十二号"]
LONG = "第１条　この条例は、桟橋の安全な利用を図るため、その設置及び管理に関し必要な事項を定めることを目的とする。"


def read(data: bytes) -> ParsedOrdinance:
    return read_source("file", data)


def texts(parsed: ParsedOrdinance) -> list[str]:
    return [provision.text for provision in provisions(parsed.ordinance)]


def code_of(data: bytes, **limits: int) -> str:
    with pytest.raises(UnreadableSource) as refused:
        read_source("file", data, limits=Limits(**limits))
    return refused.value.code


def test_wrapped_lines_are_joined_and_others_are_not() -> None:
    lines = [*HEAD, "（目的）", *wrapped(LONG), "２　桟橋は、毎年点検する。", "　(1)　杭の状況", "　(2)　床板の状況"]
    parsed = read(pdf(page(lines)))
    assert (parsed.format, parsed.ordinance.title, parsed.ordinance.law_number) == (
        "pdf", "霞野県桟橋条例", "霞野県条例第十二号",
    )  # fmt: skip
    assert texts(parsed) == [LONG[4:], "桟橋は、毎年点検する。\n(1)　杭の状況\n(2)　床板の状況"]
    assert [found.code for found in parsed.diagnostics] == ["read_from_pdf"]
    assert parsed.unaccounted == 0.0


def test_a_paragraph_that_ends_at_the_margin_is_not_joined_with_the_article_after_it() -> None:
    full = "第１条　" + "桟" * 33 + "。"  # as wide as a line can be
    assert texts(read(pdf(page([*HEAD, full, "第２条　桟橋を目視により検査する。"])))) == [
        full[4:],
        "桟橋を目視により検査する。",
    ]


def test_a_sentence_goes_on_across_pages_and_page_numbers_and_running_titles_are_furniture() -> None:
    first, second = wrapped(LONG)
    running = Run("霞野県例規集", 400, 810)
    parsed = read(
        pdf(
            [running, *page([*HEAD, first], footer="- 1 -")],
            [running, *page([second], footer="- 2 -")],
            [running, *page(["第２条　桟橋は、毎年点検する。"], footer="- 3 -")],
        )
    )
    assert texts(parsed) == [LONG[4:], "桟橋は、毎年点検する。"]
    assert parsed.unaccounted == 0.0


def test_a_form_at_the_head_of_each_page_is_no_running_title() -> None:
    pages = [page([*HEAD, "第１条　桟橋は、毎年点検する。"])]
    pages += [page([f"様式第{number}号（第１条関係）", "点検の結果"]) for number in (1, 2, 3)]
    assert [form.title for form in read(pdf(*pages)).ordinance.forms] == [
        f"様式第{number}号（第１条関係）" for number in (1, 2, 3)
    ]


def test_cells_that_stand_below_each_other_are_a_table() -> None:
    top = TOP - LEADING * 4
    cells = [("区分", "金額"), ("小型の桟橋", "百円"), ("大型", "二百円")]
    runs = [
        Run(text, LEFT + 200 * column, top - LEADING * row)
        for row, texts_of_row in enumerate(cells)
        for column, text in enumerate(texts_of_row)
    ]
    parsed = read(pdf([*page([*HEAD, "第１条　手数料は、次の表のとおりとする。"]), *runs]))
    assert texts(parsed)[1] == "区分　金額\n小型の桟橋　百円\n大型　二百円"


def test_ruby_is_dropped() -> None:
    y = TOP - LEADING * 3
    ruby = Run("さんばし", LEFT + SIZE * 4, y + SIZE, 5)
    parsed = read(pdf([*page([*HEAD, "第１条　桟橋は、毎年点検する。"]), ruby]))
    assert texts(parsed) == ["桟橋は、毎年点検する。"]
    assert parsed.unaccounted == 0.0


def test_vertical_text_is_refused_with_what_to_do() -> None:
    columns = [
        Run(text, 500 - 30 * n, 780) for n, text in enumerate([*HEAD, "第一条　桟橋は、毎年一回、目視により点検する。"])
    ]
    assert code_of(pdf(columns, vertical=True)) == "vertical_pdf"


def test_a_picture_of_a_page_is_refused_even_with_a_stamp_on_it() -> None:
    assert code_of(pdf([])) == "image_only_pdf"
    assert code_of(pdf([Run("収受", 10, 10)], [], [])) == "image_only_pdf"


def test_a_text_layer_without_meaning_is_refused() -> None:
    garbage = "\ue001\ue002\ue003\ue004\ue005" * 20
    runs = [Run(garbage[at : at + 30], LEFT, 700 - at) for at in range(0, 100, 30)]
    assert code_of(pdf(runs)) == "unreadable_pdf"


def test_a_damaged_encrypted_or_endless_file_is_refused() -> None:
    data = pdf(page([*HEAD, LONG]), page(["第２条　桟橋を点検する。"]))
    assert code_of(b"%PDF-1.7\n" + bytes(range(256))) == "broken_document"
    assert code_of(pdf(page([*HEAD, LONG]), encrypted=True)) == "encrypted_pdf"
    assert code_of(data, max_pages=1) == "too_many_pages"
