"""The structured data (JSON-LD) of a page: its own items, and those of the site."""

import json

from django.urls import reverse
from jinja2 import pass_context
from markupsafe import Markup

from blog.outgoing.structured_data import filled
from home.models import HomePage, SiteSettings

# Characters that could end a script element, escaped as Django's `json_script` does.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def publisher(request):
    """Return the site as the organisation that publishes its pages."""
    site = SiteSettings.for_request(request)
    url = request.build_absolute_uri("/")
    return filled(
        {
            "@type": "Organization",
            "@id": f"{url}#organization",
            "name": site.name,
            "url": url,
            "logo": request.build_absolute_uri(site.logo_url) if site.logo_url else "",
            "sameAs": [link.url for link in site.links],
        }
    )


def website(request):
    """Return the site as a website with a search."""
    site = SiteSettings.for_request(request)
    url = request.build_absolute_uri("/")
    search = request.build_absolute_uri(reverse("search")) + "?q={search_term_string}"
    return filled(
        {
            "@type": "WebSite",
            "@id": f"{url}#website",
            "name": site.name,
            "url": url,
            "description": site.tagline,
            "publisher": {"@id": f"{url}#organization"},
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": search},
                "query-input": "required name=search_term_string",
            },
        }
    )


@pass_context
def structured_data(context, described):
    """
    Return a script element with the structured data of a page or listing.

    Posts and blogs get a publisher; the front page also gets the items of the site.
    """
    request = context.get("request")
    if request is None:
        return ""
    get = getattr(described, "get_structured_data", None)
    graph = get(request) if get else []
    if isinstance(described, HomePage):
        graph = [website(request), publisher(request), *graph]
    for item in graph:
        if item["@type"] in {"Blog", "BlogPosting"}:
            item["publisher"] = publisher(request)
            if item["@type"] == "BlogPosting":
                item.setdefault("author", [item["publisher"]])
    if not graph:
        return ""
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return Markup(  # noqa: S704  escaped here
        f'<script type="application/ld+json">{text.translate(ESCAPES)}</script>'
    )
