from django import template

from home.models import SiteSettings

register = template.Library()


@register.simple_tag(takes_context=True)
def menu_place(context):
    """The key of the page that is shown, if the menu has it: all other pages share one header."""
    request, page = context.get("request"), context.get("page")
    if request is None or page is None:
        return None
    menu = SiteSettings.for_request(request).menu
    return page.pk if any(item["page"].pk == page.pk for item in menu) else None
