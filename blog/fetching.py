"""What readers' pages read of posts: few queries, written once, and no column that is not shown."""

import heapq
import itertools
from collections import Counter, defaultdict
from operator import attrgetter

from django.db.models import Q, Subquery, TextField
from django.db.models.base import ModelState
from django.db.models.functions import Cast
from django.utils import timezone

from blog import rendering
from blog.models.author import Author
from blog.models.post import RELATED, PostPage
from blog.models.rendered_body import RenderedBody
from blog.models.series import Series
from blog.models.tag import Tag, TaggedPost
from blog.prepared import Prepared, columns, padded
from blog.queries import restricted_paths
from blog.remembered import remembered

# Of each tag, the posts that were added last may be related: some tags have half of all posts.
CANDIDATES = 50

POST = columns(PostPage, without=["body"])
CARD = columns(
    PostPage,
    *("title", "url_path", "path", "depth", "live", "page_ptr_id", "published_at", "introduction"),
    *("excerpt", "series_id", "cover_id", "content_type_id"),
)
NEIGHBOUR = columns(PostPage, "title", "url_path", "page_ptr_id", "published_at", "series_id")
CARD_KEY = CARD.index("page_ptr_id")
KEY, DATE = NEIGHBOUR.index("page_ptr_id"), NEIGHBOUR.index("published_at")
SERIES = columns(Series)
TAG = ("id", "name", "slug")
AUTHOR = ("id", "name", "slug")
# What its box below a post tells of an author, besides.
TOLD = (*AUTHOR, "portrait_id", "biography")
RENDERED = columns(RenderedBody)


def below(shape):
    path, depth, *_ = shape
    return PostPage.objects.filter(path__startswith=path, depth=depth)


@Prepared
def post_rows(slug, *, shape):
    return (
        below(shape)
        .filter(slug=slug)
        .order_by()
        .values_list(
            *POST,
            Cast("body", TextField()),
            *(f"series__{name}" for name in SERIES),
            *(f"rendered__{name}" for name in RENDERED),
        )
    )


@Prepared
def name_rows(*keys, shape):
    """The authors and tags of posts; `shape` says whether with what is told of an author."""
    told = ("portrait", "biography") if shape else ()
    return (
        PostPage.objects.filter(pk__in=keys)
        .order_by("bylines__sort_order")
        .values_list(
            *("pk", "tagged_items__tag", "tagged_items__tag__name", "tagged_items__tag__slug"),
            *("bylines__author", "bylines__author__name", "bylines__author__slug"),
            *(f"bylines__author__{name}" for name in told),
        )
    )


@Prepared
def author_rows(*keys, shape):
    return (
        PostPage.objects.filter(pk__in=keys, bylines__isnull=False)
        .order_by("bylines__sort_order")
        .values_list("pk", *(f"bylines__author__{name}" for name in AUTHOR))
    )


@Prepared
def card_rows(*keys, shape):
    return PostPage.objects.filter(pk__in=keys).order_by().values_list(*CARD)


@Prepared
def visible_rows(now, *keys, shape):
    """`shape` is what is not for everybody, as it is part of the query."""
    return PostPage.objects.published(now).filter(pk__in=keys).order_by().values_list(*CARD)


@Prepared
def neighbour_rows(date, key, now, *series, shape):
    """The post before, the one after, and those of its series if it is in one."""
    siblings = below(shape).published(now)
    beside = siblings.older_than(date, key), siblings.newer_than(date, key)
    # One list of keys, in which both are worked out: alternatives take twice as long.
    near = Q(id__in=[Subquery(posts.values("pk")[:1]) for posts in beside])
    if series:
        near |= Q(series=series[0])
    return siblings.filter(near).order_by("published_at", "pk").values_list(*NEIGHBOUR)


@Prepared
def tagged_rows(now, *tags, shape):
    """Tags with the posts that may be read now of those that were added to them last."""
    near = Q()
    for tag in tags:
        newest = TaggedPost.objects.filter(tag=tag).order_by("-content_object")
        near |= Q(tagged_items__tag=tag, pk__in=newest.values("content_object")[:CANDIDATES])
    posts = below(shape).published(now).filter(near).order_by()
    return posts.values_list("tagged_items__tag", *NEIGHBOUR)


def blog_shape(path, depth):
    """Where a blog's posts are, and which of them are not for everybody."""
    return path, depth, tuple(sorted(restricted_paths()))


def post_at(blog, slug):
    """The post of a blog with this slug and all its page shows, or None."""
    rows = post_rows(slug, shape=blog_shape(blog.path, blog.depth + 1))
    if not rows:
        return None
    values = iter(rows[0])
    post = made(PostPage, POST, values)
    post.body_source = next(values)
    series = made(Series, SERIES, values)
    if post.series_id:
        post.series = series
    rendered = made(RenderedBody, RENDERED, values)
    post._state.fields_cache["rendered"] = rendered if rendered.pk else None
    post._cached_parent_obj = post.blog = blog
    name([post], told=True)
    shown = {post.cover_id, post.search_image_id} | {each.portrait_id for each in post.authors}
    post.photos = rendering.attach([post], shown - {None})
    hang(post.photos, [(post, "cover"), (post, "search_image")])
    hang(post.photos, [(author, "portrait") for author in post.authors])
    return post


@Prepared
def newest_keys(*, shape):
    # Of this table alone, which has an index of this order.
    posts = PostPage.objects.filter(published_at__isnull=False)
    return posts.order_by("-published_at", "-page_ptr").values_list("page_ptr_id")[:shape]


@Prepared
def published_keys(now, *keys, shape):
    return below(shape).published(now).filter(pk__in=keys).values_list("pk")


def newest(blog, count):
    """
    The keys of so many of the newest posts of a blog that anyone may read now.

    Looked for among the newest of all posts first: to go through all that may be read takes long.
    """
    shape = blog_shape(blog.path, blog.depth + 1)
    for size in (2 * count, 16 * count):
        keys = [key for (key,) in newest_keys(shape=size)]
        found = published_keys(timezone.now(), *padded(keys), shape=shape) if keys else []
        if len(found) >= count or len(keys) < size:
            return [key for (key,) in found[:count]]
    return list(blog.posts.values_list("pk", flat=True)[:count])


def cards(keys):
    """The posts with these keys, in their order, with what a list shows of them."""
    if not keys:
        return []
    posts = {row[CARD_KEY]: made(PostPage, CARD, iter(row)) for row in card_rows(*padded(keys))}
    found = [posts[key] for key in keys if key in posts]
    name(found)
    share_blogs(found)
    if covers := {post.cover_id for post in found} - {None}:
        photos = rendering.Surroundings({}, covers).photos
        hang(photos, [(post, "cover") for post in found])
    return found


def visible(keys, named=True):
    """Those of the posts that anyone may read now, by key; with their authors if `named`."""
    if not keys:
        return {}
    rows = visible_rows(timezone.now(), *padded(keys), shape=tuple(sorted(restricted_paths())))
    posts = {row[CARD_KEY]: made(PostPage, CARD, iter(row)) for row in rows}
    if named and posts:
        for post in posts.values():
            post.authors = []
        for key, *of_author in author_rows(*padded(posts)):
            posts[key].authors.append(made(Author, AUTHOR, iter(of_author)))
    share_blogs(posts.values())
    return posts


def neighbours(post):
    """
    The posts next to a post, those of its series and those most related to it, the oldest first.

    Each is how many tags it shares with the post, as far as it is one of the latter, and its row:
    enough to know whether what is shown of them was made before.
    """
    now = timezone.now()
    shape = blog_shape(post.path[: -post.steplen], post.depth)
    series = [post.series_id] if post.series_id else []
    rows = neighbour_rows(post.published_at or now, post.pk or 0, now, *series, shape=shape)
    found = {row[KEY]: (0, row) for row in rows}
    found.update((key, (count, row)) for count, _date, key, row in related(post, now, shape))
    return tuple(sorted(found.values(), key=lambda each: (each[1][DATE] or now, each[1][KEY])))


def beside(post, neighbours):
    """The posts that `neighbours` told of, each with the number of tags it shares."""
    found = []
    for shared_tags, row in neighbours:
        neighbour = made(PostPage, NEIGHBOUR, iter(row))
        neighbour.shared_tags = shared_tags
        neighbour.blog = post.blog
        found.append(neighbour)
    return found


def related(post, now, shape):
    """Of the posts that share the most tags with a post: how many, the date, the key, the row."""
    tags = [tag.pk for tag in post.sorted_tags]
    # Read for all posts of a tag, so that it holds until something changes.
    known = remembered(("posts by tag", shape), dict)
    if missing := [tag for tag in tags if tag not in known]:
        read = {tag: {} for tag in missing}
        for tag, *row in tagged_rows(now, *padded(missing), shape=shape):
            read[tag][row[KEY]] = tuple(row)
        known.update(read)
    return most_related(known, tags, now, RELATED, without=post.pk)


def most_related(known, tags, now, count, without=None):
    """As `related`, where `known` has the rows of each tag's posts by their keys."""
    rows = {}
    for tag in tags:
        rows.update(known[tag])
    counts = Counter(itertools.chain.from_iterable(known[tag] for tag in tags))
    counts.pop(without, None)
    least = min(sorted(counts.values())[-count:], default=0)
    best = [(n, rows[key][DATE] or now, key, rows[key]) for key, n in counts.items() if n >= least]
    # No two keys are the same, so that the rows are never compared.
    return heapq.nlargest(count, best)


def made(model, names, values):
    """
    An instance with these columns, as from the database.

    Made as unpickling makes it: `from_db` asks each of a page's many relations for a default.
    """
    instance = model.__new__(model)
    instance.__dict__.update((name, next(values)) for name in names)
    instance._state = ModelState()
    instance._state.adding = False
    instance._state.db = "default"
    return instance


def name(posts, told=False):
    """Give posts their authors and tags, of which all that have one share it."""
    authors, tags = {}, {}
    of_posts = defaultdict(dict), defaultdict(dict)
    if posts:
        rows = name_rows(*padded([post.pk for post in posts]), shape=told)
        for key, tag, tag_name, tag_slug, author, *of_author in rows:
            if tag:
                if tag not in tags:
                    tags[tag] = made(Tag, TAG, iter((tag, tag_name, tag_slug)))
                of_posts[0][key][tag] = tags[tag]
            if author:
                if author not in authors:
                    names = TOLD if told else AUTHOR
                    authors[author] = made(Author, names, iter((author, *of_author)))
                of_posts[1][key][author] = authors[author]
    for post in posts:
        post.sorted_tags = sorted(of_posts[0][post.pk].values(), key=attrgetter("name"))
        post.authors = list(of_posts[1][post.pk].values())


def share_blogs(posts):
    """Give posts the blog they are in, which knows its address."""
    blogs = {}
    for post in posts:
        place = post.path[: -post.steplen]
        if place not in blogs:
            blogs[place] = post.blog
        post.blog = blogs[place]


def hang(photos, places):
    """Put the photos that were read where they belong."""
    for holder, attribute in places:
        if photo := photos.get(getattr(holder, f"{attribute}_id")):
            setattr(holder, attribute, photo)
