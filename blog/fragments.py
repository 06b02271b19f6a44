"""Parts of pages that are rendered once and shown many times."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from jinja2 import pass_context
from jinja2.runtime import Context

from blog.remembered import remembered as remembered_value

# How many parts that are made of nothing but their arguments are held: about 1 kB each.
HELD = 4000

_held: OrderedDict[tuple, str] = OrderedDict()
_lock = Lock()


def key_of(context: Context, name: str, arguments: tuple[Hashable, ...]) -> tuple:
    request: Any = context.get("request")
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
    return remembered_value(key_of(context, name, arguments), caller)


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
    key = key_of(context, name, arguments)
    html = _held.get(key)
    if html is None:
        html = caller()
        with _lock:
            _held[key] = html
            while len(_held) > HELD:
                _held.popitem(last=False)
    return html
