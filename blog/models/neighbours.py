import heapq
from collections import Counter
from functools import cached_property

from django.core.cache import caches

from blog.models.tag import TaggedPost
from blog.visibility import is_public

# How many related posts a post shows.
RELATED = 2
# How many posts of each tag are considered, the newest ones. A tag may have half of all posts.
CANDIDATES = 50


class Neighbours:
    """The posts around a post: the older and the newer one, its series and related ones."""

    def __init__(self, post):
        self.post = post

    @cached_property
    def adjacent_keys(self):
        """The primary keys of the older and the newer post, each None if there is none."""
        order = self.post.blog.order
        try:
            place = order.index(self.post.pk)
        except ValueError:
            # A draft has no place yet.
            return None, None
        before = order[place + 1] if place + 1 < len(order) else None
        return before, order[place - 1] if place else None

    @cached_property
    def related_keys(self):
        """The primary keys of the posts that share the most tags with it, newer posts first."""
        shared = Counter(found for tag in self.post.sorted_tags for found in self.tagged(tag))
        best = heapq.nlargest(RELATED + 1, shared, key=lambda found: (shared[found], found))
        return [key for _date, key in best if key != self.post.pk][:RELATED]

    def tagged(self, tag):
        """Return the date and primary key of each of the newest posts with a tag."""
        blog = self.post.blog

        def read():
            tagged = TaggedPost.objects.filter(tag=tag, content_object__path__startswith=blog.path)
            newest = tagged.order_by("-content_object")[:CANDIDATES]
            posts = blog.posts.filter(pk__in=newest.values("content_object"))
            return list(posts.order_by().values_list("published_at", "pk"))

        return caches["until_change"].get_or_set(f"tagged {tag.pk} {blog.pk}", read)

    @cached_property
    def by_key(self):
        """The adjacent and related posts that are public, by their primary keys."""
        keys = {*self.adjacent_keys, *self.related_keys} - {None}
        # Filtering public posts in the database takes three times as long as reading them by key.
        posts = type(self.post).objects.for_teasers().in_bulk(keys)
        return {key: post for key, post in posts.items() if is_public(post)}

    @property
    def older(self):
        return self.by_key.get(self.adjacent_keys[0])

    @property
    def newer(self):
        return self.by_key.get(self.adjacent_keys[1])

    @property
    def related(self):
        return [self.by_key[key] for key in self.related_keys if key in self.by_key]

    @cached_property
    def series(self):
        """The posts of its series, the oldest first; empty if it is the only one."""
        if not self.post.series_id:
            return []
        posts = list(self.post.blog.posts.in_series(self.post.series).for_teasers())
        return posts if len(posts) > 1 else []

    @property
    def next_reads(self):
        """What to read next: the next part of its series, or else related posts."""
        return [self.next_part] if self.next_part else self.related

    @cached_property
    def next_part(self):
        """The post after it in its series, or None."""
        return next(iter(self.series[self.part :]), None) if self.part else None

    @cached_property
    def part(self):
        """Its place in its series, counted from 1; None if it is not published."""
        places = (n for n, post in enumerate(self.series, start=1) if post.pk == self.post.pk)
        return next(places, None)
