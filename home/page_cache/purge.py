"""
Tells a cache in front of the site (a CDN, Varnish) which addresses a change touches.

Only where FRONTEND_CACHE_URL names one. A change of a post touches what showed it before and what
shows it now; a change of what stands on all pages, or on many, touches every address. What is
written around the models (`QuerySet.update()`, SQL) touches none that we hear of.
"""

import logging
from collections.abc import Iterator

from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.urls import reverse
from wagtail.contrib.frontend_cache.utils import purge_urls_from_cache
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction, ReferenceIndex, Site
from wagtail.signals import post_page_move, pre_page_move

from blog.models import Author, BlogIndexPage, Photo, PostPage, Series, Tag
from blog.queries import period
from blog.sitemap import PostSitemap
from home.models import MenuItem, SiteSettings

logger = logging.getLogger(__name__)

KINDS = ("", "atom/", "rss/", "json/")
# What a blog has, whether or not it has posts.
EVER = ("archive/", "tags/", "authors/", "series/", *(f"feed/{kind}" for kind in KINDS))
# What saving a draft writes to its page, where no reader sees it.
DRAFT_FIELDS = {
    *("draft_title", "has_unpublished_changes", "latest_revision", "latest_revision_created_at"),
    *("locked", "locked_at", "locked_by"),
}
# A change of one of these can be seen on many pages, or on all.
SHOWN_EVERYWHERE = (Author, MenuItem, PageViewRestriction, Photo, Series, Site, SiteSettings, Tag)


def pages_of(url: str, posts, per_page: int) -> Iterator[str]:
    """The address of a list and of its further pages, one more than it has now."""
    yield url
    for number in range(2, posts.order_by().count() // per_page + 3):
        yield f"{url}?page={number}"


def lists_of(blog: BlogIndexPage, post: PostPage) -> Iterator[str]:
    """The lists and feeds of its blog that show the post."""
    url, posts = blog.full_url, blog.posts
    subjects = [("", posts)]
    subjects += [(f"tags/{tag.slug}/", posts.tagged(tag.slug)) for tag in post.sorted_tags]
    subjects += [(f"authors/{author.slug}/", posts.by(author)) for author in post.authors]
    if post.series:
        subjects.append((f"series/{post.series.slug}/", posts.in_series(post.series)))
    for tail, listed in subjects:
        yield from pages_of(url + tail, listed, blog.posts_per_page)
        yield from (f"{url}{tail}feed/{kind}" for kind in KINDS)
    yield from (f"{url}{tail}/" for tail in ("archive", "tags", "authors", "series"))
    if not post.published_on:
        return
    day = post.published_on
    for parts in (1, 2, 3):
        date = (day.year, day.month, day.day)[:parts]
        start, end = period(*date)
        # The lists beside it lead to it, or past it when it is empty.
        beside = [
            posts.filter(published_at__lt=start).first(),
            posts.filter(published_at__gte=end).order_by("published_at", "pk").first(),
        ]
        days = [day, *(other.published_on for other in beside if other)]
        for each in days:
            date = (each.year, each.month, each.day)[:parts]
            tail = "/".join(f"{part:02d}" for part in date)
            yield from pages_of(f"{url}{tail}/", posts.dated(*date), blog.posts_per_page)


def touched_by(post: PostPage) -> Iterator[str]:
    """Every address that shows something of the post, as the database has it now."""
    blog = post.get_parent().specific
    site = blog.get_site()
    if site is None or not post.full_url:
        return
    yield from (post.full_url, post.full_url.rstrip("/"), f"{post.full_url.rstrip('/')}.md")
    yield from lists_of(blog, post)
    yield site.root_page.full_url
    root = site.root_url
    sections = PostPage.objects.descendant_of(site.root_page).published().count()
    yield from (f"{root}{reverse(name)}" for name in ("sitemap", "llms"))
    for section in ("posts", "pages", "news"):
        yield f"{root}{reverse('sitemap_section', args=[section])}"
    for number in range(2, sections // PostSitemap.limit + 3):
        yield f"{root}{reverse('sitemap_section', args=['posts'])}?p={number}"
    shown = [*post.neighbourhood]
    # Whose three related posts it is, or was, one of.
    shown += blog.posts.filter(tagged_items__tag__in=[tag.pk for tag in post.sorted_tags])
    references = ReferenceIndex.get_references_to(post).values_list("object_id", flat=True)
    pages = Page.objects.filter(pk__in=[int(key) for key in references if key.isdigit()])
    for page in {page.pk: page for page in [*shown, *pages]}.values():
        yield page.full_url
        yield f"{page.full_url.rstrip('/')}.md"


def everything() -> Iterator[str]:
    """Every address of the site, but for what is not found."""
    for page in Page.objects.live().exclude(depth=1).exclude(pk__in=PostPage.objects.values("pk")):
        if page.full_url:
            yield page.full_url
    for blog in BlogIndexPage.objects.live():
        if blog.full_url:
            yield from (f"{blog.full_url}{tail}" for tail in EVER)
            for slug in Author.objects.values_list("slug", flat=True):
                yield f"{blog.full_url}authors/{slug}/"
                yield from (f"{blog.full_url}authors/{slug}/feed/{kind}" for kind in KINDS)
    for post in PostPage.objects.live().prefetch_related("tagged_items__tag", "bylines__author"):
        yield from touched_by(post)


def read(post_pk: int) -> set[str]:
    post = PostPage.objects.filter(pk=post_pk, live=True).first()
    return {address for address in touched_by(post) if address} if post else set()


def purge(addresses: set[str]) -> None:
    if addresses:
        purge_urls_from_cache(sorted(addresses))


def before_and_after(post_pk: int) -> None:
    """Purge what showed the post until now and what will show it after the commit."""
    before = read(post_pk)
    transaction.on_commit(lambda: purge(before | read(post_pk)), robust=True)


def post_changes(sender, instance, update_fields=None, **kwargs):
    """Receives `pre_save`, `pre_delete` and the moves of any page."""
    if not isinstance(instance, Page) or instance.pk is None:
        return
    if update_fields and not set(update_fields) - DRAFT_FIELDS:
        return
    if isinstance(instance, PostPage):
        before_and_after(instance.pk)
        return
    below = PostPage.objects.filter(path__startswith=instance.path, live=True)
    everywhere(sender, instance) if below.exists() or instance.live else None


def post_appears(sender, instance, created, **kwargs):
    """Receives `post_save`: a new post was nowhere before."""
    if created and isinstance(instance, PostPage):
        transaction.on_commit(lambda: purge(read(instance.pk)), robust=True)


def everywhere(sender, instance, **kwargs):
    before = set(everything())
    transaction.on_commit(lambda: purge(before | set(everything())), robust=True)


def redirected(sender, instance, **kwargs):
    for site in Site.objects.all() if instance.site is None else [instance.site]:
        address = site.root_url + instance.old_path
        transaction.on_commit(lambda a=address: purge({a, f"{a}/"}), robust=True)


def connect() -> None:
    """Listen to every change of the models. Called once, where a cache stands in front."""
    for signal in (pre_save, pre_delete):
        signal.connect(post_changes, dispatch_uid="purge")
        for model in SHOWN_EVERYWHERE:
            signal.connect(everywhere, sender=model, dispatch_uid="purge")
    for signal in (pre_page_move, post_page_move):
        signal.connect(post_changes, dispatch_uid="purge")
    post_save.connect(post_appears, dispatch_uid="purge")
    for signal in (post_save, post_delete):
        signal.connect(redirected, sender=Redirect, dispatch_uid="purge")


def disconnect() -> None:
    for signal in (pre_save, pre_delete):
        signal.disconnect(post_changes, dispatch_uid="purge")
        for model in SHOWN_EVERYWHERE:
            signal.disconnect(everywhere, sender=model, dispatch_uid="purge")
    for signal in (pre_page_move, post_page_move):
        signal.disconnect(post_changes, dispatch_uid="purge")
    post_save.disconnect(post_appears, dispatch_uid="purge")
    for signal in (post_save, post_delete):
        signal.disconnect(redirected, sender=Redirect, dispatch_uid="purge")
