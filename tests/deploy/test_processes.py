"""Processes of a site in production that are killed, and reloaded."""

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from tests.blog.schedule.processes import copied_database
from tests.deploy.production import Production, children_of, wait_until

# An empty frame of that type, in HTTP/2.
SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


@pytest.fixture(scope="module")
def db(django_db_setup, django_db_blocker, tmp_path_factory):
    """A database of this file's own; yields its address."""
    folder = tmp_path_factory.mktemp("database")
    with django_db_blocker.unblock(), copied_database(folder) as address:
        yield address


@pytest.fixture(scope="module")
def site(db, tmp_path_factory):
    with Production(tmp_path_factory.mktemp("production"), db, PAGE_CACHE_MB="8") as site:
        wait_until(lambda: len(site_processes(site)["workers"]) == 2)
        yield site


def site_processes(site):
    server, publisher = children_of(site.process.pid)[:2]
    return {"server": server, "publisher": publisher, "workers": workers_of(server)}


def workers_of(server):
    """Multiprocessing of Python starts a helper beside them."""
    return [
        pid
        for pid in children_of(server)
        if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


class Readers:
    """
    Ask for a page all the time, from several threads, each time on a new connection.

    Most have a slow line: their question comes when they have long been connected.
    """

    def __init__(self, site):
        self.site, self.answers, self.stopping = site, Counter(), False
        self.threads = [
            threading.Thread(target=self.read, args=(pause,)) for pause in [0] * 3 + [1.5] * 12
        ]

    def read(self, pause):
        while not self.stopping:
            try:
                answer = self.site.ask("/blog/", pause=pause).status
            except (OSError, http.client.HTTPException) as error:
                answer = repr(error)
            self.answers[answer] += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()


def is_gone(pid):
    return not Path(f"/proc/{pid}").exists()


class ProductionTests:
    def test_its_health_is_told_by_any_name_and_without_tls(self, site):
        for host in ("127.0.0.1", "localhost:8000"):
            for path in ("/health/live", "/health/ready"):
                answer = site.ask(path, host=host, scheme=None)
                assert answer.status in {200, 503}, (host, path, answer.status)
                assert answer.getheader("Content-Type") == "application/json"
        parts = json.loads(site.ask("/health/ready").body)["parts"]
        assert parts["static manifest"]["status"] == "ok"
        assert site.ask("/blog/", host="127.0.0.1").status == 400

    def test_an_error_is_written_to_the_log_once(self, site):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE blog_tag RENAME TO lost")
        try:
            for number in range(20):
                assert site.ask(f"/blog/tags/?number={number}").status == 500
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE lost RENAME TO blog_tag")
        log = site.log.read_text()
        assert "ERROR django.request: Internal Server Error: /blog/tags/" in log
        assert 1 <= log.count("Internal Server Error") <= 2, "of each worker"
        assert "blog_tag" in log

    @pytest.mark.parametrize("start", [b"GET / HT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS])
    def test_a_connection_on_which_nothing_is_asked_is_ended(self, start, site):
        with socket.create_connection(("127.0.0.1", site.port), timeout=60) as silent:
            silent.sendall(start)
            while silent.recv(4096):
                pass


class ProcessTests:
    def test_the_parent_knows_nothing_of_django(self, site):
        mapped = Path(f"/proc/{site.process.pid}/maps").read_text()
        assert "_psycopg" not in mapped
        assert "PIL" not in mapped

    def test_a_killed_worker_is_replaced_while_the_other_answers(self, site):
        before = site_processes(site)
        os.kill(before["workers"][0], signal.SIGKILL)
        # What waits at its socket is lost, until the server has noticed.
        wait_until(lambda: set(workers_of(before["server"])) - set(before["workers"]))
        for _ in range(20):
            assert site.ask("/blog/").status == 200
        after = wait_until(
            lambda: (
                len(workers := workers_of(before["server"])) == 2
                and before["workers"][0] not in workers
                and site_processes(site)
            )
        )
        assert after["server"] == before["server"]

    def test_a_reload_loses_no_request(self, site):
        before = site_processes(site)
        with Readers(site) as readers:
            time.sleep(0.5)
            site.process.send_signal(signal.SIGHUP)
            wait_until(
                lambda: (
                    not set(before["workers"]) & set(workers_of(before["server"]))
                    and is_gone(before["publisher"])
                ),
                seconds=150,
            )
            time.sleep(0.5)
        assert set(readers.answers) == {200}
        after = wait_until(
            lambda: len(site_processes(site)["workers"]) == 2 and site_processes(site)
        )
        assert after["server"] == before["server"]

    @pytest.mark.parametrize("name", ["publisher", "server"])
    def test_a_killed_child_is_started_again(self, site, name):
        before = site_processes(site)
        os.kill(before[name], signal.SIGKILL)
        wait_until(lambda: is_gone(before[name]))
        wait_until(lambda: len(children_of(site.process.pid)) == 2)
        wait_until(site.answers)
        if name == "server":
            # Nobody is left who would go on with the old program.
            assert all(is_gone(pid) for pid in before["workers"])
