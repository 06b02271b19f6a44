import pytest
from wagtail.contrib.redirects import signal_handlers
from wagtail.contrib.redirects.models import Redirect

from blog.models import Author, Series, Tag
from tests.factories import AuthorFactory, SeriesFactory, moment

pytestmark = pytest.mark.django_db

BELOW = [
    *(
        "",
        "archive/",
        "tags/",
        "authors/",
        "series/",
        "tags/food/",
        "authors/ada/",
        "series/diary/",
    ),
    *(f"{of}feed/{kind}" for of in ("", "tags/food/") for kind in ("", "rss/", "json/")),
    *(f"{of}feed/{kind}" for of in ("authors/ada/", "series/diary/") for kind in ("", "json/")),
    *("2014/", "2014/10/", "2014/10/18/", "a-post/", "a-post.md", "tags/food/?page=1"),
]


@pytest.fixture
def post(write):
    return write(
        "A post",
        slug="a-post",
        published_at=moment(2014, 10, 18, 9),
        tags=["food"],
        authors=[AuthorFactory(slug="ada")],
        series=SeriesFactory(slug="diary"),
    )


@pytest.fixture
def rename(blog, django_capture_on_commit_callbacks):
    def rename(slug, page=None):
        page = type(page or blog).objects.get(pk=(page or blog).pk)
        page.slug = slug
        with django_capture_on_commit_callbacks(execute=True):
            page.save_revision().publish()

    return rename


class RenamedBlogTests:
    def check(self, client, old, new):
        for path in BELOW:
            response = client.get(old + path)
            assert response.status_code == 301, path
            assert response["Location"] == new + path, path
            assert client.get(response["Location"]).status_code == 200, path

    def test_each_public_address_leads_to_the_new_one(self, post, rename, client):
        for path in BELOW:
            assert client.get("/blog/" + path).status_code == 200, path
        rename("journal")
        self.check(client, "/blog/", "/journal/")

    def test_so_it_does_after_a_second_time_and_back(self, post, rename, client):
        rename("journal")
        rename("diary")
        for old in ("/blog/", "/journal/"):
            self.check(client, old, "/diary/")
        rename("blog")
        for path in BELOW:
            assert client.get("/blog/" + path).status_code == 200, path
        self.check(client, "/diary/", "/blog/")

    def test_what_was_never_there_is_not_found(self, post, rename, client):
        rename("journal")
        for path in ("tags/nothing/", "2013/", "nothing.md", "nothing/"):
            assert client.get("/blog/" + path).status_code == 404

    def test_a_post_that_is_renamed_leads_on_as_markdown_too(self, post, rename, client):
        rename("another", post)
        assert client.get("/blog/a-post/")["Location"] == "/blog/another/"
        assert client.get("/blog/a-post.md")["Location"] == "/blog/another.md"

    def test_more_than_a_thousand_redirects_are_written(self, blog, site):
        # Through Wagtail's own name for it, as its receivers do.
        batch = signal_handlers.BatchRedirectCreator(max_size=2000, ignore_conflicts=True)
        for number in range(1100):
            batch.add(old_path=f"/x{number}", site=site, redirect_page=blog)
        batch.process()
        assert Redirect.objects.count() == 1100

    def test_an_address_that_no_redirect_can_hold_stops_nothing(self, write, rename, client):
        write(slug="x" * 255)
        rename("journal")
        assert client.get(f"/journal/{'x' * 255}/").status_code == 200


class RenamedSubjectTests:
    """A tag, an author or a series that gets another slug."""

    @pytest.mark.parametrize("model", [Tag, Author, Series])
    def test_its_list_and_feeds_lead_to_the_new_ones(self, model, post, client):
        subject = model.objects.get()
        route = {Tag: "tags", Author: "authors", Series: "series"}[model]
        old, subject.slug = subject.slug, "new"
        subject.save()
        for path in ("", "feed/", "feed/rss/", "feed/json/"):
            response = client.get(f"/blog/{route}/{old}/{path}")
            assert response.status_code == 301
            assert response["Location"] == f"/blog/{route}/new/{path}"
            assert client.get(response["Location"]).status_code == 200

    def test_one_that_nobody_could_read_of_leaves_nothing(self, blog):
        tag = Tag.objects.create(name="unused")
        tag.slug = "other"
        tag.save()
        assert not Redirect.objects.exists()
