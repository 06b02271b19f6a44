"""The posts of a site, as search engines are told of them."""

import datetime as dt

from django.core.cache import caches
from django.core.paginator import Paginator
from django.db.models import F
from django.utils import timezone
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page

from blog.archives.listing import LongPaginator
from blog.models import PostPage
from blog.visibility import listed

# How old news may be, by the rules of Google's news sitemaps.
NEWS = dt.timedelta(days=2)


class SiteMap(Sitemap):
    """The part of a sitemap that is below the root page of the site that is asked."""

    limit = 5000

    @property
    def root(self):
        return self.get_wagtail_site().root_page


class PostSitemap(SiteMap):
    """All posts, the newest first, in chunks of `limit`."""

    def items(self):
        posts = PostPage.objects.descendant_of(self.root).published()
        return posts.defer_streamfields().select_related("cover")

    def get_latest_lastmod(self):
        return caches["until_change"].get_or_set(
            f"date of the sitemap of {self.root.pk}", self.last_change
        )

    def last_change(self):
        # PostgreSQL has those that were never published by Wagtail first, else.
        newest = F("last_published_at").desc(nulls_last=True)
        post = self.items().order_by(newest).first()
        return post and post.modified_at

    @property
    def paginator(self):
        return LongPaginator(self.items(), self.limit, key=f"posts below {self.root.pk}")


class NewsSitemap(PostSitemap):
    """The posts of the last two days; news sitemaps hold at most 1000."""

    limit = 1000

    def items(self):
        return super().items().filter(published_at__gte=timezone.now() - NEWS)

    # What is news changes with the time of day.
    get_latest_lastmod = PostSitemap.last_change

    @property
    def paginator(self):
        return Paginator(self.items(), self.limit)


class PageSitemap(SiteMap):
    """All other pages of the site."""

    def items(self):
        pages = listed(Page.objects.descendant_of(self.root, inclusive=True))
        return pages.not_exact_type(PostPage).order_by("path").specific()

    def get_latest_lastmod(self):
        return caches["until_change"].get_or_set(
            f"date of the pages of {self.root.pk}", super().get_latest_lastmod
        )

    @property
    def paginator(self):
        return LongPaginator(self.items(), self.limit, key=f"pages below {self.root.pk}")
