"""How pages that are not kept grow with the number of posts, one reader at a time."""

import contextlib
import statistics
import time

from tests.benchmarks.figures import Figure

MUST = (1.5, 1.2)


def measure(sites, options):
    """Print each kind of page at each size, and yield the figure of the kind that grows most."""
    times, queries = {}, {}
    with contextlib.ExitStack() as stack:
        servers = {s.count: stack.enter_context(s.serve_uncached(workers=1)) for s in sites}
        addresses = {site.count: site.addresses() for site in sites}
        kinds = [kind for kind, path in addresses[sites[0].count].items() if isinstance(path, str)]
        for count, server in servers.items():
            for kind in kinds:
                server.ask(addresses[count][kind])
                answer, _ = server.ask(addresses[count][kind])
                assert answer.status == 200, addresses[count][kind]
                queries[count, kind] = answer.headers["X-Queries"]
        for _ in range(options.rounds):
            for kind in kinds:
                for _repeat in range(options.repeats):
                    for count, server in servers.items():
                        started = time.perf_counter()
                        server.ask(addresses[count][kind])
                        taken = (time.perf_counter() - started) * 1000
                        times.setdefault((count, kind), []).append(taken)
    counts = list(servers)
    print("\nMilliseconds (queries) of pages that are not kept, one reader at a time\n")
    print("| page | " + " | ".join(f"{count:,} posts" for count in counts) + " | growth |")
    print("|---|" + "---|" * (len(counts) + 1))
    growths = {}
    for kind in kinds:
        medians = [statistics.median(times[count, kind]) for count in counts]
        growths[kind] = medians[-1] / medians[0]
        cells = [f"{m:.1f} ({queries[c, kind]})" for m, c in zip(medians, counts, strict=True)]
        print(f"| {kind} | " + " | ".join(cells) + f" | {growths[kind]:.2f} |")
    most = max(growths, key=growths.get)
    name = f"growth of any page, {counts[0]:,} → {counts[-1]:,} posts"
    yield Figure(name, growths[most], *MUST, least=False, remark=f"the {most}")
