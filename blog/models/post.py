import datetime as dt
import re

from django.core.exceptions import ValidationError
from django.db import models
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    MultipleChooserPanel,
)
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult

from blog import slugs
from blog.blocks import BodyBlock
from blog.body import reading
from blog.body.markdown import markdown_response
from blog.editing.forms import PostPageForm
from blog.models.base_page import BasePage
from blog.models.neighbours import Neighbours
from blog.models.photo import read_sizes
from blog.models.post_metadata import PostMetadata
from blog.models.post_permissions import PostPermissionTester
from blog.models.searchable import SearchableBody
from blog.queries import PostManager
from blog.visibility import is_expired

# The blog itself answers these addresses, so that a post there would never be seen.
RESERVED_SLUGS = re.compile(r"[12][0-9]{3}|archive|authors|feed|series|tags")


def is_reserved(slug):
    """Whether the blog itself answers at this address."""
    return bool(RESERVED_SLUGS.fullmatch(slug or ""))


class PostPage(SearchableBody, PostMetadata, BasePage):
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
    # Kept, so that a list need not read whole bodies.
    excerpt = models.TextField(_("excerpt"), blank=True, editable=False)
    # Drawn when it is published without a photo.
    card = models.CharField(_("share card"), max_length=200, blank=True, editable=False)
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
        *("source_id", "published_at", "updated_at", "gone", "card", "corrections"),
    ]

    # Its place in a list of a series' parts.
    part = ""

    parent_page_types = ["blog.BlogIndexPage"]
    subpage_types = []
    base_form_class = PostPageForm
    template = "blog/post_page.html"

    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        FieldPanel("cover"),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                MultipleChooserPanel(
                    "bylines", label=_("Author"), heading=_("Authors"), chooser_field_name="author"
                ),
                FieldRowPanel([FieldPanel("tags"), FieldPanel("series")]),
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
        FieldRowPanel([FieldPanel("published_at"), FieldPanel("updated_at")]),
        *Page.settings_panels,
        FieldPanel("gone"),
    ]

    # `search.signals` does it, and leaves alone what a draft saves.
    search_auto_update = False
    search_fields = [
        *Page.search_fields,
        index.SearchField("introduction", boost=1.5),
        *SearchableBody.body_search_fields,
        index.SearchField("get_tag_names", boost=1.5),
        index.SearchField("get_author_names", boost=1.5),
        index.SearchField("get_series_title"),
        index.SearchField("get_corrections"),
        index.FilterField("expire_at"),
        index.FilterField("published_at"),
        index.FilterField("alias_of"),
        index.FilterField("slug"),
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
        if is_reserved(self.slug):
            message = _("The blog itself answers at “%(slug)s”. Choose another.")
            raise ValidationError({"slug": message % {"slug": self.slug}})

    @staticmethod
    def _slug_is_available(slug, parent_page, page=None):
        return not is_reserved(slug) and Page._slug_is_available(slug, parent_page, page)

    @classmethod
    def available_slug(cls, wanted, parent, page=None):
        """`wanted`, or the first of `wanted-2`, `wanted-3` … that is free below `parent`."""
        return slugs.free(wanted, lambda slug: cls._slug_is_available(slug, parent, page))

    def prepare(self):
        if self.alias_of_id:
            # Wagtail copies all fields into an alias, and no two pages may have one source.
            self.source_id = ""
        self.excerpt = reading.excerpt(self.body)
        if self.live and self.published_at is None:
            self.published_at = self.first_published_at or timezone.now()
        if self.live and self.first_published_at is None:
            self.first_published_at = min(self.published_at, timezone.now())

    def publish(self, revision, *args, **kwargs):
        # One that goes live as scheduled is of that moment, however late it is done.
        planned = revision.approved_go_live_at
        dated = self.published_at or revision.content.get("published_at")
        if planned and planned <= timezone.now() and not dated:
            revision.content = {**revision.content, "published_at": planned.isoformat()}
        return super().publish(revision, *args, **kwargs)

    def with_content_json(self, content):
        """A draft that was begun before the post went live keeps the date it was given then."""
        if "bylines" in content:
            # Drafts could once be saved that name an author twice.
            named = {byline["author"]: byline for byline in reversed(content["bylines"])}
            content = {**content, "bylines": list(reversed(named.values()))}
        post = super().with_content_json(content)
        if post.published_at is None:
            post.published_at = self.published_at
        # Only an import names a post's source.
        post.source_id = self.source_id
        post.card = self.card
        return post

    @cached_property
    def blog(self):
        return self.get_parent().specific

    def permissions_for_user(self, user):
        return PostPermissionTester(user, self)

    @property
    def published_on(self):
        """The day of the site's calendar under which it is listed; None for a draft."""
        zone = timezone.get_default_timezone()
        return self.published_at and timezone.localdate(self.published_at, zone)

    @cached_property
    def authors(self):
        """Those who wrote it, in the order in which they are named."""
        return [byline.author for byline in self.bylines.all()]

    @cached_property
    def sorted_tags(self):
        return sorted((item.tag for item in self.tagged_items.all()), key=lambda tag: tag.name)

    @cached_property
    def neighbours(self):
        return Neighbours(self)

    @cached_property
    def sorted_corrections(self):
        """The notes on what was wrong, the newest first."""
        return sorted(self.corrections.all(), key=lambda note: note.date, reverse=True)

    @property
    def updated_on(self):
        """The day of the last change that matters to readers; None when there was none."""
        zone = timezone.get_default_timezone()
        days = [note.date for note in self.sorted_corrections]
        if self.updated_at:
            days.append(timezone.localdate(self.updated_at, zone))
        last = max(days, default=None)
        return last if last and self.published_on and last > self.published_on else None

    @property
    def changed_at(self):
        """
        When it last changed in a way that matters to readers, for machines. None for a draft.

        Publishing it, its date of the last change and each correction do; a typo that is fixed
        does not.
        """
        if self.published_at is None:
            return None
        zone = timezone.get_default_timezone()
        moments = [self.published_at, self.first_published_at, self.updated_at]
        # A correction has a day; those of one day come one after the other, and after the post.
        for number, note in enumerate(reversed(self.sorted_corrections), start=1):
            day = dt.datetime.combine(note.date, dt.time.min, zone)
            moments.append(max(day, self.published_at) + dt.timedelta(seconds=number))
        return max(moment for moment in moments if moment)

    @property
    def modified_at(self):
        """When it was last changed, for machines; never before it appeared. None for a draft."""
        moments = (self.published_at, self.updated_at, self.last_published_at)
        return self.published_at and max(moment for moment in moments if moment)

    @cached_property
    def words(self):
        return reading.words(self.body)

    @property
    def minutes(self):
        """How long it takes to read."""
        return reading.minutes(self.words)

    @property
    def contents(self):
        """The outline of a post that is long enough to need one."""
        sections = reading.outline(self.body)
        return sections if len(sections) >= 3 else []

    @property
    def documents(self):
        """The documents of its body that stand on their own."""
        blocks = (block for block in self.body if block.block_type == "document")
        return [block.value["document"] for block in blocks if block.value.get("document")]

    @property
    def summary(self):
        """What lists and search engines show of it."""
        return self.introduction or self.excerpt

    @property
    def markdown_url(self):
        return f"{self.url.rstrip('/')}.md" if self.url else ""

    def get_tag_names(self):
        return "\n".join(tag.name for tag in self.sorted_tags)

    def get_author_names(self):
        return "\n".join(author.name for author in self.authors)

    def get_series_title(self):
        return self.series.title if self.series else ""

    def get_corrections(self):
        return "\n".join(reading.plain(note.text) for note in self.corrections.all())

    def route(self, request, path_components):
        """A post that was taken away for good still has an answer for those who come for it."""
        if self.gone and (not self.live or is_expired(self)) and not path_components:
            return RouteResult(self, kwargs={"gone": True})
        return super().route(request, path_components)

    def get_context(self, request, *args, **kwargs):
        photos = [self.cover, self.search_image, *reading.photos(self.body)]
        photos += [author.portrait for author in self.authors]
        read_sizes(photos, "text", "gallery", "enlarged", "share", "portrait")
        return super().get_context(request, *args, **kwargs)

    def serve(self, request, gone=False):
        if gone:
            return render(request, "410.html", status=410)
        if request.get_preferred_type(["text/html", "text/markdown"]) == "text/markdown":
            # Kept by no cache, so that the page itself need not vary for those few.
            response = markdown_response(self, request)
            patch_vary_headers(response, ["Accept"])
            add_never_cache_headers(response)
            return response
        return super().serve(request)
