import datetime as dt
import re
import tempfile
from collections import Counter
from io import StringIO
from pathlib import Path
from unittest import mock
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, SoupStrainer
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client, TestCase, override_settings
from django.utils import timezone
from wagtail.models import Revision, Site, WorkflowState

from blog.blocks import BodyBlock
from blog.models import BlogIndexPage, Photo, PostPage, Tag
from home.demo import posts as demo
from home.models import SiteSettings, StandardPage, User
from home.page_cache.until_change import UntilChangeCache
from tests import pictures
from tests.deploy.comparison import FORMS, Comparison

HIDDEN = (
    "What the night worker knows",
    "A map of who telephones whom",
    "Notes for a new minister",
    "The adoption tea",
    "Five questions for a commissioner",
    "Come and argue with us",
    "A page for foster carers",
    "The tea chest",
)


def load():
    output = StringIO()
    call_command("load_demo", stdout=output)
    return output.getvalue()


def unchanged():
    """Keep what is worked out until the next change, as a server does, inside a transaction."""
    return mock.patch.object(UntilChangeCache, "current", return_value=1)


def counts():
    models = (BlogIndexPage, Photo, PostPage, Revision, StandardPage, Tag, User, WorkflowState)
    return {model.__name__: model.objects.count() for model in models}


class DemoTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        # Small pictures are as good here, and quick to resize.
        with tempfile.TemporaryDirectory() as folder:
            pictures.reduce_to(Path(folder), 32)
            with mock.patch.object(demo, "PICTURES", Path(folder)):
                cls.output = load()
        cls.blog = BlogIndexPage.objects.get()

    def get(self, url):
        """The page at an address of the site, which must be there and whole."""
        response = self.client.get(url)
        assert response.status_code == 200, url
        return response

    def crawl(self, start):
        """The text of every page that a reader can click to."""
        seen, waiting = {}, [start]
        while waiting:
            url = waiting.pop()
            if url in seen:
                continue
            response = self.get(url)
            seen[url] = ""
            if not response["Content-Type"].startswith("text/html"):
                continue
            seen[url] = response.text
            only = SoupStrainer("a", href=True)
            for link in BeautifulSoup(response.text, "html.parser", parse_only=only).find_all("a"):
                address = urlsplit(urljoin(f"http://testserver{url}", link["href"]))
                if address.netloc in ("testserver", "127.0.0.1:8000"):
                    query = f"?{address.query}" if address.query else ""
                    waiting.append(address.path + query)
        return seen

    def pages(self):
        """The text of every page that a reader can click to, read once for all tests."""
        if not hasattr(type(self), "read"):
            with unchanged():
                type(self).read = self.crawl("/")
        return self.read

    def test_every_page_of_the_sitemap_can_be_clicked_to_and_is_there(self):
        pages = self.pages()
        sitemaps = self.locations("/sitemap.xml")
        assert {url for sitemap in sitemaps for url in self.locations(sitemap)} <= set(pages)
        assert {"/about/", "/blog/", "/blog/archive/", "/blog/feed/", "/blog/tags/"} <= set(pages)
        for post in self.blog.posts:
            assert post.url in pages, post
            assert f"/blog/{post.published_on:%Y/%m/%d}/" in pages
        for url, text in pages.items():
            assert "{%" not in text, url
            assert "{{" not in text, url
            for title in HIDDEN:
                assert title not in text, (url, title)

    def locations(self, sitemap):
        """The addresses that a sitemap, or an index of sitemaps, names."""
        found = re.findall("<loc>(.+?)</loc>", self.get(sitemap).text)
        return {urlsplit(location).path for location in found}

    @pytest.mark.nginx
    @pytest.mark.once
    def test_what_nginx_answers_by_itself_is_what_the_site_answers(self):
        addresses = {*self.pages(), "/robots.txt", "/sitemap.xml", "/llms.txt"}
        addresses = sorted(path for path in addresses if not path.startswith("/media/"))
        with unchanged(), Comparison() as both:
            for number, path in enumerate(addresses):
                tag = both.etag(path)
                is_file = path.endswith("/") and path != "/search/"
                assert both.compare(path, "GET", {}) == is_file, path
                # Every form of each address would take minutes.
                form = FORMS[number % len(FORMS)]
                both.compare(path, "GET", form)
                both.compare(path, "HEAD", form)
                both.compare(path, "GET", {"If-None-Match": f'"other", W/{tag}'})
                both.compare(path, "HEAD", {"If-None-Match": tag})
            path = self.blog.url
            conditions = (
                {"If-None-Match": both.etag(path), "Accept-Encoding": "br"},
                {"If-None-Match": "*"},
                {"If-None-Match": "nothing"},
                {"If-Match": '"other"'},
                {"If-Modified-Since": "Sat, 28 Nov 2026 22:48:14 GMT"},
                {"If-Unmodified-Since": "Sat, 28 Nov 2009 22:48:14 GMT"},
            )
            odd = (
                "/blog",
                "//blog/",
                "/blog//",
                "/blog/index.html",
                "/%62log/",
                "/BLOG/",
            )
            for headers in (*FORMS, *conditions):
                for method in ("GET", "HEAD"):
                    for spelling in (path, f"{path}?", f"{path}?utm_source=mail", *odd):
                        both.compare(spelling, method, headers)

    def test_a_reader_can_search_for_its_words(self):
        # The index is written when a transaction ends, and that of a test never does.
        call_command("update_index", verbosity=0)
        for query, slug in (
            ("plimsolls", "one-the-telephone"),
            ("£340,000", "what-340000-pounds-buys"),
            ("neuvola", "letter-from-tampere"),
        ):
            assert f"/blog/{slug}/" in self.get(f"/search/?q={query}").text, query
        for post in PostPage.objects.filter(title__in=HIDDEN):
            assert post.url not in self.get(f"/search/?q={post.title}").text

    def test_it_has_posts_of_many_years_and_several_on_some_days(self):
        posts = self.blog.posts
        assert posts.count() >= 30
        assert len({post.published_on.year for post in posts}) >= 10
        assert sum(count > 1 for count in Counter(p.published_on for p in posts).values()) >= 3
        assert posts.first().published_at > timezone.now() - dt.timedelta(days=1)

    def test_every_author_tag_and_series_is_used(self):
        posts = self.blog.posts
        assert len({author for post in posts for author in post.authors}) == 4
        assert Tag.objects.count() == Tag.objects.filter(posts__in=posts).distinct().count()
        assert Tag.objects.count() >= 12
        lengths = Counter(post.series.slug for post in posts.exclude(series=None))
        assert sorted(lengths.values()) == [3, 5]

    def test_every_block_is_used_and_as_an_editor_could_have_written_it(self):
        used = set()
        for post in PostPage.objects.all():
            post.body.stream_block.clean(post.body)
            used |= {block.block_type for block in post.body}
        assert used == set(BodyBlock().child_blocks)

    def test_every_picture_is_described_and_credited(self):
        assert Photo.objects.count() == len(list(demo.PICTURES.glob("*.webp")))
        for photo in Photo.objects.all():
            assert len(photo.description) > 30, photo
            assert photo.credit, photo

    def test_some_posts_wait_for_their_time(self):
        waiting = PostPage.objects.filter(live=False, go_live_at__gt=timezone.now())
        assert waiting.count() == 4
        for post in waiting:
            assert post.scheduled_revision.approved_go_live_at == post.go_live_at
        assert waiting.earliest("go_live_at").go_live_at < timezone.now() + dt.timedelta(minutes=6)

    def test_one_post_is_in_review_one_expired_and_one_private(self):
        state = WorkflowState.objects.get()
        assert state.status == WorkflowState.STATUS_IN_PROGRESS
        assert state.requested_by.username == "author"
        assert PostPage.objects.get(expired=True).title == "Come and argue with us"
        private = PostPage.objects.live().not_public().get()
        assert "Strip the bed" not in self.client.get(private.url).text
        assert mail.outbox == []

    def test_a_draft_carries_a_comment_and_a_post_its_history(self):
        draft = PostPage.objects.get(title="The tea chest")
        comment = draft.wagtail_admin_comments.get()
        assert comment.user.username == "editor"
        assert comment.contentpath == f"body.{draft.get_latest_revision_as_object().body[0].id}"
        post = PostPage.objects.get(title="The form that asked about shoes")
        titles = {revision.content["title"] for revision in post.revisions.all()}
        assert titles == {"A form about shoes", "The form that asked about shoes"}

    def test_its_accounts_have_their_roles_and_open_the_editor(self):
        for name, role in (
            ("author", "Authors"),
            ("editor", "Editors"),
            ("administrator", "Administrators"),
        ):
            user = User.objects.get(username=name)
            assert [group.name for group in user.groups.all()] == [role]
            person = {"username": name, "password": "daybook-demo"}
            answer = Client().post("/admin/login/", person, follow=True)
            assert (answer.status_code, answer.request["PATH_INFO"]) == (200, "/admin/")
        assert User.objects.get(username="author").author.name == "Zoë Okonjo"
        assert "daybook-demo" in self.output

    def test_a_second_run_changes_nothing(self):
        before = counts()
        edited = PostPage.objects.get(title="Set the recorder")
        edited.title = "Set the alarm"
        edited.save_revision().publish()
        PostPage.objects.get(title="Grandmothers").delete()
        settings = SiteSettings.objects.get()
        settings.name = "Our own name"
        settings.save()
        load()
        assert PostPage.objects.get(pk=edited.pk).title == "Set the alarm"
        assert not PostPage.objects.filter(title="Grandmothers").exists()
        assert SiteSettings.objects.get().name == "Our own name"
        assert counts()["PostPage"] == before["PostPage"] - 1
        assert counts()["User"] == before["User"]

    def test_two_runs_in_a_row_leave_the_same_rows(self):
        before = counts()
        load()
        assert counts() == before

    @override_settings(BASE_URL="http://127.0.0.1:8123")
    def test_another_port_is_where_the_site_is_then(self):
        load()
        site = Site.objects.get(is_default_site=True)
        assert (site.hostname, site.port) == ("127.0.0.1", 8123)


class LoadDemoTests(TestCase):
    @override_settings(DEMO_ACCOUNTS=False)
    def test_it_refuses_a_site_on_the_internet(self):
        with pytest.raises(CommandError, match="--force"):
            load()
        assert not User.objects.filter(username="editor").exists()
