"""What anyone may read of what an index has."""

from collections.abc import Iterable

from wagtail.models import Page

from blog.models import PostPage
from blog.visibility import public


def visible_pages(keys: Iterable[int]) -> dict[int, Page]:
    """Return those of the pages that anyone may read now, by their ids."""
    keys = list(keys)
    if not keys:
        return {}
    posts: dict[int, Page] = PostPage.objects.published().for_links().in_bulk(keys)
    others = [key for key in keys if key not in posts]
    if others:
        found = public(Page.objects.not_type(PostPage).filter(pk__in=others))
        posts.update({page.pk: page for page in found})
    return posts
