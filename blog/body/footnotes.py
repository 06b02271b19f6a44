"""Notes at the end of a text, as Markdown writes them: `[^1]` in the text leads to the first."""

import re

from django.utils.translation import gettext as _

# What a reference is never looked for in: code, and the inside of a tag.
OUTSIDE = re.compile(r"(<pre\b.*?</pre>|<code\b.*?</code>|<[^>]*>)", re.DOTALL)
REFERENCE = re.compile(r"\[\^(\d{1,3})\]")
NOTE = re.compile(r'id="note-(\d+)"')


def link_references(html: str) -> str:
    """
    HTML in which each `[^n]` is a raised link to the note n of the same HTML.

    A reference to a note that is not there stays as it was typed. Only the first reference to a
    note has the id to which the note leads back.
    """
    notes = set(NOTE.findall(html))
    if not notes:
        return html
    linked: set[str] = set()

    def link(match: re.Match[str]) -> str:
        number = match[1].lstrip("0")
        if number not in notes:
            return match[0]
        anchor = "" if number in linked else f' id="note-{number}-reference"'
        linked.add(number)
        label = _("Note %(number)s") % {"number": number}
        return f'<sup><a href="#note-{number}"{anchor} aria-label="{label}">{number}</a></sup>'

    parts = OUTSIDE.split(html)
    # The odd ones are what the pattern caught.
    parts[::2] = [REFERENCE.sub(link, part) for part in parts[::2]]
    return "".join(parts)
