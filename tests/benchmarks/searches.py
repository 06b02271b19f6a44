"""
Measures the reader's search: `make bench-search`.

Whole requests through granian with one connection, in milliseconds, at three
numbers of posts that are asked in turn; the same queries through Wagtail's database backend,
without the page around them; what a publish and a rebuild cost; and how many mixed searches a
second two processes answer. A busy machine slows all of it, so the processor's own time of each
kind stands beside it. The databases are generated once and kept below the folder given with
--data. Throughput needs wrk.
"""

import argparse
import contextlib
import json
import math
import random
import re
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from urllib.parse import urlencode

from tests.benchmarks.servers import ROOT, wrk
from tests.benchmarks.sites import Site

# Over how many days the posts are spread: facets count years.
DAYS = 20 * 365
SIZES = (1_000, 10_000, 100_000)
# What one query of Wagtail's backend may take, in seconds, and building its index.
PATIENCE = 10
INDEXING = 1_800
SUGGESTION = "suggestion"
KINDS = (
    *("common word", "rare word", "three words", "phrase", "typo", "prefix", "sentence"),
    SUGGESTION,
)


def ask_inside(site, step, *arguments, seconds=None):
    """Do one of this module's steps in a process of its own, with the site's settings."""
    told = site.run("tests.benchmarks.searches", "--inside", step, *arguments, seconds=seconds)
    return json.loads(told.splitlines()[-1])


# Steps inside the site's process


def queries(repeats):
    """So many queries of each kind, drawn from what the posts say; the same at every call."""
    from blog.models import PostPage
    from search.engine import reader_copy

    chance = random.Random(7)
    reader = reader_copy().reader()
    counts = {
        word: count
        for word, count in sorted(reader.terms("exact"))
        if word.isalpha() and len(word) > 5 and reader.analyser.stems(word)
    }
    size = reader.size()
    common = [word for word, count in counts.items() if count > size * 0.15]
    rare = [word for word, count in counts.items() if count <= max(5, size * 0.0008)]
    pages = list(PostPage.objects.values_list("pk", flat=True)[:5_000])
    bodies = list(PostPage.objects.filter(pk__in=chance.sample(pages, repeats)))
    texts = [post.get_prose().replace("\n", " ") for post in bodies]
    sentences = [part for text in texts for part in re.split(r"(?<=[.?]) ", text) if part]
    sentences = [part for part in sentences if 7 <= len(part.split()) <= 20]

    def misspelt(word):
        place = chance.randrange(1, len(word) - 2)
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]

    def phrase():
        words = re.sub(r"[^\w ]", "", chance.choice(sentences)).split()
        place = chance.randrange(len(words) - 3)
        return '"' + " ".join(words[place : place + 3]) + '"'

    found = {kind: [] for kind in KINDS}
    for _ in range(repeats):
        found["common word"].append(chance.choice(common))
        found["rare word"].append(chance.choice(rare))
        found["three words"].append(" ".join([*chance.sample(common, 2), chance.choice(rare)]))
        found["phrase"].append(phrase())
        found["typo"].append(misspelt(chance.choice(common + rare)))
        found["prefix"].append(chance.choice(common)[:5])
        found["sentence"].append(chance.choice(sentences))
        found[SUGGESTION].append(chance.choice(common)[: chance.randrange(2, 5)])
    return found


def rebuild():
    """Seconds and megabytes that `update_index` takes."""
    import resource

    from django.core.management import call_command

    started = time.perf_counter()
    call_command("update_index", backend_name="reader", verbosity=0)
    seconds = time.perf_counter() - started
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu": time.process_time(), "megabytes": megabytes}


def publish(repeats):
    """Milliseconds of a publish with and without the search index, in turn."""
    from unittest import mock

    from blog.models import PostPage
    from search.engine.copy import Copy

    posts = list(PostPage.objects.order_by("pk")[: repeats * 2 + 2])
    times = {True: [], False: []}
    for number, post in enumerate(posts):
        updated = number % 2 == 0
        with contextlib.ExitStack() as stack:
            if not updated:
                stack.enter_context(mock.patch.object(Copy, "changed"))
            started = time.perf_counter()
            post.save_revision().publish()
            times[updated].append((time.perf_counter() - started) * 1000)
    # The first of each kind reads what is then remembered.
    return {"with": times[True][1:], "without": times[False][1:]}


def database(repeats):
    """Milliseconds of each kind through Wagtail's database backend; None for what took too long."""
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from wagtail.search.models import IndexEntry

    from blog.models import PostPage

    asked = queries(repeats)
    # Built once for each database, as it takes minutes.
    if IndexEntry.objects.count() < PostPage.objects.count():
        call_command("update_index", backend_name="default", verbosity=0)
    times = {}
    connection.ensure_connection()
    for kind, lines in asked.items():
        if kind == SUGGESTION:
            continue
        for line in lines:
            started = time.perf_counter()
            connection.connection.set_progress_handler(
                lambda started=started: time.perf_counter() - started > PATIENCE, 10_000
            )
            try:
                list(PostPage.objects.published().search(line, backend="default")[:10])
            except OperationalError:
                times[kind] = None
                break
            times.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
    return times


STEPS = {step.__name__: step for step in (queries, rebuild, publish, database)}


# Outside


def timed(server, path):
    """Ask on a new connection; returns milliseconds until the last byte."""
    started = time.perf_counter()
    answer, _body = server.ask(path)
    taken = (time.perf_counter() - started) * 1000
    if answer.status not in (200, 404):
        raise SystemExit(f"{path} was answered with {answer.status}.")
    return taken


def address(kind, query):
    path = "/search/suggest/" if kind == SUGGESTION else "/search/"
    return f"{path}?{urlencode({'q': query})}"


def p95(times):
    return sorted(times)[math.ceil(len(times) * 0.95) - 1]


def compare(sites, asked, rounds, stack):
    """The first table: whole requests."""
    servers = {}
    for size, site in sites.items():
        # Its page cache lets every search pass.
        servers[size] = stack.enter_context(site.serve(workers=1))
        for kind, lines in asked[size].items():
            for line in lines[:3]:
                timed(servers[size], address(kind, line))
    times, processor = {}, {}
    for _ in range(rounds):
        for kind in KINDS:
            for size, server in servers.items():
                before = server.processor()
                for line in asked[size][kind]:
                    times.setdefault((size, kind), []).append(timed(server, address(kind, line)))
                spent = (server.processor() - before) * 1000 / len(asked[size][kind])
                processor.setdefault((size, kind), []).append(spent)
    print("\nWhole requests, nothing kept: median / p95 ms (processor's ms)\n")
    print("| kind | " + " | ".join(f"{size:,} posts" for size in sites) + " | growth |")
    print("|---|" + "---|" * (len(sites) + 1))
    smallest, largest = min(sites), max(sites)
    for kind in KINDS:
        cells = [
            f"{statistics.median(times[size, kind]):.1f} / {p95(times[size, kind]):.1f} "
            f"({statistics.median(processor[size, kind]):.1f})"
            for size in sites
        ]
        growth = statistics.median(times[largest, kind]) / statistics.median(times[smallest, kind])
        most = 10 if kind == SUGGESTION else 50
        sign = "✓" if p95(times[largest, kind]) <= most and growth <= 5 else "✗"
        print(f"| {kind} | " + " | ".join(cells) + f" | **{growth:.2f}** {sign} |")


def throughput(site, asked, seconds):
    """Mixed searches a second through two processes."""
    paths = [address(kind, line) for kind in KINDS if kind != SUGGESTION for line in asked[kind]]
    random.Random(3).shuffle(paths)
    with site.serve(workers=2) as server:
        for path in paths[:30]:
            timed(server, path)
        return wrk(server, paths, seconds, connections=8).rate


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "bench-search")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--queries", type=int, default=20, help="of each kind")
    parser.add_argument("--seconds", type=int, default=10, help="of load for the throughput")
    parser.add_argument("--without-database", action="store_true")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter measurements")
    parser.add_argument("--inside", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        import django

        django.setup()
        step, *arguments = options.inside
        print(json.dumps(STEPS[step](*map(int, arguments))))
        return
    if options.quick:
        options.rounds, options.queries, options.seconds = 2, 10, 5
    data = options.data.resolve()
    sites = {size: Site(data / str(size), size, days=DAYS) for size in options.sizes}
    asked = {}
    for size, site in sites.items():
        site.make()
        told = ask_inside(site, "rebuild")
        print(
            f"Rebuilding {size:,} posts: {told['seconds']:.0f} s ({told['cpu']:.0f} s of the "
            f"processor), {told['megabytes']:.0f} MB (must at 100,000: 300 s, 1,000 MB)",
            flush=True,
        )
        asked[size] = ask_inside(site, "queries", options.queries)
    with contextlib.ExitStack() as stack:
        compare(sites, asked, options.rounds, stack)
    if shutil.which("wrk"):
        size = min(sites, key=lambda size: abs(size - 10_000))
        rate = throughput(sites[size], asked[size], options.seconds)
        print(f"\nMixed searches at {size:,} posts, two processes: {rate:.0f}/s (must: 200)")
    for size, site in sites.items():
        told = ask_inside(site, "publish", 15)
        own, other = statistics.median(told["with"]), statistics.median(told["without"])
        print(
            f"A publish at {size:,} posts: {own:.0f} ms with the index, {other:.0f} without: "
            f"{own - other:+.0f} ms (must: 25)",
            flush=True,
        )
    if options.without_database:
        return
    for size, site in sites.items():
        try:
            found = ask_inside(site, "database", 5, seconds=INDEXING)
        except subprocess.TimeoutExpired:
            print(f"Wagtail's database backend at {size:,}: no index after {INDEXING:,} s")
            continue
        told = ", ".join(
            f"{kind} {statistics.median(times):.0f} / {p95(times):.0f}"
            if times
            else f"{kind} over {PATIENCE:,} s"
            for kind, times in found.items()
        )
        print(f"Wagtail's database backend at {size:,}, without the page, ms: {told}", flush=True)


if __name__ == "__main__":
    main()
