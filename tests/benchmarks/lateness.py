"""
How late posts go live that are due at random seconds: by our worker, and by a cron job.

    .venv/bin/python -m tests.benchmarks.lateness [--posts 200] [--minutes 5]

Makes two sites and gives both the same drafts at the same moments. In one `manage.py publisher`
runs; in the other Wagtail's `manage.py publish_scheduled` is started at each full minute, as its
documentation advises. Prints for each how many seconds after its moment a post was live.
"""

import argparse
import datetime as dt
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.browser.server import ROOT, Server, free_port

STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120)
MAKE = """
import datetime as dt, json
from tests.blog.schedule.backlog import make_backlog
make_backlog({number}, moments=[dt.datetime.fromisoformat(m) for m in json.loads('{moments}')])
"""
# From the log, whose moment is that of the publish, in both.
ASK = """
import json
from blog.models import PostPage
from wagtail.models import PageLogEntry
posts = PostPage.objects.live().filter(slug__startswith="item-")
moments = dict(posts.values_list("pk", "go_live_at"))
rows = PageLogEntry.objects.filter(action="wagtail.publish.scheduled", page_id__in=moments)
print(json.dumps([(row.timestamp - moments[row.page_id]).total_seconds() for row in rows]))
"""


def histogram(name, late, number):
    """Lines of text: median, 95th percentile, worst, and how many were how late."""
    late = sorted(late)
    print(f"\n{name}: {len(late)} of {number} went live")
    if not late:
        return
    print(
        f"  median {statistics.median(late):.2f} s, 95 % within"
        f" {late[int(0.95 * (len(late) - 1))]:.2f} s, worst {late[-1]:.2f} s"
    )
    low = 0.0
    for high in STEPS:
        count = sum(low <= second < high for second in late)
        if count:
            print(f"  {low:>5} – {high:<5} s {'█' * max(1, 60 * count // len(late))} {count}")
        low = high


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5)
    arguments = parser.parse_args()
    sites = {}
    for name in ("publisher", "cron"):
        sites[name] = Server(Path(tempfile.mkdtemp(prefix=f"lateness-{name}-")), free_port())
    # Time for both to be filled, and for the worker to start.
    begin = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=40 + arguments.posts / 20)
    moments = sorted(
        (begin + dt.timedelta(seconds=random.uniform(0, 60 * arguments.minutes))).isoformat()
        for _ in range(arguments.posts)
    )
    for site in sites.values():
        script = MAKE.format(number=arguments.posts, moments=json.dumps(moments))
        site.manage("shell", "--verbosity", "0", "--command", script)
    last = dt.datetime.fromisoformat(moments[-1])
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "publisher"],
        cwd=ROOT,
        env=sites["publisher"].environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            time.sleep(60 - time.time() % 60)
            minute = dt.datetime.now(dt.UTC)
            sites["cron"].manage("publish_scheduled")
            if minute > last:
                break
    finally:
        worker.terminate()
        worker.wait()
    print(f"{arguments.posts} posts due at random seconds of {arguments.minutes:g} minutes")
    for name, title in (
        ("publisher", "manage.py publisher"),
        ("cron", "publish_scheduled, each minute"),
    ):
        answer = sites[name].manage("shell", "--verbosity", "0", "--command", ASK)
        histogram(title, json.loads(answer.strip().splitlines()[-1]), arguments.posts)


if __name__ == "__main__":
    main()
