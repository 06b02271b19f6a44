"""Colours and their contrast (WCAG 2.2)."""

import colorsys
import re
from collections.abc import Iterable

HEX = re.compile(r"#[0-9a-f]{6}")
# The backgrounds of static/css/site.css on which the accent is the colour of text.
LIGHT_PAPERS = ("#fbf9f4", "#f3efe6")
DARK_PAPERS = ("#17181b", "#1f2125")
# The contrast ratio that WCAG 2.2 requires of text (success criterion 1.4.3).
READABLE = 4.5


def _channels(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue, from 0 to 1, of a colour such as `#9a2b1e`."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Return the relative luminance: 0 for black, 1 for white."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio: 1 for the same colour, 21 for black and white."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def least_contrast(colour: str, papers: Iterable[str]) -> float:
    return min(contrast(colour, paper) for paper in papers)


def readable(colour: str, papers: Iterable[str]) -> str:
    """Return the nearest colour of the same hue with enough contrast to all of the papers."""
    papers = tuple(papers)
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    # Lighter on dark papers and darker on light ones, in steps too small to be seen.
    step = 0.004 if max(map(luminance, papers)) < 0.18 else -0.004
    while least_contrast(colour, papers) < READABLE:
        lightness = min(1, max(0, lightness + step))
        channels = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
    return colour
