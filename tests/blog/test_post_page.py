import datetime as dt
import io
import json

from PIL import Image

from blog.models import Correction
from blog.models.neighbours import CANDIDATES
from tests.factories import (
    AuthorFactory,
    BlogIndexPageFactory,
    PostPageFactory,
    SeriesFactory,
    moment,
    paragraph,
)


def structured(html):
    """What the page says of itself to machines, by type."""
    _, _, rest = html.partition('<script type="application/ld+json">')
    graph = json.loads(rest.partition("</script>")[0])["@graph"]
    return {item["@type"]: item for item in graph}


class StructuredDataTests:
    def test_a_post_says_what_it_is(self, write, client):
        write(
            "Soup",
            slug="soup",
            authors=[AuthorFactory(name="Ada", slug="ada")],
            tags=["food"],
            published_at=moment(2014, 10, 18, 9),
        )
        posting = structured(client.get("/blog/soup/").text)["BlogPosting"]
        assert posting["headline"] == "Soup"
        assert posting["datePublished"] == "2014-10-18T08:00:00+00:00"
        assert posting["author"][0]["name"] == "Ada"
        assert posting["author"][0]["url"].endswith("/blog/authors/ada/")
        assert posting["publisher"]["name"] == "Daybook"
        assert posting["keywords"] == ["food"]

    def test_a_title_cannot_close_the_script(self, write, client):
        write("</script><script>alert(1)</script>", slug="evil")
        html = client.get("/blog/evil/").text
        assert structured(html)["BlogPosting"]["headline"].startswith("</script>")
        assert "<script>alert" not in html

    def test_the_front_page_says_how_to_search_the_site(self, blog, client):
        action = structured(client.get("/").text)["WebSite"]["potentialAction"]
        assert action["target"]["urlTemplate"].endswith("/search/?q={search_term_string}")

    def test_an_author_is_a_person(self, write, client):
        write(authors=[AuthorFactory(name="Ada", slug="ada")])
        page = structured(client.get("/blog/authors/ada/").text)["CollectionPage"]
        assert page["mainEntity"]["@type"] == "Person"


class HeadTests:
    def test_a_title_names_the_post_and_the_site(self, write, client):
        write("Soup", slug="soup")
        html = client.get("/blog/soup/").text
        assert html.count("<title>") == 1
        assert "<title>Soup – Daybook</title>" in html

    def test_a_post_is_shared_as_an_article(self, write, client):
        write(slug="soup", tags=["food"], published_at=moment(2014, 10, 18, 9))
        html = client.get("/blog/soup/").text
        assert '<meta property="og:type" content="article">' in html
        assert 'property="article:published_time" content="2014-10-18T09:00:00+01:00"' in html
        assert '<meta property="article:tag" content="food">' in html

    def test_an_archive_is_its_own_canonical_page(self, write, blog, client):
        write(tags=["food"])
        html = client.get("/blog/tags/food/?utm_source=x").text
        assert f'<link rel="canonical" href="{blog.full_url}tags/food/">' in html
        assert "<title>Posts tagged “food” – Daybook</title>" in html

    def test_a_post_without_a_photo_has_a_card_with_its_title(self, write, client):
        write("Soup", slug="soup")
        html = client.get("/blog/soup/").text
        assert 'property="og:image" content="http://testserver/blog/soup.png"' in html
        assert '<meta property="og:image:width" content="1200">' in html
        response = client.get("/blog/soup.png")
        assert response["Content-Type"] == "image/png"
        assert Image.open(io.BytesIO(response.content)).size == (1200, 630)


class PasswordTests:
    def test_nothing_is_said_of_a_page_before_the_password(self, write, client):
        write("Secret soup", slug="soup", private=True)
        html = client.get("/blog/soup/").text
        assert "This page needs a password" in html
        assert "Secret soup" not in html


class CorrectionTests:
    def test_a_correction_is_in_the_page_the_feed_and_the_data(self, write, client):
        post = write(slug="soup", published_at=moment(2014, 10, 18, 9))
        post.corrections = [Correction(date=dt.date(2014, 11, 2), text="<p>It was leek.</p>")]
        post.save()
        html = client.get("/blog/soup/").text
        assert "It was leek." in html
        assert 'class="dt-updated" datetime="2014-11-02"' in html
        assert structured(html)["BlogPosting"]["correction"][0]["text"] == "It was leek."
        assert "It was leek." in client.get("/blog/feed/").text


class SeriesTests:
    def test_a_part_says_which_it_is(self, write, client):
        series = SeriesFactory(title="Meals")
        for number in (1, 2, 3):
            write(slug=f"part-{number}", series=series, published_at=moment(2015, number, 1))
        assert "Part 2 of 3" in client.get("/blog/part-2/").text

    def test_a_single_post_is_no_series_yet(self, write, client):
        write(slug="alone", series=SeriesFactory())
        assert "Part 1 of 1" not in client.get("/blog/alone/").text

    def test_it_is_a_series_as_soon_as_the_post_beside_it_joins(self, write, client):
        series = SeriesFactory(title="Meals")
        first = write(slug="first", series=series, published_at=moment(2015, 1, 1))
        second = write(slug="second", published_at=moment(2015, 1, 2))
        assert "Part 1 of 2" not in client.get(first.url).content.decode()
        second.series = series
        second.save_revision().publish()
        assert "Part 1 of 2: Meals" in client.get(first.url).content.decode()


class FootnoteTests:
    def test_a_reference_leads_to_its_note_and_back(self, write, client):
        notes = {"type": "notes", "value": ["<p>In her diary.</p>"]}
        write(slug="soup", body=[paragraph("She said so.[^1] And this.[^7]"), notes])
        html = client.get("/blog/soup/").text
        assert '<a href="#note-1" id="note-1-reference"' in html
        assert 'href="#note-1-reference"' in html
        assert "this.[^7]" in html


class CookieTests:
    def test_readers_get_no_cookie(self, write, client):
        write(slug="soup", tags=["food"])
        for path in ("/", "/blog/", "/blog/soup/", "/blog/tags/food/", "/search/?q=x", "/nothing/"):
            assert not client.get(path).cookies


class RelatedTests:
    def test_a_busy_second_blog_does_not_crowd_them_out(self, home_page, write, client):
        write("Soup", slug="soup", tags=["food"])
        write("Bread", slug="bread", tags=["food"])
        other = BlogIndexPageFactory(parent=home_page)
        PostPageFactory.create_batch(CANDIDATES, parent=other, tags=["food"])
        related = client.get("/blog/soup/").text.partition("More on the same subject")[2]
        assert '<a href="/blog/bread/">Bread</a>' in related
