"""Draws the picture that stands for a post without one where it is shared."""

import hashlib
import io

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
PAPER, INK, SOFT, ACCENT = "#fbf9f4", "#211e1a", "#5e574d", "#9a2b1e"
# Whichever the machine has; Pillow's own knows Latin letters only.
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
    """`text` in lines of at most `width` pixels; a word that is wider is broken."""
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
    """A card of 1200 × 630 pixels as PNG: the title beside the ruled margin, the site's name."""
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
    # Publishing waits for it: the best compression takes four times as long for a tenth less.
    card.save(out, "PNG", compress_level=6)
    return out.getvalue()


def path(title: str, site_name: str) -> str:
    """Where the card is kept; another title is another card."""
    digest = hashlib.sha256(f"{title}\0{site_name}".encode()).hexdigest()[:20]
    return f"images/cards/{digest}.png"


def save_card(title: str, site_name: str) -> str:
    """Draw the card unless it is there, and return its name in the storage of media."""
    name = path(title, site_name)
    if not default_storage.exists(name):
        name = default_storage.save(name, ContentFile(draw(title, site_name)))
    return name
