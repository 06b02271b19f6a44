"""The posts of a site, as search engines are told of them."""

import datetime as dt

from django.core.paginator import Paginator
from django.utils import timezone
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page

from blog.listing import Pages
from blog.models import PostPage
from blog.remembered import remembered

# How old news may be, by the rules of Google's news sitemaps.
NEWS = dt.timedelta(days=2)


class PostSitemap(Sitemap):
    """All posts, the newest first, in chunks of `limit`."""

    limit = 5000

    def items(self):
        posts = PostPage.objects.descendant_of(self.get_wagtail_site().root_page).published()
        return posts.defer_streamfields().select_related("cover")

    def get_latest_lastmod(self):
        return remembered(("sitemap's date", self.get_wagtail_site().pk), self.last_change)

    def last_change(self):
        post = self.items().order_by("-last_published_at").first()
        return post and post.modified_at

    @property
    def paginator(self):
        return Pages(self.items(), self.limit, key=("sitemap", self.get_wagtail_site().pk))


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


class PageSitemap(Sitemap):
    """All other pages of the site."""

    limit = 5000

    def items(self):
        site = self.get_wagtail_site()
        pages = Page.objects.descendant_of(site.root_page, inclusive=True).live().public()
        return pages.not_exact_type(PostPage).order_by("path").specific()
