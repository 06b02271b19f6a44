"""
Tries to catch the site showing what is no longer true.

`python -m tests.home.page_cache.staleness --examples 20 --steps 30` makes a small site with two
server processes that keep pages, lets Hypothesis publish, edit, move, hide and delete, and after
each step asks both for every public address: each answer must equal, byte for byte, what Django
renders without any memory. Ends with status 1 and the shortest history that shows a stale page.
With --postgres and --redis (addresses of servers) the site is one of several machines, which hear
of a change within a second: they are asked that much later.
"""

import argparse
import contextlib
import datetime as dt
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import databases

BASE_URL = "http://daybook.example"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Servers:
    """Two server processes of one site; requests name the same host, so that bytes compare."""

    def __init__(self) -> None:
        self.ports = [free_port(), free_port()]
        self.processes = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "granian", "--interface", "wsgi"),
                    *("--port", str(port), "--blocking-threads", "4", "--log-level", "error"),
                    "settings.wsgi:application",
                ],
                start_new_session=True,
            )
            for port in self.ports
        ]
        deadline = time.monotonic() + 90
        for port in self.ports:
            while True:
                try:
                    self.ask(port, "/robots.txt")
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.2)
        self.connections = [http.client.HTTPConnection("127.0.0.1", port) for port in self.ports]

    def ask(self, port: int, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        return self.read(connection, path)

    def read(self, connection, path):
        connection.request("GET", path, headers={"Host": "daybook.example"})
        response = connection.getresponse()
        return response.status, response.read()

    def answers(self, path: str) -> list[tuple[int, bytes]]:
        return [self.read(connection, path) for connection in self.connections]

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()


def run(examples: int, steps: int, seed: int | None) -> None:
    import django

    django.setup()
    servers = Servers()
    try:
        play(servers, examples, steps, seed)
    finally:
        servers.stop()


def difference(address: str, answer: bytes, wanted: bytes) -> str:
    """Where two pages begin to differ, for a person."""
    pairs = enumerate(zip(answer, wanted, strict=False))
    place = next((n for n, (one, other) in pairs if one != other), min(len(answer), len(wanted)))
    around = slice(max(0, place - 200), place + 200)
    return f"{address}\nhere: {answer[around]!r}\nthere: {wanted[around]!r}"


def play(servers: Servers, examples: int, steps: int, seed: int | None) -> None:
    import hypothesis
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone
    from hypothesis import strategies as st
    from hypothesis.stateful import (
        RuleBasedStateMachine,
        invariant,
        rule,
        run_state_machine_as_test,
    )
    from wagtail.contrib.redirects.models import Redirect
    from wagtail.models import Page, PageViewRestriction, Site

    from blog.models import Author, BlogIndexPage, PostPage, Series, Tag
    from blog.schedule.publisher import do_what_is_due
    from home.models import MenuItem, SiteSettings, StandardPage
    from home.page_cache.generation import RedisGeneration
    from home.page_cache.until_change import UntilChangeCache
    from tests.factories import (
        AuthorFactory,
        BlogIndexPageFactory,
        PhotoFactory,
        PostPageFactory,
        SeriesFactory,
        StandardPageFactory,
        moment,
        paragraph,
    )

    # What the servers' answers are compared with is made anew each time, whole.
    UntilChangeCache.current = lambda cache: None
    client = Client(HTTP_HOST="daybook.example")
    counter = iter(range(10**9))
    checked = histories = 0
    words = st.sampled_from(["Rain", "Soup & salt", "A <door>", "Years", "Ink"])

    class SmallSite(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.clear()
            self.blog = BlogIndexPage.objects.get(slug="blog")
            self.other = BlogIndexPageFactory(
                parent=self.blog.get_parent(), slug="notes", title="Notes"
            )
            self.authors = [AuthorFactory(slug=f"author-{n}") for n in range(2)]
            self.series = SeriesFactory(slug="parts")
            self.photo = PhotoFactory()
            self.about = StandardPageFactory(parent=self.blog.get_parent(), slug="about")
            self.seen = set()
            self.post("First", 0)
            self.post("Second", 1)

        def teardown(self):
            nonlocal histories
            histories += 1
            print(f"History {histories}: {checked:,} answers compared so far.", flush=True)

        def clear(self):
            PageViewRestriction.objects.all().delete()
            Redirect.objects.all().delete()
            MenuItem.objects.all().delete()
            for page in [*PostPage.objects.all(), *StandardPage.objects.all()]:
                page.delete()
            for page in BlogIndexPage.objects.exclude(slug="blog"):
                page.delete()
            for model in (Author, Series, Tag):
                model.objects.all().delete()

        def post(self, title, day, **fields):
            return PostPageFactory(
                parent=BlogIndexPage.objects.get(pk=self.blog.pk),
                title=title,
                slug=f"post-{next(counter)}",
                published_at=moment(2015, 1 + day % 3, 1 + day % 5, 9, day % 60),
                **fields,
            )

        def pick(self, number, **filters):
            posts = list(PostPage.objects.filter(**filters).order_by("pk"))
            return posts[number % len(posts)] if posts else None

        number = st.integers(0, 20)

        @rule(title=words, day=number, author=number, tag=st.sampled_from(["food", "law"]))
        def publish(self, title, day, author, tag):
            self.post(title, day, tags=[tag], authors=[self.authors[author % 2]])

        @rule(number=number, title=words)
        def edit(self, number, title):
            if post := self.pick(number):
                post.title = title
                post.body = [paragraph(f"{title} {next(counter)}")]
                post.save_revision().publish()

        @rule(number=number)
        def draft(self, number):
            if post := self.pick(number):
                post.title = "Not yet"
                post.save_revision()

        @rule(number=number)
        def unpublish(self, number):
            if post := self.pick(number, live=True):
                post.unpublish()

        @rule(number=number, title=words)
        def schedule_and_go_live(self, number, title):
            if post := self.pick(number):
                post.title = title
                post.go_live_at = timezone.now() + dt.timedelta(hours=1)
                revision = post.save_revision()
                revision.publish()
                self.everything_is_true()
                from wagtail.models import Revision

                past = timezone.now() - dt.timedelta(minutes=1)
                Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=past)
                do_what_is_due(wait=True)

        @rule(number=number)
        def expire(self, number):
            if post := self.pick(number, live=True):
                past = timezone.now() - dt.timedelta(minutes=1)
                PostPage.objects.filter(pk=post.pk).update(expire_at=past)
                do_what_is_due(wait=True)

        @rule(number=number, away=st.booleans())
        def move(self, number, away):
            if post := self.pick(number):
                target = self.other if away else self.blog
                post.move(Page.objects.get(pk=target.pk), pos="last-child")

        @rule(number=number)
        def rename(self, number):
            if post := self.pick(number):
                post.slug = f"renamed-{next(counter)}"
                post.save_revision().publish()

        @rule(number=number, day=number)
        def redate(self, number, day):
            if post := self.pick(number):
                post.published_at = moment(2015, 1 + day % 12, 1 + day)
                post.save_revision().publish()

        @rule(number=number, tag=st.sampled_from(["food", "law", "work"]))
        def retag(self, number, tag):
            if post := self.pick(number):
                post.tags.set([tag])
                post.save_revision().publish()

        @rule(number=number, name=words)
        def edit_author(self, number, name):
            author = self.authors[number % 2]
            author.name = name
            author.biography = f"<p>{name} writes.</p>"
            author.save()

        @rule(number=number)
        def edit_tag(self, number):
            if tag := Tag.objects.order_by("pk").first():
                tag.name = f"Tag {next(counter)}"
                tag.save()

        @rule(number=number)
        def put_in_series(self, number):
            if post := self.pick(number):
                post.series = self.series
                post.save_revision().publish()

        @rule(name=words)
        def edit_settings(self, name):
            own = SiteSettings.for_site(Site.objects.get(is_default_site=True))
            own.name = own.tagline = name
            own.menu_items = [MenuItem(page=self.about.page_ptr, title=name)]
            own.save()

        @rule(number=number, text=words)
        def edit_photo(self, number, text):
            if post := self.pick(number):
                post.cover = self.photo
                post.save_revision().publish()
            self.photo.title = self.photo.description = self.photo.credit = text
            self.photo.focal_point_x = self.photo.focal_point_y = 1 + number
            self.photo.focal_point_width = self.photo.focal_point_height = 5
            self.photo.save()

        @rule(number=number, private=st.booleans())
        def restrict(self, number, private):
            if not private:
                PageViewRestriction.objects.all().delete()
            elif post := self.pick(number):
                PageViewRestriction.objects.get_or_create(
                    page=post.page_ptr, restriction_type="login"
                )

        @rule(number=number)
        def delete(self, number):
            if post := self.pick(number):
                post.delete()

        @rule(number=number, other=number)
        def refer(self, number, other):
            """A body that links to a post, names it and shows the photo."""
            post, shown = self.pick(number), self.pick(other)
            if post and shown:
                image = {"image": self.photo.pk, "alt_text": "A photo"}
                post.body = [
                    paragraph(f'<a linktype="page" id="{shown.pk}">{next(counter)}</a>'),
                    {"type": "photo", "value": {"image": image, "caption": ""}},
                    {"type": "related", "value": {"title": "", "posts": [shown.pk]}},
                ]
                post.save_revision().publish()

        @rule(number=number, title=words)
        def update_in_the_shell(self, number, title):
            PostPage.objects.filter(live=True).update(title=title, introduction=title)

        def addresses(self):
            yield from ("/", "/blog/", "/notes/", "/about/", "/sitemap.xml", "/sitemap-posts.xml")
            for blog in ("blog", "notes"):
                for tail in ("archive", "tags", "authors", "series", "2015", "2015/01", "feed"):
                    yield f"/{blog}/{tail}/"
                for author in self.authors:
                    yield f"/{blog}/authors/{author.slug}/"
                for tag in Tag.objects.order_by("pk"):
                    yield f"/{blog}/tags/{tag.slug}/"
                yield f"/{blog}/series/parts/"
            for post in PostPage.objects.order_by("pk"):
                self.seen.add(post.url)
                self.seen.add(f"/blog/{post.published_on:%Y/%m/%d}/")
            yield from sorted(self.seen)

        @invariant()
        def everything_is_true(self):
            nonlocal checked
            if settings.PAGE_CACHE_SHARED == "redis":
                time.sleep(RedisGeneration.interval * 2)
            for address in self.addresses():
                own = client.get(address)
                for status, body in servers.answers(address):
                    checked += 1
                    assert status == own.status_code, address
                    assert body == own.content, difference(address, body, own.content)

    run_state_machine_as_test(
        SmallSite if seed is None else hypothesis.seed(seed)(SmallSite),
        settings=hypothesis.settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
    print(f"{checked:,} answers compared, none was stale.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--postgres", metavar="ADDRESS")
    parser.add_argument("--redis", metavar="ADDRESS")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="daybook-staleness-"))
    os.environ.update(
        DJANGO_SETTINGS_MODULE="settings.dev",
        DATA_DIR=str(folder),
        ALLOWED_HOSTS="daybook.example",
        BASE_URL=BASE_URL,
    )
    if options.redis:
        os.environ.update(CACHE_URL=options.redis, PAGE_CACHE_SHARED="redis", MACHINES="2")
    try:
        with contextlib.ExitStack() as stack:
            if options.postgres:
                name = f"daybook_staleness_{os.getpid()}"
                own = databases.own_postgres(options.postgres, name, BASE_URL)
                os.environ["DATABASE_URL"] = stack.enter_context(own)
            else:
                own = databases.copy_sqlite(folder / "daybook.sqlite3", BASE_URL)
                os.environ["DATABASE_URL"] = own
            run(options.examples, options.steps, options.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
