"""Creates redirects from public addresses that change, and none from those of drafts."""

import copy
import logging
from urllib.parse import urlsplit

from django.db.models.signals import pre_save
from django.dispatch import receiver
from wagtail.contrib.redirects import signal_handlers
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageLogEntry, Site
from wagtail.signals import page_published, page_slug_changed, post_page_move

from blog.models import Author, BlogIndexPage, Series, Tag
from blog.visibility import public

logger = logging.getLogger(__name__)

# SQLite allows a thousand alternatives in a condition, and Wagtail's batches have 2,000.
LARGEST = 500
LONGEST = min(
    Redirect._meta.get_field(name).max_length for name in ("old_path", "redirect_page_route_path")
)
PUBLISHED = ("wagtail.publish", "wagtail.publish.scheduled")


class RedirectBatch(signal_handlers.BatchRedirectCreator):
    """Wagtail's batch in pieces that SQLite allows, without addresses too long for the column."""

    def __init__(self, max_size, **kwargs):
        super().__init__(min(max_size or LARGEST, LARGEST), **kwargs)

    def add(self, *, old_path, **kwargs):
        if len(old_path) > LONGEST:
            logger.warning("No redirect holds an address as long as %s", old_path)
            return
        super().add(old_path=old_path, **kwargs)


# Wagtail has no setting for the class.
signal_handlers.BatchRedirectCreator = RedirectBatch


def sites_with(page):
    """Return the ids of the sites in which a page has an address."""
    return {
        root.site_id
        for root in Site.get_site_root_paths()
        if page.url_path.startswith(root.root_path)
    }


def redirect_from(old, page):
    """
    Create redirects from the old addresses of a page and of those below it.

    `old` is the page as it was. Wagtail's own receivers, which `WAGTAILREDIRECTS_AUTO_CREATE`
    switches off, also create them for drafts, whose address may change with each autosave.
    """
    if not old.live:
        # Redirects are only needed for public pages below it. If there were none, Wagtail would
        # delete all redirects.
        if not page.get_descendants().live().exists():
            return
        old = copy.copy(old)
        old.get_url_parts = lambda *args, **kwargs: None
    sites = Site.objects.filter(pk__in=sites_with(old) & sites_with(page))
    signal_handlers.create_redirects(page=page, page_old=old, sites=sites.exclude(root_page=page))


@receiver(page_slug_changed)
def redirect_renamed_page(instance, instance_before, **kwargs):
    redirect_from(instance_before, instance)


@receiver(post_page_move)
def redirect_moved_page(instance, url_path_before, url_path_after, **kwargs):
    if url_path_before != url_path_after:
        page = instance.specific
        old = copy.copy(page)
        old.url_path = url_path_before
        redirect_from(old, page)


@receiver(page_published)
def redirect_republished_page(instance, **kwargs):
    """Create redirects from where a page was before it was unpublished and renamed."""
    if not instance.live:
        return
    # Without the log entry of this publishing, which is written later.
    entries = PageLogEntry.objects.filter(
        page=instance.pk, action__in=PUBLISHED, revision__isnull=False
    )
    last = entries.order_by("-timestamp", "-pk").values_list("revision__content__url_path").first()
    if last and last[0] and last[0] != instance.url_path:
        old = copy.copy(instance)
        old.url_path = last[0]
        redirect_from(old, instance)


@receiver(pre_save, sender=Author)
@receiver(pre_save, sender=Series)
@receiver(pre_save, sender=Tag)
def redirect_renamed_subject(sender, instance, **kwargs):
    """Create redirects from the addresses of a tag, author or series whose slug changes."""
    old = sender.objects.filter(pk=instance.pk).values_list("slug", flat=True).first()
    if not old or old == instance.slug:
        return
    batch = RedirectBatch(max_size=0, ignore_conflicts=True)
    for blog in public(BlogIndexPage.objects.all()):
        route = sender._meta.model_name
        before, after = (f"/{blog.reverse_subpage(route, [slug])}" for slug in (old, instance.slug))
        address = urlsplit(blog.full_url or "/").path.rstrip("/")
        for path in blog.get_route_paths():
            if path.startswith(before):
                # An older redirect from the new address would lead away from it.
                here = Redirect.normalise_path(address + after + path.removeprefix(before))
                Redirect.objects.filter(automatically_created=True, old_path=here).delete()
                batch.add(
                    old_path=Redirect.normalise_path(address + path),
                    site=blog.get_site(),
                    redirect_page=blog,
                    redirect_page_route_path=after + path.removeprefix(before),
                    automatically_created=True,
                )
    batch.process()
