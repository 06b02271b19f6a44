"""What a list of posts says of itself: in its head, to search engines and to those who share it."""

from array import array
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from django.core.cache import caches
from django.core.paginator import Paginator
from wagtailmetadata.models import MetadataMixin

from blog.outgoing import structured_data


def by_day(posts):
    """Posts in their order, under their days: pairs of a date and the posts of it."""
    return [(day, list(found)) for day, found in groupby(posts, attrgetter("published_on"))]


def ordered_keys(key, objects):
    """Return the keys of what `objects()` returns, worked out once after each change."""

    def read():
        # A tenth of the memory and the time of a list of numbers.
        return array("q", objects().values_list("pk", flat=True))

    return caches["until_change"].get_or_set(f"keys of {key}", read)


class LongPaginator(Paginator):
    """
    The pages of a long list, each of which costs the same, be it the first or the last.

    A database counts and sorts the whole list for each page. So the keys of its objects, in their
    order, are worked out once after each change, and kept under `key`.
    """

    def __init__(self, object_list, per_page, *, key):
        super().__init__(object_list, per_page)
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
    """A step on the way from the front page to where the reader is."""

    title: str
    url: str


@dataclass
class Listing(MetadataMixin):
    """
    A list of posts with an address of its own: a day, a tag, an author.

    `url` is absolute, and so are those of `breadcrumbs`; `person` is the author whose posts are
    listed.
    """

    title: str
    url: str
    description: str = ""
    breadcrumbs: list[Crumb] = field(default_factory=list)
    person: dict | None = None
    image: object = None
    posts: object = ()

    og_type = "website"

    def get_meta_url(self):
        return self.url

    def get_meta_title(self):
        return self.title

    def get_meta_description(self):
        return self.description

    def get_meta_image_url(self, request):
        return self.image and request.build_absolute_uri(self.image.url)

    def get_meta_image_dimensions(self):
        return (self.image.width, self.image.height) if self.image else (None, None)

    def get_twitter_card_type(self, request):
        return "summary"

    def get_structured_data(self, request):
        posts = [(post.title, post.get_full_url(request)) for post in self.posts]
        page = structured_data.collection_page(
            self.title, self.url, description=self.description, posts=posts
        )
        if self.person:
            page["mainEntity"] = self.person
        trail = [(crumb.title, crumb.url) for crumb in self.breadcrumbs]
        return [page, structured_data.breadcrumbs([*trail, (self.title, self.url)])]
