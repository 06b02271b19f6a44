"""The old addresses of what was imported: they lead on, and links to them become links to pages."""

import datetime as dt
import html
import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site

LONGEST = Redirect._meta.get_field("old_path").max_length
# The parameters by which WordPress names a page at the address of the home page.
NUMBERS = ("p", "page_id", "attachment_id")
INDEX = re.compile(r"/index\.php(?=/|$)")
LINK = re.compile(r'<a href="([^"]*)">')


def key_of(address: str) -> str:
    """
    Return an old address without its host, in one of its spellings: `/2014/05/tea` or `/?p=42`.

    Return an empty string for the address of a whole site, or of none.
    """
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    path = unquote(parts.path).rstrip("/")
    path = INDEX.sub("", path, count=1)
    numbers = [(name, value) for name, value in parse_qsl(parts.query) if name in NUMBERS]
    if numbers and path.count("/") <= 1 and "." not in path:
        return f"/?{numbers[0][0]}={numbers[0][1]}"
    return path if path.startswith("/") or not path else f"/{path}"


def host_of(address: str) -> str:
    try:
        return urlsplit(address.strip()).netloc.lower().removeprefix("www.")
    except ValueError:
        return ""


def link_pages(text: str, find_page: Callable[[str], int | None]) -> str:
    """Return rich text in which links to old addresses are links to pages."""

    def link(found: re.Match[str]) -> str:
        page = find_page(html.unescape(found[1]))
        return f'<a linktype="page" id="{page}">' if page else found[0]

    return LINK.sub(link, text)


def redirect(addresses: Iterable[str], page, site: Site) -> None:
    """Let old addresses lead to a page, unless something else is there."""
    own = urlsplit(page.url or "").path.rstrip("/")
    keys = dict.fromkeys(map(key_of, addresses))
    rows = [
        Redirect(old_path=Redirect.normalise_path(key), site=site, redirect_page=page)
        for key in keys
        if key and key != own and len(key) <= LONGEST
    ]
    Redirect.objects.bulk_create(rows, ignore_conflicts=True)


# Lists and feeds of other platforms: one resolver, and no row for each. Their pages were of another
# length, so that each leads to the first.

FEED = r"(?:/(?P<feed>feed|rss|atom|rss2)(?:/[a-z0-9]+)?|/(?:index|feed|rss|atom)\.(?P<xml>xml))?"
PAGE = r"(?:/page/?\d+)?(?:/index\.html)?"
DAY = r"(?P<year>[12]\d{3})(?:[/_-](?P<month>\d{1,2})(?:[/_-](?P<day>\d{1,2}))?)?"
LISTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"/(?:tags?|label|topics?|tagged|categor(?:y|ies)(?:/[^/]+)*?)/(?P<tag>[^/]+?){PAGE}{FEED}",
        r"/search/label/(?P<tag>[^/]+)",
        r"/(?P<feed>feeds)/posts/(?:default|summary)/-/(?P<tag>[^/]+)",
        rf"/authors?/(?P<author>[^/]+?){PAGE}{FEED}",
        rf"/(?:archives?/)?{DAY}(?:_archive\.html)?{PAGE}",
        r"/(?P<feed>feed|rss|atom|comments/feed|feeds/posts/(?:default|summary))(?:/[a-z0-9]+)?",
        r"/(?P<feed>(?:index|feed|rss|rss2|atom|feeds?/all\.(?:atom|rss))\.?(?:xml|rdf|json)?)",
        rf"/(?P<all>archives?|blog|posts|articles|tags?|categories|index\.html|page/\d+){PAGE}",
    )
)
# The parameters by which WordPress names such a list at the address of the home page.
LIST_PARAMETERS = ("m", "feed", "tag", "author_name", "paged")


def list_path(path: str, query: str, blog) -> str | None:
    """
    Return the path below a blog of the list that another platform had at an address.

    Return None if it is not such an address, or the list is not there.
    """
    path = INDEX.sub("", unquote(path).rstrip("/"), count=1)
    if not path:
        return _of_query(dict(parse_qsl(query)), blog)
    # Also below a folder in which the old site was.
    for wanted in dict.fromkeys((path, re.sub(r"^/[^/]+(?=/)", "", path))):
        for pattern in LISTS:
            if found := pattern.fullmatch(wanted):
                return _path({k: v for k, v in found.groupdict().items() if v}, blog)
    return None


def _of_query(values: dict[str, str], blog) -> str | None:
    """Return the path for an address of WordPress without permalinks."""
    if date := re.fullmatch(r"(\d{4})(\d\d)?(\d\d)?", values.get("m", "")):
        parts = zip(("year", "month", "day"), date.groups(), strict=True)
        return _path({name: part for name, part in parts if part}, blog)
    if values.get("paged"):
        return ""
    return _path(
        {
            name: values[parameter]
            for name, parameter in (("feed", "feed"), ("tag", "tag"), ("author", "author_name"))
            if values.get(parameter)
        },
        blog,
    )


def _path(found: dict[str, str], blog) -> str | None:
    """Return the path below a blog of the list that a pattern has found, if it is there."""
    is_feed = "feed" in found or "xml" in found
    for name, subjects in (("tag", "subjects"), ("author", "all_authors")):
        if name in found:
            wanted = found[name].replace("+", " ").lower().replace(" ", "-")
            for one in getattr(blog, subjects):
                if wanted in {one.slug, str(one).lower().replace(" ", "-")}:
                    return blog.reverse_subpage(f"{name}_feed" if is_feed else name, [one.slug])
            return None
    if "year" in found:
        date = [int(found[part]) for part in ("year", "month", "day") if part in found]
        try:
            dt.date(*(*date, 1, 1)[:3])
        except ValueError:
            return None
        while date:
            if blog.posts.dated(*date).exists():
                return blog.reverse_subpage(("year", "month", "day")[len(date) - 1], date)
            # A list of a week is that of its month.
            date.pop() if len(date) == 3 else date.clear()
        return None
    if is_feed:
        return blog.reverse_subpage("feed")
    return "" if "all" in found else None
