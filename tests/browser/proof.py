"""
Puts every page of the demo, and posts that no design expects, to the judges that the world uses.

    make proof                                                      # starts a demo of its own
    .venv/bin/python -m tests.browser.proof http://127.0.0.1:8000   # or asks a running one

Follows each link, asks the Nu HTML checker about each page, axe about one page of each kind and
each block (light and dark, wide and 320 pixels wide) and about the admin's pages of ours, reads
feeds with feedparser and the schema of JSON Feed, sitemaps with their schema, JSON-LD by its
required words and dates, and microformats with mf2py. Prints what is wrong and ends with 1, or
with 0.
"""

import argparse
import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit

import feedparser
import jsonschema
import mf2py
import requests
from bs4 import BeautifulSoup
from lxml import etree
from playwright.sync_api import sync_playwright

from tests.browser import extremes
from tests.browser.server import Server, free_port

TOOLS = Path(__file__).resolve().parent.parent.parent / ".tools" / "node_modules"
AXE = TOOLS / "axe-core" / "axe.min.js"
VNU = TOOLS / "vnu-jar" / "build" / "dist" / "vnu.jar"
JSON_FEED = TOOLS / "jsonfeed-schema" / "schema-v1.1.json"
SITEMAP = TOOLS / "sitemap" / "schema" / "sitemap.xsd"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What each kind must say of itself, for search engines to show it.
REQUIRED = {
    "BlogPosting": {"headline", "datePublished", "dateModified", "author", "publisher", "url"},
    "BreadcrumbList": {"itemListElement"},
    "CollectionPage": {"name", "url"},
    "Blog": {"name", "url"},
    "WebSite": {"name", "url", "potentialAction"},
    "Organization": {"name", "url"},
    "Person": {"name"},
    "ListItem": {"position", "name"},
    "CorrectionComment": {"datePublished", "text"},
}
DATES = {"datePublished", "dateModified"}
ADDRESSES = {"url", "item", "logo", "mainEntityOfPage"}
# The admin's pages of ours, for who may see all of them.
ADMIN = (
    "/admin/",
    "/admin/schedule/",
    "/admin/schedule/?view=month",
    "/admin/reports/searches/top/",
    "/admin/reports/searches/failed/",
    "/admin/reports/searches/changed/",
    "/admin/reports/searches/trend/",
    "/admin/settings/home/sitesettings/",
)
# Of each account of the demo.
PASSWORD = "daybook-demo"
# What is opened in the editor.
POST = "/blog/blame-is-not-a-method/"
# The demo has posts that go live in the next minutes: what was crawled must stay what is there.
STILL = """
import datetime as dt
from django.db.models import F
from wagtail.models import Revision
waiting = Revision.objects.filter(approved_go_live_at__isnull=False)
waiting.update(approved_go_live_at=F("approved_go_live_at") + dt.timedelta(days=1))
"""
BROKEN = "from django.template.loader import render_to_string; print(render_to_string('500.html'))"
# The kinds of page, by what their addresses look like; the first of each is looked at closely.
KINDS = {
    "front page": r"/$",
    "list": r"/blog/$",
    "second page of a list": r"/blog/\?page=2$",
    "year": r"/blog/\d{4}/$",
    "month": r"/blog/\d{4}/\d\d/$",
    "day": r"/blog/\d{4}/\d\d/\d\d/$",
    "archive": r"/blog/archive/$",
    "tags": r"/blog/tags/$",
    "tag": r"/blog/tags/[^/]+/$",
    "authors": r"/blog/authors/$",
    "author": r"/blog/authors/[^/]+/$",
    "all series": r"/blog/series/$",
    "series": r"/blog/series/[^/]+/$",
    "standard page": r"/(?!blog)[\w-]+/$",
    "search": r"/search/\?q=",
    "nothing found": r"/there-is-no-such-page/$",
    "password": r"/blog/a-page-for-foster-carers/$",
}
BLOCKS = (
    *(".quote", ".photo", ".gallery", ".code", ".table", ".embed", ".callout", ".document"),
    *(".notes", ".related", ".contents", ".series-box", ".corrections", ".post__cover"),
)


@dataclass
class Page:
    """What came back from an address."""

    url: str
    status: int
    kind: str
    content: bytes


class Proof:
    def __init__(self, base):
        self.base = base.rstrip("/")
        self.faults = []
        self.pages = {}
        self.session = requests.Session()

    def fault(self, url, what):
        self.faults.append(what)
        print(f"{url}: {what}", flush=True)

    def ours(self, url):
        """The address on the tested server, if the site's own address names it, or None."""
        parts = urlsplit(url)
        if parts.hostname not in {"127.0.0.1", "localhost", urlsplit(self.base).hostname}:
            return None
        base = urlsplit(self.base)
        return urlunsplit((base.scheme, base.netloc, parts.path or "/", parts.query, ""))

    def get(self, url, status=200):
        response = self.session.get(url, timeout=60)
        # The form that asks for a password needs one.
        if response.cookies and b"csrfmiddlewaretoken" not in response.content:
            self.fault(url, f"sets cookies: {response.cookies.keys()}")
        self.session.cookies.clear()
        kind = response.headers.get("Content-Type", "")
        page = Page(url, response.status_code, kind, response.content)
        if response.status_code != status:
            self.fault(url, f"answers {response.status_code}")
        self.pages[url] = page
        return page

    def crawl(self):
        """Follow all links of the site's pages, and look for the fragments that they name."""
        waiting = [f"{self.base}/", f"{self.base}/search/?q=the", f"{self.base}/search/"]
        fragments = []
        while waiting:
            url = waiting.pop()
            if url in self.pages:
                continue
            page = self.get(url)
            if "text/html" not in page.kind:
                continue
            soup = BeautifulSoup(page.content, "html.parser")
            for name, attribute in (
                ("a", "href"),
                ("link", "href"),
                ("img", "src"),
                ("script", "src"),
            ):
                for element in soup.find_all(name, attrs={attribute: True}):
                    target, fragment = urldefrag(urljoin(url, element[attribute]))
                    target = self.ours(target)
                    if target is None or "/admin/" in target:
                        continue
                    # What stands behind :~: is for the browser, which looks for those words.
                    fragment = fragment.partition(":~:")[0]
                    if fragment and name == "a":
                        fragments.append((url, target, unquote(fragment)))
                    # Of the answers of the search one is enough.
                    if "/search/?" not in target:
                        waiting.append(target)
            for source in soup.select("source[srcset]"):
                waiting += [
                    self.ours(urljoin(url, part.split()[0])) for part in source["srcset"].split(",")
                ]
        for url, target, fragment in fragments:
            page = self.pages.get(target)
            if (
                page
                and "text/html" in page.kind
                and f'id="{fragment}"' not in page.content.decode()
            ):
                self.fault(url, f"links to #{fragment}, which {target} has not")
        self.get(f"{self.base}/there-is-no-such-page/", status=404)
        self.get(f"{self.base}/blog/a-page-for-foster-carers/")
        for path in ("/robots.txt", "/llms.txt"):
            self.get(self.base + path)
        named = self.pages[f"{self.base}/llms.txt"].content.decode()
        for target in filter(None, map(self.ours, re.findall(r"\]\((http\S+)\)", named))):
            if target not in self.pages:
                self.get(target)

    def html_pages(self):
        return [page for page in self.pages.values() if "text/html" in page.kind]

    def check_html(self, folder):
        names = {}
        for number, page in enumerate(self.html_pages()):
            path = folder / f"{number}.html"
            path.write_bytes(page.content)
            names[path.name] = page.url
        run = subprocess.run(
            ["java", "-jar", VNU, "--format", "json", *[folder / name for name in names]],
            capture_output=True,
            text=True,
            check=False,
        )
        for message in json.loads(run.stderr)["messages"]:
            if message["type"] == "error" or message.get("subType") == "warning":
                name = message["url"].rpartition("/")[2]
                self.fault(names[name], f"Nu: {message['message']} {message.get('extract', '')!r}")

    def check_titles(self):
        titles = Counter()
        for page in self.html_pages():
            soup = BeautifulSoup(page.content, "html.parser")
            if len(soup.find_all("h1")) != 1:
                self.fault(page.url, f"has {len(soup.find_all('h1'))} h1")
            if len(soup.find_all("title")) != 1:
                self.fault(page.url, "has not one title")
            if "/search/" not in page.url:
                titles[soup.title.string] += 1
        for title, count in titles.items():
            if count > 1:
                self.fault(self.base, f"{count} pages are called {title!r}")

    def check_data(self):
        found = Counter()
        for page in self.html_pages():
            soup = BeautifulSoup(page.content, "html.parser")
            for script in soup.find_all("script", type="application/ld+json"):
                for item in json.loads(script.string)["@graph"]:
                    found[item["@type"]] += 1
                    self.check_item(page, item)
            self.check_head(page, soup)
            if soup.select(".h-feed") and not any(
                item["type"] == ["h-feed"] and item.get("children")
                for item in mf2py.parse(doc=page.content.decode(), url=page.url)["items"]
            ):
                self.fault(page.url, "its h-feed has no entries")
            if soup.select(".post.h-entry"):
                entries = [
                    item
                    for item in mf2py.parse(doc=page.content.decode(), url=page.url)["items"]
                    if "h-entry" in item["type"]
                ]
                properties = entries[0]["properties"] if entries else {}
                for name in ("name", "content", "published", "author", "url"):
                    if not properties.get(name):
                        self.fault(page.url, f"its h-entry has no {name}")
        for kind in ("BlogPosting", "BreadcrumbList", "CollectionPage", "Blog", "WebSite"):
            if not found[kind]:
                self.fault(self.base, f"no page says that it is a {kind}")
        return found

    def check_item(self, page, item):
        """What schema.org's words need, in an item of JSON-LD and in those within it."""
        for value in item.values():
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    self.check_item(page, part)
        kind = item.get("@type")
        if missing := REQUIRED.get(kind, set()) - {key for key, value in item.items() if value}:
            self.fault(page.url, f"{kind} has no {', '.join(sorted(missing))}")
        for key in DATES & item.keys():
            try:
                moment = dt.datetime.fromisoformat(item[key])
            except ValueError:
                self.fault(page.url, f"{kind}'s {key} is no ISO date: {item[key]}")
            else:
                if kind == "BlogPosting" and moment.tzinfo is None:
                    self.fault(page.url, f"{kind}'s {key} names no time zone: {item[key]}")
        for key in ADDRESSES & item.keys():
            if not urlsplit(str(item[key])).scheme:
                self.fault(page.url, f"{kind}'s {key} is not absolute: {item[key]}")

    def check_head(self, page, soup):
        """What those who share a page and search engines read of it."""
        if page.status != 200 or soup.find("meta", attrs={"name": "robots"}):
            return
        said = {
            element.get("property") or element.get("name"): element.get("content")
            for element in soup.select("meta[property], meta[name]")
        }
        wanted = ["description"]
        if "/search/" not in page.url:
            wanted += ["og:title", "og:type", "og:url", "og:image", "twitter:card"]
        if soup.select(".post.h-entry"):
            wanted += ["article:published_time", "article:modified_time", "og:image:width"]
        for name in wanted:
            if not said.get(name):
                self.fault(page.url, f"has no {name}")
        canonical = soup.find("link", rel="canonical")
        if not canonical or not urlsplit(canonical["href"]).scheme:
            self.fault(page.url, "has no canonical address")

    def check_markdown(self):
        """Each post's Markdown twin; returns how many there are."""
        twins = [page for page in self.pages.values() if "text/markdown" in page.kind]
        for page in twins:
            if not page.content.startswith((b"---\n", b"# ")):
                self.fault(page.url, "does not begin with what it is about")
        return len(twins)

    def check_feeds(self):
        schema = json.loads(JSON_FEED.read_text())
        feeds = [page for page in self.pages.values() if re.search(r"/feed/(\w+/)?$", page.url)]
        for atom in [page for page in feeds if page.url.endswith("/feed/")]:
            feeds += [self.get(atom.url + kind) for kind in ("rss/", "json/")]
        for page in feeds:
            if page.url.endswith("/json/"):
                for error in jsonschema.Draft7Validator(schema).iter_errors(
                    json.loads(page.content)
                ):
                    self.fault(page.url, error.message)
                continue
            feed = feedparser.parse(page.content)
            if feed.bozo:
                self.fault(page.url, str(feed.bozo_exception))
            for entry in feed.entries:
                if not entry.get("id") or not entry.get("published") or not entry.get("title"):
                    self.fault(page.url, f"{entry.link} has no id, date or title")
                html = entry.content[0].value
                if re.search(r'(?:href|src)="(?!https?://|mailto:|tel:)', html):
                    self.fault(page.url, f"{entry.link} has an address that is not absolute")
        return len(feeds)

    def check_sitemaps(self):
        # Images and news come from schemas that are not beside it.
        schema = SITEMAP.read_bytes().replace(b'processContents="strict"', b'processContents="lax"')
        schema = etree.XMLSchema(etree.fromstring(schema))
        index = etree.fromstring(self.get(f"{self.base}/sitemap.xml").content)
        locations = 0
        for url in index.xpath("//*[local-name()='sitemap']/*[local-name()='loc']/text()"):
            document = etree.fromstring(self.get(self.ours(url)).content)
            pages = document.xpath("/*/*[local-name()='url']/*[local-name()='loc']/text()")
            # The schema wants one address at least; there may be no news.
            if pages and not schema.validate(document):
                self.fault(url, str(schema.error_log))
            for page in pages:
                locations += 1
                if self.ours(page) not in self.pages:
                    self.fault(url, f"names {page}, to which no link leads")
        return locations

    def one_of_each(self):
        chosen = {}
        for url in sorted(self.pages):
            path = url[len(self.base) :]
            for kind, pattern in KINDS.items():
                if re.fullmatch(pattern + (".*" if pattern.endswith("=") else ""), path):
                    chosen.setdefault(kind, url)
        for kind in KINDS.keys() - chosen.keys():
            self.fault(self.base, f"there is no page of the kind “{kind}”")
        for block in BLOCKS:
            for page in self.html_pages():
                soup = BeautifulSoup(page.content, "html.parser")
                if soup.select_one(block):
                    chosen[f"page with {block}"] = page.url
                    break
        for path in extremes.PATHS.values():
            if (url := self.base + path) in self.pages:
                chosen[path] = url
        return list(dict.fromkeys(chosen.values()))

    def check_access(self, urls):
        source = AXE.read_text()

        def judge(page, url, name):
            page.evaluate(source)
            result = page.evaluate(
                "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
            )
            for violation in result["violations"]:
                where = "; ".join(str(node["target"][0]) for node in violation["nodes"][:3])
                self.fault(url, f"axe, {name}: {violation['id']} at {where}")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                self.fault(url, f"scrolls sideways, {name}")

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
            )
            for theme, width in (("light", 1440), ("dark", 1440), ("light", 320)):
                context = browser.new_context(
                    color_scheme=theme,
                    viewport={"width": width, "height": 900},
                    reduced_motion="reduce",
                    bypass_csp=True,
                )
                page = context.new_page()
                for url in urls:
                    if self.pages[url].status == 500:
                        # Shown at the front page's address, as no address leads to it.
                        page.goto(self.base)
                        page.set_content(self.pages[url].content.decode())
                    else:
                        page.goto(url)
                    judge(page, url, f"{theme}, {width}")
                if width == 1440:
                    page.goto(f"{self.base}/admin/login/")
                    page.locator("[name=username]").fill("administrator")
                    page.locator("[name=password]").fill(PASSWORD)
                    page.get_by_role("button", name="Sign in").click()
                    page.wait_for_url("**/admin/")
                    seen = page.request.get(self.base + POST).text()
                    editor = re.search(r"/admin/pages/\d+/edit/", seen)
                    for path in (*ADMIN, editor[0]):
                        page.goto(self.base + path)
                        judge(page, self.base + path, theme)
                context.close()
            browser.close()


def prove(url, folder, broken=""):
    """
    Put the site at `url` to all judges; returns the faults they found.

    `broken` is the page of a site that has failed; with it come the posts of `extremes`.
    """
    proof = Proof(url)
    started = time.monotonic()

    def say(text):
        print(f"{time.monotonic() - started:4.0f} s  {text}", flush=True)

    proof.crawl()
    strange = []
    if broken:
        failed = Page(f"{proof.base}/failed/", 500, "text/html", broken.encode())
        proof.pages[failed.url] = failed
        gone = proof.get(proof.base + extremes.PATHS["post that is gone"], status=410)
        strange = [failed.url, gone.url]
    say(f"{len(proof.pages)} addresses followed, {len(proof.html_pages())} pages")
    proof.check_html(folder)
    proof.check_titles()
    say("Nu has read all pages")
    say(f"structured data: {dict(proof.check_data())}")
    say(f"{proof.check_markdown()} posts in Markdown, {proof.check_feeds()} feeds")
    say(f"{proof.check_sitemaps()} addresses in sitemaps")
    urls = [*proof.one_of_each(), *strange]
    proof.check_access(urls)
    say(
        f"axe has seen {len(urls)} pages, light, dark and narrow, and {len(ADMIN) + 1} of the admin"
    )
    print(f"{len(proof.faults)} faults")
    return proof.faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("url", nargs="?", help="where the demo runs; it is started where none is")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.url:
            return bool(prove(arguments.url, Path(folder)))
        server = Server(Path(folder) / "site", free_port())
        server.load_demo()
        server.run(extremes.SCRIPT)
        server.run(STILL)
        server.start()
        try:
            broken = server.run(BROKEN)
            return bool(prove(server.address, Path(folder), broken))
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
