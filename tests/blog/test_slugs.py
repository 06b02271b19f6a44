import re
import string
from importlib import import_module

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from blog import slugs
from blog.models import Author, PostPage, Series, Tag
from home.models import StandardPage
from tests.blog.test_editing import form
from tests.factories import AuthorFactory, SeriesFactory, StandardPageFactory, paragraph

pytestmark = pytest.mark.django_db

SLUG = re.compile(r"[\w-]+")
# Names of which little or nothing is left in an address, and some that grow in it.
ODD = ["🎉", "???", "…", "—", "  . ", "\u0301", "ि", "ﷺ" * 100, "C#", "ß" * 100, "_", "2014"]
NAMES = st.one_of(
    st.sampled_from(ODD),
    st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=100
    ).filter(str.strip),
)
SEVERAL = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class NameTests:
    @given(NAMES)
    def test_an_address_can_be_made_of_each_name(self, name):
        slug = slugs.slug_from(name, "post", 50)
        assert SLUG.fullmatch(slug)
        assert len(slug) <= 50

    def test_what_is_taken_gets_a_number_and_stays_short_enough(self):
        taken = {"x" * 10, "x" * 8 + "-2"}
        assert slugs.first_free("x" * 10, lambda slug: slug not in taken, 10) == "x" * 8 + "-3"


class SubjectTests:
    """Whatever a post, a tag, an author or a series is called, its pages answer."""

    @SEVERAL
    @given(name=NAMES)
    def test_each_name_has_an_address(self, name, blog, client, home_page):
        Page.objects.filter(depth__gt=blog.depth).delete()
        for model in (Tag, Author, Series):
            model.objects.all().delete()
        blog.refresh_from_db()
        post = PostPage(title=name, body=[paragraph("Words.")])
        post.series = Series.objects.create(title=name)
        post.bylines = [post.bylines.model(author=Author.objects.create(name=name))]
        post.tags.add(Tag.objects.create(name=name))
        blog.add_child(instance=post)
        post.save_revision().publish()
        addresses = [post.url]
        for route, subject in (
            ("tag", post.tags.get()),
            ("author", Author.objects.get()),
            ("series", Series.objects.get()),
        ):
            assert SLUG.fullmatch(subject.slug)
            assert len(subject.slug) <= 200
            path = blog.reverse_subpage(route, args=[subject.slug])
            assert path
            addresses += [blog.url + path, f"{blog.url}{path}feed/"]
        for address in [*addresses, "/", "/blog/", "/blog/tags/", "/blog/feed/"]:
            assert client.get(address).status_code == 200, address

    @pytest.mark.parametrize("name", ODD)
    def test_two_of_one_name_have_two_addresses(self, name, blog):
        for model, field in ((Author, "name"), (Series, "title")):
            first, second = (model.objects.create(**{field: name}) for _ in range(2))
            assert first.slug != second.slug
        for _ in range(2):
            blog.add_child(instance=PostPage(title=name, body=[paragraph("Words.")]))
        assert len(set(blog.get_children().values_list("slug", flat=True))) == 2


class EditorTests:
    @pytest.mark.parametrize("name", ["🎉", "???"])
    def test_a_title_without_a_letter_is_saved_and_published(self, name, editor, client, blog):
        client.force_login(editor)
        client.post(f"/admin/pages/add/blog/postpage/{blog.pk}/", form(title=name))
        draft = PostPage.objects.get()
        assert draft.slug == "post"
        edit = f"/admin/pages/{draft.pk}/edit/"
        assert client.post(edit, form(title=name) | {"action-publish": "1"}).status_code == 302
        assert client.get("/blog/post/").status_code == 200

    @pytest.mark.parametrize("action", ["", "action-publish"])
    def test_so_is_a_standard_page(self, action, editor, client, home_page):
        client.force_login(editor)
        data = nested_form_data(
            {
                "title": "🎉",
                "slug": "",
                "introduction": "",
                "body": streamfield([]),
                "comments": inline_formset([]),
            }
        )
        address = f"/admin/pages/add/home/standardpage/{home_page.pk}/"
        response = client.post(address, data | ({action: "1"} if action else {}))
        assert response.status_code == 302, response.context["form"].errors
        assert StandardPage.objects.get().slug == "page"

    def test_of_a_title_that_is_too_long_nothing_else_is_said(self, editor, client, blog):
        client.force_login(editor)
        for title in ("x" * 300, "ﷺ" * 300):
            response = client.post(
                f"/admin/pages/add/blog/postpage/{blog.pk}/", form(title) | {"action-publish": "1"}
            )
            assert set(response.context["form"].errors) == {"title"}

    def test_a_title_whose_letters_grow_in_an_address_is_published(self, editor, client, blog):
        client.force_login(editor)
        for title in ("ﷺ" * 255, "x" * 255, "x" * 255):
            response = client.post(
                f"/admin/pages/add/blog/postpage/{blog.pk}/", form(title) | {"action-publish": "1"}
            )
            assert response.status_code == 302
        assert all(len(post.slug) <= 255 for post in PostPage.objects.all())

    @pytest.mark.parametrize("model", [Tag, Author, Series])
    def test_a_subject_named_by_an_emoji_is_saved(self, model, editor, client):
        client.force_login(editor)
        name = {"title" if model is Series else "name": "🎉"}
        data = name | {"slug": "", "introduction": "null", "biography": "null"}
        data |= {f"links-{k}": v for k, v in inline_formset([]).items()}
        address = f"/admin/snippets/blog/{model._meta.model_name}/add/"
        assert client.post(address, data).status_code == 302
        assert model.objects.get().slug == model._meta.model_name


class StoredNameTests:
    """What was stored with an empty slug, by an earlier release or past all checks."""

    @pytest.fixture
    def stored(self, write, home_page):
        ada = AuthorFactory(biography="<p>Writes.</p>")
        post = write("Post", tags=["🎉"], authors=[ada], series=SeriesFactory())
        write("Another", tags=["🎉"], series=post.series)
        page = StandardPageFactory(parent=home_page)
        below = StandardPageFactory(parent=page, slug="below")
        for model in (Tag, Author, Series):
            model.objects.update(slug="")
        return post, page, below

    def test_a_subject_without_a_slug_takes_no_page_down(self, stored, client):
        post, *_ = stored
        for address in (
            *("/", "/blog/", post.url, "/blog/tags/", "/blog/authors/", "/blog/series/"),
            *("/blog/feed/", "/blog/feed/json/", "/blog/archive/", "/search/?q=post"),
            *("/sitemap.xml", "/sitemap-posts.xml", "/llms.txt", f"{post.url.rstrip('/')}.md"),
        ):
            assert client.get(address).status_code == 200, address

    def test_nor_does_a_page_without_one(self, stored, client, administrator):
        post, page, _below = stored
        Page.objects.filter(pk=post.pk).update(slug="", url_path="/home/blog//")
        Page.objects.filter(pk=page.pk).update(slug="", url_path="/home//")
        for address in (
            *("/", "/blog/", "/blog/tags/", "/blog/authors/", "/blog/series/", "/blog/feed/"),
            *("/sitemap-posts.xml", "/sitemap-pages.xml", "/llms.txt", "/search/?q=post"),
        ):
            assert client.get(address).status_code == 200, address
        client.force_login(administrator)
        for address in ("/admin/", "/admin/schedule/", f"/admin/pages/{post.pk}/edit/"):
            assert client.get(address).status_code == 200, address
        PostPage.objects.get(pk=post.pk).save_revision().publish()
        assert client.get("/blog/post/").status_code == 200

    def test_the_migration_gives_them_addresses(self, stored, client):
        post, page, below = stored
        Page.objects.filter(pk=post.pk).update(slug="", url_path="/home/blog//")
        Page.objects.filter(pk=page.pk).update(slug="", url_path="/home//")
        Page.objects.filter(pk=below.pk).update(url_path="/home//below/")
        migration = import_module("blog.migrations.0004_fill_empty_slugs")
        migration.fill_slugs(apps, None)
        for model in (Tag, Author, Series):
            assert SLUG.fullmatch(model.objects.get().slug)
        for found in (post, page, below):
            assert client.get(Page.objects.get(pk=found.pk).url).status_code == 200


class AnchorTests:
    """The anchor that a heading gets when it is saved."""

    @pytest.mark.parametrize("text", ["x" * 200, "ﷺ" * 200, "🎉", "?", string.punctuation])
    def test_what_was_saved_once_can_be_saved_again(self, text):
        block = PostPage.body.field.stream_block
        heading = {"type": "heading", "value": {"text": text, "level": "2", "anchor": ""}}
        body = block.clean(block.to_python([heading, heading]))
        again = block.clean(block.to_python(body.get_prep_value()))
        anchors = [child.value["anchor"] for child in again]
        assert anchors == [child.value["anchor"] for child in body]
        assert all(SLUG.fullmatch(anchor) for anchor in anchors)
        assert len(set(anchors)) == 2
