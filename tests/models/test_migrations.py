from __future__ import annotations

import datetime as dt

from alembic import command
from sqlalchemy import JSON, MetaData, inspect, select

from models.base import Base
from models.database import alembic_config, make_engine, upgrade
from tests.factories import NOW


def test_the_migrations_build_every_table_from_empty_and_again_change_nothing(empty_url):
    upgrade(empty_url)
    upgrade(empty_url)
    engine = make_engine(empty_url)
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    engine.dispose()


def test_the_migrated_database_is_what_the_tables_say(empty_url):
    upgrade(empty_url)
    command.check(alembic_config(empty_url))  # raises where autogenerate would still change something


def test_the_migrations_can_be_taken_back(empty_url):
    upgrade(empty_url)
    command.downgrade(alembic_config(empty_url), "base")
    engine = make_engine(empty_url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_circular_foreign_keys_are_there_on_both_databases(empty_url):
    upgrade(empty_url)
    engine = make_engine(empty_url)
    targets = {key["referred_table"] for key in inspect(engine).get_foreign_keys("review_items")}
    assert targets == {"provisions", "candidates", "decisions", "divisions"}
    engine.dispose()


def test_a_new_sqlite_database_makes_its_folder_whatever_the_current_one_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    upgrade(f"sqlite:///{tmp_path / 'home' / 'new' / 'minaoshi.db'}")
    assert (tmp_path / "home" / "new" / "minaoshi.db").exists()


def test_0005_tells_who_owned_and_answered_before_it(empty_url):
    """A database of before: one instrument with an owner and a date, one with an owner only, one with neither."""
    config = alembic_config(empty_url)
    upgrade(empty_url)
    command.downgrade(config, "base")
    command.upgrade(config, "0004")
    engine = make_engine(empty_url)
    before = MetaData()
    with engine.begin() as connection:
        before.reflect(connection)
        tables = before.tables
        connection.execute(
            tables["divisions"].insert(),
            [
                {"id": number, "bureau": "土木部", "office": "", "name": name}
                for number, name in ((1, "甲課"), (2, "乙課"))
            ],
        )
        for number, (owner_id, promulgated) in enumerate(((1, dt.date(2001, 3, 30)), (2, None), (None, None)), 1):
            connection.execute(
                tables["instruments"].insert(),
                {
                    "id": number,
                    "natural_key": str(number),
                    "title": f"第{number}条例",
                    "law_number": "",
                    "kind": "ordinance",
                    "issuing_body": "",
                    "owner_as_stated": "",
                    "owner_id": owner_id,
                    "promulgation_date": promulgated,
                },
            )
            connection.execute(tables["provisions"].insert(), {"id": number, "instrument_id": number})
            connection.execute(
                tables["review_items"].insert(),
                {
                    "id": number,
                    "provision_id": number,
                    "category": "visual_inspection",
                    "is_manual": False,
                    "is_detected": True,
                    "row_version": 3,
                },
            )
    command.upgrade(config, "head")
    after = Base.metadata.tables
    owners, items = after["instrument_owners"], after["review_items"]
    with engine.connect() as connection:
        columns = (
            owners.c.instrument_id,
            owners.c.division_id,
            owners.c.is_lead,
            owners.c.valid_from,
            owners.c.valid_to,
        )
        owned = connection.execute(select(*columns).order_by(owners.c.instrument_id)).all()
        columns = (items.c.division_id, items.c.handed_to_id, items.c.row_version)
        answering = connection.execute(select(*columns).order_by(items.c.id)).all()
    assert owned == [(1, 1, True, dt.date(2001, 3, 30), None), (2, 2, True, dt.date(1947, 5, 3), None)]
    assert answering == [(1, None, 3), (2, None, 3), (None, None, 3)]
    command.downgrade(config, "base")
    engine.dispose()


def _row(table, **values):
    """A row of a table as it was then: what must be there and is not given is empty."""
    empty = {str: "", int: 0, bool: False, dict: [], dt.date: dt.date(2026, 4, 1), dt.datetime: NOW}
    needed = {
        column.name: empty[dict if isinstance(column.type, JSON) else column.type.python_type]
        for column in table.columns
        if not column.nullable and not column.primary_key
    }
    return table.insert().values(**needed | values)


def test_a_step_back_from_0008_leaves_what_the_code_of_before_can_load(empty_url):
    """Its enums knew neither 未回答に戻す nor 取消し, and a step of many always held decisions."""
    config = alembic_config(empty_url)
    command.upgrade(config, "0008")
    engine = make_engine(empty_url)
    tables = (of_then := MetaData()).tables
    with engine.begin() as connection:
        of_then.reflect(connection)
        for name, rows in {
            "divisions": [{"id": 1}],
            "accounts": [{"id": 1, "role": "coordinator"}],
            "instruments": [{"id": 1, "kind": "ordinance"}],
            "provisions": [{"id": 1, "instrument_id": 1}],
            "review_items": [{"id": 1, "provision_id": 1}],
            "inquiries": [{"id": 1, "created_by_id": 1, "state": "open"}],
            "inquiry_events": [
                {"id": 1, "inquiry_id": 1, "account_id": 1, "action": "submit"},
                {"id": 2, "inquiry_id": 1, "account_id": 1, "action": "resume"},
                {"id": 3, "inquiry_id": 1, "account_id": None, "action": "resume"},
            ],
            "group_decisions": [
                {"id": 1, "account_id": 1, "category": "visual_inspection", "group_key": "s1:0"},
                {"id": 2, "account_id": 1, "category": ""},  # several candidates answered in one step
                {"id": 3, "account_id": 1, "category": ""},  # and handed over
            ],
            "decisions": [
                {"id": step, "review_item_id": 1, "account_id": 1, "group_decision_id": step} for step in (1, 2)
            ],
            "handovers": [
                {
                    "id": number, "review_item_id": 1, "from_division_id": 1, "requested_by_id": 1, "state": state,
                    "group_decision_id": 3,
                }
                for number, state in enumerate(("open", "taken_back"), 1)
            ],
        }.items():  # fmt: skip
            for row in rows:
                connection.execute(_row(tables[name], **row))
    command.downgrade(config, "0007")
    kept = {"inquiry_events": ("id", "action"), "group_decisions": ("id",), "handovers": ("id", "state")}
    with engine.connect() as connection:
        found = {}
        for name, columns in kept.items():
            rows = select(*(tables[name].c[column] for column in columns)).order_by(tables[name].c.id)
            found[name] = connection.execute(rows).tuples().all()
    assert found == {
        "inquiry_events": [(1, "submit")],
        "group_decisions": [(1,), (2,)],
        "handovers": [(1, "open"), (2, "sent_on")],
    }
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    engine.dispose()


ADDRESSES = [
    # label, article, paragraph, address of before, address of after
    ("前文", "", "", "前文", "前文"),
    ("", "8", "1", "第八条第一項", "第八条"),
    ("", "8", "1", "第八条第一項の表二", "第八条の表二"),
    ("", "9-2", "1", "第九条の二第一項", "第九条の二第一項"),
    ("", "9-2", "2", "第九条の二第二項", "第九条の二第二項"),
    ("", "10", "3", "第十条第三項", "第十条第三項"),
    ("", "11:12", "1", "第十一条及び第十二条", "第十一条及び第十二条"),
    ("附則", "", "1", "附則第一項", "附則"),
    ("附則（令和三年条例第五号）", "", "1", "附則（令和三年条例第五号）第一項", "附則（令和三年条例第五号）第一項"),
    ("附則（令和三年条例第五号）", "", "2", "附則（令和三年条例第五号）第二項", "附則（令和三年条例第五号）第二項"),
    (
        "附則（令和四年条例第六号）",
        "8",
        "1",
        "附則（令和四年条例第六号）第八条第一項",
        "附則（令和四年条例第六号）第八条",
    ),
    ("別表第一（第八条第一項関係）", "", "", "別表第一（第八条第一項関係）", "別表第一（第八条第一項関係）"),
]
WITHOUT_ARTICLES = [
    ("", "", "1", "第一項", "本則"),
    ("", "", "1", "第一項の表", "本則の表"),
    ("附則", "", "1", "附則第一項", "附則"),
]
INSTRUMENTS = [
    # natural_key, kind, issuing_body and the number_key of after
    ("甲|乙条例|条例第4号|2001", "ordinance", "知事", "ordinance||条例第4号|2001"),
    ("丙規則|規則第5号|2002", "rule", "教育委員会", "rule|教育委員会|規則第5号|2002"),
    ("丁要綱||2003", "guidelines", "知事", ""),
    ("戊条例|条例第6号|", "ordinance", "知事", ""),
    ("己|第7号|2005", "unknown", "知事", ""),
]


def test_0009_and_0010_cite_as_laws_do_and_know_instruments_by_number(empty_url):
    config = alembic_config(empty_url)
    command.upgrade(config, "0008")
    engine = make_engine(empty_url)
    before = MetaData()
    with engine.begin() as connection:
        before.reflect(connection)
        tables = before.tables
        for number, (natural_key, kind, body, _) in enumerate(INSTRUMENTS, 1):
            connection.execute(
                tables["instruments"].insert(),
                {
                    "id": number, "natural_key": natural_key, "title": "題名", "law_number": "", "kind": kind,
                    "issuing_body": body, "owner_as_stated": "",
                },
            )  # fmt: skip
        for number, rows in enumerate((ADDRESSES, WITHOUT_ARTICLES), 1):
            connection.execute(
                tables["revisions"].insert(),
                {
                    "id": number, "instrument_id": number, "sequence": 1, "is_current": True, "source_name": "a.xml",
                    "source_format": "test", "source_hash": "0", "content_hash": "0",
                    "ingested_at": dt.datetime(2026, 4, 1, tzinfo=dt.UTC), "diagnostics": [],
                },
            )  # fmt: skip
            connection.execute(tables["provisions"].insert(), {"id": number, "instrument_id": number})
            connection.execute(
                tables["provision_versions"].insert(),
                [
                    {
                        "revision_id": number, "provision_id": number, "position": position, "section": "main",
                        "label": label, "article": article, "paragraph": paragraph, "address": address,
                        "caption": "", "text": "定める。", "text_hash": "0",
                    }
                    for position, (label, article, paragraph, address, _) in enumerate(rows)
                ],
            )  # fmt: skip
    command.upgrade(config, "head")
    instruments, versions = Base.metadata.tables["instruments"], Base.metadata.tables["provision_versions"]
    with engine.connect() as connection:
        addresses = connection.scalars(select(versions.c.address).order_by(versions.c.revision_id, versions.c.position))
        assert addresses.all() == [row[-1] for row in (*ADDRESSES, *WITHOUT_ARTICLES)]
        found = connection.execute(
            select(instruments.c.number_key, instruments.c.former_titles).order_by(instruments.c.id)
        )
        assert found.all() == [(row[-1], "") for row in INSTRUMENTS]
    command.downgrade(config, "base")
    engine.dispose()
