"""What readers' pages read of posts: few queries, written once, and no column that is not shown."""

from collections import defaultdict

from django.db.models import Count, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from blog import rendering
from blog.models.author import Author
from blog.models.post import RELATED, PostPage
from blog.models.rendered_body import RenderedBody
from blog.models.series import Series
from blog.models.tag import Tag, TaggedPost
from blog.prepared import Prepared, columns
from blog.queries import restricted_paths

POST = columns(PostPage, without=["body"])
CARD = columns(
    PostPage,
    *("title", "url_path", "path", "depth", "live", "page_ptr_id", "published_at", "introduction"),
    *("excerpt", "series_id", "cover_id", "content_type_id"),
)
NEIGHBOUR = columns(PostPage, "title", "url_path", "page_ptr_id", "published_at", "series_id")
SERIES = columns(Series)
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
def neighbour_rows(date, key, now, *subjects, shape):
    """`subjects` are the keys of its tags, behind that of its series if it is in one."""
    *_, has_series = shape
    siblings = below(shape).published(now)
    near = Q(pk__in=siblings.older_than(date, key).values("pk")[:1])
    near |= Q(pk__in=siblings.newer_than(date, key).values("pk")[:1])
    if has_series:
        series, *subjects = subjects
        near |= Q(series=series)
    if subjects:
        # More than are shown, as not all of them may be.
        near |= Q(pk__in=PostPage.objects.sharing(subjects)[: 4 * RELATED])
    shared = TaggedPost.objects.filter(content_object=OuterRef("pk"), tag__in=subjects).order_by()
    shared = shared.values("content_object").annotate(count=Count("pk")).values("count")
    posts = siblings.filter(near).order_by("published_at", "pk")
    shared = Subquery(shared) if subjects else Value(0)
    return posts.annotate(shared_tags=shared).values_list(*NEIGHBOUR, "shared_tags")


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
    posts = {}
    for row in card_rows(*padded(keys)):
        post = made(PostPage, CARD, iter(row))
        posts[post.pk] = post
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

    Each knows how many tags it shares with the post.
    """
    series = [post.series_id] if post.series_id else []
    now = timezone.now()
    path = post.path[: -post.steplen]
    rows = neighbour_rows(
        *(post.published_at or now, post.pk or 0, now, *series),
        *(tag.pk for tag in post.sorted_tags),
        shape=(*blog_shape(path, post.depth), bool(series)),
    )
    found = []
    for *row, shared in rows:
        neighbour = made(PostPage, NEIGHBOUR, iter(row))
        neighbour.shared_tags = shared or 0
        found.append(neighbour)
    return found


def made(model, names, values):
    return model.from_db("default", names, [next(values) for _ in names])


def padded(keys):
    """As many keys as the next power of two, so that few queries have to be written."""
    size = 1 << (len(keys) - 1).bit_length()
    return [*keys, *[keys[-1]] * (size - len(keys))]


def name(posts, told=False):
    """Give posts their authors and tags."""
    authors, tags = defaultdict(dict), defaultdict(dict)
    if posts:
        rows = name_rows(*padded([post.pk for post in posts]), shape=told)
        for key, tag, tag_name, tag_slug, author, *of_author in rows:
            if tag:
                tags[key][tag] = tag_name, tag_slug
            if author:
                authors[key][author] = of_author
    for post in posts:
        post.sorted_tags = sorted(
            (Tag(pk=key, name=name, slug=slug) for key, (name, slug) in tags[post.pk].items()),
            key=lambda tag: tag.name,
        )
        post.authors = []
        for key, (name, slug, *rest) in authors[post.pk].items():
            author = Author(pk=key, name=name, slug=slug)
            if rest:
                author.portrait_id, author.biography = rest
            post.authors.append(author)


def hang(photos, places):
    """Put the photos that were read where they belong."""
    for holder, attribute in places:
        if photo := photos.get(getattr(holder, f"{attribute}_id")):
            setattr(holder, attribute, photo)
