"""Writers on SQLite queue up, and their waiting stops nobody else."""

import sqlite3
import threading

import pytest
from django.db import OperationalError, connection, transaction

from blog.models import Tag
from home import sqlite
from tests.blog.schedule.processes import copied_database

pytestmark = pytest.mark.sqlite


@pytest.fixture
def others(django_db_setup, django_db_blocker, tmp_path):
    """A connection of somebody else to the database of this process."""
    with django_db_blocker.unblock(), copied_database(tmp_path):
        there = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        yield there
        there.close()


@pytest.mark.parametrize("in_transaction", [True, False])
def test_a_writer_waits_for_the_one_before_it(others, monkeypatch, in_transaction):
    waited = threading.Event()

    def pause(_seconds):
        # Somebody else had the lock, and gives it back only now.
        if not waited.is_set():
            others.execute("ROLLBACK")
            waited.set()

    monkeypatch.setattr(sqlite.time, "sleep", pause)
    others.execute("BEGIN IMMEDIATE")
    if in_transaction:
        with transaction.atomic():
            Tag.objects.filter(name="").update(name="")
    else:
        Tag.objects.filter(name="").update(name="")
    assert waited.is_set()


def test_it_does_not_wait_for_ever(others, monkeypatch):
    monkeypatch.setattr(sqlite, "PATIENCE", 0)
    others.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="database is locked"):
        Tag.objects.filter(name="").update(name="")
    others.execute("ROLLBACK")


def test_no_thread_waits_within_sqlite(settings):
    assert settings.DATABASES["default"]["OPTIONS"]["timeout"] < 0.1
