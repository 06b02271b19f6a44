"""The questions that readers ask about posts, one word each."""

import datetime as dt

from django.db.models import Count, DateField, Prefetch
from django.db.models.functions import TruncMonth
from django.utils import timezone
from wagtail.models import PageManager, PageQuerySet

from blog.models.photo import sizes
from blog.visibility import listed, unlisted_q


def period(year, month=None, day=None):
    """
    Return the moments at which a year, month or day of the site's calendar begins and ends.

    They are two aware datetimes; the second is the first moment that is outside.
    Raise ValueError for a date that no calendar has.
    """
    start = dt.date(year, month or 1, day or 1)
    if day:
        end = start + dt.timedelta(days=1)
    elif month:
        end = dt.date(year + month // 12, month % 12 + 1, 1)
    else:
        end = dt.date(year + 1, 1, 1)
    zone = timezone.get_default_timezone()
    return tuple(dt.datetime.combine(date, dt.time.min, zone) for date in (start, end))


class PostQuerySet(PageQuerySet):
    """The questions readers ask about posts."""

    def published(self, now=None):
        """
        Posts that lists show now, newest first: anyone may read them.

        Where a post has aliases, it alone stands for all of them.
        """
        return listed(self, now).order_by("-published_at", "-pk")

    def hidden(self, now=None):
        """Posts that no list shows now: all but those that are `published`."""
        return self.filter(unlisted_q(now))

    def dated(self, year, month=None, day=None):
        """Posts of a year, month or day. Raise ValueError for a date that no calendar has."""
        start, end = period(year, month, day)
        return self.filter(published_at__gte=start, published_at__lt=end)

    def tagged(self, slug):
        return self.filter(tagged_items__tag__slug=slug)

    def by(self, author):
        return self.filter(bylines__author=author)

    def in_series(self, series):
        """Posts of a series in the order in which they are read, the oldest first."""
        return self.filter(series=series).order_by("published_at", "pk")

    def for_links(self):
        """With what a link to each post needs: its title, its address and its date."""
        return self.only(
            *("title", "slug", "url_path", "path", "depth", "published_at"),
            *("live", "expire_at", "alias_of"),
        )

    def for_results(self):
        """With what a search shows of each post."""
        return self.defer_streamfields().prefetch_related(*self.subjects()[:1])

    def for_cards(self):
        """With what a list shows of each post, and without its body."""
        return (
            self.defer_streamfields()
            .select_related("cover")
            .prefetch_related(*self.subjects(), sizes("card", of="cover"))
        )

    def for_page(self):
        """With what its own page shows of each post."""
        posts = self.select_related("series", "cover", "search_image")
        return posts.prefetch_related(*self.subjects("author__portrait"), "corrections")

    def for_feed(self):
        """With what a feed tells of each post."""
        posts = self.select_related("cover", "search_image")
        return posts.prefetch_related(*self.subjects(), "corrections")

    def subjects(self, author="author"):
        """Return what reads the authors and tags of posts, in one query each."""
        return [
            Prefetch(
                name, self.model._meta.get_field(name).related_model.objects.select_related(to)
            )
            for name, to in (("bylines", author), ("tagged_items", "tag"))
        ]

    def month_counts(self):
        """How many posts each month has, newest first: dicts of `date` (its first) and `count`."""
        zone = timezone.get_default_timezone()
        return (
            self.order_by()
            .annotate(date=TruncMonth("published_at", output_field=DateField(), tzinfo=zone))
            .values("date")
            .annotate(count=Count("pk"))
            .order_by("-date")
        )


PostManager = PageManager.from_queryset(PostQuerySet)
