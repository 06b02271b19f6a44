"""A body in forms that travel: HTML for feed readers, and Markdown."""

import re
from functools import lru_cache
from urllib.parse import urljoin

import nh3
from bs4 import BeautifulSoup
from markdownify import markdownify

# Parts of a page that do something there, and nothing elsewhere.
CONTROLS = "button, dialog, template, script, style, .code__bar, .embed__consent"
# What the W3C's feed validator lets through without a warning.
# fmt: off
TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "del", "dd", "div", "dl", "dt",
    "em", "h2", "h3", "h4", "hr", "i", "img", "li", "ol", "p", "pre", "s", "small",
    "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "time", "tr", "u", "ul",
}
# fmt: on
ATTRIBUTES = {
    "*": {"id"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
RENAMED = {"figure": "div", "figcaption": "p", "aside": "div", "section": "div"}
# What XML 1.0 cannot say at all (its production 2, Char).
UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """`text` without the characters that XML cannot carry."""
    return UNSPEAKABLE.sub("", text)


# As many as a few feeds have: each is made again when a single post of it was changed.
@lru_cache(maxsize=200)
def portable_html(html: str, address: str) -> str:
    """
    HTML of the page at `address` that any program may show, with absolute addresses.

    Controls are left out, and so is every element and attribute that feed readers mistrust.
    """
    soup = BeautifulSoup(html, "html.parser")
    for control in soup.select(CONTROLS):
        control.decompose()
    for name, plain in RENAMED.items():
        for element in soup.find_all(name):
            element.name = plain
    for attribute in ("href", "src"):
        for element in soup.find_all(attrs={attribute: True}):
            element[attribute] = urljoin(address, element[attribute])
    clean = nh3.clean(
        str(soup),
        tags=TAGS,
        attributes=ATTRIBUTES,
        link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"},
    )
    return xml_text(clean).strip()


def markdown(html: str, address: str) -> str:
    """The Markdown of the HTML of the page at `address`, with absolute addresses."""
    text = markdownify(portable_html(html, address), heading_style="ATX", bullets="-")
    return re.sub(r"\n{3,}", "\n\n", text).strip()
