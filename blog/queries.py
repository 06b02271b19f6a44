"""The queryset of posts."""

import datetime as dt

from django.db.models import Count, DateField, Prefetch
from django.db.models.functions import TruncMonth
from django.utils import timezone
from wagtail.models import PageManager, PageQuerySet

from blog.models.byline import Byline
from blog.models.photo import sizes
from blog.models.tag import TaggedPost
from blog.visibility import VISIBILITY_FIELDS, listed, unlisted_q


def period(year, month=None, day=None):
    """
    Return when a year, month or day in the site's zone starts, and when the next one does.

    Raise ValueError for a date that does not exist.
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
    def published(self, now=None, inside=None):
        """Return the posts that lists show now, or those `inside` a page, newest first."""
        return listed(self, now, inside).order_by("-published_at", "-pk")

    def hidden(self, now=None, inside=None):
        """Return the posts that no list shows now: all but those that are `published`."""
        return self.filter(unlisted_q(now, inside))

    def dated(self, year, month=None, day=None):
        """Return the posts of a year, month or day. Raise ValueError if it does not exist."""
        start, end = period(year, month, day)
        return self.filter(published_at__gte=start, published_at__lt=end)

    def tagged(self, slug):
        return self.filter(tagged_items__tag__slug=slug)

    def by(self, author):
        return self.filter(bylines__author=author)

    def in_series(self, series):
        """Return the posts of a series, the oldest first."""
        return self.filter(series=series).order_by("published_at", "pk")

    def for_links(self):
        """Load only what a link to each post shows, and what `is_public` reads."""
        shown = ("title", "slug", "url_path", "depth", "published_at", "alias_of")
        return self.only(*shown, *VISIBILITY_FIELDS)

    def for_teasers(self):
        """Load what `for_links` does, with the summary and the cover."""
        shown = ("title", "slug", "url_path", "depth", "published_at", "alias_of", "cover")
        return self.only(*shown, "introduction", "excerpt", *VISIBILITY_FIELDS).select_related(
            "cover"
        )

    def for_cards(self):
        """Load what a list shows of each post, without its body."""
        posts = self.defer_streamfields().select_related("cover").with_authors().with_tags()
        return posts.prefetch_related(sizes("card", of="cover"))

    def for_page(self):
        """Load what its own page shows of each post."""
        # Not `search_image`: joining it costs every post more than its query costs the few.
        posts = self.select_related("series", "cover").with_authors("author__portrait")
        return posts.with_tags().prefetch_related("corrections")

    def for_feed(self):
        """Load what a feed shows of each post."""
        posts = self.select_related("cover", "search_image").with_authors()
        return posts.with_tags().prefetch_related("corrections")

    def with_authors(self, author="author"):
        """Load the bylines with their authors, in one query. `author` may add what these have."""
        return self.prefetch_related(Prefetch("bylines", Byline.objects.select_related(author)))

    def with_tags(self):
        """Load the tags in one query."""
        tagged = TaggedPost.objects.select_related("tag")
        return self.prefetch_related(Prefetch("tagged_items", tagged))

    def month_counts(self):
        """Return the number of posts of each month, by its first day."""
        zone = timezone.get_default_timezone()
        date = TruncMonth("published_at", output_field=DateField(), tzinfo=zone)
        return dict(self.order_by().values_list(date).annotate(Count("pk")))


PostManager = PageManager.from_queryset(PostQuerySet)
