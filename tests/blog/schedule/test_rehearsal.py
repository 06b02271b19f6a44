import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, PageViewRestriction, Revision
from wagtail.search.backends import get_search_backend
from wagtail.signals import page_published

from blog.models import Attempt, PostPage
from blog.schedule.publisher import Publisher
from blog.schedule.rehearsal import rehearse
from tests.blog.test_editing import form
from tests.factories import paragraph

pytestmark = pytest.mark.django_db


class RehearsalTests:
    def test_a_sound_post_passes_and_stays_a_draft(self, draft):
        post = draft(seconds=600)
        revision = post.scheduled_revision
        assert rehearse(revision) == []
        post = PostPage.objects.get(pk=post.pk)
        assert not post.live
        assert Revision.objects.get(pk=revision.pk).approved_go_live_at > timezone.now()

    def test_it_tells_nobody_and_leaves_no_trace(
        self, draft, monkeypatch, mailoutbox, django_capture_on_commit_callbacks
    ):
        """No signal, so no card, notice or mail; nothing waits for the commit that never comes."""
        heard = []
        post = draft("A word", seconds=600)
        revision = post.scheduled_revision
        logged = PageLogEntry.objects.count()

        def hear(**kwargs):
            heard.append(kwargs)

        page_published.connect(hear)
        try:
            with django_capture_on_commit_callbacks() as callbacks:
                assert rehearse(revision) == []
        finally:
            page_published.disconnect(hear)
        assert (heard, callbacks, mailoutbox) == ([], [], [])
        assert PageLogEntry.objects.count() == logged
        found = get_search_backend().search("word", PostPage.objects.live())
        assert list(found) == []

    def test_saving_a_schedule_warns_the_editor_at_once(self, client, editor, write):
        client.force_login(editor)
        post = write(live=False)
        address = reverse("wagtailadmin_pages:edit", args=[post.pk])
        link = '<a linktype="page" id="99999">there</a>'
        data = form(
            post.title,
            link,
            slug=post.slug,
            go_live_at="2040-01-01 09:00",
            **{"action-publish": "1"},
        )
        page = client.post(address, data, follow=True).content.decode()
        assert "would not go live as it is: It links to a page that is gone." in page
        assert Attempt.objects.get(kind="rehearse").outcome == "failed"

    def test_a_taken_address_is_named(self, draft, write):
        post = draft(slug="budget", seconds=600)
        Page.objects.filter(pk=post.pk).update(slug="elsewhere")
        write("The other", slug="budget")
        assert "/blog/budget/ is taken by “The other”" in rehearse(post.scheduled_revision)[0]

    def test_an_empty_field_is_named(self, draft):
        post = draft(seconds=600)
        revision = post.scheduled_revision
        revision.content["title"] = ""
        assert rehearse(revision)[0].startswith("Title: ")

    def test_a_link_to_a_page_that_is_gone_is_found(self, draft):
        body = [paragraph('<a linktype="page" id="99999">there</a>')]
        post = draft(seconds=600, body=body)
        assert rehearse(post.scheduled_revision) == ["It links to a page that is gone."]

    def test_a_private_parent_is_found(self, draft, blog):
        post = draft(seconds=600)
        PageViewRestriction.objects.create(page=blog, restriction_type="login")
        assert "is private" in rehearse(post.scheduled_revision)[0]

    def test_the_worker_warns_once_within_the_hour(self, draft, administrator, mailoutbox):
        post = draft(seconds=600)
        Revision.objects.filter(object_id=post.pk).update(
            content={**post.scheduled_revision.content, "title": ""}
        )
        for _ in range(2):
            Publisher().step()
        assert len(mailoutbox) == 1
        assert "will not be able to go live" in mailoutbox[0].subject
        assert Attempt.objects.get().reason.startswith("Title: ")
