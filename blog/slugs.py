"""Makes slugs of names, and checks that nothing else answers at their addresses."""

import itertools
import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.text import slugify
from django.utils.translation import gettext as _

# The length of most columns for slugs, that of pages among them.
LONGEST = 255
# A post with one of these slugs would never be seen, as the blog itself answers there.
RESERVED = re.compile(r"[12][0-9]{3}|archive|authors|feed|follow|series|tags")


def is_reserved(slug: str) -> bool:
    """Return whether a blog itself answers at the address that a post with this slug would have."""
    return bool(RESERVED.fullmatch(slug or ""))


def slug_from(name: str, fallback: str, length: int = LONGEST) -> str:
    """Return a slug of the letters and digits of a name, or of `fallback` if it has none."""
    slugs = (slugify(text, allow_unicode=True)[:length].strip("-_") for text in (name, fallback))
    return next(filter(None, slugs))


def first_free(wanted: str, is_free: Callable[[str], bool], length: int = LONGEST) -> str:
    """Return the first of `wanted`, `wanted-2`, `wanted-3` … for which `is_free` is true."""
    endings = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    candidates = (f"{wanted[: length - len(ending)]}{ending}" for ending in endings)
    return next(filter(is_free, candidates))


def check_free(slug: str) -> None:
    """Raise ValidationError if the site itself answers at `/slug/`, as it does at `/search/`."""
    try:
        is_free = resolve(f"/{slug}/").url_name == "wagtail_serve"
    except Resolver404:
        is_free = True
    # These folders are nginx's, which asks no page.
    if not is_free or f"/{slug}/" in {settings.STATIC_URL, settings.MEDIA_URL}:
        raise ValidationError(
            {"slug": _("The site itself answers at /%(slug)s/. Choose another.") % {"slug": slug}}
        )
