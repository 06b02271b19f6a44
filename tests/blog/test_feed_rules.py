"""What the W3C's feed validator would warn of (https://validator.w3.org/feed/docs/warning/)."""

import datetime as dt
import re
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from bs4 import BeautifulSoup
from lxml import etree

from blog.models import Correction
from tests.factories import AuthorFactory, PhotoFactory, SeriesFactory, moment, paragraph

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
# As the validator's own list (its validators.py), without what it calls a risk.
ELEMENTS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "div", "dl"),
    *("dt", "em", "h2", "h3", "h4", "hr", "i", "img", "li", "ol", "p", "pre", "s", "small", "span"),
    *("strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul", "time"),
}
ATTRIBUTES = {
    *("alt", "colspan", "height", "href", "id", "rowspan", "src", "start", "title", "width"),
}
FEEDS = ["/blog/feed/", "/blog/tags/food/feed/", "/blog/authors/ada/feed/", "/blog/series/x/feed/"]


@pytest.fixture
def posts(write):
    """Two posts with all that a body may hold."""
    photo = PhotoFactory(credit="Ann")
    image = {"image": photo.pk, "alt_text": "A dog", "decorative": False}
    body = [
        paragraph('<a href="/about/">us</a> <a href="#there">there</a> said so.[^1]'),
        {"type": "heading", "value": {"text": "There", "level": "2"}},
        {"type": "photo", "value": {"image": image, "caption": "A dog"}},
        {
            "type": "gallery",
            "value": {
                "title": "Two",
                "photos": [{"type": "item", "value": {"image": image, "caption": "x"}}] * 2,
            },
        },
        {"type": "code", "value": {"language": "python", "code": "a < b", "caption": ""}},
        {
            "type": "quote",
            "value": {"text": "<p>So.</p>", "source": "Her", "url": "https://a.org/"},
        },
        {
            "type": "embed",
            "value": {"embed": "https://vimeo.com/1234", "title": "A film", "caption": ""},
        },
        {"type": "divider", "value": None},
        {"type": "callout", "value": {"kind": "key", "title": "Key", "text": "<p>One.</p>"}},
        {"type": "notes", "value": ["<p>In her diary.</p>"]},
    ]
    fields = {
        "tags": ["food"],
        "authors": [AuthorFactory(slug="ada", name="Ada & Co")],
        "series": SeriesFactory(slug="x"),
        "cover": photo,
        "body": body,
    }
    first = write("Soup & <bread>", published_at=moment(2014, 10, 18, 9), **fields)
    first.corrections = [Correction(date=dt.date(2014, 11, 2), text="<p>It was leek.</p>")]
    first.save()
    return [first, write("Second", published_at=moment(2014, 10, 18, 9), **fields)]


def elements(client, path):
    """A feed, and its entries."""
    root = etree.fromstring(client.get(path).content)
    return root, [*root.iter(f"{ATOM}entry"), *root.iter("item")]


class SelfTests:
    def test_each_feed_says_where_it_is_itself(self, posts, client):
        for path in [*FEEDS, *(f"{path}rss/" for path in FEEDS)]:
            root, entries = elements(client, path)
            [itself] = [link for link in root.iter(f"{ATOM}link") if link.get("rel") == "self"]
            assert itself.get("href") == f"http://testserver{path}"
            assert len(entries) == len(posts)


@pytest.mark.parametrize("path", ["/blog/feed/", "/blog/feed/rss/"])
class FeedRuleTests:
    def test_a_feed_is_sent_as_what_it_is(self, posts, client, path):
        kind = client.get(path)["Content-Type"]
        # A browser shows this type as a page, with the feed's style sheet, and saves others.
        assert kind == "application/xml; charset=utf-8"

    def test_ids_differ_and_are_absolute(self, posts, client, path):
        _root, entries = elements(client, path)
        found = [entry.findtext(f"{ATOM}id") or entry.findtext("guid") for entry in entries]
        assert len(set(found)) == len(posts)
        assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", identity) for identity in found)
        assert {entry.find("guid").get("isPermaLink") for entry in entries if "rss" in path} <= {
            "false"
        }

    def test_dates_are_written_as_each_format_wants(self, posts, client, path):
        _root, entries = elements(client, path)
        for entry in entries:
            if "rss" in path:
                assert parsedate_to_datetime(entry.findtext("pubDate")).tzinfo
            else:
                for name in ("published", "updated"):
                    assert dt.datetime.fromisoformat(entry.findtext(f"{ATOM}{name}")).tzinfo

    def test_titles_are_plain_and_authors_are_named_without_an_address(self, posts, client, path):
        _root, entries = elements(client, path)
        title = entries[-1].findtext(f"{ATOM}title") or entries[-1].findtext("title")
        assert title == "Soup & <bread>"
        # RSS wants an e-mail address in its own author.
        assert all(entry.find("author") is None for entry in entries)
        assert feedparser.parse(client.get(path).content).entries[0].author == "Ada & Co"

    def test_the_text_holds_only_what_readers_programs_show(self, posts, client, path):
        _root, entries = elements(client, path)
        for entry in entries:
            html = entry.findtext(f"{ATOM}content") or entry.findtext(CONTENT)
            soup = BeautifulSoup(html, "html.parser")
            assert "A dog" in html
            for element in soup.find_all(True):
                assert element.name in ELEMENTS
                assert element.attrs.keys() <= ATTRIBUTES
                for name in ("href", "src"):
                    assert re.match("https?://|mailto:", element.get(name, "http://"))


class UpdatedTests:
    def test_no_two_entries_were_changed_at_the_same_moment(self, posts, client):
        for post in posts:
            post.save_revision().publish()
        _root, entries = elements(client, "/blog/feed/")
        assert len({entry.findtext(f"{ATOM}updated") for entry in entries}) == len(posts)
