import gc
import os
import shutil

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection, transaction
from wagtail.models import Site
from xdist.scheduler import LoadScopeScheduling

from blog.models import BlogIndexPage
from blog.photos import renditions
from blog.schedule import due
from home.page_cache import generation, watch
from home.page_cache.until_change import UntilChangeCache
from search import log, spelling
from search.engine.backend import the_copy
from tests import databases
from tests.browser.program import PROGRAM
from tests.factories import PostPageFactory, UserFactory

# As fast as it can be: the tests make thousands of pictures, which nobody looks at.
renditions.AVIF_SPEED = 10
# A test makes thousands of objects that live as long as the process: to go through them all again
# and again takes a sixth of the time.
gc.set_threshold(50_000, 10, 10)
# What is due is asked again after a change, and not also when a test is slow.
due.REMEMBERED = 60 * 60
# What one test has searched for is not written in the middle of another.
log.INTERVAL = 24 * 60 * 60
# What one test has written is known to the next search.
spelling.LIST_AGE = 0


class Changes:
    """
    The number of the last change inside the transaction of a test, which never commits.

    So what is worked out until the next change is kept as on a site. As there, nothing is kept in
    a transaction that the site itself begins.
    """

    number = 1

    def bump(self):
        self.number += 1

    def current(self):
        if not connection.in_atomic_block:
            return generation.current()
        return self.number if connection.atomic_blocks[-1]._from_testcase else None

    def bump_on_commit(self, connection, original=watch.bump_on_commit):
        self.bump()
        original(connection)


CHANGES = Changes()
UntilChangeCache.current = lambda cache: CHANGES.current()
watch.bump_on_commit = CHANGES.bump_on_commit

# Files of tests that share what is dear to make, or take turns, by the name of what that is. Those
# that take the longest begin first.
TOGETHER = {
    "server": (
        "browser/test_checker.py",
        "browser/test_editor_blocks.py",
        "browser/test_editor_words.py",
        "browser/test_schedule.py",
        "browser/test_whole_job.py",
        "browser/test_writing.py",
    ),
    "demo server": (
        "browser/test_design.py",
        "browser/test_reading.py",
        "browser/test_suggestions.py",
    ),
    "demo": ("home/test_demo.py",),
    "production": (
        "deploy/test_deploying.py",
        "deploy/test_processes.py",
        "deploy/test_services.py",
    ),
    "backup": ("deploy/test_backup.py",),
    "transfer": ("deploy/test_transfer.py",),
    "passkeys": ("browser/test_passkeys.py",),
    "varnish": ("deploy/test_varnish.py",),
    # Each forks its process or opens many connections.
    "processes": ("blog/schedule/test_workers.py", "home/test_sqlite.py"),
    "nginx": ("deploy/test_nginx.py",),
    "query counts": ("blog/test_query_counts.py",),
}
GROUPS = {f"tests/{file}": name for name, files in TOGETHER.items() for file in files}


def group(nodeid):
    """Return the name of a test's group, or the test's own."""
    return GROUPS.get(nodeid.partition("::")[0], nodeid)


class Scheduling(LoadScopeScheduling):
    """
    Gives each group of tests to one of the suite's workers, and every other test by itself.

    xdist's own `loadgroup` sees no marks since pytest 9.2 (pytest-xdist's issue 1386).
    """

    def _split_scope(self, nodeid):
        return group(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    # By the number of their tests, the groups would not begin with the longest.
    config.option.loadscopereorder = False
    return Scheduling(config, log)


def pytest_collection_modifyitems(config, items):
    """
    Report tests that need what this machine does not have as skipped, with the reason.

    Where CI is set, all must run that were not deselected. Groups begin first, in their order.
    """
    order = {name: number for number, name in enumerate(TOGETHER)}
    items.sort(key=lambda item: order.get(group(item.nodeid), len(order)))
    on_postgres = os.environ.get("DATABASE_URL", "").startswith("postgres")
    on_redis = os.environ.get("CACHE_URL", "").startswith("redis")
    missing = {
        "browser": not PROGRAM and "Chromium is not installed",
        "nginx": not shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        and "nginx is not installed",
        "varnish": not shutil.which("varnishd", path=os.environ["PATH"] + ":/usr/sbin")
        and "Varnish is not installed",
        "postgres": not on_postgres and "DATABASE_URL names no PostgreSQL database",
        "redis": not on_redis and "CACHE_URL names no Redis server",
        "sqlite": on_postgres and "DATABASE_URL names a PostgreSQL database",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and marker in item.keywords:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and here nothing may be: {report.longrepr}"
    return report


def pytest_configure(config):
    # Once a run: the suite's other processes copy what the first of them has made.
    if config.option.create_db and not hasattr(config, "workerinput"):
        databases.forget()


@pytest.fixture(scope="session")
def django_db_keepdb():
    """The tests begin with the database that is there: a copy of the migrated one."""
    return True


@pytest.fixture(scope="session")
def django_db_createdb():
    return False


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    databases.copy_for_tests(connection)


@pytest.fixture(autouse=True)
def changes():
    """Keep what is worked out until the next change of the test, and nothing from test to test."""
    forget()
    return CHANGES


def forget():
    """Empty the caches; the next search builds the index of what there is then."""
    caches["default"].clear()
    caches["until_change"].clear()
    the_copy.cache_clear()
    path = settings.WAGTAILSEARCH_BACKENDS["reader"]["PATH"]
    if (path / "current").is_symlink():
        # A thread of an earlier test may still be tidying up in it.
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="class")
def class_transaction(django_db_setup, django_db_blocker):
    """What a class's fixture writes in it is there for each of its tests, and then undone."""
    block = transaction.atomic()
    block._from_testcase = True
    with django_db_blocker.unblock(), block:
        forget()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def site(db):
    return Site.objects.get(is_default_site=True)


@pytest.fixture
def home_page(site):
    return site.root_page.specific


@pytest.fixture
def blog(db):
    """The blog that a new site has, at /blog/."""
    return BlogIndexPage.objects.get(slug="blog")


@pytest.fixture
def write(blog):
    """Write a post in the blog: `write("A title", tags=["food"])`."""

    def write(title=None, **fields):
        if title:
            fields["title"] = title
        return PostPageFactory(parent=blog, **fields)

    return write


@pytest.fixture
def author(db):
    """Somebody who may write, but not publish."""
    return UserFactory(username="author", roles=["Authors"])


@pytest.fixture
def editor(db):
    return UserFactory(username="editor", roles=["Editors"])


@pytest.fixture
def administrator(db):
    return UserFactory(username="administrator", roles=["Administrators"])
