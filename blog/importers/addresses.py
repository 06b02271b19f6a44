"""The old addresses of what was imported: they lead on, and links to them become links to pages."""

import html
import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site

LONGEST = Redirect._meta.get_field("old_path").max_length
# The parameters by which WordPress names a page at the address of the home page.
NUMBERS = ("p", "page_id", "attachment_id")
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
    path = re.sub(r"^/index\.php(?=/|$)", "", path)
    numbers = [(name, value) for name, value in parse_qsl(parts.query) if name in NUMBERS]
    if numbers and path.count("/") <= 1 and "." not in path:
        return f"{path}/?{numbers[0][0]}={numbers[0][1]}"
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


def redirect(addresses: Iterable[str], page, site: Site | None = None) -> int:
    """Let old addresses lead to a page, unless something else is there; return how many."""
    site = site or page.get_site()
    own = urlsplit(page.url or "").path.rstrip("/")
    keys = dict.fromkeys(map(key_of, addresses))
    rows = [
        Redirect(old_path=Redirect.normalise_path(key), site=site, redirect_page=page)
        for key in keys
        if key and key != own and len(key) <= LONGEST
    ]
    Redirect.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


# Lists and feeds of other platforms: one resolver, and no row for each.

SUBJECT = r"(?P<slug>[^/]+)"
FEED = r"(?:/(?P<feed>feed|rss|atom|rss2)(?:/[a-z0-9]+)?|/(?:index|feed|rss|atom)\.(?P<xml>xml))?"
PAGE = r"(?:/page/?(?P<page>\d+))?"
DAY = r"(?P<year>[12]\d{3})(?:[/_-](?P<month>\d{1,2})(?:[/_-](?P<day>\d{1,2}))?)?"
LISTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"/(?:tags?|label|topics?|tagged|categor(?:y|ies)(?:/[^/]+)*?)/{SUBJECT}{PAGE}{FEED}",
        rf"/search/label/{SUBJECT}",
        r"/feeds/posts/(?:default|summary)/-/(?P<labelled>[^/]+)",
        rf"/authors?/(?P<author>[^/]+){PAGE}{FEED}",
        rf"/(?:blog/|archives?/)?{DAY}{PAGE}(?:_archive\.html|/index\.html)?",
        r"/(?:blog/|posts/)?page/?(?P<number>\d+)(?:/index\.html)?",
        r"/(?P<feeds>feed|rss|atom|comments/feed|feeds/posts/(?:default|summary))(?:/[a-z0-9]+)?"
        r"|/(?P<feed_file>(?:index|feed|rss|rss2|atom|feeds?/all\.(?:atom|rss))\.?(?:xml|rdf|json)?)",
        r"/(?P<all>archives?|blog|posts|articles|tags?|categories|index\.html)",
    )
)


def list_path(path: str, query: str, blog) -> str:
    """
    Return the path of the list of a blog that another platform had at an address.

    Return an empty string if it is not such an address, or the list is not there.
    """
    values = dict(parse_qsl(query))
    path = re.sub(r"^/index\.php(?=/|$)", "", unquote(path).rstrip("/"))
    if not path:
        return _of_query(values, blog)
    # Also below a folder in which the old site was.
    below = re.sub(r"^/[^/]+(?=/)", "", path)
    for wanted in dict.fromkeys((path, below)):
        for pattern in LISTS:
            if (found := pattern.fullmatch(wanted)) and (
                to := _path(found.groupdict(), values, blog)
            ):
                return to
    return ""


def _of_query(values: dict[str, str], blog) -> str:
    """Return the path for an address of WordPress without permalinks."""
    if re.fullmatch(r"[12]\d{3}(?:\d\d){0,2}", values.get("m", "")):
        text = values["m"]
        date = {"year": text[:4], "month": text[4:6] or None, "day": text[6:] or None}
        return _path(date, {}, blog)
    if values.get("feed"):
        return blog.reverse_subpage("feed")
    if values.get("tag"):
        return _path({"slug": values["tag"]}, {}, blog)
    if re.fullmatch(r"\d{1,5}", values.get("paged", "")):
        return f"?page={values['paged']}"
    return ""


def _path(found: dict[str, str | None], values: dict[str, str], blog) -> str:
    """Return the path below a blog of the list that a pattern has found, if it is there."""
    page = found.get("page") or found.get("number")
    suffix = f"?page={page}" if page and page != "1" else ""
    for name, route, models in (
        ("slug", "tag", blog.subjects),
        ("labelled", "tag_feed", blog.subjects),
        ("author", "author", blog.all_authors),
    ):
        if wanted := found.get(name):
            slugs = {one.slug: one for one in models}
            named = {str(one).lower().replace(" ", "-"): one for one in models}
            wanted = unquote(wanted).replace("+", " ").lower().replace(" ", "-")
            subject = slugs.get(wanted) or named.get(wanted)
            if subject is None:
                return ""
            is_feed = found.get("feed") or found.get("xml")
            route = f"{route}_feed" if is_feed else route
            return blog.reverse_subpage(route, [subject.slug]) + suffix
    if found.get("year"):
        date = [int(found[part] or 0) for part in ("year", "month", "day") if found.get(part)]
        months = [m.date for year in blog.years for m in year.months if m.count]
        if any(date[:2] in ([month.year], [month.year, month.month]) for month in months):
            route = ("year", "month", "day")[len(date) - 1]
            try:
                return blog.reverse_subpage(route, date) + suffix
            except ValueError:
                return ""
    if found.get("feeds") or found.get("feed_file"):
        return blog.reverse_subpage("feed")
    if found.get("number") or found.get("all"):
        return suffix or blog.reverse_subpage("index") or "./"
    return ""
