"""The sitemaps of a site's posts, news and other pages."""

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

# How old the posts of a news sitemap may be, as Google requires.
NEWS = dt.timedelta(days=2)


class SiteMap(Sitemap):
    """A sitemap of pages below the root page of the requested site."""

    limit = 5000

    @property
    def root(self):
        return self.get_wagtail_site().root_page


class PostSitemap(SiteMap):
    """All posts, the newest first."""

    def items(self):
        posts = PostPage.objects.descendant_of(self.root).published()
        return posts.defer_streamfields().select_related("cover")

    def get_latest_lastmod(self):
        return caches["until_change"].get_or_set(
            f"date of the sitemap of {self.root.pk}", self.last_change
        )

    def last_change(self):
        # By default PostgreSQL sorts posts without the date first.
        newest = F("last_published_at").desc(nulls_last=True)
        post = self.items().order_by(newest).first()
        return post and post.modified_at

    @property
    def paginator(self):
        return LongPaginator(self.items(), self.limit, key=f"posts below {self.root.pk}")


class NewsSitemap(PostSitemap):
    """The posts of the last two days, at most 1000."""

    limit = 1000

    def items(self):
        return super().items().filter(published_at__gte=timezone.now() - NEWS)

    # Not cached until a change, as posts stop being news by themselves.
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
