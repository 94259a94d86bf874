"""操作手引き: chapters for every role, and a picture of every page, none of them missing or left over."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch

import pytest

from regulations.labels import label
from regulations.review import Role
from review_app.labels_ja import help as words
from review_app.manual_text import FOLDER, Chapter, chapters, picture, pictures_named
from review_app.navigation import ALL_PAGES
from tests.conftest import ROOT
from tests.review_app.pages import open_page, person, run
from tests.review_app.prefecture import Prefecture

LARGE = ROOT / "docs" / "manual"


def titles() -> list[str]:
    return [chapter.title for chapter in chapters()]


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)
def test_every_page_has_its_picture_on_both_screens(page: object) -> None:
    name = getattr(page, "name", "")
    assert picture(name) is not None
    assert (LARGE / f"{name}.png").is_file()


def test_every_picture_of_the_manual_is_there_on_both_screens() -> None:
    assert pictures_named(), "the manual has pictures"
    assert [name for name in pictures_named() if picture(name) is None] == []
    small = {file.name for file in (FOLDER / "pictures").glob("*.png")}
    assert small == {file.name for file in LARGE.glob("*.png")}


def test_every_page_of_the_app_is_told_of_in_the_manual() -> None:
    text = (FOLDER / "manual.md").read_text(encoding="utf-8")
    assert [page.label for page in ALL_PAGES if page.label not in text] == []


def test_every_role_is_told_of_and_has_a_chapter_to_begin_with() -> None:
    text = (FOLDER / "manual.md").read_text(encoding="utf-8")
    assert [role for role in Role if label(role) not in text] == []
    assert set(words.FIRST_CHAPTER.values()) <= set(titles())


def test_what_is_shown_leads_to_the_pictures_that_are_served() -> None:
    shown = "".join(chapter.text for chapter in chapters())
    assert re.findall(r"\]\(/manual/([\w-]+)\.png\)", shown) == list(pictures_named())
    assert "](pictures/" not in shown
    assert all(chapter.text for chapter in chapters())


@pytest.mark.parametrize("name", ["nothing", "../manual", "", "inbox.png", "./inbox"])
def test_no_other_file_is_a_picture(name: str) -> None:
    assert picture(name) is None


def test_the_installed_app_has_manual_and_pictures() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["review_app"]
    files = [file.relative_to(ROOT / "review_app").as_posix() for file in FOLDER.rglob("*") if file.is_file()]
    assert [file for file in files if not any(fnmatch(file, pattern) for pattern in patterns)] == []


def test_the_table_of_contents_beside_the_documentation_leads_to_every_chapter() -> None:
    contents = (ROOT / "docs" / "ja" / "manual.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\[([^\]]+)\]\(\.\./\.\./review_app/manual/manual\.md#", contents))
    assert linked == set(titles())


@pytest.mark.parametrize(
    ("login", "begins"), [("sato", "はじめに"), ("suzuki", "承認者の仕事"), ("gyokei", "推進部門の仕事")]
)
def test_each_role_begins_with_its_own_chapter_and_can_turn_to_another(
    prefecture: Prefecture, login: str, begins: str
) -> None:
    page = open_page("manual", person(prefecture, login))
    assert page.radio(key="chapter").value == begins
    assert page.markdown[0].value.startswith(f"## {begins}\n")
    page.radio(key="chapter").set_value("困ったとき")
    run(page)
    assert page.markdown[0].value.startswith("## 困ったとき\n")


def test_chapters_are_what_the_headings_of_the_second_level_begin() -> None:
    assert Chapter(title="", text="") not in chapters()
    assert len(titles()) == len(set(titles()))
