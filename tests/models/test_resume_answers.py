"""What was handed in goes back to its division by itself where candidates come to it, whatever brings them."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event, select

from models.inquiry import Inquiry, InquiryAnswer, InquiryEvent
from models.legislation import ProvisionVersion
from models.operations.add_missed_regulation import mark_regulation
from models.operations.answer_inquiry import accept_answer, approve_answer, return_answer, submit_answer
from models.operations.assign_owner import assign_owner
from models.operations.close_inquiry import close_inquiry, reopen_inquiry
from models.operations.dispatch_inquiry import dispatch_inquiry
from models.operations.draft_inquiry import draft_inquiry
from models.operations.errors import InquiryError, InquiryFault
from models.operations.hand_over import hand_over, hand_over_many, settle_handover
from models.operations.import_catalog import CatalogRow, import_catalog
from models.operations.import_organisation import DivisionRow, import_organisation
from models.operations.record_ingest import finish_ingest_run, start_ingest_run
from models.operations.record_scan import finish_scan_run, start_scan_run
from models.operations.undo_group_decision import undo_group_decision
from models.queries import answers, inquiry_events, late_arrivals
from models.review import AuditEntry
from regulations.inquiry import AnswerState, Arrival, InquiryAction
from regulations.review import Applicability, ReviewStatus, Role
from regulations.structure import Kind
from regulations.taxonomy import LegalBasis
from tests.factories import (
    INSPECTION,
    NOW,
    POSTING,
    PURPOSE,
    VIEWING,
    actor,
    answer,
    division,
    items,
    ordinance,
    own,
    register,
    scan,
)

TODAY = NOW.date()
ACT = {"1": PURPOSE, "2": INSPECTION, "3": POSTING}


class Round:
    """施設課 has handed its ordinance in; 道路課, asked too, has a rule with a candidate; one ordinance is nobody's."""

    def __init__(self, session, *, kinds=()):
        self.session = session
        self.facilities, self.roads = division(session), division(session, "道路課")
        self.act = register(session, ordinance(ACT), owner=self.facilities)
        self.rule = register(
            session,
            ordinance({"1": VIEWING}, title="道路規則", law_number="規則第一号", kind=Kind.RULE),
            owner=self.roads,
        )
        self.stray = register(session, ordinance({"1": POSTING}, title="掲示条例", law_number="条例第九十号"))
        scan(session)
        self.coordinator = actor(session, Role.COORDINATOR, division(session, "行政経営課", bureau="総務部"))
        self.reviewer = actor(session, of=self.facilities)
        self.approver = actor(session, Role.APPROVER, self.facilities)
        self.neighbour = actor(session, of=self.roads)
        for item in items(session, self.act).values():
            answer(session, self.reviewer, item)
        self.inquiry_id = draft_inquiry(
            session,
            actor=self.coordinator,
            name="点検",
            guidance="",
            due_date=TODAY + dt.timedelta(days=30),
            kinds=kinds,
            categories=(),
            division_ids=[self.facilities.id, self.roads.id],
            now=NOW,
        )
        self.inquiry_step(dispatch_inquiry)
        self.take(submit_answer, self.reviewer)

    def inquiry_step(self, operation, **values):
        version = self.session.get_one(Inquiry, self.inquiry_id).row_version
        values = {"actor": self.coordinator, "expected_version": version, "now": NOW, **values}
        operation(self.session, inquiry_id=self.inquiry_id, **values)

    def take(self, operation, by, **values):
        row = self.answer_of(self.facilities)
        operation(self.session, actor=by, answer_id=row.id, expected_version=row.row_version, now=NOW, **values)

    def answer_of(self, of):
        return self.session.scalars(
            select(InquiryAnswer)
            .where(InquiryAnswer.inquiry_id == self.inquiry_id, InquiryAnswer.division_id == of.id)
            .execution_options(populate_existing=True)
        ).one()

    def row(self):
        """The answer as its division sees it."""
        (row,) = answers(self.session, actor=self.reviewer, today=TODAY)
        return row

    def to_facilities(self, operation=hand_over):
        (item,) = items(self.session, self.rule).values()
        return operation(
            self.session,
            actor=self.neighbour,
            items={item.id: item.row_version},
            to_division_id=self.facilities.id,
            reason="施設課の所管です。",
            now=NOW,
        )


@pytest.fixture
def round_(session):
    return Round(session)


def scans(round_):
    """A scan finds two more in a text that comes in."""
    more = ordinance({"1": INSPECTION, "2": POSTING}, title="新設条例", law_number="条例第七号")
    register(round_.session, more, owner=round_.facilities)
    scan(round_.session)
    run = start_scan_run(round_.session, pipeline_version="test", now=NOW)
    finish_scan_run(round_.session, scan_run_id=run, now=NOW)


def amends(round_, **articles):
    """A clause that was decided on changes; what runs every night."""
    changed = {"3": POSTING + "ただし、夜間を除く。"}
    run = start_ingest_run(round_.session, source="inbox", now=NOW)
    register(round_.session, ordinance({**ACT, **(articles or changed)}))
    finish_ingest_run(round_.session, run_id=run, now=NOW)
    scan(round_.session)
    run = start_scan_run(round_.session, pipeline_version="test", now=NOW)
    finish_scan_run(round_.session, scan_run_id=run, now=NOW)


def marks(round_):
    """The coordinator, reading a sample, marks what detection has left out."""
    version = round_.session.scalars(select(ProvisionVersion).where(ProvisionVersion.text == PURPOSE)).one()
    mark_regulation(
        round_.session,
        actor=round_.coordinator,
        version_id=version.id,
        start=0,
        end=3,
        category="written_posting",
        regulation_type=1,
        phase=1,
        basis=LegalBasis.UNCLEAR,
        now=NOW,
    )


def reads_catalog(round_):
    row = CatalogRow(title="掲示条例", law_number="条例第九十号", owner="施設課", row=2)
    import_catalog(round_.session, actor=round_.coordinator, rows=[row], now=NOW)


def assigns(round_):
    instrument_id = round_.stray.instrument_id
    assign_owner(
        round_.session,
        actor=round_.coordinator,
        instrument_id=instrument_id,
        division_id=round_.facilities.id,
        now=NOW,
    )


def reorganises(round_):
    """A division that was not asked ends, and what it leads goes to 施設課."""
    ended = division(round_.session, "掲示課")
    own(round_.session, round_.stray.instrument_id, ended)
    heir = DivisionRow(bureau=round_.facilities.bureau, division="施設課", row=3)
    row = DivisionRow(bureau=ended.bureau, division="掲示課", valid_to=TODAY, successor="施設課", row=2)
    import_organisation(round_.session, rows=[row, heir], actor=round_.coordinator, now=NOW)


def hands_over(round_):
    round_.to_facilities()


def settles(round_):
    (item,) = items(round_.session, round_.rule).values()
    (handover_id,) = hand_over(
        round_.session,
        actor=round_.neighbour,
        items={item.id: item.row_version},
        to_division_id=None,
        reason="どこの所管か分かりません。",
        now=NOW,
    )
    assert round_.row().state is AnswerState.ANSWERED
    settle_handover(
        round_.session,
        actor=round_.coordinator,
        handover_id=handover_id,
        division_id=round_.facilities.id,
        note="施設課とします。",
        now=NOW,
    )


def takes_back(round_):
    """施設課 hands one over before it hands in, and takes it back after that."""
    round_.take(return_answer, round_.approver, reason="所管を確かめてください。")
    item = items(round_.session, round_.act)["3"]
    answer(round_.session, round_.reviewer, item, Applicability.UNDECIDED)
    step = hand_over_many(
        round_.session,
        actor=round_.reviewer,
        items={item.id: item.row_version},
        to_division_id=round_.roads.id,
        reason="道路課の所管です。",
        now=NOW,
    )
    round_.take(submit_answer, round_.reviewer)
    undo_group_decision(round_.session, actor=round_.reviewer, group_decision_id=step, now=NOW)


def reopens(round_):
    """Something comes in while the round is closed, and the round is taken up again."""
    round_.inquiry_step(close_inquiry, even_unfinished=True)
    assigns(round_)
    assert round_.answer_of(round_.facilities).state is AnswerState.ANSWERED
    round_.inquiry_step(reopen_inquiry, reason="追加の確認のため")


WAYS_IN = [
    (scans, Arrival.SCAN, 2, None, "再スキャンにより要対応の候補が2件増えたため、未回答に戻しました。"),
    (amends, Arrival.AMENDMENT, 1, None, "例規の改正により要対応の候補が1件増えたため、未回答に戻しました。"),
    (marks, Arrival.MARK, 1, "coordinator", "検出もれの記録により要対応の候補が1件増えたため、未回答に戻しました。"),
    (reads_catalog, Arrival.CATALOG, 1, "coordinator", "目録の取込により要対応の候補が1件増えたため、"),
    (assigns, Arrival.OWNER, 1, "coordinator", "所管課の割当てにより要対応の候補が1件増えたため、"),
    (reorganises, Arrival.ORGANISATION, 1, "coordinator", "組織の変更により要対応の候補が1件増えたため、"),
    (hands_over, Arrival.HANDOVER, 1, "neighbour", "所管外の申出により要対応の候補が1件増えたため、"),
    (settles, Arrival.SETTLEMENT, 1, "coordinator", "所管の決定により要対応の候補が1件増えたため、"),
    (takes_back, Arrival.TAKEN_BACK, 1, "reviewer", "所管外の取消しにより要対応の候補が1件増えたため、"),
    (reopens, Arrival.REOPENING, 1, "coordinator", "照会が終了している間に候補が1件加わったため、"),
]


def test_every_way_in_is_tried():
    assert {arrival for _, arrival, *_ in WAYS_IN} == set(Arrival)


@pytest.mark.parametrize(("brings", "arrival", "count", "by", "reason"), WAYS_IN, ids=[row[1] for row in WAYS_IN])
def test_what_was_handed_in_goes_back_and_says_why(round_, session, brings, arrival, count, by, reason):
    brings(round_)
    row = round_.row()
    assert (row.state, row.submitted_by, row.submitted_at) == (AnswerState.WAITING, "", None)
    assert row.returned_reason.startswith(reason)
    who = getattr(round_, by) if by else None
    (told, *_) = inquiry_events(session, actor=round_.reviewer, answer_id=row.answer_id)
    if arrival is Arrival.REOPENING:  # the round's own step stands after it
        told = next(step for step in inquiry_events(session, actor=round_.reviewer) if step.division)
    assert (told.action, told.who, told.reason) == (
        InquiryAction.RESUME,
        who.display_name if who else "",
        row.returned_reason,
    )
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "resume_answer"))
    assert (entry.account_id, entry.target_type, entry.target_id) == (
        who.account_id if who else None,
        "inquiry_answer",
        str(row.answer_id),
    )
    assert entry.detail == {"before": "answered", "after": "waiting", "arrival": arrival.value, "candidates": count}


def test_an_amendment_after_which_nothing_waits_leaves_the_answer_alone(round_, session):
    """What was 非該当 reads without the words that made it a candidate: 対象外, once it has been scanned."""
    round_.take(return_answer, round_.approver, reason="確かめてください。")
    answer(session, round_.reviewer, items(session, round_.act)["3"], Applicability.NOT_APPLICABLE)
    round_.take(submit_answer, round_.reviewer)
    amends(round_, **{"3": POSTING.replace("掲示", "公表")})
    assert items(session, round_.act)["3"].status is ReviewStatus.WITHDRAWN
    row = round_.row()
    assert (row.state, row.figures.open) == (AnswerState.ANSWERED, 0)


def test_what_an_amendment_asks_again_and_what_it_brings_anew_are_counted_together(round_):
    amends(round_, **{"3": POSTING + "ただし、夜間を除く。", "4": VIEWING})
    row = round_.row()
    assert (row.state, row.figures.recheck, row.figures.pending) == (AnswerState.WAITING, 1, 1)
    assert row.returned_reason == "例規の改正により要対応の候補が2件増えたため、未回答に戻しました。"


def test_the_words_written_with_a_handover_are_told_with_it(round_):
    hands_over(round_)
    assert round_.row().returned_reason.endswith("未回答に戻しました。（施設課の所管です。）")


def test_it_is_answered_handed_in_again_and_the_reason_is_gone(round_, session):
    round_.take(approve_answer, round_.approver)
    hands_over(round_)
    with pytest.raises(InquiryError) as refused:
        round_.take(submit_answer, round_.reviewer)
    assert refused.value.fault is InquiryFault.OPEN_ITEMS
    (item,) = items(session, round_.rule).values()
    answer(session, round_.reviewer, item)
    round_.take(submit_answer, round_.reviewer)
    assert (round_.row().state, round_.row().returned_reason) == (AnswerState.ANSWERED, "")


def test_what_comes_twice_is_told_once(round_, session):
    scans(round_)
    run = start_scan_run(session, pipeline_version="test", now=NOW)
    finish_scan_run(session, scan_run_id=run, now=NOW)
    hands_over(round_)
    told = session.scalars(select(InquiryEvent).where(InquiryEvent.action == InquiryAction.RESUME)).all()
    assert len(told) == 1


def test_an_accepted_answer_stays_until_the_coordinator_sends_it_back(round_, session):
    round_.take(approve_answer, round_.approver)
    round_.take(accept_answer, round_.coordinator)
    assert late_arrivals(session, actor=round_.coordinator) == []
    hands_over(round_)
    scans(round_)
    row = round_.row()
    assert (row.state, row.figures.open) == (AnswerState.ACCEPTED, 3)
    (late,) = late_arrivals(session, actor=round_.coordinator)
    assert (late.answer_id, late.inquiry, late.division, late.candidates) == (row.answer_id, "点検", "施設課", 3)
    assert late_arrivals(session, actor=round_.neighbour) == []
    with pytest.raises(InquiryError) as refused:
        round_.inquiry_step(close_inquiry)
    assert refused.value.fault is InquiryFault.NOT_ALL_ACCEPTED
    session.expire_all()
    round_.take(return_answer, round_.coordinator, reason="増えた候補に回答してください。")
    assert late_arrivals(session, actor=round_.coordinator) == []
    assert round_.row().returned_reason == "増えた候補に回答してください。"


@pytest.mark.parametrize("brings", [hands_over, settles])
def test_what_lies_beyond_the_scope_leaves_the_answer_alone(session, brings):
    round_ = Round(session, kinds=[Kind.ORDINANCE])
    brings(round_)
    assert round_.row().state is AnswerState.ANSWERED


def test_a_candidate_on_hold_counts_only_for_who_has_not_looked_at_it(round_, session):
    """保留 may be handed in, so it is no arrival; but one that comes from elsewhere is."""
    round_.take(return_answer, round_.approver, reason="確かめてください。")
    answer(session, round_.reviewer, items(session, round_.act)["3"], Applicability.UNDECIDED)
    round_.take(submit_answer, round_.reviewer)
    run = start_scan_run(session, pipeline_version="test", now=NOW)
    finish_scan_run(session, scan_run_id=run, now=NOW)
    assert round_.row().state is AnswerState.ANSWERED
    (item,) = items(session, round_.rule).values()
    answer(session, round_.neighbour, item, Applicability.UNDECIDED)
    round_.to_facilities()
    assert round_.row().state is AnswerState.WAITING


def test_it_takes_as_many_statements_for_many_divisions_and_candidates_as_for_few(session):
    coordinator = actor(session, Role.COORDINATOR)
    taken = []
    for count in (2, 12):
        asked = [division(session, f"{count}の{number}課") for number in range(count)]
        for number, of in enumerate(asked):
            title = f"{count}の{number}条例"
            register(
                session,
                ordinance({"1": POSTING, "2": VIEWING}, title=title, law_number=f"条例第{count}{number}号"),
                owner=of,
            )
        scan(session)
        inquiry_id = draft_inquiry(
            session,
            actor=coordinator,
            name="点検",
            guidance="",
            due_date=TODAY + dt.timedelta(days=30),
            kinds=(),
            categories=(),
            division_ids=[of.id for of in asked],
            now=NOW,
        )
        dispatch_inquiry(session, actor=coordinator, inquiry_id=inquiry_id, expected_version=1, now=NOW)
        rows = session.scalars(select(InquiryAnswer).where(InquiryAnswer.inquiry_id == inquiry_id)).all()
        for row in rows:
            row.state = AnswerState.APPROVED
        run = start_scan_run(session, pipeline_version="test", now=NOW)
        session.flush()
        made = []
        listening = (session.connection(), "before_cursor_execute", lambda *details, made=made: made.append(details))
        event.listen(*listening)
        finish_scan_run(session, scan_run_id=run, now=NOW)
        event.remove(*listening)
        assert {row.state for row in rows} == {AnswerState.WAITING}
        taken.append(len(made))
    assert taken[0] == taken[1]
