"""A public address that changes leads to the new one; that of a draft leaves nothing behind."""

import copy

from django.dispatch import receiver
from wagtail.contrib.redirects.signal_handlers import create_redirects
from wagtail.models import PageLogEntry, Site
from wagtail.signals import page_published, page_slug_changed, post_page_move

PUBLISHED = ("wagtail.publish", "wagtail.publish.scheduled")


def sites_with(page):
    """Return the ids of the sites in which a page has an address."""
    return {
        root.site_id
        for root in Site.get_site_root_paths()
        if page.url_path.startswith(root.root_path)
    }


def redirect_from(old, page):
    """
    Create the redirects to a page, and to those below it, from where they were.

    `old` is the page as it was. Wagtail's own receivers, which `WAGTAILREDIRECTS_AUTO_CREATE`
    switches off, do this for drafts as well, of which each autosave may be another address.
    """
    if not old.live:
        # Nobody knows its address, but what is below it may be public. Without anything to create
        # Wagtail would delete the redirects of all pages.
        if not page.get_descendants().live().exists():
            return
        old = copy.copy(old)
        old.get_url_parts = lambda *args, **kwargs: None
    sites = Site.objects.filter(pk__in=sites_with(old) & sites_with(page))
    create_redirects(page=page, page_old=old, sites=sites.exclude(root_page=page))


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
    """A page that was renamed while it was taken down is found where it was last public."""
    if not instance.live:
        return
    # That of this publishing is yet to be written.
    entries = PageLogEntry.objects.filter(
        page=instance.pk, action__in=PUBLISHED, revision__isnull=False
    )
    last = entries.order_by("-timestamp", "-pk").values_list("revision__content__url_path").first()
    if last and last[0] and last[0] != instance.url_path:
        old = copy.copy(instance)
        old.url_path = last[0]
        redirect_from(old, instance)
