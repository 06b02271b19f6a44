"""
Several processes write while some are killed: `python -m tests.search.writers`.

Two web processes, a publisher and an import publish, hide and delete posts while `update_index`
rebuilds and readers search; with `--postgres ADDRESS` on two machines, each with its own index. In
the end each index says what the database says.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import databases

ROOT = Path(__file__).resolve().parents[2]
ALWAYS = 8
# How long a process may take to begin, and a thread to write, in seconds.
PATIENCE = 90


class Machines:
    """The folders of one or two machines, and the database that they share."""

    def __init__(self, folder, address="", count=1):
        self.folder = folder
        self.address = address or databases.copy_sqlite(folder / "daybook.sqlite3")
        self.count = count

    def start(self, step, *arguments, machine=0):
        data = self.folder / f"machine-{machine}"
        data.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings.dev",
            "DATA_DIR": str(data),
            "DATABASE_URL": self.address,
            "CACHE_URL": "locmemcache://",
            "PAGE_CACHE_SHARED": "file",
            "MACHINES": "1",
            "SEARCH_BACKEND": "",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "tests.search.writers", "--inside", step, *arguments]
        with self.log(step, machine).open("a") as log:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def at_work(self, name):
        """Return the file that is there once a process has written something."""
        return self.folder / f"{name}.at-work"

    def log(self, step, machine=0):
        return self.folder / f"{step}-{machine}.log"


# Inside a process of the site


def prepare():
    """Posts that stay, which all have one word."""
    from django.core.management import call_command

    for number in range(ALWAYS):
        publish(f"Lasting {number}", f"lasting-{number}")
    call_command("update_index", backend_name="reader", verbosity=0)


def publish(title, slug):
    from blog.models import BlogIndexPage, PostPage

    blog = BlogIndexPage.objects.first()
    post = PostPage(title=title, slug=slug, body=[])
    blog.add_child(instance=post)
    return post


def write(name):
    """Publish, rename, hide and delete posts until somebody ends it."""
    from django.db import OperationalError
    from django.utils.text import slugify
    from wagtail.models import Page

    from blog.models import PostPage

    chance = random.Random(name)
    number = 0
    while True:
        number += 1
        try:
            slug = slugify(f"passing {name} {os.getpid()} {number}")
            publish(f"Passing {name} {number}", slug)
            say_at_work(name)
            own = list(PostPage.objects.filter(slug__startswith=slugify(f"passing {name}")))
            other = chance.choice(own)
            match chance.randrange(4):
                case 0:
                    other.unpublish()
                case 1:
                    other.title = f"Renamed {name} {number}"
                    other.save_revision().publish()
                case 2:
                    other.delete()
        except (OperationalError, Page.DoesNotExist):
            # SQLite was busy for longer than it waits; nothing was written.
            time.sleep(0.05)


def rebuild(name):
    from django.core.management import call_command

    while True:
        call_command("update_index", backend_name="reader", verbosity=0)
        say_at_work(name)


def say_at_work(name):
    """Tell that this process has written something, as who starts it waits for that."""
    from django.conf import settings

    (settings.DATA_DIR.parent / f"{name}.at-work").touch()


def read():
    """Search without end; ends with an error when a lasting post is missing."""
    from search.answers import answer_to

    begun = False
    while True:
        answer = answer_to("lasting")
        if answer.unavailable and not begun:
            # This machine has no index yet.
            continue
        begun = True
        if answer.total != ALWAYS or answer.unavailable:
            raise SystemExit(f"{answer.total} of {ALWAYS} lasting posts, {answer.unavailable=}")


def judge():
    """One more change, then compare the index with the database."""
    from django.db.models import F

    from blog.models import PostPage
    from search.engine import reader_copy
    from search.models import SearchChange

    # With the first machine the last that was noted; the second has to look.
    if not PostPage.objects.filter(slug="last").exists():
        publish("Last", "last")
    copy = reader_copy()
    copy.look()
    # A thread may be taking it in, as a merge follows.
    ends = time.monotonic() + PATIENCE
    while copy.state().behind and time.monotonic() < ends:
        time.sleep(0.05)
    reader = copy.reader()
    if behind := copy.state().behind:
        raise SystemExit(f"{behind} changes were not taken in")
    wanted = set(PostPage.objects.live().public().values_list("pk", "title"))
    pages = list(PostPage.objects.values_list("pk", flat=True))
    found = {(page, texts["title"][0]) for page, texts in reader.texts(pages).items()}
    if found != wanted:
        raise SystemExit(f"missing {wanted - found}, too many {found - wanted}")
    left = SearchChange.objects.order_by(F("number").asc(nulls_first=True)).count()
    print(f"{len(found)} of {len(pages)} posts agree, {left} changes are kept.")


STEPS = {step.__name__: step for step in (prepare, write, rebuild, read, judge)}


# Outside


WRITERS = ("web 1", "web 2", "publisher", "import")


def together(machines, kills, writers=WRITERS, seed=1):
    """
    Let them write, and kill so many, each at a random moment after it has written something.

    Returns what the judges say; AssertionError when a reader missed anything or an index is wrong
    in the end.
    """
    chance = random.Random(seed)
    everywhere = range(machines.count)
    assert machines.start("prepare").wait() == 0, machines.log("prepare").read_text()
    jobs = {name: ("write", (name,), place % machines.count) for place, name in enumerate(writers)}
    jobs |= {f"rebuild {machine}": ("rebuild", (), machine) for machine in everywhere}

    def begin(name):
        step, arguments, machine = jobs[name]
        machines.at_work(name).unlink(missing_ok=True)
        return machines.start(step, *(arguments or (name,)), machine=machine)

    readers = [machines.start("read", machine=machine) for machine in everywhere]
    running = {name: begin(name) for name in jobs}
    try:
        for _ in range(kills):
            name = chance.choice(list(running))
            ends = time.monotonic() + PATIENCE
            while not machines.at_work(name).exists() and time.monotonic() < ends:
                time.sleep(0.05)
            time.sleep(chance.random())
            running[name].send_signal(signal.SIGKILL)
            running[name].wait()
            running[name] = begin(name)
            for machine, reader in enumerate(readers):
                assert reader.poll() is None, machines.log("read", machine).read_text()
    finally:
        for process in (*running.values(), *readers):
            process.kill()
            process.wait()
    for machine in everywhere:
        judged = machines.start("judge", machine=machine).wait()
        assert judged == 0, machines.log("judge", machine).read_text()
    return "".join(machines.log("judge", machine).read_text() for machine in everywhere)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--writers", type=int, default=len(WRITERS))
    parser.add_argument("--seed", type=int, default=1, help="of who is killed when")
    parser.add_argument(
        "--postgres", metavar="ADDRESS", help="of a database on whose server it runs"
    )
    parser.add_argument("--inside", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        import django

        django.setup()
        step, *arguments = options.inside
        STEPS[step](*arguments)
        return
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="daybook-writers-")))
        address, count = "", 1
        if options.postgres:
            name = f"daybook_writers_{os.getpid()}"
            address = stack.enter_context(databases.own_postgres(options.postgres, name))
            count = 2
        machines = Machines(folder, address, count)
        said = together(machines, options.kills, WRITERS[: options.writers], options.seed)
        print(f"{options.kills} were killed.", said)


if __name__ == "__main__":
    main()
