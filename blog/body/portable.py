"""Bodies as HTML for feed readers, and as Markdown."""

import re
from functools import lru_cache
from urllib.parse import urljoin

import nh3
from bs4 import BeautifulSoup
from markdownify import markdownify

# Elements that only work on the site's own pages.
CONTROLS = "button, dialog, template, script, style, .code__bar, .embed__consent"
# The elements that the W3C's feed validator accepts without a warning.
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
# The characters that XML 1.0 does not allow (production 2, Char).
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return `text` without the characters that XML does not allow."""
    return NOT_XML.sub("", text)


# The posts of a few feeds: a feed is rendered again when only one of its posts was changed.
@lru_cache(maxsize=200)
def portable_html(html: str, address: str) -> str:
    """
    Return HTML of the page at `address` that any program may show, with absolute addresses.

    Controls are left out, and so are the elements and attributes that feed readers do not accept.
    """
    soup = BeautifulSoup(html, "html.parser")
    for control in soup.select(CONTROLS):
        control.decompose()
    for enlarging in soup.select(".photo > a"):
        enlarging.unwrap()
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
    """Return HTML of the page at `address` as Markdown, with absolute addresses."""
    text = markdownify(portable_html(html, address), heading_style="ATX", bullets="-")
    return re.sub(r"\n{3,}", "\n\n", text).strip()
