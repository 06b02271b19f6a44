import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog import remembered
from tests.factories import AuthorFactory, PhotoFactory, SeriesFactory, moment, paragraph

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
    client.get(address)  # what is kept in the process is kept
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured]


@pytest.fixture
def shared(write):
    return {
        "tags": ["policy", "children"],
        "authors": [AuthorFactory(slug="ada"), AuthorFactory(slug="ben")],
        "series": SeriesFactory(slug="thresholds"),
    }


class ListingTests:
    @pytest.mark.parametrize("address", LISTINGS)
    def test_twice_the_posts_cost_the_same_queries(self, address, write, shared, client):
        def fill(first, last):
            for minute in range(first, last):
                write(
                    f"On policy {minute}",
                    published_at=moment(2015, 6, 2, 9, minute),
                    cover=PhotoFactory(),
                    **shared,
                )

        fill(0, 4)
        few = queries(client, address)
        fill(4, 8)
        assert len(queries(client, address)) == len(few)


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
    @pytest.fixture
    def _remembering(self, monkeypatch):
        """Remember between requests as a server does, which no transaction surrounds."""

        class Connection:
            in_atomic_block = False

        monkeypatch.setattr(remembered, "connection", Connection)
        remembered.follow(lambda: 1)
        yield
        remembered.follow(lambda: None)

    @pytest.mark.usefixtures("_remembering")
    def test_a_post_costs_at_most_five_queries(self, write, shared, client):
        posts = [
            write(published_at=moment(2015, 6, 2, 9, minute), cover=PhotoFactory(), **shared)
            for minute in range(6)
        ]
        for post in posts:
            client.get(post.url)  # makes its pictures
        remembered.follow(lambda: 2)
        client.get(posts[0].url)
        middle = queries(client, posts[3].url)
        assert posts[2].title in client.get(posts[3].url).text
        assert len(middle) <= 5, middle
