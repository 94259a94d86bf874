"""Word documents: what is printed is what is read, automatic numbers and tracked insertions included."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.documents import numbered_line
from regulations.sources.reading import read_source
from regulations.structure import Kind, ParsedOrdinance, provisions

HEAD = ("○霞野県桟橋条例", "令和三年三月二十六日", "霞野県条例第十二号")
NAMESPACES = nsdecls("w")


def document(*lines: str) -> Document:
    made = docx.Document()
    for line in (*HEAD, *lines):
        made.add_paragraph(line)
    return made


def data_of(made: Document) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def read(made: Document) -> ParsedOrdinance:
    return read_source("file", data_of(made))


def texts(parsed: ParsedOrdinance) -> dict[str, str]:
    return {str(provision.ref): provision.text for provision in provisions(parsed.ordinance)}


def codes(parsed: ParsedOrdinance) -> set[str]:
    return {diagnostic.code for diagnostic in parsed.diagnostics}


def append(made: Document, xml: str) -> None:
    """A block of WordprocessingML at the end of the body, where `w:` is declared already."""
    made.element.body.insert(len(made.element.body) - 1, parse_xml(xml.replace(">", f" {NAMESPACES}>", 1)))


def number(made: Document, *levels: tuple[str, str], start: int = 1) -> int:
    """A list definition with (format, text) a level; returns the id that paragraphs name it by."""
    root = made.part.numbering_part.element
    key = 900 + len(root)
    described = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(levels)
    )
    definition = parse_xml(f'<w:abstractNum {NAMESPACES} w:abstractNumId="{key}">{described}</w:abstractNum>')
    root.insert(0, definition)
    root.append(parse_xml(f'<w:num {NAMESPACES} w:numId="{key}"><w:abstractNumId w:val="{key}"/></w:num>'))
    return key


def listed(made: Document, text: str, list_id: int, level: int = 0) -> None:
    paragraph = made.add_paragraph(text)
    properties = paragraph._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {NAMESPACES}><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')
    )


def test_head_and_articles_are_read_in_the_order_of_the_body() -> None:
    parsed = read(
        document(
            "（目的）", "第一条　桟橋の管理を定める。", "２　桟橋は、毎年点検する。", "附　則", "公布の日から施行する。"
        )
    )
    ordinance = parsed.ordinance
    assert (parsed.format, ordinance.title, ordinance.law_number, ordinance.kind) == (
        "docx", "霞野県桟橋条例", "霞野県条例第十二号", Kind.ORDINANCE,
    )  # fmt: skip
    assert list(texts(parsed)) == ["第一条第一項", "第一条第二項", "附則"]
    assert (codes(parsed), parsed.unaccounted) == (set(), 0.0)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("decimal", "第%1条", ["第1条", "第2条"]),
        ("decimalFullWidth", "第%1条", ["第１条", "第２条"]),
        ("japaneseCounting", "第%1条", ["第一条", "第二条"]),
    ],
)
def test_automatic_article_numbers_are_part_of_the_text(form: str, text: str, expected: list[str]) -> None:
    made = document()
    articles = number(made, (form, text))
    listed(made, "桟橋の管理を定める。", articles)
    made.add_paragraph("２　桟橋は、毎年点検する。")
    listed(made, "桟橋は、目視により検査する。", articles)
    main = read(made).ordinance.main
    assert [article.title for article in main] == expected
    assert len(main[0].paragraphs) == 2


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("decimal", "(%1)", ["(1)", "(2)"]),
        ("japaneseCounting", "%1", ["一", "二"]),
        ("aiueo", "%1", ["ア", "イ"]),
        ("irohaFullWidth", "%1", ["イ", "ロ"]),
        ("decimalEnclosedCircle", "%1", ["①", "②"]),
        ("lowerRoman", "(%1)", ["(i)", "(ii)"]),
    ],
)
def test_automatic_item_numbers_are_printed_in_their_format(form: str, text: str, expected: list[str]) -> None:
    made = document("第一条　次に掲げる事項を検査する。")
    made.add_paragraph("一　桟橋")
    items = number(made, (form, text))
    for words in ("杭", "床板"):
        listed(made, words, items)
    (lines,) = texts(read(made)).values()
    assert [line.strip().split("　")[0] for line in lines.split("\n")[-2:]] == expected


def test_a_deeper_level_restarts_and_may_show_the_number_above_it() -> None:
    made = document("第一条　次に掲げる事項を検査する。")
    items = number(made, ("decimal", "(%1)"), ("decimal", "%1―%2"))
    for level, words in ((0, "桟橋"), (1, "杭"), (1, "床板"), (0, "係船柱"), (1, "基礎")):
        listed(made, words, items, level)
    (lines,) = texts(read(made)).values()
    assert re.findall(r"\(\d\)|\d―\d", lines) == ["(1)", "1―1", "1―2", "(2)", "2―1"]


def test_the_number_of_a_style_and_of_the_styles_it_is_based_on_counts() -> None:
    made = document()
    articles = number(made, ("decimal", "第%1条"))
    base = made.styles.add_style("条", 1)
    base.element.get_or_add_pPr().append(parse_xml(f'<w:numPr {NAMESPACES}><w:numId w:val="{articles}"/></w:numPr>'))
    derived = made.styles.add_style("条（本文）", 1)
    derived.base_style = base
    for words in ("桟橋の管理を定める。", "桟橋は、毎年点検する。"):
        made.add_paragraph(words, style=derived)
    assert [article.number for article in read(made).ordinance.main] == ["1", "2"]


def test_an_article_keeps_a_caption_that_stands_on_its_own_line() -> None:
    made = document()
    articles = number(made, ("decimal", "第%1条"))
    listed(made, "（目的）", articles)
    made.add_paragraph("桟橋の管理を定める。")
    (article,) = read(made).ordinance.main
    assert (article.number, article.caption) == ("1", "（目的）")


def test_ruby_is_dropped_and_its_base_stays() -> None:
    made = document()
    append(
        made,
        "<w:p><w:r><w:t>第一条　</w:t></w:r><w:r><w:ruby><w:rt><w:r><w:t>さんばし</w:t></w:r></w:rt>"
        "<w:rubyBase><w:r><w:t>桟橋</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:t>を点検する。</w:t></w:r></w:p>",
    )
    assert list(texts(read(made)).values()) == ["桟橋を点検する。"]


def test_tracked_insertions_stay_deletions_go_and_a_diagnostic_says_so() -> None:
    made = document()
    append(
        made,
        '<w:p><w:r><w:t>第一条　桟橋を</w:t></w:r><w:del w:id="1" w:author="a"><w:r><w:delText>毎年</w:delText></w:r>'
        "</w:del>"
        '<w:ins w:id="2" w:author="a"><w:r><w:t>随時</w:t></w:r></w:ins><w:r><w:t>点検する。</w:t></w:r></w:p>',
    )
    parsed = read(made)
    assert list(texts(parsed).values()) == ["桟橋を随時点検する。"]
    assert (codes(parsed), parsed.unaccounted) == ({"tracked_changes", "short_body"}, 0.0)


def test_a_paragraph_whose_mark_was_deleted_goes_on_in_the_next() -> None:
    made = document()
    append(
        made,
        '<w:p><w:pPr><w:rPr><w:del w:id="1" w:author="a"/></w:rPr></w:pPr><w:r><w:t>第一条　桟橋を</w:t></w:r></w:p>',
    )
    made.add_paragraph("点検する。")
    assert list(texts(read(made)).values()) == ["桟橋を点検する。"]


def test_tables_stay_where_they_stand_with_merged_cells_and_tables_within_cells() -> None:
    made = document("第一条　手数料は、次の表のとおりとする。")
    table = made.add_table(rows=3, cols=2)
    for row, cells in enumerate((("区分", "金額"), ("小型|桟橋", "百円"), ("大型", ""))):
        for column, words in enumerate(cells):
            table.cell(row, column).text = words
    inner = table.cell(2, 1).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "夏", "二百円"
    made.add_paragraph("第二条　桟橋を点検する。")
    parsed = read(made)
    assert list(texts(parsed).items())[1] == (
        "第一条の表", "区分　金額\n小型｜桟橋　百円\n大型　夏　二百円",
    )  # fmt: skip
    assert list(texts(parsed))[2] == "第二条"


def test_text_boxes_are_read_once_and_headers_and_contents_not_at_all() -> None:
    made = document()
    made.sections[0].header.paragraphs[0].text = "霞野県例規集"
    style = made.styles.add_style("toc 1", 1)
    made.add_paragraph("第一章　総則\t1", style=style)
    made.add_paragraph("第一条　桟橋を点検する。")
    box = "<w:txbxContent><w:p><w:r><w:t>第二条　桟橋を検査する。</w:t></w:r></w:p></w:txbxContent>"
    append(
        made,
        '<w:p xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:r><mc:AlternateContent>'
        f"<mc:Choice><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>",
    )
    parsed = read(made)
    assert list(texts(parsed).values()) == ["桟橋を点検する。", "桟橋を検査する。"]
    assert parsed.unaccounted == 0.0


def test_a_symbol_without_a_character_and_a_footnote_are_named() -> None:
    made = document()
    append(
        made,
        '<w:p><w:r><w:t>第一条　桟橋</w:t></w:r><w:r><w:sym w:font="Wingdings" w:char="F0A8"/></w:r>'
        '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>を点検する。</w:t></w:r></w:p>',
    )
    parsed = read(made)
    assert list(texts(parsed).values()) == ["桟橋〓を点検する。"]
    assert codes(parsed) == {"unreadable_character", "notes_unread", "short_body"}


def _encrypted(data: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0" + bytes(60) + "EncryptedPackage".encode("utf-16-le")


def _without_its_body(data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            new.writestr(info, b"<broken" if info.filename == "word/document.xml" else old.read(info))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (_encrypted, "encrypted_document"),
        (_without_its_body, "broken_document"),
        (lambda data: data[: len(data) // 2], "broken_archive"),
    ],
)
def test_a_document_that_cannot_be_opened_is_refused(damage: Callable[[bytes], bytes], code: str) -> None:
    with pytest.raises(UnreadableSource) as refused:
        read_source("file", damage(data_of(document("第一条　桟橋を点検する。"))))
    assert refused.value.code == code


def test_a_document_that_unpacks_to_more_than_the_limit_is_refused() -> None:
    data = data_of(document("第一条　" + "桟橋を点検する。" * 5000))
    with pytest.raises(UnreadableSource) as refused:
        read_source("file", data, limits=Limits(max_expanded_bytes=100_000))
    assert refused.value.code == "too_large"


def test_a_document_without_law_is_refused() -> None:
    made = docx.Document()
    made.add_paragraph("会議の記録")
    with pytest.raises(UnreadableSource) as refused:
        read(made)
    assert refused.value.code == "not_legislation"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("桟橋を置く。", "第7条　桟橋を置く。"),
        ("（設置）　桟橋を置く。", "第7条（設置）　桟橋を置く。"),
        # whatever the number before is, that of the list opens an article
        ("（設置）桟橋を置く。", "第7条（設置）　桟橋を置く。"),
    ],
)
def test_a_number_of_a_list_is_set_before_caption_and_text(text: str, line: str) -> None:
    assert numbered_line("第7条", text) == line


def test_a_number_without_a_definition_is_told() -> None:
    made = document("第一条　桟橋の管理を定める。")
    numbered = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr></w:pPr><w:r><w:t>杭</w:t></w:r></w:p>'
    )
    append(made, numbered.format("0"))  # taken out of the list of its style
    assert "numbering_undefined" not in codes(read(made))
    append(made, numbered.format("777"))
    assert "numbering_undefined" in codes(read(made))
