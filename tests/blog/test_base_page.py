import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Page, Revision

from blog.models import BlogIndexPage, PostPage
from home.models import StandardPage
from tests.factories import paragraph

pytestmark = pytest.mark.django_db


@pytest.fixture
def tomorrow():
    return timezone.now() + dt.timedelta(days=1)


class NewPageTests:
    """A page made by a program, with `live` left as Wagtail has it."""

    def check(self, page, client, clock_forward):
        address = page.full_url
        assert not Page.objects.get(pk=page.pk).live
        assert client.get(address).status_code == 404
        clock_forward(page)
        call_command("publisher", once=True)
        assert Page.objects.get(pk=page.pk).live
        assert client.get(address).status_code == 200

    @pytest.fixture
    def clock_forward(self):
        def forward(page):
            revision = page.scheduled_revision
            due = timezone.now() - dt.timedelta(seconds=5)
            content = revision.content | {"go_live_at": due.isoformat()}
            Revision.objects.filter(pk=revision.pk).update(content=content, approved_go_live_at=due)

        return forward

    def test_a_post_with_a_go_live_waits_for_it(self, blog, tomorrow, client, clock_forward):
        post = PostPage(title="Soon", body=[paragraph("Words.")], go_live_at=tomorrow)
        blog.add_child(instance=post)
        assert client.get("/blog/soon/").status_code == 404
        assert post.published_at is None
        post.save_revision().publish()
        self.check(post, client, clock_forward)

    def test_a_go_live_that_is_set_after_it_was_added_is_waited_for(
        self, blog, tomorrow, client, clock_forward
    ):
        post = PostPage(title="Soon", body=[paragraph("Words.")])
        blog.add_child(instance=post)
        post.go_live_at = tomorrow
        post.save_revision().publish()
        self.check(post, client, clock_forward)

    @pytest.mark.parametrize("model", [StandardPage, BlogIndexPage])
    def test_so_do_the_other_kinds_of_page(self, model, home_page, tomorrow, client, clock_forward):
        page = model(title="Soon", go_live_at=tomorrow)
        home_page.add_child(instance=page)
        page.save_revision().publish()
        self.check(page, client, clock_forward)

    def test_a_post_without_one_is_live_at_once(self, blog, client):
        blog.add_child(instance=PostPage(title="Now", body=[paragraph("Words.")]))
        assert client.get("/blog/now/").status_code == 200
        assert PostPage.objects.get().first_published_at
