"""法令標準XML: the tree, the text that comes of it, and the head."""

from __future__ import annotations

import datetime as dt

import pytest

from regulations.sources.base import Limits, UnreadableSource
from regulations.sources.reading import read_source
from regulations.structure import Article, Division, Kind, Ordinance, ParsedOrdinance, SentenceFunction, provisions

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def law(body: str, *, main: str = "", number: str = "昭和四十五年法律第百三十七号", attributes: str = "") -> bytes:
    return (
        f'{HEAD}<Law Era="Showa" Year="45" Num="137" PromulgateMonth="12" PromulgateDay="25" LawType="Act" Lang="ja"'
        f" {attributes}><LawNum>{number}</LawNum><LawBody><LawTitle>倉庫の検査に関する法律</LawTitle>"
        f"<MainProvision>{main}</MainProvision>{body}</LawBody></Law>"
    ).encode()


def sentence(text: str, **attributes: str) -> str:
    extra = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<Sentence{extra}>{text}</Sentence>"


def paragraph(content: str, *, num: str = "1", printed: str = "", after: str = "", caption: str = "") -> str:
    heading = f"<ParagraphCaption>{caption}</ParagraphCaption>" if caption else ""
    return (
        f'<Paragraph Num="{num}">{heading}<ParagraphNum>{printed}</ParagraphNum>'
        f"<ParagraphSentence>{content}</ParagraphSentence>{after}</Paragraph>"
    )


def article(content: str, *, num: str = "1", title: str = "第一条", caption: str = "") -> str:
    heading = f"<ArticleCaption>{caption}</ArticleCaption>" if caption else ""
    return f'<Article Num="{num}">{heading}<ArticleTitle>{title}</ArticleTitle>{content}</Article>'


def item(tag: str, num: str, title: str, content: str) -> str:
    return f'<{tag} Num="{num}"><{tag}Title>{title}</{tag}Title><{tag}Sentence>{content}</{tag}Sentence>'


def read(data: bytes) -> ParsedOrdinance:
    return read_source("law.xml", data)


def texts(ordinance: Ordinance) -> list[tuple[str, str]]:
    return [(str(provision.ref), provision.text) for provision in provisions(ordinance)]


def test_items_and_their_columns_stand_one_a_line() -> None:
    subitem = item("Subitem1", "1", "イ", sentence("木造のもの")) + "</Subitem1>"
    columns = (
        f"<Column>{sentence('倉庫')}</Column><Column>{sentence('物を納める所。')}{sentence('船を除く。')}</Column>"
    )
    items = (
        item("Item", "1", "一", columns)
        + subitem
        + "</Item>"
        + item("Item", "1_2", "一の二", sentence("納屋"))
        + "</Item>"
    )
    parsed = read(law("", main=article(paragraph(sentence("次に掲げる。"), after=items))))
    assert texts(parsed.ordinance) == [
        ("第一条", "次に掲げる。\n一　倉庫　物を納める所。船を除く。\n　イ　木造のもの\n一の二　納屋")
    ]


def test_branch_numbers_and_ranges_keep_their_place() -> None:
    main = article(paragraph(sentence("検査する。")), num="10_2_3", title="第十条の二の三")
    main += article(paragraph(sentence("削除")), num="11:13", title="第十一条から第十三条まで")
    assert texts(read(law("", main=main)).ordinance) == [
        ("第十条の二の三", "検査する。"),
        ("第十一条から第十三条まで", "削除"),
    ]


def test_ruby_readings_go_and_inline_marks_keep_their_text() -> None:
    content = sentence("<Ruby>塵<Rt>じん</Rt></Ruby>埃及び（ＣＯ<ArithFormula><Sub>２</Sub></ArithFormula>）")
    assert texts(read(law("", main=article(paragraph(content)))).ordinance)[0][1] == "塵埃及び（ＣＯ２）"


def test_captions_come_from_the_article_or_the_paragraph() -> None:
    main = article(paragraph(sentence("定める。")), caption="（目的）")
    supplementary = "<SupplProvision><SupplProvisionLabel>附　則</SupplProvisionLabel>"
    supplementary += paragraph(sentence("施行する。"), printed="１", caption="（施行期日）") + "</SupplProvision>"
    found = provisions(read(law(supplementary, main=main)).ordinance)
    assert [(str(provision.ref), provision.caption) for provision in found] == [
        ("第一条", "（目的）"),
        ("附則第一項", "（施行期日）"),  # a number is printed, so it is cited
    ]


def test_chapters_nest_and_the_table_of_contents_gives_no_articles() -> None:
    contents = "<TOC><TOCLabel>目次</TOCLabel><TOCChapter><ChapterTitle>第一章　総則</ChapterTitle></TOCChapter></TOC>"
    chapter = "<Chapter><ChapterTitle>第一章　総則</ChapterTitle><Section><SectionTitle>第一節　通則</SectionTitle>"
    chapter += article(paragraph(sentence("定める。"))) + "</Section></Chapter>"
    ordinance = read(law(contents, main=chapter)).ordinance
    (part,) = ordinance.main
    assert isinstance(part, Division)
    (section,) = part.children
    assert isinstance(section, Division)
    assert (part.title, section.title) == ("第一章　総則", "第一節　通則")
    assert texts(ordinance) == [("第一条", "定める。")]


def test_old_paragraphs_without_numbers_are_counted() -> None:
    unnumbered = (
        "<Paragraph><ParagraphNum/><ParagraphSentence><Sentence>検査する。</Sentence></ParagraphSentence></Paragraph>"
    )
    assert [ref for ref, _ in texts(read(law("", main=article(unnumbered * 2))).ordinance)] == [
        "第一条第一項",
        "第一条第二項",
    ]


def test_proviso_and_second_sentence_are_told_apart() -> None:
    proviso = sentence("検査する。", Function="main") + sentence("ただし、夜間を除く。", Function="proviso")
    halves = sentence("検査する。") + sentence("この場合において、書面による。")
    ordinance = read(law("", main=article(paragraph(proviso) + paragraph(halves, num="2", printed="２")))).ordinance
    (only,) = ordinance.main
    assert isinstance(only, Article)
    functions = [[sentence.function for sentence in part.sentences] for part in only.paragraphs]
    assert functions == [
        [SentenceFunction.MAIN_CLAUSE, SentenceFunction.PROVISO],
        [SentenceFunction.FIRST_SENTENCE, SentenceFunction.SECOND_SENTENCE],
    ]


def test_tables_and_lists_within_a_paragraph_are_provisions_of_their_own() -> None:
    table = (
        "<TableStruct><TableStructTitle>回数</TableStructTitle><Table><TableRow><TableColumn><Sentence>甲</Sentence></TableColumn>"
        "<TableColumn><Sentence>年一回</Sentence></TableColumn></TableRow></Table>"
        "<Remarks><RemarksLabel>備考</RemarksLabel><Sentence>乙を除く。</Sentence></Remarks></TableStruct>"
        "<List><ListSentence><Sentence>検査規則</Sentence></ListSentence></List>"
    )
    found = texts(read(law("", main=article(paragraph(sentence("次による。"), after=table)))).ordinance)
    assert found == [
        ("第一条", "次による。"),
        ("第一条の表一", "回数\n甲　年一回\n備考　乙を除く。"),
        ("第一条の表二", "検査規則"),
    ]


def test_supplementary_provisions_carry_the_number_of_the_amending_law() -> None:
    body = '<SupplProvision AmendLawNum="平成三年法律第五号"><SupplProvisionLabel>附　則</SupplProvisionLabel>'
    body += article(paragraph(sentence("施行する。"))) + "</SupplProvision>"
    found = texts(read(law(body, main=article(paragraph(sentence("検査する。"))))).ordinance)
    assert found[1] == ("附則（平成三年法律第五号）第一条", "施行する。")


def test_appended_tables_are_read_and_forms_that_are_images_are_listed() -> None:
    body = (
        "<AppdxTable><AppdxTableTitle>別表第一</AppdxTableTitle><RelatedArticleNum>（第一条関係）</RelatedArticleNum>"
        + item("Item", "1", "一", sentence("土蔵"))
        + "</Item></AppdxTable><AppdxStyle><AppdxStyleTitle>別記様式</AppdxStyleTitle><StyleStruct><Style>"
        '<Fig src="a.pdf"/></Style></StyleStruct></AppdxStyle>'
    )
    parsed = read(law(body, main=article(paragraph(sentence("検査する。")))))
    table = provisions(parsed.ordinance)[-1]
    assert (str(table.ref), table.caption, table.text) == ("別表第一", "（第一条関係）", "一　土蔵")
    assert [(form.title, form.unread) for form in parsed.ordinance.forms] == [("別記様式", True)]
    assert "form_unread" in {diagnostic.code for diagnostic in parsed.diagnostics}


def test_a_note_on_an_article_is_kept_apart_from_its_text() -> None:
    main = article(paragraph(sentence("検査する。")) + "<SupplNote>（罰則　第五条）</SupplNote>")
    ordinance = read(law("", main=main)).ordinance
    (only,) = ordinance.main
    assert isinstance(only, Article)
    assert [note.raw for note in only.amendments] == ["（罰則　第五条）"]
    assert texts(ordinance) == [("第一条", "検査する。")]


def test_lines_wrapped_in_the_file_are_joined() -> None:
    wrapped = sentence("\n      検査を\n      する。\n    ")
    assert texts(read(law("", main=article(paragraph(wrapped)))).ordinance)[0][1] == "検査をする。"


def test_quoted_new_provisions_keep_their_text() -> None:
    amending = (
        "<AmendProvision><AmendProvisionSentence><Sentence>次のように改める。</Sentence></AmendProvisionSentence>"
    )
    amending += (
        f"<NewProvision>{article(paragraph(sentence('新しい条')), title='第九条')}</NewProvision></AmendProvision>"
    )
    ((_, text),) = texts(read(law("", main=article(paragraph(sentence("第九条を"), after=amending)))).ordinance)
    assert text == "第九条を次のように改める。第九条　新しい条"


def test_unknown_markup_keeps_its_text_and_is_reported() -> None:
    parsed = read(law("", main=article(paragraph(sentence("検査する。"), after="<Novelty>毎年行う。</Novelty>"))))
    assert texts(parsed.ordinance)[0][1] == "検査する。毎年行う。"
    assert "unknown_markup" in {diagnostic.code for diagnostic in parsed.diagnostics}


@pytest.mark.parametrize(
    ("number", "law_type", "kind"),
    [
        ("昭和四十五年法律第百三十七号", "Act", Kind.ACT),
        ("昭和四十六年政令第三百号", "CabinetOrder", Kind.CABINET_ORDER),
        ("平成五年厚生省令第三号", "MinisterialOrdinance", Kind.MINISTERIAL),
        # a national commission's rule is national, a prefecture's is not; the schema has one type for both
        ("平成十九年国家公安委員会規則第五号", "Rule", Kind.MINISTERIAL),
        ("令和七年あおば県規則第三号", "Rule", Kind.RULE),
        ("令和七年あおば県条例第三号", "Misc", Kind.ORDINANCE),
    ],
)
def test_the_kind_comes_from_number_and_type(number: str, law_type: str, kind: Kind) -> None:
    data = law("", main=article(paragraph(sentence("検査する。"))), number=number)
    assert read(data.replace(b'"Act"', f'"{law_type}"'.encode())).ordinance.kind is kind


def test_the_head_gives_dates_and_identifiers_of_attributes_and_of_the_file_name() -> None:
    main = article(paragraph(sentence("検査する。")))
    named = read_source("345AC0000000137_20250601_504AC0000000068.xml", law("", main=main)).ordinance
    assert (named.source_id, named.enforcement_date) == ("345AC0000000137", dt.date(2025, 6, 1))
    assert named.promulgation_date == dt.date(1970, 12, 25)
    old = read(law("", main=main, attributes='LawId="345AC0000000137" EnforcementDate="20150801"')).ordinance
    assert (old.source_id, old.enforcement_date) == ("345AC0000000137", dt.date(2015, 8, 1))


def test_the_wrapper_of_the_interface_is_taken_off() -> None:
    inner = law("", main=article(paragraph(sentence("検査する。")))).decode().removeprefix(HEAD)
    wrapped = f"{HEAD}<DataRoot><Result><Code>0</Code></Result><ApplData><LawId>345AC0000000137</LawId>"
    wrapped += f"<LawFullText>{inner}</LawFullText></ApplData></DataRoot>"
    ordinance = read(wrapped.encode()).ordinance
    assert (ordinance.title, ordinance.source_id) == ("倉庫の検査に関する法律", "345AC0000000137")


def test_the_declared_encoding_may_be_wrong() -> None:
    data = law("", main=article(paragraph(sentence("検査する。")))).decode().encode("cp932")
    assert texts(read(data).ordinance) == [("第一条", "検査する。")]


ENTITIES = '<!DOCTYPE Law [<!ENTITY a "あああ"><!ENTITY b "&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE Law [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("declaration", [ENTITIES, EXTERNAL])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_any_encoding(declaration: str, encoding: str) -> None:
    text = law("", main=article(paragraph(sentence("&a;")))).decode().replace(HEAD, HEAD + declaration)
    with pytest.raises(UnreadableSource) as refused:
        read(text.encode(encoding))
    assert refused.value.code == "entities_forbidden"


def test_a_broken_file_is_refused_with_its_line() -> None:
    data = law("", main=article("\n" + paragraph(sentence("検査する。"))))
    with pytest.raises(UnreadableSource) as refused:
        read(data[:-40])
    assert refused.value.code == "malformed_xml"
    assert "2行目" in refused.value.message


@pytest.mark.parametrize("depth", [300, 20_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    with pytest.raises(UnreadableSource) as refused:
        read(law("", main="<Chapter>" * depth + "</Chapter>" * depth))
    assert refused.value.code == "nested_too_deep"


def test_the_allowed_depth_is_a_limit_that_is_given() -> None:
    data = law("", main=article(paragraph(sentence("検査する。"))))
    with pytest.raises(UnreadableSource):
        read_source("law.xml", data, limits=Limits(max_depth=4))


def test_a_law_without_a_body_is_refused() -> None:
    with pytest.raises(UnreadableSource) as refused:
        read(f"{HEAD}<Law><LawNum>昭和四十五年法律第一号</LawNum></Law>".encode())
    assert refused.value.code == "not_legislation"


def test_an_impossible_number_falls_back_on_the_position() -> None:
    main = article(paragraph(sentence("検査する。"), num="9" * 5000), num="²", title="第七条")
    assert texts(read(law("", main=main)).ordinance) == [("第七条", "検査する。")]
