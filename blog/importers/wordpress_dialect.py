"""Turns what WordPress writes into HTML: shortcodes, block comments, paragraphs by blank lines."""

import html
import re
from collections.abc import Callable, Mapping, Sequence

from .imported import Attachment

CODE_NAMES = (
    "sourcecode|source|code|codesyntax|highlight|php|python|javascript|js|html|css|bash|shell|sql"
    "|ruby|java|xml|cpp|c|csharp|perl|text|plain"
)
CODE = re.compile(rf"\[({CODE_NAMES})((?:\s+[^\]\n]*)?)\](.*?)\[/\1\]", re.DOTALL | re.IGNORECASE)
PROTECTED = re.compile(r"(<pre\b.*?</pre\s*>|<code\b.*?</code\s*>)", re.DOTALL | re.IGNORECASE)
CAPTION = re.compile(r"\[(wp_caption|caption)\b([^\]]*)\](.*?)\[/\1\]", re.DOTALL)
SHORTCODE = re.compile(
    r"(?<!\[)\[(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:\s+(?:\"[^\"]*\"|'[^']*'|[^\]\"'])*)?)/?\](?!\])"
)
EMBED = re.compile(
    r"\[(?:embed|video|audio)\b[^\]]*\]\s*(https?://[^\s\[]+)\s*\[/(?:embed|video|audio)\]"
)
# A shortcode that is shown, and means nothing.
ESCAPED = re.compile(r"\[(\[[a-zA-Z][^\[\]]*\])\]")
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
ADDRESS_LINE = re.compile(r"^[ \t]*(https?://\S+)[ \t]*$", re.MULTILINE)
EMBEDDED = re.compile(
    r"<(figure|div)[^>]*\bwp-block-embed\b[^>]*>\s*<div[^>]*wp-block-embed__wrapper[^>]*>"
    r"\s*(https?://[^\s<]+)\s*</div>(.*?)</\1>",
    re.DOTALL,
)
GALLERY = re.compile(
    r"<(figure|ul|div)(\s[^>]*\b(?:wp-block-gallery|tiled-gallery|blocks-gallery-grid)\b[^>]*)>"
)
NOTE_MARK = re.compile(r"<sup\b[^>]*\bdata-fn=\"([^\"]+)\"[^>]*>.*?</sup>", re.DOTALL)
BLOCK = re.compile(r"<!--\s*wp:([\w/-]+)\s*(\{(?:(?!-->).)*\})?\s*/-->", re.DOTALL)
HAS_BLOCKS = re.compile(r"<!--\s*wp:[\w/-]+")
TAGS = re.compile(
    r"(<pre\b.*?</pre\s*>|<!--.*?-->|<(?:script|style|textarea)\b.*?</(?:script|style|textarea)\s*>|</?[a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^>\"'])*>)",
    re.DOTALL | re.IGNORECASE,
)
BUTTON = re.compile(r"<a\b[^>]*wp-block-file__button[^>]*>(.*?)</a>", re.DOTALL)
DOWNLOAD = re.compile(
    r"<div[^>]*\bwp-block-file\b[^>]*>(?:\s*<object.*?</object>)?\s*<a\b[^>]*href=\"([^\"]+)\"[^>]*>(.*?)</a>",
    re.DOTALL,
)
# Shortcodes that mean nothing without their plug-in, and have no text of their own.
WIDGET = re.compile(
    r"contact-form.*|gravityform|wpforms|subscribe.*|mc4wp.*|sharing|share.*|social.*|ad|ads|adsense"
    r"|poll|polldaddy|jetpack.*|recent.*|newsletter.*|toc|table-of-contents|login.*|woocommerce.*",
    re.IGNORECASE,
)
DYNAMIC = {"footnotes", "more", "nextpage", "separator", "spacer", "block", "paragraph", "html"}


def translate(
    source: str,
    notes: Sequence[tuple[str, str]],
    attachments: Mapping[str, Attachment],
    children: Callable[[], Sequence[Attachment]],
) -> tuple[str, list[str]]:
    """
    Return a body of WordPress as HTML, and messages about what was left out.

    `children` returns the attachments of the post, for a gallery that names none.
    """
    return _Translation(notes, attachments, children).translate(source)


def shown(source: str) -> str:
    """Return a body as HTML whose text must arrive: without shortcodes, and with code as text."""
    source = SHORTCODE.sub("", BUTTON.sub("", CODE.sub(_code, source)))
    return ESCAPED.sub(r"\1", source)


class _Translation:
    def __init__(self, notes, attachments, children) -> None:  # type: ignore[no-untyped-def]
        self.notes = notes
        self.attachments = attachments
        self.children = children
        self.losses: list[str] = []
        self.depth = 0

    def translate(self, source: str) -> tuple[str, list[str]]:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        source = CODE.sub(_code, source)
        has_blocks = HAS_BLOCKS.search(source)
        source = BLOCK.sub(self._block, source)
        if "<!--nextpage-->" in source:
            self.losses.append("Its pages stand one after the other.")
        parts = PROTECTED.split(source)
        joined = "".join(
            f"\x01{index}\x01" if index % 2 else self._text(part)
            for index, part in enumerate(parts)
        )
        joined = CAPTION.sub(self._caption, joined)
        joined = EMBED.sub(r'<x-embed url="\1"></x-embed>', joined)
        joined = SHORTCODE.sub(lambda found: self._shortcode(found, joined), joined)
        joined = ESCAPED.sub(r"\1", joined)
        joined = re.sub(r"\x01(\d+)\x01", lambda found: parts[int(found[1])], joined)
        if not has_blocks:
            joined = paragraphs(joined)
        joined = self._numbered(joined)
        return joined, self.losses

    def _text(self, text: str) -> str:
        text = text.replace("\x01", "")
        text = EMBEDDED.sub(lambda found: f'<x-embed url="{found[2]}"></x-embed>{found[3]}', text)
        text = ADDRESS_LINE.sub(_address_line, text)
        text = DOWNLOAD.sub(
            lambda found: (
                '<div class="wp-block-file"><x-document file="'
                f'{found[1]}" title="{re.sub("<[^>]+>", "", found[2])}"></x-document>'
            ),
            text,
        )
        if found := BUTTON.search(text):
            self.losses.append(f"A button “{re.sub('<[^>]+>', '', found[1])}” was left out.")
            text = BUTTON.sub("", text)
        return _galleries(text)

    def _block(self, found: re.Match[str]) -> str:
        name = found[1]
        if name == "block" and (ref := re.search(r'"ref":\s*(\d+)', found[2] or "")):
            reused = self.attachments.get(f"block-{ref[1]}")
            if reused and self.depth < 5:
                self.depth += 1
                return BLOCK.sub(self._block, reused.caption)
            self.losses.append(f"The reused block {ref[1]} is not in the archive.")
        elif name not in DYNAMIC:
            self.losses.append(f"The block “{name}” was left out: WordPress filled it in itself.")
        return "<!-- -->"

    def _caption(self, found: re.Match[str]) -> str:
        inner = found[3].strip()
        picture = re.search(r"(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?", inner, re.DOTALL)
        named = {pair[0]: pair[1] or pair[2] for pair in ATTRIBUTE.findall(found[2])}
        if picture is None:
            return inner
        text = f"{inner[: picture.start()]}{inner[picture.end() :]}".strip()
        text = text or html.escape(named.get("caption", ""), quote=False)
        return f"<figure>{picture[0]}<figcaption>{text}</figcaption></figure>"

    def _shortcode(self, found: re.Match[str], text: str) -> str:
        """Return what a shortcode means. What is none, such as [sic] or a[0], stays."""
        name, rest = found["name"].lower(), found["rest"]
        values = {pair[0]: pair[1] or pair[2] or pair[3] for pair in ATTRIBUTE.findall(rest)}
        bare = ATTRIBUTE.sub("", rest).strip(" =\"'/")
        is_end = bool(found["end"])
        is_pair = f"[/{found['name']}]" in text
        if is_end:
            is_known = f"[{found['name']}]" in text or f"[{found['name']} " in text
            return "" if is_known else found[0]
        if name in {"gallery", "playlist"}:
            return self._gallery(values)
        if name in {"embed", "youtube", "vimeo", "video", "audio"}:
            kinds = ("src", "url", "mp4", "m4v", "webm", "ogv", "mp3", "ogg", "m4a", "wav", "id")
            address = next((values[kind] for kind in kinds if values.get(kind)), bare)
            if name in {"youtube", "vimeo"} and address and "/" not in address:
                host = "www.youtube.com/watch?v=" if name == "youtube" else "vimeo.com/"
                address = f"https://{host}{address}"
            if address:
                return f'<x-embed url="{html.escape(html.unescape(address))}"></x-embed>'
        if is_pair or values or WIDGET.fullmatch(name):
            if not is_end:
                self.losses.append(f"The shortcode {found[0][:100]} was left out: its text stays.")
            return ""
        return found[0]

    def _gallery(self, values: dict[str, str]) -> str:
        ids = re.findall(r"\d+", values.get("ids") or values.get("include") or "")
        known = [self.attachments[id] for id in ids if id in self.attachments]
        for id in ids:
            if id not in self.attachments:
                self.losses.append(f"The picture {id} of a gallery is not in the archive.")
        pictures = []
        for file in known if ids else self.children():
            image = f'<img src="{html.escape(file.url)}" alt="{html.escape(file.description)}">'
            caption = f"<figcaption>{file.caption}</figcaption>" if file.caption else ""
            pictures.append(f"<figure>{image}{caption}</figure>")
        return f"<x-gallery>{''.join(pictures)}</x-gallery>" if pictures else ""

    def _numbered(self, text: str) -> str:
        """Return the text with its footnotes as ours: `[^1]`, and the notes at the end."""
        if not self.notes:
            return text
        numbers = {id: number for number, (id, _text) in enumerate(self.notes, start=1)}
        text = NOTE_MARK.sub(
            lambda found: f"[^{numbers[found[1]]}]" if found[1] in numbers else found[0], text
        )
        notes = "".join(f"<x-note>{note}</x-note>" for _id, note in self.notes)
        return f"{text}<x-notes>{notes}</x-notes>"


def _address_line(found: re.Match[str]) -> str:
    """Return an address alone on its line as what it shows; other addresses as a link."""
    return f'\n\n<x-embed url="{found[1]}"></x-embed>\n\n'


def _code(found: re.Match[str]) -> str:
    values = {pair[0]: pair[1] or pair[2] or pair[3] for pair in ATTRIBUTE.findall(found[2])}
    name = found[1].lower()
    general = {"sourcecode", "source", "code", "codesyntax", "highlight"}
    language = values.get("lang") or values.get("language") or ("" if name in general else name)
    code = found[3].strip("\n")
    code = code if "<" in code else html.unescape(code)
    code = html.escape(code, quote=False)
    return f'<pre><code class="language-{html.escape(language)}">{code}</code></pre>'


def _galleries(text: str) -> str:
    """Return HTML with the galleries of the editor of blocks as ours, nested ones as one."""
    out, position = [], 0
    while found := GALLERY.search(text, position):
        depth, end = 1, found.end()
        for tag in re.finditer(rf"<(/?){found[1]}\b[^>]*>", text[found.end() :]):
            depth += -1 if tag[1] else 1
            if not depth:
                end = found.end() + tag.start()
                break
        inner = text[found.end() : end]
        # The pictures may be items of a list within.
        inner = re.sub(r"</?(?:ul|li)\b[^>]*>", "", inner)
        out += [text[position : found.start()], f"<x-gallery>{inner}</x-gallery>"]
        closing = re.match(rf"</{found[1]}\s*>", text[end:])
        position = end + (closing.end() if closing else 0)
    return "".join(out) + text[position:]


def paragraphs(text: str) -> str:
    """Return text whose paragraphs are divided by empty lines, and its lines by line ends."""
    parts = TAGS.split(text)
    for index in range(0, len(parts), 2):
        part = re.sub(r"\n[ \t]*\n\s*", "<br><br>", parts[index])
        parts[index] = part.replace("\n", "<br>")
    return "".join(parts)
