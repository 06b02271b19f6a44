"""
Tells a cache in front of the site (a CDN, Varnish) which addresses a change touches.

Only where FRONTEND_CACHE_URL names one, or WAGTAILFRONTENDCACHE another. The signals of the models
say what changes and the statements (`watch`) that something did: what no signal explained, as
`QuerySet.update()` and SQL send none, may have touched every address. Told is after the commit, in
a thread of its own, when the page cache has forgotten what it kept.
"""

import logging
import threading
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.db.models import SET_NULL, Model
from django.db.models.signals import post_save, pre_delete, pre_save
from django.urls import reverse
from django.utils.module_loading import import_string
from wagtail.contrib.frontend_cache.utils import purge_urls_from_cache
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import pre_page_move

from blog.models import Author, BlogIndexPage, Photo, PostPage, Series, Tag
from blog.models.author import AuthorLink
from blog.models.byline import Byline
from blog.models.correction import Correction
from blog.models.photo import SHOWN, PhotoRendition
from blog.models.tag import TaggedPost
from home.models import MenuItem, SiteSettings
from home.models.site_settings import SocialLink
from home.page_cache import touched, watch

logger = logging.getLogger(__name__)

Document = get_document_model()
REDIRECTS = Redirect._meta.db_table

# More changed posts than these are not compared one by one.
LIMIT = 100
# These understand `/*`. Another that does says `purges_wildcards = True`.
WILDCARDS = ("CloudfrontBackend", "AzureCdnBackend", "AzureFrontDoorBackend")
# What a change of these shows, if it is another.
SEEN_FIELDS = {
    Author: ("name", "slug", "portrait_id", "biography"),
    Tag: ("name", "slug"),
    Series: ("title", "slug", "introduction"),
    Photo: SHOWN,
    Document: ("title", "file"),
}


# What also changes another object's page when it is new.
SHOWN_ELSEWHERE = (Byline, Correction, TaggedPost, PageViewRestriction)
SHOWN_ELSEWHERE += (SiteSettings, MenuItem, SocialLink, AuthorLink)


@dataclass
class Notes:
    """What changes in a transaction."""

    # What was seen of the posts that change, by their keys; None where a post is new.
    posts: dict[int, touched.Seen | None] = field(default_factory=dict)
    # The keys of other pages, whose addresses are asked after the commit.
    pages: set[int] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    # Whether every page may be another, and whether feeds may be, too.
    every_page: bool = False
    everything: bool = False
    # The tables that statements changed, and those of which a signal said what changes.
    changed: set[str] = field(default_factory=set)
    explained: set[str] = field(default_factory=set)
    # Whether it was begun before its transaction, as the signal of a save is.
    is_early: bool = False

    def explain(self, model: type[Model]) -> None:
        self.explained.add(model._meta.db_table)
        self.explained |= {parent._meta.db_table for parent in model._meta.get_parent_list()}

    def add_posts(self, keys: Any, *, forced: bool = False) -> None:
        """Note what is seen of posts, unless so many change that all is touched."""
        self.explain(PostPage)
        keys = {int(key) for key in keys}
        new = keys - set(self.posts)
        if len(new) + len(self.posts) > LIMIT:
            self.everything = True
            return
        if new:
            seen = touched.seen(new)
            self.posts |= {key: seen.get(key) for key in new}
        if forced:
            self.posts |= {key: self.posts[key].forced() for key in keys if self.posts[key]}

    def add_page(self, page: Page, *, goes: bool = False) -> None:
        """Note a page that is no post; `goes` when it is deleted, moved or hidden."""
        old = Page.objects.filter(pk=page.pk).specific().first()
        if old is None or not (old.live or page.live):
            return
        stays = not goes and (old.live, old.slug) == (page.live, page.slug)
        if isinstance(page, BlogIndexPage) or not (stays or old.is_leaf()):
            self.add_all()
            return
        self.add_sitemap(old)
        if not stays or old.title != page.title:
            self.every_page |= MenuItem.objects.filter(page=old.pk).exists()
        if not stays:
            self.addresses |= touched.redirects_to([old.pk])
            self.add_referring(Page, old.pk)

    def add_sitemap(self, page: Page) -> None:
        self.pages.add(page.pk)
        if page.full_url:
            root = page.get_site().root_url
            section = reverse("sitemap_section", args=["pages"])
            self.addresses |= {page.full_url, root + section, root + reverse("sitemap")}

    def add_referring(self, model: type[Model], key: int) -> None:
        """Note what shows an object, or links to it."""
        found = touched.references(model, [key])
        self.add_posts(found.pop(Page, ()), forced=True)
        self.pages |= {int(key) for key in found.pop("other pages", ())}
        for author in Author.objects.filter(pk__in=found.pop(Author, ())):
            self.add_subject(author)
        for series in Series.objects.filter(pk__in=found.pop(Series, ())):
            self.add_subject(series)
        self.every_page |= bool(found)

    def add_subject(self, subject: Any) -> None:
        """Note an author, a tag or a series, and the posts that name it."""
        self.addresses |= touched.addresses_of_subject(subject)
        _below, relation = touched.SUBJECTS[type(subject)]
        posts = PostPage.objects.filter(**{relation: subject.pk}).order_by()
        self.add_posts(posts.values_list("pk", flat=True)[: LIMIT + 1])

    def add_all(self) -> None:
        """Note every address, also those that will be no more."""
        self.everything = True
        self.addresses |= touched.everything()

    def mark(self) -> None:
        """Waits for the commit with the notes, so that a rollback is known by its absence."""

    def is_of_this_transaction(self) -> bool:
        return any(entry[1] == self.mark for entry in connection.run_on_commit)


class Here(threading.local):
    notes: Notes | None = None


here = Here()


def noted() -> Notes:
    """The notes of this thread's transaction."""
    notes = here.notes
    if notes is None or not (notes.is_early or notes.is_of_this_transaction()):
        notes = here.notes = Notes(is_early=not connection.in_atomic_block)
    if connection.in_atomic_block and not notes.is_of_this_transaction():
        notes.is_early = False
        transaction.on_commit(notes.mark)
    return notes


def is_shown(model: type[Model]) -> bool:
    return model._meta.db_table in watch.shown_tables()


def before_save(sender: Any, instance: Any, update_fields: Any = None, **kwargs: Any) -> None:
    """Receives `pre_save`."""
    if not is_shown(sender) or (update_fields and set(update_fields) <= touched.DRAFT_FIELDS):
        return
    if not connection.in_atomic_block:
        here.notes = None
    noted().explain(sender)
    if instance._state.adding and not isinstance(instance, SHOWN_ELSEWHERE):
        return
    fields = SEEN_FIELDS.get(sender)
    if fields:
        # The address that it had counts, too.
        old = sender.objects.filter(pk=instance.pk).first()
        if old and any(getattr(old, name) != getattr(instance, name) for name in fields):
            note(old)
    else:
        note(instance)


def after_save(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    """Receives `post_save`: what is new was nowhere before, and may have another address now."""
    if not is_shown(sender):
        return
    if isinstance(instance, PostPage):
        if created:
            noted().posts.setdefault(instance.pk, None)
    elif isinstance(instance, Page):
        if created and instance.live:
            noted().add_sitemap(instance)
    elif isinstance(instance, Redirect) or (created and isinstance(instance, Site)):
        note(instance)
    elif type(instance) in touched.SUBJECTS and (created or noted().addresses):
        noted().addresses |= touched.addresses_of_subject(instance)


def before_delete(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Receives `pre_delete`."""
    if not is_shown(sender):
        return
    if not connection.in_atomic_block:
        here.notes = None
    noted().explain(sender)
    for relation in sender._meta.get_fields(include_hidden=True):
        if getattr(relation, "on_delete", None) is SET_NULL and relation.auto_created:
            noted().explain(relation.related_model)
    note(instance, goes=True)


def before_move(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Receives `pre_page_move`."""
    noted().explain(sender)
    note(instance, goes=True)


def note(instance: Any, *, goes: bool = False) -> None:
    """Note what a change of the instance changes elsewhere."""
    notes = noted()
    match instance:
        case PostPage():
            notes.add_posts([instance.pk])
        case Page():
            notes.add_page(instance, goes=goes)
        case Byline() | Correction():
            notes.add_posts([instance.post_id] if instance.post_id else [])
        case TaggedPost():
            notes.add_posts([instance.content_object_id])
        case Author() | Tag() | Series():
            notes.add_subject(instance)
        case AuthorLink():
            notes.addresses |= touched.addresses_of_subject(instance.author)
        case PhotoRendition():
            notes.add_referring(Photo, instance.image_id)
        case Photo() | Document():
            notes.add_referring(type(instance), instance.pk)
        case PageViewRestriction():
            note(instance.page.specific, goes=True)
        case Redirect():
            for each in (instance, *Redirect.objects.filter(pk=instance.pk)):
                notes.addresses |= touched.addresses_of(each)
        case SiteSettings() | MenuItem() | SocialLink():
            notes.every_page = True
        case _:
            notes.add_all()


def statement(table: str, **kwargs: Any) -> None:
    """Receives `watch.noticed`."""
    noted().changed.add(table)


def commit(**kwargs: Any) -> None:
    """Receives `watch.committed`."""
    notes, here.notes = here.notes, None
    if notes:
        teller.tell(notes)


def work_out(notes: Notes) -> tuple[set[str], bool]:
    """The addresses that were touched, and whether these are all."""
    addresses = set(notes.addresses)
    unexplained = notes.changed - notes.explained
    if REDIRECTS in unexplained and (new := touched.new_redirects()):
        # Wagtail makes them after the commit, many at once, from a page's old addresses.
        unexplained.remove(REDIRECTS)
        addresses |= new
    if unexplained:
        logger.warning("All is purged, as %s changed without a signal.", ", ".join(unexplained))
    everything = notes.everything or bool(unexplained)
    every_page = notes.every_page
    if notes.posts:
        found, is_everywhere = touched.touched(notes.posts)
        addresses |= found
        every_page |= is_everywhere
    addresses |= {page.full_url for page in Page.objects.filter(pk__in=notes.pages)}
    if everything or every_page:
        addresses |= touched.everything(only_html=not everything)
    return {address for address in addresses if address}, everything


def purge(addresses: set[str], everything: bool) -> None:
    """Tell each cache; one that understands it is told of everything in a word."""
    wildcards, others = [], []
    for name, backend in settings.WAGTAILFRONTENDCACHE.items():
        kind = import_string(backend["BACKEND"])
        knows = getattr(kind, "purges_wildcards", kind.__name__ in WILDCARDS)
        (wildcards if everything and knows else others).append(name)
    if wildcards:
        roots = [f"{site.root_url}/*" for site in Site.objects.all()]
        purge_urls_from_cache(roots, backends=wildcards)
    if others and addresses:
        purge_urls_from_cache(sorted(addresses), backends=others)


class Teller:
    """Works out and tells, in a thread that lives while there is something to tell."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Notes] = []
        self._thread: threading.Thread | None = None

    def tell(self, notes: Notes) -> None:
        """Tell of what was noted; returns at once."""
        with self._lock:
            self._waiting.append(notes)
            if self._thread is None:
                # The process ends only when all was told.
                self._thread = threading.Thread(target=self._run, name="purge", daemon=False)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                waiting, self._waiting = self._waiting, []
                if not waiting:
                    self._thread = None
                    return
            for notes in waiting:
                self.do(notes)
            close_old_connections()

    def do(self, notes: Notes) -> None:
        try:
            purge(*work_out(notes))
        except Exception:
            logger.exception("A cache in front was not told of a change: empty it.")


teller = Teller()

RECEIVERS = (
    (pre_save, before_save),
    (post_save, after_save),
    (pre_delete, before_delete),
    (pre_page_move, before_move),
    (watch.noticed, statement),
    (watch.committed, commit),
)


def connect() -> None:
    """Listen to every change of the models. Called once, where a cache stands in front."""
    for signal, receiver in RECEIVERS:
        signal.connect(receiver, dispatch_uid="purge")


def disconnect() -> None:
    for signal, receiver in RECEIVERS:
        signal.disconnect(receiver, dispatch_uid="purge")
