from __future__ import annotations

from alembic import command
from sqlalchemy import inspect

from models.base import Base
from models.database import alembic_config, make_engine, upgrade


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
    assert targets == {"provisions", "candidates", "decisions"}
    engine.dispose()


def test_a_new_sqlite_database_makes_its_folder_whatever_the_current_one_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    upgrade(f"sqlite:///{tmp_path / 'home' / 'new' / 'minaoshi.db'}")
    assert (tmp_path / "home" / "new" / "minaoshi.db").exists()
