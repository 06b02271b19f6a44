import heapq

from django.core.cache import caches
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from blog.body import reading
from blog.models import BlogIndexPage, PostPage
from blog.models.base_page import BasePage
from blog.visibility import is_public
from home.models.site_settings import SiteSettings

# How many posts and tags the front page lists.
NEWEST = 10
MOST_TAGS = 14


class HomePage(BasePage):
    """The front page: a welcome, and the newest posts of the blog."""

    heading = models.CharField(
        _("heading"), max_length=200, blank=True, help_text=_("The page's title when empty.")
    )
    welcome = RichTextField(_("welcome"), blank=True, features=["bold", "italic", "link"])

    max_count_per_parent = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["blog.BlogIndexPage", "home.StandardPage"]
    template = "home/home_page.html"

    content_panels = [*Page.content_panels, "heading", "welcome"]
    search_fields = [*Page.search_fields, index.SearchField("welcome")]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def route(self, request, path_components):
        """Route paths below a blog from the cached blogs, and all others as Wagtail does."""
        if path_components and path_components[0] in (blogs := self.blogs):
            return blogs[path_components[0]].route(request, path_components[1:])
        return super().route(request, path_components)

    @property
    def blogs(self):
        """Return the blogs below this page by their slugs."""

        def read():
            return {blog.slug: blog for blog in BlogIndexPage.objects.child_of(self)}

        return caches["until_change"].get_or_set(f"blogs {self.pk}", read)

    @property
    def blog(self):
        """Return the first blog that is public, or None. Its posts are shown here."""
        return next(filter(is_public, self.blogs.values()), None)

    @property
    def accent(self):
        """The accent that the site chose, such as `#9a2b1e`, or an empty string."""
        return SiteSettings.for_site(self.get_site()).accent

    @property
    def posts(self):
        return self.blog.newest(NEWEST).for_cards() if self.blog else PostPage.objects.none()

    def get_meta_description(self):
        return self.search_description or reading.plain(self.welcome)

    def get_object_title(self):
        """Return the search title alone. Without one, the site's name and tagline are the title."""
        return self.seo_title

    @property
    def tags(self):
        """Return the most used tags, each with the `count` of its posts."""
        if self.blog is None:
            return []
        return heapq.nsmallest(
            MOST_TAGS, self.blog.subjects, key=lambda tag: (-tag.count, tag.name)
        )
