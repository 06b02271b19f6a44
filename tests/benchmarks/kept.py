"""Pages that are kept: straight from granian and through nginx, against nginx with a file."""

import contextlib

from tests.benchmarks.figures import Figure, rates
from tests.benchmarks.servers import front, static, wrk

MUST = {"post": (0.65, 0.80), "list": (0.65, 0.80), "feed": (0.55, 0.65)}
THROUGH = (0.70, 0.80)


def measure(site, work, options):
    """Yield the figures of kept pages."""
    addresses = site.addresses()
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(site.serve())
        ahead = stack.enter_context(front(work / "front", server.port, site.folder))
        files = {}
        for kind in MUST:
            for _ in range(30):
                server.ask(addresses[kind])
                answer, body = ahead.ask(addresses[kind])
            assert answer.status == 200, addresses[kind]
            files[kind] = stack.enter_context(static(work / f"static-{kind}", body))
        loads = {}
        for _ in range(options.rounds):
            for kind in MUST:
                paths = [addresses[kind]]
                # One right after the other, as the machine's speed changes from minute to minute.
                for name, asked, path in (
                    ("file", files[kind], ["/page.html"]),
                    ("granian", server, paths),
                    ("nginx", ahead, paths),
                ):
                    load = wrk(asked, path, options.seconds)
                    loads.setdefault((kind, name), []).append(load)
    for name, words in (("granian", "straight from granian"), ("nginx", "through nginx")):
        for kind, straight in MUST.items():
            must, aim = straight if name == "granian" else THROUGH
            value, remark = rates(loads[kind, name], loads[kind, "file"])
            figure = f"kept {kind}, {words}, of nginx with a file"
            yield Figure(figure, value, must, aim, remark=remark)
