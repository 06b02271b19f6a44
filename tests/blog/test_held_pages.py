"""A post's page is rendered once for all that it shows, and held."""

import pytest
from django.test import Client
from wagtail.models import Site

from blog import fragments, rendering
from blog.models import Author
from blog.models.rendered_body import RenderedBody
from home.models import MenuItem, SiteSettings
from tests.factories import AuthorFactory, PhotoFactory, StandardPageFactory, moment

pytestmark = pytest.mark.django_db


class Counting(fragments.Store):
    """Counts what is rendered."""

    rendered = 0

    def get(self, key, make):
        def counted():
            self.rendered += key[1] == "page"
            return make()

        return super().get(key, counted)


@pytest.fixture
def store(monkeypatch):
    store = Counting()
    monkeypatch.setattr(fragments, "STORE", store)
    return store


@pytest.fixture
def post(write):
    author = AuthorFactory(name="Ada Quill", slug="ada")
    return write("On rain", published_at=moment(2015, 6, 2), authors=[author])


def page(post):
    response = Client().get(post.url)
    assert response.status_code == 200
    return response.content.decode()


class HeldPageTests:
    def test_what_changes_elsewhere_does_not_make_it_again(self, post, write, store):
        first = page(post)
        write("On soup", published_at=moment(2012, 1, 1))
        write("On tea", published_at=moment(2011, 1, 1))
        # The post before it is shown, the one before that is not.
        changed = page(post)
        assert store.rendered == 2
        write("On milk", published_at=moment(2010, 1, 1))
        assert page(post) == changed != first
        assert store.rendered == 2

    def test_what_it_shows_makes_it_again(self, post, store):
        page(post)
        Author.objects.update(name="Ada Pen")
        assert "Ada Pen" in page(post)
        post.title = "On snow"
        post.save_revision().publish()
        assert "On snow" in page(post)
        assert store.rendered == 3

    def test_what_all_pages_have_makes_it_again(self, post, site, home_page, store):
        page(post)
        about = StandardPageFactory(parent=home_page, title="About us")
        settings = SiteSettings.for_site(site)
        MenuItem.objects.create(settings=settings, page=about)
        assert "About us" in page(post)
        settings.footer = "<p>Kept by hand.</p>"
        settings.save()
        assert "Kept by hand." in page(post)
        assert store.rendered == 3

    def test_a_portrait_that_changes_hands_is_shown_where_it_is(self, write, store):
        portrait = PhotoFactory(title="Portrait")
        ann = AuthorFactory(slug="ann", biography="<p>Writes.</p>", portrait=portrait)
        bob = AuthorFactory(slug="bob", biography="<p>Draws.</p>")
        post = write("On rain", published_at=moment(2015, 6, 2), authors=[ann, bob])
        # The first visit makes the portrait's sizes.
        page(post)
        before = page(post)
        Author.objects.filter(pk=ann.pk).update(portrait=None)
        Author.objects.filter(pk=bob.pk).update(portrait=portrait)
        assert page(post) != before
        assert store.rendered == 2

    def test_a_body_that_shows_what_was_being_made_is_not_held(self, post, store, monkeypatch):
        # A photo's sizes, or an embed, that are there only after the body has been rendered.
        monkeypatch.setattr(rendering.Surroundings, "seen", lambda self: object())
        RenderedBody.objects.all().delete()
        page(post)
        assert store.rendered == 0

    def test_a_second_site_gives_the_page_its_whole_address(self, post, home_page, store):
        before = page(post)
        assert 'type="text/markdown" href="/' in before
        Site.objects.create(
            hostname="other.example", root_page=StandardPageFactory(parent=home_page)
        )
        assert 'type="text/markdown" href="/' not in page(post)

    def test_who_is_signed_in_has_a_page_of_their_own(self, post, admin_client, store):
        page(post)
        assert "wagtail-userbar" in admin_client.get(post.url).content.decode()
        assert "wagtail-userbar" not in page(post)
        assert store.rendered == 1

    def test_no_more_is_held_than_there_is_room_for(self, monkeypatch):
        monkeypatch.setattr(fragments, "HELD", 1000)
        store = fragments.Store()
        for number in range(100):
            assert store.get(("fragment", number), lambda n=number: b"x" * n) == b"x" * number
        assert store.get(("fragment", 99), lambda: b"again") == b"x" * 99
        assert store.get(("fragment", 0), lambda: b"again") == b"again"
