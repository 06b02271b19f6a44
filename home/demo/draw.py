"""
Draws the pictures of the demo: `python home/demo/draw.py [NAME …]`.

They are kept beside the posts as WebP files, so that a new site has them at once. Coordinates are
pixels of the finished picture; each is drawn at twice its size and made smaller, which smooths
every edge, and each has a seed of its own, so that it comes out the same again.
"""

# A drawing is read as a table of numbers, one shape a line.
# fmt: off
# ruff: noqa: E501

import math
import random
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (1600, 1067)
PORTRAIT = (640, 640)
SCALE = 2
PICTURES = Path(__file__).parent / "pictures"

Colour = tuple[int, ...]


def colour(text: str, alpha: int = 255) -> Colour:
    """`"#1b2a41"` as red, green, blue and opacity."""
    return (*(int(text[place : place + 2], 16) for place in (1, 3, 5)), alpha)


def mix(one: str, other: str, share: float) -> str:
    """A colour between two, with that share (0 to 1) of the other one."""
    pairs = zip(colour(one)[:3], colour(other)[:3], strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


class Picture:
    """A canvas in pixels of the finished picture, whose shapes may be see-through."""

    def __init__(self, *sky: str, size: tuple[int, int] = SIZE, seed: int = 1) -> None:
        self.width, self.height = size
        self.random = random.Random(seed)  # noqa: S311 a picture is no secret
        strip = Image.new("RGB", (1, len(sky)))
        for place, shade in enumerate(sky):
            strip.putpixel((0, place), colour(shade)[:3])
        large = (self.width * SCALE, self.height * SCALE)
        # The middles of the first and the last pixel lie on the edges.
        box = (0, 0.5, 1, len(sky) - 0.5) if len(sky) > 1 else (0, 0, 1, 1)
        self.image = strip.resize(large, Image.Resampling.BILINEAR, box=box)
        self._pen()

    def _pen(self) -> None:
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    @staticmethod
    def _points(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x * SCALE, y * SCALE) for x, y in points]

    def shape(self, points: list[tuple[float, float]], shade: str, alpha: int = 255) -> None:
        self.draw.polygon(self._points(points), fill=colour(shade, alpha))

    def box(self, x, y, width, height, shade: str, alpha: int = 255, round_: float = 0) -> None:
        corners = [c * SCALE for c in (x, y, x + width, y + height)]
        self.draw.rounded_rectangle(corners, round_ * SCALE, fill=colour(shade, alpha))

    def disc(self, x, y, wide, high, shade: str, alpha: int = 255) -> None:
        """An ellipse around its middle, with its half-axes."""
        corners = [c * SCALE for c in (x - wide, y - high, x + wide, y + high)]
        self.draw.ellipse(corners, fill=colour(shade, alpha))

    def stroke(self, points, shade: str, width: float = 3, alpha: int = 255) -> None:
        self.draw.line(
            self._points(points), fill=colour(shade, alpha), width=round(width * SCALE), joint="curve"
        )

    def arc(self, x, y, wide, high, start, end, shade: str, width: float = 3) -> None:
        corners = [c * SCALE for c in (x - wide, y - high, x + wide, y + high)]
        self.draw.arc(corners, start, end, fill=colour(shade), width=round(width * SCALE))

    def glow(self, x, y, radius: float, shade: str, strength: float = 1.0) -> None:
        """Light around a point, added to what is there."""
        side = 64
        spot = Image.radial_gradient("L").resize((side, side))
        spot = spot.point(lambda v: round(max(0, 1 - v / 180) ** 2.2 * 255 * strength))
        large = round(radius * 2 * SCALE)
        spot = spot.resize((large, large), Image.Resampling.BICUBIC)
        light = Image.new("RGB", self.image.size)
        corner = (round((x - radius) * SCALE), round((y - radius) * SCALE))
        light.paste(Image.new("RGB", spot.size, colour(shade)[:3]), corner, spot)
        self.image = ImageChops.screen(self.image, light)
        self._pen()

    def blur(self, radius: float) -> None:
        self.image = self.image.filter(ImageFilter.GaussianBlur(radius * SCALE))
        self._pen()

    def ridge(self, y, height, shade: str, rough: float = 0.5, alpha: int = 255) -> None:
        """A line of hills from edge to edge, filled to the bottom."""
        waves = [
            (height * rough**n, self.random.uniform(0.8, 1.3) * 2**n, self.random.uniform(0, 7))
            for n in range(5)
        ]
        points = [
            (
                x,
                y
                - sum(a * math.sin(f * x / self.width * 4 + start) for a, f, start in waves) / 2,
            )
            for x in range(0, self.width + 9, 8)
        ]
        self.shape([(0, self.height), *points, (self.width, self.height)], shade, alpha)

    def window(self, x, y, width, height, lit: str, dark: str, share: float = 0.4) -> None:
        """A sash window, lit or not."""
        pane = lit if self.random.random() < share else dark
        self.box(x, y, width, height, pane)
        bar = mix(pane, "#000000", 0.35)
        self.stroke([(x + width / 2, y), (x + width / 2, y + height)], bar, 1.6)
        self.stroke([(x, y + height / 2), (x + width, y + height / 2)], bar, 1.6)

    def tree(self, x, y, height, shade: str, lean: float = 0) -> None:
        """A bare tree, standing on `y`."""

        def branch(x, y, length, angle, width):
            if length < height / 22:
                return
            end = (x + math.cos(angle) * length, y + math.sin(angle) * length)
            self.stroke([(x, y), end], shade, max(width, 0.8))
            for turn in (-0.42, 0.36):
                turn += self.random.uniform(-0.18, 0.18)
                branch(*end, length * self.random.uniform(0.66, 0.8), angle + turn, width * 0.62)

        branch(x, y, height / 3.4, -math.pi / 2 + lean, height / 34)

    def reflect(self, level: float, strength: float = 0.55, ripple: float = 5) -> None:
        """Turn all below `level` into water that mirrors what is above."""
        cut = round(level * SCALE)
        depth = self.image.height - cut
        above = self.image.crop((0, max(0, cut - depth), self.image.width, cut))
        above = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((self.image.width, depth))
        water = self.image.crop((0, cut, self.image.width, self.image.height))
        mirrored = Image.blend(water, above, strength)
        for y in range(0, depth, 2 * SCALE):
            reach = ripple * SCALE * (0.3 + y / depth)
            shift = round(self.random.uniform(-reach, reach))
            row = mirrored.crop((0, y, mirrored.width, y + 2 * SCALE))
            mirrored.paste(ImageChops.offset(row, shift, 0), (0, y))
        self.image.paste(mirrored, (0, cut))
        self._pen()

    def finish(self, grain: float = 7, vignette: float = 0.28) -> Image.Image:
        """The picture at its own size, a little darker at the edges, and with paper's grain."""
        image = self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        edge = Image.radial_gradient("L").resize(image.size, Image.Resampling.BICUBIC)
        edge = edge.point(lambda v: round(255 * (1 - vignette * (v / 255) ** 2)))
        image = ImageChops.multiply(image, Image.merge("RGB", [edge] * 3))
        random_bytes = self.random.randbytes((self.width // 2) * (self.height // 2))
        noise = Image.frombytes("L", (self.width // 2, self.height // 2), random_bytes)
        noise = noise.resize(image.size, Image.Resampling.BICUBIC)
        noise = noise.point(lambda v: round(128 + (v - 128) * grain / 128))
        return ImageChops.overlay(image, Image.merge("RGB", [noise] * 3))


def terrace(picture, x, y, width, houses, wall, roof, lit, *, storeys=2, share=0.4, bay=False):
    """A row of houses that stands on `y`: walls, pitched roofs, chimneys, windows, doors."""
    each = width / houses
    high = storeys * each * 0.52
    for number in range(houses):
        left = x + number * each
        tone = mix(wall, "#000000", picture.random.uniform(0, 0.12))
        picture.box(left, y - high, each + 1, high, tone)
        ridge = y - high - each * 0.34
        picture.shape(
            [(left - 3, y - high), (left + 6, ridge), (left + each - 6, ridge), (left + each + 3, y - high)],
            mix(roof, "#000000", picture.random.uniform(0, 0.15)),
        )
        stack = left + each * 0.84
        picture.box(stack, ridge - each * 0.2, each * 0.16, each * 0.34, mix(roof, wall, 0.5))
        for pot in range(2):
            picture.box(stack + each * (0.02 + 0.08 * pot), ridge - each * 0.27, each * 0.05, each * 0.08, roof)
        pane = (each * 0.2, each * 0.26)
        for storey in range(storeys):
            top = y - high + each * (0.12 + 0.52 * storey)
            places = (0.14, 0.62) if storey < storeys - 1 else (0.58,)
            for place in places:
                picture.window(left + each * place, top, *pane, lit, mix(tone, "#0a0f1c", 0.6), share)
        picture.box(left + each * 0.16, y - each * 0.4, each * 0.22, each * 0.4, mix(roof, lit, 0.18))


def rain() -> Image.Image:
    picture = Picture("#0d1b2a", "#1b3a4b", "#2f5d62", "#12303a", seed=4)
    for _ in range(70):
        x, y = picture.random.uniform(0, 1600), picture.random.gauss(700, 120)
        shade = picture.random.choice(["#ffd27a", "#ff9f68", "#ffe9c0", "#7fd1c7", "#ff6f59"])
        size = picture.random.uniform(14, 54)
        picture.disc(x, y, size, size, shade, picture.random.randint(28, 110))
    picture.box(0, 850, 1600, 217, "#081720", 150)
    for x in range(0, 1600, 130):
        high = picture.random.uniform(90, 330)
        picture.box(x, 850 - high, 120, high, "#0b1f2a", 170)
    picture.blur(11)
    behind = picture.image.copy()
    upside_down = behind.transpose(Image.Transpose.ROTATE_180)
    for _ in range(420):
        x, y = picture.random.uniform(0, 1600), picture.random.uniform(0, 1067)
        radius = abs(picture.random.gauss(0, 6)) + 2
        if picture.random.random() < 0.14:
            trail = picture.random.uniform(60, 320)
            picture.shape(
                [(x - radius * 0.5, y - trail), (x + radius * 0.4, y - trail), (x + radius * 0.8, y), (x - radius * 0.8, y)],
                "#cfe8ea", 22,
            )
        # Each drop is a lens and shows the street upside down.
        mask = Image.new("L", picture.image.size)
        box = [round(c * SCALE) for c in (x - radius, y - radius * 1.15, x + radius, y + radius * 1.2)]
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), fill=200)
        picture.image.paste(upside_down.crop(tuple(box)), tuple(box[:2]), mask)
        picture._pen()
        picture.disc(x - radius * 0.3, y - radius * 0.5, radius * 0.3, radius * 0.22, "#ffffff", 150)
        picture.arc(x, y, radius, radius * 1.15, 20, 160, "#06121a", 0.9)
    for x in (0, 790, 1560):
        picture.box(x, 0, 40, 1067, "#10181d")
        picture.box(x + 30, 0, 5, 1067, "#3c4f55", 120)
    picture.box(0, 1000, 1600, 67, "#10181d")
    picture.box(0, 1000, 1600, 5, "#51666b", 150)
    return picture.finish()


def rooftops() -> Image.Image:
    picture = Picture("#2b2d5b", "#7a4b7a", "#e07a5f", "#f6bd60", "#f9d99a", seed=9)
    picture.glow(1150, 560, 560, "#ffd27a", 0.8)
    picture.disc(1150, 560, 62, 62, "#fff0c9")
    for y, high, shade in ((640, 60, "#b5657a"), (700, 50, "#8d4f70")):
        picture.ridge(y, high, shade)
    for level, (y, size, wall, roof) in enumerate(
        [(752, 84, "#8a4a68", "#6d3a5c"), (872, 128, "#6a3a5c", "#4c2a4e"), (1104, 200, "#452848", "#2b1a38")]
    ):
        count = 1600 // size + 2
        terrace(picture, -size * 0.4 * (level % 2) - 30, y, size * count, count, wall, roof, "#ffcf70", share=0.32)
        for _ in range(3):
            x, top = picture.random.uniform(60, 1540), y - size * 1.7
            for puff in range(9):
                picture.disc(x + puff * size * 0.16, top - puff * size * 0.15, size * (0.06 + puff * 0.022), size * (0.05 + puff * 0.016), "#fbe3c0", 78 - puff * 8)
    for _ in range(9):
        x, y = picture.random.uniform(200, 900), picture.random.uniform(180, 380)
        picture.arc(x - 9, y, 9, 6, 200, 350, "#2b2046", 2.4)
        picture.arc(x + 9, y, 9, 6, 190, 340, "#2b2046", 2.4)
    return picture.finish()


def school_gate() -> Image.Image:
    picture = Picture("#8ecae6", "#bfe3ec", "#f7ecd0", seed=12)
    for x, y, size in ((260, 170, 70), (1180, 130, 90), (820, 250, 46)):
        for bump in range(5):
            picture.disc(x + bump * size * 0.7, y + (bump % 2) * -size * 0.3, size * 0.62, size * 0.4, "#ffffff", 150)
    picture.ridge(620, 60, "#9cc5a1")
    picture.ridge(690, 40, "#7fb08a")
    picture.box(360, 400, 900, 380, "#b5543c")
    for row in range(400, 780, 13):
        picture.stroke([(360, row), (1260, row)], "#9d4632", 1, 90)
    picture.shape([(330, 405), (420, 320), (1200, 320), (1290, 405)], "#4a4e69")
    picture.shape([(700, 400), (810, 230), (920, 400)], "#a34a35")
    picture.shape([(680, 405), (810, 205), (940, 405), (905, 405), (810, 255), (715, 405)], "#3c3f58")
    picture.disc(810, 345, 34, 34, "#f4ead2")
    picture.stroke([(810, 345), (810, 322)], "#333333", 4)
    picture.stroke([(810, 345), (828, 352)], "#333333", 4)
    for x in (410, 530, 1010, 1130):
        for y in (450, 610):
            picture.box(x, y, 84, 112, "#f4ead2")
            picture.box(x + 6, y + 6, 72, 100, "#4d7c8a")
            picture.shape([(x + 6, y + 106), (x + 50, y + 6), (x + 78, y + 6), (x + 40, y + 106)], "#86b3bd", 120)
            picture.stroke([(x + 42, y), (x + 42, y + 112)], "#f4ead2", 4)
            picture.stroke([(x, y + 54), (x + 84, y + 54)], "#f4ead2", 4)
    picture.box(745, 560, 130, 220, "#f4ead2")
    picture.box(755, 572, 110, 208, "#26547c")
    picture.stroke([(810, 572), (810, 780)], "#f4ead2", 4)
    picture.box(0, 775, 1600, 292, "#c9c2a9")
    picture.shape([(560, 1067), (745, 780), (875, 780), (1060, 1067)], "#ddd6bd")
    picture.tree(170, 800, 520, "#5b4636", 0.05)
    picture.tree(1480, 800, 580, "#5b4636", -0.05)
    for _ in range(260):
        tree = picture.random.choice([(170, 470), (1480, 440)])
        picture.disc(picture.random.gauss(tree[0], 95), picture.random.gauss(tree[1], 85), 15, 12, picture.random.choice(["#e09f3e", "#d6822f", "#e8b95a", "#b96a2a"]), 190)
    for side in (-1, 1):
        hinge = 800 + side * 330
        for bar in range(12):
            x = hinge + side * (30 + bar * 40)
            picture.box(x - 4, 690, 8, 320, "#1d3540")
            picture.shape([(x - 9, 692), (x, 664), (x + 9, 692)], "#1d3540")
        outer = hinge + side * 480
        picture.box(min(hinge, outer), 725, 480, 10, "#1d3540")
        picture.box(min(hinge, outer), 965, 480, 10, "#1d3540")
        picture.box(hinge - 36, 620, 72, 420, "#9d4632")
        picture.box(hinge - 46, 596, 92, 30, "#e9dfc3")
        picture.disc(hinge, 572, 28, 28, "#e9dfc3")
    for x, high, coat, lean in ((640, 210, "#e63946", 4), (700, 120, "#ffb703", 0), (930, 200, "#2a6f97", -4), (985, 128, "#52796f", 0)):
        figure(picture, x, 1010, high, coat, lean)
    return picture.finish()


def figure(picture, x, y, high, coat, lean=0, skin="#e0b08c", hair="#3a2a20") -> None:
    """Somebody who stands on `y`, seen from behind."""
    for leg in (-1, 1):
        picture.box(x + leg * high * 0.075 - high * 0.04, y - high * 0.35, high * 0.08, high * 0.35, "#2b2d42")
    picture.shape(
        [(x - high * 0.12 + lean, y - high * 0.78), (x + high * 0.12 + lean, y - high * 0.78), (x + high * 0.2, y - high * 0.26), (x - high * 0.2, y - high * 0.26)],
        coat,
    )
    picture.disc(x + lean, y - high * 0.77, high * 0.12, high * 0.06, coat)
    picture.disc(x + lean, y - high * 0.89, high * 0.085, high * 0.1, skin)
    picture.disc(x + lean, y - high * 0.91, high * 0.092, high * 0.095, hair)


def whiteboard() -> Image.Image:
    picture = Picture("#e8e2d3", "#d6cdb8", "#c3b79e", seed=3)
    picture.box(150, 118, 1310, 700, "#6b705c", 90, 14)
    picture.box(140, 100, 1310, 700, "#a5a58d", 255, 12)
    picture.box(158, 118, 1274, 664, "#fbfaf6")
    picture.shape([(158, 782), (700, 118), (960, 118), (420, 782)], "#ffffff", 120)
    ink, red, blue = "#2f3e46", "#d1495b", "#2e86ab"
    picture.stroke([(260, 200), (260, 680), (900, 680)], ink, 5)
    for step in range(1, 8):
        y = 680 - step * 62
        picture.stroke([(252, y), (260, y)], ink, 3)
    for step, high in enumerate([90, 110, 104, 150, 190, 180, 260, 330]):
        x = 290 + step * 76
        high += picture.random.uniform(-8, 8)
        for line in range(0, round(high), 11):
            picture.stroke([(x, 677 - line), (x + 44, 671 - line)], blue, 4, 150)
        picture.stroke([(x, 678), (x, 678 - high), (x + 44, 678 - high), (x + 44, 678)], blue, 4)
    curve = [(270 + t * 6, 640 - 22 * math.exp(t / 34) + picture.random.uniform(-2, 2)) for t in range(0, 102, 3)]
    picture.stroke([(x, max(170, y)) for x, y in curve], red, 7)
    picture.stroke([(262, 290), (890, 284)], ink, 3, 130)
    people = [(1040, 300), (1220, 240), (1350, 380), (1120, 470), (1290, 560), (1030, 620)]
    for start, end in ((0, 1), (0, 3), (1, 2), (3, 4), (2, 4), (3, 5), (1, 3)):
        picture.stroke([people[start], people[end]], mix(ink, "#ffffff", 0.25), 4)
    for number, (x, y) in enumerate(people):
        wide = 44 if number == 3 else 31
        picture.disc(x, y, wide, wide, red if number == 3 else ink)
        picture.disc(x, y, wide - 5, wide - 5, "#fbfaf6")
    for line, wide in enumerate((190, 240, 150)):
        y = 182 + line * 26
        points = [(985 + x, y + 6 * math.sin(x / 7 + line)) for x in range(0, wide, 4)]
        picture.stroke(points, ink if line else red, 3)
    picture.box(360, 800, 870, 24, "#8a8a72", 255, 6)
    for x, shade in ((420, red), (520, blue), (640, ink)):
        picture.box(x, 786, 84, 16, shade, 255, 7)
        picture.box(x + 62, 786, 22, 16, "#f1eee2", 255, 7)
    picture.box(1080, 774, 96, 30, "#495057", 255, 5)
    picture.shape([(0, 1067), (0, 960), (1600, 960), (1600, 1067)], "#8d6b4f")
    picture.box(0, 952, 1600, 12, "#a98467")
    for x, shade in ((250, "#3d5a80"), (300, "#ee6c4d"), (345, "#98c1d9")):
        picture.box(x, 830 + (x % 50), 40, 124 - (x % 50), shade, 255, 3)
    picture.box(1330, 880, 70, 74, "#3d405b", 255, 8)
    picture.arc(1402, 915, 20, 22, 270, 90, "#3d405b", 9)
    picture.glow(120, 0, 900, "#fff3d0", 0.4)
    return picture.finish(vignette=0.2)


def harbour() -> Image.Image:
    picture = Picture("#1f2a54", "#6b4c86", "#d9788a", "#f7b177", "#1d3557", "#14213d", seed=21)
    picture.glow(520, 590, 620, "#ffbf80", 0.75)
    picture.disc(520, 600, 54, 54, "#fff1d0")
    picture.ridge(600, 90, "#7b4f80")
    picture.ridge(625, 50, "#5a3d70")
    picture.box(0, 668, 1600, 400, "#243055")
    x = 560
    for wide, high, shade in ((150, 210, "#6d3b52"), (120, 260, "#83475a"), (170, 190, "#4f2f4d"), (130, 240, "#7a4050"), (160, 280, "#5b3350"), (150, 200, "#6d3b52"), (200, 250, "#4a2b48")):
        top = 668 - high
        picture.box(x, top, wide, high, shade)
        picture.shape([(x - 2, top), (x + wide / 2, top - 62), (x + wide + 2, top)], mix(shade, "#000000", 0.25))
        for column in range(3):
            for row in range(high // 62):
                picture.window(x + wide * (0.14 + 0.28 * column), top + 22 + row * 58, wide * 0.15, 32, "#ffd98a", "#2c1f3d", 0.5)
        x += wide
    picture.box(0, 660, 1600, 10, "#33264a")
    picture.reflect(670, 0.62, 7)
    for x, y, size, shade in ((260, 770, 1.1, "#e4572e"), (470, 730, 0.7, "#f3f0e6"), (1080, 860, 1.6, "#1b3b5f"), (760, 745, 0.75, "#2a9d8f")):
        picture.shape([(x - 95 * size, y - 34 * size), (x + 100 * size, y - 40 * size), (x + 68 * size, y + 16 * size), (x - 76 * size, y + 16 * size)], shade)
        picture.stroke([(x - 95 * size, y - 34 * size), (x + 100 * size, y - 40 * size)], "#f6e7cb", 5 * size)
        picture.box(x - 40 * size, y - 82 * size, 62 * size, 48 * size, "#f3e6cf")
        picture.box(x - 30 * size, y - 72 * size, 18 * size, 18 * size, "#ffcf70")
        picture.box(x - 4 * size, y - 72 * size, 18 * size, 18 * size, "#29324f")
        picture.stroke([(x + 40 * size, y - 38 * size), (x + 40 * size, y - 230 * size)], "#211a33", 5 * size)
        picture.stroke([(x + 40 * size, y - 225 * size), (x + 98 * size, y - 42 * size)], "#211a33", 1.8 * size)
        picture.stroke([(x + 40 * size, y - 225 * size), (x - 92 * size, y - 38 * size)], "#211a33", 1.8 * size)
        picture.disc(x, y + 26 * size, 104 * size, 11 * size, "#10182f", 120)
    for x in range(60, 1600, 260):
        picture.disc(x, 640, 5, 5, "#fff0c0")
        picture.glow(x, 640, 70, "#ffcf80", 0.7)
    return picture.finish()


def telephone() -> Image.Image:
    picture = Picture("#0f1020", "#1b1c3a", "#2a2344", seed=8)
    picture.box(140, 90, 500, 560, "#0a0b18")
    picture.box(156, 106, 468, 528, "#152449")
    for _ in range(46):
        x, y = picture.random.uniform(166, 612), picture.random.uniform(380, 624)
        picture.box(x, y, 6, 8, picture.random.choice(["#ffd27a", "#ffedbb", "#f5a65b"]), 170)
    picture.disc(500, 200, 44, 44, "#f6edc9")
    picture.disc(482, 190, 40, 40, "#152449")
    picture.box(384, 106, 12, 528, "#0a0b18")
    picture.box(156, 364, 468, 12, "#0a0b18")
    picture.box(110, 634, 560, 24, "#2f2a4d")
    picture.shape([(0, 800), (1600, 800), (1600, 1067), (0, 1067)], "#4a2c2a")
    picture.box(0, 800, 1600, 12, "#6e4436")
    picture.glow(1210, 560, 760, "#ffb454", 0.85)
    picture.shape([(1090, 440), (1330, 440), (1420, 610), (1000, 610)], "#f2a541")
    picture.shape([(1090, 440), (1170, 440), (1130, 610), (1000, 610)], "#ffc871")
    picture.box(1198, 610, 24, 220, "#7d5a3c")
    picture.disc(1210, 838, 112, 22, "#6a4930")
    picture.disc(1210, 880, 420, 60, "#ffcf80", 40)
    picture.disc(760, 905, 250, 30, "#1d0f12", 120)
    picture.shape([(590, 900), (930, 900), (880, 740), (640, 740)], "#8f1d2c")
    picture.shape([(640, 740), (880, 740), (874, 722), (646, 722)], "#b8303f")
    picture.disc(760, 822, 78, 62, "#e9dcc3")
    for hole in range(10):
        angle = math.radians(hole * 30 + 30)
        picture.disc(760 + math.cos(angle) * 55, 822 + math.sin(angle) * 43, 11, 9, "#6d1320")
    picture.disc(760, 822, 26, 20, "#8f1d2c")
    picture.shape([(560, 700), (600, 664), (920, 664), (960, 700), (960, 730), (895, 730), (880, 706), (640, 706), (625, 730), (560, 730)], "#a52535")
    picture.stroke([(600, 668), (920, 668)], "#d95763", 5)
    coil = [(566 - t * 1.6 + 14 * math.cos(t / 2.2), 730 + t * 1.5 + 11 * math.sin(t / 2.2)) for t in range(110)]
    picture.stroke(coil, "#7a1a28", 5)
    picture.shape([(960, 930), (1300, 905), (1360, 1000), (1000, 1030)], "#f3e7cf")
    for row in range(5):
        picture.stroke([(994, 945 + row * 15), (1290 - row * 18, 924 + row * 15)], "#8d8273", 2.4, 170)
    picture.stroke([(1210, 985), (1390, 905)], "#26547c", 9)
    return picture.finish(vignette=0.4)


def doorstep() -> Image.Image:
    picture = Picture("#cdd9d3", "#e7ddc8", seed=31)
    doors = ["#1d4e5f", "#c8553d", "#e0a63a", "#4f6d4a", "#5b3a5c"]
    each = 330
    for number, door in enumerate(doors):
        left = number * each - 20
        brick = mix("#a65a42", "#7d4034", picture.random.random())
        picture.box(left, 0, each, 900, brick)
        for row, y in enumerate(range(0, 900, 22)):
            picture.stroke([(left, y), (left + each, y)], mix(brick, "#e8c9ad", 0.35), 1.4, 150)
            for x in range(row % 2 * 24, each, 48):
                picture.stroke([(left + x, y), (left + x, y + 22)], mix(brick, "#e8c9ad", 0.35), 1.2, 120)
        for _ in range(60):
            x, y = picture.random.randrange(0, 6) * 48, picture.random.randrange(0, 40) * 22
            picture.box(left + x + 2, y + 2, 44, 19, picture.random.choice(["#8f4a38", "#b96a50"]), 80)
        picture.box(left + 178, 90, 120, 200, "#efe4cc")
        picture.box(left + 188, 100, 100, 180, "#35505c")
        picture.shape([(left + 188, 100), (left + 236, 100), (left + 206, 280), (left + 188, 280)], "#f5efe0", 190)
        picture.shape([(left + 288, 100), (left + 250, 100), (left + 274, 280), (left + 288, 280)], "#f5efe0", 190)
        picture.box(left + 166, 286, 144, 18, "#e0d2b4")
        picture.box(left + 40, 400, 206, 500, "#efe4cc")
        picture.disc(left + 143, 402, 103, 62, "#efe4cc")
        picture.disc(left + 143, 404, 82, 46, "#54707a")
        for ray in (-50, -16, 16, 50):
            picture.stroke([(left + 143, 440), (left + 143 + ray * 1.5, 366)], "#efe4cc", 4)
        picture.box(left + 62, 432, 162, 460, door)
        picture.box(left + 62, 432, 20, 460, mix(door, "#000000", 0.3))
        for x, y, high in ((92, 462, 170), (154, 462, 170), (92, 700, 160), (154, 700, 160)):
            picture.box(left + x, y, 50, high, mix(door, "#000000", 0.22))
            picture.box(left + x + 4, y + 4, 46, high - 4, mix(door, "#ffffff", 0.08))
        picture.box(left + 118, 654, 52, 12, "#d9b65a", 255, 4)
        picture.disc(left + 206, 668, 8, 8, "#f0d27c")
        picture.box(left + 20, 892, 250, 40, "#cfc6b2")
        picture.box(left + 20, 926, 250, 14, "#a59c88")
    picture.box(0, 938, 1600, 129, "#8d8a80")
    for x in range(-80, 1700, 190):
        picture.stroke([(x, 1067), (x + 70, 938)], "#78756c", 3)
    picture.stroke([(0, 1000), (1600, 1000)], "#78756c", 3)
    for x, shade in ((636, "#e63946"), (1530, "#2f3e46")):
        picture.disc(x, 926, 20, 9, shade)
        picture.disc(x + 36, 930, 20, 9, shade)
    picture.box(940, 850, 66, 66, "#9c5a3c", 255, 6)
    for leaf in range(16):
        angle = leaf / 16 * math.tau
        picture.disc(973 + math.cos(angle) * 36, 822 + math.sin(angle) * 34, 20, 17, mix("#3d6b45", "#78a65a", picture.random.random()))
    picture.shape([(0, 0), (560, 0), (0, 760)], "#fff2c9", 46)
    return picture.finish(vignette=0.34)


def court() -> Image.Image:
    picture = Picture("#44546a", "#8b9bab", "#d5cfc0", seed=14)
    for _ in range(14):
        picture.disc(picture.random.uniform(0, 1600), picture.random.uniform(30, 330), picture.random.uniform(160, 330), picture.random.uniform(24, 60), "#e9e6dc", 38)
    picture.blur(5)
    stone, shadow = "#d8cbb0", "#9c8f78"
    picture.box(180, 330, 1240, 560, shadow)
    picture.shape([(150, 330), (800, 120), (1450, 330)], stone)
    picture.shape([(290, 312), (800, 150), (1310, 312)], mix(stone, shadow, 0.6))
    picture.box(140, 326, 1320, 50, mix(stone, "#ffffff", 0.2))
    picture.box(160, 376, 1280, 44, stone)
    picture.stroke([(800, 185), (800, 285)], "#6d6250", 7)
    picture.stroke([(725, 210), (875, 210)], "#6d6250", 6)
    for x in (725, 875):
        picture.stroke([(x - 28, 262), (x, 210), (x + 28, 262)], "#6d6250", 3)
        picture.arc(x, 258, 30, 18, 0, 180, "#6d6250", 6)
    picture.box(700, 540, 200, 350, "#3c332b")
    picture.box(716, 556, 80, 334, "#5a4332")
    picture.box(804, 556, 80, 334, "#5a4332")
    for x in (330, 470, 1050, 1190):
        picture.box(x + 20, 520, 74, 190, "#4f5b66")
        picture.box(x + 54, 520, 5, 190, shadow)
    for number in range(6):
        x = 205 + number * 224
        picture.box(x, 420, 76, 450, stone)
        for flute in range(5):
            picture.box(x + 8 + flute * 14, 440, 5, 410, shadow, 110)
        picture.box(x + 52, 440, 24, 410, "#5e5545", 60)
        picture.box(x - 10, 416, 96, 24, mix(stone, "#ffffff", 0.25))
        picture.box(x - 10, 850, 96, 26, mix(stone, "#ffffff", 0.15))
    for step in range(5):
        picture.box(120 - step * 36, 874 + step * 30, 1360 + step * 72, 31, mix(stone, shadow, 0.15 * step))
        picture.box(120 - step * 36, 900 + step * 30, 1360 + step * 72, 5, shadow)
    picture.box(0, 1020, 1600, 47, "#6d6a66")
    figure(picture, 612, 965, 190, "#37415c", 0)
    figure(picture, 566, 985, 168, "#8a3b3b", 0, hair="#5c3a1e")
    return picture.finish(vignette=0.35)


def aarhus() -> Image.Image:
    picture = Picture("#9fd3e6", "#cfe9ee", "#fbeed6", "#dfeef0", seed=17)
    picture.disc(1260, 190, 60, 60, "#fff6dc")
    picture.glow(1260, 190, 360, "#fff0c0", 0.5)
    shades = ["#d1495b", "#edae49", "#30638e", "#f2e8cf", "#66a182", "#e07a5f", "#8d6a9f", "#edc95a", "#3d7ea6", "#c8553d"]
    x = -20
    for number, shade in enumerate(shades):
        wide, high = picture.random.randint(148, 190), picture.random.randint(300, 400)
        top = 720 - high
        picture.box(x, top, wide, high, shade)
        roof = mix(shade, "#4a2f27", 0.65)
        if number % 3 == 1:
            steps = 4
            for step in range(steps):
                inset = wide / 2 * step / steps
                picture.box(x + inset, top - 34 * (step + 1), wide - 2 * inset, 36, mix(shade, "#000000", 0.06))
        else:
            picture.shape([(x - 6, top + 2), (x + wide / 2, top - 125), (x + wide + 6, top + 2)], roof)
            picture.box(x + wide * 0.42, top - 62, wide * 0.16, 34, "#fbf3df")
            picture.box(x + wide * 0.44, top - 58, wide * 0.12, 26, "#3b5566")
        for row in range(3):
            for column in range(3):
                left, y = x + wide * (0.12 + 0.29 * column), top + 34 + row * 92
                picture.box(left - 4, y - 4, wide * 0.19 + 8, 66, "#fbf3df")
                picture.box(left, y, wide * 0.19, 58, picture.random.choice(["#3b5566", "#4f7183", "#f8d98f"]))
                picture.stroke([(left + wide * 0.095, y), (left + wide * 0.095, y + 58)], "#fbf3df", 3)
        picture.box(x + wide * 0.4, 650, wide * 0.2, 70, mix(shade, "#000000", 0.5))
        x += wide
    picture.box(0, 716, 1600, 26, "#b8a88a")
    picture.box(0, 740, 1600, 330, "#5b9aa8")
    picture.reflect(742, 0.5, 6)
    for x, shade in ((310, "#fdf6e3"), (1130, "#c8553d")):
        picture.shape([(x - 150, 850), (x + 160, 850), (x + 118, 905), (x - 120, 905)], shade)
        picture.box(x - 60, 806, 120, 44, "#f2e8cf")
        for port in range(3):
            picture.disc(x - 34 + port * 34, 828, 10, 10, "#30638e")
        picture.stroke([(x + 86, 850), (x + 86, 600)], "#5c4632", 6)
        picture.shape([(x + 94, 620), (x + 94, 800), (x + 190, 800)], "#fbf3df", 235)
    for x in (90, 200, 700, 760, 1420):
        picture.disc(x, 694, 22, 22, "#2f3e46")
        picture.disc(x, 694, 18, 18, "#b8a88a")
        picture.disc(x + 46, 694, 22, 22, "#2f3e46")
        picture.disc(x + 46, 694, 18, 18, "#b8a88a")
        picture.stroke([(x, 694), (x + 18, 664), (x + 40, 664), (x + 46, 694)], "#d1495b", 4)
        picture.stroke([(x + 14, 656), (x + 20, 694), (x + 40, 664)], "#d1495b", 4)
    return picture.finish(vignette=0.22)


def lyon() -> Image.Image:
    picture = Picture("#f2b5a0", "#f7d1ae", "#fbe6c8", seed=23)
    picture.glow(420, 300, 520, "#fff2d0", 0.7)
    picture.ridge(470, 120, "#c79aa0")
    picture.ridge(540, 90, "#a97f92")
    picture.ridge(600, 70, "#8a6a7f")
    hill = "#6f7f5f"
    picture.shape([(820, 800), (1000, 470), (1180, 370), (1380, 350), (1600, 420), (1600, 800)], hill)
    for _ in range(130):
        x = picture.random.uniform(900, 1600)
        y = picture.random.uniform(max(430, 900 - (x - 800) * 1.15), 720)
        picture.disc(x, y, 26, 20, picture.random.choice(["#5c7050", "#7d8f68", "#4e6148"]), 220)
    picture.box(1230, 240, 190, 140, "#f4e9d6")
    for x in (1224, 1396):
        picture.box(x, 180, 30, 200, "#f7efdf")
        picture.shape([(x - 4, 182), (x + 15, 140), (x + 34, 182)], "#c9b79c")
    picture.shape([(1250, 242), (1325, 196), (1400, 242)], "#d9cbb2")
    picture.disc(1325, 300, 26, 26, "#8a6a7f")
    x = -10
    while x < 1620:
        wide, high = picture.random.randint(88, 140), picture.random.randint(150, 260)
        shade = picture.random.choice(["#e8b07a", "#dd8f6a", "#f0cf9a", "#d97b5b", "#efdcb8", "#e2a08a"])
        top = 770 - high
        picture.box(x, top, wide, high, shade)
        picture.shape([(x - 5, top), (x + 14, top - 30), (x + wide - 14, top - 30), (x + wide + 5, top)], "#a9553f")
        for row in range(high // 48):
            for column in range(3):
                left, y = x + wide * (0.13 + 0.29 * column), top + 14 + row * 48
                picture.box(left, y, wide * 0.15, 30, "#5b4a55")
                picture.box(left - 6, y, 6, 30, mix(shade, "#4a6b6a", 0.6))
                picture.box(left + wide * 0.15, y, 6, 30, mix(shade, "#4a6b6a", 0.6))
        x += wide
    picture.box(0, 764, 1600, 26, "#b79b7c")
    for x in range(20, 1600, 74):
        picture.disc(x, 752, 30, 34, mix("#6f8f5a", "#a9b665", picture.random.random()), 240)
    picture.box(0, 788, 1600, 290, "#7fa3a8")
    picture.reflect(790, 0.5, 6)
    bridge = "#e6d3b3"
    picture.box(0, 806, 1600, 46, bridge)
    picture.box(0, 800, 1600, 10, mix(bridge, "#ffffff", 0.4))
    for pier in range(5):
        x = pier * 380 - 40
        picture.box(x - 38, 846, 76, 120, mix(bridge, "#6d5540", 0.25))
        picture.arc(x + 190, 978, 172, 142, 180, 360, mix(bridge, "#6d5540", 0.2), 34)
        picture.shape([(x - 50, 966), (x + 50, 966), (x + 36, 990), (x - 36, 990)], mix(bridge, "#6d5540", 0.45))
    for x, shade in ((410, "#26547c"), (760, "#8a3b3b"), (1080, "#3d405b"), (1120, "#d98c3f")):
        figure(picture, x, 806, 74, shade)
    return picture.finish(vignette=0.22)


def tampere() -> Image.Image:
    picture = Picture("#dfe9ec", "#b9d4dc", "#f4dccb", "#9fb8bd", seed=41)
    picture.glow(960, 560, 520, "#ffd9b0", 0.8)
    picture.ridge(590, 60, "#8fa9ad")
    picture.ridge(625, 46, "#6a8a8b")
    for x, high in ((560, 300), (690, 360), (1210, 250)):
        picture.shape([(x - 14, 660), (x - 9, 660 - high), (x + 9, 660 - high), (x + 14, 660)], "#a4523d")
        picture.box(x - 11, 660 - high, 22, 12, "#e8d9c5")
        for puff in range(11):
            picture.disc(x + puff * 24, 650 - high - puff * 11, 16 + puff * 5, 12 + puff * 3, "#ffffff", 70 - puff * 5)
    for x, wide, high in ((430, 330, 140), (760, 240, 180), (1000, 310, 120)):
        picture.box(x, 660 - high, wide, high, "#9a4a38")
        picture.box(x, 652 - high, wide, 10, "#5c3a35")
        for column in range(wide // 38):
            for row in range(high // 56):
                picture.window(x + 12 + column * 38, 672 - high + row * 54, 18, 34, "#ffe2a0", "#4b3a3a", 0.4)
    picture.box(0, 655, 1600, 412, "#b9cdd2")
    picture.reflect(658, 0.6, 4)
    for x in range(-20, 420, 34):
        high = picture.random.uniform(90, 190)
        for tier in range(4):
            y = 662 - high * tier / 4
            half = 30 * (1 - tier / 5)
            picture.shape([(x - half, y), (x + half, y), (x, y - high / 2.6)], "#2f5148")
    for x in range(1330, 1640, 34):
        high = picture.random.uniform(90, 210)
        for tier in range(4):
            y = 662 - high * tier / 4
            half = 30 * (1 - tier / 5)
            picture.shape([(x - half, y), (x + half, y), (x, y - high / 2.6)], "#2f5148")
    picture.shape([(0, 1067), (0, 930), (500, 905), (1000, 960), (1600, 900), (1600, 1067)], "#f3f5f4")
    picture.shape([(0, 1067), (0, 985), (700, 960), (1600, 1000), (1600, 1067)], "#dde6ea")
    for x, lean, wide in ((140, 0.02, 26), (290, -0.03, 18), (1390, 0.03, 24), (1500, -0.02, 30)):
        top = (x + lean * 1000, 40)
        picture.shape([(x - wide / 2, 1000), (top[0] - wide / 3, top[1]), (top[0] + wide / 3, top[1]), (x + wide / 2, 1000)], "#f6f3ec")
        for mark in range(17):
            y = 980 - mark * 56 - picture.random.uniform(0, 20)
            at = x + lean * (1000 - y)
            side = picture.random.choice((-1, 1))
            picture.shape([(at, y - 3), (at + side * wide / 2, y - 9), (at + side * wide / 2, y + 8)], "#2b2b2b")
        for twig in range(9):
            y = 90 + twig * 48
            at = x + lean * (1000 - y)
            side = -1 if twig % 2 else 1
            picture.stroke([(at, y), (at + side * 70, y - 40), (at + side * 130, y - 30)], "#4a3f3a", 2.6)
            for _ in range(14):
                picture.disc(at + side * picture.random.uniform(30, 150), y - picture.random.uniform(-8, 60), 7, 6, picture.random.choice(["#e9b44c", "#f0ca6b", "#d99a3a"]), 210)
    figure(picture, 840, 985, 130, "#c8553d")
    figure(picture, 892, 990, 78, "#2a6f97")
    return picture.finish(vignette=0.22)


def town_hall() -> Image.Image:
    picture = Picture("#27374d", "#526d82", "#dda77b", "#f3d5a8", seed=27)
    for _ in range(12):
        picture.disc(picture.random.uniform(0, 1600), picture.random.uniform(60, 420), picture.random.uniform(140, 300), picture.random.uniform(12, 30), "#f6d9b5", 50)
    picture.blur(4)
    picture.ridge(760, 40, "#6e7f80")
    brick, stone, roof = "#9a4b3c", "#ecdcc0", "#37474f"
    picture.box(260, 500, 1080, 400, brick)
    picture.shape([(240, 502), (330, 410), (1270, 410), (1360, 502)], roof)
    for gable in (330, 1090):
        picture.box(gable, 440, 180, 460, mix(brick, "#000000", 0.06))
        picture.shape([(gable - 8, 442), (gable + 90, 330), (gable + 188, 442)], mix(roof, "#000000", 0.1))
        picture.shape([(gable + 18, 442), (gable + 90, 356), (gable + 162, 442)], brick)
    picture.box(700, 240, 200, 660, mix(brick, "#ffffff", 0.04))
    picture.box(688, 236, 224, 22, stone)
    picture.box(716, 130, 168, 108, mix(brick, "#ffffff", 0.04))
    picture.box(704, 124, 192, 16, stone)
    picture.shape([(704, 126), (800, -40), (896, 126)], "#4f7a6b")
    picture.shape([(704, 126), (800, -40), (780, 126)], "#6b998a")
    picture.disc(800, 330, 66, 66, stone)
    picture.disc(800, 330, 56, 56, "#fffaf0")
    for hour in range(12):
        angle = hour * math.tau / 12
        picture.stroke([(800 + math.cos(angle) * 44, 330 + math.sin(angle) * 44), (800 + math.cos(angle) * 52, 330 + math.sin(angle) * 52)], "#333333", 4)
    picture.stroke([(800, 330), (778, 306)], "#333333", 7)
    picture.stroke([(800, 330), (836, 348)], "#333333", 5)
    for y in (620, 760):
        picture.box(250, y, 1100, 10, stone)
    for x in (356, 420, 540, 610, 960, 1030, 1116, 1180):
        for y in (530, 650, 790):
            picture.box(x - 5, y - 6, 54, 84, stone)
            picture.window(x, y, 44, 72, "#ffd98a", "#2f4150", 0.45)
    for y in (450, 540, 640):
        picture.box(765, y, 70, 70, stone)
        picture.window(772, y + 6, 56, 60, "#ffd98a", "#2f4150", 0.8)
    picture.box(740, 740, 120, 160, stone)
    picture.disc(800, 744, 60, 44, stone)
    picture.box(756, 756, 88, 144, "#3a2b26")
    picture.glow(800, 820, 150, "#ffcf80", 0.6)
    picture.box(0, 896, 1600, 171, "#8e8678")
    for y, step in ((930, 60), (985, 84), (1045, 110)):
        picture.stroke([(0, y), (1600, y)], "#7b7367", 3)
        for x in range(0, 1600, step * 2):
            picture.stroke([(x + y % step, y), (x + y % step - 14, y + 55)], "#7b7367", 2)
    for x in (150, 1450):
        picture.box(x - 6, 640, 12, 300, "#22313a")
        picture.disc(x, 630, 24, 28, "#fff0c4")
        picture.glow(x, 630, 170, "#ffd98a", 0.7)
    picture.tree(60, 930, 420, "#2c2a2e", 0.05)
    picture.tree(1545, 930, 460, "#2c2a2e", -0.04)
    picture.box(980, 884, 130, 12, "#4a3528")
    picture.box(980, 850, 130, 10, "#4a3528")
    for x in (990, 1092):
        picture.box(x, 850, 8, 70, "#2c2a2e")
    for _ in range(8):
        picture.disc(picture.random.uniform(420, 760), picture.random.uniform(940, 1010), 9, 6, "#3f4a52")
    return picture.finish()


def chairs() -> Image.Image:
    picture = Picture("#c9d6cf", "#b3c4bb", "#9fb3a9", seed=19)
    picture.box(0, 480, 1600, 330, "#8ba398")
    picture.box(0, 474, 1600, 12, "#e9e4d4")
    picture.shape([(0, 810), (1600, 810), (1600, 1067), (0, 1067)], "#c2a98a")
    for x in range(-400, 2100, 150):
        picture.stroke([(800 + (x - 800) * 0.8, 810), (x, 1067)], "#a98f70", 3)
    for y in (850, 905, 980):
        picture.stroke([(0, y), (1600, y)], "#a98f70", 2.4)
    picture.box(0, 800, 1600, 14, "#6d8278")
    picture.box(960, 60, 420, 270, "#f4efe0")
    picture.box(974, 74, 392, 242, "#eaf3f2")
    for x in (1098, 1232):
        picture.box(x, 74, 12, 242, "#f4efe0")
    picture.shape([(980, 320), (1360, 320), (930, 1067), (250, 1067)], "#fff7dc", 62)
    picture.box(250, 130, 250, 190, "#d9b38c")
    for x, y, shade in ((272, 152, "#f7f3e8"), (342, 148, "#f2c14e"), (412, 156, "#e9eef0"), (290, 236, "#d1495b"), (372, 232, "#f7f3e8"), (436, 240, "#6ba292")):
        picture.box(x, y, 52, 64, shade)
        picture.disc(x + 26, y + 4, 4, 4, "#3a3a3a")
    shades = ["#d1495b", "#2e6f95", "#e3b23c", "#2e6f95", "#d1495b"]
    for number, shade in enumerate(shades):
        chair(picture, 200 + number * 215, 930, 1.0, shade)
    chair(picture, 1330, 930, 0.55, "#e07a3f")
    picture.box(1450, 660, 96, 270, "#7a5a40")
    picture.box(1438, 650, 120, 16, "#93704f")
    picture.box(1478, 600, 40, 52, "#f4efe0")
    for leaf in range(13):
        angle = math.pi + leaf / 12 * math.pi
        picture.stroke([(1498, 604), (1498 + math.cos(angle) * 74, 580 + math.sin(angle) * 92)], mix("#3f6b4c", "#6f9a5b", picture.random.random()), 8)
    return picture.finish(vignette=0.3)


def chair(picture, x, y, size, shade) -> None:
    """A plastic chair on steel legs that stands on `y`."""
    picture.disc(x, y + 4, 100 * size, 14 * size, "#6d5a44", 110)
    for leg in (-1, 1):
        picture.stroke([(x + leg * 60 * size, y - 140 * size), (x + leg * 78 * size, y)], "#55606a", 8 * size)
        picture.stroke([(x + leg * 52 * size, y - 140 * size), (x + leg * 56 * size, y - 26 * size)], "#3e474f", 7 * size)
    picture.box(x - 72 * size, y - 330 * size, 144 * size, 140 * size, shade, 255, 26 * size)
    picture.box(x - 60 * size, y - 318 * size, 120 * size, 30 * size, mix(shade, "#ffffff", 0.25), 120, 14 * size)
    picture.box(x - 58 * size, y - 200 * size, 116 * size, 40 * size, mix(shade, "#000000", 0.25))
    picture.shape([(x - 74 * size, y - 170 * size), (x + 74 * size, y - 170 * size), (x + 92 * size, y - 132 * size), (x - 92 * size, y - 132 * size)], mix(shade, "#ffffff", 0.12))
    picture.box(x - 92 * size, y - 136 * size, 184 * size, 14 * size, mix(shade, "#000000", 0.2), 255, 6 * size)


def desk() -> Image.Image:
    picture = Picture("#12181f", "#1d2a35", "#2c3a40", seed=6)
    picture.box(560, 70, 520, 480, "#0b1016")
    picture.box(576, 86, 488, 448, "#1f3a52")
    for _ in range(12):
        x = picture.random.randint(580, 1000)
        high = picture.random.randint(60, 190)
        picture.box(x, 534 - high, 60, high, "#16293c")
        for _ in range(5):
            picture.box(x + picture.random.randint(6, 46), 534 - picture.random.randint(12, high), 8, 10, "#ffd98a", 190)
    picture.box(814, 86, 12, 448, "#0b1016")
    picture.box(576, 300, 488, 12, "#0b1016")
    picture.box(0, 740, 1600, 327, "#6b4630")
    picture.box(0, 740, 1600, 14, "#8f6241")
    for _ in range(26):
        y = picture.random.uniform(770, 1060)
        x = picture.random.uniform(-100, 1400)
        picture.stroke([(x, y), (x + picture.random.uniform(150, 500), y + picture.random.uniform(-3, 3))], "#5a3a28", 2, 120)
    picture.glow(430, 620, 720, "#ffc46b", 0.9)
    picture.stroke([(230, 800), (300, 520), (420, 400)], "#3c6e71", 14)
    picture.disc(300, 520, 14, 14, "#2f5659")
    picture.disc(230, 806, 96, 22, "#2f5659")
    picture.shape([(360, 410), (440, 350), (560, 470), (430, 540)], "#3c6e71")
    picture.shape([(430, 540), (560, 470), (552, 494), (446, 552)], "#fff2c9")
    picture.shape([(440, 548), (556, 482), (960, 1067), (320, 1067)], "#ffe0a0", 26)
    stack = 900
    y = 800
    for number in range(13):
        high = picture.random.randint(15, 30)
        y -= high
        shift = picture.random.randint(-24, 24)
        shade = picture.random.choice(["#d9b777", "#c9a15f", "#e4cb98", "#b5533f", "#7d9a9a", "#d9b777"])
        picture.box(stack + shift, y, 320, high - 2, shade, 255, 3)
        picture.box(stack + shift + 4, y + high - 8, 312, 4, "#f6efdd")
        if number % 3 == 0:
            picture.box(stack + shift + 230, y - 5, 60, 8, mix(shade, "#ffffff", 0.3))
    picture.shape([(1210, 800), (1250, 460), (1310, 466), (1280, 800)], "#b5533f")
    picture.shape([(1284, 800), (1316, 480), (1368, 484), (1350, 800)], "#41658a")
    picture.shape([(1354, 800), (1372, 500), (1420, 502), (1414, 800)], "#d9b777")
    picture.shape([(420, 880), (820, 850), (900, 990), (450, 1030)], "#f7efdc")
    for row in range(6):
        picture.stroke([(462 + row * 5, 896 + row * 19), (780 + row * 11 - (row % 3) * 50, 872 + row * 19)], "#6d6558", 2.4, 190)
    picture.stroke([(700, 985), (900, 880)], "#1d3557", 9)
    picture.stroke([(690, 990), (704, 983)], "#d9b65a", 6)
    picture.disc(1130, 936, 96, 16, "#3d2618", 150)
    picture.box(1060, 836, 130, 100, "#e9e4d4", 255, 12)
    picture.arc(1196, 884, 32, 32, 270, 90, "#e9e4d4", 13)
    picture.box(1060, 866, 130, 14, "#d1495b")
    picture.disc(1125, 838, 65, 13, "#f7f3e8")
    picture.disc(1125, 839, 56, 9, "#5c3b26")
    for puff in range(8):
        picture.disc(1125 + 12 * math.sin(puff * 0.9), 810 - puff * 22, 12 + puff * 2, 15, "#fff4dd", 26 - puff * 2)
    return picture.finish(vignette=0.42)


def bus_stop() -> Image.Image:
    picture = Picture("#131b3a", "#34406e", "#8a6f97", "#e3a587", seed=33)
    picture.ridge(720, 60, "#3a3f66")
    terrace(picture, -30, 820, 1700, 13, "#33385c", "#252a4a", "#ffd27a", share=0.24)
    picture.box(0, 815, 1600, 260, "#4a4d68")
    picture.box(0, 815, 1600, 12, "#8d8ea0")
    picture.box(0, 960, 1600, 120, "#2c2f47")
    picture.box(0, 956, 1600, 10, "#9c9bab")
    for x in range(40, 1600, 240):
        picture.box(x, 1018, 120, 8, "#d9d3c2", 190)
    picture.box(1290, 250, 14, 650, "#1a1e36")
    picture.stroke([(1297, 256), (1230, 232), (1180, 246)], "#1a1e36", 11)
    picture.glow(1185, 262, 520, "#ffdc9a", 0.95)
    picture.shape([(1150, 250), (1215, 250), (1205, 266), (1160, 266)], "#fff3cf")
    picture.shape([(1160, 268), (1206, 268), (1460, 950), (900, 950)], "#ffe4ac", 34)
    picture.box(540, 470, 640, 18, "#20335a")
    picture.box(540, 486, 640, 380, "#a9cdd6", 52)
    for x in (540, 750, 960, 1168):
        picture.box(x, 486, 12, 430, "#20335a")
    picture.box(540, 866, 640, 6, "#20335a")
    picture.box(600, 800, 330, 18, "#d1495b")
    for x in (620, 900):
        picture.box(x, 816, 10, 92, "#20335a")
    picture.box(980, 540, 160, 220, "#fbf3df", 235)
    for row in range(8):
        picture.stroke([(998, 562 + row * 24), (1118, 562 + row * 24)], "#8a8fa8", 4)
    picture.shape([(560, 490), (680, 490), (600, 860), (556, 860)], "#ffffff", 30)
    picture.box(440, 420, 12, 500, "#20335a")
    picture.disc(446, 410, 52, 52, "#d1495b")
    picture.disc(446, 410, 38, 38, "#fbf3df")
    picture.box(394, 398, 104, 24, "#26547c")
    figure(picture, 820, 930, 232, "#e0a63a", 2, hair="#251a16")
    picture.box(880, 842, 78, 88, "#20283f", 255, 16)
    picture.box(900, 820, 38, 26, "#20283f", 255, 10)
    picture.box(885, 880, 66, 6, "#3f4a68")
    for x in (720,):
        picture.disc(x, 905, 40, 34, "#15181f")
        picture.shape([(x - 14, 876), (x + 14, 876), (x + 22, 850), (x - 20, 852)], "#15181f")
    for _ in range(160):
        x, y = picture.random.uniform(0, 1600), picture.random.uniform(0, 950)
        size = picture.random.uniform(1.2, 3.2)
        picture.disc(x, y, size, size, "#ffffff", picture.random.randint(60, 170))
    return picture.finish()


def kitchen() -> Image.Image:
    picture = Picture("#f3d9b1", "#f0cf9f", "#e6bd88", seed=37)
    for x in range(0, 1600, 90):
        for y in range(20 + (x // 90 % 2) * 45, 640, 90):
            picture.disc(x, y, 7, 7, "#e8b77d", 150)
            for leaf in (-1, 1):
                picture.disc(x + leaf * 12, y + 8, 8, 4, "#b9b27a", 140)
    picture.box(560, 70, 500, 420, "#fbf5e6")
    picture.box(578, 88, 464, 384, "#a8d5e2")
    picture.shape([(578, 472), (578, 360), (700, 320), (860, 372), (1042, 330), (1042, 472)], "#8fb77f")
    picture.shape([(578, 472), (578, 420), (800, 396), (1042, 430), (1042, 472)], "#6f9d68")
    picture.disc(940, 160, 34, 34, "#fff6d5")
    picture.box(803, 88, 14, 384, "#fbf5e6")
    picture.box(578, 268, 464, 12, "#fbf5e6")
    for side in (0, 1):
        edge = 560 if side == 0 else 1060
        inward = 1 if side == 0 else -1
        picture.shape([(edge - inward * 40, 56), (edge + inward * 120, 56), (edge + inward * 34, 430), (edge - inward * 40, 500)], "#d1495b", 235)
        for dot in range(22):
            picture.disc(edge + inward * picture.random.uniform(-30, 50), 80 + dot * 17, 6, 6, "#fbe9d0")
    picture.box(505, 44, 610, 18, "#7a5230", 255, 8)
    picture.box(530, 486, 560, 24, "#fbf5e6")
    for x, shade in ((640, "#c8553d"), (920, "#c8553d"), (980, "#9c6b3f")):
        picture.shape([(x - 26, 430), (x + 26, 430), (x + 19, 487), (x - 19, 487)], shade)
        for leaf in range(12):
            angle = math.pi + leaf / 11 * math.pi
            picture.disc(x + math.cos(angle) * 32, 424 + math.sin(angle) * 34, 13, 11, mix("#4a7c4e", "#86a85a", picture.random.random()))
    picture.box(90, 210, 340, 16, "#8a5a36")
    picture.box(90, 360, 340, 16, "#8a5a36")
    for x, y, wide, high, shade in ((110, 140, 46, 70, "#41658a"), (166, 120, 52, 90, "#e9e4d4"), (230, 150, 60, 60, "#d1495b"), (304, 130, 40, 80, "#6f9d68"), (356, 146, 56, 64, "#e9e4d4"), (112, 290, 66, 70, "#e9e4d4"), (192, 296, 70, 64, "#e3b23c"), (280, 280, 48, 80, "#41658a"), (344, 300, 70, 60, "#c8553d")):
        picture.box(x, y, wide, high, shade, 255, 8)
        picture.box(x + 6, y + 12, wide - 12, 8, mix(shade, "#ffffff", 0.4))
    picture.box(1180, 140, 300, 400, "#fbf5e6", 255, 6)
    for x, y, shade in ((1206, 170, "#e3b23c"), (1340, 164, "#a8d5e2"), (1216, 340, "#f0a89a"), (1346, 350, "#b9d8a4")):
        picture.box(x, y, 112, 140, mix(shade, "#ffffff", 0.45))
        picture.disc(x + 56, y + 56, 26, 26, shade)
        picture.stroke([(x + 56, y + 82), (x + 56, y + 118)], mix(shade, "#000000", 0.3), 4)
        picture.stroke([(x + 30, y + 96), (x + 82, y + 96)], mix(shade, "#000000", 0.3), 4)
    picture.shape([(120, 760), (1480, 760), (1600, 960), (0, 960)], "#a9683f")
    picture.box(0, 958, 1600, 26, "#85502f")
    picture.box(70, 984, 46, 90, "#6e4126")
    picture.box(1484, 984, 46, 90, "#6e4126")
    picture.shape([(330, 770), (1270, 770), (1330, 950), (270, 950)], "#f7f1e0")
    for column in range(10):
        picture.shape([(340 + column * 94, 770), (380 + column * 94, 770), (372 + (column - 4.5) * 10 + column * 94, 950), (328 + (column - 4.5) * 10 + column * 94, 950)], "#6f9dbd", 120)
    picture.disc(800, 838, 90, 22, "#c9bb9c", 160)
    picture.disc(800, 790, 84, 66, "#41658a")
    picture.disc(800, 734, 44, 14, "#2f4d6b")
    picture.disc(800, 722, 12, 10, "#e3b23c")
    picture.stroke([(876, 800), (930, 770), (944, 726)], "#41658a", 20)
    picture.arc(722, 786, 46, 44, 90, 270, "#41658a", 15)
    for x, y, shade in ((470, 850, "#d1495b"), (640, 890, "#e3b23c"), (980, 890, "#6f9d68"), (1130, 850, "#f0a89a")):
        picture.disc(x, y + 26, 62, 14, "#c9bb9c", 190)
        picture.disc(x, y + 20, 56, 14, "#fffaf0")
        picture.box(x - 34, y - 36, 68, 56, shade, 255, 12)
        picture.disc(x, y - 34, 34, 9, mix(shade, "#ffffff", 0.4))
        picture.disc(x, y - 33, 27, 6, "#7a4a2a")
        picture.arc(x + 36, y - 10, 16, 17, 270, 90, shade, 8)
    picture.shape([(580, 90), (1040, 90), (1400, 1067), (500, 1067)], "#fff6d5", 36)
    return picture.finish(vignette=0.26)


def face(
    sky: tuple[str, str], skin: str, hair: str, coat: str, *, style: str, seed: int
) -> Image.Image:
    """Somebody from the shoulders up."""
    picture = Picture(*sky, size=PORTRAIT, seed=seed)
    picture.disc(320, 300, 250, 250, mix(sky[0], "#ffffff", 0.35), 120)
    dark = mix(skin, "#4a2018", 0.32)
    if style == "curls":
        for curl in range(64):
            angle = curl / 64 * math.tau
            reach = picture.random.uniform(120, 168)
            picture.disc(320 + math.cos(angle) * reach, 262 + math.sin(angle) * reach * 1.06, 46, 46, mix(hair, "#5a3a28", picture.random.random() * 0.4))
    if style == "bob":
        picture.disc(320, 262, 150, 168, hair)
        picture.box(170, 262, 300, 150, hair, 255, 60)
    picture.shape([(270, 390), (370, 390), (384, 520), (256, 520)], dark)
    picture.shape([(60, 640), (96, 540), (250, 478), (320, 520), (390, 478), (544, 540), (580, 640)], coat)
    picture.shape([(250, 478), (320, 560), (390, 478), (372, 462), (320, 505), (268, 462)], mix(coat, "#ffffff", 0.75))
    picture.shape([(96, 540), (250, 478), (300, 640), (60, 640)], mix(coat, "#000000", 0.16))
    for ear in (-1, 1):
        picture.disc(320 + ear * 114, 292, 20, 30, dark)
    picture.disc(320, 280, 114, 138, skin)
    picture.disc(278, 320, 30, 20, "#e07a5f", 44)
    picture.disc(362, 320, 30, 20, "#e07a5f", 44)
    if style == "bob":
        picture.shape([(206, 268), (214, 170), (300, 128), (400, 140), (436, 200), (434, 270), (400, 196), (300, 186), (246, 210)], hair)
    if style == "short":
        picture.shape([(204, 268), (204, 190), (250, 140), (330, 122), (410, 150), (438, 204), (436, 268), (418, 214), (380, 186), (260, 190), (222, 220)], hair)
    if style == "curls":
        for curl in range(26):
            angle = math.pi + curl / 25 * math.pi
            picture.disc(320 + math.cos(angle) * 108, 250 + math.sin(angle) * 112, 34, 32, mix(hair, "#5a3a28", picture.random.random() * 0.4))
    if style == "beard":
        picture.disc(320, 350, 112, 92, hair)
        picture.disc(320, 262, 106, 92, skin)
        picture.shape([(212, 270), (222, 300), (418, 300), (428, 270)], skin)
        picture.disc(320, 352, 46, 16, mix(hair, "#ffffff", 0.18))
        picture.box(196, 140, 248, 70, "#5f6f52", 255, 44)
        picture.disc(300, 186, 148, 30, "#4d5b43")
        picture.disc(320, 150, 112, 46, "#6d7d5e")
    for eye in (-1, 1):
        x = 320 + eye * 46
        picture.disc(x, 282, 15, 10, "#fbf7ef")
        picture.disc(x + 2, 283, 8, 9, "#33261f")
        picture.disc(x + 5, 280, 2.5, 2.5, "#ffffff")
        picture.arc(x, 266, 26, 14, 205, 335, mix(hair, "#2a1a12", 0.4), 6)
    picture.arc(324, 310, 14, 18, 20, 150, dark, 5)
    picture.arc(320, 344, 38, 22, 20, 160, "#8f3b32", 6)
    if style in ("bob", "short"):
        for eye in (-1, 1):
            picture.arc(320 + eye * 47, 284, 37, 31, 0, 360, "#3a3238", 5)
        picture.stroke([(310, 280), (330, 280)], "#3a3238", 5)
    return picture.finish(vignette=0.2)


DRAWINGS: dict[str, Callable[[], Image.Image]] = {
    "aarhus": aarhus,
    "bus-stop": bus_stop,
    "chairs": chairs,
    "court": court,
    "desk": desk,
    "doorstep": doorstep,
    "harbour": harbour,
    "kitchen": kitchen,
    "lyon": lyon,
    "rain": rain,
    "rooftops": rooftops,
    "school-gate": school_gate,
    "tampere": tampere,
    "telephone": telephone,
    "town-hall": town_hall,
    "whiteboard": whiteboard,
    "idris-bevan": lambda: face(("#cfd8c4", "#8fa58a"), "#e8b998", "#4a4a4a", "#2f4858", style="short", seed=2),
    "margaret-ashdown": lambda: face(("#f2d6c2", "#c98f7a"), "#f0c7ab", "#d9d4cc", "#6b4e71", style="bob", seed=1),
    "tom-harkness": lambda: face(("#d7e3ea", "#8aa9b8"), "#eebd9c", "#c9bfae", "#8a4f3d", style="beard", seed=3),
    "zoe-okonjo": lambda: face(("#f6dfa8", "#d99a5b"), "#8d5a3c", "#241815", "#1f6f6b", style="curls", seed=5),
}


def main(names: list[str]) -> None:
    PICTURES.mkdir(exist_ok=True)
    for name in names or DRAWINGS:
        path = PICTURES / f"{name}.webp"
        DRAWINGS[name]().save(path, quality=76, method=6)
        print(f"{path.name}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
