"""Draws the picture that social networks show for a post without a photo."""

import io
import unicodedata

from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont, features
from wagtail.models import Site

SIZE = (1200, 630)
PAPER, INK, SOFT, ACCENT = "#fbf9f4", "#211e1a", "#5e574d", "#9a2b1e"
# The first that is installed and has the letters is used.
FONTS = (
    *("DejaVuSerif-Bold.ttf", "NotoSerif-Bold.ttf", "LiberationSerif-Bold.ttf", "Georgia.ttf"),
    *("NotoSerifCJK-Bold.ttc", "NotoSansCJK-Bold.ttc", "NotoNaskhArabic-Bold.ttf"),
    "DejaVuSans-Bold.ttf",
)
# No font has a letter here, so that it is drawn as what stands for missing ones.
MISSING = "\U0010ffff"
LEFT, RIGHT, TOP = 190, 1110, 96


def is_from_right(text: str) -> bool:
    """Return whether the first letter of a text belongs to a script that runs from the right."""
    directions = (unicodedata.bidirectional(char) for char in text)
    return next((found for found in directions if found in {"L", "R", "AL"}), "L") != "L"


def has_letters(face, text: str) -> bool:
    """Return whether a font has all letters of a text, and Pillow can join and turn them."""
    if is_from_right(text) and not features.check("raqm"):
        return False
    missing = bytes(face.getmask(MISSING))
    return all(bytes(face.getmask(char)) != missing for char in set(text) if not char.isspace())


def font(size: int, text: str):
    """Return the first font with all letters of a text, or None if there is none."""
    for name in FONTS:
        try:
            face = ImageFont.truetype(name, size)
        except OSError:
            continue
        if has_letters(face, text):
            return face
    # Pillow's own has Latin letters.
    face = ImageFont.load_default(size)
    return face if has_letters(face, text) else None


def wrapped(text: str, face, width: int) -> list[str]:
    """Return `text` in lines of at most `width` pixels. Break a word that is wider."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for char in word:
            if face.getlength(lines[-1] + char) > width:
                lines.append("")
            lines[-1] += char
    return lines


def write(pen, text: str, top: float, face, colour: str) -> None:
    """Write a line beside the margin, or up to the right edge in a script that begins there."""
    if is_from_right(text):
        pen.text((RIGHT, top), text, font=face, fill=colour, anchor="ra", direction="rtl")
    else:
        pen.text((LEFT, top), text, font=face, fill=colour)


def draw(title: str, site_name: str, facts: str = "", accent: str = ACCENT) -> bytes:
    """
    Return a PNG with the title beside a ruled margin, its date and authors, and the site's name.

    If no installed font has the letters of the title, the site's name stands in its place.
    """
    if not font(42, title):
        title, site_name = site_name, ""
    card = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(card)
    pen.line([(LEFT - 60, 0), (LEFT - 60, SIZE[1])], fill=accent, width=3)
    if font(42, title):
        for size in (84, 72, 60, 50, 42):
            face = font(size, title)
            lines = wrapped(title, face, RIGHT - LEFT)
            if len(lines) * size * 1.2 <= 380:
                break
        else:
            lines = [*lines[:7], lines[7] + " …"] if len(lines) > 8 else lines
        for number, line in enumerate(lines):
            write(pen, line, TOP + number * size * 1.2, face, INK)
    for text, size, top, colour in (
        (facts, 28, SIZE[1] - 126, SOFT),
        (site_name, 34, SIZE[1] - 82, accent),
    ):
        if face := font(size, text):
            write(pen, wrapped(text, face, RIGHT - LEFT)[0], top, face, colour)
    out = io.BytesIO()
    # A reader waits for it, and the best compression takes four times as long to save a tenth.
    card.save(out, "PNG", compress_level=6)
    return out.getvalue()


def share_card_response(post, request):
    """Return a response with the card of a post, in the accent of the site's front page."""
    site = Site.find_for_request(request)
    facts = [date_format(post.published_on, _("j F Y")), *(author.name for author in post.authors)]
    picture = draw(
        post.title,
        site.site_name if site else "",
        " · ".join(facts),
        getattr(site and site.root_page.specific, "accent", "") or ACCENT,
    )
    return HttpResponse(picture, content_type="image/png")
