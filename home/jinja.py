"""What the templates of readers' pages know besides their context (Jinja2)."""

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


def date(value, format=None):
    """A date or moment of the site's clock in one of Django's formats, as its `date` filter."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.template_localtime(value)
        # Two moments that are written in two ways can be equal.
        return in_words(value, format, translation.get_language(), value.utcoffset())
    return in_words(value, format, translation.get_language())


@lru_cache(maxsize=10_000)
def in_words(value, format, language, offset=None):
    """A date or moment as it is written in a language: the same ones stand on many pages."""
    return formats.date_format(value, format)


def gettext(message):
    """A message in the reader's language; Django looks through several catalogues each time."""
    return in_language(message, translation.get_language())


@lru_cache(maxsize=10_000)
def in_language(message, language):
    return translation.gettext(message)


def iso(moment):
    """A moment as machines read it: with the second, and how far the site's clock is from UTC."""
    return timezone.template_localtime(moment).isoformat(timespec="seconds")


def time(value):
    """The hour of a moment, as Django's `time` filter."""
    return formats.time_format(timezone.template_localtime(value))


@pass_context
def site_settings(context):
    """The settings of the site that is asked; None on a page that is made without a request."""
    request = context.get("request")
    return request and SiteSettings.for_request(request)


@pass_context
def routablepageurl(context, page, name, *args):
    """The address of a route of a page, as Wagtail's tag of this name."""
    return page.get_url(context.get("request")) + page.reverse_subpage(name, args=args)


def footnoted(caller):
    """Make links of the references to notes in what stands between `call` and `endcall`."""
    # Only links to numbers are added to what the templates have escaped.
    return Markup(footnotes.link_references(caller()))  # noqa: S704


def environment(**options):
    """Jinja2 with the words of Django and Wagtail that readers' pages use."""
    # As in Django's own templates, what is not there is nothing, and no error before a reader.
    options["undefined"] = ChainableUndefined
    found = Environment(**options)  # noqa: S701  Django turns autoescape on
    found.install_gettext_callables(gettext, translation.ngettext, pgettext=translation.pgettext)
    found.globals.update(
        # Jinja's own makes a context anew at each call.
        _=gettext,
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
    found.filters.update(
        by_day=by_day,
        date=date,
        filesizeformat=defaultfilters.filesizeformat,
        iso=iso,
        time=time,
        urlencode=defaultfilters.urlencode,
    )
    return found
