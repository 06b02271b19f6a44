import pytest
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Revision

from blog.models import Attempt, PostPage
from blog.schedule.publisher import Publisher
from blog.schedule.rehearsal import rehearse
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
