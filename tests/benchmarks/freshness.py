"""What a publish does to readers: the first answer after it, stale answers, and the slowest."""

import contextlib
import statistics
import subprocess
import sys
import time

from tests.benchmarks.figures import Figure, ratio
from tests.benchmarks.publishing import Publisher
from tests.benchmarks.servers import HOST, wrk

FIRST_LIST = (400, 150)
SLOWEST = (12, 5)


@contextlib.contextmanager
def load(server, path):
    """Readers who ask for a page without end, meanwhile."""
    process = subprocess.Popen(
        [
            *("wrk", "-t1", "-c8", "-d3600s", f"-HHost: {HOST}"),
            f"http://{HOST}:{server.port}{path}",
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def first_list(site, options):
    """Yield how long the first reader of the list waits after a publish."""
    addresses = site.addresses()
    taken = []
    with site.serve() as server, Publisher(site, addresses["post"]) as publisher:
        for _ in range(options.rounds * 3):
            server.ask(addresses["list"])
            publisher.publish()
            started = time.perf_counter()
            answer, _ = server.ask(addresses["list"])
            taken.append((time.perf_counter() - started) * 1000)
            assert answer.status == 200
            # Who makes pages again in the background has ended by then.
            time.sleep(1)
    name = f"first list after a publish, {site.count:,} posts"
    remark = f"{min(taken):.0f} to {max(taken):.0f}"
    yield Figure(name, statistics.median(taken), *FIRST_LIST, " ms", False, remark)


def under_load(site, options):
    """Yield how many answers were stale, and how slow the slowest become."""
    path = site.addresses()["post"]
    with site.serve() as server, Publisher(site, path) as publisher:
        stale = 0
        with load(server, path):
            for number in range(options.publishes):
                title = publisher.publish()
                stale += title not in server.ask(path)[1].decode()
                if number % 100 == 99:
                    print(f"{number + 1} publishes …", file=sys.stderr, flush=True)
        name = f"stale answers in {options.publishes} publishes under load"
        yield Figure(name, stale, 0, 0, least=False)
        before, after = [], []
        for _ in range(options.rounds):
            wrk(server, [path], 1)
            before.append(wrk(server, [path], options.seconds).slowest)
            publisher.publish()
            after.append(wrk(server, [path], options.seconds).slowest)
    yield Figure(
        "99th percentile of a kept page under load after a publish, of before",
        ratio(after, before),
        *SLOWEST,
        least=False,
        remark=f"{statistics.median(before):.2f} and {statistics.median(after):.2f} ms",
    )
