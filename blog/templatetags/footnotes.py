from django import template
from django.utils.safestring import mark_safe

from blog import footnotes

register = template.Library()


@register.simple_block_tag
def footnoted(content):
    """Make links of the references to notes in what stands between the two tags."""
    # Only links to numbers are added to what the templates have escaped.
    return mark_safe(footnotes.link_references(content))  # noqa: S308
