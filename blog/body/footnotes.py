"""Footnotes as Markdown writes them: `[^1]` in a text refers to the first note."""

import re

from django.utils.translation import gettext as _

# Code and tags, in which nothing is a reference.
OUTSIDE = re.compile(r"(<pre\b.*?</pre>|<code\b.*?</code>|<[^>]*>)", re.DOTALL)
REFERENCE = re.compile(r"\[\^(\d{1,3})\]")
NOTE = re.compile(r'id="note-(\d+)"')


def link_references(html: str) -> str:
    """
    Return HTML in which each `[^n]` is a superscript link to the note n of the same HTML.

    A reference to a note that does not exist stays as it was typed. Only the first reference to a
    note has the id to which the note links back.
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
    # Parts with an odd index are what the pattern matched.
    parts[::2] = [REFERENCE.sub(link, part) for part in parts[::2]]
    return "".join(parts)
