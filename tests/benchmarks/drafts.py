"""
Draws realistic posts, the same for the same seed.

A post has a title, one to three authors, up to five tags, sometimes a series and half of the time
a cover, and a body of paragraphs, quotations, lists, links, headings, photos, code and tables
around a median of 380 words. Lengths follow a log-normal law, the popularity of tags and names
Zipf's, dates working days with often two posts or more on one.
"""

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field


def words(text: str) -> list[str]:
    return text.split()


NOUNS = words("""
assessment borough budget care carer case caseload child commissioner committee complaint
contract council court decision department director duty evidence family fee figure foster
framework funding grant guidance hearing home hospital household inquiry inspection inspector
judgment law letter manager meeting minister mother neighbour nurse officer parent parliament
patient pay plan placement policy practice principle profession provider question reform
referral regulator report research review right risk rota school service shift shortage
social-work standard statute strike student supervision survey system team threshold training
trust turnover union vacancy visit volunteer wage ward worker youth
""")
VERBS = words("""
accepted answered asked abandoned built changed closed counted cut delayed described doubled
drafted ended explained found funded ignored kept led left measured merged missed moved named
noticed opened paid planned promised published questioned raised read rejected repaired replaced
resigned reviewed saw shared shortened signed started stopped studied supported tested trusted
visited warned welcomed withdrew wrote
""")
ADJECTIVES = words("""
annual anxious bare better brief careful cheap common complex costly crowded distant early fair
former fragile generous hard honest hidden independent late local long modest national new old
open ordinary patient plain poor private public quick quiet rare recent rural senior serious
shared short slow small statutory steady strange tired urban useful usual vague voluntary weak
wide young
""")
PATTERNS = (
    "The {a} {n} {v} the {n2}, and nobody in {p} had asked why.",
    "{p} {v} its {n} in {y}; the {a} {n2} came later.",
    "What the {n} {v} was a {a} {n2}, not the {n3} that {p} had in mind.",
    "In {p}, {q} of {q2} {a} cases {v} before the {n} did.",
    "A {n} is not a {n2}, however {a} the {n3}.",
    "By {y} the {n} had {v} and the {a} {n2} was gone.",
    "Few would call it a {a} {n}, but it {v} the {n2} all the same.",
    "If the {n} {v} anything, it was that a {a} {n2} needs a {n3}.",
    "{p} and {p2} {v} the same {n}, a {a} {n2} apart.",
    "Nobody {v} the {n}. The {a} {n2} wrote it down.",
)
TITLES = (
    "What the {n} {v}",
    "A {a} {n} in {p}",
    "{p} and the {a} {n}",
    "Why the {n} {v} the {n2}",
    "The {n}, the {n2} and {q} {a} cases",
    "On the {n} of {y}",
)
ONSETS = words("b br c ch d dr f fl g gr h k l m n p pr r s st t th tr w wh")
VOWELS = words("a e i o u ai ea oo ou")
ENDINGS = words(
    "bury by don field ford ham ley ling mere mouth ness ridge ster ton well wick worth"
)


@dataclass(frozen=True)
class Draft:
    """
    A post as the generator thinks of it.

    `authors`, `tags`, `series`, `cover` and the images of its photos are numbers; a link to
    another post has the id `post-` and that post's number.
    """

    title: str
    slug: str
    published_at: dt.datetime
    introduction: str
    body: list[dict[str, object]]
    authors: list[int]
    tags: list[int]
    series: int | None = None
    cover: int | None = None


@dataclass
class World:
    """What the posts are about: how many authors, tags, series and place names there are."""

    seed: int = 1
    authors: int = 12
    tags: int = 240
    series: int = 30
    places: list[str] = field(default_factory=list)
    stock: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        names = (
            self.chance.choice(ONSETS) + self.chance.choice(VOWELS) + self.chance.choice(ENDINGS)
            for _ in itertools.count()
        )
        self.places = [name.title() for name in itertools.islice(names, 3000)]
        self.place_weights = list(itertools.accumulate(1 / (n + 3) for n in range(3000)))
        self.tag_weights = list(itertools.accumulate(1 / (n + 1) for n in range(self.tags)))

    def place(self) -> str:
        return self.chance.choices(self.places, cum_weights=self.place_weights)[0]

    def fill(self, pattern: str) -> str:
        pick = self.chance.choice
        return pattern.format(
            n=pick(NOUNS),
            n2=pick(NOUNS),
            n3=pick(NOUNS),
            v=pick(VERBS),
            a=pick(ADJECTIVES),
            p=self.place(),
            p2=self.place(),
            y=self.chance.randint(1946, 2026),
            q=self.chance.randint(2, 90),
            q2=self.chance.randint(91, 4000),
        )

    def sentences(self, count: int) -> str:
        """Sentences of a stock of 20,000: drawing costs less than making, and the words recur."""
        if len(self.stock) < 20_000:
            new = [self.fill(self.chance.choice(PATTERNS)) for _ in range(count)]
            self.stock += new
            return " ".join(new)
        return " ".join(self.chance.choices(self.stock, k=count))

    def body(self, number: int) -> list[dict[str, object]]:
        """
        StreamField data like that of the demo's posts, whose length in words is log-normal.

        `number` is that of the post: it links to earlier ones.
        """
        left = max(4, round(self.chance.lognormvariate(3.35, 0.55)))
        blocks: list[dict[str, object]] = []
        sections = 0
        while left > 0:
            size = min(left, self.chance.randint(2, 6))
            left -= size
            kind = self.chance.random()
            if kind < 0.08 and blocks:
                sections += 1
                heading = self.fill("The {a} {n} of {p}")
                value = {"text": heading, "level": "2", "anchor": f"section-{sections}"}
                blocks.append({"type": "heading", "value": value})
            text = self.sentences(size)
            if 0.08 <= kind < 0.2:
                value = {"text": f"<p>{text}</p>", "source": self.place(), "url": ""}
                blocks.append({"type": "quote", "value": value})
                continue
            if 0.2 <= kind < 0.26:
                items = "".join(f"<li>{self.fill('A {a} {n} in {p}')}</li>" for _ in range(4))
                text += f"</p><ul>{items}</ul><p>{self.sentences(1)}"
            elif kind < 0.5:
                parts = text.split(" ", 6)
                address = f'href="https://{self.place().lower()}.example/report"'
                if number and kind < 0.35:
                    address = f'linktype="page" id="post-{self.chance.randrange(number)}"'
                text = " ".join([*parts[:3], f"<a {address}>{parts[3]}</a>", *parts[4:]])
            blocks.append({"type": "paragraph", "value": f"<p>{text}</p>"})
        for block in self.extras():
            blocks.insert(self.chance.randint(1, len(blocks)), block)
        return blocks

    def extras(self) -> Iterator[dict[str, object]]:
        """Photos, and now and then code, a table or a call-out."""
        for _ in range(self.chance.choice((0, 0, 1, 2, 2, 3))):
            image = {"image": self.chance.randrange(10**6), "alt_text": self.fill("A {a} {n}")}
            caption = self.fill("The {n} of {p}")
            yield {"type": "photo", "value": {"image": image, "caption": caption}}
        if self.chance.random() < 0.08:
            code = "\n".join(
                f'{noun} = count("{self.place()}", since={self.chance.randint(1946, 2026)})'
                for noun in self.chance.sample(NOUNS[:20], 8)
            )
            yield {"type": "code", "value": {"language": "python", "code": code, "caption": ""}}
        if self.chance.random() < 0.08:
            rows = [{"values": [self.place(), str(self.chance.randint(2, 900))]} for _ in range(8)]
            columns = [{"type": "text", "heading": "Place"}, {"type": "number", "heading": "Cases"}]
            caption = self.fill("{q} {a} cases")
            value = {"caption": caption, "columns": columns, "rows": rows}
            yield {"type": "table", "value": value}
        if self.chance.random() < 0.1:
            value = {"kind": "key", "title": "In short", "text": f"<p>{self.sentences(1)}</p>"}
            yield {"type": "callout", "value": value}


def generate(
    count: int, seed: int = 1, first: dt.date = dt.date(2005, 1, 3), days: float = 20 * 365
) -> Iterator[Draft]:
    """
    Draw `count` posts, the oldest first, over twenty years (or so many `days`) from `first` on.

    The titles are made of words of the trade; slugs end in the post's number, so they are unique.
    """
    world = World(seed)
    chance = world.chance
    span = days * 24 * 60 * 60
    start = dt.datetime.combine(first, dt.time(6), dt.UTC)
    for number in range(count):
        moment = start + dt.timedelta(seconds=span * number / count)
        if moment.weekday() > 4:
            moment -= dt.timedelta(days=moment.weekday() - 4)
        moment = moment.replace(
            hour=chance.randint(7, 19), minute=chance.randint(0, 59), second=0, microsecond=0
        )
        title = world.fill(chance.choice(TITLES))
        slug = f"{title.lower().replace(',', '').replace(' ', '-')}-{seed}-{number}"
        tags = chance.choices(
            range(world.tags), cum_weights=world.tag_weights, k=chance.randint(0, 5)
        )
        yield Draft(
            title=title,
            slug=slug,
            published_at=moment,
            introduction=world.sentences(1) if chance.random() < 0.4 else "",
            body=world.body(number),
            authors=chance.sample(range(world.authors), chance.choice((1, 1, 1, 1, 2, 3))),
            tags=sorted(set(tags)),
            series=chance.randrange(world.series) if chance.random() < 0.05 else None,
            cover=chance.randrange(10**6) if chance.random() < 0.5 else None,
        )
