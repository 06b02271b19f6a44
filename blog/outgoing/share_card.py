"""Draws the picture that social networks show for a post without a photo."""

import io

from django.http import HttpResponse
from PIL import Image, ImageDraw, ImageFont
from wagtail.models import Site

SIZE = (1200, 630)
PAPER, INK, SOFT, ACCENT = "#fbf9f4", "#211e1a", "#5e574d", "#9a2b1e"
# The first that is installed is used. Pillow's own font has Latin letters only.
FONTS = ("DejaVuSerif-Bold.ttf", "NotoSerif-Bold.ttf", "LiberationSerif-Bold.ttf", "Georgia.ttf")
LEFT, RIGHT, TOP = 190, 1110, 96


def font(size: int):
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


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


def draw(title: str, site_name: str) -> bytes:
    """Return a PNG with the title beside a ruled margin, and the site's name."""
    card = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(card)
    pen.line([(LEFT - 60, 0), (LEFT - 60, SIZE[1])], fill=ACCENT, width=3)
    for size in (84, 72, 60, 50, 42):
        face = font(size)
        lines = wrapped(title, face, RIGHT - LEFT)
        if len(lines) * size * 1.2 <= 380:
            break
    else:
        lines = [*lines[:7], lines[7] + " …"] if len(lines) > 8 else lines
    for number, line in enumerate(lines):
        pen.text((LEFT, TOP + number * size * 1.2), line, font=face, fill=INK)
    pen.text((LEFT, SIZE[1] - 100), site_name, font=font(34), fill=SOFT)
    out = io.BytesIO()
    # A reader waits for it, and the best compression takes four times as long to save a tenth.
    card.save(out, "PNG", compress_level=6)
    return out.getvalue()


def share_card_response(post, request):
    """Return a response with the card of a post, which names the site."""
    site = Site.find_for_request(request)
    return HttpResponse(draw(post.title, site.site_name if site else ""), content_type="image/png")
