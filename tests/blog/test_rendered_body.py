"""A post's body is rendered once and kept, and never shown when it is no longer true."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.embeds.models import Embed
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Site

from blog import rendering
from blog.models import Photo, PhotoRendition, PostPage, RenderedBody
from tests.factories import PhotoFactory, StandardPageFactory, paragraph

pytestmark = pytest.mark.django_db

EMBED = "https://vimeo.com/1"


@pytest.fixture
def photo():
    return PhotoFactory(description="A door", credit="Ada")


@pytest.fixture
def page(home_page):
    return StandardPageFactory(parent=home_page, slug="about")


@pytest.fixture
def document():
    file = ContentFile(b"a,b", "figures.csv")
    return get_document_model().objects.create(title="Figures", file=file)


@pytest.fixture
def other(write):
    return write("Another", slug="another")


@pytest.fixture
def embed():
    return Embed.objects.create(
        url=EMBED,
        hash=rendering.get_embed_hash(EMBED),
        type="video",
        html="<iframe></iframe>",
        title="A film",
    )


@pytest.fixture
def post(write, photo, page, document, other, embed):
    """A post that refers to something of each kind."""
    return write(
        "Everything",
        body=[
            paragraph(f'<a linktype="page" id="{page.pk}">about</a>'),
            paragraph(f'<a linktype="document" id="{document.pk}">file</a>'),
            {"type": "photo", "value": {"image": {"image": photo.pk, "alt_text": ""}}},
            {"type": "document", "value": {"document": document.pk, "title": ""}},
            {"type": "related", "value": {"title": "", "posts": [other.pk]}},
            {"type": "embed", "value": {"embed": EMBED, "title": "Film", "caption": ""}},
        ],
    )


def shown(post, client):
    return client.get(PostPage.objects.get(pk=post.pk).url).text


def fresh(post):
    return rendering.html(PostPage.objects.get(pk=post.pk).body)


def settle(post, client):
    """Ask until it is kept: the first time photos have no files yet."""
    for _ in range(2):
        client.get(post.url)
    return RenderedBody.objects.get(post=post)


class KeptBodyTests:
    def test_the_second_reader_does_not_take_the_body_apart(self, post, client, monkeypatch):
        kept = settle(post, client)
        assert kept.html == fresh(post)
        monkeypatch.setattr(rendering, "html", lambda body: 1 / 0)
        assert kept.html in shown(post, client)

    def test_publishing_renders_it(self, write, django_capture_on_commit_callbacks):
        post = write("Plain")
        with django_capture_on_commit_callbacks(execute=True):
            post.save_revision().publish()
        assert RenderedBody.objects.get(post=post).html == fresh(post)

    def test_a_feed_shows_what_is_kept(self, write, client, monkeypatch):
        post = write("Plain")
        settle(post, client)
        monkeypatch.setattr(rendering, "html", lambda body: 1 / 0)
        assert "What the post says." in client.get("/blog/feed/").text

    def test_a_draft_that_is_looked_at_shows_its_own_words(self, write, client, administrator):
        post = write("Plain")
        settle(post, client)
        post.body = [paragraph("Not yet.")]
        post.save_revision()
        draft = post.get_latest_revision_as_object()
        assert "Not yet." in draft.body_html
        assert "Not yet." not in shown(post, client)

    def test_a_reader_who_cannot_write_is_served(self, write, client, monkeypatch):
        def fail(*args, **kwargs):
            raise rendering.DatabaseError("locked")

        monkeypatch.setattr(RenderedBody.objects.__class__, "bulk_create", fail)
        post = write("Plain")
        assert "What the post says." in shown(post, client)
        assert not RenderedBody.objects.exists()

    def test_any_number_of_references_costs_the_same_queries(self, write, client):
        def body(count):
            photos = [
                {"type": "photo", "value": {"image": {"image": PhotoFactory().pk, "caption": ""}}}
                for _ in range(count)
            ]
            return [paragraph("Once."), *photos]

        counts = []
        for number in (1, 3):
            post = write(body=body(number))
            settle(post, client)
            with CaptureQueriesContext(connection) as queries:
                client.get(post.url)
            counts.append(len(queries))
        assert counts[0] == counts[1]


def replace_file(photo):
    photo.file = get_test_image_file(filename="another.png", size=(300, 200))
    photo.save()
    # As the admin does.
    photo.renditions.all().delete()


def purge(photo):
    for rendition in PhotoRendition.objects.filter(image=photo):
        rendition.delete()


def move(page, home_page):
    parent = StandardPageFactory(parent=home_page, slug="below")
    page.move(parent, pos="last-child")


CHANGES = {
    "the body, published": lambda g: (
        setattr(g["post"], "body", [paragraph("New.")]),
        g["post"].save_revision().publish(),
    ),
    "the body, in the shell": lambda g: PostPage.objects.update(body=[paragraph("New.")]),
    "the photo's credit": lambda g: Photo.objects.update(credit="Ben"),
    "the photo's file": lambda g: replace_file(g["photo"]),
    "the photo's focal point": lambda g: (
        setattr(g["photo"], "focal_point_x", 10),
        setattr(g["photo"], "focal_point_y", 10),
        setattr(g["photo"], "focal_point_width", 10),
        setattr(g["photo"], "focal_point_height", 10),
        g["photo"].save(),
    ),
    "the photo's renditions": lambda g: purge(g["photo"]),
    "no photo any more": lambda g: g["photo"].delete(),
    "the linked page's slug": lambda g: (
        setattr(g["page"], "slug", "who"),
        g["page"].save_revision().publish(),
    ),
    "the linked page's place": lambda g: move(g["page"], g["home_page"]),
    "no linked page any more": lambda g: g["page"].delete(),
    "the document's title": lambda g: (
        setattr(g["document"], "title", "Numbers"),
        g["document"].save(),
    ),
    "no document any more": lambda g: g["document"].delete(),
    "the chosen post's title": lambda g: PostPage.objects.filter(pk=g["other"].pk).update(
        title="Other"
    ),
    "the chosen post unpublished": lambda g: g["other"].unpublish(),
    "the chosen post expired": lambda g: PostPage.objects.filter(pk=g["other"].pk).update(
        expire_at=timezone.now()
    ),
    "the film's frame": lambda g: Embed.objects.update(html="<iframe title='A film'></iframe>"),
    "another site": lambda g: Site.objects.create(hostname="b.example", root_page=g["page"]),
}


class TruthTests:
    @pytest.mark.parametrize("name", CHANGES)
    def test_a_change_of_what_it_shows(
        self, name, post, photo, page, document, other, home_page, client
    ):
        before = settle(post, client).html
        CHANGES[name](locals())
        # What is shown first is right, and not only later.
        text = shown(post, client)
        assert fresh(post) in text
        if name != "the photo's renditions":
            assert before != fresh(post) or name == "the photo's focal point", name

    def test_another_release_renders_anew(self, write, client, monkeypatch):
        post = write("Plain")
        settle(post, client)
        monkeypatch.setattr(rendering, "maker", lambda: "the next")
        monkeypatch.setattr(rendering, "html", lambda body: "<p>By another template.</p>")
        assert "By another template." in shown(post, client)

    def test_what_changes_while_it_is_rendered_is_not_kept(self, post, photo, client, monkeypatch):
        settle(post, client)
        html = rendering.html

        def slow(body):
            made = html(body)
            Photo.objects.update(credit="Changed meanwhile")
            return made

        monkeypatch.setattr(rendering, "html", slow)
        Photo.objects.update(credit="Ben")
        key = RenderedBody.objects.get(post=post).key
        client.get(post.url)
        assert RenderedBody.objects.get(post=post).key == key
        monkeypatch.setattr(rendering, "html", html)
        assert "Changed meanwhile" in shown(post, client)
