"""What a page says of itself to machines: its own part, and the site's."""

import json

from django.urls import reverse
from jinja2 import pass_context
from markupsafe import Markup

from blog.outgoing import structured_data as words
from home.models import HomePage, SiteSettings

# As Django's own `json_script`: inside a script element these could end it.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def publisher(request):
    """The site as the organisation behind what is published on it."""
    site = SiteSettings.for_request(request)
    return words.organization(
        site.name,
        request.build_absolute_uri("/"),
        logo=request.build_absolute_uri(site.logo_url) if site.logo_url else "",
        same_as=[link.url for link in site.links],
    )


def website(request):
    site = SiteSettings.for_request(request)
    return words.website(
        site.name,
        request.build_absolute_uri("/"),
        description=site.tagline,
        search_url=request.build_absolute_uri(reverse("search")),
    )


@pass_context
def structured_data(context, described):
    """
    What `described` says of itself to machines (JSON-LD), in a script that it cannot close.

    The site adds who publishes it, and on the front page what the site is.
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
