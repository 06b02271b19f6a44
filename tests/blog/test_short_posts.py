"""Posts of a few words, and those that point at another page."""

import pytest

from tests.factories import moment, paragraph

pytestmark = pytest.mark.django_db


class ShortPostTests:
    def test_it_stands_whole_in_lists_with_its_links(self, write, client):
        write("A thought", body=[paragraph('See <a href="https://example.org/">this</a>.')])
        for path in ("/", "/blog/", "/blog/2014/"):
            assert '<a href="https://example.org/">this</a>.' in client.get(path).text

    def test_a_longer_one_is_summed_up(self, write, client):
        write(body=[paragraph("word " * 61 + "end")])
        text = client.get("/blog/").text
        assert "word …" in text
        assert "end</p>" not in text

    def test_its_title_is_not_repeated_where_the_text_begins_with_it(self, write, client):
        post = write("Rain again", body=[paragraph("Rain again, and the buses late.")])
        text = client.get("/blog/").text
        assert '<h3 class="visually-hidden p-name">Rain again</h3>' in text
        assert f'<a class="u-url" href="{post.url}"><time' in text

    def test_a_body_with_more_than_paragraphs_is_summed_up(self, write):
        heading = {"type": "heading", "value": {"text": "So", "level": "2", "anchor": ""}}
        assert write(body=[heading, paragraph("Rain.")]).short == ""

    def test_it_costs_no_query(self, write, client, changes, django_assert_max_num_queries):
        for minute in range(6):
            write(published_at=moment(2015, 6, 2, 9, minute), body=[paragraph("Rain.")])
        client.get("/blog/")
        with django_assert_max_num_queries(6):
            client.get("/blog/")


class LinkPostTests:
    def test_its_title_leads_to_its_source_and_its_time_to_itself(self, write, client):
        post = write("On buses", link="https://www.example.org/buses")
        text = client.get("/blog/").text
        assert '<a class="u-bookmark-of p-name" href="https://www.example.org/buses">' in text
        assert f'<a class="u-url" href="{post.url}"><time' in text
        assert ">example.org</a>" in client.get(post.url).text

    def test_feeds_name_the_source(self, write, client):
        write(link="https://example.org/buses")
        [item] = client.get("/blog/feed/json/").json()["items"]
        assert item["external_url"] == "https://example.org/buses"
        assert 'rel="related"' in client.get("/blog/feed/").text
