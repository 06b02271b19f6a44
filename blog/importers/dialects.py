"""
Turns what a platform writes that is no HTML into HTML: shortcodes, block comments, cards, widgets.

Each function returns the HTML, and messages about what was left out.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence

from . import ghost_dialect, wordpress_dialect
from .imported import Attachment, ImportedPost

Losses = list[str]


def translate(
    post: ImportedPost,
    attachments: Mapping[str, Attachment],
    children: Callable[[], Sequence[Attachment]],
) -> tuple[str, Losses]:
    """
    Return the text of a post as HTML, and messages about what was left out.

    `children` returns the attachments of the post.
    """
    if post.dialect == "wordpress":
        return wordpress_dialect.translate(post.html, post.notes, attachments, children)
    if post.dialect == "blogger":
        return blogger(post.html)
    if post.dialect == "ghost":
        return ghost_dialect.translate(post.html)
    return post.html, []


def shown(post: ImportedPost, translated: str) -> str:
    """Return the HTML of a post whose text must arrive, as untouched as it can be counted."""
    if post.dialect == "wordpress":
        return wordpress_dialect.shown(post.html)
    # The cards of Ghost have the buttons and the times of players in them.
    return translated if post.dialect == "ghost" else post.html


# Liquid (Jekyll) and Hugo's shortcodes.

FENCED = re.compile(
    r"(^[ \t]*(```+|~~~+).*?^[ \t]*\2[ \t]*$|(?<!`)`[^`\n]+`(?!`))", re.MULTILINE | re.DOTALL
)
HIGHLIGHT = re.compile(
    r"\{(?:%|\{[<%])-?\s*highlight\s+[\"']?([\w+#-]*)[^}]*?(?:%|[>%]\})\}\n?(.*?)\n?[ \t]*"
    r"\{(?:%|\{[<%])-?\s*(?:end|/\s*)highlight\s*-?(?:%|[>%]\})\}",
    re.DOTALL,
)
TAG = re.compile(
    r"\{%-?\s*(\w+)\s*(.*?)\s*-?%\}|\{\{[<%]\s*(/?\s*[\w./-]+)\s*(.*?)\s*/?[>%]\}\}", re.DOTALL
)
VARIABLE = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
KRAMDOWN = re.compile(r"\{:[^{}\n]*\}|^\[TOC\]$", re.MULTILINE)
PELICAN = re.compile(r"(?<=[(\"'])\{(?:filename|static|attach)\}|(?<=[(\"'])\|filename\|")


def liquid(text: str, is_html: bool = False) -> tuple[str, Losses]:
    """Return Markdown without Liquid and shortcodes, outside of code."""
    losses: Losses = []
    text = HIGHLIGHT.sub(lambda found: _highlight(found, is_html), text)
    parts = [text] if is_html else FENCED.split(text)
    # Of three parts, the first is outside of code, and the third the mark of a fence.
    step = 1 if is_html else 3
    for index in range(0, len(parts), step):
        part = TAG.sub(lambda found: _tag(found, losses), parts[index])
        part = VARIABLE.sub(lambda found: _variable(found, losses), part)
        parts[index] = PELICAN.sub("", KRAMDOWN.sub("", part))
    return "".join(part or "" for n, part in enumerate(parts) if step == 1 or n % 3 != 2), losses


def _highlight(found: re.Match[str], is_html: bool) -> str:
    if is_html:
        code = html.escape(found[2], quote=False)
        return f'<pre><code class="language-{found[1]}">{code}</code></pre>'
    indent = re.search(r"[ \t]*$", found.string[: found.start()].rpartition("\n")[2])
    space = indent[0] if indent else ""
    return f"```{found[1]}\n{found[2]}\n{space}```"


def _tag(found: re.Match[str], losses: Losses) -> str:
    """Return what a tag means, where it has one meaning."""
    name = (found[1] or found[3] or "").replace(" ", "")
    rest = (found[2] if found[1] else found[4]) or ""
    values = {pair[0]: pair[1] or pair[2] or pair[3] for pair in ATTRIBUTE.findall(rest)}
    bare = ATTRIBUTE.sub("", rest).replace('"', " ").replace("'", " ").split()
    first = bare[0] if bare else ""
    if name in {"raw", "endraw", "comment", "endcomment"} or name.startswith("/"):
        return ""
    if name == "include" and first:
        name = re.sub(r"\.\w+$", "", first).rpartition("/")[2]
        first = bare[1] if len(bare) > 1 else ""
    source = (
        values.get("src") or values.get("url") or values.get("image_path") or values.get("path")
    )
    if name in {"figure", "img", "image"} and (source or first):
        caption = values.get("caption") or values.get("title") or ""
        alt = html.escape(values.get("alt") or "")
        image = f'<img src="{html.escape(source or first)}" alt="{alt}">'
        if link := values.get("link") or values.get("href"):
            image = f'<a href="{html.escape(link)}">{image}</a>'
        caption = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
        return f"\n\n<figure>{image}{caption}</figure>\n\n"
    video = values.get("id") or first
    if name in {"youtube", "vimeo"} and video:
        host = "www.youtube.com/embed" if name == "youtube" else "player.vimeo.com/video"
        return f'\n\n<x-embed url="https://{host}/{html.escape(video)}"></x-embed>\n\n'
    if name == "gist" and first:
        address = f"https://gist.github.com/{'/'.join(bare[:2])}"
        return f"\n\n<{address}>\n\n"
    if name in {"post_url", "link", "ref", "relref"} and first:
        return f"/post_url/{re.sub(r'^.*/|[.][a-z]+$', '', first)}"
    losses.append(f"“{' '.join(found[0].split())[:80]}” was left out: it means nothing here.")
    return ""


def _variable(found: re.Match[str], losses: Losses) -> str:
    inner = found[1]
    if re.match(r"[\"']", inner):
        # `{{ "/a.png" | relative_url }}`
        return re.split(r"[\"']", inner)[1]
    if not re.fullmatch(r"(?:site|page)\.(?:base)?url", inner):
        losses.append(f"“{' '.join(found[0].split())[:80]}” was left out: it means nothing here.")
    return ""


# Blogger

CAPTION_TABLE = re.compile(
    r"<table\b[^>]*tr-caption-container[^>]*>(.*?)</table>", re.DOTALL | re.IGNORECASE
)
TABLE_TAG = re.compile(r"</?(?:table|tbody|tr|td)\b[^>]*>", re.IGNORECASE)
CAPTION_CELL = re.compile(r"<td\b[^>]*\btr-caption\b[^>]*>(.*?)</td>", re.DOTALL | re.IGNORECASE)


def blogger(source: str) -> tuple[str, Losses]:
    """Return a body of Blogger with its tables of pictures and captions as figures."""

    def figure(found: re.Match[str]) -> str:
        caption = CAPTION_CELL.search(found[1])
        pictures = TABLE_TAG.sub("", CAPTION_CELL.sub("", found[1]))
        text = f"<figcaption>{caption[1]}</figcaption>" if caption else ""
        return f"<figure>{pictures}{text}</figure>"

    source = CAPTION_TABLE.sub(figure, source)
    # Posts from before editors wrote HTML: a line end is a line end.
    if "\n" in source and not re.search(r"<(?:br|p|div)\b", source, re.IGNORECASE):
        source = source.replace("\n", "<br>")
    return source, []
