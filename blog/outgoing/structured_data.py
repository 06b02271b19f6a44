"""
Structured data of pages in the vocabulary of https://schema.org, as dicts for JSON-LD.

https://developers.google.com/search/docs/appearance/structured-data says which properties are read.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

Data = dict[str, Any]


def _filled(data: Data) -> Data:
    """Return `data` without empty values."""
    return {key: value for key, value in data.items() if value not in ("", None, [], {})}


def person(name: str, url: str = "", *, description: str = "", same_as: Iterable[str] = ()) -> Data:
    return _filled(
        {
            "@type": "Person",
            "name": name,
            "url": url,
            "description": description,
            "sameAs": list(same_as),
        }
    )


def organization(name: str, url: str, *, logo: str = "", same_as: Iterable[str] = ()) -> Data:
    return _filled(
        {
            "@type": "Organization",
            "@id": f"{url}#organization",
            "name": name,
            "url": url,
            "logo": logo,
            "sameAs": list(same_as),
        }
    )


def website(name: str, url: str, *, description: str = "", search_url: str = "") -> Data:
    """Return a WebSite. `search_url` is the address of the search, which has the parameter `q`."""
    action = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{search_url}?q={{search_term_string}}"},
        "query-input": "required name=search_term_string",
    }
    return _filled(
        {
            "@type": "WebSite",
            "@id": f"{url}#website",
            "name": name,
            "url": url,
            "description": description,
            "publisher": {"@id": f"{url}#organization"},
            "potentialAction": action if search_url else None,
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
    return _filled(
        {
            "@type": "Blog",
            "@id": url,
            "name": name,
            "url": url,
            "description": description,
            "inLanguage": language,
        }
    )


def collection_page(
    name: str, url: str, *, description: str = "", posts: Iterable[tuple[str, str]] = ()
) -> Data:
    """Return a CollectionPage. `posts` has the title and address of each post of the list."""
    items = [
        {"@type": "ListItem", "position": position, "name": title, "url": address}
        for position, (title, address) in enumerate(posts, start=1)
    ]
    return _filled(
        {
            "@type": "CollectionPage",
            "@id": url,
            "name": name,
            "url": url,
            "description": description,
            "mainEntity": {"@type": "ItemList", "itemListElement": items} if items else None,
        }
    )


def blog_posting(
    headline: str,
    url: str,
    *,
    published: dt.datetime | None,
    modified: dt.datetime | None,
    authors: Iterable[Data],
    blog_name: str,
    blog_url: str,
    description: str = "",
    image: str = "",
    keywords: Iterable[str] = (),
    words: int = 0,
    minutes: int = 0,
    language: str = "",
    corrections: Iterable[tuple[dt.date, str]] = (),
) -> Data:
    """Return a BlogPosting. `corrections` has the day and plain text of each correction."""
    return _filled(
        {
            "@type": "BlogPosting",
            "@id": url,
            "mainEntityOfPage": url,
            "headline": headline,
            "url": url,
            "datePublished": published and published.isoformat(timespec="seconds"),
            "dateModified": modified and modified.isoformat(timespec="seconds"),
            "author": list(authors),
            "isPartOf": blog(blog_name, blog_url),
            "description": description,
            "image": [image] if image else [],
            "keywords": list(keywords),
            "wordCount": words or None,
            "timeRequired": f"PT{minutes}M" if minutes else None,
            "inLanguage": language,
            "correction": [
                {"@type": "CorrectionComment", "datePublished": day.isoformat(), "text": text}
                for day, text in corrections
            ],
        }
    )
