"""Pages as Markdown files that Hugo and Jekyll read."""

import re
from hashlib import sha256
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import yaml
from django.conf import settings
from django.template.loader import render_to_string
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from blog.body import portable
from blog.models import Photo, PostPage
from blog.visibility import is_expired, is_public
from home.transfer.records import text_of

# In bytes, of a name in a folder.
LONGEST = 200
RENDITION = re.compile(re.escape(settings.MEDIA_URL) + r"(images/[^\s)\"]+)")


def state_of(page: Page) -> str:
    """Return what readers see of a page, in one word."""
    if is_public(page):
        return "live"
    if page.expired or is_expired(page):
        return "expired"
    if page.live:
        return "private"
    return "scheduled" if page.scheduled_revision else "draft"


def front_matter(page: Page, state: str) -> dict[str, object]:
    """Return the facts of a page, by the names that Hugo has for them."""
    moments = {
        "date": getattr(page, "published_at", None) or page.first_published_at or page.go_live_at,
        "lastmod": getattr(page, "updated_at", None) or page.last_published_at,
        "publishDate": page.go_live_at,
        "expiryDate": page.expire_at,
    }
    facts: dict[str, object] = {
        "title": page.title,
        "slug": page.slug,
        "url": urlsplit(page.url or "").path,
        "draft": state != "live",
        "state": state,
        **{name: text_of(moment) for name, moment in moments.items() if moment},
        "description": page.search_description or getattr(page, "introduction", ""),
        "aliases": sorted(
            Redirect.objects.filter(redirect_page=page.pk, redirect_page_route_path="").values_list(
                "old_path", flat=True
            )
        ),
    }
    if isinstance(page, PostPage):
        facts["authors"] = [author.name for author in page.authors]
        facts["tags"] = [tag.name for tag in page.sorted_tags]
        facts["series"] = [page.series.title] if page.series else []
        facts["images"] = [settings.MEDIA_URL + page.cover.file.name] if page.cover else []
    return {name: value for name, value in facts.items() if value not in ("", [])}


def originals(text: str) -> str:
    """Return Markdown whose photos are the files that were uploaded, not sizes made of them."""
    names = set(RENDITION.findall(text))
    renditions = Photo.get_rendition_model().objects.filter(file__in=names).select_related("image")
    files = {rendition.file.name: rendition.image.file.name for rendition in renditions}
    return RENDITION.sub(lambda found: settings.MEDIA_URL + files.get(found[1], found[1]), text)


def markdown_of(page: Page) -> str:
    """Return a page as a Markdown file: as readers see it, or its draft if they do not."""
    state = state_of(page)
    if not page.live:
        page = page.get_latest_revision_as_object()
    facts = front_matter(page, state)
    lines = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=1000)
    text = ""
    if hasattr(page, "body"):
        html = render_to_string("blog/includes/feed_item.html", {"page": page})
        url = page.full_url or "/"
        text = originals(portable.markdown(html, url))
        # Links within the site hold wherever it goes.
        root = "{0.scheme}://{0.netloc}/".format(urlsplit(url))
        text = text.replace(f"]({root}", "](/")
    return f"---\n{lines}---\n\n{text}\n"


def folder_of(page: Page) -> str:
    """Return where the files of a page are, by its address; a name too long for disks is cut."""
    parts = []
    for part in filter(None, page.url_path.split("/")):
        data = part.encode()
        parts.append(part if len(data) <= LONGEST else f"{part[:50]}-{sha256(data).hexdigest()}")
    return str(PurePosixPath("pages", *parts))
