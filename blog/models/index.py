from django.core.cache import caches
from django.db import models
from django.db.models import Count
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from blog.archives.listing import LongPaginator, ordered_keys
from blog.outgoing import structured_data
from blog.slugs import check_free, is_reserved

from .archives import ArchiveRoutes
from .base_page import BasePage
from .post import PostPage
from .tag import Tag, TaggedPost


class BlogIndexPage(ArchiveRoutes, BasePage):
    """A blog: its posts, newest first, and the archives of them."""

    introduction = models.TextField(_("introduction"), blank=True, max_length=1000)

    parent_page_types = ["home.HomePage"]
    subpage_types = ["blog.PostPage"]
    template = "blog/blog_index_page.html"

    content_panels = [*Page.content_panels, "introduction"]

    class Meta:
        verbose_name = _("blog")
        verbose_name_plural = _("blogs")

    def check_slug(self):
        check_free(self.slug)

    def route(self, request, path_components):
        """Find a post in the same query that loads what its page shows."""
        if len(path_components) == 1 and not is_reserved(path_components[0]):
            posts = PostPage.objects.child_of(self).for_page()
            if post := posts.filter(slug=path_components[0]).first():
                post.blog = self
                return post.route(request, [])
        return super().route(request, path_components)

    @property
    def posts(self):
        """The posts that whoever may read the blog may read now, newest first."""
        return PostPage.objects.child_of(self).published(inside=self)

    @property
    def subjects(self):
        """The tags of its posts by name, each with its `count` of posts."""

        def read():
            # Excluding the few other posts is five times as fast as filtering by its own.
            others = PostPage.objects.not_child_of(self) | PostPage.objects.hidden(inside=self)
            tagged = TaggedPost.objects.exclude(content_object__in=others.order_by())
            counts = dict(tagged.order_by().values_list("tag").annotate(Count("pk")))
            tags = [tag for tag in Tag.objects.order_by("name") if tag.pk in counts]
            for tag in tags:
                tag.count = counts[tag.pk]
            return tags

        return caches["until_change"].get_or_set(f"tags {self.pk}", read)

    @property
    def order_key(self):
        """The key under which the order of its posts is cached."""
        return f"posts of {self.pk}"

    @property
    def order(self):
        """The primary keys of its posts, newest first."""
        return ordered_keys(self.order_key, lambda: self.posts)

    def newest(self, count):
        """Return the newest `count` posts that anyone may read now."""
        return LongPaginator(self.posts, count, key=self.order_key).page(1).object_list

    def get_meta_description(self):
        return self.search_description or self.introduction

    def get_structured_data(self, request):
        url = self.url_of_original(request)
        return [
            structured_data.blog(
                self.title,
                url,
                description=self.get_meta_description(),
                language=get_language() or "",
            ),
            structured_data.breadcrumbs([(self.title, url)]),
        ]
