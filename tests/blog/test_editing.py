import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.models import PageLogEntry
from wagtail.test.utils import WagtailPageTestCase
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from blog.blocks import BodyBlock
from blog.models import BlogIndexPage, PostPage
from home.models import HomePage, StandardPage
from tests.factories import (
    AuthorFactory,
    PostPageFactory,
    SeriesFactory,
    StandardPageFactory,
    UserFactory,
    moment,
)

pytestmark = pytest.mark.django_db


def form(title="A title", text="What it says.", **fields):
    """What the editor's form sends for a post with a title and one paragraph."""
    return nested_form_data(
        {
            "title": title,
            "slug": "",
            "body": streamfield([("paragraph", rich_text(f"<p>{text}</p>"))]),
            "bylines": inline_formset([]),
            "corrections": inline_formset([]),
            "comments": inline_formset([]),
            **fields,
        }
    )


def byline(author, pk="", order=1):
    """A row of the form that names an author."""
    return {"author": author.pk, "id": pk, "ORDER": str(order)}


@pytest.fixture
def add_address(blog):
    return reverse("wagtailadmin_pages:add", args=["blog", "postpage", blog.pk])


class NewPostTests:
    def test_a_title_and_a_body_are_enough(self, editor, client, add_address):
        client.force_login(editor)
        before = timezone.now()
        client.post(add_address, form() | {"action-publish": "1"})
        post = PostPage.objects.get()
        assert post.live
        assert post.slug == "a-title"
        assert before <= post.published_at <= timezone.now()
        assert post.summary == "What it says."
        assert client.get("/blog/a-title/").status_code == 200

    def test_its_form_names_whoever_writes_it(self, author, client, add_address):
        writer = AuthorFactory(user=author)
        client.force_login(author)
        page_form = client.get(add_address).context["form"]
        [row] = page_form.formsets["bylines"]
        assert row["author"].value() == writer.pk
        client.post(add_address, form(bylines=inline_formset([byline(writer)], initial=1)))
        assert PostPage.objects.get().authors == [writer]

    def test_the_form_of_somebody_who_is_no_author_names_nobody(self, editor, client, add_address):
        client.force_login(editor)
        assert not client.get(add_address).context["form"].formsets["bylines"].forms

    def test_the_server_adds_nobody_to_what_the_form_shows(self, author, client, add_address):
        AuthorFactory(user=author)
        client.force_login(author)
        client.post(add_address, form())
        assert PostPage.objects.get().authors == []

    def test_it_is_by_whom_the_editor_names(self, author, client, add_address):
        AuthorFactory(user=author)
        guest = AuthorFactory()
        client.force_login(author)
        names = inline_formset([{"author": guest.pk, "id": "", "ORDER": "1"}])
        client.post(add_address, form(bylines=names))
        assert PostPage.objects.get().authors == [guest]

    def test_a_second_save_does_not_name_the_writer_again(self, author, client, add_address):
        writer = AuthorFactory(user=author)
        client.force_login(author)
        client.post(add_address, form(bylines=inline_formset([byline(writer)], initial=1)))
        post = PostPage.objects.get()
        named = {"author": writer.pk, "id": post.bylines.get().pk, "ORDER": "1"}
        changed = form(title="Another", bylines=inline_formset([named], initial=1))
        client.post(reverse("wagtailadmin_pages:edit", args=[post.pk]), changed)
        draft = PostPage.objects.get().get_latest_revision_as_object()
        assert (draft.title, draft.authors) == ("Another", [writer])

    def test_an_address_that_is_taken_is_not_taken_twice(self, editor, client, add_address):
        client.force_login(editor)
        for _ in range(2):
            client.post(add_address, form() | {"action-publish": "1"})
        assert sorted(PostPage.objects.values_list("slug", flat=True)) == ["a-title", "a-title-2"]

    def test_saving_again_keeps_the_address_that_was_found(self, editor, client, add_address):
        client.force_login(editor)
        client.post(add_address, form() | {"action-publish": "1"})
        client.post(add_address, form())
        draft = PostPage.objects.get(live=False)
        # The form still shows the slug that the title suggests.
        edit_address = reverse("wagtailadmin_pages:edit", args=[draft.pk])
        client.post(edit_address, form(slug="a-title") | {"action-publish": "1"})
        draft.refresh_from_db()
        assert draft.live
        assert draft.slug == "a-title-2"

    @pytest.mark.parametrize("slug", ["2014", "archive", "tags", "authors", "series", "feed"])
    def test_an_address_that_the_blog_needs_is_refused(self, slug, editor, client, add_address):
        client.force_login(editor)
        response = client.post(add_address, form(slug=slug) | {"action-publish": "1"})
        assert "slug" in response.context["form"].errors
        assert not PostPage.objects.exists()

    def test_a_title_that_is_a_year_gets_another_address(self, editor, client, add_address):
        client.force_login(editor)
        client.post(add_address, form(title="1984") | {"action-publish": "1"})
        assert PostPage.objects.get().slug == "1984-2"


class BylineTests:
    """Who is named in a form, which autosave sends as it stands."""

    @pytest.fixture
    def save(self, write, author, editor, client):
        """Save a form of a draft with these bylines: `save(ada, bob)`; a pair names its row."""
        ada = AuthorFactory(name="Ada", user=author)
        self.ada, self.bob = ada, AuthorFactory(name="Bob")
        self.post = write("A title", slug="a-title", live=False, authors=[self.ada, self.bob])
        self.rows = list(self.post.bylines.values_list("pk", flat=True))
        client.force_login(editor)

        def save(*named, **fields):
            rows = [
                byline(who, pk, order)
                for order, (who, pk) in enumerate(
                    (each if isinstance(each, tuple) else (each, "") for each in named), start=1
                )
            ]
            initial = sum(bool(row["id"]) for row in rows)
            return client.post(
                reverse("wagtailadmin_pages:edit", args=[self.post.pk]),
                form(bylines=inline_formset(rows, initial=initial), slug="a-title", **fields),
                headers={"Accept": "application/json"},
            )

        return save

    def authors(self):
        return PostPage.objects.get(pk=self.post.pk).get_latest_revision_as_object().authors

    def test_an_author_who_is_named_twice_is_refused_beside_the_field(self, save, client):
        first, second = self.rows
        answer = save((self.ada, first), (self.ada, second))
        assert answer.json()["error_code"] == "validation_error"
        rows = [byline(self.ada, first), byline(self.ada, second, 2)]
        page = client.post(
            reverse("wagtailadmin_pages:edit", args=[self.post.pk]),
            form(bylines=inline_formset(rows, initial=2)),
        )
        assert "Ada is named above already. Remove one of the two." in page.text

    def test_authors_change_places(self, save):
        first, second = self.rows
        for _ in range(2):
            assert save((self.bob, first), (self.ada, second)).json()["success"]
            assert self.authors() == [self.bob, self.ada]

    def test_a_row_is_given_to_another_and_its_author_gets_a_new_one(self, save):
        first, _second = self.rows
        assert save((self.bob, first), self.ada).json()["success"]
        assert self.authors() == [self.bob, self.ada]

    def test_a_draft_that_names_an_author_twice_can_be_saved_again(self, save, client):
        revision = self.post.save_revision()
        double = {**revision.content["bylines"][0], "pk": None}
        revision.content["bylines"] = [revision.content["bylines"][0], double]
        revision.save()
        self.post.refresh_from_db()
        page = client.get(reverse("wagtailadmin_pages:edit", args=[self.post.pk]))
        [row] = page.context["form"].formsets["bylines"]
        assert save((self.ada, row.instance.pk)).json()["success"]
        revision = PostPage.objects.get(pk=self.post.pk).get_latest_revision()
        revision.content["bylines"].append(double)
        revision.save()
        revision.publish()
        assert PostPage.objects.get(pk=self.post.pk).authors == [self.ada]


class SlugTests:
    def test_the_open_page_hears_which_address_was_free(self, editor, client, add_address, write):
        write("A title", slug="a-title")
        client.force_login(editor)
        answer = client.post(
            add_address, form(slug="a-title"), headers={"Accept": "application/json"}
        )
        assert answer.json()["field_updates"]["slug"] == "a-title-2"


class DateTests:
    def test_an_old_post_keeps_its_date(self, write):
        post = write(published_at=moment(2009, 3, 1, 12))
        post.save_revision().publish()
        post.refresh_from_db()
        assert post.published_at == moment(2009, 3, 1, 12)

    def test_a_scheduled_post_has_the_date_it_was_scheduled_for(self, write):
        post = write(live=False, published_at=None)
        planned = timezone.now() + dt.timedelta(hours=1)
        post.go_live_at = planned
        post.save_revision().publish()
        assert not PostPage.objects.get().live
        due = timezone.now() - dt.timedelta(seconds=5)
        revision = post.latest_revision
        revision.content["go_live_at"] = due.isoformat()
        revision.approved_go_live_at = due
        revision.save()
        revision.publish()
        published = PostPage.objects.get()
        assert published.live
        assert published.published_at == due

    def test_one_that_is_published_after_its_schedule_was_cancelled_has_the_date_of_that(
        self, write
    ):
        post = write(live=False, published_at=None)
        post.go_live_at = timezone.now() + dt.timedelta(hours=1)
        revision = post.save_revision()
        revision.publish()
        revision.approved_go_live_at = None
        revision.content["go_live_at"] = (timezone.now() - dt.timedelta(days=3)).isoformat()
        revision.save()
        before = timezone.now()
        revision.publish()
        assert PostPage.objects.get().published_at >= before

    def test_a_scheduled_change_of_a_live_post_leaves_its_date(self, write):
        post = write(published_at=moment(2009, 3, 1, 12))
        revision = post.save_revision()
        revision.content["published_at"] = None
        revision.approved_go_live_at = timezone.now()
        revision.save()
        revision.publish()
        assert PostPage.objects.get().published_at == moment(2009, 3, 1, 12)

    def test_a_draft_begun_before_publication_does_not_lose_the_date(self, write):
        post = write(live=False, published_at=None)
        first = post.save_revision()
        first.publish()
        date = PostPage.objects.get().published_at
        draft = PostPage.objects.get().latest_revision.as_object()
        draft.title = "Changed"
        draft.save_revision().publish()
        assert PostPage.objects.get().published_at == date


class ReviewTests:
    def test_what_an_author_submits_an_editor_publishes(self, author, editor, client, add_address):
        client.force_login(author)
        client.post(add_address, form() | {"action-submit": "1"})
        post = PostPage.objects.get()
        assert post.workflow_in_progress
        assert not post.live
        assert editor.email in [address for message in mail.outbox for address in message.to]

        client.force_login(editor)
        client.post(
            reverse(
                "wagtailadmin_pages:workflow_action",
                args=[post.pk, "approve", post.current_workflow_task_state.pk],
            ),
            {"comment": "Good."},
        )
        post.refresh_from_db()
        assert post.live
        assert client.get("/blog/a-title/").status_code == 200

    def test_an_author_cannot_approve(self, author, client, add_address):
        client.force_login(author)
        client.post(add_address, form() | {"action-submit": "1"})
        post = PostPage.objects.get()
        client.post(
            reverse(
                "wagtailadmin_pages:workflow_action",
                args=[post.pk, "approve", post.current_workflow_task_state.pk],
            ),
        )
        post.refresh_from_db()
        assert not post.live

    def test_publishing_is_ignored_from_those_who_may_not(self, author, client, add_address):
        client.force_login(author)
        client.post(add_address, form() | {"action-publish": "1"})
        assert not PostPage.objects.filter(live=True).exists()


class EditorInterfaceTests(WagtailPageTestCase):
    def setUp(self):
        self.blog = BlogIndexPage.objects.get()
        self.client.force_login(UserFactory(roles=["Administrators"]))

    def test_each_kind_of_page_stands_where_it_belongs(self):
        self.assertAllowedSubpageTypes(BlogIndexPage, {PostPage})
        self.assertAllowedSubpageTypes(HomePage, {BlogIndexPage, StandardPage})
        self.assertAllowedSubpageTypes(PostPage, set())

    def test_the_blog_is_editable_and_previewable(self):
        data = nested_form_data(
            {
                "title": "Blog",
                "slug": "blog",
                "introduction": "",
                "comments": inline_formset([]),
            }
        )
        self.assertPageIsEditable(self.blog, post_data=data)
        self.assertPageIsPreviewable(self.blog, post_data=data)

    def test_a_post_is_previewable_before_it_has_a_date(self):
        post = self.blog.add_child(instance=PostPage(title="Draft", slug="draft", live=False))
        self.assertPageIsPreviewable(post, post_data=form(title="Draft"))

    def test_a_draft_in_a_series_has_no_part_yet(self):
        series = SeriesFactory(title="A diary")
        for number in range(2):
            PostPageFactory(parent=self.blog, title=f"Part {number}", series=series)
        post = PostPage(title="Draft", slug="draft", live=False, series=series)
        self.blog.refresh_from_db()
        self.blog.add_child(instance=post)
        html = self.client.get(f"/admin/pages/{post.pk}/view_draft/").content.decode()
        assert "A diary" in html
        assert "None" not in html

    def test_the_words_of_the_body_alone_are_counted_beside_the_editor(self):
        for page in (
            PostPageFactory(parent=self.blog),
            StandardPageFactory(parent=HomePage.objects.get()),
        ):
            request = self.client.get("/").wsgi_request
            for beside in (True, False):
                response = page.make_preview_request(
                    request, extra_request_attrs={"in_preview_panel": beside}
                )
                # As Wagtail looks for them.
                found = BeautifulSoup(response.content, "html.parser").select("main, [role=main]")
                assert len(found) == 1
                assert ("body" in found[0].get("class", [])) == beside

    def test_each_revision_can_be_compared(self):
        post = self.blog.add_child(instance=PostPage(title="One", slug="one", live=False))
        first = post.save_revision()
        post.title = "Two"
        second = post.save_revision()
        address = reverse(
            "wagtailadmin_pages:revisions_compare", args=[post.pk, first.pk, second.pk]
        )
        self.assertContains(self.client.get(address), "Two")

    def test_the_history_says_who_did_what(self):
        self.client.post(
            reverse("wagtailadmin_pages:add", args=["blog", "postpage", self.blog.pk]),
            form() | {"action-publish": "1"},
        )
        assert PageLogEntry.objects.filter(action="wagtail.publish").exists()


class BlockTests:
    @pytest.mark.parametrize("block", BodyBlock().child_blocks.values(), ids=lambda b: b.name)
    def test_each_block_explains_itself_and_has_a_preview(self, block):
        icons = [icon for hook in hooks.get_hooks("register_icons") for icon in hook([])]
        assert block.meta.icon in {icon.rpartition("/")[2].removesuffix(".svg") for icon in icons}
        assert block.get_description()
        assert block.meta.template == f"blog/blocks/{block.name}.html"
        assert block.is_previewable

    @pytest.mark.parametrize("name", BodyBlock().child_blocks)
    def test_each_preview_can_be_opened(self, name, editor, client):
        client.force_login(editor)
        block = PostPage.body.field.stream_block.child_blocks[name]
        response = client.get(
            reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix}
        )
        assert response.status_code == 200

    def test_two_headings_with_one_text_have_two_anchors(self):
        block = BodyBlock()
        heading = {"type": "heading", "value": {"text": "Notes", "level": "2", "anchor": ""}}
        body = block.clean(block.to_python([heading, heading]))
        assert [child.value["anchor"] for child in body] == ["notes", "notes-2"]
