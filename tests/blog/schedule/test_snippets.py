"""Snippets with drafts go live and expire as pages do."""

import datetime as dt

import pytest
from django.utils import timezone

from blog.models import Attempt
from blog.schedule.due import next_moment
from blog.schedule.publisher import do_what_is_due
from tests.factories import UserFactory
from tests.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice():
    return Notice.objects.create(text="Closed on Monday", live=False)


@pytest.fixture
def chief(db):
    """Somebody who may edit whatever there is."""
    return UserFactory(is_superuser=True)


def test_a_due_notice_goes_live_as_approved(notice, schedule):
    schedule(notice, text="Open on Monday")
    do_what_is_due()
    notice.refresh_from_db()
    assert (notice.live, notice.text) == (True, "Open on Monday")
    row = Attempt.objects.get()
    assert (row.title, row.kind, row.outcome) == ("Open on Monday", "go_live", "done")


def test_one_that_is_to_come_is_next(notice, schedule):
    revision = schedule(notice, seconds=60)
    assert next_moment() == revision.approved_go_live_at
    do_what_is_due()
    notice.refresh_from_db()
    assert not notice.live


def test_an_expired_one_is_taken_down():
    notice = Notice.objects.create(
        text="Closed", expire_at=timezone.now() - dt.timedelta(seconds=1)
    )
    do_what_is_due()
    notice.refresh_from_db()
    assert (notice.live, notice.expired) == (False, True)
    assert Attempt.objects.get().kind == "expire"


def test_one_that_fails_is_tried_again_and_shown_with_a_way_to_mend_it(
    notice, schedule, client, chief, author, mailoutbox, monkeypatch
):
    schedule(notice)

    def fail(*_args, **_fields):
        raise RuntimeError("The notice board is full.")

    with monkeypatch.context() as patch:
        patch.setattr(Notice, "save", fail)
        do_what_is_due()
    assert Attempt.objects.get().outcome == "failed"
    address = f"/admin/snippets/notices/notice/edit/{notice.pk}/"
    assert address in mailoutbox[0].body
    client.force_login(author)
    assert address not in client.get("/admin/").content.decode(), "an author may not edit it"
    client.force_login(chief)
    panel = client.get("/admin/").content.decode()
    assert address in panel
    assert "The notice board is full." in panel
    assert "The notice board is full." in client.get("/admin/schedule/").content.decode()
    Attempt.objects.update(retry_at=timezone.now())
    do_what_is_due()
    notice.refresh_from_db()
    assert notice.live


def test_an_editor_is_warned_at_once_of_what_will_fail(notice, client, chief, monkeypatch):
    monkeypatch.setattr(
        "blog.schedule.rehearsal.rehearse", lambda revision: [f"{revision.object_str} is too long."]
    )
    client.force_login(chief)
    when = timezone.localtime() + dt.timedelta(days=1)
    answer = client.post(
        f"/admin/snippets/notices/notice/edit/{notice.pk}/",
        {
            "text": "Open",
            "go_live_at": when.strftime("%Y-%m-%d %H:%M"),
            "expire_at": "",
            "action-publish": "action-publish",
        },
        follow=True,
    )
    assert "Open is too long." in answer.content.decode()
