from django import template

from blog.editing import moments

register = template.Library()
register.filter(moments.format_moment)


@register.filter
def is_planned(subject):
    """Whether a page or snippet is to go live later."""
    return bool(subject and subject.go_live_at and not moments.is_past(subject.go_live_at))


@register.filter
def offers(action_menu, name):
    """Whether a menu of actions has one of this name."""
    return any(item.name == name for item in (action_menu.default_item, *action_menu.menu_items))
