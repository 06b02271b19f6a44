"""
Many workers, dead workers and a database that goes away: each item is done, and once.

`LONG=1` gives the numbers of a proof rather than those of a quick suite.
"""

import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from wagtail.models import PageLogEntry

from blog.models import Attempt, PostPage, Worker
from tests.blog.schedule.backlog import make_backlog
from tests.blog.schedule.processes import Workers, copied_database, cut
from tests.browser.server import free_port

LONG = bool(os.environ.get("LONG"))


@pytest.fixture
def db(django_db_setup, django_db_blocker, tmp_path):
    """Instead of a transaction, a database of the test's own; yields its address."""
    with django_db_blocker.unblock(), copied_database(tmp_path) as address:
        yield address


@pytest.fixture
def workers(db):
    with Workers() as workers:
        yield workers


class ManyWorkersTests:
    def test_several_workers_do_each_item_once(self, workers):
        pages = make_backlog(300 if LONG else 40)
        for _ in range(4 if connection.vendor == "postgresql" else 2):
            workers.start()
        workers.wait_for(len(pages))
        workers.assert_once(pages)


class DyingWorkerTests:
    def test_nothing_is_lost_or_done_twice_when_workers_are_killed(self, workers):
        pages = make_backlog(200 if LONG else 40)
        kills = 20 if LONG else 5
        for number in range(kills):
            process = workers.start()
            # Somewhere in its share of the work.
            workers.wait_for(workers.done() + random.randint(1, max(1, len(pages) // (kills + 3))))
            time.sleep(random.uniform(0, 0.2))
            assert workers.end(process, signal.SIGKILL) == -signal.SIGKILL, number
        workers.start()
        workers.wait_for(len(pages))
        workers.assert_once(pages)

    def test_told_to_stop_a_worker_finishes_the_item_in_hand(self, workers):
        pages = make_backlog(20)
        process = workers.start()
        workers.wait_for(2)
        assert workers.end(process) == 0
        done = workers.done()
        assert 2 <= done < len(pages)
        assert not Worker.objects.exists(), "it has signed off"
        workers.assert_once(pages[:done])


class AbsentDatabaseTests:
    @pytest.mark.postgres
    def test_a_worker_whose_connections_are_cut_goes_on(self, workers):
        pages = make_backlog(100 if LONG else 20)
        workers.start()
        for number in range(20 if LONG else 3):
            workers.wait_for(2 * (number + 1))
            connection.close()
            cut(connection.settings_dict["NAME"])
        workers.wait_for(len(pages))
        workers.assert_once(pages)


class CommandTests:
    """`manage.py publisher` and a server, as they are run."""

    @pytest.fixture
    def run(self, db, tmp_path):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings.dev",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": db,
            "EMAIL_URL": "dummymail://",
        }
        processes = []

        def run(*arguments):
            connection.close()
            processes.append(
                subprocess.Popen(
                    [sys.executable, *arguments],
                    cwd=settings.BASE_DIR,
                    env=environment,
                    start_new_session=True,
                )
            )
            return processes[-1]

        yield run
        for process in processes:
            if process.poll() is None:
                # With its children, who would serve for ever.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def test_a_new_schedule_wakes_the_worker(self, run):
        process = run("manage.py", "publisher")
        deadline = time.monotonic() + 120
        while not Worker.objects.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        # Idle, it now sleeps until it is woken.
        make_backlog(1, moments=[timezone.now()])
        while not Attempt.objects.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert PostPage.objects.get(slug="item-1").live
        assert not Worker.objects.exists()

    def test_fifty_readers_at_once_get_a_due_page_that_is_published_once(self, run):
        (page,) = make_backlog(1)
        port = free_port()
        run(
            *("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
            *("--workers", "2", "--blocking-threads", "4", "settings.wsgi:application"),
        )
        root = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(root + "/health/live", timeout=60).read()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert not Attempt.objects.exists(), "a question after its health publishes nothing"

        def read(_number):
            try:
                with urllib.request.urlopen(root + "/blog/item-1/", timeout=120) as answer:
                    return answer.status, b"item 1" in answer.read()
            except urllib.error.HTTPError as error:
                return error.code, False

        with ThreadPoolExecutor(50) as readers:
            assert set(readers.map(read, range(50))) == {(200, True)}
        assert Attempt.objects.filter(object_id=page).count() == 1
        entries = PageLogEntry.objects.filter(page=page, action="wagtail.publish.scheduled")
        assert entries.count() == 1
