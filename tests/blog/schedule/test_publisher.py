import datetime as dt

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Revision
from wagtail.signals import page_published

from blog.models import Attempt, PostPage, Worker
from blog.schedule.desk.rescheduling import reschedule
from blog.schedule.due import due_items, next_moment
from blog.schedule.publisher import Publisher, do_what_is_due
from tests.factories import StandardPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    """The pages that went live meanwhile: Wagtail sends its signal for a new schedule too."""
    pages = []

    def hear(instance, **_):
        if instance.live:
            pages.append(instance.pk)

    page_published.connect(hear)
    yield pages
    page_published.disconnect(hear)


class DueTests:
    def test_nothing_is_next_when_nothing_is_scheduled(self, write):
        write()
        assert next_moment() is None

    def test_the_next_moment_is_the_earliest(self, draft, write):
        expiry = timezone.now() + dt.timedelta(minutes=2)
        draft(seconds=300)
        write(expire_at=expiry)
        assert next_moment() == expiry

    def test_the_next_moment_costs_one_query(self, draft, django_assert_num_queries):
        draft(seconds=300)
        next_moment()
        with django_assert_num_queries(1):
            next_moment()

    def test_what_is_due_comes_in_the_order_of_its_time(self, draft, write):
        later = draft(seconds=-10)
        earlier = draft(seconds=-30)
        expired = write(expire_at=timezone.now() - dt.timedelta(seconds=20))
        draft(seconds=60)
        pks = [int(item.object_id) for item in due_items()]
        assert pks == [earlier.pk, expired.pk, later.pk]


class PublisherTests:
    def test_a_due_post_goes_live_dated_by_its_schedule(self, draft, published):
        post = draft(seconds=-3600)
        planned = post.scheduled_revision.approved_go_live_at
        call_command("publisher", once=True)
        post.refresh_from_db()
        assert post.live
        assert post.published_at == planned
        assert published == [post.pk]
        assert (
            PageLogEntry.objects.filter(page=post.pk, action="wagtail.publish.scheduled").count()
            == 1
        )

    def test_a_post_whose_time_has_not_come_stays_a_draft(self, draft):
        post = draft(seconds=60)
        assert do_what_is_due() == []
        post.refresh_from_db()
        assert not post.live

    def test_an_edited_live_post_keeps_its_date(self, write, schedule):
        post = write("Old title")
        date = post.published_at
        schedule(post, title="New title")
        do_what_is_due()
        post = PostPage.objects.get(pk=post.pk)
        assert (post.title, post.published_at) == ("New title", date)

    def test_an_expired_post_is_taken_down(self, write):
        post = write(expire_at=timezone.now() - dt.timedelta(seconds=1))
        do_what_is_due()
        post.refresh_from_db()
        assert (post.live, post.expired) == (False, True)

    def test_a_page_of_another_type_goes_live(self, home_page, schedule):
        page = StandardPageFactory(parent=home_page, live=False)
        schedule(page)
        do_what_is_due()
        assert Page.objects.get(pk=page.pk).live

    def test_the_ledger_says_what_was_done_and_how_late(self, draft):
        post = draft("On time", seconds=-60)
        do_what_is_due()
        row = Attempt.objects.get()
        assert (row.title, row.object_id, row.kind) == ("On time", str(post.pk), "go_live")
        assert (row.outcome, row.number) == ("done", 1)
        assert row.lateness == row.done_at - row.planned_at
        assert 60 <= row.lateness.total_seconds() < 120

    def test_nothing_is_done_twice(self, draft, published):
        draft()
        do_what_is_due()
        assert do_what_is_due() == []
        assert len(published) == 1

    def test_a_worker_is_heard_of_until_it_stops(self, draft):
        draft()
        publisher = Publisher()
        publisher.step()
        assert Worker.objects.get().name == publisher.name
        assert Attempt.objects.get().outcome == "done"

    def test_rows_older_than_ninety_days_are_pruned(self, draft):
        draft()
        do_what_is_due()
        Attempt.objects.update(done_at=timezone.now() - dt.timedelta(days=91))
        Publisher().step()
        assert not Attempt.objects.exists()

    def test_a_worker_stops_between_two_items(self, draft):
        first, second = draft(seconds=-20), draft(seconds=-10)
        asked = []

        def stopping():
            asked.append(True)
            return len(asked) > 1

        do_what_is_due(stopping=stopping)
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.live, second.live) == (True, False)


class ClockTests:
    def test_a_clock_that_is_set_back_delays_and_repeats_nothing(self, draft, clock, published):
        done, waiting = draft(seconds=-60), draft(seconds=60)
        # Writing them may have taken seconds.
        now = timezone.now()
        do_what_is_due()
        clock(now - dt.timedelta(hours=1))
        assert do_what_is_due() == []
        clock(now + dt.timedelta(seconds=61))
        do_what_is_due()
        assert published == [done.pk, waiting.pk]

    def test_a_clock_that_is_set_forward_does_what_it_skipped(self, draft, clock, published):
        now = timezone.now()
        first, second = draft(seconds=600), draft(seconds=3000)
        publisher = Publisher()
        publisher.step()
        clock(now + dt.timedelta(hours=1))
        publisher.step()
        clock(now)
        publisher.step()
        assert published == [first.pk, second.pk]

    def test_a_worker_sleeps_half_a_second_at_most(self, draft):
        draft(seconds=3600)
        assert Publisher().step() <= 0.5

    def test_a_schedule_in_the_past_publishes_at_once(self, write, published):
        post = write(live=False, published_at=None)
        moment = timezone.now() - dt.timedelta(days=1)
        post.go_live_at = moment
        post.save_revision().publish()
        assert published == [post.pk]
        # It was no plan: it is dated when it went live.
        assert PostPage.objects.get(pk=post.pk).published_at > moment + dt.timedelta(hours=23)
        assert do_what_is_due() == []

    def test_two_revisions_one_after_the_other(self, draft, schedule, published):
        """The second is scheduled once the first is live: each goes live at its own moment."""
        post = draft("First", seconds=-30)
        do_what_is_due()
        date = PostPage.objects.get(pk=post.pk).published_at
        schedule(PostPage.objects.get(pk=post.pk), seconds=-5, title="Second")
        assert PostPage.objects.get(pk=post.pk).title == "First"
        do_what_is_due()
        post = PostPage.objects.get(pk=post.pk)
        assert post.title == "Second"
        # What is kept of a draft knows milliseconds.
        assert abs(post.published_at - date) < dt.timedelta(milliseconds=1)
        assert published == [post.pk, post.pk]


class FailureTests:
    @pytest.fixture
    def taken(self, write, draft):
        """A due post whose address was taken meanwhile."""
        post = draft("Budget", slug="budget", seconds=-30)
        Page.objects.filter(pk=post.pk).update(slug="elsewhere")
        write("The other budget", slug="budget")
        return post

    def test_a_failed_post_keeps_its_schedule_and_delays_no_other(self, taken, draft):
        other = draft(seconds=-10)
        do_what_is_due()
        other.refresh_from_db()
        assert other.live
        row = Attempt.objects.get(outcome="failed")
        assert "/blog/budget/ is taken by “The other budget”" in row.reason
        assert Revision.objects.get(pk=row.revision_id).approved_go_live_at == row.planned_at

    def test_it_is_tried_again_with_growing_pauses(self, taken):
        pauses = []
        for number in (1, 2, 3):
            do_what_is_due()
            assert do_what_is_due() == [], "it waits"
            row = Attempt.objects.first()
            assert row.number == number
            pauses.append(row.retry_at - row.done_at)
            Attempt.objects.update(retry_at=timezone.now())
        assert [round(pause.total_seconds()) for pause in pauses] == [5, 10, 20]

    def test_mended_it_goes_live(self, taken):
        do_what_is_due()
        Page.objects.get(slug="budget").delete()
        Attempt.objects.update(retry_at=timezone.now())
        do_what_is_due()
        taken.refresh_from_db()
        assert (taken.live, taken.slug) == (True, "budget")

    def test_one_mail_is_sent_for_each_failure(self, taken, administrator, editor, mailoutbox):
        Revision.objects.filter(approved_go_live_at__isnull=False).update(user=editor)
        for _ in range(2):
            do_what_is_due()
            Attempt.objects.update(retry_at=timezone.now())
        assert [mail.to for mail in mailoutbox] == [[administrator.email], [editor.email]]
        assert "is taken by “The other budget”" in mailoutbox[0].body
        assert f"/admin/pages/{taken.pk}/edit/" in mailoutbox[0].body

    def test_a_draft_that_cannot_be_read_is_a_failure(self, draft):
        post = draft()
        Revision.objects.filter(object_id=post.pk).update(content={"pk": post.pk, "body": 7})
        do_what_is_due()
        assert Attempt.objects.get().outcome == "failed"


class EditorTests:
    """What editors do to a scheduled post, and what becomes of it."""

    def test_a_cancelled_post_stays_a_draft(self, draft, client, editor):
        post = draft()
        client.force_login(editor)
        revision = post.scheduled_revision
        client.post(reverse("wagtailadmin_pages:revisions_unschedule", args=[post.pk, revision.pk]))
        assert do_what_is_due() == []
        post.refresh_from_db()
        assert not post.live

    def test_a_live_post_without_a_revision_stays_live_when_an_edit_is_scheduled(
        self, write, schedule, client
    ):
        post = write("As it was", slug="imported")
        assert post.live_revision is None
        schedule(post, seconds=60, title="As it will be")
        assert "As it was" in client.get("/blog/imported/").content.decode()
        post = PostPage.objects.get(pk=post.pk)
        assert post.live_revision.as_object().title == "As it was"
        assert post.get_latest_revision_as_object().title == "As it will be"
        assert post.draft_title == "As it will be"
        revision = post.scheduled_revision
        revision.publish()
        Revision.objects.filter(pk=revision.pk).update(
            approved_go_live_at=timezone.now() - dt.timedelta(seconds=1),
            content=revision.content | {"go_live_at": None},
        )
        do_what_is_due()
        assert "As it will be" in client.get("/blog/imported/").content.decode()

    def test_a_rescheduled_post_goes_live_at_its_new_moment_only(self, draft, editor, clock):
        now = timezone.now().replace(microsecond=0)
        post = draft(seconds=60)
        reschedule(post.scheduled_revision.pk, now + dt.timedelta(hours=2), editor)
        clock(now + dt.timedelta(hours=1))
        assert do_what_is_due() == []
        clock(now + dt.timedelta(hours=2))
        do_what_is_due()
        post.refresh_from_db()
        assert (post.live, post.published_at) == (True, now + dt.timedelta(hours=2))

    def test_a_post_that_is_scheduled_anew_goes_live_once_as_last_approved(
        self, draft, schedule, published
    ):
        post = draft("First")
        schedule(post, seconds=-5, title="Second")
        do_what_is_due()
        post.refresh_from_db()
        assert post.title == "Second"
        assert published == [post.pk]

    def test_an_unpublished_post_is_not_made_live_by_its_schedule(self, write, schedule):
        post = write()
        post.save_revision().publish()
        post = PostPage.objects.get(pk=post.pk)
        schedule(post)
        PostPage.objects.get(pk=post.pk).unpublish()
        assert do_what_is_due() == []

    def test_a_deleted_post_is_forgotten(self, draft):
        draft().delete()
        assert do_what_is_due() == []

    def test_a_moved_post_goes_live_where_it_is(self, draft, blog, home_page):
        from tests.factories import BlogIndexPageFactory

        other = BlogIndexPageFactory(parent=home_page)
        post = draft("Moved")
        post.move(other, pos="last-child")
        do_what_is_due()
        post = PostPage.objects.get(pk=post.pk)
        assert post.live
        assert post.url_path == f"{other.url_path}moved/"

    def test_a_locked_post_goes_live(self, draft, editor):
        post = draft()
        Page.objects.filter(pk=post.pk).update(locked=True, locked_by=editor)
        do_what_is_due()
        assert PostPage.objects.get(pk=post.pk).live

    def test_a_post_in_a_workflow_goes_live_and_leaves_it(self, draft, author):
        post = draft()
        state = post.get_workflow().start(post, author)
        do_what_is_due()
        state.refresh_from_db()
        assert PostPage.objects.get(pk=post.pk).live
        assert state.status == "cancelled"
