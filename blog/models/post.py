from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from wagtail.admin.panels import (
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    MultipleChooserPanel,
)
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from blog import slugs
from blog.blocks import BodyBlock
from blog.body import reading
from blog.body.markdown import markdown_response
from blog.editing.forms import PostPageForm
from blog.models.archived_comment import threads
from blog.models.base_page import BasePage
from blog.models.neighbours import Neighbours
from blog.models.photo import read_sizes
from blog.models.post_dates import PostDates
from blog.models.post_metadata import PostMetadata
from blog.models.post_permissions import PostPermissionTester
from blog.models.post_revisions import PostRevisions
from blog.models.searchable import SearchablePost
from blog.queries import PostManager
from blog.visibility import is_expired


class PostPage(PostDates, PostRevisions, SearchablePost, PostMetadata, BasePage):
    """A dated piece of writing."""

    published_at = models.DateTimeField(
        _("date of the post"),
        null=True,
        blank=True,
        help_text=_("The day under which it is listed. The moment it goes live when empty."),
    )
    introduction = models.TextField(
        _("introduction"),
        blank=True,
        max_length=1000,
        help_text=_("One or two sentences for lists. The first words of the body when empty."),
    )
    updated_at = models.DateTimeField(
        _("date of the last change"),
        null=True,
        blank=True,
        help_text=_("Shown to readers as “Updated”. Fill it in when the change matters to them."),
    )
    gone = models.BooleanField(
        _("gone for good when unpublished"),
        default=False,
        help_text=_(
            "Once it is unpublished, its address tells readers and search engines that it was "
            "taken away (410), not that it was never there."
        ),
    )
    series = models.ForeignKey(
        "blog.Series",
        verbose_name=_("series"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="posts",
    )
    cover = models.ForeignKey(
        "blog.Photo",
        verbose_name=_("cover photo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    tags = ClusterTaggableManager(
        verbose_name=_("tags"), through="blog.TaggedPost", blank=True, related_name="posts"
    )
    body = StreamField(BodyBlock(), verbose_name=_("body"))
    link = models.URLField(
        _("address that it is about"),
        blank=True,
        max_length=2000,
        help_text=_("The title leads there from lists. For a post that points at another page."),
    )
    # Stored so that lists need not read whole bodies. `short` is a short body, whole.
    excerpt = models.TextField(_("excerpt"), blank=True, editable=False)
    short = models.TextField(_("short text"), blank=True, editable=False)
    source_id = models.CharField(
        _("source"),
        max_length=255,
        blank=True,
        editable=False,
        help_text=_("Names the post in the archive it was imported from."),
    )

    objects = PostManager()

    exclude_fields_in_copy = [
        *BasePage.exclude_fields_in_copy,
        *("source_id", "published_at", "updated_at", "gone", "corrections"),
    ]

    # Its number in the list of its series.
    part = ""

    parent_page_types = ["blog.BlogIndexPage"]
    subpage_types = []
    base_form_class = PostPageForm
    template = "blog/post_page.html"

    content_panels = [
        *Page.content_panels,
        "introduction",
        "cover",
        "body",
        "link",
        MultiFieldPanel(
            [
                MultipleChooserPanel(
                    "bylines", label=_("Author"), heading=_("Authors"), chooser_field_name="author"
                ),
                FieldRowPanel(["tags", "series"]),
            ],
            heading=_("Authors and subjects"),
        ),
        InlinePanel(
            "corrections",
            label=_("Correction"),
            heading=_("Corrections"),
            help_text=_("Dated notes below the post that say what was wrong before."),
        ),
    ]
    settings_panels = [
        FieldRowPanel(["published_at", "updated_at"]),
        *Page.settings_panels,
        "gone",
    ]

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        indexes = [models.Index(fields=["-published_at", "-page_ptr"], name="blog_post_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["source_id"],
                condition=~models.Q(source_id=""),
                name="blog_post_source_unique",
            )
        ]

    def check_slug(self):
        if slugs.is_reserved(self.slug):
            message = _("The blog itself answers at “%(slug)s”. Choose another.")
            raise ValidationError({"slug": message % {"slug": self.slug}})

    @staticmethod
    def _slug_is_available(slug, parent_page, page=None):
        return not slugs.is_reserved(slug) and Page._slug_is_available(slug, parent_page, page)

    @classmethod
    def available_slug(cls, wanted, parent, page=None):
        """Return the first of `wanted`, `wanted-2`, `wanted-3` … that is free below `parent`."""
        return slugs.first_free(wanted, lambda slug: cls._slug_is_available(slug, parent, page))

    def prepare(self):
        if self.alias_of_id:
            # Wagtail copies all fields into an alias, but a source is unique.
            self.source_id = ""
        self.excerpt = reading.excerpt(self.body)
        self.short = reading.short(self.body)
        if self.live and self.published_at is None:
            self.published_at = self.first_published_at or timezone.now()
        if self.live and self.first_published_at is None:
            self.first_published_at = min(self.published_at, timezone.now())

    @cached_property
    def blog(self):
        return self.get_parent().specific

    def permissions_for_user(self, user):
        return PostPermissionTester(user, self)

    @cached_property
    def authors(self):
        """Its authors, in the order of its bylines."""
        return [byline.author for byline in self.bylines.all()]

    @cached_property
    def sorted_tags(self):
        return sorted((item.tag for item in self.tagged_items.all()), key=lambda tag: tag.name)

    @cached_property
    def neighbours(self):
        return Neighbours(self)

    @cached_property
    def sorted_corrections(self):
        """Its corrections, the newest first."""
        return sorted(self.corrections.all(), key=lambda note: note.date, reverse=True)

    @property
    def comment_threads(self):
        """The comments on it that were imported, each with its replies."""
        return threads(self.archived_comments.shown())

    @cached_property
    def words(self):
        return reading.words(self.body)

    @property
    def minutes(self):
        """How many minutes it takes to read."""
        return reading.minutes(self.words)

    @property
    def contents(self):
        """The outline of its body, if it has enough sections to need one."""
        sections = reading.outline(self.body)
        return sections if len(sections) >= 3 else []

    @property
    def documents(self):
        """The documents of its document blocks."""
        blocks = self.body.blocks_by_name("document")
        return [block.value["document"] for block in blocks if block.value.get("document")]

    @property
    def summary(self):
        """The text that lists and search engines show."""
        return self.introduction or self.excerpt

    def url_of_form(self, form):
        """Return the address of the post as Markdown ("md") or of its share card ("png")."""
        return f"{self.url.rstrip('/')}.{form}" if self.url else ""

    @property
    def repeats_title(self):
        """Whether its short text begins with the title."""
        return reading.plain(self.short).startswith(self.title.rstrip(" .…"))

    @property
    def link_host(self):
        """The host of the page that it is about, for readers."""
        return urlsplit(self.link).netloc.removeprefix("www.")

    @property
    def markdown_url(self):
        return self.url_of_form("md")

    def route(self, request, path_components):
        """Route to a post that is gone for good as well, which is answered with status 410."""
        if self.gone and (not self.live or is_expired(self)) and not path_components:
            return RouteResult(self, kwargs={"gone": True})
        return super().route(request, path_components)

    def get_context(self, request, *args, **kwargs):
        shown = [self.cover, *reading.photos(self.body)]
        photos = [*shown, self.search_image]
        photos += [author.portrait for author in self.authors]
        photos += [post.cover for post in self.neighbours.next_reads]
        places = ["text", "enlarged", "share", "portrait", "card"]
        if self.body.first_block_by_name("gallery"):
            places.append("gallery")
        read_sizes(photos, *places)
        return {**super().get_context(request, *args, **kwargs), "has_photos": any(shown)}

    def serve(self, request, gone=False):
        if gone:
            return render(request, "410.html", status=410)
        if request.get_preferred_type(["text/html", "text/markdown"]) == "text/markdown":
            # Not cached, so that the cached HTML need not vary by the header.
            response = markdown_response(self, request)
            patch_vary_headers(response, ["Accept"])
            add_never_cache_headers(response)
            return response
        return super().serve(request)
