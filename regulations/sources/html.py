"""What the readers of HTML share: parsing within limits, blocks of text in order, tables.

`visible_text` reads the same characters without a tree, so that the accounting does not depend on
what a reader makes of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser, LexborNode

from regulations.sources.base import Source, nested_too_deep
from regulations.structure import Table

BREAK = "\x0b"  # stands for <br> while text is extracted; decoding leaves no control characters
_HIDDEN = ("rt", "rp", "del", "script", "style", "noscript")
_HIDES = re.compile(rf"<!--|-->|<(?:{'|'.join(_HIDDEN)})(?![A-Za-z0-9])", re.IGNORECASE)
# Elements that have no end tag, or may go without it.
_NEVER_OPEN = (
    "area|base|br|col|colgroup|dd|dt|embed|hr|img|input|li|link|meta|option|p|param|rb|rp|rt|source|tbody|td|tfoot|th"
    "|thead|tr|wbr"
)
_NESTING = re.compile(rf"<(/?)(?!(?:{_NEVER_OPEN})\b)[a-z]", re.IGNORECASE)
_TAG = re.compile(r"(<!--|-->|</?[A-Za-z][^<>]*>)")
_NAME = re.compile(r"<(/?)([A-Za-z0-9]+)")
# A reading of ruby need not be closed.
_ENDS = {"rt": {"rt", "rp", "rb", "ruby"}, "rp": {"rp", "rt", "ruby"}}
_DIV = re.compile(r"<(/?)div\b", re.IGNORECASE)
_FOLD = re.compile(r"[ \t]*\n[ \t\n]*")
_EDGES = " \t\u3000\u00a0" + BREAK
_BLOCK_TAGS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "form",
    }
    | {"h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section"}
    | {"table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)


def parse_html(source: Source) -> LexborHTMLParser:
    """The page without readings of ruby, deleted text, scripts and styles; <br> is `BREAK`.

    Raises UnreadableSource (nested_too_deep) where more tags are open at once than the limits allow.
    """
    return parse_markup(source.text, max_open_tags=source.limits.max_open_tags)


def parse_markup(html: str, *, max_open_tags: int) -> LexborHTMLParser:
    """As `parse_html`, of text that a reader has prepared."""
    # Counted on the text, for building a deep tree costs its square.
    if max(accumulate(-1 if end else 1 for end in _NESTING.findall(html)), default=0) > max_open_tags:
        raise nested_too_deep()
    tree = LexborHTMLParser(html)
    tree.strip_tags(list(_HIDDEN), recursive=True)
    for line_break in tree.css("br"):
        line_break.replace_with(BREAK)
    return tree


def text_of(node: LexborNode | None) -> str:
    """Text of a node on one line: the file's own line breaks and indents mean nothing in HTML."""
    return folded(node.text()) if node is not None else ""


def folded(text: str) -> str:
    """Lines of the file joined, and no white space around."""
    return (_FOLD.sub("", text) if "\n" in text else text).strip(_EDGES)


def classes_of(node: LexborNode | None) -> list[str]:
    return (node.attributes.get("class") or "").split() if node is not None else []


def table_of(node: LexborNode) -> Table:
    """A <table> as rows of cell texts; the lines of a cell, and the cells of a table in it, are joined by U+3000."""
    for inner in node.css("table table td, table table th"):
        inner.insert_before(BREAK)
    rows = []
    for row in node.css("tr"):
        if _nearest_table(row) != node.mem_id:
            continue
        cells = [
            "　".join(part for line in text_of(cell).split(BREAK) if (part := line.strip()))
            for cell in row.iter()
            if cell.tag in {"td", "th"}
        ]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            rows.append(tuple(cells))
    caption = next((text_of(child) for child in node.iter() if child.tag == "caption"), "")
    return Table(rows=tuple(rows), title=caption)


def _nearest_table(node: LexborNode) -> int:
    parent = node.parent
    while parent is not None and parent.tag != "table":
        parent = parent.parent
    return parent.mem_id if parent is not None else 0


@dataclass(frozen=True, slots=True)
class Block:
    """A line of text, or a table, with the innermost block element that it stands in."""

    node: LexborNode
    content: str | Table


def blocks(root: LexborNode | None, *, through: frozenset[int] | None = frozenset()) -> Iterator[Block]:
    """Text below `root` in document order, cut where a block element begins or ends and at each <br>.

    The cells of tables `through` (by `mem_id`; None for all) are blocks as others are; other tables are one each.
    """
    if root is None:
        return
    owner, pieces, skip = root, list[str](), 0
    known: dict[int, LexborNode] = {root.mem_id: root}
    for node in root.traverse(include_text=True):
        if skip:
            skip -= 1
            continue
        tag = node.tag
        if tag == "-text":
            block = _block_of(node, known) or root
            if block.mem_id != owner.mem_id:
                yield from _flushed(owner, pieces)
                owner, pieces = block, []
            pieces.append(node.text_content or "")
        elif tag == "table" and through is not None and node.mem_id not in through:
            yield from _flushed(owner, pieces)
            pieces = []
            yield Block(node, table_of(node))
            skip = sum(1 for _ in node.traverse(include_text=True)) - 1
        elif tag in _BLOCK_TAGS:
            yield from _flushed(owner, pieces)
            owner, pieces = node, []
            known[node.mem_id] = node
    yield from _flushed(owner, pieces)


def _block_of(node: LexborNode, known: dict[int, LexborNode]) -> LexborNode | None:
    """The nearest block around `node`; `known` remembers it for the inline elements between."""
    passed = []
    parent = node.parent
    while parent is not None and parent.mem_id not in known:
        passed.append(parent.mem_id)
        parent = parent.parent
    block = known[parent.mem_id] if parent is not None else None
    if block is not None and passed:
        known.update(dict.fromkeys(passed, block))
    return block


def _flushed(node: LexborNode, pieces: list[str]) -> Sequence[Block]:
    if not pieces:
        return ()
    lines = "".join(pieces).split(BREAK)
    return [Block(node, text) for line in lines if (text := folded(line.strip("\n")))]


def region_of(html: str, opening: re.Match[str]) -> str:
    """The markup between a <div …> and its </div>; up to the end where that is missing, as a browser has it."""
    return html[opening.end() : _end_of(html, opening.end())]


def regions_of(html: str, opening: re.Pattern[str]) -> Iterator[str]:
    """The regions that `opening` opens; one within another is a part of it, and read once."""
    at = 0
    while found := opening.search(html, at):
        at = _end_of(html, found.end())
        yield html[found.end() : at]


def _end_of(html: str, start: int) -> int:
    depth = 1
    for tag in _DIV.finditer(html, start):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.start()
    return len(html)


def visible_text(html: str) -> str:
    """Text between the tags, without what a browser hides; a space stands for each tag."""
    if not _HIDES.search(html):  # most pages hide nothing
        return unescape(_TAG.sub(" ", html))
    seen: list[str] = []
    hidden: set[str] = set()
    for index, piece in enumerate(_TAG.split(html)):
        if index % 2 == 0:
            if not hidden:
                seen.append(piece)
        elif piece == "<!--":
            hidden = hidden or {"-->"}
        elif piece == "-->":
            hidden = set() if "-->" in hidden else hidden
        elif match := _NAME.match(piece):
            name = match[2].lower()
            if name in hidden:
                hidden = set()
            if not match[1] and not hidden and name in _HIDDEN:
                hidden = _ENDS.get(name, {name})
    return unescape(" ".join(seen))
