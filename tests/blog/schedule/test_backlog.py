"""A thousand posts due at once, some of which cannot go live."""

import os

import pytest
from django.utils import timezone
from wagtail.models import Page, Revision
from wagtail.signals import page_published

from blog.models import Attempt, PostPage
from blog.schedule.publisher import do_what_is_due
from tests.blog.schedule.backlog import make_backlog

pytestmark = pytest.mark.django_db

# `LONG=1` gives the numbers of a proof rather than those of a quick suite.
NUMBER = 1000 if os.environ.get("LONG") else 60
# What can be wrong with a draft: fields of its content that are replaced, or left out where None.
POISONS = [
    {"title": ""},
    {"title": "x" * 300},
    {"slug": "no address at all"},
    {"slug": "item-taken"},
    {"body": 7},
    {"body": [{"type": "paragraph"}]},
    {"locale": 99999},
    {"go_live_at": "yesterday"},
]


def poison(pages):
    """Spoil ten of the posts, each in another way; returns what mends them."""
    sound = {}
    for pk, fields in zip(pages, POISONS, strict=False):
        revision = Revision.objects.get(object_id=pk)
        sound[revision.pk] = revision.content
        Revision.objects.filter(pk=revision.pk).update(content={**revision.content, **fields})
    raising, broken = pages[len(POISONS) : len(POISONS) + 2]

    def hear(instance, **kwargs):
        if instance.pk == raising:
            raise RuntimeError("A listener failed.")
        if instance.pk == broken:
            # The database itself refuses it.
            Page.objects.filter(pk=instance.pk).update(path=instance.get_parent().path)

    page_published.connect(hear)

    def mend():
        page_published.disconnect(hear)
        for pk, content in sound.items():
            Revision.objects.filter(pk=pk).update(content=content)

    return mend


class BacklogTests:
    def test_ten_that_fail_delay_no_other_and_go_live_when_mended(
        self, write, administrator, mailoutbox, client
    ):
        write(slug="item-taken")
        pages = make_backlog(NUMBER)
        spoilt = pages[:: NUMBER // 10]
        assert len(spoilt) == 10
        mend = poison(spoilt)
        try:
            rows = do_what_is_due()
        finally:
            mend()
        assert len(rows) == NUMBER
        failed = [int(row.object_id) for row in rows if row.outcome == "failed"]
        assert failed == spoilt
        assert [int(row.object_id) for row in rows] == pages, "in the order of their time"
        assert PostPage.objects.live().filter(pk__in=pages).count() == NUMBER - 10
        kept = Revision.objects.filter(approved_go_live_at__isnull=False)
        assert {int(pk) for pk in kept.values_list("object_id", flat=True)} == set(spoilt)
        assert all(row.reason for row in rows if row.outcome == "failed")
        assert len([mail for mail in mailoutbox if mail.to == [administrator.email]]) == 10
        client.force_login(administrator)
        panel = client.get("/admin/").content.decode()
        assert all(f"/admin/pages/{pk}/edit/" in panel for pk in spoilt)
        problems = client.get("/health/ready").json()["problems"]
        assert ("backlog", 10) in [(p["problem"], p.get("count")) for p in problems]

        Attempt.objects.update(retry_at=timezone.now())
        do_what_is_due()
        assert PostPage.objects.live().filter(pk__in=pages).count() == NUMBER
        assert not Revision.objects.filter(approved_go_live_at__isnull=False).exists()
