"""
Several processes write to one tantivy index, and some are killed: `python -m tests.search.writers`.

Two web processes, a publisher and an import publish, hide and delete posts while `update_index`
rebuilds and readers search. In the end the index says what the database says.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import databases

ROOT = Path(__file__).resolve().parents[2]
ALWAYS = 8


def start(step, *arguments, folder):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "settings.dev",
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/daybook.sqlite3",
        "CACHE_URL": "locmemcache://",
        "SEARCH_BACKEND": "tantivy",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.search.writers", "--inside", step, *arguments]
    log = (folder / f"{step}.log").open("a")
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


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


def rebuild():
    from django.core.management import call_command

    while True:
        call_command("update_index", backend_name="reader", verbosity=0)


def read():
    """Search without end; ends with an error when a lasting post is missing."""
    from search.queries import Search

    while True:
        answer = Search().answer("lasting")
        if answer.total != ALWAYS or answer.unavailable:
            raise SystemExit(f"{answer.total} of {ALWAYS} lasting posts, {answer.unavailable=}")


def judge():
    """One more change, then compare the index with the database."""
    from blog.models import PostPage
    from search.queries import reader_backend

    publish("Last", "last")
    backend = reader_backend()
    wanted = set(PostPage.objects.live().public().values_list("pk", "title"))
    found = {
        (page, texts["title"])
        for page, texts in backend.texts(PostPage.objects.values_list("pk", flat=True)).items()
    }
    standard = backend.size() - len(found)
    if found != wanted:
        raise SystemExit(f"missing {wanted - found}, too many {found - wanted}")
    made = PostPage.objects.order_by("pk").last().pk
    print(f"{len(found)} posts and {standard} other pages agree, the last is number {made}.")


STEPS = {step.__name__: step for step in (prepare, write, rebuild, read, judge)}


# Outside


def together(folder, seconds, writers=("web 1", "web 2", "publisher", "import")):
    """
    Let them write for so many seconds, and kill one at random in between. Returns how many were
    killed; AssertionError when a reader missed anything or the index is wrong in the end.
    """
    chance = random.Random(1)
    assert start("prepare", folder=folder).wait() == 0, (folder / "prepare.log").read_text()
    readers = [start("read", folder=folder)]
    running = {name: start("write", name, folder=folder) for name in writers}
    running["rebuild"] = start("rebuild", folder=folder)
    killed = 0
    ends = time.monotonic() + seconds
    try:
        while time.monotonic() < ends:
            time.sleep(seconds / 5)
            name = chance.choice(list(running))
            running[name].send_signal(signal.SIGKILL)
            running[name].wait()
            killed += 1
            running[name] = start(
                *(["rebuild"] if name == "rebuild" else ["write", name]), folder=folder
            )
            assert readers[0].poll() is None, (folder / "read.log").read_text()
    finally:
        for process in (*running.values(), *readers):
            process.kill()
            process.wait()
    assert start("judge", folder=folder).wait() == 0, (folder / "judge.log").read_text()
    return killed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--inside", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        import django

        django.setup()
        step, *arguments = options.inside
        STEPS[step](*arguments)
        return
    folder = Path(tempfile.mkdtemp(prefix="daybook-writers-"))
    databases.copy_sqlite(folder / "daybook.sqlite3")
    killed = together(folder, options.seconds)
    print(f"{killed} processes were killed. {(folder / 'judge.log').read_text()}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
