from django import template

from blog.editing import moments

register = template.Library()
register.filter(moments.format_moment)


@register.filter
def is_planned(subject):
    """Return whether a page or snippet has a go-live in the future."""
    return bool(subject and subject.go_live_at and not moments.is_past(subject.go_live_at))


@register.filter
def offers(action_menu, name):
    """Return whether a menu of actions has one with this name."""
    return any(item.name == name for item in (action_menu.default_item, *action_menu.menu_items))
