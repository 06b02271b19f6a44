"""Feeds with the whole newest posts of a blog, tag, author or series."""

import datetime as dt
import hashlib
import json
import mimetypes

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import (
    Atom1Feed,
    Enclosure,
    Rss201rev2Feed,
    Stylesheet,
    SyndicationFeed,
    rfc3339_date,
)
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from wagtail.models import Site

from blog.archives.listing import LongPaginator
from blog.body import reading
from blog.body.portable import portable_html, xml_text
from blog.models.photo import read_sizes

# The date of a feed without posts, as a feed must have one (RFC 4287, 4.2.15).
EMPTY_SINCE = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
XHTML = "http://www.w3.org/1999/xhtml"


class Dated:
    """A feed that is not dated at the present when it has no posts."""

    def latest_post_date(self):
        return super().latest_post_date() if self.items else EMPTY_SINCE


class Readable:
    """
    A feed in XML that is a readable page in a browser, with static/css/feed.css.

    Its links are elements of XHTML, as style sheets cannot make any; both formats allow elements
    of other namespaces. Browsers show the XML of the types of feeds as plain text.
    """

    content_type = "application/xml; charset=utf-8"

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        handler.startElement("p", {"xmlns": XHTML})
        handler.characters(self.feed["explanation"] + " ")
        handler.addQuickElement("a", self.feed["follow_label"], {"href": self.feed["follow_url"]})
        handler.endElement("p")

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.addQuickElement("a", item["title"], {"xmlns": XHTML, "href": item["link"]})


class AtomFeed(Readable, Dated, Atom1Feed):
    """Atom (RFC 4287), with a post's whole text as its content and each of its authors."""

    def write(self, outfile, encoding):
        # As Django's method, which names style sheets in RSS only.
        handler = SimplerXMLGenerator(outfile, encoding, short_empty_elements=True)
        handler.startDocument()
        for stylesheet in self.feed["stylesheets"] or []:
            handler.processingInstruction("xml-stylesheet", stylesheet)
        handler.startElement("feed", self.root_attributes())
        self.add_root_elements(handler)
        self.write_items(handler)
        handler.endElement("feed")

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        if settings.WEBSUB_HUB_URL:
            handler.addQuickElement("link", "", {"rel": "hub", "href": settings.WEBSUB_HUB_URL})
        if not self.feed.get("author_name"):
            handler.startElement("author", {})
            handler.addQuickElement("name", self.feed["title"])
            handler.endElement("author")

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        for author in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", author["name"])
            handler.addQuickElement("uri", author["url"])
            handler.endElement("author")
        if item["external_url"]:
            handler.addQuickElement("link", "", {"rel": "related", "href": item["external_url"]})
        handler.addQuickElement("content", item["content"], {"type": "html"})


class RssFeed(Readable, Dated, Rss201rev2Feed):
    """RSS 2.0 with https://www.rssboard.org/rss-profile's content:encoded and dc:creator."""

    def rss_attributes(self):
        return {
            **super().rss_attributes(),
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        if settings.WEBSUB_HUB_URL:
            handler.addQuickElement(
                "atom:link", None, {"rel": "hub", "href": settings.WEBSUB_HUB_URL}
            )

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        for author in item["authors"]:
            handler.addQuickElement("dc:creator", author["name"])
        handler.addQuickElement("content:encoded", item["content"])


class JsonFeed(SyndicationFeed):
    """JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile, encoding):
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"] or self.feed["title"],
            "language": self.feed["language"],
            "items": [self.item(item) for item in self.items],
        }
        if settings.WEBSUB_HUB_URL:
            feed["hubs"] = [{"type": "WebSub", "url": settings.WEBSUB_HUB_URL}]
        outfile.write(json.dumps(feed, ensure_ascii=False))

    def item(self, item):
        attachments = [
            {"url": file.url, "mime_type": file.mime_type, "size_in_bytes": int(file.length)}
            for file in item["enclosures"]
        ]
        fields = {
            "id": item["unique_id"],
            "url": item["link"],
            "external_url": item["external_url"],
            "title": item["title"],
            "content_html": item["content"],
            "summary": item["description"],
            "image": item["image"],
            "date_published": rfc3339_date(item["pubdate"]),
            "date_modified": rfc3339_date(item["updateddate"]),
            "authors": item["authors"],
            "tags": list(item["categories"]),
            "attachments": attachments,
        }
        return {name: value for name, value in fields.items() if value}


FORMATS = {"atom": AtomFeed, "rss": RssFeed, "json": JsonFeed}


class PostFeed(Feed):
    """
    The newest posts of a blog, or of the queryset `posts`.

    `page_url` is the path of the page that lists them, `description` says what they have in common,
    and `kind` is one of `FORMATS`.
    """

    length = 20

    def __init__(self, blog, kind="atom", *, posts=None, title="", description="", page_url=None):
        self.blog = blog
        self.kind = kind
        self.posts = posts
        self.subject = title or blog.title
        about = description or title or blog.get_meta_description()
        self.subtitle = self.description = xml_text(about)
        self.page_url = page_url
        self.feed_type = FORMATS[kind]
        if kind != "json":
            self.stylesheets = [Stylesheet(static("css/feed.css"), mimetype="text/css")]

    def __call__(self, request, *args, **kwargs):
        self.request = request
        response = super().__call__(request, *args, **kwargs)
        digest = hashlib.sha256(response.content).hexdigest()
        # Not the feed's own date, as other changes of a post change the feed as well. Less up to a
        # day that depends on the content, as a renamed tag or author has no date of its own.
        last = max((post.modified_at for post in self.listed), default=EMPTY_SINCE)
        modified = int(last.timestamp()) - int(digest, 16) % 86_400
        response["Last-Modified"] = http_date(modified)
        # A weak one, as a server in front may compress the response.
        etag = f'W/"{digest[:32]}"'
        response["ETag"] = etag
        response["Access-Control-Allow-Origin"] = "*"
        # Compared for equality, as the date becomes an earlier one when the newest post is gone.
        same = request.headers.get("If-Modified-Since") == response["Last-Modified"]
        return get_conditional_response(
            request, etag=etag, last_modified=same and modified, response=response
        )

    def title(self):
        site = Site.find_for_request(self.request)
        names = [self.subject, site.site_name if site else ""]
        return xml_text(" – ".join(filter(None, names)))

    def link(self):
        if self.page_url is None:
            return self.blog.get_full_url(self.request)
        return self.request.build_absolute_uri(self.page_url)

    def feed_url(self):
        return self.request.build_absolute_uri(self.request.path)

    def feed_guid(self):
        return self.link()

    def feed_extra_kwargs(self, obj):
        blog_url = self.blog.get_full_url(self.request)
        return {
            "explanation": _("This is a feed: its address belongs into a feed reader."),
            "follow_label": _("How to follow"),
            "follow_url": blog_url + self.blog.reverse_subpage("follow"),
        }

    def items(self):
        if self.posts is None:
            newest = self.blog.newest(self.length)
        else:
            posts = self.posts.order_by("-published_at", "-pk")
            key = f"{self.blog.pk} {self.page_url} newest"
            newest = LongPaginator(posts, self.length, key=key).page(1).object_list
        posts = list(newest.for_feed())
        photos = [photo for post in posts for photo in reading.photos(post.body)]
        photos += [photo for post in posts for photo in (post.cover, post.search_image)]
        read_sizes(photos, "text", "gallery", "enlarged", "share")
        for post in posts:
            post.blog = self.blog
        self.listed = posts
        return posts

    def item_title(self, post):
        return xml_text(post.title)

    def item_description(self, post):
        return xml_text(post.summary)

    def item_link(self, post):
        return post.get_full_url(self.request)

    def item_guid(self, post):
        # Unlike the address it never changes, so feed readers do not show a post twice.
        return f"urn:uuid:{post.translation_key}"

    item_guid_is_permalink = False

    def item_pubdate(self, post):
        return post.published_at

    def item_updateddate(self, post):
        return post.changed_at

    def item_categories(self, post):
        return [xml_text(tag.name) for tag in post.sorted_tags]

    def item_enclosures(self, post):
        """Return the documents of a post as enclosures."""
        enclosures = []
        for document in post.documents:
            kind = mimetypes.guess_type(document.filename)[0] or "application/octet-stream"
            url = self.request.build_absolute_uri(document.url)
            enclosures.append(Enclosure(url, str(document.get_file_size() or 0), kind))
        # RSS allows only one.
        return enclosures[:1] if self.kind == "rss" else enclosures

    def item_extra_kwargs(self, post):
        url = post.get_full_url(self.request)
        body = render_to_string(
            "blog/includes/feed_item.html", {"page": post, "request": self.request}
        )
        blog_url = self.blog.get_full_url(self.request)
        return {
            "content": portable_html(body, url),
            "external_url": post.link,
            "image": post.get_meta_image_url(self.request) if post.get_meta_image() else "",
            "authors": [
                {
                    "name": xml_text(author.name),
                    "url": blog_url + self.blog.reverse_subpage("author", args=[author.slug]),
                }
                for author in post.authors
            ],
        }
