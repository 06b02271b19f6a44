"""The backend that answers readers, from one variable."""

import importlib.util

from django.core.exceptions import ImproperlyConfigured

BACKENDS = "wagtail.search.backends"


def reader_backend(value: str, **parameters: object) -> dict[str, object]:
    """
    Return the parameters of the backend that answers readers.

    `value` is empty for our own engine, to which `parameters` belong, or one of Wagtail's backends:
    "database", or "opensearch3+https://search.example:9200/index", whose last part is the name of
    the index. Raise ImproperlyConfigured for anything else.
    """
    if not value:
        # `search.signals` tells it of changes within their transactions.
        return {"BACKEND": "search.engine", "AUTO_UPDATE": False, **parameters}
    name, plus, address = value.partition("+")
    if not name.isidentifier() or importlib.util.find_spec(f"{BACKENDS}.{name}") is None:
        raise ImproperlyConfigured(
            f"SEARCH_BACKEND names no backend of Wagtail's: {value!r}. Leave it unset, or write"
            " such as opensearch3+https://search.example:9200/index."
        )
    found: dict[str, object] = {"BACKEND": f"{BACKENDS}.{name}"}
    if plus:
        server, _slash, index = address.rpartition("/")
        if "://" not in server or not index:
            raise ImproperlyConfigured(
                "SEARCH_BACKEND needs a server and the name of an index:"
                " opensearch3+https://search.example:9200/index."
            )
        found |= {"URLS": [server], "INDEX_PREFIX": f"{index}_"}
    return found
