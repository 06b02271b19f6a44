"""The rules for who may read a page, for single pages and for querysets."""

from django.core.cache import caches
from django.db.models import Q
from django.db.models.functions import Substr
from django.db.models.lookups import In
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

# The fields that `is_public` reads.
VISIBILITY_FIELDS = ("live", "expire_at", "path")


def restricted_paths():
    """
    Return the tree paths of the pages that are restricted together with all pages below them.

    These have a view restriction of their own, or are aliases of restricted pages.
    """
    return caches["until_change"].get_or_set("restricted paths", _read_restricted_paths)


def _read_restricted_paths():
    # In two steps, as SQLite would scan all pages for a join.
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
    """Return whether a page, or one above it, has a view restriction."""
    return page.path.startswith(restricted_paths())


def restricted_q(inside=None):
    """
    Return the condition of pages for which `is_restricted` is true.

    For a reader who may read the page `inside`, what restricts that page does not count.
    """
    by_length = {}
    for path in restricted_paths():
        if inside is None or not inside.path.startswith(path):
            by_length.setdefault(len(path), []).append(path)
    # One term for each depth, as SQLite does not allow one for each path.
    found = Q(pk__in=[])
    for length, paths in by_length.items():
        found |= Q(In(Substr("path", 1, length), paths))
    return found


def is_expired(page, now=None):
    """Return whether a page is past its expiry, even if it was not unpublished yet."""
    return page.expire_at is not None and page.expire_at <= (now or timezone.now())


def is_public(page, now=None):
    """Return whether anyone may read the page now."""
    return page.live and not is_expired(page, now) and not is_restricted(page)


def hidden_q(now=None, inside=None):
    """Return the condition of pages that not everybody may read now, see `restricted_q`."""
    return Q(live=False) | restricted_q(inside) | Q(expire_at__lte=now or timezone.now())


def public(pages, now=None, inside=None):
    """Filter pages, of any model, to those that anyone may read now, see `restricted_q`."""
    unexpired = Q(expire_at__isnull=True) | Q(expire_at__gt=now or timezone.now())
    return pages.filter(unexpired, live=True).exclude(restricted_q(inside))


def unlisted_q(now=None, inside=None):
    """Return the condition of pages that no list shows: all but those that are `listed`."""
    return hidden_q(now, inside) | Q(alias_of__isnull=False) | Q(slug="")


def listed(pages, now=None, inside=None):
    """
    Filter a queryset of pages to those that lists show: public ones that are no aliases.

    The lists of a private page, which only those see who may read it, are `inside` that page.
    """
    return public(pages, now, inside).filter(alias_of__isnull=True).exclude(slug="")


class VisibilityMixin:
    """
    A page whose view restrictions also hold for its aliases, and for which none cost no query.

    Goes before `Page` among the bases.
    """

    def get_view_restrictions(self):
        if not is_restricted(self):
            return PageViewRestriction.objects.none()
        found = super().get_view_restrictions()
        # Wagtail looks at the source of an alias, but not at the pages above the source.
        for page in Page.objects.ancestor_of(self, inclusive=True).filter(alias_of__isnull=False):
            found |= page.alias_of.specific.get_view_restrictions()
        return found
