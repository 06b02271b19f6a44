"""The pictures of a text, and what can be found for them: a photo, a document, a post."""

import re
from dataclasses import dataclass
from typing import Any

from bs4 import Tag

from .rich_text import urlsplit_safe

PICTURE = re.compile(r"\.(?:avif|gif|jpe?g|png|webp|bmp|tiff?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Picture:
    """A picture of a text: its addresses, the best first, and what the text says of it."""

    addresses: tuple[str, ...]
    description: str = ""
    id: str = ""


class Library:
    """Finds what a text refers to. This one has nothing; others have the keys of the database."""

    def photo(self, picture: Picture) -> Any:
        """Return the value of the photo, or None if it cannot be had."""
        return None

    def document(self, address: str, title: str) -> Any:
        """Return the value of a document, or None if it cannot be had."""
        return None

    def post(self, slug: str) -> Any:
        """Return the value of a post, or None if there is none."""
        return None


def photo_value(photo: Any, description: str, caption: str) -> dict[str, Any]:
    """Return the value of a photo block. A photo without a description is decorative."""
    image = {"image": photo, "alt_text": description[:255], "decorative": not description}
    return {"image": image, "caption": caption, "link": ""}


def picture_of(node: Tag, target: str = "") -> Picture:
    """Return the picture of an <img>, whose link may lead to the original."""
    named = [node.get(name, "").strip() for name in ("data-original", "data-src", "src")]
    sets = [part.split() for part in node.get("srcset", "").split(", ") if part.strip()]
    named = [name for name in named if name and not name.startswith("data:image/gif")] or named
    written = [*([target] if PICTURE.search(urlsplit_safe(target).path) else []), *named]
    written = written if any(written) else [part[0] for part in sets[-1:]]
    found = [address for name in filter(None, written) for address in originals(name)]
    ids = [name.removeprefix("wp-image-") for name in node.get("class", ()) if "wp-image-" in name]
    return Picture(tuple(dict.fromkeys(found)), node.get("alt", "").strip(), "".join(ids[:1]))


def originals(address: str) -> list[str]:
    """Return the addresses at which a larger copy of a picture may be, the best first."""
    address = f"https:{address}" if address.startswith("//") else address
    parts = urlsplit_safe(address)
    found = [address]
    if re.fullmatch(r"i\d\.wp\.com", parts.netloc):
        found.insert(0, f"https:/{parts.path}")
    if "wp-content/" in address or "files.wordpress.com" in address:
        found.insert(0, re.sub(r"-\d+x\d+(?=\.\w+$)", "", found[0].partition("?")[0]))
    if re.search(r"(?:blogspot|googleusercontent|ggpht)\.com$", parts.netloc):
        found.insert(
            0, re.sub(r"/[sw]\d+[\w-]*(?=/[^/]+$)|=[sw]\d+[\w-]*$", "/s0", address, count=1)
        )
    return list(dict.fromkeys(found))
