"""
Measures the site against nginx, bare Django and Wagtail's example site: `make bench`.

What is compared is measured in turn, in the same run, and medians of the rounds' ratios are shown,
so that a slow machine says the same as a fast one. Sites of drawn posts are made once and kept
below the folder given with --data. docs/figures.md has the figures, and those of before.
"""

import argparse
from pathlib import Path

from tests.benchmarks import cold, freshness, growth, kept
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.peer import Peer
from tests.benchmarks.servers import ROOT, program_of
from tests.benchmarks.sites import Site

PARTS = ("kept", "cold", "growth", "first", "publish", "lines")
ROOMS = ("blog", "home", "search", "settings")


def lines():
    """Yield how many lines of Python there are outside tests and migrations."""
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    count = sum(
        len(path.read_text().splitlines()) for path in paths if "migrations" not in path.parts
    )
    yield Figure("lines of Python outside tests and migrations", count, 13_500, 12_500, least=False)


def figures(options):
    """Yield the figures of the parts that were asked for."""
    data = options.data.resolve()
    sites = {int(count): Site(data / count, int(count)) for count in options.sizes.split(",")}
    needed = {
        "kept": options.middle,
        "cold": options.middle,
        "publish": options.middle,
        "first": max(sites),
    }
    for part in options.only:
        if part in needed:
            sites.setdefault(needed[part], Site(data / str(needed[part]), needed[part])).make()
    if "kept" in options.only:
        yield from kept.measure(sites[options.middle], data / "nginx", options)
    if "cold" in options.only:
        peer = options.peer and Peer(options.peer.resolve(), data / "peer")
        if peer:
            peer.make()
        yield from cold.measure(sites[options.middle], peer, options)
    if "growth" in options.only:
        measured = [sites[count] for count in sorted(sites)]
        for site in measured:
            site.make()
        yield from growth.measure(measured, options)
    if "first" in options.only:
        yield from freshness.first_list(sites[max(sites)], options)
    if "publish" in options.only:
        yield from freshness.under_load(sites[options.middle], options)
    if "lines" in options.only:
        yield from lines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--peer", type=Path, help="a checkout of Wagtail's bakerydemo")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--repeats", type=int, default=15, help="of each page, for its growth")
    parser.add_argument("--publishes", type=int, default=500, help="under load")
    parser.add_argument("--sizes", default="100,10000,100000", help="numbers of posts")
    parser.add_argument("--middle", type=int, default=10_000, help="posts where one size will do")
    parser.add_argument(
        "--quick", action="store_true", help="shorter, with at most 10,000 posts: some minutes"
    )
    options = parser.parse_args()
    if options.quick:
        options.sizes = "100,10000"
        options.seconds, options.repeats, options.publishes = min(options.seconds, 3), 5, 100
    if missing := [name for name in ("nginx", "wrk") if not program_of(name)]:
        raise SystemExit(
            f"The benchmark needs {' and '.join(missing)}: apt-get install {' '.join(missing)}"
        )
    found = list(figures(options))
    print(f"\n{table(found)}")


if __name__ == "__main__":
    main()
