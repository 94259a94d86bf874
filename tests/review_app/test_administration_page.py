"""管理 and 取込状況: people, staff changes, organisation, owners and catalogues, each rehearsed before it is done."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from models import queries
from models.accounts import Account
from models.database import reading_scope, session_scope
from models.legislation import Instrument
from models.organisation import Division
from regulations.review import Actor, Role
from review_app import labels_ja as ja
from review_app.components.file_import import list_html
from review_app.labels_ja import administration as words
from tests import factories
from tests.review_app.pages import open_page, person, run, shown
from tests.review_app.prefecture import FOREIGN, OWN, Prefecture
from tests.review_app.rounds import stop_the_clock


@pytest.fixture
def administrator(prefecture: Prefecture) -> Actor:
    return person(prefecture, "admin")


@pytest.fixture
def coordinator(prefecture: Prefecture) -> Actor:
    return person(prefecture, "gyokei")


def account_of(prefecture: Prefecture, login: str) -> Account:
    with reading_scope(prefecture.sessions) as session:
        return session.scalars(select(Account).where(Account.login_name == login)).one()


def division_id(prefecture: Prefecture, name: str) -> int:
    with reading_scope(prefecture.sessions) as session:
        return session.scalars(select(Division.id).where(Division.name == name)).one()


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    return run(page)


def test_each_role_is_offered_what_it_may_administer(administrator: Actor, coordinator: Actor) -> None:
    def sections(actor: Actor) -> list[str]:
        return list(open_page("administration", actor).segmented_control(key="section").options)

    assert sections(administrator) == [words.PEOPLE, words.STAFF_CHANGES, words.ORGANISATION]
    assert sections(coordinator) == [words.ORGANISATION, words.OWNERS]


def test_a_new_account_shows_its_password_until_it_is_noted(prefecture: Prefecture, administrator: Actor) -> None:
    page = open_page("administration", administrator)
    page.text_input(key="new_login_0").set_value("abe")
    page.text_input(key="new_0_name").set_value("阿部 春子")
    page.selectbox(key="new_0_role").set_value(Role.REVIEWER)
    page.selectbox(key="new_0_division").set_value(division_id(prefecture, OWN))
    press(page, words.REGISTER)
    assert words.registered("阿部 春子", "abe") in shown(page)
    login_name, password = page.code[0].value.split("\t")
    assert login_name == "abe"
    assert len(password) >= 16
    run(page)
    assert page.code[0].value.endswith(password)  # a second run, as a click elsewhere makes it, does not lose it
    press(page, words.ISSUED_NOTED)
    assert not page.code
    assert account_of(prefecture, "abe").must_change_password


def test_a_refused_account_says_why_and_keeps_what_was_typed(prefecture: Prefecture, administrator: Actor) -> None:
    page = open_page("administration", administrator)
    page.text_input(key="new_login_0").set_value("sato")
    page.text_input(key="new_0_name").set_value("佐藤 夏子")
    page.selectbox(key="new_0_role").set_value(Role.AUDITOR)
    press(page, words.REGISTER)
    assert "利用者ID「sato」は、すでに使われています。" in shown(page)
    assert page.text_input(key="new_0_name").value == "佐藤 夏子"


def test_an_account_is_found_moved_and_ended(prefecture: Prefecture, administrator: Actor) -> None:
    page = open_page("administration", administrator)
    page.text_input(key="accounts_text").set_value("佐藤")
    run(page)
    assert [button.label for button in page.button if button.key.startswith("open_")] == ["佐藤 花子"]
    press(page, "佐藤 花子")
    sato = account_of(prefecture, "sato")
    page.selectbox(key=f"change_{sato.id}_division").set_value(division_id(prefecture, FOREIGN))
    page.segmented_control(key=f"active_{sato.id}").set_value(words.ENDED)
    press(page, words.SAVE)
    assert words.changed("佐藤 花子", "sato") in shown(page)
    sato = account_of(prefecture, "sato")
    assert (sato.division_id, sato.is_active) == (division_id(prefecture, FOREIGN), False)
    press(page, words.SAVE)
    assert words.unchanged("佐藤 花子") in shown(page)


def test_nobody_ends_their_own_account(prefecture: Prefecture, administrator: Actor) -> None:
    own = administrator.account_id
    page = open_page("administration", administrator, account=str(own))
    page.segmented_control(key=f"active_{own}").set_value(words.ENDED)
    press(page, words.SAVE)
    assert "自分自身は停止できず" in shown(page)
    assert account_of(prefecture, "admin").is_active


def test_a_password_is_issued_anew_from_the_account(prefecture: Prefecture, administrator: Actor) -> None:
    sato = account_of(prefecture, "sato")
    page = open_page("administration", administrator, account=str(sato.id))
    press(page, words.RESET_NOW)
    assert page.code[0].value.startswith("sato\t")
    assert account_of(prefecture, "sato").password_hash != sato.password_hash


def test_the_first_page_of_people_tells_who_has_never_signed_in(administrator: Actor) -> None:
    assert shown(open_page("administration", administrator)).count("まだ使われていない</span>") == 6


STAFF = """利用者ID,氏名,役割,部局,課・室,有効期限,状態
sato,佐藤 花子,担当者,,生活衛生課,,
new,新任 三郎,承認者,,都市計画課,令和9年3月31日,
wrong,新任 四郎,係長,,都市計画課,,
"""


def test_a_list_of_staff_is_shown_first_and_carried_out_on_demand(prefecture: Prefecture, administrator: Actor) -> None:
    page = section(administrator, words.STAFF_CHANGES)
    upload(page, "staff", "staff.csv", STAFF.encode())
    html = shown(page)
    assert "4行目「役割」: 「係長」は読めません。" in html
    assert "2行目　佐藤 花子（sato）: 所属 都市計画課 → 生活衛生課" in html
    assert "都市計画課: 担当者がいなくなります。" in html
    assert account_of(prefecture, "sato").division_id == division_id(prefecture, OWN)
    press(page, words.APPLY)
    assert words.staff_applied(1, 1, 0) in shown(page)
    assert page.code[0].value.startswith("new\t")
    assert account_of(prefecture, "sato").division_id == division_id(prefecture, FOREIGN)
    assert not shown(page).count("mi-fold")  # the file is put away


def test_the_organisation_is_shown_as_of_a_day_and_changed_by_a_file(
    prefecture: Prefecture, coordinator: Actor
) -> None:
    page = section(coordinator, words.ORGANISATION)
    assert "<td>都市計画課</td>" in shown(page)
    assert "<td>新しい課</td>" not in shown(page)
    upload(page, "organisation", "organisation.csv", "部局,課・室\n総務部,新しい課\n,名なし\n".encode())
    assert "2行目　総務部　新しい課" in shown(page)
    assert "3行目「部局」" in shown(page)
    press(page, words.APPLY)
    assert words.organisation_applied(1, 0) in shown(page)
    assert "<td>新しい課</td>" in shown(page)


def test_lead_and_joint_owners_are_set_together(prefecture: Prefecture, coordinator: Actor) -> None:
    page = section(coordinator, words.OWNERS)
    with reading_scope(prefecture.sessions) as session:
        instrument = session.scalars(select(Instrument)).one()
    page.selectbox(key="owners_instrument").set_value(instrument.id)
    run(page)
    page.multiselect(key=f"joint_{instrument.id}").set_value([division_id(prefecture, FOREIGN)])
    press(page, words.SAVE)
    assert words.owners_saved(instrument.title) in shown(page)
    assert f"<td>{FOREIGN}</td><td>環境生活部</td><td>{words.JOINT}</td>" in shown(page)
    with reading_scope(prefecture.sessions) as session:
        text = queries.instrument_text(session, actor=coordinator, instrument_id=instrument.id)
    assert text is not None
    assert text.head.owner.joint == {division_id(prefecture, FOREIGN)}


def test_a_division_to_come_is_offered_with_its_day_to_the_coordinator_alone(
    prefecture: Prefecture, coordinator: Actor, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_the_clock(monkeypatch)
    with session_scope(prefecture.sessions) as session:
        factories.division(session, "来年の課", bureau="総務部", valid_from=dt.date(2027, 4, 1))
        instrument = session.scalars(select(Instrument)).one()
    page = section(coordinator, words.OWNERS)
    page.selectbox(key="owners_instrument").set_value(instrument.id)
    run(page)
    offered = "総務部　来年の課（令和9年4月1日から）"
    assert offered in page.selectbox(key=f"lead_{instrument.id}").options
    page.selectbox(key=f"lead_{instrument.id}").set_value(division_id(prefecture, "来年の課"))
    press(page, words.SAVE)
    with reading_scope(prefecture.sessions) as session:
        assert session.get_one(Instrument, instrument.id).owner_id == division_id(prefecture, "来年の課")
    people = open_page("administration", administrator)
    assert not any("来年の課" in name for name in people.selectbox(key="new_0_division").options)
    stop_the_clock(monkeypatch, dt.datetime(2027, 3, 31, 15, 0, tzinfo=dt.UTC))
    people = open_page("administration", administrator)
    assert "総務部　来年の課" in people.selectbox(key="new_0_division").options


CATALOG = """題名,番号,所管課
霞野県屋外広告物条例,,生活衛生課
ない条例,,都市計画課
"""


def test_a_catalogue_tells_what_does_not_match_before_it_is_taken(prefecture: Prefecture, coordinator: Actor) -> None:
    page = open_page("imports", coordinator)
    upload(page, "catalog", "catalog.csv", CATALOG.encode("cp932"))
    html = shown(page)
    assert "3行目「ない条例」: この題名・番号の例規は取り込まれていません。" in html
    assert "2行目　霞野県屋外広告物条例: 生活衛生課" in html
    press(page, words.APPLY)
    assert words.catalog_applied(1) in shown(page)
    with reading_scope(prefecture.sessions) as session:
        assert session.scalars(select(Instrument.owner_id)).one() == division_id(prefecture, FOREIGN)


def test_a_file_that_changes_nothing_cannot_be_taken(coordinator: Actor) -> None:
    page = open_page("imports", coordinator)
    upload(page, "catalog", "catalog.csv", CATALOG.encode())
    press(page, words.APPLY)
    upload(page, "catalog", "catalog.csv", CATALOG.encode(), number=1)
    assert words.NOTHING_TO_DO in shown(page)
    assert page.button(key="catalog_apply").disabled


def test_a_correction_that_cannot_be_used_is_told_by_file(prefecture: Prefecture, coordinator: Actor) -> None:
    assert words.CORRECTIONS_HOW not in shown(open_page("imports", coordinator))
    folder: Path = prefecture.home / "corrections"
    folder.mkdir()
    (folder / "a.yaml").write_text("- at: [", encoding="utf-8")
    html = shown(open_page("imports", coordinator))
    assert words.CORRECTIONS_HOW in html
    assert "a.yaml: " in html
    assert "YAML として読めません" in html


def test_the_administrator_sees_imports_without_assigning_owners(administrator: Actor) -> None:
    page = open_page("imports", administrator)
    assert ja.WITHOUT_OWNER in shown(page)
    assert not [button for button in page.button if button.label == ja.ASSIGN]


def test_a_long_list_is_cut_with_the_number_of_the_rest() -> None:
    html = list_html("<行>", [f"{number}行目" for number in range(1, 251)], is_open=False)
    assert html.count("<li>") == 201
    assert "ほか50件" in html
    assert "&lt;行&gt; 250件" in html


def section(actor: Actor, name: str) -> AppTest:
    page = open_page("administration", actor)
    page.segmented_control(key="section").set_value(name)
    return run(page)


def upload(page: AppTest, key: str, name: str, data: bytes, *, number: int = 0) -> AppTest:
    page.file_uploader(key=f"{key}_{number}").upload(name, data)
    return run(page)


def test_instruments_that_nobody_owns_are_shown_page_by_page(prefecture: Prefecture, coordinator: Actor) -> None:
    with session_scope(prefecture.sessions) as session:
        for number in range(12):
            parsed = factories.ordinance(
                {"1": factories.PURPOSE}, title=f"所管なし{number:02}条例", law_number=f"第{number}号"
            )
            factories.register(session, parsed)
    page = open_page("imports", coordinator)
    assert len(assigning(page)) == 10
    assert "所管なし11条例" not in shown(page)
    press(page, "次の10件")
    assert len(assigning(page)) == 2
    assert "所管なし11条例" in shown(page)


def assigning(page: AppTest) -> list[str]:
    return [button.key for button in page.button if button.label == ja.ASSIGN]


def test_a_section_that_is_not_offered_opens_the_first_one(coordinator: Actor) -> None:
    page = open_page("administration", coordinator, section=words.PEOPLE)
    assert page.segmented_control(key="section").value == words.ORGANISATION
    assert words.ORGANISATION_HOW in shown(page)


def test_an_account_that_is_not_there_opens_the_list(administrator: Actor) -> None:
    for account in ("999", "abc", "", "9" * 26):
        page = open_page("administration", administrator, account=account)
        assert page.text_input(key="accounts_text")
