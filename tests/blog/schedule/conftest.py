import datetime as dt

import pytest
from django.utils import timezone
from wagtail.models import Revision


@pytest.fixture
def schedule():
    """Schedule a page or snippet `seconds` from now; when that is past, it is due at once."""

    def schedule(page, seconds=-60, user=None, **fields):
        page.go_live_at = timezone.now() + dt.timedelta(days=1)
        for name, value in fields.items():
            setattr(page, name, value)
        revision = page.save_revision(user=user)
        revision.publish(user=user)
        return move_schedule(revision, seconds)

    return schedule


def move_schedule(revision, seconds):
    """Let time pass: as though the schedule had been made for this moment from the beginning."""
    when = timezone.now() + dt.timedelta(seconds=seconds)
    revision.refresh_from_db()
    revision.content["go_live_at"] = when.isoformat()
    revision.approved_go_live_at = when
    Revision.objects.filter(pk=revision.pk).update(
        content=revision.content, approved_go_live_at=when
    )
    page = revision.content_object
    if not page.live:
        type(page)._base_manager.filter(pk=page.pk).update(go_live_at=when)
    return revision


@pytest.fixture
def draft(write, schedule):
    """Write a draft that is due; `draft(seconds=60)` is scheduled."""

    def draft(title=None, seconds=-60, user=None, **fields):
        post = write(title, live=False, published_at=None, **fields)
        schedule(post, seconds, user)
        post.refresh_from_db()
        return post

    return draft


@pytest.fixture
def clock(monkeypatch):
    """Set the machine's clock, as far as Django sees it: `clock(moment)`."""

    def clock(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return clock
