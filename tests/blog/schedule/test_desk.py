import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import GroupPagePermission
from wagtail.users.models import UserProfile

from blog.models import PostPage
from blog.schedule.desk.cards import Card
from blog.schedule.desk.queries import Desk
from blog.schedule.desk.rescheduling import read_moment, reschedule
from blog.schedule.publisher import do_what_is_due
from tests.blog.schedule.backlog import make_backlog
from tests.factories import AuthorFactory, StandardPageFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return lambda query="": client.get(f"/admin/schedule/{query}").content.decode()


class BoardTests:
    def test_it_shows_each_state(self, desk, draft, write):
        draft("Soon", seconds=600)
        draft("Late", seconds=-600)
        write("Ending", expire_at=timezone.now() + dt.timedelta(hours=1))
        write("Unfinished", live=False)
        page = desk()
        for title in ("Soon", "Late", "Ending", "Unfinished"):
            assert title in page

    def test_moments_carry_their_offset_and_the_editors_own(self, desk, draft, editor):
        UserProfile.objects.create(user=editor, current_time_zone="Asia/Tokyo")
        draft(seconds=600)
        page = desk()
        assert "Europe/London)" in page
        assert "(UTC+09:00, Asia/Tokyo)" in page

    def test_the_zone_is_said_only_where_the_clocks_changed_meanwhile(self, clock):
        clock(dt.datetime(2030, 3, 29, 12, tzinfo=dt.UTC))
        zones = [
            Card("scheduled", "A post", 1, timezone.now() + dt.timedelta(days=days)).zone_name
            for days in (0, 3)
        ]
        assert zones == ["", "UTC+01:00, Europe/London"]

    def test_standing_pages_are_not_the_days_items(self, desk, home_page, write):
        StandardPageFactory(parent=home_page, title="About us", first_published_at=timezone.now())
        write("News", first_published_at=timezone.now())
        page = desk()
        assert "News" in page
        assert "About us" not in page
        assert 'desk-count">1<' in desk("?view=month")

    def test_it_is_filtered_by_author_tag_and_state(self, desk, draft):
        ada = AuthorFactory(name="Ada")
        mine = draft("By Ada", seconds=600, authors=[ada], tags=["food"])
        draft("By another", seconds=600)
        tag = mine.tags.get()
        for query in (f"?author={ada.pk}", f"?tag={tag.pk}"):
            page = desk(query)
            assert "By Ada" in page
            assert "By another" not in page
        assert "By Ada" not in desk("?state=draft")

    def test_the_month_has_titles(self, desk, draft):
        post = draft("Morning news", seconds=600)
        month = BeautifulSoup(desk("?view=month"), "html.parser").select_one(".desk-month")
        [link] = month.select(".desk-title a")
        assert "Morning news" in link.text
        assert link["href"] == f"/admin/pages/{post.pk}/edit/"

    def test_the_month_counts_what_goes_live(self, desk, draft):
        for _ in range(3):
            draft(seconds=600)
        assert 'desk-count">3<' in desk("?view=month")

    @pytest.mark.parametrize(
        "query", ["?day=x", "?day=0001-01-01", "?day=2026-02-31", "?author=%00"]
    )
    def test_a_hostile_address_shows_today(self, desk, query):
        assert "Schedule" in desk(query)

    def test_a_day_with_more_than_a_hundred_says_how_many_it_shows(self, desk):
        moment = timezone.now() + dt.timedelta(days=1)
        make_backlog(103, moments=[moment] * 103)
        page = desk()
        assert "Only 100 of 103 are shown" in page
        assert page.count('class="desk-card desk-card--scheduled"') == 100
        assert "103" in desk("?view=month")

    def test_what_is_overdue_is_not_counted_among_todays(self, desk, draft, write):
        draft("Late", seconds=-1)
        write("Over", expire_at=timezone.now() - dt.timedelta(seconds=1), first_published_at=None)
        page = desk()
        assert page.count("desk-card--overdue") == 2
        assert "are shown" not in page

    def test_a_list_that_may_go_on_says_so(self, desk, write, monkeypatch):
        monkeypatch.setattr(Desk, "limit", 2)
        words = "Not all of them may be shown"
        write(live=False)
        assert words not in desk()
        write(live=False)
        assert words in desk()

    def test_empty_and_crowded_days_are_told_apart(self, desk):
        moment = timezone.now() + dt.timedelta(days=1)
        make_backlog(4, moments=[moment] * 4)
        make_backlog(1, moments=[moment + dt.timedelta(days=2)], prefix="alone")
        page = desk("?state=scheduled")
        assert (page.count("desk-crowded"), page.count("desk-busy")) == (1, 1)
        assert page.count("desk-empty") == 5

    def test_twice_the_posts_cost_the_same_queries(self, desk, draft):
        def count():
            desk()
            with CaptureQueriesContext(connection) as queries:
                desk()
            return len(queries)

        draft(seconds=600)
        draft(seconds=-600)
        few = count()
        draft(seconds=700)
        draft(seconds=-700)
        assert count() == few

    def test_nobody_sees_what_they_may_not_edit(self, client, author, draft):
        client.force_login(author)
        draft("Not mine", seconds=600)
        assert "Not mine" not in client.get("/admin/schedule/").content.decode()


class RescheduleTests:
    def move(self, client, post, moment):
        return client.post(
            f"/admin/schedule/{post.scheduled_revision.pk}/", {"moment": moment}, follow=True
        ).content.decode()

    def test_a_post_moves_to_another_moment(self, client, editor, draft):
        client.force_login(editor)
        post = draft("Soon", seconds=600)
        assert "“Soon” goes live on 01.07.2030" in self.move(client, post, "2030-07-01T09:30")
        post = PostPage.objects.get(pk=post.pk)
        moment = dt.datetime(2030, 7, 1, 8, 30, tzinfo=dt.UTC)
        assert post.scheduled_revision.approved_go_live_at == moment
        assert post.go_live_at == moment

    def test_a_newer_draft_stays_the_newest_and_moves_along(self, client, editor, draft):
        client.force_login(editor)
        post = draft("Approved", seconds=600)
        newer = post.get_latest_revision_as_object()
        newer.title = "Written since"
        newer.save_revision()
        self.move(client, post, "2030-07-01T09:30")
        post = PostPage.objects.get(pk=post.pk)
        assert post.scheduled_revision.object_str == "Approved"
        newest = post.get_latest_revision_as_object()
        assert newest.title == "Written since"
        assert newest.go_live_at == post.scheduled_revision.approved_go_live_at

    def test_a_draft_with_a_moment_of_its_own_keeps_it(self, client, editor, draft):
        client.force_login(editor)
        post = draft("Approved", seconds=600)
        newer = post.get_latest_revision_as_object()
        newer.go_live_at = own = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
        newer.save_revision()
        self.move(client, post, "2030-07-01T09:30")
        post = PostPage.objects.get(pk=post.pk)
        assert post.get_latest_revision_as_object().go_live_at == own

    @pytest.mark.parametrize("who", ["anonymous", "author", "reader"])
    def test_a_forged_request_moves_nothing(self, client, author, draft, who):
        post = draft("Not mine", seconds=600)
        before = post.scheduled_revision.approved_go_live_at
        if who != "anonymous":
            client.force_login(author if who == "author" else UserFactory())
        page = self.move(client, post, "2030-07-01T09:30")
        assert "Not mine" not in page
        post = PostPage.objects.get(pk=post.pk)
        assert post.scheduled_revision.approved_go_live_at == before

    @pytest.mark.parametrize(
        ("typed", "reason"),
        [("2020-07-01T09:30", "has passed"), ("2029-03-25T01:30", "there is no 01:30")],
    )
    def test_one_that_cannot_be_is_refused_beside_the_field(
        self, client, editor, draft, typed, reason
    ):
        client.force_login(editor)
        post = draft(seconds=600)
        page = self.move(client, post, typed)
        field = BeautifulSoup(page, "html.parser").find("input", {"aria-invalid": "true"})
        assert field["value"] == typed
        assert reason in page.partition(f'id="{field["aria-describedby"]}"')[2]
        assert "aria-invalid" not in client.get("/admin/schedule/").text
        assert not PostPage.objects.get(pk=post.pk).live

    def test_a_locked_post_is_not_moved(self, draft, editor):
        post = draft(seconds=600)
        PostPage.objects.filter(pk=post.pk).update(locked=True)
        with pytest.raises(ValidationError, match="locked"):
            reschedule(post.scheduled_revision.pk, timezone.now() + dt.timedelta(1), editor)

    def test_who_may_edit_but_not_publish_moves_nothing(self, draft, blog):
        group = Group.objects.create(name="Copy editors")
        for permission in ("add_page", "change_page"):
            GroupPagePermission.objects.create(
                group=group, page=blog, permission_type=permission[:-5]
            )
        user = UserFactory(roles=["Copy editors"])
        post = draft(seconds=600)
        with pytest.raises(PermissionDenied):
            reschedule(post.scheduled_revision.pk, timezone.now() + dt.timedelta(1), user)


class PanelTests:
    """What the editor's start page says of what is overdue, scheduled and unfinished."""

    def test_what_goes_live_next_and_the_own_drafts_are_shown(
        self, client, author, draft, write, django_assert_max_num_queries
    ):
        draft("Soon", seconds=600, owner=author)
        write("Begun", live=False, owner=author)
        write("Another's", live=False)
        client.force_login(author)
        panels = BeautifulSoup(client.get("/admin/").content, "html.parser")
        assert "Soon" in panels.select_one("#panel-scheduled-section, #scheduled-section").text
        drafts = panels.select_one("#panel-drafts-section, #drafts-section").text
        assert "Begun" in drafts
        assert "Another's" not in drafts

    @pytest.fixture
    def expired(self, client, editor, write):
        client.force_login(editor)
        return write("An offer", expire_at=timezone.now() - dt.timedelta(minutes=5))

    def test_what_should_be_gone_is_not_called_unpublished(self, client, expired):
        page = client.get("/admin/").content.decode()
        assert f"/admin/pages/{expired.pk}/edit/" in page
        assert "nobody has taken it down yet" in page
        assert "Nobody has published it" not in page

    def test_why_it_was_not_taken_down_is_told(self, client, expired, monkeypatch):
        def fail(*_args, **_fields):
            raise RuntimeError("The archive is full.")

        with monkeypatch.context() as patch:
            patch.setattr(PostPage, "unpublish", fail)
            do_what_is_due()
        for address in ("/admin/", "/admin/schedule/"):
            assert "The archive is full." in client.get(address).content.decode()


class SummerTimeTests:
    """Europe/London in 2026: forward on 29 March, back on 25 October."""

    def test_a_time_that_is_skipped_is_refused(self):
        with pytest.raises(ValidationError, match="there is no 01:30"):
            read_moment("2026-03-29T01:30")

    def test_a_time_that_comes_twice_is_refused(self):
        with pytest.raises(ValidationError, match="there are two 01:30"):
            read_moment("2026-10-25T01:30")

    @pytest.mark.parametrize(
        ("text", "hour"),
        [("2026-03-29T00:59", 0), ("2026-03-29T02:00", 1), ("2026-10-25T02:00", 2)],
    )
    def test_times_beside_them_are_what_they_say(self, text, hour):
        assert read_moment(text).astimezone(dt.UTC).hour == hour
