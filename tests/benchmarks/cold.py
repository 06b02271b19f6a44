"""
Pages of which nothing is kept but what is worked out once after each change.

A post with a cover and two photos and a list of 20, each time another, against a bare Django view
that writes as many bytes and against Wagtail's example site.
"""

import contextlib
import statistics

from tests.benchmarks.figures import Figure, rates
from tests.benchmarks.servers import granian, wrk

KINDS = ("post", "list")
OF_BARE = {"post": (0.03, 0.06), "list": (0.02, 0.04)}
OF_PEER = (2, 4)
QUERIES = {"post": (12, 8), "list": (10, 6)}


def queries(server, paths):
    """The median of the queries of some pages, once what is kept until a change is there."""
    server.ask(paths[0])
    return statistics.median(int(server.ask(path)[0].headers["X-Queries"]) for path in paths[1:12])


def measure(site, peer, options):
    """Yield the figures of pages that are not kept; `peer` may be None."""
    addresses = site.addresses()
    with contextlib.ExitStack() as stack:
        # One process counts queries exactly.
        counted = stack.enter_context(site.serve_uncached(workers=1))
        for kind in KINDS:
            must, aim = QUERIES[kind]
            count = queries(counted, addresses[f"{kind}s"])
            yield Figure(f"queries of a {kind} that is not kept", count, must, aim, least=False)
        server = stack.enter_context(site.serve_uncached())
        rivals = {}
        for kind in KINDS:
            body = statistics.median(len(server.ask(p)[1]) for p in addresses[f"{kind}s"][:30])
            bare = site.environment | {"BARE_BYTES": str(int(body))}
            rivals[kind, "bare"] = (
                stack.enter_context(granian("tests.benchmarks.bare:application", bare)),
                ["/"],
            )
        if peer:
            other, paths = stack.enter_context(peer.serve()), peer.addresses()
            for kind in KINDS:
                rivals[kind, "peer"] = (other, paths[f"{kind}s"])
        # The first answers bring each process, and the example site's photos, to what they are.
        for kind in KINDS:
            for asked, paths in [
                (server, addresses[f"{kind}s"]),
                rivals.get((kind, "peer"), (0, [])),
            ]:
                for path in paths[:20] * 2:
                    asked.ask(path)
        loads = {}
        for _ in range(options.rounds):
            for kind in KINDS:
                turns = [("own", server, addresses[f"{kind}s"])]
                turns += [(name, *rivals[k, name]) for k, name in rivals if k == kind]
                for name, asked, paths in turns:
                    load = wrk(asked, paths, options.seconds)
                    loads.setdefault((kind, name), []).append(load)
    for kind, name in rivals:
        value, remark = rates(loads[kind, "own"], loads[kind, name])
        must, aim = OF_BARE[kind] if name == "bare" else OF_PEER
        words = "a bare Django view" if name == "bare" else "Wagtail's example site"
        shown = "post with photos" if kind == "post" else "list of 20"
        yield Figure(
            f"{shown}, each time another, not kept, of {words}",
            value,
            *(must, aim),
            remark=remark,
        )
