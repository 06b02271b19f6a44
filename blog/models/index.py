from django.db import models
from django.db.models import Count
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page, Site
from wagtailmetadata.models import MetadataPageMixin

from blog import structured_data
from blog.addresses import check_free
from blog.remembered import remembered

from .archives import ArchiveRoutes
from .live_version import LiveVersion
from .post import PostPage, is_reserved
from .restrictions import KnownRestrictions
from .tag import Tag, TaggedPost


class BlogIndexPage(KnownRestrictions, LiveVersion, ArchiveRoutes, MetadataPageMixin, Page):
    """A blog: its posts, newest first, and the archives of them."""

    introduction = models.TextField(_("introduction"), blank=True, max_length=1000)

    parent_page_types = ["home.HomePage"]
    subpage_types = ["blog.PostPage"]
    template = "blog/blog_index_page.html"

    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("blog")
        verbose_name_plural = _("blogs")

    def clean(self):
        super().clean()
        check_free(self.slug)

    def route(self, request, path_components):
        """Find a post, with what its page shows, in as few queries as can be."""
        from blog import fetching

        [slug, *below] = path_components or [""]
        if slug and not below and not is_reserved(slug) and (post := fetching.post_at(self, slug)):
            return post.route(request, [])
        return super().route(request, path_components)

    def get_url_parts(self, request=None):
        # Worked out once after each change, as the addresses of all its posts begin with it.
        site = request and Site.find_for_request(request)
        return remembered(
            ("address", self.pk, self.url_path, site and site.pk),
            lambda: super(BlogIndexPage, self).get_url_parts(request),
        )

    @property
    def posts(self):
        """The posts that anyone may read now, newest first."""
        return PostPage.objects.child_of(self).published()

    @property
    def subjects(self):
        """The tags of its posts by name, each with the `count` of them."""

        def read():
            # All but those of the few other posts: to look for its own takes five times as long.
            others = PostPage.objects.not_child_of(self) | PostPage.objects.hidden()
            tagged = TaggedPost.objects.exclude(content_object__in=others.order_by())
            counts = dict(tagged.order_by().values_list("tag").annotate(Count("pk")))
            tags = [tag for tag in Tag.objects.order_by("name") if tag.pk in counts]
            for tag in tags:
                tag.count = counts[tag.pk]
            return tags

        return remembered(("subjects of posts", self.pk), read)

    def newest(self, count):
        """So many of the newest posts, with what a list shows of them."""
        from blog import fetching

        return fetching.cards(self.newest_keys(count))

    def newest_keys(self, count):
        """The keys of so many of the newest posts that anyone may read now."""
        from blog import fetching

        return remembered(("newest", self.pk, count), lambda: fetching.newest(self, count))

    def get_meta_description(self):
        return self.search_description or self.introduction

    def get_structured_data(self, request):
        url = self.get_full_url(request)
        return [
            structured_data.blog(
                self.title,
                url,
                description=self.get_meta_description(),
                language=get_language() or "",
            ),
            structured_data.breadcrumbs([(self.title, url)]),
        ]
