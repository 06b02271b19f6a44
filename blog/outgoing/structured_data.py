"""
Structured data of pages in the vocabulary of https://schema.org, as dicts for JSON-LD.

https://developers.google.com/search/docs/appearance/structured-data says which properties are read.
"""

from collections.abc import Iterable
from typing import Any

Data = dict[str, Any]


def filled(data: Data) -> Data:
    """Return `data` without empty values."""
    return {key: value for key, value in data.items() if value not in ("", None, [], {})}


def person(name: str, url: str = "", *, description: str = "", same_as: Iterable[str] = ()) -> Data:
    return filled(
        {
            "@type": "Person",
            "name": name,
            "url": url,
            "description": description,
            "sameAs": list(same_as),
        }
    )


def breadcrumbs(trail: Iterable[tuple[str, str]]) -> Data:
    """Return a BreadcrumbList of the titles and addresses in `trail`, the outermost first."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": url}
            for position, (name, url) in enumerate(trail, start=1)
        ],
    }


def blog(name: str, url: str, *, description: str = "", language: str = "") -> Data:
    return filled(
        {
            "@type": "Blog",
            "@id": url,
            "name": name,
            "url": url,
            "description": description,
            "inLanguage": language,
        }
    )
