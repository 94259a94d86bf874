"""Corrections by which staff mend a faulty source file, told in YAML (docs/corrections.md).

A correction belongs to one file by its hash and is applied as a whole or not at all: where the file
has changed, or the words before are not there, it is refused and the tree stays as it was read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import yaml

from regulations.citations import ProvisionRef, Section, format_ref, parse_ref
from regulations.sources.checks import check
from regulations.sources.labels import close_up_label, item_label, set_apart
from regulations.sources.line_grammar import feed_lines
from regulations.sources.sentences import sentences_of
from regulations.sources.tree_builder import TreeBuilder
from regulations.structure import (
    Article,
    Diagnostic,
    Division,
    Item,
    Ordinance,
    Paragraph,
    ParsedOrdinance,
    Severity,
    Table,
    has_sole_paragraph,
    paragraph_text,
)
from regulations.text import normalise_for_identity


class ActionKind(StrEnum):
    """What a correction does at an address."""

    REPLACE = "replace"
    INSERT = "insert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step. `at` is an address as it is printed (第三条第二項第一号), 題名 or 番号."""

    kind: ActionKind
    at: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What one person set right in one file, and why."""

    source_sha256: str
    title: str
    reason: str
    by: str
    date: dt.date
    actions: tuple[Action, ...]


class RefusedCorrection(Exception):
    """An action that does not fit the text; `message` is Japanese."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


# Reading the file

_KEYS = ("source_sha256", "title", "reason", "by", "date", "actions")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NEEDED = {
    ActionKind.REPLACE: ({"before", "after"}, "before と after"),
    ActionKind.INSERT: ({"after"}, "after（before は書かない）"),
    ActionKind.DELETE: ({"before"}, "before（after は書かない）"),
}


def read_corrections(data: bytes) -> tuple[list[Correction], list[str]]:
    """Corrections of one file, and Japanese errors that name the entry. A file with errors gives no corrections."""
    try:
        entries = yaml.safe_load(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return [], ["文字コードが UTF-8 ではありません。UTF-8 で保存してください。"]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{mark.line + 1}行目: " if mark else ""
        return [], [f"{where}YAML として読めません。字下げとコロンの後の空白を確かめてください。"]
    if entries is None:
        return [], []
    if not isinstance(entries, list):
        return [], ["訂正の一覧になっていません。各訂正を「- 」で始めてください。"]
    errors: list[str] = []
    found = []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(_correction(entry))
        except RefusedCorrection as error:
            errors.append(f"{number}件目: {error.message}")
    return ([], errors) if errors else (found, [])


def _correction(entry: Any) -> Correction:
    _check_keys(entry, _KEYS, _KEYS)
    if not _SHA256.fullmatch(str(entry["source_sha256"])):
        raise RefusedCorrection("source_sha256 は、minaoshi doctor が表示する64桁の値にしてください。")
    if not isinstance(entry["date"], dt.date) or isinstance(entry["date"], dt.datetime):
        raise RefusedCorrection("date は 2026-11-02 の形の日付にしてください。")
    if not isinstance(entry["actions"], list) or not entry["actions"]:
        raise RefusedCorrection("actions に操作を1つ以上書いてください。")
    for key in ("title", "reason", "by"):
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise RefusedCorrection(f"{key} が空欄です。")
    return Correction(
        source_sha256=entry["source_sha256"],
        title=entry["title"].strip(),
        reason=entry["reason"].strip(),
        by=entry["by"].strip(),
        date=entry["date"],
        actions=tuple(_action(action) for action in entry["actions"]),
    )


def _action(entry: Any) -> Action:
    _check_keys(entry, ("action", "at", "before", "after"), ("action", "at"))
    try:
        kind = ActionKind(entry["action"])
    except ValueError as error:
        message = f"action の「{entry['action']}」は replace, insert, delete のいずれでもありません。"
        raise RefusedCorrection(message) from error
    needed, words = _NEEDED[kind]
    if {key for key in ("before", "after") if key in entry} != needed:
        raise RefusedCorrection(f"{kind} には {words} が要ります。")
    if any(not isinstance(entry[key], str) for key in ("at", *needed)) or any(
        not entry[key].strip() for key in ({"at", *needed} - ({"after"} if kind is ActionKind.REPLACE else set()))
    ):
        raise RefusedCorrection(f"{kind} の at と {words} は、空でない文字列にしてください。")
    texts = {key: entry[key].strip("\n") for key in needed}
    return Action(kind=kind, at=entry["at"].strip(), **texts)


def _check_keys(entry: Any, allowed: Sequence[str], required: Sequence[str]) -> None:
    if not isinstance(entry, Mapping):
        raise RefusedCorrection("「項目: 値」の形になっていません。")
    if unknown := [str(key) for key in entry if key not in allowed]:
        raise RefusedCorrection(f"「{'」「'.join(unknown)}」という項目はありません。")
    if missing := [key for key in required if key not in entry]:
        raise RefusedCorrection(f"「{'」「'.join(missing)}」がありません。")


# Applying it


def apply_corrections(
    parsed: ParsedOrdinance, corrections: Iterable[Correction], *, source_hash: str
) -> ParsedOrdinance:
    """`parsed` with the corrections that are meant for the file of that SHA-256, told in its diagnostics.

    `corrected` is one for each action done; `correction_refused` one for each correction that is meant
    for this instrument but was made for another state of its file, or does not fit its text.
    """
    ordinance, told = parsed.ordinance, []
    meant = [correction for correction in corrections if correction.source_sha256 == source_hash]
    # One for an earlier state of the file says nothing where there is one for this state.
    stale = [] if meant else [c for c in corrections if _fold(c.title) == _fold(parsed.ordinance.title)]
    for correction in meant:
        try:
            corrected = ordinance
            for action in correction.actions:
                corrected = _applied(corrected, action)
        except RefusedCorrection as error:
            told.append(_refusal(correction, error.message))
            continue
        ordinance = corrected
        told += [_report(correction, action) for action in correction.actions]
    told += [
        _refusal(correction, "元のファイルが、訂正を作ったときから変わっています。訂正がまだ必要か確かめてください。")
        for correction in stale
    ]
    if not told:
        return parsed
    # What was odd about the tree as it was read may be set right, and the other way round.
    before = set(check(parsed.ordinance))
    kept = [diagnostic for diagnostic in parsed.diagnostics if diagnostic not in before]
    return replace(parsed, ordinance=ordinance, diagnostics=(*told, *kept, *check(ordinance)))


def _report(correction: Correction, action: Action) -> Diagnostic:
    what = {
        ActionKind.REPLACE: f"「{action.before}」を「{action.after}」に改めました",
        ActionKind.INSERT: f"「{action.after}」を加えました",
        ActionKind.DELETE: f"「{action.before}」を削りました",
    }[action.kind]
    return Diagnostic(
        code="corrected",
        message=f"元のファイルの誤りを訂正しています: {what}（{_signed(correction)}）。",
        ref=action.at,
        severity=Severity.INFO,
    )


def _refusal(correction: Correction, why: str) -> Diagnostic:
    return Diagnostic(
        code="correction_refused",
        message=f"訂正（{_signed(correction)}）は適用していません: {why}",
        ref=correction.actions[0].at,
        severity=Severity.ERROR,
    )


def _signed(correction: Correction) -> str:
    return f"{correction.reason}。{correction.by}、{correction.date}"


def _fold(text: str) -> str:
    return normalise_for_identity(text)


_TABLE_NUMBER = re.compile(r"の表[0-9一二三四五六七八九十]+$")  # the words before tell one of several tables
_HEAD = {"題名": "title", "番号": "law_number"}


def _applied(ordinance: Ordinance, action: Action) -> Ordinance:
    if name := _HEAD.get(action.at):
        if action.kind is not ActionKind.REPLACE:
            raise RefusedCorrection(f"{action.at}は replace でのみ訂正できます。")
        text = getattr(ordinance, name)
        if text.count(action.before) != 1:
            raise _mismatch(action, [text])
        return replace(ordinance, **{name: text.replace(action.before, action.after)})
    if action.kind is ActionKind.REPLACE:
        return _with_words_replaced(ordinance, action)
    if action.kind is ActionKind.DELETE:
        return _without_provision(ordinance, action)
    return _with_provision(ordinance, action)


def _mismatch(action: Action, texts: Sequence[str]) -> RefusedCorrection:
    if not texts:
        return RefusedCorrection(f"{action.at}は見つかりません。")
    return RefusedCorrection(
        f"{action.at}に before の文字がちょうど1か所あるべきところ、本文は「{'」「'.join(texts)}」です。"
    )


def _with_words_replaced(ordinance: Ordinance, action: Action) -> Ordinance:
    at = _TABLE_NUMBER.sub("の表", _fold(action.at))
    places = [place for place in _walk(ordinance) if at in place.addresses_of_words and place.words]
    found = [place for place in places if place.words.count(action.before) == 1]
    if len(found) != 1:
        raise _mismatch(action, [place.words for place in places])
    return _edited(ordinance, found[0].path, lambda node: (_rewritten(node, action),))


def _without_provision(ordinance: Ordinance, action: Action) -> Ordinance:
    at = _fold(action.at)
    places = [place for place in _walk(ordinance) if at in place.addresses and not isinstance(place.node, Table)]
    # 第三条 is the article, not the only 項 in it.
    places = [place for place in places if isinstance(place.node, Article)] or places
    found = [place for place in places if _fold(_whole_text(place.node)) == _fold(action.before)]
    if len(found) != 1:
        raise _mismatch(action, [_whole_text(place.node) for place in places])
    return _edited(ordinance, found[0].path, lambda node: ())


def _with_provision(ordinance: Ordinance, action: Action) -> Ordinance:
    """The new provision after the one that it follows in number, else before the first, else as the only one."""
    places = list(_walk(ordinance))
    if any(_fold(action.at) in place.addresses for place in places):
        raise RefusedCorrection(f"{action.at}は既にあります。")
    target = _with_paragraph(_target(ordinance, action), places)
    new = _new(action, target)
    siblings = [place for place in places if type(place.node) is type(new) and _parent(place.ref) == _parent(target)]
    before = [place for place in siblings if place.ref.sort_key < target.sort_key]
    if before:
        return _edited(ordinance, before[-1].path, lambda node: (node, new))
    if siblings:
        return _edited(ordinance, siblings[0].path, lambda node: (new, node))
    if isinstance(new, Item):
        owners = [place for place in places if place.ref == _parent(target) and not isinstance(place.node, Table)]
        field = "items" if len(target.item) == 1 else "subitems"
        if len(owners) == 1:
            return _edited(ordinance, owners[0].path, lambda node: (replace(node, **{field: (new,)}),))
    raise RefusedCorrection(f"{action.at}を加える場所が見つかりません。前後の条・項・号の番号を確かめてください。")


def _target(ordinance: Ordinance, action: Action) -> ProvisionRef:
    """The address of a provision that is not there yet."""
    rest, base = _fold(action.at), ProvisionRef()
    labels = [(_fold(ref.label), ref) for ref in _supplementary_refs(ordinance)]
    for label, ref in sorted(labels, key=lambda known: -len(known[0])):
        if rest.startswith(label):
            rest, base = rest.removeprefix(label), ref
            break
    try:
        parsed = parse_ref(rest)
    except ValueError as error:
        raise RefusedCorrection(f"{action.at}は条・項・号の位置として読めません。") from error
    return replace(
        base,
        article=parsed.article,
        paragraph=parsed.paragraph,
        item=parsed.item,
        is_sole_paragraph=parsed.is_sole_paragraph,
    )


def _with_paragraph(target: ProvisionRef, places: Sequence[_Place]) -> ProvisionRef:
    """第三条第二号 stands in the only 項 of its article."""
    if not target.item or target.paragraph:
        return target
    above = _fold(format_ref(replace(target, item=())))
    owners = [place.ref for place in places if isinstance(place.node, Paragraph) and above in place.addresses]
    return replace(target, paragraph=owners[0].paragraph) if len(owners) == 1 else target


def _parent(ref: ProvisionRef) -> ProvisionRef:
    if ref.item:
        return replace(ref, item=ref.item[:-1])
    return replace(ref, paragraph="") if ref.paragraph else replace(ref, article="")


def _new(action: Action, target: ProvisionRef) -> Article | Paragraph | Item:
    """What `after` says, read as a plain text would be."""
    builder = TreeBuilder()
    lines = action.after.split("\n")
    found: list[Article | Paragraph | Item]
    if target.item:
        for line in lines:
            if label := item_label(line) or close_up_label(line):
                builder.item(label)
            else:
                builder.continuation(line.strip())
        number, kind = target.item[-1], "号"
        found = [item for child in builder.main() if isinstance(child, Paragraph) for item in child.items]
    else:
        feed_lines([set_apart(lines[0]), *lines[1:]], builder, by_points=target.article.startswith("第"))
        number, kind = (target.paragraph, "項") if target.paragraph else (target.article, "条")
        found = [child for child in builder.main() if isinstance(child, Paragraph if target.paragraph else Article)]
    if len(found) != 1 or (found[0].title and found[0].number != number):
        raise RefusedCorrection(f"after は、{action.at}の番号で始まる1つの{kind}にしてください。")
    return replace(found[0], number=number)


Node = Article | Paragraph | Item | Table
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A node of the tree, the way to it and its address."""

    path: Path
    ref: ProvisionRef
    node: Node

    @property
    def addresses(self) -> set[str]:
        """What it answers to: 第三条第二号, and 第三条第一項第二号 too where the article has one 項 only."""
        return {_fold(format_ref(ref)) for ref in (self.ref, replace(self.ref, is_sole_paragraph=False))}

    @property
    def addresses_of_words(self) -> set[str]:
        """The words of an article itself are its 見出し; 第三条 means those of its only 項."""
        return {f"{at}見出し" for at in self.addresses} if isinstance(self.node, Article) else self.addresses

    @property
    def words(self) -> str:
        """The node's own words, without those of what is below it."""
        if isinstance(self.node, Article):
            return self.node.caption
        if isinstance(self.node, Table):
            return "\n".join(cell for row in self.node.rows for cell in row)
        return "".join(sentence.text for sentence in self.node.sentences)


def _rewritten(node: Node, action: Action) -> Node:
    if isinstance(node, Article):
        return replace(node, caption=node.caption.replace(action.before, action.after))
    if isinstance(node, Table):
        rows = tuple(tuple(cell.replace(action.before, action.after) for cell in row) for row in node.rows)
        return replace(node, rows=rows)
    text = "".join(sentence.text for sentence in node.sentences)
    return replace(node, sentences=sentences_of(text.replace(action.before, action.after)))


def _whole_text(node: Node) -> str:
    if isinstance(node, Article):
        return "\n".join(paragraph_text(paragraph) for paragraph in node.paragraphs)
    if isinstance(node, Table):
        return node.text
    return paragraph_text(node if isinstance(node, Paragraph) else Paragraph(number="", items=(node,)))


def _edited(ordinance: Ordinance, path: Path, change: Callable[[Any], tuple[Node, ...]]) -> Ordinance:
    """The tree with the node at the end of `path` replaced by what `change` makes of it: none, one or two."""
    edited: Ordinance = _edited_below(ordinance, path, change)
    return edited


def _edited_below(value: Any, path: Path, change: Callable[[Any], tuple[Node, ...]]) -> Any:
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        return replace(value, **{step: _edited_below(getattr(value, step), rest, change)})
    new = (_edited_below(value[step], rest, change),) if rest else change(value[step])
    return (*value[:step], *new, *value[step + 1 :])


def _supplementary_refs(ordinance: Ordinance) -> list[ProvisionRef]:
    return [
        ProvisionRef(
            section=Section.SUPPLEMENTARY,
            ordinal=ordinal,
            label=f"{part.label}（{part.amend_law_number}）" if part.amend_law_number else part.label,
        )
        for ordinal, part in enumerate(ordinance.supplementary)
    ]


def _walk(ordinance: Ordinance) -> Iterator[_Place]:
    """Every 条, 項, 号 and table under the address that `provisions` gives it, in document order."""
    for index, paragraph in enumerate(ordinance.preamble):
        number = str(index + 1) if len(ordinance.preamble) > 1 else ""
        yield from _of_paragraph(("preamble", index), ProvisionRef(label="前文", paragraph=number), paragraph)
    ref = ProvisionRef(is_sole_paragraph=has_sole_paragraph(ordinance.main))
    yield from _of_children(("main",), ref, ordinance.main)
    for index, (ref, part) in enumerate(zip(_supplementary_refs(ordinance), ordinance.supplementary, strict=True)):
        inner = replace(ref, is_sole_paragraph=has_sole_paragraph(part.children))
        yield from _of_children(("supplementary", index, "children"), inner, part.children)
        yield from _of_tables(("supplementary", index), replace(ref, block="表"), part.tables)
    for index, table in enumerate(ordinance.tables):
        ref = ProvisionRef(section=Section.TABLE, ordinal=index, label=table.title)
        for at, paragraph in enumerate(table.children):
            yield from _of_paragraph(("tables", index, "children", at), ref, paragraph)
        yield from _of_tables(("tables", index), ref, table.tables)


def _of_children(path: Path, ref: ProvisionRef, children: Sequence[Division | Article | Paragraph]) -> Iterator[_Place]:
    for index, child in enumerate(children):
        here = (*path, index)
        if isinstance(child, Division):
            yield from _of_children((*here, "children"), ref, child.children)
        elif isinstance(child, Article):
            article = replace(ref, article=child.number, is_sole_paragraph=has_sole_paragraph(child))
            yield _Place(here, article, child)
            for at, paragraph in enumerate(child.paragraphs):
                inner = replace(article, paragraph=paragraph.number)
                yield from _of_paragraph((*here, "paragraphs", at), inner, paragraph)
        else:
            yield from _of_paragraph(here, replace(ref, paragraph=child.number), child)


def _of_paragraph(path: Path, ref: ProvisionRef, paragraph: Paragraph) -> Iterator[_Place]:
    yield _Place(path, ref, paragraph)
    yield from _of_items((*path, "items"), ref, paragraph.items)
    yield from _of_tables(path, replace(ref, block="表"), paragraph.tables)


def _of_items(path: Path, ref: ProvisionRef, items: Sequence[Item]) -> Iterator[_Place]:
    for index, item in enumerate(items):
        here, inner = (*path, index), replace(ref, item=(*ref.item, item.number))
        yield _Place(here, inner, item)
        yield from _of_items((*here, "subitems"), inner, item.subitems)
        yield from _of_tables(here, replace(ref, item=(), block="表"), item.tables)


def _of_tables(path: Path, ref: ProvisionRef, tables: Sequence[Table]) -> Iterator[_Place]:
    for index, table in enumerate(tables):
        yield _Place((*path, "tables", index), ref, table)
