"""The pages and the metadata of a list of posts."""

from array import array
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from django.core.cache import caches
from django.core.paginator import Paginator
from wagtailmetadata.models import MetadataMixin

from blog.outgoing import structured_data


def by_day(posts):
    """Return pairs of a date and its posts, in the order of the posts."""
    return [(day, list(found)) for day, found in groupby(posts, attrgetter("published_on"))]


def ordered_keys(key, objects):
    """Return the primary keys of the queryset that `objects()` returns, cached until a change."""

    def read():
        # An array takes a tenth of the memory and the time of a list.
        return array("q", objects().values_list("pk", flat=True))

    return caches["until_change"].get_or_set(f"order of {key}", read)


class LongPaginator(Paginator):
    """
    A paginator for which the last page of a long list costs no more than the first.

    A database would count and sort the whole list for each page. Instead, the primary keys of its
    objects, in order, are cached under `key` until the next change.
    """

    def __init__(self, object_list, per_page, *, key, **options):
        super().__init__(object_list, per_page, **options)
        self.key = key

    @cached_property
    def keys(self):
        return ordered_keys(self.key, lambda: self.object_list)

    @cached_property
    def count(self):
        return len(self.keys)

    def page(self, number):
        number = self.validate_number(number)
        keys = self.keys[(number - 1) * self.per_page : number * self.per_page]
        return self._get_page(self.object_list.filter(pk__in=keys), number, self)


@dataclass
class Crumb:
    """A link of the breadcrumbs."""

    title: str
    url: str


@dataclass
class Listing(MetadataMixin):
    """
    The metadata of a list of posts, such as those of a day, a tag or an author.

    `url` and the addresses of `breadcrumbs`, which begin with the blog, are absolute. `person` is
    the structured data of the author whose posts are listed.
    """

    title: str
    url: str
    breadcrumbs: list[Crumb]
    description: str = ""
    person: dict | None = None
    posts: object = ()

    og_type = "website"

    def get_meta_url(self):
        return self.url

    def get_meta_title(self):
        return self.title

    def get_meta_description(self):
        return self.description or f"{self.title} – {self.breadcrumbs[0].title}"

    def get_structured_data(self, request):
        posts = [
            {
                "@type": "ListItem",
                "position": position,
                "name": post.title,
                "url": post.get_full_url(request),
            }
            for position, post in enumerate(self.posts, start=1)
        ]
        shown = self.person or (posts and {"@type": "ItemList", "itemListElement": posts})
        page = structured_data.filled(
            {
                "@type": "CollectionPage",
                "@id": self.url,
                "name": self.title,
                "url": self.url,
                "description": self.get_meta_description(),
                "mainEntity": shown,
            }
        )
        trail = [(crumb.title, crumb.url) for crumb in self.breadcrumbs]
        return [page, structured_data.breadcrumbs([*trail, (self.title, self.url)])]
