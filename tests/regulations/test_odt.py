"""OpenDocument texts: what is printed is what is read, automatic numbers included."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from odfdo import Document, Element, Header, List, ListItem, Paragraph, Table

from regulations.sources.base import UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import Kind, ParsedOrdinance, provisions

HEAD = ("○霞野県桟橋条例", "令和三年三月二十六日", "霞野県条例第十二号")


def document(*lines: str) -> Document:
    made = Document("text")
    made.body.clear()
    for line in (*HEAD, *lines):
        made.body.append(Paragraph(line))
    return made


def data_of(made: Document) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def read(made: Document) -> ParsedOrdinance:
    return read_source("file", data_of(made))


def texts(parsed: ParsedOrdinance) -> dict[str, str]:
    return {str(provision.ref): provision.text for provision in provisions(parsed.ordinance)}


def style(made: Document, name: str, *levels: str) -> None:
    """A list style; each level is given by the attributes of its description."""
    described = "".join(
        f'<text:list-level-style-number text:level="{depth}" {attributes}/>'
        for depth, attributes in enumerate(levels, 1)
    )
    made.insert_style(
        Element.from_tag(f'<text:list-style style:name="{name}">{described}</text:list-style>'), automatic=True
    )


def test_head_headings_and_articles_are_read_in_the_order_of_the_body() -> None:
    made = document("（目的）", "第一条　桟橋の管理を定める。", "２　桟橋は、毎年点検する。")
    made.body.append(Header(1, "附　則"))
    made.body.append(Paragraph("公布の日から施行する。"))
    parsed = read(made)
    ordinance = parsed.ordinance
    assert (parsed.format, ordinance.title, ordinance.law_number, ordinance.kind) == (
        "odt", "霞野県桟橋条例", "霞野県条例第十二号", Kind.ORDINANCE,
    )  # fmt: skip
    assert list(texts(parsed)) == ["第一条第一項", "第一条第二項", "附則"]
    assert (parsed.diagnostics, parsed.unaccounted) == ((), 0.0)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('style:num-prefix="(" style:num-format="1" style:num-suffix=")"', ["(1)", "(2)"]),
        ('style:num-format="一, 二, 三, ..."', ["一", "二"]),
        ('style:num-format="ア, イ, ウ, ..."', ["ア", "イ"]),
        ('style:num-format="イ, ロ, ハ, ..."', ["イ", "ロ"]),
        ('style:num-format="1" text:start-value="3" style:num-prefix="(" style:num-suffix=")"', ["(3)", "(4)"]),
    ],
)
def test_automatic_item_numbers_are_printed_in_their_format(attributes: str, expected: list[str]) -> None:
    made = document("第一条　次に掲げる事項を検査する。", "一　桟橋")
    style(made, "L9", attributes)
    items = List(style="L9")
    for words in ("杭", "床板"):
        items.append(ListItem(words))
    made.body.append(items)
    (lines,) = texts(read(made)).values()
    assert [line.strip().split("　")[0] for line in lines.split("\n")[-2:]] == expected


def test_an_article_number_goes_on_after_what_stands_between() -> None:
    made = document()
    style(made, "L9", 'style:num-prefix="第" style:num-format="1" style:num-suffix="条"')
    for words, attribute in (
        ("桟橋の管理を定める。", ""),
        ("桟橋は、毎年点検する。", 'text:continue-numbering="true"'),
    ):
        made.body.append(
            Element.from_tag(
                f'<text:list text:style-name="L9" {attribute}><text:list-item><text:p>{words}</text:p>'
                "</text:list-item></text:list>"
            )
        )
        made.body.append(Paragraph("２　桟橋は、目視により検査する。"))
    main = read(made).ordinance.main
    assert [(article.number, len(article.paragraphs)) for article in main] == [("1", 2), ("2", 2)]


def test_ruby_is_dropped_and_spaces_and_line_breaks_are_those_of_the_format() -> None:
    made = document()
    made.body.append(
        Element.from_tag(
            "<text:p>第一条<text:s/><text:ruby><text:ruby-base>桟橋</text:ruby-base><text:ruby-text>さんばし"
            "</text:ruby-text></text:ruby>は、毎年\n点検する。<text:note><text:note-body><text:p>注</text:p>"
            "</text:note-body></text:note><text:line-break/>２　桟橋は、目視により検査する。</text:p>"
        )
    )
    parsed = read(made)
    assert list(texts(parsed).values()) == ["桟橋は、毎年 点検する。", "桟橋は、目視により検査する。"]
    assert [found.code for found in parsed.diagnostics] == ["notes_unread"]


def test_deletions_of_tracked_changes_are_dropped_and_named() -> None:
    made = document("第一条　桟橋は、随時その安全を点検しなければならない。")
    made.body.insert(
        Element.from_tag(
            '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><text:p>毎年</text:p>'
            "</text:deletion></text:changed-region></text:tracked-changes>"
        ),
        position=0,
    )
    parsed = read(made)
    assert list(texts(parsed).values()) == ["桟橋は、随時その安全を点検しなければならない。"]
    assert [found.code for found in parsed.diagnostics] == ["tracked_changes"]


def test_tables_stay_where_they_stand_and_empty_repeated_cells_do_not_count() -> None:
    made = document("第一条　手数料は、次の表のとおりとする。")
    table = Table("料金", width=2, height=2)
    table.set_values([["区分", "金額"], ["小型", "百円"]])
    made.body.append(table)
    made.body.append(
        Element.from_tag(
            '<table:table><table:table-row><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
            "</table:table>"
        )
    )
    made.body.append(Paragraph("第二条　桟橋を点検する。"))
    parsed = read(made)
    assert texts(parsed)["第一条の表"] == "区分　金額\n小型　百円"
    assert "第二条" in texts(parsed)


def test_text_boxes_are_read_and_tables_of_contents_are_not() -> None:
    made = document("第一条　桟橋を点検する。")
    made.body.append(
        Element.from_tag(
            "<text:p><draw:frame><draw:text-box><text:p>第二条　桟橋を目視により検査する。</text:p></draw:text-box>"
            "</draw:frame></text:p>"
        )
    )
    made.body.insert(
        Element.from_tag(
            "<text:table-of-content><text:index-body><text:p>第九章　雑則</text:p></text:index-body>"
            "</text:table-of-content>"
        ),
        position=0,
    )
    parsed = read(made)
    assert list(texts(parsed).values()) == ["桟橋を点検する。", "桟橋を目視により検査する。"]
    assert parsed.unaccounted == 0.0


def _truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _encrypted(data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == "META-INF/manifest.xml":
                part = part.replace(b"</manifest:manifest>", b"<manifest:encryption-data/></manifest:manifest>")
            new.writestr(info, part)
    return stream.getvalue()


@pytest.mark.parametrize(("damage", "code"), [(_truncated, "broken_archive"), (_encrypted, "encrypted_document")])
def test_a_document_that_cannot_be_opened_is_refused(damage: Callable[[bytes], bytes], code: str) -> None:
    with pytest.raises(UnreadableSource) as refused:
        read_source("file", damage(data_of(document("第一条　桟橋を点検する。"))))
    assert refused.value.code == code


def test_styles_and_manifest_may_be_missing() -> None:
    whole = data_of(document("第一条　桟橋の管理を定める。"))
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as package, zipfile.ZipFile(stream, "w") as bare:
        for name in ("mimetype", "content.xml"):
            bare.writestr(name, package.read(name))
    assert texts(read_source("file", stream.getvalue())) == {"第一条": "桟橋の管理を定める。"}
