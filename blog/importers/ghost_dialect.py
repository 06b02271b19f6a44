"""Turns what Ghost keeps into HTML: its two formats of documents, and the cards in its HTML."""

import html
import json
from collections.abc import Callable, Iterable
from typing import Any

from bs4 import BeautifulSoup, Tag

Losses = list[str]
FORMATS = ((1, "b"), (2, "i"), (4, "s"), (8, "u"), (16, "code"), (32, "sub"), (64, "sup"))
ELEMENTS = {"paragraph": "p", "quote": "blockquote", "aside": "blockquote", "listitem": "li"}
PLAYERS = ("kg-audio-card", "kg-video-card", "kg-file-card")


def translate(source: str) -> tuple[str, Losses]:
    """Return Ghost's HTML with its cards as elements of ours."""
    losses: Losses = []
    if "kg-" not in source:
        return source, losses
    soup = BeautifulSoup(source, "html.parser")
    for card in soup.select(".kg-gallery-card"):
        pictures = "".join(str(image.find_parent("a") or image) for image in card.find_all("img"))
        _replace(card, f"<x-gallery>{pictures}</x-gallery>{_inner(card, 'figcaption')}")
    for card in soup.select(".kg-callout-card"):
        emoji = _inner(card, ".kg-callout-emoji").strip()
        text = _inner(card, ".kg-callout-text")
        _replace(card, f"<x-callout><p>{emoji} {text}</p></x-callout>")
    for card in soup.select(", ".join(f".{name}" for name in PLAYERS)):
        media = card.find(["audio", "video"])
        address = (media or card.find("a", href=True) or {}).get("src" if media else "href", "")
        title = _inner(card, ".kg-audio-title, .kg-file-card-title")
        rest = _inner(card, "figcaption, .kg-file-card-caption")
        if not media:
            address = html.escape(address)
            _replace(
                card, f'<x-document file="{address}" title="{title}"></x-document><p>{rest}</p>'
            )
        else:
            _replace(
                card,
                f'<x-embed url="{html.escape(address)}" title="{title}"></x-embed><p>{rest}</p>',
            )
    for picture in soup.select(".kg-bookmark-icon, .kg-bookmark-thumbnail"):
        losses.append(f"The little picture of a bookmark was left out: {_address(picture)}.")
        picture.extract()
    for form in soup.select(".kg-signup-card form, .kg-header-card form"):
        losses.append("A form to subscribe was left out.")
        form.extract()
    return str(soup), losses


def _address(node: Tag) -> str:
    image = node if node.name == "img" else node.find("img")
    return image.get("src", "") if image else ""


def _inner(card: Tag, selector: str) -> str:
    found = card.select_one(selector)
    return found.decode_contents() if found else ""


def _replace(card: Tag, source: str) -> None:
    card.replace_with(BeautifulSoup(source, "html.parser"))


# Documents without HTML: lexical since version 5, mobiledoc from 1 to 4.


def of_lexical(text: str, markdown: Callable[[str], str]) -> tuple[str, Losses]:
    """Return a document of lexical as HTML. `markdown` renders what is Markdown in it."""
    losses: Losses = []

    def walk(nodes: Iterable[dict[str, Any]]) -> str:
        return "".join(map(one, nodes or ()))

    def one(node: dict[str, Any]) -> str:
        kind = str(node.get("type", "")).removeprefix("extended-")
        if kind in {"text", "tab"}:
            inner = html.escape(node.get("text", ""), quote=False)
            for bit, tag in FORMATS:
                if int(node.get("format") or 0) & bit:
                    inner = f"<{tag}>{inner}</{tag}>"
            return inner
        if kind == "linebreak":
            return "<br>"
        inner = walk(node.get("children") or ())
        if kind in {"link", "autolink", "at-link"}:
            return f'<a href="{html.escape(node.get("url") or "")}">{inner}</a>'
        if kind == "heading":
            return f"<{node.get('tag', 'h2')}>{inner}</{node.get('tag', 'h2')}>"
        if kind == "list":
            tag = "ol" if node.get("listType") == "number" else "ul"
            return f'<{tag} start="{node.get("start", 1)}">{inner}</{tag}>'
        if kind in ELEMENTS:
            return f"<{ELEMENTS[kind]}>{inner}</{ELEMENTS[kind]}>"
        if kind == "root":
            return inner
        return card(kind, node, markdown, losses) + inner

    return one(json.loads(text)["root"]), losses


def of_mobiledoc(text: str, markdown: Callable[[str], str]) -> tuple[str, Losses]:
    """Return a document of mobiledoc as HTML."""
    losses: Losses = []
    document = json.loads(text)
    markups = document.get("markups") or []

    def line(markers: Iterable[list[Any]]) -> str:
        parts: list[str] = []
        opened: list[str] = []
        for kind, opens, closes, value in markers:
            for index in opens:
                tag, pairs = markups[index][0], (markups[index][1:] or [[]])[0]
                named = zip(pairs[::2], pairs[1::2], strict=False)
                attributes = "".join(f' {k}="{html.escape(str(v))}"' for k, v in named)
                parts.append(f"<{tag}{attributes}>")
                opened.append(tag)
            atom = document["atoms"][value] if kind == 1 else None
            if atom:
                parts.append("<br>" if atom[0] == "soft-return" else html.escape(atom[1] or ""))
            else:
                parts.append(html.escape(str(value), quote=False))
            parts += [f"</{opened.pop()}>" for _ in range(min(closes, len(opened)))]
        return "".join(parts)

    parts = []
    for section in document.get("sections") or ():
        kind = section[0]
        if kind == 1:
            parts.append(f"<{section[1]}>{line(section[2])}</{section[1]}>")
        elif kind == 2:
            parts.append(f'<img src="{html.escape(section[1])}">')
        elif kind == 3:
            items = "".join(f"<li>{line(item)}</li>" for item in section[2])
            parts.append(f"<{section[1]}>{items}</{section[1]}>")
        elif kind == 10:
            name, values = document["cards"][section[1]]
            parts.append(card(name, values or {}, markdown, losses))
    return "".join(parts), losses


def card(kind: str, values: dict[str, Any], markdown: Callable[[str], str], losses: Losses) -> str:
    """Return a card as HTML. Its texts are HTML, but for titles and code."""

    def text(*names: str) -> str:
        return next((str(values[name]) for name in names if values.get(name)), "")

    def plain(*names: str) -> str:
        return html.escape(text(*names))

    caption = text("caption")
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    match kind.removeprefix("card-"):
        case "image":
            image = f'<img src="{plain("src")}" alt="{plain("alt")}" title="{plain("title")}">'
            image = f'<a href="{plain("href")}">{image}</a>' if values.get("href") else image
            return f"<figure>{image}{below}</figure>"
        case "gallery":
            images = "".join(
                f'<figure><img src="{html.escape(image.get("src") or "")}"'
                f' alt="{html.escape(image.get("alt") or "")}"></figure>'
                for image in values.get("images") or ()
            )
            return f"<x-gallery>{images}</x-gallery><p>{caption}</p>"
        case "code" | "codeblock":
            code = html.escape(text("code"), quote=False)
            language = plain("language")
            return f'<pre><code class="language-{language}">{code}</code></pre><p>{caption}</p>'
        case "html":
            return text("html")
        case "markdown":
            return markdown(text("markdown"))
        case "embed" if text("url"):
            return f'<x-embed url="{plain("url")}"></x-embed><p>{caption}</p>'
        case "embed":
            return f"{text('html')}<p>{caption}</p>"
        case "bookmark":
            about = values.get("metadata") or {}
            title = html.escape(about.get("title") or text("url"), quote=False)
            said = html.escape(about.get("description") or "", quote=False)
            return f'<p><a href="{plain("url")}">{title}</a></p><p>{said}</p><p>{caption}</p>'
        case "hr" | "horizontalrule":
            return "<hr>"
        case "callout":
            return f"<x-callout><p>{plain('calloutEmoji')} {text('calloutText')}</p></x-callout>"
        case "toggle":
            return f"<h4>{text('heading')}</h4>{text('content')}"
        case "button" | "email-cta" | "call-to-action":
            inner = plain("buttonText") or plain("buttonUrl")
            link = f'<p><a href="{plain("buttonUrl")}">{inner}</a></p>' if inner else ""
            return f"{text('html', 'textValue')}{link}"
        case "file":
            title = plain("fileTitle", "fileName")
            said = text("fileCaption")
            return f'<x-document file="{plain("src")}" title="{title}"></x-document><p>{said}</p>'
        case "audio" | "video":
            title = plain("title")
            return f'<x-embed url="{plain("src")}" title="{title}"></x-embed><p>{caption}</p>'
        case "product":
            image = f'<img src="{plain("productImageSrc")}">' if text("productImageSrc") else ""
            link = f'<p><a href="{plain("productUrl")}">{plain("productButton")}</a></p>'
            return f"{image}<h4>{text('productTitle')}</h4>{text('productDescription')}{link}"
        case "header" | "signup":
            losses.append(f"Of a card “{kind}” only the text was kept.")
            return f"<h2>{text('header', 'heading')}</h2><p>{text('subheader', 'subheading')}</p>"
        case "paywall" | "email":
            if kind == "email":
                losses.append("A part for mail only stands in the text.")
            return text("html")
    losses.append(f"A card “{kind}” was left out: it means nothing here.")
    return ""
