"""What a reader of the repository relies on: locks in step, commands documented, nothing of one machine in it."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer.main
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from flows.cli import app
from tests.conftest import ROOT

# Written in pieces, so that this file does not hold what it forbids.
FORBIDDEN = {
    "an index address": re.compile("py" + r"pi\.org|python" + r"hosted\.org|index-url[ =]+\S*:" + "//"),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:root|work|home/\w+)" + r"/(?=\w)"),
    "something unfinished": re.compile("Not" + "ImplementedError|TO" + r"DO\b|FIX" + r"ME\b"),
}
REPLACED_BY_USERS = {"MINAOSHI_SHARED", "MINAOSHI_SCREENSHOTS"}


def _committed() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout: there is no list of committed files")
    return [path for name in listing.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_committed_file_holds(what: str) -> None:
    found = []
    for path in _committed():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in FORBIDDEN[what].finditer(text)]
    assert found == []


def _pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", text, flags=re.MULTILINE))


def _project() -> tuple[list[Requirement], list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [Requirement(line) for line in project["optional-dependencies"]["dev"]]
    return [Requirement(line) for line in project["dependencies"]], extras


def _unmet(requirements: list[Requirement], pins: dict[str, str]) -> list[str]:
    versions = [(str(wanted), wanted.specifier, pins.get(canonicalize_name(wanted.name))) for wanted in requirements]
    return [name for name, allowed, pinned in versions if pinned is None or pinned not in allowed]


def test_the_lock_meets_every_requirement_of_the_project() -> None:
    assert _unmet(_project()[0], _pins("requirements.lock")) == []


def test_the_development_lock_meets_every_requirement_and_agrees_with_the_other() -> None:
    runtime, development = _project()
    pins = _pins("requirements-dev.lock")
    assert _unmet(runtime + development, pins) == []
    assert _pins("requirements.lock").items() - pins.items() == set()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_carries_a_hash(lock: str) -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8"))
    unhashed = [block.splitlines()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]
    assert unhashed == []


def _commands() -> set[str]:
    def below(command: object, words: tuple[str, ...]) -> set[str]:
        inner = getattr(command, "commands", None)
        if not inner:
            return {" ".join(words)}
        return {name for word, child in inner.items() for name in below(child, (*words, word))}

    return below(typer.main.get_command(app), ("minaoshi",))


def test_every_command_is_documented() -> None:
    page = (ROOT / "flows" / "README.md").read_text(encoding="utf-8")
    assert {command for command in _commands() if f"`{command}" not in page} == set()


def test_every_setting_is_documented() -> None:
    code = [path for path in _committed() if path.suffix == ".py" and "tests" not in path.relative_to(ROOT).parts]
    used = {name for path in code for name in re.findall(r"\bMINAOSHI_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    page = (ROOT / "flows" / "README.md").read_text(encoding="utf-8")
    assert used, "the settings are read from somewhere"
    assert {name for name in used if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_both_readmes_lead_to_the_table_of_commands(readme: str) -> None:
    assert "(flows/README.md)" in (ROOT / readme).read_text(encoding="utf-8")


def test_the_targets_of_make_that_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"run", "demo", "test"} <= named
    assert {target for target in named if not re.search(rf"^{target}:", makefile, flags=re.MULTILINE)} == set()


def test_the_continuous_integration_script_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


def test_the_compose_file_opens_one_port_and_only_on_loopback() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8501:8501"]
