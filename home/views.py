import json
import logging
import sys
from pathlib import Path

from csp.constants import HEADER
from django.conf import settings
from django.contrib.sitemaps import views as sitemap_views
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page, require_POST, require_safe
from django.views.static import serve
from wagtail.contrib.sitemaps.views import prepare_sitemaps
from wagtail.models import Site

from blog.archives.listing import LongPaginator
from blog.models import BlogIndexPage, PostPage
from blog.outgoing.sitemap import NewsSitemap, PageSitemap, PostSitemap
from blog.visibility import listed
from home import unavailable
from home.colour import LIGHT_PAPERS
from home.models import SiteSettings
from search.guesses import guesses
from search.views import section_of

logger = logging.getLogger(__name__)

SITEMAPS = {"posts": PostSitemap, "pages": PageSitemap}
# How many posts llms.txt names.
NEWEST = 50
# What is logged of a report about the Content-Security-Policy, and how much is read, in bytes.
REPORTED = ("document-uri", "effective-directive", "blocked-uri", "source-file", "line-number")
REPORT_SIZE = 16 * 1024


def robots(request):
    """Tell crawlers which paths to leave out, and where the sitemap is."""
    context = {
        "search_engines": settings.SEARCH_ENGINES,
        "sitemap_url": request.build_absolute_uri(reverse("sitemap")),
    }
    return render(request, "robots.txt", context, content_type="text/plain; charset=utf-8")


@conditional_page
def sitemap_index(request):
    """List the chunks of the sitemap, and the news sitemap."""
    sitemaps = prepare_sitemaps(request, {**SITEMAPS, "news": NewsSitemap})
    return sitemap_views.index(request, sitemaps, sitemap_url_name="sitemap_section")


@conditional_page
def sitemap(request, section):
    """Return one section of the sitemap; `?p=2` is its second chunk."""
    sitemaps = {"news": NewsSitemap} if section == "news" else SITEMAPS
    template = "news_sitemap.xml" if section == "news" else "sitemap.xml"
    return sitemap_views.sitemap(
        request, prepare_sitemaps(request, sitemaps), section=section, template_name=template
    )


def icon(request, name):
    """Redirect to an icon among the static files."""
    return redirect(static(name))


def manifest(request):
    """Describe the site as one that can be put on a telephone's screen."""
    name = SiteSettings.for_request(request).name
    icons = [
        {"src": static("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": static("icon-180.png"), "sizes": "180x180", "type": "image/png"},
        {"src": static("icon-512.png"), "sizes": "512x512", "type": "image/png"},
    ]
    colours = {"background_color": LIGHT_PAPERS[0], "theme_color": LIGHT_PAPERS[0]}
    described = {"name": name, "start_url": "/", "display": "browser", "icons": icons, **colours}
    return JsonResponse(described, content_type="application/manifest+json")


def speculation_rules(request):
    """Tell browsers which pages they may fetch when a reader is about to follow a link."""
    folders = (reverse("search"), reverse("wagtailadmin_home"), "/documents/")
    folders += (settings.MEDIA_URL, settings.STATIC_URL)
    others = [*(f"{folder}*" for folder in folders), "/*\\?(.+)"]
    where = {"and": [{"href_matches": "/*"}, {"not": {"href_matches": others}}]}
    rules = {"prefetch": [{"where": where, "eagerness": "moderate"}]}
    return JsonResponse(rules, content_type="application/speculationrules+json")


@cache_control(public=True, max_age=31_536_000, immutable=True)
def accent(request, on_light, on_dark):
    """Return the accent colours as a style sheet. They are in its URL, so it can be cached."""
    if (on_light, on_dark) != SiteSettings.for_request(request).accents:
        raise Http404
    css = f":root {{ --accent-on-light: #{on_light}; --accent-on-dark: #{on_dark}; }}\n"
    return HttpResponse(css, content_type="text/css; charset=utf-8")


def llms(request):
    """Describe the site to language models in Markdown (https://llmstxt.org/)."""
    root = Site.find_for_request(request).root_page
    posts = PostPage.objects.descendant_of(root).published().defer("body")
    newest = LongPaginator(posts, NEWEST, key=f"posts below {root.pk}").page(1).object_list
    entries = []
    for post in newest:
        summary = " ".join(post.summary.split())
        entries.append(
            {
                "title": post.title.replace("[", "(").replace("]", ")"),
                "markdown_address": request.build_absolute_uri(post.markdown_url),
                "facts": f"{post.published_on:%Y-%m-%d}. {summary}",
            }
        )
    links = []
    for blog in listed(BlogIndexPage.objects.descendant_of(root)):
        url = blog.get_full_url(request)
        links += [(blog.title, url)]
        links += [
            (f"{blog.title}: {name}", url + blog.reverse_subpage(name))
            for name in ("archive", "tags", "authors", "follow", "feed")
        ]
    links.append(("Sitemap", request.build_absolute_uri(reverse("sitemap"))))
    context = {"posts": entries, "links": links}
    return render(request, "llms.txt", context, content_type="text/plain; charset=utf-8")


@require_safe
def picture(request, folder, path):
    """Serve a file from one of the folders of pictures, which are public."""
    # Django's view normalises the path, after the route was chosen by the original one.
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts) or set(path) & {"\\", "\0"}:
        raise Http404
    try:
        response = serve(request, path, document_root=Path(settings.MEDIA_ROOT) / folder)
    except OSError as error:
        # The name may be too long for the file system, or the file may not be readable.
        raise Http404 from error
    response[HEADER] = settings.FILE_POLICY
    return response


def indexnow_key(request, key):
    """Return the key with which search engines verify that a notice is from this site."""
    if not settings.INDEXNOW_KEY or key != settings.INDEXNOW_KEY:
        raise Http404
    return HttpResponse(key, content_type="text/plain")


def page_not_found(request, exception):
    """Answer 404 with what the words of the address find, and with the newest posts."""
    context = {}
    if request.method in {"GET", "HEAD"} and request.accepts("text/html"):
        likely, newest = guesses(request.path, section_of(request))
        for result in likely:
            result.url = result.page.get_url(request)
        context = {"likely": likely, "newest": newest}
    return render(request, "404.html", context, status=404)


@csrf_exempt
@require_POST
def csp_report(request):
    """Log what a browser refused because of the Content-Security-Policy."""
    try:
        report = json.loads(request.body[:REPORT_SIZE])["csp-report"]
        facts = {name: str(report.get(name, ""))[:200] for name in REPORTED}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return HttpResponseBadRequest("This is no report of a Content-Security-Policy.")
    logger.warning("A browser refused to load something: %s", json.dumps(facts))
    return HttpResponse(status=204)


def server_error(request):
    """Answer 503 if a service is away or the disk is full, and otherwise Django's 500."""
    reason = unavailable.reason(sys.exc_info()[1])
    if reason is None:
        return defaults.server_error(request)
    if request.method in {"GET", "HEAD"}:
        then = _("Please try again in a minute.")
    else:
        then = _(
            "Nothing was saved. Go back to what you wrote, keep it open, tell whoever runs the"
            " site, and save it again later."
        )
    sentence = f"{reason} {then}"
    if request.accepts("text/html"):
        try:
            html = loader.render_to_string("500.html", {"sentence": sentence})
        except Exception:
            # The template's style sheets are files, which may also be unreadable.
            html = f"<!doctype html><title>503</title><p>{sentence}</p>"
        response = HttpResponse(html)
    else:
        response = JsonResponse(
            {"success": False, "error_code": "unavailable", "error_message": sentence}
        )
    response.status_code = 503
    response["Retry-After"] = "30"
    return response
