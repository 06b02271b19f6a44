"""
Which addresses a change of posts touches: compares what was seen of them with what is seen now.

Before the commit nothing is read but the posts that change (`seen`). The lists in which they stood
and stand, and the posts beside them, are worked out from the others, which did not change.
"""

import dataclasses
import datetime as dt
import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, ReferenceIndex, Site

from blog import fetching
from blog.feeds import PostFeed
from blog.models import Author, BlogIndexPage, PostPage, Series, Tag
from blog.models.post import RELATED
from blog.models.tag import TaggedPost
from blog.queries import period, restricted_paths
from blog.sitemap import NEWS, PostSitemap
from home.models import HomePage, MenuItem
from home.models.home_page import NEWEST as ON_FRONT_PAGE
from home.views import NEWEST as IN_LLMS

# Where the lists of a subject are, below a blog, and how posts are filtered by it.
SUBJECTS = {
    Tag: ("tags", "tagged_items__tag"),
    Author: ("authors", "bylines__author"),
    Series: ("series", "series"),
}
KINDS = ("", "rss/", "json/")
# What saving a draft writes to its page, where no reader sees it.
DRAFT_FIELDS = {
    *("draft_title", "has_unpublished_changes", "latest_revision", "latest_revision_created_at"),
    *("live_revision", "locked", "locked_at", "locked_by", "numchild", "owner"),
}
# What of a photo makes the file that is shown.
FILE = ("file", "focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height")
TOLD = ("title", "description", "credit")


def look(photo: Any, names: tuple[str, ...] = FILE) -> tuple:
    return tuple(str(getattr(photo, name)) for name in names) if photo else ()


@dataclass
class Seen:
    """What readers see of a post: by its name alone, in a list, in full, on its own page."""

    pk: int
    blog: BlogIndexPage
    url: str
    moment: dt.datetime
    is_public: bool
    name: tuple
    card: tuple
    text: tuple
    markdown: tuple
    page: tuple
    in_sitemap: tuple
    in_llms: tuple
    row: tuple
    tags: dict[int, tuple[str, str]]
    authors: list[tuple]
    series: tuple | None
    modified: dt.datetime | None = None
    day: dt.date | None = None

    def forced(self) -> "Seen":
        """As if what is shown of it in full were another."""
        once = (object(),)
        shown = {name: getattr(self, name) + once for name in ("text", "markdown", "page")}
        return dataclasses.replace(self, **shown)

    @property
    def key(self) -> tuple:
        return self.moment, self.pk


def seen(keys: Iterable[int], *, now: dt.datetime | None = None) -> dict[int, Seen]:
    """
    What is seen of the posts with these keys, as the database has them.

    What expired is seen until somebody takes it offline, but not `now`, if a moment is given.
    """
    posts = (
        PostPage.objects.filter(pk__in=list(keys))
        .defer("body")
        .annotate(source=Cast("body", TextField()))
        .select_related("series", "cover")
        .prefetch_related("bylines__author__portrait", "bylines__author__links")
        .prefetch_related("tagged_items__tag", "corrections")
    )
    hidden = tuple(restricted_paths())
    blogs: dict[str, Any] = {}
    found = {}
    for post in posts:
        place = post.path[: -post.steplen]
        if place not in blogs:
            blogs[place] = post.get_parent().specific
        post.blog = blogs[place]
        if post.full_url:
            expired = now and post.expire_at and post.expire_at <= now
            is_public = post.live and not expired and not post.path.startswith(hidden)
            found[post.pk] = describe(post, is_public)
    return found


def describe(post: Any, is_public: bool) -> Seen:
    url = post.full_url
    authors = [
        (author.pk, author.slug, author.name, author.biography, look(author.portrait))
        for author in post.authors
    ]
    links = [[(link.title, link.url) for link in author.links.all()] for author in post.authors]
    tags = {tag.pk: (tag.slug, tag.name) for tag in post.sorted_tags}
    series = post.series and (
        *(post.series.pk, post.series.slug, post.series.title),
        post.series.introduction,
    )
    names = [author[1:3] for author in authors]
    card = (url, post.title, post.summary, post.published_at, names, tags, look(post.cover))
    body = (
        *(post.source, post.introduction, look(post.cover, FILE + TOLD)),
        [(note.date, note.text) for note in post.corrections.all()],
    )
    facts = (
        url,
        post.title,
        post.published_at,
        names,
        sorted(name for _slug, name in tags.values()),
    )
    text = (facts, body, post.summary, post.modified_at, post.search_image_id, post.card)
    unseen = {PostPage._meta.get_field(name).attname for name in DRAFT_FIELDS} | {"body"}
    own = [f.attname for f in post._meta.concrete_fields if f.attname not in unseen]
    page = (card, text, authors, series, [getattr(post, name) for name in own], is_public)
    return Seen(
        pk=post.pk,
        blog=post.blog,
        url=url,
        moment=post.published_at or timezone.now(),
        is_public=is_public,
        name=(url, post.title),
        card=card,
        text=text,
        markdown=(*facts[:2], post.published_on, *facts[3:], body),
        # Whether it is found at all, is gone for good or asks for a password is its page, too.
        page=page if post.live else ("gone",) if post.gone else (),
        in_sitemap=(url, post.modified_at, look(post.cover)),
        in_llms=(url, post.title, post.summary, post.published_on),
        row=tuple(getattr(post, name) for name in fetching.NEIGHBOUR),
        tags=tags,
        authors=[(*author, link) for author, link in zip(authors, links, strict=True)],
        series=series,
        modified=post.modified_at,
        day=post.published_on,
    )


@dataclass(frozen=True)
class Listed:
    """
    A list in which a post stands; `which` says whose posts it has.

    `shows` is what a page shows of the post, `head` what all its pages show; `pages` is how many
    there are at most, if not as many as the posts fill.
    """

    address: str
    which: tuple
    per_page: int
    shows: Hashable = field(compare=False)
    head: Hashable = field(default=None, compare=False)
    pages: int | None = None
    parameter: str = "page"
    # Whether the head shows which posts there are.
    counts: bool = False

    def page(self, number: int) -> str:
        return self.address if number == 1 else f"{self.address}?{self.parameter}={number}"


def subjects(post: Seen) -> Iterator[tuple[str, tuple, Hashable]]:
    """Below a blog: the end of a list's address, whose posts it has, and what its head shows."""
    yield "", ("blog",), None
    for slug, name in post.tags.values():
        yield f"tags/{slug}/", ("tag", slug), name
    for key, slug, *shown in post.authors:
        yield f"authors/{slug}/", ("author", key), shown
    if post.series:
        key, slug, *shown = post.series
        yield f"series/{slug}/", ("series", key), shown


def lists(post: Seen, site: Site) -> Iterator[Listed]:
    """All lists and feeds in which the post stands."""
    root, length = post.blog.full_url, post.blog.posts_per_page
    for tail, which, head in subjects(post):
        yield Listed(root + tail, which, length, post.card, head)
        title = head[0] if isinstance(head, list) else head
        # The oldest part of a series is its first, but the newest post of its feed.
        newest = ("newest", *which[1:]) if which[0] == "series" else which
        for kind in KINDS:
            address = f"{root}{tail}feed/{kind}"
            yield Listed(address, newest, PostFeed.length, post.text, title, pages=1)
    if post.day:
        for date in dates(post.day):
            month = post.day.month if len(date) == 1 else None
            address = dated_address(post.blog, date)
            yield Listed(
                *(address, ("dated", *date), length, post.card, month), counts=len(date) == 1
            )
    top = site.root_page.specific
    if isinstance(top, HomePage) and top.blog == post.blog:
        yield Listed(top.full_url, ("blog",), ON_FRONT_PAGE, post.card, pages=1)
    everywhere = ("site", site.root_page.path)
    llms, posts = reverse("llms"), reverse("sitemap_section", args=["posts"])
    yield Listed(site.root_url + llms, everywhere, IN_LLMS, post.in_llms, pages=1)
    yield Listed(
        *(site.root_url + posts, everywhere, PostSitemap.limit, post.in_sitemap), parameter="p"
    )


def dates(day: dt.date) -> list[tuple[int, ...]]:
    return [(day.year, day.month, day.day)[:parts] for parts in (1, 2, 3)]


def dated_address(blog: BlogIndexPage, date: tuple[int, ...]) -> str:
    return blog.full_url + "".join(f"{part:02d}/" for part in date)


def posts_of(blog: BlogIndexPage, which: tuple) -> Any:
    kind, *value = which
    if kind == "site":
        return PostPage.objects.filter(path__startswith=value[0]).published()
    posts = blog.posts
    if kind == "tag":
        return posts.tagged(*value)
    if kind == "author":
        return posts.filter(bylines__author=value[0])
    if kind in ("series", "newest"):
        return posts.filter(series=value[0])
    return posts.dated(*value) if kind == "dated" else posts


def is_newer(moment: dt.datetime, key: int) -> Q:
    return Q(published_at__gt=moment) | Q(published_at=moment, pk__gt=key)


class Comparison:
    """
    The addresses at which posts were seen otherwise than they are now.

    `before` has what was seen of each post, or None where it was nowhere.
    """

    def __init__(self, before: dict[int, Seen | None]) -> None:
        self.now = timezone.now()
        self.before = {key: post for key, post in before.items() if post}
        self.after = seen(before, now=self.now)
        self.sites: dict[str, Site | None] = {}
        self.addresses: set[str] = set()
        # Whether something is shown that can be on every page.
        self.is_everywhere = False
        self.follow_references()
        self.keys = {*self.before, *self.after}

    def site(self, post: Seen) -> Site:
        place = post.blog.path
        if place not in self.sites:
            self.sites[place] = post.blog.get_site()
        return self.sites[place]

    def both(self, key: int) -> tuple[Seen | None, Seen | None]:
        return self.before.get(key), self.after.get(key)

    def public(self, key: int) -> tuple[Seen | None, Seen | None]:
        return tuple(post if post and post.is_public else None for post in self.both(key))

    def follow_references(self) -> None:
        """What shows or links to a post that has another name shows its new one."""
        moved, renamed = [], []
        for key in {*self.before, *self.after}:
            old, new = self.public(key)
            was, now = self.both(key)
            if (was and was.url) != (now and now.url):
                moved.append(key)
            if (old and (old.name, old.day)) != (new and (new.name, new.day)):
                renamed.append(key)
        changed = {*moved, *renamed}
        if not changed:
            return
        if MenuItem.objects.filter(page__in=changed).exists():
            self.is_everywhere = True
        self.addresses |= redirects_to(moved)
        referring = references(Page, changed)
        posts = seen(referring.pop(Page, ()), now=self.now)
        pages = Page.objects.filter(pk__in=referring.pop("other pages", ()))
        self.addresses |= {page.full_url for page in pages if page.full_url}
        if referring and moved:
            self.is_everywhere = True
        for key, post in posts.items():
            if key not in self.before and key not in self.after:
                self.before[key], self.after[key] = post.forced(), post

    def touched(self) -> set[str]:
        self.compare_pages()
        self.compare_lists()
        for key in self.keys:
            self.compare_beside(*self.public(key))
        self.compare_related()
        return self.addresses

    def compare_pages(self) -> None:
        """Pages of which a post has one, and those that count posts."""
        for key in self.keys:
            self.addresses |= differing(
                *({post.url: post.page} if post else {} for post in self.both(key))
            )
            self.addresses |= differing(
                *(self.shown_by(post) if post else {} for post in self.public(key))
            )

    def shown_by(self, post: Seen) -> dict[str, Hashable]:
        root, site = post.blog.full_url, self.site(post)
        shown: dict[str, Any] = {
            f"{post.url.rstrip('/')}.md": post.markdown,
            f"{root}archive/": post.day and post.day.replace(day=1),
            f"{root}tags/": post.tags or (),
            f"{root}authors/": [author[1:5] for author in post.authors] or (),
            f"{root}series/": post.series[:3] if post.series else (),
            site.root_url + reverse("sitemap"): (post.modified, post.url),
        }
        top = site.root_page.specific
        if isinstance(top, HomePage) and top.blog == post.blog:
            shown[top.full_url] = post.tags or ()
        if post.moment >= self.now - NEWS:
            news = reverse("sitemap_section", args=["news"])
            shown[site.root_url + news] = (post.name, post.moment)
        return shown

    def compare_lists(self) -> None:
        found: dict[tuple, dict[Listed, list]] = defaultdict(dict)
        for side in (0, 1):
            for key in self.keys:
                if post := self.public(key)[side]:
                    for listed in lists(post, self.site(post)):
                        place = (post.blog.pk, post.blog, listed.which)
                        entries = found[place].setdefault(listed, [{}, {}])
                        entries[side][key] = (post.key, listed.shows, listed.head)
        for (_pk, blog, which), each in found.items():
            differing = {
                listed: entries for listed, entries in each.items() if entries[0] != entries[1]
            }
            if differing:
                positions = self.positions(blog, which)
                for listed, (old, new) in differing.items():
                    self.compare_list(listed, old, new, positions)

    def positions(self, blog: BlogIndexPage, which: tuple) -> tuple[int, dict[tuple, int]]:
        """How many other posts there are, and how many of them come before the place of each."""
        places = sorted({post.key for key in self.keys for post in self.public(key) if post})
        others = posts_of(blog, which).exclude(pk__in=self.keys).order_by()
        counts = others.aggregate(
            total=Count("pk"),
            **{f"n{n}": Count("pk", filter=is_newer(*place)) for n, place in enumerate(places)},
        )
        total = counts["total"]
        ahead = {place: counts[f"n{n}"] for n, place in enumerate(places)}
        if which[0] == "series":
            ahead = {place: total - n for place, n in ahead.items()}
        return total, ahead

    def compare_list(self, listed: Listed, old: dict, new: dict, positions: tuple) -> None:
        total, ahead = positions
        places = []
        for entries in (old, new):
            order = sorted(entries, key=lambda key: entries[key][0], reverse=True)
            if listed.which[0] == "series":
                order.reverse()
            places.append({key: ahead[entries[key][0]] + n for n, key in enumerate(order)})
        was, now = places
        counts = total + len(old), total + len(new)
        pages = [max(1, math.ceil(count / listed.per_page)) for count in counts]
        last = max(*pages) if listed.pages is None else listed.pages
        touched: set[int] = set()
        for key in {*old, *new}:
            if key in was and key in now:
                ends = sorted((was[key], now[key]))
                if was[key] == now[key] and old[key][1] == new[key][1]:
                    continue
            else:
                ends = [was.get(key, now.get(key)), max(counts) - 1]
            first, final = (end // listed.per_page + 1 for end in ends)
            touched |= {*range(first, min(final, last) + 1)}
        heads = [{key: entry[2] for key, entry in side.items()} for side in (old, new)]
        if listed.counts:
            is_other = heads[0] != heads[1]
        else:
            is_other = any(heads[0][key] != heads[1][key] for key in heads[0].keys() & heads[1])
        if is_other or (listed.pages is None and pages[0] != pages[1]):
            touched |= {*range(1, last + 1)}
        self.addresses |= {listed.page(number) for number in touched}

    def compare_beside(self, old: Seen | None, new: Seen | None) -> None:
        """The posts, days, months and years next to a post, which lead to it, and its series."""
        ways = [post and (post.name, post.key, post.series) for post in (old, new)]
        if ways[0] == ways[1]:
            return
        sides = [dict(self.beside(post)) if post else {} for post in (old, new)]
        self.addresses |= {address for address, _what in differing(*sides)}

    def beside(self, post: Seen) -> Iterator[tuple[tuple[str, str], Hashable]]:
        """Pairs of an address and where on its page it shows the post, and what is shown."""
        blog = post.blog
        others = blog.posts.exclude(pk=post.pk)
        near = {"newer": others.older_than(*post.key), "older": others.newer_than(*post.key)}
        for what, found in near.items():
            for slug in found.values_list("slug", flat=True)[:1]:
                yield (f"{blog.full_url}{slug}/", what), post.name
        if post.series:
            parts = others.in_series(post.series[0]).values_list("slug", "published_at", "pk")
            found = list(parts)
            place = sum((date, key) < post.key for _slug, date, key in found)
            for slug, *_ in found:
                shown = (post.name, post.series, place, len(found))
                yield (f"{blog.full_url}{slug}/", "series"), shown
        if not post.day:
            return
        for date in dates(post.day):
            start, end = period(*date)
            if others.dated(*date).exists():
                continue
            # It is the only one: where it goes, the lists beside lead past it.
            near = {
                "later": others.filter(published_at__lt=start),
                "earlier": others.filter(published_at__gte=end).order_by("published_at", "pk"),
            }
            for what, found in near.items():
                for moment in found.values_list("published_at", flat=True)[:1]:
                    day = timezone.localdate(moment, timezone.get_default_timezone())
                    neighbour = dates(day)[len(date) - 1]
                    count = blog.posts.dated(*neighbour).order_by().count()
                    address = dated_address(blog, neighbour)
                    for page in pages_of(address, count, blog.posts_per_page):
                        yield (page, what), date

    def compare_related(self) -> None:
        """The posts that show other posts of the same subjects than they did."""
        blogs = {post.blog.pk: post.blog for key in self.keys for post in self.both(key) if post}
        for blog in blogs.values():
            self.compare_related_in(blog)

    def compare_related_in(self, blog: BlogIndexPage) -> None:
        def in_blog(posts):
            return {key: post for key, post in posts.items() if post.blog.pk == blog.pk}

        before, after = in_blog(self.before), in_blog(self.after)

        def shown(post):
            return post and (post.is_public and post.row, sorted(post.tags))

        if all(shown(before.get(key)) == shown(after.get(key)) for key in {*before, *after}):
            return
        shape = fetching.blog_shape(blog.path, blog.depth + 1)
        tags = {tag for side in (before, after) for post in side.values() for tag in post.tags}
        was, now = self.candidates(blog, tags, before, after)
        changed = {tag for tag in tags if was[tag] != now[tag]}
        if not changed:
            return
        of_posts = defaultdict(set)
        sharing = blog.posts.order_by().filter(tagged_items__tag__in=changed)
        pairs = TaggedPost.objects.filter(content_object__in=sharing.values("pk"))
        for key, tag in pairs.values_list("content_object", "tag"):
            of_posts[key].add(tag)
        # The others' candidates are the same as before.
        for tag in {tag for found in of_posts.values() for tag in found} - tags:
            rows = fetching.tagged_rows(self.now, tag, shape=shape)
            was[tag] = now[tag] = {row[1:][fetching.KEY]: row[1:] for row in rows}
        posts = defaultdict(list)
        for key, found in of_posts.items():
            posts[tuple(sorted(found))].append(key)
        touched = []
        for found, keys in posts.items():
            # One more than is shown, as each post leaves itself out.
            ends = [
                [entry[3] for entry in fetching.most_related(side, found, self.now, RELATED + 1)]
                for side in (was, now)
            ]
            if ends[0] == ends[1]:
                continue
            for key in keys:
                old, new = (
                    [row for row in end if row[fetching.KEY] != key][:RELATED] for end in ends
                )
                if old != new:
                    touched.append(key)
        root = blog.full_url
        slugs = dict(blog.posts.order_by().values_list("pk", "slug")) if touched else {}
        self.addresses |= {f"{root}{slugs[key]}/" for key in touched}

    def candidates(self, blog, tags, before, after) -> list[dict[int, dict[int, tuple]]]:
        """Of each tag, the rows of the posts that could be related, by their keys: then and now."""
        newest, wanted = {}, set()
        for tag in tags:
            keys = TaggedPost.objects.filter(tag=tag).order_by("-content_object")
            keys = keys.exclude(content_object__in=self.keys)
            newest[tag] = list(keys.values_list("content_object", flat=True)[: fetching.CANDIDATES])
            wanted.update(newest[tag])
        rows = blog.posts.filter(pk__in=wanted).order_by().values_list(*fetching.NEIGHBOUR)
        others = {row[fetching.KEY]: tuple(row) for row in rows}
        sides = []
        for side in (before, after):
            known = {}
            for tag in tags:
                own = {key: post for key, post in side.items() if tag in post.tags}
                near = sorted([*newest[tag], *own], reverse=True)[: fetching.CANDIDATES]
                shown = {key: own[key].row for key in near if key in own and own[key].is_public}
                known[tag] = {key: others[key] for key in near if key in others} | shown
            sides.append(known)
        return sides


def touched(before: dict[int, Seen | None]) -> tuple[set[str], bool]:
    """The addresses that a change of posts touched, and whether it can be seen on every page."""
    comparison = Comparison(before)
    return comparison.touched(), comparison.is_everywhere


def differing(old: dict, new: dict) -> set:
    """The keys under which one has what the other has not."""
    return {key for key in {*old, *new} if old.get(key, ()) != new.get(key, ())}


def references(model: Any, keys: Iterable[int]) -> dict[Any, set]:
    """
    What shows or links to the objects with these keys: keys by models.

    Posts are under `Page`, pages that are no posts under "other pages".
    """
    found: dict[Any, set] = defaultdict(set)
    rows = ReferenceIndex.objects.filter(
        to_content_type=ContentType.objects.get_for_model(model),
        to_object_id__in=[str(key) for key in keys],
    )
    post = ContentType.objects.get_for_model(PostPage).pk
    for base, own, key in rows.values_list("base_content_type", "content_type", "object_id"):
        referring = ContentType.objects.get_for_id(base).model_class()
        is_other = referring is Page and own != post
        found["other pages" if is_other else referring].add(key)
    # What the site says of itself in an item of its menu was looked at already.
    found.pop(MenuItem, None)
    found.pop(Redirect, None)
    return found


def redirects_to(keys: Iterable[int]) -> set[str]:
    """The addresses that lead to these pages."""
    found = set()
    for redirect in Redirect.objects.filter(redirect_page__in=keys).select_related("site"):
        found |= addresses_of(redirect)
    return found


def new_redirects() -> set[str]:
    """The addresses that lead elsewhere since a moment ago."""
    found = set()
    since = timezone.now() - dt.timedelta(minutes=1)
    for redirect in Redirect.objects.filter(created_at__gte=since).select_related("site"):
        found |= addresses_of(redirect)
    return found


def addresses_of(redirect: Redirect) -> set[str]:
    sites = Site.objects.all() if redirect.site is None else [redirect.site]
    paths = [site.root_url + redirect.old_path for site in sites]
    return {f"{path}{end}" for path in paths for end in ("", "/")}


def pages_of(address: str, count: int, per_page: int) -> Iterator[str]:
    """The address of a list of so many posts, and of its further pages."""
    yield address
    for number in range(2, math.ceil(count / per_page) + 1):
        yield f"{address}?page={number}"


def addresses_of_subject(subject: Any) -> set[str]:
    """Where a tag, an author or a series has its lists and feeds."""
    found = set()
    below, relation = SUBJECTS[type(subject)]
    for blog in BlogIndexPage.objects.live():
        if blog.full_url:
            address = f"{blog.full_url}{below}/{subject.slug}/"
            count = blog.posts.filter(**{relation: subject.pk}).order_by().count()
            found.update(pages_of(address, count, blog.posts_per_page))
            found.update(f"{address}feed/{kind}" for kind in KINDS)
    return found


def everything(*, only_html: bool = False) -> set[str]:
    """Every address of the site, but for what is not found; `only_html` leaves out the feeds."""
    found: set[str] = set()
    pages = Page.objects.live().exclude(depth=1).exclude(pk__in=PostPage.objects.values("pk"))
    found.update(page.full_url for page in pages if page.full_url)
    for site in Site.objects.all():
        found |= {site.root_url + reverse(name) for name in ("sitemap", "llms")}
        found |= {
            site.root_url + reverse("sitemap_section", args=[section])
            for section in ("posts", "pages", "news")
        }
        posts = posts_of(None, ("site", site.root_page.path)).order_by().count()
        chunks = range(2, math.ceil(posts / PostSitemap.limit) + 1)
        address = site.root_url + reverse("sitemap_section", args=["posts"])
        found |= {f"{address}?p={number}" for number in chunks}
    for redirect in Redirect.objects.select_related("site"):
        found |= addresses_of(redirect)
    for blog in BlogIndexPage.objects.live():
        if blog.full_url:
            found.update(everything_of(blog, only_html))
    return found


def everything_of(blog: BlogIndexPage, only_html: bool) -> Iterator[str]:
    root, posts, length = blog.full_url, blog.posts, blog.posts_per_page
    yield from (f"{root}{tail}/" for tail in ("archive", "tags", "authors", "series"))
    rows = list(posts.values_list("slug", "published_at"))
    subjects: dict[str, int] = {"": len(rows)}
    zone = timezone.get_default_timezone()
    days = [timezone.localdate(moment, zone) for _slug, moment in rows if moment]
    for parts in (0, 1, 2):
        for date, each in groupby(dates(day)[parts] for day in days):
            count = len(list(each))
            yield from pages_of(dated_address(blog, date), count, length)
    others = PostPage.objects.child_of(blog).live().values_list("slug", flat=True)
    for slug in {*others, *map(itemgetter(0), rows)}:
        yield f"{root}{slug}/"
        if not only_html:
            yield f"{root}{slug}.md"
    for model, (below, relation) in SUBJECTS.items():
        known = dict(posts.order_by().values_list(f"{relation}__slug").annotate(Count("pk")))
        for slug in model.objects.values_list("slug", flat=True):
            subjects[f"{below}/{slug}/"] = known.get(slug, 0)
    for tail, count in subjects.items():
        yield from pages_of(root + tail, count, length)
        if not only_html:
            yield from (f"{root}{tail}feed/{kind}" for kind in KINDS)
