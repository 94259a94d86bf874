"""Pages that a body or a division has made itself: no marks of their own, often of the nineties.

The text is read as lines are, cut at blocks and <br>. What stands around it on the page (menus, ways
back, addresses) is known by standing before the title, or by being links at the end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from regulations.sources.base import Source, UnreadableSource
from regulations.sources.headings import clean_title, is_title, split_number_line
from regulations.sources.html import Block, blocks, parse_markup, text_of, visible_text
from regulations.sources.labels import article_head, division_level, is_amendment_note, supplementary_head
from regulations.sources.plain_text import Head, PlainTextReader, feed_body
from regulations.sources.tree_builder import TreeBuilder, ordinance_of
from regulations.structure import ParsedOrdinance, Table, each_provision

_MARKUP = re.compile(r"<(?:html|body|p|br|pre|div|table|center|font|h[1-6])\b", re.IGNORECASE)
_PREFORMATTED = re.compile(r"<pre\b[^<>]*>.*?(?:</pre>|\Z)", re.IGNORECASE | re.DOTALL)
_BODY = re.compile(r"<body\b[^<>]*>", re.IGNORECASE)
_OF_PAGE = re.compile(
    r"copyright|©|\(c\)|all rights reserved|戻る|トップ|ページ|ホーム|目次へ|印刷|問い?合わせ|更新日|電話|ファックス"
    r"|ファクス|〒|e-?mail",
    re.IGNORECASE,
)


_BETWEEN_LINKS = re.compile(r"[\s　|｜/／<>＜＞«»\[\]［］【】・]+")


class WebPageReader:
    """Reader of HTML that no other reader knows; asked after them."""

    name = "web_page_html"

    def recognises(self, source: Source) -> bool:
        if not source.text.lstrip().startswith("<") or not _MARKUP.search(source.text):
            return False
        lines = "\n".join(block.content for block in _blocks(source)[1] if isinstance(block.content, str))
        return PlainTextReader().recognises(Source(name=source.name, data=lines.encode(), limits=source.limits))

    def read(self, source: Source) -> ParsedOrdinance:
        tree, found = _blocks(source)
        lines = [block.content for block in found]
        start, end = _start(lines), _end(lines, tree)
        head, builder = Head(), TreeBuilder()
        if not _title_at(lines, _limit(lines)):
            head.title = clean_title(text_of(tree.css_first("h1")) or text_of(tree.css_first("title")))
        feed_body(lines[start:end], builder, head)
        ordinance = ordinance_of(builder, title=head.title, number=head.number, date=head.date, text=source.text)
        is_law = head.number or is_title(head.title)
        if not is_law or not any("。" in provision.text for provision in each_provision(ordinance)):
            raise UnreadableSource(
                "not_legislation",
                "条例・規則などの本文が見つかりません（目次だけのページ、条文を引用した別の種類のページなど）。"
                "本文のファイルか確かめてください。",
            )
        around = [line.text if isinstance(line, Table) else line for line in (*lines[:start], *lines[end:])]
        return ParsedOrdinance(
            ordinance=ordinance,
            format=self.name,
            diagnostics=source.decoded.diagnostics,
            furniture=(*around, *head.furniture),
        )

    def body(self, source: Source) -> str:
        html = source.text
        if found := _BODY.search(html):
            return visible_text(html[found.end() :])
        folded = html.lower()
        start = folded.find("<title")
        end = folded.find("</title", start)
        return visible_text(html[:start] + html[end:] if 0 <= start < end else html)


def _blocks(source: Source) -> tuple[LexborHTMLParser, list[Block]]:
    html = _PREFORMATTED.sub(lambda found: found[0].replace("\n", "<br>"), source.text)
    tree = parse_markup(html, max_open_tags=source.limits.max_open_tags)
    layout = _layout_tables(tree)
    return tree, list(blocks(tree.body or tree.root, through=layout))


def _layout_tables(tree: LexborHTMLParser) -> frozenset[int]:
    """Tables that only place the text on the page, by `mem_id`: an article or 附則 begins in a cell."""
    found, passed = set[int](), set[int]()
    for block in blocks(tree.body or tree.root, through=None):
        if isinstance(block.content, str) and _opens_law(block.content):
            node: LexborNode | None = block.node
            while node is not None and node.mem_id not in passed:
                passed.add(node.mem_id)
                if node.tag == "table":
                    found.add(node.mem_id)
                node = node.parent
    return frozenset(found)


def _opens_law(line: str) -> bool:
    """第一条　…。 or 附則, but not 第一条 alone, which a 別表 may have in a cell."""
    head = article_head(line, last="")
    return (head is not None and "。" in head.rest) or supplementary_head(line) is not None


Lines = Sequence[str | Table]


def _limit(lines: Lines) -> int:
    """Where 本則 or the chapters of the 目次 begin at the latest."""
    return next(
        (
            at
            for at, line in enumerate(lines)
            if isinstance(line, str) and (article_head(line, last="") or division_level(line))
        ),
        len(lines),
    )


def _is_number_line(line: str | Table) -> bool:
    return (
        isinstance(line, str)
        and len(line) < 60
        and not line.endswith("。")
        and not is_amendment_note(line)
        and bool(split_number_line(line)[1])
    )


def _number_at(lines: Lines, limit: int) -> int | None:
    return next((at for at in range(limit) if _is_number_line(lines[at])), None)


def _title_at(lines: Lines, limit: int) -> int | None:
    """The line that is the title: the last like one above the number, else the first below it."""
    like = [
        at for at in range(limit)
        if isinstance(line := lines[at], str) and is_title(line) and not re.search(r"[。>＞»|｜]", line)
    ]  # fmt: skip
    number = _number_at(lines, limit)
    above = [at for at in like if number is None or at < number]
    return above[-1] if above else next(iter(like), None)


def _start(lines: Lines) -> int:
    """Where title and number begin; what stands before is the page's own."""
    limit = _limit(lines)
    known = [at for at in (_title_at(lines, limit), _number_at(lines, limit)) if at is not None]
    return min(known, default=limit)


def _end(lines: Lines, tree: LexborHTMLParser) -> int:
    """Where the page's own lines begin that follow the text: links, and such as 戻る or お問い合わせ."""
    links = {words for link in tree.css("a[href]") for words in _words(text_of(link))}
    end = len(lines)
    while end:
        line = lines[end - 1]
        text = line.text if isinstance(line, Table) else line
        if not ((len(text) < 200 and _OF_PAGE.search(text)) or links.issuperset(_words(text))):
            break
        end -= 1
    return end


def _words(text: str) -> list[str]:
    return [words for words in _BETWEEN_LINKS.split(text) if words]
