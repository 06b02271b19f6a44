"""
Puts every page of a running site to the judges that the world uses.

    make tools
    .venv/bin/python tests/browser/proof.py http://127.0.0.1:8000

Follows each link, asks the Nu HTML checker about each page, axe about one page of each kind (light,
dark, and 320 pixels wide), reads feeds with feedparser and the schema of JSON Feed, sitemaps with
their schema, JSON-LD by its required words and microformats with mf2py. Prints what is wrong and
ends with 1, or with 0.
"""

import argparse
import json
import re
import subprocess
import sys
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
}
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
}
BLOCKS = (
    *(".quote", ".photo", ".gallery", ".code", ".table", ".embed", ".callout", ".document"),
    *(".notes", ".related", ".contents", ".series-box", ".corrections", ".post__cover"),
)


@dataclass
class Page:
    """What came back from an address; `missing` where that is as it should be."""

    url: str
    status: int
    kind: str
    content: bytes
    missing: bool = False


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

    def get(self, url, missing=False):
        response = self.session.get(url, timeout=60)
        if response.cookies:
            self.fault(url, f"sets cookies: {response.cookies.keys()}")
        kind = response.headers.get("Content-Type", "")
        page = Page(url, response.status_code, kind, response.content, missing)
        if response.status_code != (404 if missing else 200):
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
        self.get(f"{self.base}/there-is-no-such-page/", missing=True)

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
                    missing = REQUIRED.get(item["@type"], set()) - {
                        key for key, value in item.items() if value
                    }
                    if missing:
                        self.fault(page.url, f"{item['@type']} has no {', '.join(sorted(missing))}")
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
        return dict.fromkeys(chosen.values())

    def check_access(self, urls):
        source = AXE.read_text()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
            )
            for theme in ("light", "dark"):
                for width in (1440, 320):
                    context = browser.new_context(
                        color_scheme=theme,
                        viewport={"width": width, "height": 900},
                        reduced_motion="reduce",
                        bypass_csp=True,
                    )
                    page = context.new_page()
                    for url in urls:
                        page.goto(url)
                        page.evaluate(source)
                        result = page.evaluate(
                            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})",
                            RULES,
                        )
                        for violation in result["violations"]:
                            where = "; ".join(
                                str(node["target"][0]) for node in violation["nodes"][:3]
                            )
                            self.fault(url, f"axe, {theme}, {width}: {violation['id']} at {where}")
                        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                            self.fault(url, f"scrolls sideways at {width} pixels")
                    context.close()
            browser.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("url", help="where the site runs, such as http://127.0.0.1:8000")
    parser.add_argument("--folder", default=None, help="where to keep the pages (a new one)")
    arguments = parser.parse_args()
    import tempfile

    folder = Path(arguments.folder or tempfile.mkdtemp())
    proof = Proof(arguments.url)
    print("Following all links …", flush=True)
    proof.crawl()
    print(f"{len(proof.pages)} addresses, {len(proof.html_pages())} pages", flush=True)
    proof.check_html(folder)
    proof.check_titles()
    print(f"structured data: {dict(proof.check_data())}", flush=True)
    print(f"{proof.check_feeds()} feeds", flush=True)
    print(f"{proof.check_sitemaps()} addresses in sitemaps", flush=True)
    urls = proof.one_of_each()
    print(f"{len(urls)} kinds of page, in two themes and two widths", flush=True)
    proof.check_access(urls)
    print(f"{len(proof.faults)} faults")
    return bool(proof.faults)


if __name__ == "__main__":
    sys.exit(main())
