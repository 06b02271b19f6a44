"""Colours, and how well text in one is read on another."""

import colorsys
import re
from collections.abc import Iterable

HEX = re.compile(r"#[0-9a-f]{6}")
# The papers of static/css/tokens.css, on which the accent is text.
LIGHT_PAPERS = ("#fbf9f4", "#f3efe6")
DARK_PAPERS = ("#17181b", "#1f2125")
# What WCAG 2.2 asks of text (success criterion 1.4.3).
READABLE = 4.5


def _channels(colour: str) -> tuple[float, float, float]:
    """Red, green and blue from 0 to 1 of a colour such as `#9a2b1e`."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance: 0 is black and 1 is white."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio: 1 for the same colour, 21 for black and white."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def least_contrast(colour: str, papers: Iterable[str]) -> float:
    return min(contrast(colour, paper) for paper in papers)


def readable(colour: str, papers: Iterable[str]) -> str:
    """The colour nearest to `colour`, of its hue, that is read on all the papers."""
    papers = tuple(papers)
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    # Away from the papers, in steps that no eye tells apart.
    step = 0.004 if max(map(luminance, papers)) < 0.18 else -0.004
    while least_contrast(colour, papers) < READABLE:
        lightness = min(1, max(0, lightness + step))
        channels = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
    return colour
