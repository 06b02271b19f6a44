import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from blog.models import BlogIndexPage
from tests.factories import (
    AuthorFactory,
    PhotoFactory,
    PostPageFactory,
    SeriesFactory,
    moment,
    paragraph,
)

pytestmark = pytest.mark.django_db

LISTINGS = [
    "/",
    "/blog/",
    "/blog/2015/",
    "/blog/2015/06/",
    "/blog/2015/06/02/",
    "/blog/archive/",
    "/blog/tags/",
    "/blog/tags/policy/",
    "/blog/authors/",
    "/blog/authors/ada/",
    "/blog/series/",
    "/blog/series/thresholds/",
    "/blog/feed/",
    "/blog/feed/rss/",
    "/blog/feed/json/",
    "/blog/tags/policy/feed/",
    "/sitemap.xml",
    "/sitemap-posts.xml",
    "/sitemap-news.xml",
    "/llms.txt",
    "/search/?q=policy",
]


def queries(client, address):
    # The first visit works out what holds until the next change, and the index takes in what is
    # new; on the second it tells the others how far it has come.
    client.get(address)
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured]


def shared():
    return {
        "tags": ["policy", "children"],
        "authors": [AuthorFactory(slug="ada"), AuthorFactory(slug="ben")],
        "series": SeriesFactory(slug="thresholds"),
    }


@pytest.fixture(scope="class")
def few(class_transaction):
    """How many queries each listing cost when there were half as many posts as there are."""
    fields = shared()

    def fill(first, last):
        for minute in range(first, last):
            PostPageFactory(
                parent=BlogIndexPage.objects.get(slug="blog"),
                title=f"On policy {minute}",
                published_at=moment(2015, 6, 2, 9, minute),
                cover=PhotoFactory(),
                **fields,
            )

    fill(0, 4)
    counts = {address: len(queries(Client(), address)) for address in LISTINGS}
    fill(4, 8)
    return counts


class ListingTests:
    @pytest.mark.parametrize("address", LISTINGS)
    def test_twice_the_posts_cost_the_same_queries(self, address, few, client):
        assert len(queries(client, address)) == few[address]


class PostTests:
    def test_longer_bodies_cost_the_same_queries(self, write, client):
        def body(count):
            photos = [
                {"type": "photo", "value": {"image": {"image": PhotoFactory().pk}, "caption": ""}}
                for _ in range(count)
            ]
            return [paragraph("Once."), *photos]

        short = write(body=body(2))
        long = write(body=body(4))
        assert len(queries(client, short.url)) == len(queries(client, long.url))


class PostPageTests:
    def test_a_post_and_a_list_cost_few_queries(self, write, client, changes):
        fields = shared()
        posts = [
            write(published_at=moment(2015, 6, 2, 9, minute), cover=PhotoFactory(), **fields)
            for minute in range(6)
        ]
        for post in posts:
            client.get(post.url)  # makes its pictures
        changes.bump()
        client.get(posts[0].url)
        middle = queries(client, posts[3].url)
        assert posts[2].title in client.get(posts[3].url).text
        assert len(middle) <= 8, middle
        assert len(listed := queries(client, "/blog/")) <= 6, listed
