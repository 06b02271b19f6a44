"""
Renders a post's body once, and keeps the HTML for as long as it is true.

What is kept has a key made of everything the HTML was made from: the body as it is stored, the
templates of its blocks, and of each photo, page, document, post and embed that it shows or links
to, what can be seen of it. The keys are compared at each reading, so that nothing has to be told
of a change, whoever made it and by what means.
"""

import hashlib
import logging
from collections import defaultdict
from dataclasses import asdict
from functools import cache
from pathlib import Path

import wagtail
from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.db.models import F, IntegerField, Q, TextField, Value
from django.db.models.functions import Cast
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from wagtail.documents import get_document_model
from wagtail.embeds.embeds import get_embed_hash
from wagtail.embeds.models import Embed
from wagtail.models import Page, Site

from blog import reading
from blog.sqlite import without_waiting

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
# What the HTML of a block is made with.
MAKERS = ("blocks/*.py", "jinja2/blog/blocks/*.html", "jinja2/blog/includes/blocks.html")
MAKERS += ("footnotes.py", "rendering.py")


@cache
def maker() -> str:
    """Names the program that renders: another release, or other settings, have another name."""
    digest = hashlib.blake2b(digest_size=8)
    for pattern in MAKERS:
        for path in sorted(HERE.glob(pattern)):
            digest.update(path.read_bytes())
    names = (wagtail.__version__, settings.MEDIA_URL, settings.TIME_ZONE)
    digest.update(repr(names).encode())
    return digest.hexdigest()


def html(body) -> str:
    """The HTML of a body."""
    return render_to_string("blog/includes/blocks.html", {"body": body})


def references(body) -> dict[str, list]:
    """The keys of what a body shows or links to, by kind; of embeds, the hashes."""
    from blog.models import Photo, PostPage

    kinds = {Photo: "photo", Page: "page", PostPage: "post", get_document_model(): "document"}
    found = defaultdict(set)
    for model, key, *_ in body.stream_block.extract_references(body):
        if model in kinds:
            found[kinds[model]].add(int(key))
    for block in body:
        if block.block_type == "embed" and block.value.get("embed"):
            found["embed"].add(get_embed_hash(block.value["embed"].url))
    return {kind: sorted(keys) for kind, keys in found.items()}


class Surroundings:
    """
    What can be seen of what bodies refer to, read at once for all of them.

    `wanted` is as from `references`; `photos` has the photos by their keys, each with its
    renditions.
    """

    def __init__(self, wanted: dict[str, set], photos=frozenset()):
        self.states: dict[tuple, tuple] = {}
        self.photos = {}
        if pictures := wanted.get("photo", set()) | photos:
            self.read_photos(pictures)
        if wanted.get("page") or wanted.get("document"):
            self.read_links(wanted.get("page", ()), wanted.get("document", ()))
        if wanted.get("post"):
            self.read_posts(wanted["post"])
        if wanted.get("embed"):
            self.read_embeds(wanted["embed"])

    def read_photos(self, keys):
        from blog.models import PhotoRendition

        files = defaultdict(list)
        rows = PhotoRendition.objects.filter(image__in=keys).select_related("image")
        for rendition in rows.order_by("pk"):
            photo = self.photos.setdefault(rendition.image_id, rendition.image)
            rendition.image = photo
            files[photo.pk].append(rendition)
        for key, photo in self.photos.items():
            give_renditions(photo, files[key])
            self.states["photo", key] = photo.shown_key

    def read_links(self, pages, documents):
        columns = ("kind", "pk", "first", "second", "size")
        rows = (
            Page.objects.filter(pk__in=pages)
            .order_by()
            .annotate(kind=Value("page"), first=F("url_path"), second=Value(""), size=Value(0))
            .values_list(*columns)
        )
        if documents:
            size = Cast("file_size", IntegerField())
            first, second = Cast("file", TextField()), Cast("title", TextField())
            rows = rows.union(
                get_document_model()
                .objects.filter(pk__in=documents)
                .order_by()
                .annotate(kind=Value("document"), first=first, second=second, size=size)
                .values_list(*columns),
                all=True,
            )
        sites = [tuple(root) for root in Site.get_site_root_paths()] if pages else ()
        for kind, key, *state in rows:
            self.states[kind, key] = (state, sites)

    def read_posts(self, keys):
        from blog.models import PostPage

        rows = PostPage.objects.published().filter(pk__in=keys)
        for key, *state in rows.values_list("pk", "title", "url_path", "published_at"):
            self.states["post", key] = (str(state),)

    def read_embeds(self, hashes):
        fresh = Q(cache_until__isnull=True) | Q(cache_until__gt=timezone.now())
        rows = Embed.objects.filter(fresh, hash__in=hashes)
        for key, *state in rows.values_list("hash", "html", "title"):
            self.states["embed", key] = tuple(state)

    def key(self, source: str, wanted: dict[str, list]) -> str:
        """The key of a body's HTML."""
        states = [
            (kind, key, self.states.get((kind, key)))
            for kind in sorted(wanted)
            for key in wanted[kind]
        ]
        text = f"{maker()} {get_language()} {states} {source}"
        return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=20).hexdigest()

    def seen(self):
        """The states, without the files that rendering itself makes."""
        return {key: state[0] for key, state in self.states.items()}

    def has_all(self, wanted) -> bool:
        """Whether what must be there is there; a post that is hidden and a lost page may not be."""
        needed = [(kind, key) for kind in ("photo", "embed") for key in wanted.get(kind, ())]
        return all(each in self.states for each in needed)


def give_renditions(photo, renditions):
    """Let the photo know its renditions, as if they had been prefetched."""
    queryset = photo.renditions.all()
    queryset._result_cache = list(renditions)
    queryset._prefetch_done = True
    photo.__dict__.setdefault("_prefetched_objects_cache", {})["renditions"] = queryset


def union(each: list[dict[str, list]]) -> dict[str, set]:
    found = defaultdict(set)
    for wanted in each:
        for kind, keys in wanted.items():
            found[kind].update(keys)
    return found


def with_source(posts: models.QuerySet) -> models.QuerySet:
    """Posts with what is kept of their bodies, and these as text that nobody has taken apart."""
    posts = posts.defer("body").annotate(body_source=Cast("body", TextField()))
    return posts.select_related("rendered")


def attach(posts, photos=frozenset()) -> dict:
    """
    Give each post of `with_source` what is kept of its body; make and keep what is not.

    Returns photos by their keys, with their renditions: those of the bodies and those asked for.
    """
    kept = {post.pk: post.rendered for post in posts if hasattr(post, "rendered")}
    wanted = union([rendered.references for rendered in kept.values()])
    around = Surroundings(wanted, photos)
    missing = []
    for post in posts:
        rendered = kept.get(post.pk)
        if rendered and rendered.key == around.key(post.body_source, rendered.references):
            post.stored_body = rendered
        else:
            post.body = post.body_source
            missing.append(post)
    if missing:
        make(missing)
    return around.photos


def make(posts) -> None:
    """Render the bodies of posts, and keep the HTML where nothing of it changed meanwhile."""
    from blog.models import RenderedBody

    wanted = {post.pk: references(post.body) for post in posts}
    everything = union(list(wanted.values()))
    before = Surroundings(everything).seen()
    rows = []
    for post in posts:
        photo = reading.first_photo(post.body)
        post.stored_body = RenderedBody(
            post_id=post.pk,
            html=html(post.body),
            words=reading.words(post.body),
            outline=[asdict(section) for section in reading.outline(post.body)],
            photo=photo and photo.pk,
            references=wanted[post.pk],
        )
        rows.append(post.stored_body)
    after = Surroundings(everything)
    if after.seen() != before:
        # Something changed meanwhile, or photos have files only now: the next reader's is kept.
        return
    for row, post in zip(rows, posts, strict=True):
        # What has no key was made of something that is not known.
        if after.has_all(row.references):
            row.key = after.key(post.body_source, row.references)
    keep([row for row in rows if row.key])


def keep(rows) -> None:
    """Write what was made; another time will do when somebody else is writing."""
    from blog.models import RenderedBody

    fields = [field.name for field in RenderedBody._meta.fields if not field.primary_key]
    try:
        # A reader does not queue behind those who write.
        with without_waiting(), transaction.atomic():
            RenderedBody.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["post"], update_fields=fields
            )
    except DatabaseError as error:
        logger.info("The HTML of %d posts is not kept: %s", len(rows), error)


def prepare(keys) -> None:
    """Render and keep the bodies of the posts with these keys, as far as they are not kept."""
    from blog.models import PostPage

    attach(list(with_source(PostPage.objects.filter(pk__in=keys))))
