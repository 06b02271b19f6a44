"""What is warmed after a change, and forgotten when only the clock has changed."""

import time

import pytest
import redis
from django.conf import settings

from home.page_cache import application, generation, warm, watch, wsgi
from home.page_cache.files import HEADERS, PageFiles
from home.page_cache.generation import FileGeneration
from home.page_cache.key import Key
from home.page_cache.store import make_entry
from home.page_cache.warm import Warmer


class Plan:
    """A page cache of which only the plan and the number are looked at."""

    def __init__(self, counter):
        self.counter = counter
        self.moment = None

    def scheduled(self):
        return self.moment


@pytest.fixture
def files(tmp_path):
    return PageFiles(tmp_path / "pages")


@pytest.fixture
def plan(tmp_path, files):
    return Plan(FileGeneration(tmp_path / "generation", files))


class WarmingTests:
    @pytest.fixture
    def warmed(self, monkeypatch):
        """The numbers for which pages were warmed."""
        numbers = []
        monkeypatch.setattr(Warmer, "warm", lambda self, now: numbers.append(now))
        return numbers

    def test_pages_are_warmed_once_after_several_changes_in_a_row(self, plan, warmed):
        warmer = Warmer(plan)
        for _ in range(3):
            plan.counter.bump()
            warmer.look()
        assert warmed == []
        warmer.look()
        warmer.look()
        assert warmed == [plan.counter.current()]

    def test_the_cache_in_front_is_emptied_for_a_process_that_died(self, plan, warmed, monkeypatch):
        purged = []
        monkeypatch.setattr(plan.counter, "bump_for_dead_processes", lambda: not purged)
        watch.committed.connect(receiver := lambda **kwargs: purged.append(True))
        warmer = Warmer(plan)
        for _ in range(3):
            warmer.look()
        watch.committed.disconnect(receiver)
        assert purged == [True]

    def test_each_page_is_asked_for_at_its_own_site(self, plan, monkeypatch, settings):
        settings.BASE_URL = "https://daybook.example"
        urls, asked = ["/blog/", "http://other.example:8000/blog/"], []
        monkeypatch.setattr(warm, "addresses", lambda: urls)
        monkeypatch.setattr(Warmer, "request", lambda self, *address: asked.append(address))
        Warmer(plan).warm(plan.counter.current())
        assert asked == [
            ("https", "daybook.example", "/blog/"),
            ("http", "other.example:8000", "/blog/"),
        ]

    def test_changes_without_an_end_do_not_keep_pages_cold(self, plan, warmed, monkeypatch):
        monkeypatch.setattr(warm, "LONGEST_WAIT", 0)
        warmer = Warmer(plan)
        for _ in range(2):
            plan.counter.bump()
            warmer.look()
        assert len(warmed) == 2

    def test_the_collector_is_spared_though_the_first_warming_fails(self, plan, monkeypatch):
        spared = []
        monkeypatch.setattr(warm, "freeze_collector", lambda: spared.append(True))
        monkeypatch.setattr(Warmer, "warm", lambda self, now: 1 / 0)
        warmer = Warmer(plan)
        warmer.look()
        with pytest.raises(ZeroDivisionError):
            warmer.look()
        assert spared == [True]

    def test_a_number_that_was_not_known_for_a_while_is_as_old_as_before(
        self, plan, warmed, monkeypatch
    ):
        warmer = Warmer(plan)
        for _ in range(2):
            warmer.look()
        warmer._since -= wsgi.MAX_AGE + 5
        with monkeypatch.context() as silent:
            silent.setattr(plan.counter, "current", lambda: None)
            warmer.look()
        before = plan.counter.current()
        warmer.look()
        assert plan.counter.current() == before + 1

    def test_nothing_is_warmed_while_nobody_knows_the_number(self, plan, warmed, monkeypatch):
        monkeypatch.setattr(plan.counter, "current", lambda: None)
        warmer = Warmer(plan)
        warmer.look()
        warmer.look()
        assert warmed == []


def write(plan, files):
    now = plan.counter.current()
    headers = list((HEADERS["html"] | settings.PAGE_HEADERS).items())
    files.write(
        Key("https", "daybook.example", "/blog/", ""),
        make_entry(now, time.time() + 60, "200 OK", headers, b"words"),
    )


def is_found(files):
    return (files.root / "current/https/daybook.example/blog/index.html").exists()


def look(warmer, since=None):
    warmer.expire(warmer.cache.counter.current(), time.time() if since is None else since)


class ClockTests:
    def test_a_file_is_not_found_from_the_moment_for_which_something_was_planned(self, plan, files):
        warmer = Warmer(plan)
        write(plan, files)
        plan.moment = time.time() + 0.3
        look(warmer)
        assert is_found(files)
        time.sleep(0.3)
        look(warmer)
        assert not is_found(files)

    def test_files_are_found_again_when_the_plan_was_given_up(self, plan, files):
        warmer = Warmer(plan)
        write(plan, files)
        plan.moment = time.time() - 0.1
        look(warmer)
        plan.moment = None
        look(warmer)
        assert is_found(files)

    def test_all_is_forgotten_once_when_nobody_does_what_is_due(self, plan):
        warmer = Warmer(plan)
        before = plan.counter.current()
        plan.moment = time.time() - warm.GRACE / 2
        look(warmer)
        assert plan.counter.current() == before
        plan.moment -= warm.GRACE
        look(warmer)
        look(warmer)
        assert plan.counter.current() == before + 1

    def test_a_file_lives_for_an_hour_at_most(self, plan, files):
        warmer = Warmer(plan)
        write(plan, files)
        look(warmer, time.time() - wsgi.MAX_AGE + 5)
        assert is_found(files)
        look(warmer, time.time() - wsgi.MAX_AGE - 5)
        assert not is_found(files)


class StartTests:
    def test_what_an_earlier_process_made_is_not_shown_by_newer_code(
        self, settings, tmp_path, monkeypatch
    ):
        settings.DATA_DIR = tmp_path
        settings.PAGE_CACHE_FILES = True
        monkeypatch.setattr(Warmer, "start", lambda self: None)
        plan = Plan(generation.shared())
        files = plan.counter.files
        write(plan, files)
        assert is_found(files)
        application.with_page_cache(lambda environ, start_response: [])
        assert not is_found(files)


class RedisTests:
    def test_no_file_is_found_while_nobody_knows_the_number(self, files):
        files.switch_to(1)
        client = redis.Redis(port=1, socket_connect_timeout=0.2)
        assert generation.RedisGeneration(client, files).current() is None
        assert not (files.root / "current").is_symlink()
