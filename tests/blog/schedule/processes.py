"""A database of a test's own, in which all is committed, and processes that work on it."""

import contextlib
import os
import signal
import sqlite3
import time
from collections import Counter

import psycopg
from django.db import connection, connections
from wagtail.models import PageLogEntry
from wagtail.signals import page_published

from blog.models import Attempt, PostPage
from blog.schedule.publisher import Publisher


def server():
    """A connection to PostgreSQL beside the databases that are copied."""
    settings = connection.settings_dict
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"] or 5432,
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    )


def cut(name, but=0):
    """End all connections to a PostgreSQL database, save that of one process."""
    with server() as sql:
        sql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> %s",
            [name, but],
        )


@contextlib.contextmanager
def copied_database(folder):
    """A copy of the test's database takes its place meanwhile; yields its address."""
    original = connection.settings_dict["NAME"]
    connection.close()
    if connection.vendor == "postgresql":
        copy = f"{original}_copy"
        cut(original)
        with server() as sql:
            sql.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
            sql.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
        settings = connection.settings_dict
        address = (
            f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}"
            f":{settings['PORT'] or 5432}/{copy}"
        )
    else:
        copy = str(folder / "copy.sqlite3")
        with (
            contextlib.closing(sqlite3.connect(original)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        address = f"sqlite:///{copy}"
    connection.settings_dict["NAME"] = copy
    try:
        yield address
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = original
        if connection.vendor == "postgresql":
            with server() as sql:
                sql.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


class Workers:
    """Publishers in processes of their own, and what came of their work."""

    def __init__(self):
        self.processes = []
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE heard (page bigint, process bigint)")

    def hear(self, instance, **kwargs):
        """Note the signal in the transaction in which it is sent."""
        if instance.live:
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO heard VALUES (%s, %s)", [instance.pk, os.getpid()])

    def start(self):
        """Start a publisher; returns its process's number."""
        connections.close_all()
        process = os.fork()
        if process == 0:
            try:
                Publisher().run()
                os._exit(0)
            finally:
                os._exit(1)
        self.processes.append(process)
        return process

    def end(self, process, number=signal.SIGTERM):
        """Send a signal and wait for the end; returns the exit code."""
        os.kill(process, number)
        self.processes.remove(process)
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def done(self):
        return Attempt.objects.filter(outcome="done").count()

    def wait_for(self, number, seconds=300):
        """Wait until so many items are done; fails when that takes too long."""
        deadline = time.monotonic() + seconds
        while self.done() < number:
            assert time.monotonic() < deadline, f"{self.done()} of {number} are done"
            time.sleep(0.05)

    def assert_once(self, pages):
        """Each of these pages is live, and was published once by each way of counting."""
        once = Counter(pages)
        live = PostPage.objects.live().filter(pk__in=pages)
        assert Counter(live.values_list("pk", flat=True)) == once
        with connection.cursor() as cursor:
            cursor.execute("SELECT page FROM heard")
            assert Counter(page for (page,) in cursor.fetchall()) == once
        entries = PageLogEntry.objects.filter(action="wagtail.publish.scheduled")
        assert Counter(entries.values_list("page_id", flat=True)) == once
        rows = Attempt.objects.filter(outcome="done", kind="go_live")
        assert Counter(int(pk) for pk in rows.values_list("object_id", flat=True)) == once
        failed = Attempt.objects.exclude(outcome="done").exclude(kind="rehearse")
        assert not failed.exists(), "\n\n".join(failed.values_list("error", flat=True))

    def __enter__(self):
        page_published.connect(self.hear)
        return self

    def __exit__(self, *_):
        page_published.disconnect(self.hear)
        for process in list(self.processes):
            self.end(process, signal.SIGKILL)
