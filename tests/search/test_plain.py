"""A reader's search that another of Wagtail's backends answers."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from search.answers import answer_to
from settings.search import reader_backend
from tests.factories import AuthorFactory, moment, paragraph


@pytest.fixture
def plain(settings, db):
    """Readers are answered by Wagtail's database backend, as by a cluster."""
    backends = dict(settings.WAGTAILSEARCH_BACKENDS)
    settings.WAGTAILSEARCH_BACKENDS = backends | {"reader": reader_backend("database")}


class PlainTests:
    @pytest.fixture
    def posts(self, plain, write):
        ann = AuthorFactory(name="Ann")
        write(
            "Old bananas",
            tags=["Food"],
            authors=[ann],
            published_at=moment(2013, 1, 1),
            body=[paragraph("Of bananas in a box.")],
        )
        write("New bananas", published_at=moment(2015, 1, 1))
        write("Secret bananas", live=False)
        call_command("update_index", verbosity=0)

    def titles(self, query, **options):
        return {result.page.title for result in answer_to(query, **options).results}

    def test_words_operators_and_pages_are_answered(self, posts):
        assert self.titles("bananas") == {"Old bananas", "New bananas"}
        assert self.titles("bananas author:ann") == {"Old bananas"}
        assert self.titles("bananas -author:ann") == {"New bananas"}
        assert self.titles("bananas tag:food") == {"Old bananas"}
        assert self.titles("bananas before:2014") == {"Old bananas"}
        assert self.titles("bananas after:2014") == {"New bananas"}
        assert self.titles("author:ann") == {"Old bananas"}
        assert answer_to("bananas", number=2).results == []
        assert answer_to("x" * 80).is_empty

    def test_the_page_shows_passages_and_no_suggestions(self, posts, client):
        found = client.get("/search/?q=bananas").text
        assert "Of <mark>bananas</mark> in a box." in found
        assert "being prepared" not in found
        assert client.get("/search/suggest/?q=ban").json() == {"suggestions": []}
        assert client.get("/search/?q=qwertyuiop").status_code == 200

    @pytest.mark.parametrize("query", ['"', "a\x00b", "OR AND", "%", "'", "(", "a:b:*", "-"])
    def test_anything_may_be_asked(self, posts, client, query):
        assert client.get("/search/", {"q": query}).status_code == 200


class SettingTests:
    def test_unset_is_our_own_engine(self):
        found = reader_backend("", MODELS=["blog.PostPage"])
        assert found == {
            "BACKEND": "search.engine",
            "AUTO_UPDATE": False,
            "MODELS": ["blog.PostPage"],
        }

    def test_a_cluster_is_named_with_its_server_and_index(self):
        assert reader_backend("opensearch3+https://me:secret@search.example:9200/daybook") == {
            "BACKEND": "wagtail.search.backends.opensearch3",
            "URLS": ["https://me:secret@search.example:9200"],
            "INDEX_PREFIX": "daybook_",
        }

    @pytest.mark.parametrize(
        "value", ["tantivy", "postgresql", "nothing+https://x/y", "os.path", "opensearch3+there"]
    )
    def test_what_is_no_backend_stops_the_start(self, value):
        with pytest.raises(ImproperlyConfigured):
            reader_backend(value)
