import json
from urllib.parse import urlsplit

import feedparser
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import PostPage
from tests.factories import AuthorFactory, SeriesFactory, moment


def body(*html):
    return [{"type": "paragraph", "value": text} for text in html]


@pytest.fixture(params=["/blog/feed/", "/blog/feed/rss/"])
def xml_feed(request, client):
    """The blog's Atom and RSS feed, as a reader's program understands them."""
    return lambda: feedparser.parse(client.get(request.param).content)


class FeedTests:
    def test_a_feed_has_the_whole_post(self, write, xml_feed):
        write("Soup", body=body("<p>First.</p>", "<p>And <b>last</b>.</p>"), tags=["food"])
        feed = xml_feed()
        assert not feed.bozo
        [entry] = feed.entries
        assert "And <b>last</b>." in entry.content[0].value
        assert entry.tags[0].term == "food"

    def test_addresses_in_a_post_are_absolute(self, write, xml_feed):
        write(body=body('<p><a href="/about/">us</a> <a href="#note-1">1</a></p>'))
        html = xml_feed().entries[0].content[0].value
        assert 'href="http://127.0.0.1:8000/about/"' in html
        assert 'href="/' not in html
        assert 'href="#' not in html

    def test_an_entry_keeps_its_name_when_the_address_changes(self, write, xml_feed):
        post = write(slug="before")
        name = xml_feed().entries[0].id
        post.slug = "after"
        post.save_revision().publish()
        [entry] = xml_feed().entries
        assert entry.id == name
        assert entry.link.endswith("/blog/after/")

    def test_an_entry_names_each_author(self, write, xml_feed):
        write(authors=[AuthorFactory(name="Ada"), AuthorFactory(name="Ben")])
        assert [author.name for author in xml_feed().entries[0].authors] == ["Ada", "Ben"]

    def test_characters_that_xml_has_not_are_left_out(self, write, xml_feed):
        write("A\x0bB", body=body("<p>C\x07D\ufffe</p>"))
        feed = xml_feed()
        assert not feed.bozo
        assert feed.entries[0].title == "AB"
        assert "CD" in feed.entries[0].content[0].value

    def test_hidden_posts_are_in_no_feed(self, write, xml_feed):
        write("Draft", live=False)
        write("Private", private=True)
        assert xml_feed().entries == []

    @pytest.mark.parametrize("kind", ["", "rss/"])
    def test_a_feed_is_described_by_its_own_subject(self, blog, write, client, kind):
        blog.search_description = "All that we wrote"
        blog.save()
        ada = AuthorFactory(slug="ada", name="Ada", biography="<p>Bakes bread.</p>")
        series = SeriesFactory(slug="loaves", title="Loaves", introduction="")
        write(authors=[ada], tags=["food"], series=series)
        for path, words in {
            "": "All that we wrote",
            "tags/food/": "Posts tagged “food”",
            "authors/ada/": "Bakes bread.",
            "series/loaves/": "Loaves",
        }.items():
            feed = feedparser.parse(client.get(f"/blog/{path}feed/{kind}").content)
            assert feed.feed.subtitle == words

    def test_a_feed_that_did_not_change_is_not_sent_again(self, write, client):
        write()
        first = client.get("/blog/feed/")
        again = client.get("/blog/feed/", headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304
        assert not again.content

    @pytest.mark.parametrize("kind", ["", "rss/", "json/"])
    def test_tags_authors_and_series_have_feeds(self, write, client, kind):
        write("Other")
        write(
            "Soup",
            tags=["food"],
            authors=[AuthorFactory(slug="ada")],
            series=SeriesFactory(slug="meals"),
        )
        for path in ("tags/food", "authors/ada", "series/meals"):
            text = client.get(f"/blog/{path}/feed/{kind}").text
            assert "Soup" in text
            assert "Other" not in text

    def test_a_feed_of_nothing_known_is_not_found(self, blog, client):
        assert client.get("/blog/tags/nothing/feed/").status_code == 404

    def test_twice_the_posts_need_the_same_queries(self, write, client):
        counts = []
        for _round in range(2):
            for _post in range(3):
                write(authors=[AuthorFactory()], tags=["food"])
            client.get("/blog/feed/")
            with CaptureQueriesContext(connection) as queries:
                client.get("/blog/feed/")
            counts.append(len(queries))
        assert counts[0] == counts[1]


class JsonFeedTests:
    def test_it_says_what_json_feed_asks_for(self, write, client):
        post = write("Soup", authors=[AuthorFactory(name="Ada")], tags=["food"])
        response = client.get("/blog/feed/json/")
        assert response["Content-Type"].startswith("application/feed+json")
        feed = json.loads(response.content)
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert urlsplit(feed["feed_url"]).path == "/blog/feed/json/"
        [item] = feed["items"]
        assert item["id"] == f"urn:uuid:{post.translation_key}"
        assert item["authors"][0]["name"] == "Ada"
        assert item["tags"] == ["food"]


class HubTests:
    def test_feeds_name_the_hub(self, write, client, settings):
        settings.WEBSUB_HUB_URL = "https://hub.example/"
        write()
        for kind in ("", "rss/"):
            assert 'rel="hub"' in client.get(f"/blog/feed/{kind}").text
        assert client.get("/blog/feed/json/").json()["hubs"][0]["url"] == "https://hub.example/"


class UpdatedTests:
    def test_an_entry_says_when_it_was_changed(self, write, xml_feed):
        post = write(published_at=moment(2014, 10, 18, 9))
        PostPage.objects.filter(pk=post.pk).update(
            last_published_at=moment(2015, 1, 2, 3), updated_at=moment(2014, 12, 1)
        )
        feed = xml_feed()
        if feed.version == "atom10":
            assert feed.entries[0].updated == "2014-12-01T00:00:00+00:00"
        assert feed.entries[0].published_parsed[:3] == (2014, 10, 18)
