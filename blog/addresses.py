"""Addresses at the top of the site that are not for pages to take."""

from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _


def check_free(slug: str) -> None:
    """Raise ValidationError when the site itself answers at `/slug/`, as it does at `/search/`."""
    try:
        match = resolve(f"/{slug}/")
    except Resolver404:
        return
    if match.url_name != "wagtail_serve":
        raise ValidationError(
            {"slug": _("The site itself answers at /%(slug)s/. Choose another.") % {"slug": slug}}
        )
