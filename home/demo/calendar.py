"""Posts whose state depends on the current day: just published, scheduled, expired, in review."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone
from wagtail.models import Comment
from wagtail.users.models import UserProfile

from blog.importers.imported import ImportedPost, Status
from blog.models import PostPage

# How long ago the newest post went live, at least.
NEWEST = dt.timedelta(minutes=20)


def moment(
    now: dt.datetime, *, days: int = 0, minutes: int = 0, time: dt.time | None = None
) -> dt.datetime:
    """Return a time of the site's clock some days from now, or some days and minutes from now."""
    if time is None:
        return now + dt.timedelta(days=days, minutes=minutes)
    zone = timezone.get_default_timezone()
    day = timezone.localdate(now, zone) + dt.timedelta(days=days)
    return dt.datetime.combine(day, time, zone)


def with_dates(post: ImportedPost, calendar: Mapping[str, Any], now: dt.datetime) -> ImportedPost:
    """Return the post with the dates and the status that the calendar of site.toml gives it."""
    for kind, entries in calendar.items():
        for entry in entries if isinstance(entries, list) else [entries]:
            if entry["slug"] == post.slug:
                post = _apply(kind, entry, post, now)
    return post


def _apply(
    kind: str, entry: Mapping[str, Any], post: ImportedPost, now: dt.datetime
) -> ImportedPost:
    if kind == "scheduled":
        when = {key: entry[key] for key in ("days", "minutes", "time") if key in entry}
        return replace(post, status=Status.SCHEDULED, go_live_at=moment(now, **when))
    if kind == "revised":
        # The earlier version; `revise` publishes the later one.
        return replace(post, title=entry["title"], introduction=entry["introduction"])
    if kind not in {"published", "private", "expired"}:
        return post
    published_at = min(moment(now, days=-entry["days_ago"], time=entry["time"]), now - NEWEST)
    post = replace(post, published_at=published_at)
    if kind == "expired":
        expire_at = moment(now, days=-entry["expired_days_ago"], time=entry["time"])
        return replace(post, status=Status.EXPIRED, expire_at=expire_at)
    if kind == "private":
        return replace(post, status=Status.PRIVATE, password=entry["password"])
    return replace(post, status=Status.LIVE)


def revise(page: PostPage, post: ImportedPost, editor: Any) -> None:
    """Publish the post's final title and introduction as a second version."""
    page.title, page.introduction = post.title, post.introduction
    page.save_revision(user=editor).publish(user=editor)


def add_comment(page: PostPage, comment: str, *, author: Any, editor: Any) -> None:
    """Add a comment of the editor's to the first paragraph of the author's draft."""
    paragraph = next(block for block in page.body if block.block_type == "paragraph")
    page.wagtail_admin_comments.add(
        Comment(user=editor, text=comment, contentpath=f"body.{paragraph.id}")
    )
    page.owner = author
    page.save()
    page.save_revision(user=author)


def submit(page: PostPage, *, author: Any, editor: Any) -> None:
    """Submit the author's draft to the editors, without sending an e-mail."""
    page.owner = author
    page.save()
    page.save_revision(user=author)
    profile = UserProfile.get_for_user(editor)
    wanted, profile.submitted_notifications = profile.submitted_notifications, False
    profile.save()
    page.get_workflow().start(page, author)
    profile.submitted_notifications = wanted
    profile.save()
