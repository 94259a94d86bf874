"""The floors between the folders hold: who may import whom, and which libraries each floor knows."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.conftest import ROOT

DOMAIN = {"docx", "japanera", "kanjize", "lxml", "pypdfium2", "rapidfuzz", "selectolax", "yaml"}
ALLOWED = {
    "regulations": DOMAIN,
    "models": {"regulations", "alembic", "argon2", "openpyxl", "sqlalchemy", "xlsxwriter", "yaml"},
    "nlp": {"regulations", "ginza", "numpy", "scipy", "sklearn", "spacy", "thinc", "yaml"},
    "review_app": {
        "models", "regulations", "jinja2", "markupsafe", "pandas", "python_multipart", "sqlalchemy", "starlette",
        "streamlit", "uvicorn", "yaml",
    },
}  # fmt: skip


def _imports(folder: str) -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield path, node.module


def test_the_import_contracts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("folder", sorted(ALLOWED))
def test_a_floor_imports_only_the_libraries_it_is_meant_to_know(folder: str) -> None:
    known = sys.stdlib_module_names | ALLOWED[folder] | {folder}
    strangers = {
        f"{path.relative_to(ROOT)}: {name}" for path, name in _imports(folder) if name.split(".")[0] not in known
    }
    assert strangers == set()


def test_nobody_imports_the_package_nlp_under_its_bare_name() -> None:
    # `nlp` is what everybody calls spaCy's pipeline; a package of that name in scope would be shadowed.
    folders = ("flows", "models", "nlp", "regulations", "review_app", "tests")
    assert [path for folder in folders for path, name in _imports(folder) if name == "nlp"] == []
