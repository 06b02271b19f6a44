"""Ways to publish that do not ask the editor's form, and what they say."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from blog.editing.moments import format_moment
from blog.models import PostPage
from tests.blog.test_editing import form
from tests.blog.test_moments import text
from tests.factories import StandardPageFactory, paragraph

pytestmark = pytest.mark.django_db


@pytest.fixture
def later():
    return timezone.now().replace(second=0, microsecond=0) + dt.timedelta(days=3)


@pytest.fixture
def draft(write):
    def draft(title, **fields):
        post = write(title, live=False, published_at=None, **fields)
        post.save_revision()
        return post

    return draft


def is_live(post):
    return type(post).objects.get(pk=post.pk).live


class BulkPublishingTests:
    @pytest.fixture
    def publish(self, editor, client):
        client.force_login(editor)

        def publish(*pages, **options):
            address = reverse(
                "wagtail_bulk_action", args=["wagtailcore", "page", "publish"]
            ) + "".join(f"{mark}id={page.pk}" for mark, page in zip("?&&&", pages, strict=False))
            return client.post(address + "&next=/admin/", options, follow=True).text

        return publish

    def test_an_empty_draft_is_left_out_and_the_others_are_published(self, publish, draft):
        empty, whole = draft("Empty", body=[]), draft("Whole")
        page = publish(empty, whole)
        assert (is_live(empty), is_live(whole)) == (False, True)
        assert "“Empty” cannot be published: Body: This field is required." in page
        assert "1 page has been published" in page

    def test_so_is_one_with_an_incomplete_block(self, publish, draft):
        post = draft("Half", body=[{"type": "quote", "value": {"text": "", "source": ""}}])
        assert "A part of it is incomplete" in publish(post)
        assert not is_live(post)

    def test_so_is_one_whose_address_is_taken(self, publish, draft, write):
        post = draft("Second", slug="second")
        PostPage.objects.filter(pk=post.pk).update(slug="elsewhere")
        write("First", slug="second")
        assert "is taken by “First”" in publish(post)
        assert not is_live(post)

    def test_so_is_one_that_would_expire_at_once(self, publish, draft):
        post = draft("Over", expire_at=timezone.now() - dt.timedelta(days=1))
        assert "This moment has passed" in publish(post)
        assert not is_live(post)

    def test_so_is_one_that_would_expire_when_it_goes_live(self, publish, draft, later):
        post = draft("Over", go_live_at=later, expire_at=later)
        assert f"Choose a moment after {format_moment(later)}" in publish(post)
        assert not PostPage.objects.get(pk=post.pk).scheduled_revision

    def test_so_is_one_below_a_page_that_is_published(self, publish, home_page):
        section = StandardPageFactory(parent=home_page, title="Section", live=False)
        for title, body in (("Nameless", []), ("Whole", [paragraph("Words.")])):
            StandardPageFactory(parent=section, title=title, body=body, live=False)
        nameless, whole = section.get_children().order_by("path")
        revision = nameless.specific.save_revision()
        revision.content["title"] = ""
        revision.save()
        assert "cannot be published" in publish(section, include_descendants="on")
        assert [is_live(page) for page in (section, nameless, whole)] == [True, False, True]

    def test_one_that_is_to_go_live_later_waits_and_says_so(self, publish, draft, later):
        post = draft("Later", go_live_at=later)
        page = publish(post)
        assert f"“Later” goes live on {format_moment(later)}." in page
        assert "has been published" not in page
        assert not is_live(post)


class ApprovalTests:
    @pytest.fixture
    def submitted(self, author, editor, client, blog):
        """Submit a post, and be its editor then."""

        def submitted(**fields):
            client.force_login(author)
            address = reverse("wagtailadmin_pages:add", args=["blog", "postpage", blog.pk])
            client.post(address, form(**fields) | {"action-submit": "1"})
            client.force_login(editor)
            return PostPage.objects.get()

        return submitted

    def approve_in_form(self, client, post, **fields):
        return client.post(
            reverse("wagtailadmin_pages:edit", args=[post.pk]),
            form(slug=post.slug, **fields)
            | {"action-workflow-action": "1", "workflow-action-name": "approve"},
            follow=True,
        )

    def approve_in_dialog(self, client, post, **headers):
        task = post.current_workflow_task_state.pk
        address = reverse("wagtailadmin_pages:workflow_action", args=[post.pk, "approve", task])
        return client.post(address, {"comment": ""}, headers=headers, follow=not headers)

    def test_a_scheduled_post_says_when_it_goes_live(
        self, submitted, client, later, mailoutbox, author
    ):
        post = submitted(go_live_at=text(later))
        label = f"Approve and schedule for {format_moment(later)}"
        page = client.get(reverse("wagtailadmin_pages:edit", args=[post.pk]))
        assert label in page.text
        assert "Approve and Publish" not in page.text
        del mailoutbox[:]
        page = self.approve_in_form(client, post, go_live_at=text(later))
        assert f"“A title” goes live on {format_moment(later)}." in page.text
        assert "has been updated" not in page.text
        [mail] = [mail for mail in mailoutbox if mail.to == [author.email]]
        assert f"It goes live on {format_moment(later)}." in mail.body
        assert f"/admin/pages/{post.pk}/edit/" in mail.body
        assert "/blog/a-title/" not in mail.body

    def test_one_that_is_published_says_so(self, submitted, client, mailoutbox, author):
        post = submitted()
        del mailoutbox[:]
        page = self.approve_in_form(client, post)
        assert "“A title” is published." in page.text
        assert is_live(post)
        [mail] = [mail for mail in mailoutbox if mail.to == [author.email]]
        assert "/blog/a-title/" in mail.body

    def test_what_was_emptied_meanwhile_is_not_published(self, submitted, client):
        post = submitted()
        post.body = []
        post.save_revision()
        page = self.approve_in_dialog(client, post)
        assert "“A title” cannot be published: Body: This field is required." in page.text
        assert page.request["PATH_INFO"] == reverse("wagtailadmin_pages:edit", args=[post.pk])
        post.refresh_from_db()
        assert not post.live
        assert post.workflow_in_progress

    def test_the_dialog_is_led_to_the_editor(self, submitted, client):
        post = submitted()
        post.body = []
        post.save_revision()
        answer = self.approve_in_dialog(client, post, **{"X-Requested-With": "XMLHttpRequest"})
        assert answer.json() == {
            "step": "success",
            "redirect": reverse("wagtailadmin_pages:edit", args=[post.pk]),
        }


class RevisionTests:
    def test_an_old_version_that_is_incomplete_is_refused(self, editor, client, draft):
        client.force_login(editor)
        post = draft("A title", slug="a-title", body=[])
        revert = reverse("wagtailadmin_pages:revisions_revert", args=[post.pk, 1])
        revert = revert.replace("/1/revert", f"/{post.latest_revision_id}/revert")
        empty = form(slug="a-title") | {"body-count": "0", "action-publish": "1"}
        response = client.post(revert, empty)
        assert "body" in response.context["form"].errors
        assert not is_live(post)
