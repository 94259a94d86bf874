from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select, update

from models import queries
from models.legislation import Instrument, Provision, ProvisionVersion, Revision
from models.operations.import_catalog import CatalogRow, import_catalog, read_catalog
from models.operations.record_ingest import FileOutcome, record_file, start_ingest_run
from models.operations.record_scan import unscanned_versions
from models.operations.register_revision import EmptyRevisionError, instrument_key, natural_key, register_revision
from models.review import AuditEntry, Decision, ReviewItem
from regulations.review import Applicability, ReviewStatus, Role
from regulations.structure import Kind
from tests.factories import (
    INSPECTION,
    NOW,
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
    assert list(addresses(session, registered)) == ["第一条", "第二条第一項", "第二条第二項"]
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
    assert after["第一条"] == before["第一条"]  # the same
    assert after["第三条"] == before["第二条"]  # renumbered and amended
    assert after["第四条"] == before["第三条"]  # renumbered
    assert after["第二条"] not in before.values()  # new
    gone = session.get(Provision, before["第四条"], populate_existing=True)
    assert gone.current_text_hash is None
    assert session.get(ProvisionVersion, gone.latest_version_id).text == "削除"


def test_a_second_paragraph_changes_how_the_first_is_cited_and_carries_its_decision_over(session):
    owner = division(session)
    first = register(session, ordinance({"1": PURPOSE, "8": INSPECTION}), owner=owner)
    scan(session)
    answer(session, actor(session, of=owner), items(session, first)["8"])
    before = addresses(session, first)
    second = register(session, ordinance({"1": PURPOSE, "8": [INSPECTION, VIEWING]}))
    after = addresses(session, second)
    assert (list(before), list(after)) == (["第一条", "第八条"], ["第一条", "第八条第一項", "第八条第二項"])
    assert (after["第八条第一項"], second.carried, second.added) == (before["第八条"], 2, 1)
    assert items(session, first)["8"].status is ReviewStatus.APPLICABLE


def test_what_was_registered_under_longer_addresses_is_known_when_its_file_is_read_again(session):
    """Revisions of before 第八条第一項 became 第八条 keep the hash that was taken of them then."""
    parsed = ordinance({"1": PURPOSE, "2": [INSPECTION, POSTING]}, supplementary={"令和三年条例第五号": "施行する。"})
    first = register(session, parsed)
    current = session.get_one(Revision, first.revision_id)
    assert current.content_hash == "632f21166d20c1857b0f6bca8cc38005b62df8c91e7146a4ed1ec38fe36bbfe8"
    assert register(session, parsed).outcome is FileOutcome.UNCHANGED


def test_addresses_that_were_written_in_another_way_are_set_right_when_the_file_is_read_again(session):
    parsed = ordinance({"1": PURPOSE}, supplementary={"令和三年条例第五号": "施行する。"})
    first = register(session, parsed)
    session.execute(
        update(ProvisionVersion)
        .where(ProvisionVersion.label != "", ProvisionVersion.revision_id == first.revision_id)
        .values(address="附則（令和三年条例第五号）第一項")
    )
    again = register(session, parsed)
    assert (again.outcome, again.revision_id) == (FileOutcome.UNCHANGED, first.revision_id)
    assert list(addresses(session, first)) == ["第一条", "附則（令和三年条例第五号）"]


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
    identity = addresses(session, first)["第二条"]
    register(session, ordinance({"1": PURPOSE}))
    last = register(session, ordinance({"1": PURPOSE, "2": INSPECTION}))
    assert last.outcome is FileOutcome.CHANGED
    assert addresses(session, last)["第二条"] == identity


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
    assert list(addresses(session, first)) == ["第一条"]


def test_nul_characters_are_taken_out(session):
    registered = register(session, ordinance({"1": "点検を\0する。"}, title="施設\0管理条例", law_number=NUMBER))
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


REPORTING = "管理者は、施設の損傷を発見したときは、直ちに知事に報告しなければならない。"
BEFORE = {"1": PURPOSE, "2": INSPECTION, "3": POSTING}
RETITLED = {"1": PURPOSE.replace("施設", "公の施設"), "2": INSPECTION, "3": POSTING, "4": REPORTING}
NEW_TITLE = "公の施設管理条例"
NUMBER = "条例第十二号"


def test_an_instrument_keeps_its_decisions_when_its_title_changes(session):
    owner = division(session)
    first = register(session, ordinance(BEFORE), owner=owner)
    scan(session)
    answer(session, actor(session, of=owner), items(session, first)["2"])
    second = register(session, ordinance(RETITLED, title=NEW_TITLE, law_number=NUMBER), source_name="b.xml")
    assert (second.instrument_id, second.outcome) == (first.instrument_id, FileOutcome.CHANGED)
    assert (second.carried, second.changed, second.added) == (2, 1, 1)
    assert items(session, first)["2"].status is ReviewStatus.APPLICABLE
    instrument = session.get_one(Instrument, first.instrument_id)
    assert (instrument.title, instrument.former_titles) == (NEW_TITLE, "施設管理条例")
    assert instrument.owner_id == owner.id
    read = queries.instrument_text(session, actor=actor(session, of=owner), instrument_id=instrument.id)
    assert (read.head.title, read.head.former_titles) == (NEW_TITLE, ("施設管理条例",))
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.detail["former_title"], entry.detail["title"]) == ("施設管理条例", NEW_TITLE)
    assert scan(session).versions == 4  # a title is seen by detection


def test_a_folder_with_an_old_and_a_new_title_may_be_read_again_and_again(session):
    texts = {"old.xml": ordinance(BEFORE), "new.xml": ordinance(RETITLED, title=NEW_TITLE, law_number=NUMBER)}
    rounds = [[register(session, texts[name], source_name=name) for name in texts] for _ in range(2)]
    assert [result.outcome for result in rounds[1]] == [FileOutcome.UNCHANGED, FileOutcome.UNCHANGED]
    assert session.scalars(select(Instrument.title)).all() == [NEW_TITLE]


def test_an_instrument_is_found_by_each_of_its_titles(session):
    for number, title in enumerate(("施設管理条例", NEW_TITLE, "公園条例")):
        last = register(session, ordinance(RETITLED, title=title, law_number=NUMBER), source_name=f"{number}.xml")
    for title in ("施設管理条例", NEW_TITLE, "公園条例"):
        (row,) = queries.instrument_list(session, actor=actor(session, Role.COORDINATOR), text=title)
        assert (row.head.instrument_id, row.head.former_titles) == (last.instrument_id, ("施設管理条例", NEW_TITLE))


def test_a_title_that_comes_back_is_no_former_one(session):
    first = register(session, ordinance(BEFORE))
    register(session, ordinance(RETITLED, title=NEW_TITLE, law_number=NUMBER))
    register(session, ordinance(BEFORE))
    instrument = session.get_one(Instrument, first.instrument_id)
    assert (instrument.title, instrument.former_titles) == ("施設管理条例", NEW_TITLE)


def test_a_title_set_in_other_characters_is_no_other_title(session):
    first = register(session, ordinance(BEFORE, title="公の施設（１号）管理条例", law_number=NUMBER))
    register(session, ordinance(RETITLED, title="○公の施設(1号)管理条例", law_number=NUMBER))
    assert session.get_one(Instrument, first.instrument_id).former_titles == ""


OTHER_TEXT = {"1": VIEWING, "2": "知事は、台帳の写しの交付を求める者から、手数料を徴収する。"}


@pytest.mark.parametrize(
    ("articles", "changed"),
    [
        # a year that is not known on one side
        (RETITLED, {"promulgated": None}),
        # the number of another year, kind or body
        (RETITLED, {"promulgated": dt.date(2011, 3, 30)}),
        (RETITLED, {"law_number": "規則第十二号", "kind": Kind.RULE}),
        (RETITLED, {"law_number": "教育委員会条例第十二号", "issuing_body": "教育委員会"}),
        # no number in this version
        (RETITLED, {"law_number": ""}),
        # the same of another body
        (RETITLED, {"title": "霧原市施設管理条例"}),
        # one number for two instruments, as a faulty source has it
        (OTHER_TEXT, {}),
    ],
)
def test_another_title_is_another_instrument_without_the_same_number_and_text(session, articles, changed):
    first = register(session, ordinance(BEFORE, title="霞野県施設管理条例", law_number=NUMBER))
    other = {"title": NEW_TITLE, "law_number": NUMBER, **changed}
    second = register(session, ordinance(articles, **other), source_name="b.xml")
    assert (second.outcome, second.instrument_id != first.instrument_id) == (FileOutcome.CREATED, True)
    assert len(addresses(session, first)) == len(BEFORE)


def test_rewritten_under_a_new_number_it_is_a_new_instrument(session):
    """全部改正 keeps the title and brings a number of its own."""
    first = register(session, ordinance(BEFORE))
    second = register(session, ordinance(BEFORE, law_number="条例第三号", promulgated=dt.date(2020, 3, 27)))
    assert second.instrument_id != first.instrument_id


def test_the_same_head_under_another_name_is_the_same_body(session):
    rule = {"law_number": "規則第五号", "kind": Kind.RULE}
    first = register(session, ordinance(BEFORE, issuing_body="知事", **rule))
    second = register(session, ordinance(RETITLED, title="公の施設管理規則", issuing_body="町長", **rule))
    assert second.instrument_id == first.instrument_id


def test_of_two_instruments_of_one_number_the_one_whose_text_goes_on_is_retitled(session):
    register(session, ordinance(OTHER_TEXT, title="台帳閲覧条例", law_number=NUMBER))
    second = register(session, ordinance(BEFORE))
    third = register(session, ordinance(RETITLED, title=NEW_TITLE, law_number=NUMBER))
    assert third.instrument_id == second.instrument_id


FILES = {"old.xml": ordinance(BEFORE), "new.xml": ordinance(RETITLED, title=NEW_TITLE, law_number=NUMBER)}
ORDERS = [("old.xml", "new.xml"), ("new.xml", "old.xml")]


def take_in(session, names):
    """One run over these files, as the drop folder is read; what became of each."""
    run_id = start_ingest_run(session, source="取込フォルダ", now=NOW)
    results = {}
    for name in names:
        found = {"name": name, "source_hash": "0" * 64, "run_id": run_id}
        result = register_revision(
            session, parsed=FILES[name], source_name=name, source_hash="0" * 64, now=NOW, run_id=run_id
        )
        record_file(session, outcome=result.outcome, revision_id=result.revision_id, **found)
        results[name] = result
    return results


@pytest.mark.parametrize("order", ORDERS)
def test_two_titles_that_are_new_in_one_run_are_two_instruments(session, order):
    results = take_in(session, order)
    assert [results[name].outcome for name in order] == [FileOutcome.CREATED, FileOutcome.CREATED]
    assert session.scalar(select(func.count(Instrument.id))) == 2


@pytest.mark.parametrize("order", ORDERS)
def test_a_new_title_beside_the_old_file_of_an_earlier_run_is_the_instrument_retitled(session, order):
    first = register(session, FILES["old.xml"], source_name="old.xml")
    for outcome in (FileOutcome.CHANGED, FileOutcome.UNCHANGED):  # and so every night after
        results = take_in(session, order)
        assert results["old.xml"].outcome is FileOutcome.UNCHANGED
        assert (results["new.xml"].outcome, results["new.xml"].instrument_id) == (outcome, first.instrument_id)
    assert session.scalars(select(Instrument.title)).all() == [NEW_TITLE]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # words in 都道府県市区町村 that name no place
        ("公共下水道条例", "下水道条例"),
        ("下水道条例", "公共下水道条例"),
        ("都市公園条例", "公園条例"),
        # the place is new in the title, or the same
        ("施設管理条例", "霞野県施設管理条例"),
        ("霞野県施設管理条例", "霞野県公の施設管理条例"),
    ],
)
def test_a_title_that_names_no_other_place_is_a_change_of_title(session, before, after):
    first = register(session, ordinance(BEFORE, title=before, law_number=NUMBER))
    second = register(session, ordinance(BEFORE, title=after, law_number=NUMBER), source_name="b.xml")
    assert (second.outcome, second.instrument_id) == (FileOutcome.CHANGED, first.instrument_id)


def test_an_instrument_whose_kind_the_catalogue_has_told_is_known_by_its_number(session):
    first = register(session, ordinance(BEFORE, law_number="第十二号", kind=Kind.UNKNOWN))
    row = CatalogRow(title="施設管理条例", kind=Kind.ORDINANCE)
    import_catalog(session, rows=[row], now=NOW)
    assert session.get_one(Instrument, first.instrument_id).number_key == "ordinance||第12号|2001"


@pytest.mark.parametrize(
    ("line", "is_known"),
    [
        (f"{NEW_TITLE},条例第12号,", True),
        # the catalogue is of before, and tells the number
        ("施設管理条例,条例第12号,", True),
        ("施設管理条例,条例第12号,2001-03-30", True),
        # the former title alone, or of another number or year, may be another instrument's
        ("施設管理条例,,", False),
        ("施設管理条例,条例第13号,", False),
        ("施設管理条例,条例第12号,2011-03-30", False),
    ],
)
def test_the_catalogue_finds_an_instrument_by_either_title_and_its_number(session, line, is_known):
    owner = division(session)
    first = register(session, ordinance(BEFORE))
    register(session, ordinance(RETITLED, title=NEW_TITLE, law_number=NUMBER))
    rows, _ = read_catalog(f"題名,番号,公布日,所管課\n{line},施設課\n".encode())
    report = import_catalog(session, rows=rows, now=NOW)
    assert (report.matched, len(report.unmatched)) == ((1, 0) if is_known else (0, 1))
    assert session.get_one(Instrument, first.instrument_id).owner_id == (owner.id if is_known else None)


def test_of_two_instruments_the_catalogue_means_the_one_that_has_the_title_now(session):
    division(session)
    first = register(session, ordinance(BEFORE))
    register(session, ordinance(RETITLED, title=NEW_TITLE, law_number=NUMBER))
    # An instrument without a date, which the row cannot be told from by number and year.
    other = register(session, ordinance(OTHER_TEXT, promulgated=None))
    rows, _ = read_catalog("題名,番号,所管課\n施設管理条例,条例第12号,施設課\n".encode())
    assert import_catalog(session, rows=rows, now=NOW).matched == 1
    owners = [session.get_one(Instrument, each.instrument_id).owner_id is not None for each in (first, other)]
    assert owners == [False, True]


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
