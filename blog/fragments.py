"""Pages, and parts of pages, that are rendered once and shown many times."""

import hashlib
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from jinja2 import pass_context
from jinja2.runtime import Context

from blog.remembered import remembered as remembered_value

# What a process holds at most, HTML and keys, in bytes: some hundred pages, or thousands of cards.
HELD = 12 * 1024 * 1024


class Store:
    """HTML by what it was made from; what came first goes first when there is too much of it."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: tuple, make: Callable[[], Any]) -> Any:
        """What is held under a key, or what `make` returns, which is held from then on."""
        held = self._held.get(key)
        if held is not None:
            return held[0]
        html = make()
        # A key's values take up about twice as much as they do when they are written down.
        size = sys.getsizeof(html) + 2 * len(repr(key))
        with self._lock:
            if key not in self._held:
                self._held[key] = (html, size)
                self._bytes += size
            while self._bytes > HELD:
                self._bytes -= self._held.popitem(last=False)[1][1]
        return html


STORE = Store()


def key_of(request: Any, name: str, arguments: tuple[Hashable, ...]) -> tuple:
    if not request:
        return ("fragment", name, get_language(), None, *arguments)
    if not hasattr(request, "fragments_place"):
        # A list asks for it dozens of times.
        request.fragments_place = (get_language(), (request.scheme, request.get_host()))
    return ("fragment", name, *request.fragments_place, *arguments)


@pass_context
def remembered(context: Context, name: str, *arguments: Hashable, caller: Callable[[], str]) -> str:
    """
    `{% call remembered(name, argument …) %}…{% endcall %}`: a part that is the same on many pages.

    It is rendered once after each change, for each site and each set of arguments: whatever else
    the part depends on must be among them.
    """
    return remembered_value(key_of(context.get("request"), name, arguments), caller)


@pass_context
def held(context: Context, name: str, *arguments: Hashable, caller: Callable[[], str]) -> str:
    """
    `{% call held(name, argument …) %}…{% endcall %}`: a part that is made of its arguments alone.

    It is rendered once for each set of them and survives changes of the site, as these change the
    arguments. It is rendered each time when an argument is None.
    """
    # While templates are written, each look at a page is a new one.
    if settings.DEBUG or None in arguments:
        return caller()
    return STORE.get(key_of(context.get("request"), name, arguments), caller)


def digest_of_frame(request: Any) -> bytes:
    """Another one when what all pages of a site have in common is another."""
    text = render_to_string("frame.html", request=request)
    return hashlib.blake2b(text.encode(), digest_size=20).digest()


class HeldResponse(TemplateResponse):
    """
    A page that is made of a key and of the frame that all pages have: it is rendered once for both.

    It is rendered each time for whoever is signed in, and when the key is None.
    """

    def __init__(self, request: Any, template: Any, context: Any, key: Hashable) -> None:
        super().__init__(request, template, context)
        self.key = key

    @property
    def rendered_content(self) -> Any:
        """The page as bytes, or as text when it is not held."""
        request = self._request
        if settings.DEBUG or self.key is None or request.user.is_authenticated:
            return super().rendered_content
        # Of their text, so that a change of the menu, say, makes another page of each.
        frame = remembered_value(key_of(request, "frame", ()), lambda: digest_of_frame(request))
        return STORE.get(
            key_of(request, "page", (self.key, frame)),
            lambda: super(HeldResponse, self).rendered_content.encode(self.charset),
        )
