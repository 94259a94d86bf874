from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from models.legislation import Instrument, Provision, ProvisionVersion, Revision
from models.operations.record_ingest import FileOutcome
from models.operations.record_scan import unscanned_versions
from models.operations.register_revision import EmptyRevisionError, instrument_key, natural_key
from models.review import AuditEntry, Decision, ReviewItem
from regulations.review import Applicability, ReviewStatus
from regulations.structure import Kind
from tests.factories import (
    INSPECTION,
    PIPELINE,
    POSTING,
    PURPOSE,
    VIEWING,
    actor,
    answer,
    division,
    items,
    ordinance,
    register,
    scan,
)

AMENDED = INSPECTION.replace("目視", "目視又は遠隔監視")


def addresses(session, registered) -> dict[str, int]:
    """Address -> identity of the provisions in force."""
    rows = session.execute(
        select(ProvisionVersion.address, ProvisionVersion.provision_id)
        .join(Revision, Revision.id == ProvisionVersion.revision_id)
        .where(Revision.instrument_id == registered.instrument_id, Revision.is_current.is_(True))
        .order_by(ProvisionVersion.position)
    )
    return dict(rows.tuples().all())


def counts(session) -> list[int | None]:
    tables = (Instrument, Revision, Provision, ProvisionVersion, AuditEntry)
    return [session.scalar(select(func.count(table.id))) for table in tables]


def test_a_first_text_becomes_an_instrument_with_its_provisions_in_order(session):
    registered = register(session, ordinance({"1": PURPOSE, "2": [INSPECTION, POSTING]}))
    assert registered.outcome is FileOutcome.CREATED
    assert registered.added == 3
    assert list(addresses(session, registered)) == ["第一条第一項", "第二条第一項", "第二条第二項"]
    instrument = session.get(Instrument, registered.instrument_id)
    assert (instrument.title, instrument.law_number) == ("施設管理条例", "条例第十二号")


def test_the_same_text_again_writes_nothing(session):
    parsed = ordinance({"1": PURPOSE, "2": INSPECTION})
    first = register(session, parsed)
    before = counts(session)
    again = register(session, parsed)
    assert again.outcome is FileOutcome.UNCHANGED
    assert (again.instrument_id, again.revision_id) == (first.instrument_id, first.revision_id)
    assert counts(session) == before


def test_identity_outlives_renumbering_and_change(session):
    first = register(session, ordinance({"1": PURPOSE, "2": INSPECTION, "3": POSTING, "4": "削除"}))
    before = addresses(session, first)
    second = register(session, ordinance({"1": PURPOSE, "2": VIEWING, "3": AMENDED, "4": POSTING}))
    after = addresses(session, second)
    assert (second.outcome, second.carried, second.changed, second.added, second.removed) == (
        FileOutcome.CHANGED,
        2,
        1,
        1,
        1,
    )
    assert after["第一条第一項"] == before["第一条第一項"]  # the same
    assert after["第三条第一項"] == before["第二条第一項"]  # renumbered and amended
    assert after["第四条第一項"] == before["第三条第一項"]  # renumbered
    assert after["第二条第一項"] not in before.values()  # new
    gone = session.get(Provision, before["第四条第一項"], populate_existing=True)
    assert gone.current_text_hash is None
    assert session.get(ProvisionVersion, gone.latest_version_id).text == "削除"


def test_decisions_stand_on_unchanged_text_and_are_asked_again_where_it_changed(session):
    owner = division(session)
    reviewer = actor(session, of=owner)
    first = register(session, ordinance({"2": INSPECTION, "3": POSTING, "4": VIEWING}), owner=owner)
    scan(session)
    found = items(session, first)
    answer(session, reviewer, found["2"])
    answer(session, reviewer, found["3"])
    answer(session, reviewer, found["4"], Applicability.NOT_APPLICABLE)
    decisions = session.scalar(select(func.count(Decision.id)))

    register(session, ordinance({"1": PURPOSE, "2": AMENDED, "3": "新しい規定を置く。", "4": POSTING}))
    scan(session)
    statuses = {item.category: item.status for item in session.scalars(select(ReviewItem))}
    assert statuses == {
        "visual_inspection": ReviewStatus.RECHECK,  # words changed
        "written_posting": ReviewStatus.APPLICABLE,  # 第三条 became 第四条
        "in_person_viewing": ReviewStatus.WITHDRAWN,  # gone, and it had been refused
    }
    assert session.scalar(select(func.count(Decision.id))) == decisions


def test_what_was_applicable_and_is_gone_is_asked_again(session):
    owner = division(session)
    first = register(session, ordinance({"1": PURPOSE, "2": INSPECTION}), owner=owner)
    scan(session)
    answer(session, actor(session, of=owner), items(session, first)["2"])
    register(session, ordinance({"1": PURPOSE}))
    assert items(session, first)["2"].status is ReviewStatus.RECHECK


def test_a_text_that_changed_under_an_open_answer_makes_it_stale_and_others_not(session):
    first = register(session, ordinance({"1": POSTING, "2": INSPECTION}))
    scan(session)
    before = {article: item.row_version for article, item in items(session, first).items()}
    register(session, ordinance({"1": POSTING, "2": AMENDED}))
    after = {article: item.row_version for article, item in items(session, first).items()}
    assert after["1"] == before["1"]
    assert after["2"] > before["2"]


def test_unchanged_provisions_are_not_scanned_again(session):
    register(session, ordinance({"1": POSTING, "2": INSPECTION}))
    scan(session)
    register(session, ordinance({"1": POSTING, "2": AMENDED, "3": PURPOSE}))
    assert scan(session).versions == 2  # the amended second article and the new third


CITING = "管理者は、基準第五条に定めるところにより、施設を点検しなければならない。"
DEFINING = "この条例は、{}（以下「基準」という。）に基づく施設の管理について定める。"


def unscanned(session):
    return {row.article for row in unscanned_versions(session, pipeline_version=PIPELINE, limit=10)}


def test_what_cites_a_name_that_is_defined_anew_is_scanned_again_and_nothing_else(session):
    register(session, ordinance({"1": DEFINING.format("施設基準省令"), "2": CITING, "3": POSTING}))
    scan(session)
    register(session, ordinance({"1": DEFINING.format("施設基準条例"), "2": CITING, "3": POSTING}))
    assert unscanned(session) == {"1", "2"}


def test_an_instrument_of_another_kind_is_scanned_again(session):
    register(session, ordinance({"1": POSTING}))
    scan(session)
    register(session, ordinance({"1": POSTING, "2": PURPOSE}, kind=Kind.RULE))
    assert unscanned(session) == {"1", "2"}


def test_a_provision_that_comes_back_in_the_same_words_is_the_one_it_was(session):
    first = register(session, ordinance({"1": PURPOSE, "2": INSPECTION}))
    identity = addresses(session, first)["第二条第一項"]
    register(session, ordinance({"1": PURPOSE}))
    last = register(session, ordinance({"1": PURPOSE, "2": INSPECTION}))
    assert last.outcome is FileOutcome.CHANGED
    assert addresses(session, last)["第二条第一項"] == identity


def test_a_folder_with_two_versions_of_one_instrument_may_be_read_again_and_again(session):
    old, new = ordinance({"1": INSPECTION}), ordinance({"1": AMENDED})
    first_round = [register(session, old, source_name="old.xml"), register(session, new, source_name="new.xml")]
    second_round = [register(session, old, source_name="old.xml"), register(session, new, source_name="new.xml")]
    assert [result.outcome for result in first_round] == [FileOutcome.CREATED, FileOutcome.CHANGED]
    assert [result.outcome for result in second_round] == [FileOutcome.UNCHANGED, FileOutcome.UNCHANGED]
    assert second_round[0].revision_id == first_round[1].revision_id


def test_an_older_text_by_its_date_of_enforcement_never_replaces_a_newer_one(session):
    new = ordinance({"1": AMENDED}, enforcement_date=dt.date(2025, 4, 1))
    old = ordinance({"1": INSPECTION}, enforcement_date=dt.date(2020, 4, 1))
    current = register(session, new, source_name="new.xml")
    late = register(session, old, source_name="old.xml")
    assert (late.outcome, late.revision_id) == (FileOutcome.UNCHANGED, current.revision_id)


def test_a_file_that_reads_empty_does_not_wipe_out_an_instrument(session):
    first = register(session, ordinance({"1": INSPECTION}))
    with pytest.raises(EmptyRevisionError) as refused:
        register(session, ordinance({}))
    assert refused.value.code == "empty_revision"
    assert "施設管理条例" in refused.value.message
    assert list(addresses(session, first)) == ["第一条第一項"]


def test_nul_characters_are_taken_out(session):
    registered = register(session, ordinance({"1": "点検を\0する。"}, title="施設\0管理条例"))
    assert session.get(Instrument, registered.instrument_id).title == "施設管理条例"
    assert session.scalar(select(ProvisionVersion.text)) == "点検をする。"
    again = register(session, ordinance({"1": "点検をする。"}))
    assert again.outcome is FileOutcome.UNCHANGED


def test_a_text_set_anew_in_the_other_numerals_asks_no_decision_again(session):
    owner = division(session)
    first = register(session, ordinance({"1": "第十条の二の台帳を縦覧所で閲覧に供する。"}), owner=owner)
    scan(session)
    answer(session, actor(session, of=owner), items(session, first)["1"])
    second = register(session, ordinance({"1": "第１０条の２の台帳を縦覧所で閲覧に供する。"}))
    assert (second.outcome, second.carried) == (FileOutcome.CHANGED, 1)
    assert items(session, first)["1"].status is ReviewStatus.APPLICABLE


@pytest.mark.parametrize(
    ("number", "date"),
    [
        ("令和四年一二月二二日条例第一三〇号", None),
        ("令和4年条例第130号", None),
        ("条例第１３０号", dt.date(2022, 12, 22)),
        ("霞野県条例第百三十号", dt.date(2022, 12, 22)),
        ("令和四年霞野県条例第百三十号", dt.date(2022, 12, 22)),
    ],
)
def test_one_instrument_has_one_key_however_its_number_is_printed(number, date):
    assert (
        instrument_key(title="○施設管理条例", law_number=number, promulgation_date=date)
        == instrument_key(title="施設管理条例", law_number="条例第一三〇号", promulgation_date=dt.date(2022, 12, 22))
        == "施設管理条例|条例第130号|2022"
    )


@pytest.mark.parametrize(
    "other",
    [
        ordinance({}, title="施設管理条例施行規則"),
        ordinance({}, law_number="規則第十二号"),
        ordinance({}, promulgated=dt.date(2011, 3, 30)),
    ],
)
def test_another_title_number_or_year_is_another_instrument(other):
    assert natural_key(other.ordinance) != natural_key(ordinance({}).ordinance)


def test_a_source_without_date_adds_to_the_instrument_that_has_one(session):
    dated = register(session, ordinance({"1": INSPECTION}), source_name="a.xml")
    undated = register(session, ordinance({"1": AMENDED}, promulgated=None), source_name="a.txt")
    assert undated.instrument_id == dated.instrument_id
    assert session.get(Instrument, dated.instrument_id).promulgation_date == dt.date(2001, 3, 30)


def test_a_new_revision_leaves_one_line_in_the_audit_log(session):
    registered = register(session, ordinance({"1": INSPECTION}))
    (entry,) = session.scalars(select(AuditEntry)).all()
    assert (entry.action, entry.target_id) == ("register_revision", str(registered.instrument_id))
    assert entry.detail["added"] == 1
