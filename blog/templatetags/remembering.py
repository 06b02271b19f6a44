from collections import OrderedDict
from threading import Lock

from django import template
from django.conf import settings
from django.utils.translation import get_language

from blog.remembered import remembered

register = template.Library()

# How many parts that are made of nothing but their arguments are held: about 1 kB each.
HELD = 4000

_held: OrderedDict[tuple, str] = OrderedDict()
_lock = Lock()


def held(key, make):
    """What `make` returned under this key, which says all that it depends on."""
    if settings.DEBUG:
        # Templates are being written.
        return make()
    html = _held.get(key)
    if html is None:
        html = make()
        with _lock:
            _held[key] = html
            while len(_held) > HELD:
                _held.popitem(last=False)
    return html


class RememberedNode(template.Node):
    def __init__(self, memory, nodelist, name, arguments):
        self.memory = memory
        self.nodelist = nodelist
        self.name = name
        self.arguments = arguments

    def render(self, context):
        request = context.get("request")
        site = request and (request.scheme, request.get_host())
        arguments = [argument.resolve(context) for argument in self.arguments]
        key = ("fragment", self.name, get_language(), site, *arguments)
        if None in arguments and self.memory is held:
            return self.nodelist.render(context)
        return self.memory(key, lambda: self.nodelist.render(context))


def parse(parser, token, memory):
    _tag, name, *arguments = token.split_contents()
    nodelist = parser.parse((f"end{_tag}",))
    parser.delete_first_token()
    arguments = [parser.compile_filter(each) for each in arguments]
    return RememberedNode(memory, nodelist, name, arguments)


@register.tag("remembered")
def remember(parser, token):
    """
    `{% remembered name argument … %}…{% endremembered %}`: a part that is the same on many pages.

    It is rendered once after each change, for each site and each set of arguments: whatever else
    the part depends on must be among them.
    """
    return parse(parser, token, remembered)


@register.tag("held")
def hold(parser, token):
    """
    `{% held name argument … %}…{% endheld %}`: a part that is made of its arguments alone.

    It is rendered once for each set of them and survives changes of the site, as these change the
    arguments. It is rendered each time when an argument is None.
    """
    return parse(parser, token, held)
