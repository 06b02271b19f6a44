import itertools
import re
import types
from functools import cached_property
from urllib.parse import quote

from django.core.files.storage import default_storage
from django.db import models
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    PublishingPanel,
)
from wagtail.fields import StreamField
from wagtail.models import Page, Site
from wagtail.search import index
from wagtail.url_routing import RouteResult
from wagtailmetadata.models import MetadataPageMixin

from blog import portable, reading, rendering, share_card, structured_data
from blog.blocks import BodyBlock
from blog.forms import PostPageForm
from blog.fragments import HeldResponse
from blog.models.live_version import LiveVersion
from blog.models.photo import Photo
from blog.models.restrictions import KnownRestrictions
from blog.models.searchable import SearchableBody
from blog.prepared import Prepared, PreparedInstances
from blog.queries import PostManager
from blog.remembered import remembered

# How many posts of the same subjects a post names.
RELATED = 3
# The blog itself answers these addresses, so that a post there would never be seen.
RESERVED_SLUGS = re.compile(r"[12][0-9]{3}|archive|authors|feed|series|tags")


def is_reserved(slug):
    """Whether the blog itself answers at this address."""
    return bool(RESERVED_SLUGS.fullmatch(slug or ""))


@PreparedInstances
def blogs_at(path, *, shape):
    blogs = PostPage._meta.apps.get_model("blog", "BlogIndexPage").objects
    return blogs.filter(path=path).order_by()


@Prepared
def corrected_posts(*, shape):
    corrections = PostPage._meta.get_field("corrections").related_model.objects
    return corrections.order_by().values_list("post_id").distinct()


class PostPage(KnownRestrictions, LiveVersion, SearchableBody, MetadataPageMixin, Page):
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

    # What is kept of its body, where it was read to be shown: see `blog.rendering`.
    stored_body = None
    # Its place in a list of a series' parts.
    part = ""
    # How many tags it shares with a post to which it is related.
    shared_tags = 0
    # Photos by their keys, as far as they were read together.
    photos = types.MappingProxyType({})

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
        PublishingPanel(),
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
        index.FilterField("expire_at"),
        index.FilterField("published_at"),
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

    @staticmethod
    def _slug_is_available(slug, parent_page, page=None):
        return not is_reserved(slug) and Page._slug_is_available(slug, parent_page, page)

    @classmethod
    def available_slug(cls, wanted, parent, page=None):
        """`wanted`, or the first of `wanted-2`, `wanted-3` … that is free below `parent`."""
        candidates = itertools.chain([wanted], (f"{wanted}-{n}" for n in itertools.count(2)))
        return next(slug for slug in candidates if cls._slug_is_available(slug, parent, page))

    def prepare(self):
        """Work out what is kept so that readers' requests need not: called before each save."""
        self.excerpt = reading.excerpt(self.body)
        if self.live and self.published_at is None:
            self.published_at = self.go_live_at or self.first_published_at or timezone.now()

    def save(self, *args, **kwargs):
        self.prepare()
        super().save(*args, **kwargs)

    def with_content_json(self, content):
        """A draft that was begun before the post went live keeps the date it was given then."""
        post = super().with_content_json(content)
        if post.published_at is None:
            post.published_at = self.published_at
        # Only an import names a post's source.
        post.source_id = self.source_id
        post.card = self.card
        return post

    @cached_property
    def blog(self):
        path = self.path[: -self.steplen]

        def read():
            return next(iter(blogs_at(path)), None) or self.get_parent().specific

        return remembered(("blog", path), read)

    def get_url_parts(self, request=None):
        # Where its blog is known, its address is the blog's and its own slug.
        blog = self.__dict__.get("blog")
        parts = blog and self.url_path.startswith(blog.url_path) and blog.get_url_parts(request)
        if not parts:
            return super().get_url_parts(request)
        site, root, path = parts
        tail = quote(self.url_path.removeprefix(blog.url_path), safe="/~")
        return site, root, path and path + tail

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
        """What is known of the posts of its neighbourhood: `fetching.neighbours`."""
        from blog import fetching

        return fetching.neighbours(self)

    @cached_property
    def neighbourhood(self):
        """The posts next to it, those of its series and of its subjects, the oldest first."""
        from blog import fetching

        return fetching.beside(self, self.neighbours)

    @cached_property
    def older(self):
        older = [post for post in self.neighbourhood if post.sort_key < self.sort_key]
        return older[-1] if older else None

    @cached_property
    def newer(self):
        newer = (post for post in self.neighbourhood if post.sort_key > self.sort_key)
        return next(newer, None)

    @property
    def sort_key(self):
        """Its place among the posts; one without a date is the newest."""
        return self.published_at or timezone.now(), self.pk or 0

    @property
    def is_corrected(self):
        """Whether it may have corrections; which posts have any is known, as few do."""
        # A draft that is looked at holds its own, and a feed has read them for all its posts.
        for held in ("_cluster_related_objects", "_prefetched_objects_cache"):
            if "corrections" in getattr(self, held, {}):
                return True
        return self.pk in remembered(
            "corrected posts", lambda: frozenset(post for (post,) in corrected_posts())
        )

    @cached_property
    def sorted_corrections(self):
        """The notes on what was wrong, the newest first."""
        if not self.is_corrected:
            return []
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
    def modified_at(self):
        """When it was last changed, for machines; never before it appeared. None for a draft."""
        moments = (self.published_at, self.updated_at, self.last_published_at)
        return self.published_at and max(moment for moment in moments if moment)

    @cached_property
    def series_posts(self):
        """The posts of its series in the order in which they are read; none if it is alone."""
        if not self.series_id:
            return []
        posts = [post for post in self.neighbourhood if post.series_id == self.series_id]
        return posts if len(posts) > 1 else []

    @property
    def series_part(self):
        """Its place in its series, counted from 1; None while it is not published."""
        places = (n for n, post in enumerate(self.series_posts, start=1) if post.pk == self.pk)
        return next(places, None)

    @property
    def contents(self):
        """The outline of a post that is long enough to need one."""
        sections = self.outline
        return sections if len(sections) >= 3 else []

    @property
    def markdown_url(self):
        return f"{self.url.rstrip('/')}.md" if self.url else ""

    @property
    def related(self):
        """The posts that share the most tags with it."""
        posts = [post for post in self.neighbourhood if post.shared_tags and post.pk != self.pk]
        return sorted(posts, key=lambda p: (p.shared_tags, p.sort_key), reverse=True)[:RELATED]

    @property
    def summary(self):
        """What lists and search engines show of it."""
        return self.introduction or self.excerpt

    @cached_property
    def body_html(self):
        """The HTML of its body."""
        # Made by our own templates, which escape what writers type.
        return mark_safe(  # noqa: S308
            self.stored_body.html if self.stored_body else rendering.html(self.body)
        )

    @cached_property
    def words(self):
        return self.stored_body.words if self.stored_body else reading.words(self.body)

    @property
    def card_key(self):
        """All that its card in a list is made of, but for the blog's address; None if unknown."""
        cover = self.cover.shown_key if self.cover_id else ()
        if cover is None:
            return None
        return (
            self.url_path,
            self.title,
            self.summary,
            self.published_at,
            tuple((author.name, author.slug) for author in self.authors),
            tuple((tag.name, tag.slug) for tag in self.sorted_tags),
            self.cover_id,
            cover,
            self.part,
        )

    @cached_property
    def page_key(self):
        """
        All that its page is made of, but for what the site's pages have in common.

        None where that is not known: in a preview, where a text links to another page, whose
        address may change, and where the body shows something that was being made.
        """
        if self.stored_body is None or not self.stored_body.key:
            return None
        corrections = self.sorted_corrections
        texts = [author.biography for author in self.authors] + [note.text for note in corrections]
        shown = [self.cover, self.search_image, self.first_photo]
        shown += [author.portrait for author in self.authors]
        # Each in its place, as one may change places with another.
        photos = tuple(photo and (photo.pk, photo.shown_key) for photo in shown)
        if any("linktype" in text for text in texts) or any(p and p[1] is None for p in photos):
            return None
        return (
            *(self.pk, self.url_path, self.title, self.seo_title, self.search_description),
            *(self.introduction, self.excerpt, self.card, self.stored_body.key),
            *(self.published_at, self.updated_at, self.last_published_at),
            tuple((author.name, author.slug) for author in self.authors),
            tuple((tag.name, tag.slug) for tag in self.sorted_tags),
            tuple(texts),
            tuple(note.date for note in corrections),
            photos,
            self.series_id and (self.series.title, self.series.slug),
            self.neighbours,
            self.blog.title,
            self.blog.full_url,
            # With one site its own address is a path, with several it is not.
            remembered("site roots", lambda: tuple(map(tuple, Site.get_site_root_paths()))),
        )

    @property
    def minutes(self):
        return reading.minutes(self.words)

    @property
    def outline(self):
        return self.stored_body.sections if self.stored_body else reading.outline(self.body)

    @property
    def documents(self):
        """The documents of its body that stand on their own."""
        if self.stored_body:
            if not self.stored_body.references.get("document"):
                return []
            self.body = self.body_source
        blocks = (block for block in self.body if block.block_type == "document")
        return [block.value["document"] for block in blocks if block.value.get("document")]

    @cached_property
    def first_photo(self):
        """The first photo of its body that stands on its own, or None."""
        if not self.stored_body:
            return reading.first_photo(self.body)
        key = self.stored_body.photo
        return key and (self.photos.get(key) or Photo.objects.filter(pk=key).first())

    def get_tag_names(self):
        return "\n".join(tag.name for tag in self.sorted_tags)

    def get_author_names(self):
        return "\n".join(author.name for author in self.authors)

    def get_series_title(self):
        return self.series.title if self.series else ""

    def get_meta_description(self):
        return self.search_description or self.summary

    def route(self, request, path_components):
        """A post that was taken away for good still has an answer for those who come for it."""
        if self.gone and not self.live and not path_components:
            return RouteResult(self, kwargs={"gone": True})
        return super().route(request, path_components)

    def serve(self, request, gone=False):
        if gone:
            return render(request, "410.html", status=410)
        if request.get_preferred_type(["text/html", "text/markdown"]) == "text/markdown":
            # Kept by no cache, so that the page itself need not vary for those few.
            response = self.markdown_response(request)
            patch_vary_headers(response, ["Accept"])
            add_never_cache_headers(response)
            return response
        page = super().serve(request)
        return HeldResponse(request, page.template_name, page.context_data, key=self.page_key)

    def get_markdown(self, request):
        """The post as Markdown, with its title, date, authors and address on top."""
        url = self.get_full_url(request)
        html = render_to_string(
            "blog/includes/feed_item.html", {"page": self, "request": request}, request=None
        )
        facts = [
            f"{label}: {value}"
            for label, value in (
                (_("Date"), self.published_on),
                (_("By"), ", ".join(author.name for author in self.authors)),
                (_("Tags"), ", ".join(tag.name for tag in self.sorted_tags)),
                (_("Address"), url),
            )
            if value
        ]
        introduction = f"> {' '.join(self.introduction.split())}\n\n" if self.introduction else ""
        facts = "\n".join(f"- {fact}" for fact in facts)
        return f"# {self.title}\n\n{introduction}{facts}\n\n{portable.markdown(html, url)}\n"

    def markdown_response(self, request):
        response = HttpResponse(
            self.get_markdown(request), content_type="text/markdown; charset=utf-8"
        )
        response["Link"] = f'<{self.get_full_url(request)}>; rel="canonical"'
        return response

    def get_sitemap_urls(self, request=None):
        photo = self.cover
        image = photo and photo.file.url
        if image and request:
            image = request.build_absolute_uri(image)
        return [
            {
                "location": self.get_full_url(request),
                "lastmod": self.modified_at,
                "images": [image] if image else [],
                "post": self,
            }
        ]

    og_type = "article"

    def get_meta_image(self):
        return self.search_image or self.cover or self.first_photo

    def get_meta_image_url(self, request):
        url = super().get_meta_image_url(request)
        if url is None and self.card:
            url = request.build_absolute_uri(default_storage.url(self.card))
        return url

    def get_meta_image_dimensions(self):
        dimensions = super().get_meta_image_dimensions()
        return share_card.SIZE if dimensions == (None, None) and self.card else dimensions

    def get_structured_data(self, request):
        blog_url = self.blog.get_full_url(request)
        image = self.get_meta_image_url(request)
        url = self.get_full_url(request)
        posting = structured_data.blog_posting(
            self.title,
            url,
            published=self.published_at,
            modified=self.modified_at,
            authors=[
                structured_data.person(
                    author.name, blog_url + self.blog.reverse_subpage("author", args=[author.slug])
                )
                for author in self.authors
            ],
            blog_name=self.blog.title,
            blog_url=blog_url,
            description=self.get_meta_description(),
            image=image or "",
            keywords=[tag.name for tag in self.sorted_tags],
            words=self.words,
            minutes=self.minutes,
            language=get_language() or "",
            corrections=[(note.date, reading.plain(note.text)) for note in self.sorted_corrections],
        )
        trail = [(self.blog.title, blog_url), (self.title, url)]
        return [posting, structured_data.breadcrumbs(trail)]

    def get_object_title(self):
        """The `<title>`, where the shell adds the site's name."""
        return self.get_meta_title()
