"""What an editor should look at again before a text is published."""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from django.utils.translation import gettext as _
from wagtail.blocks import StreamValue

# In words; beyond it a screen is one grey block.
LONG_PARAGRAPH = 200
# In words; shorter shouting is an abbreviation or a heading of somebody else's.
SHORT_SHOUT = 4
VAGUE = {"click here", "here", "link", "this link", "read more", "more", "this page"}
FILE_NAME = re.compile(r"\.(?:avif|gif|jpe?g|png|svg|webp)$|^(?:img|dsc|dscn|pict?)[-_ ]?\d+", re.I)


def _html(body: StreamValue) -> Iterator[str]:
    """The pieces of a body that have links and paragraphs."""
    for block in body:
        if block.block_type == "paragraph":
            yield block.value.source
        elif block.block_type in {"quote", "callout"}:
            yield block.value["text"].source


def _photos(body: StreamValue) -> Iterator[tuple[object, str]]:
    """Each picture of a body and its description; decorative ones are left out."""
    for block in body:
        if block.block_type == "photo":
            images = [block.value["image"]]
        elif block.block_type == "gallery":
            images = [photo["image"] for photo in block.value["photos"]]
        else:
            continue
        for image in images:
            if image and not getattr(image, "decorative", False):
                yield image, (image.contextual_alt_text or image.default_alt_text or "").strip()


def about_photos(body: StreamValue) -> Iterator[str]:
    for image, description in _photos(body):
        if not description:
            yield _(
                "The photo “%(title)s” has no description. Say in a sentence what it shows, for "
                "readers who do not see it, or mark it as decorative."
            ) % {"title": image}
        elif FILE_NAME.search(description):
            yield _(
                "The description “%(text)s” is the name of a file. Say what the photo shows."
            ) % {"text": description}


def about_links(body: StreamValue) -> Iterator[str]:
    for html in _html(body):
        for link in BeautifulSoup(html, "html.parser").find_all("a"):
            text = " ".join(link.get_text().split())
            if not text:
                yield _("A link has no words. Write what the reader finds there, or remove it.")
            elif text.casefold().strip(" .:!…→") in VAGUE:
                yield _(
                    "The link “%(text)s” does not say where it leads. Some readers hear a page’s "
                    "links without the text around them: use the name of what is there."
                ) % {"text": text}


def about_headings(body: StreamValue) -> Iterator[str]:
    level = 1
    for block in body:
        if block.block_type != "heading":
            continue
        wanted = block.value.rank
        if wanted > level + 1:
            yield _(
                "The heading “%(text)s” skips a level. Make it a section, or put a section "
                "heading above it."
            ) % {"text": block.value["text"]}
        level = wanted


def about_paragraphs(body: StreamValue) -> Iterator[str]:
    for html in _html(body):
        for paragraph in BeautifulSoup(html, "html.parser").find_all("p"):
            text = paragraph.get_text()
            words = text.split()
            beginning = " ".join(words[:6])
            if len(words) > LONG_PARAGRAPH:
                yield _(
                    "The paragraph that begins “%(text)s …” has %(count)d words. Divide it where "
                    "the thought turns."
                ) % {"text": beginning, "count": len(words)}
            if len(words) > SHORT_SHOUT and text.isupper():
                yield _(
                    "The paragraph that begins “%(text)s …” is in capitals, which are hard to read "
                    "and may be read out letter by letter. Write it in small letters."
                ) % {"text": beginning}


def about_page(page) -> Iterator[str]:  # type: ignore[no-untyped-def]
    """What to look at again in a post or a standard page, a sentence each."""
    if not page.introduction:
        yield _("There is no introduction. Lists show the first words of the text in its place.")
    if not (page.search_description or page.introduction):
        yield _(
            "There is no search description. Search engines choose a passage themselves: write "
            "one or two sentences under “Promote”, or an introduction."
        )
    for about in (about_photos, about_links, about_headings, about_paragraphs):
        yield from about(page.body)
