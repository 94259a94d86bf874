"""The command's contracts: what it prints, where it writes and how it exits."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from flows.cli import app
from flows.database import sessions
from flows.settings import Settings
from models.accounts import Account
from models.organisation import Division
from tests.flows.texts import BEFORE, write
from tests.regulations.test_archives import bundle_of

ORGANISATION = "bureau,office,division,valid_from,valid_to,successor\n環境生活部,,自然共生課,2009-04-01,,\n"


def _run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_parse_prints_one_json_object_a_file_with_the_contract_s_keys(tmp_path: Path) -> None:
    files = [write(tmp_path, BEFORE, name) for name in ("a.txt", "b.txt")]
    done = _run("parse", *files, "--json")
    assert done.exit_code == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["file"] for row in rows] == [str(file) for file in files]
    assert set(rows[0]) == {"file", "title", "law_number", "kind", "format", "diagnostics", "provisions"}
    assert rows[0]["title"] == "霞野県遊泳場条例"
    assert rows[0]["provisions"][2] == {
        "article": "3",
        "paragraph": "1",
        "address": "第三条",
        "section": "main",
        "caption": "（掲示）",
        "text": "遊泳場の経営者は、許可証を遊泳場の見やすい場所に掲示しなければならない。",
    }


def test_parse_without_json_speaks_to_a_person(tmp_path: Path) -> None:
    done = _run("parse", write(tmp_path, BEFORE))
    assert "霞野県遊泳場条例" in done.stdout
    assert "条例" in done.stdout
    assert "4 条項" in done.stdout


def test_parse_gives_a_line_for_an_unreadable_file_and_fails(tmp_path: Path) -> None:
    broken = tmp_path / "broken.xml"
    broken.write_bytes(b"")
    done = _run("parse", broken, write(tmp_path, BEFORE), "--json")
    assert done.exit_code == 1
    refused, read = (json.loads(line) for line in done.stdout.splitlines())
    assert (refused["provisions"], [found["code"] for found in refused["diagnostics"]]) == ([], ["empty_file"])
    assert len(read["provisions"]) == 4
    assert str(broken) in done.stderr


def test_parse_reads_a_bundle_member_by_member(tmp_path: Path) -> None:
    path = tmp_path / "例規集.zip"
    path.write_bytes(bundle_of({"a.txt": BEFORE.encode(), "b.txt": BEFORE.encode("cp932")}))
    done = _run("parse", path, "--json")
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == [f"{path}/a.txt", f"{path}/b.txt"]


def test_doctor_tells_what_was_read_and_what_is_odd(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(BEFORE.replace("第三条", "第五条").encode("cp932"))
    done = _run("doctor", file)
    assert done.exit_code == 0, done.output
    words = (
        "plain_text（cp932）", "霞野県遊泳場条例", "霞野県条例第十号", "条例", "条 4、項 4、号 0、附則 0、別表 0",
        hashlib.sha256(file.read_bytes()).hexdigest(), "0.00%", "missing_article 第五条:", "article_order 第四条:",
    )  # fmt: skip
    assert [word for word in words if word not in done.stdout] == []


def test_doctor_fails_on_an_unreadable_file_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"")
    done = _run("doctor", tmp_path / "a.xml", write(tmp_path, BEFORE))
    assert done.exit_code == 1
    assert "[エラー] empty_file" in done.stdout
    assert "霞野県遊泳場条例" in done.stdout


SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Law"><xs:complexType><xs:sequence>
<xs:element name="LawNum"/><xs:element name="LawBody"/></xs:sequence><xs:attribute name="Num" use="required"/>
<xs:anyAttribute processContents="skip"/></xs:complexType></xs:element></xs:schema>"""


def test_doctor_warns_of_what_violates_the_schema_and_reads_it_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "law.xsd").write_text(SCHEMA, encoding="utf-8")
    (tmp_path / "law.xml").write_text(
        "<Law><LawNum>令和三年条例第十号</LawNum><LawBody><LawTitle>霞野県桟橋条例</LawTitle><MainProvision>"
        '<Article Num="1"><ArticleTitle>第一条</ArticleTitle><Paragraph Num="1"><ParagraphNum/><ParagraphSentence>'
        "<Sentence>桟橋は、毎年一回、目視により点検しなければならない。</Sentence></ParagraphSentence></Paragraph>"
        "</Article></MainProvision></LawBody></Law>",
        encoding="utf-8",
    )
    done = _run("doctor", tmp_path / "law.xml", "--schema", tmp_path / "law.xsd")
    assert done.exit_code == 0, done.output
    assert "[注意] schema_violation 1行目:" in done.stdout
    assert "schema_violation" not in _run("doctor", tmp_path / "law.xml").stdout
    assert _run("doctor", tmp_path / "law.xml", "--schema", tmp_path / "law.xml").exit_code == 2


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    assert _run("parse", tmp_path / "nowhere.xml", "--json").exit_code == 2


def test_classify_writes_one_line_a_provision_with_the_contract_s_keys(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    common = {"law": "霞野県遊泳場条例", "law_no": "", "article": "1", "paragraph": "1", "caption": ""}
    posting = "遊泳場の経営者は、許可証を遊泳場の見やすい場所に掲示しなければならない。"
    rows = [
        {"id": "a", "kind": "ordinance", "text": posting, **common},
        {"id": "b", "kind": "act", "text": posting, **common},
        {"id": "c", "kind": "ordinance", "text": "この条例は、公布の日から施行する。", **common},
    ]
    source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    done = _run("classify", source, target)
    assert done.exit_code == 0, done.output
    found = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in found] == ["a", "b", "c"]
    assert all(set(row) == {"id", "labels", "scores", "basis"} for row in found)
    (label,) = found[0]["labels"]
    assert set(label) == {"category", "type", "phase", "probability", "evidence", "reason"}
    assert label["category"] == "written_posting"
    assert all(posting[span["start"] : span["end"]] == span["text"] for span in label["evidence"])
    assert found[1]["basis"] == "national"
    assert found[0]["basis"] in {"law", "local", "unclear"}
    assert found[2]["labels"] == []


def test_classify_names_the_line_that_is_no_provision(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "a", "text": "一"}\n{"id": ', encoding="utf-8")
    done = _run("classify", source, tmp_path / "out.jsonl")
    assert done.exit_code == 1
    assert "2行目" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_init_may_run_twice_and_its_rehearsal_registers_nothing(installation: Settings, tmp_path: Path) -> None:
    organisation = tmp_path / "organisation.csv"
    organisation.write_text(ORGANISATION, encoding="utf-8")
    for words, expected in ((("--dry-run",), []), ((), ["自然共生課"]), ((), ["自然共生課"])):
        assert _run("init", "--organisation", organisation, *words).exit_code == 0
        with sessions()() as session:
            assert session.scalars(select(Division.name)).all() == expected


def test_init_names_the_rows_of_an_organisation_that_it_cannot_take(installation: Settings, tmp_path: Path) -> None:
    organisation = tmp_path / "organisation.csv"
    organisation.write_text(ORGANISATION + "環境生活部,,,2009-04-01,,\n", encoding="utf-8")
    done = _run("init", "--organisation", organisation)
    assert done.exit_code == 1
    assert "3行目" in done.stderr


def test_a_new_account_gets_a_one_time_password_that_is_not_kept(installation: Settings, tmp_path: Path) -> None:
    organisation = tmp_path / "organisation.csv"
    organisation.write_text(ORGANISATION, encoding="utf-8")
    _run("init", "--organisation", organisation)
    done = _run("accounts", "create", "r1", "--name", "試験 太郎", "--role", "reviewer", "--division", "自然共生課")
    assert done.exit_code == 0, done.output
    password = done.stdout.split("仮パスワード: ")[1].splitlines()[0]
    with sessions()() as session:
        account = session.scalars(select(Account)).one()
        assert account.must_change_password
        assert account.password_hash is not None
        assert password not in account.password_hash
    again = _run("accounts", "reset", "r1")
    assert again.exit_code == 0
    assert password not in again.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("reset", "nobody"), "いません"),
        # A reviewer sees the cases of a division, so one without would see nothing.
        (("create", "r1", "--name", "試験 太郎", "--role", "reviewer"), "--division"),
        (("create", "r1", "--name", "試験 太郎", "--role", "reviewer", "--division", "存在しない課"), "存在しない課"),
        (("create", "r1", "--name", "試験 太郎", "--role", "king"), "king"),
    ],
)
def test_an_account_that_cannot_be_made_is_wrong_use(
    installation: Settings, words: tuple[str, ...], message: str
) -> None:
    done = _run("accounts", *words)
    assert done.exit_code == 2
    assert message in done.stderr


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_the_roadmap_is_exported_under_its_headings_even_when_empty(installation: Settings, format: str) -> None:
    done = _run("export", "roadmap", "--format", format)
    assert done.exit_code == 0, done.output
    (path,) = installation.exports.iterdir()
    assert str(path) in done.stdout
    if format == "xlsx":
        cells = {cell.value for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row}
        assert {"規制区分", "見直し後のPHASE（到達点）"} <= cells
    else:
        assert "見直し後のPHASE（到達点）" in path.read_text(encoding="utf-8-sig").splitlines()[0]


def test_a_division_that_nobody_knows_exports_nothing(installation: Settings) -> None:
    assert _run("export", "roadmap", "--division", "存在しない課").exit_code == 2
    assert list(installation.exports.iterdir()) == []


def test_a_setting_that_cannot_be_used_is_wrong_use(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINAOSHI_PORT", "http")
    done = _run("init")
    assert (done.exit_code, "MINAOSHI_PORT" in done.stderr) == (2, True)
