"""The Jinja2 environment of readers' pages: its globals and filters."""

from datetime import datetime
from functools import lru_cache

from django.template import defaultfilters
from django.template.defaulttags import querystring
from django.templatetags.static import static
from django.urls import reverse
from django.utils import formats, timezone, translation
from jinja2 import ChainableUndefined, Environment, pass_context
from markupsafe import Markup

from blog.archives.listing import by_day
from blog.body import footnotes
from blog.models.photo import SIZES
from home.models import SiteSettings
from home.structured_data import structured_data


def in_site_zone(moment):
    """Return a datetime in the site's time zone, also in the preview of an editor from another."""
    return timezone.localtime(moment, timezone.get_default_timezone())


def date(value, format=None):
    """Format a date, or a datetime in the site's time zone, as Django's `date` filter does."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = in_site_zone(value)
        # Equal datetimes can have different offsets, and are then written differently.
        return format_date(value, format, translation.get_language(), value.utcoffset())
    return format_date(value, format, translation.get_language())


@lru_cache(maxsize=10_000)
def format_date(value, format, language, offset=None):
    """Format a date in a language. Cached, as the same dates are on many pages."""
    return formats.date_format(value, format)


def iso(moment):
    """Return a datetime in ISO 8601, to the second, with the offset of the site's time zone."""
    return in_site_zone(moment).isoformat(timespec="seconds")


@pass_context
def site_settings(context):
    """Return the settings of the request's site, or None without a request."""
    request = context.get("request")
    return request and SiteSettings.for_request(request)


@pass_context
def routablepageurl(context, page, name, *args):
    """Return the URL of a route of a page, as Wagtail's template tag of this name does."""
    request = context.get("request")
    # Kept for the request, as a list links a hundred times to routes of its blog.
    urls = {} if request is None else vars(request).setdefault("_page_urls", {})
    if page.pk not in urls:
        urls[page.pk] = page.get_url(request)
    return urls[page.pk] + page.reverse_subpage(name, args=args)


def footnoted(caller):
    """Turn references to footnotes into links, between `call` and `endcall` in a template."""
    # The template has escaped its output; only links to numbers are added.
    return Markup(footnotes.link_references(caller()))  # noqa: S704


def environment(**options):
    """Return the environment with the globals and filters that readers' pages use."""
    # As in Django's templates, a missing variable is empty and no error.
    options["undefined"] = ChainableUndefined
    jinja = Environment(**options)  # noqa: S701  Django turns autoescape on
    jinja.install_gettext_callables(
        translation.gettext, translation.ngettext, pgettext=translation.pgettext
    )
    jinja.globals.update(
        # Jinja's own `_` builds a context at each call.
        _=translation.gettext,
        footnoted=footnoted,
        is_right_to_left=translation.get_language_bidi,
        language=translation.get_language,
        photo_sizes=SIZES,
        querystring=lambda query, **changes: querystring(None, query, **changes),
        routablepageurl=routablepageurl,
        site_settings=site_settings,
        static=static,
        structured_data=structured_data,
        url=lambda name, *args: reverse(name, args=args),
    )
    jinja.filters.update(
        by_day=by_day,
        date=date,
        filesizeformat=defaultfilters.filesizeformat,
        iso=iso,
        urlencode=defaultfilters.urlencode,
    )
    return jinja
