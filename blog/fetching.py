"""What readers' pages read of posts: few queries, written once, and no column that is not shown."""

import heapq
import itertools
from collections import Counter, defaultdict
from operator import attrgetter, itemgetter

from django.db.models import Q, Subquery, TextField
from django.db.models.base import ModelState
from django.db.models.functions import Cast
from django.utils import timezone

from blog import rendering
from blog.models.author import Author
from blog.models.post import PostPage
from blog.models.rendered_body import RenderedBody
from blog.models.series import Series
from blog.models.tag import Tag, TaggedPost
from blog.prepared import Prepared, columns
from blog.queries import restricted_paths
from blog.remembered import remembered

# Of each tag, the posts that were added last may be related: some tags have half of all posts.
CANDIDATES = 50
# More than are shown, as not all of them may be published.
MOST_RELATED = 8

POST = columns(PostPage, without=["body"])
CARD = columns(
    PostPage,
    *("title", "url_path", "path", "depth", "live", "page_ptr_id", "published_at", "introduction"),
    *("excerpt", "series_id", "cover_id", "content_type_id"),
)
NEIGHBOUR = columns(PostPage, "title", "url_path", "page_ptr_id", "published_at", "series_id")
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
def card_rows(*keys, shape):
    return PostPage.objects.filter(pk__in=keys).order_by().values_list(*CARD)


@Prepared
def visible_rows(now, *keys, shape):
    """`shape` is what is not for everybody, as it is part of the query."""
    return PostPage.objects.published(now).filter(pk__in=keys).order_by().values_list(*CARD)


@Prepared
def neighbour_rows(date, key, now, *keys, shape):
    """`keys` are those of posts that may be related, behind that of its series if it has one."""
    *_, has_series = shape
    siblings = below(shape).published(now)
    beside = siblings.older_than(date, key), siblings.newer_than(date, key)
    series, keys = (keys[:1], keys[1:]) if has_series else ((), keys)
    # One list of keys, in which the two are worked out: alternatives take twice as long.
    near = Q(id__in=[*keys, *(Subquery(posts.values("pk")[:1]) for posts in beside)])
    if series:
        near |= Q(series=series[0])
    return siblings.filter(near).order_by("published_at", "pk").values_list(*NEIGHBOUR)


@Prepared
def tagged_rows(*tags, shape):
    """Tags with the posts that were added to them last; these need not be published."""
    near = Q()
    for tag in tags:
        newest = TaggedPost.objects.filter(tag=tag).order_by("-content_object")
        near |= Q(tag=tag, content_object__in=newest.values("content_object")[:CANDIDATES])
    return TaggedPost.objects.filter(near).order_by().values_list("tag", "content_object")


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


def cards(keys):
    """The posts with these keys, in their order, with what a list shows of them."""
    if not keys:
        return []
    posts, blogs = {}, {}
    for row in card_rows(*padded(keys)):
        post = made(PostPage, CARD, iter(row))
        posts[post.pk] = post
        place = post.path[: -post.steplen]
        if place not in blogs:
            blogs[place] = post.blog
        post.blog = blogs[place]
    found = [posts[key] for key in keys if key in posts]
    name(found)
    if covers := {post.cover_id for post in found} - {None}:
        photos = rendering.Surroundings({}, covers).photos
        hang(photos, [(post, "cover") for post in found])
    return found


def visible(keys):
    """Those of the posts with these keys that anyone may read now, by key, with their names."""
    if not keys:
        return {}
    rows = visible_rows(timezone.now(), *padded(keys), shape=tuple(sorted(restricted_paths())))
    posts = [made(PostPage, CARD, iter(row)) for row in rows]
    name(posts)
    return {post.pk: post for post in posts}


def neighbours(post):
    """
    The posts next to a post, those of its series and of its subjects, the oldest first.

    Each knows how many tags it shares with the post, as far as it may be related to it.
    """
    series = [post.series_id] if post.series_id else []
    now = timezone.now()
    path = post.path[: -post.steplen]
    shared = sharing(post)
    rows = neighbour_rows(
        *(post.published_at or now, post.pk or 0, now, *series),
        *(padded(list(shared)) if shared else ()),
        shape=(*blog_shape(path, post.depth), bool(series)),
    )
    blog = post.blog
    found = []
    for row in rows:
        neighbour = made(PostPage, NEIGHBOUR, iter(row))
        neighbour.shared_tags = shared.get(neighbour.page_ptr_id, 0)
        neighbour.blog = blog
        found.append(neighbour)
    return found


def sharing(post):
    """The keys of the posts that share the most tags with a post → how many they share."""
    tags = [tag.pk for tag in post.sorted_tags]
    # Read for all posts of a tag, so that it holds until something changes.
    known = remembered("posts by tag", dict)
    if missing := [tag for tag in tags if tag not in known]:
        read = defaultdict(list)
        for tag, key in tagged_rows(*padded(missing)):
            read[tag].append(key)
        known.update((tag, read[tag]) for tag in missing)
    counts = Counter(itertools.chain.from_iterable(known[tag] for tag in tags))
    counts.pop(post.pk, None)
    return dict(heapq.nlargest(MOST_RELATED, counts.items(), key=itemgetter(1, 0)))


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


def padded(keys):
    """As many keys as the next power of two, so that few queries have to be written."""
    size = 1 << (len(keys) - 1).bit_length()
    return [*keys, *[keys[-1]] * (size - len(keys))]


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


def hang(photos, places):
    """Put the photos that were read where they belong."""
    for holder, attribute in places:
        if photo := photos.get(getattr(holder, f"{attribute}_id")):
            setattr(holder, attribute, photo)
