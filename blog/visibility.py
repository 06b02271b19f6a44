"""What anyone may read: spelled here and nowhere else, for one page and for many."""

from django.core.cache import caches
from django.db.models import Q
from django.db.models.functions import Substr
from django.db.models.lookups import In
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction


def restricted_paths():
    """
    Return the tree paths of the pages that, with all below them, are not for everybody.

    These have a view restriction of their own, or are aliases of what is restricted.
    """
    return caches["until_change"].get_or_set("restricted paths", _read_restricted_paths)


def _read_restricted_paths():
    # In two steps: joined, SQLite goes through all pages to find the few.
    restricted = list(PageViewRestriction.objects.order_by().values_list("page_id", flat=True))
    if not restricted:
        return ()
    paths = set(Page.objects.filter(pk__in=restricted).values_list("path", flat=True))
    aliases = Page.objects.filter(alias_of__isnull=False).values_list("path", "alias_of__path")
    aliases = list(aliases.order_by())
    # An alias may have aliases itself.
    while more := {p for p, source in aliases if source.startswith(tuple(paths))} - paths:
        paths |= more
    return tuple(sorted(paths))


def is_restricted(page):
    """Return whether a page, or one above it, asks its readers for a password or an account."""
    return page.path.startswith(restricted_paths())


def restricted_q():
    """Return the condition that `is_restricted` is for one page."""
    by_length = {}
    for path in restricted_paths():
        by_length.setdefault(len(path), []).append(path)
    # One term for each depth: a term for each path would be too many for SQLite.
    found = Q(pk__in=[])
    for length, paths in by_length.items():
        found |= Q(In(Substr("path", 1, length), paths))
    return found


def is_expired(page, now=None):
    """Return whether a page is past its expiry, though nobody may have unpublished it yet."""
    return page.expire_at is not None and page.expire_at <= (now or timezone.now())


def is_public(page, now=None):
    """Return whether anyone may read the page now."""
    return page.live and not is_expired(page, now) and not is_restricted(page)


def hidden_q(now=None):
    """Return the condition of pages that not everybody may read now."""
    return Q(live=False) | restricted_q() | Q(expire_at__lte=now or timezone.now())


def public(pages, now=None):
    """Filter a queryset of pages, of any model, to those that anyone may read now."""
    unexpired = Q(expire_at__isnull=True) | Q(expire_at__gt=now or timezone.now())
    return pages.filter(unexpired, live=True).exclude(restricted_q())


def unlisted_q(now=None):
    """Return the condition of pages that no list shows: all but those that are `listed`."""
    return hidden_q(now) | Q(alias_of__isnull=False) | Q(slug="")


def listed(pages, now=None):
    """Filter a queryset of pages to those that lists show: an original stands for its aliases."""
    return public(pages, now).filter(alias_of__isnull=True).exclude(slug="")


class VisibilityMixin:
    """
    A page whose view restrictions cost no query where it has none, and hold for its aliases.

    Goes before `Page` among the bases.
    """

    def get_view_restrictions(self):
        if not is_restricted(self):
            return PageViewRestriction.objects.none()
        found = super().get_view_restrictions()
        # Wagtail asks the source of an alias, and not the pages above the source.
        for page in Page.objects.ancestor_of(self, inclusive=True).filter(alias_of__isnull=False):
            found |= page.alias_of.specific.get_view_restrictions()
        return found
