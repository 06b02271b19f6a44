"""What an engine is asked for, in terms that any engine can answer."""

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Tokens:
    """Tokens that follow each other in a field: `stems` or `exact`."""

    tokens: tuple[str, ...]
    exact: bool = False


@dataclass(frozen=True)
class All:
    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Any:
    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Not:
    part: "Expression"


Expression = Tokens | All | Any | Not

EVERYTHING = All(())
NOTHING = Any(())


@dataclass(frozen=True)
class Filters:
    """
    What narrows the answer without changing its order.

    Each item of `authors` and `tags` is a tuple of slugs of which a page has at least one. `after`
    and `before` are aware datetimes, the second exclusive. `models` are labels such as
    "blog.PostPage", all when empty; `among` are the only pages that are looked at, all when None.
    """

    authors: tuple[tuple[str, ...], ...] = ()
    tags: tuple[tuple[str, ...], ...] = ()
    after: dt.datetime | None = None
    before: dt.datetime | None = None
    year: int | None = None
    models: tuple[str, ...] = ()
    excluded: frozenset[int] = frozenset()
    among: frozenset[int] | None = None


@dataclass(frozen=True)
class Scoring:
    """
    What makes one page better than another.

    `weights` of stems, 1 for a word that was asked for; `pairs` of stems that should stand near
    each other.
    """

    weights: dict[str, float] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Hits:
    """Pairs of page id and score, the best first, and how many pages match in all."""

    pages: list[tuple[int, float]]
    total: int


def leaves(expression: Expression) -> list[Tokens]:
    """The wanted tokens of an expression, without those that are unwanted."""
    match expression:
        case Tokens():
            return [expression]
        case All(parts) | Any(parts):
            return [leaf for part in parts for leaf in leaves(part)]
        case _:
            return []


NO_FILTERS = Filters()
NO_SCORING = Scoring()
