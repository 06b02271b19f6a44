"""A site in production whose PostgreSQL hangs."""

import json
import os
import signal
import threading

import pytest

from tests import databases
from tests.deploy.production import HOST, Production, wait_until
from tests.home.page_cache.staleness import free_port

pytestmark = pytest.mark.postgres


@pytest.fixture
def cluster():
    with databases.Cluster(free_port()) as cluster:
        yield cluster


class HangingDatabaseTests:
    def test_health_names_it_and_kept_pages_are_served(self, cluster, tmp_path):
        original = os.environ["DATABASE_URL"]
        with databases.own_postgres(original, "daybook_hangs", f"https://{HOST}") as copy:
            address = cluster.take(copy)
        with Production(tmp_path, address, PAGE_CACHE_MB="8") as site:

            def is_kept():
                answers = [site.ask("/blog/") for _ in range(8)]
                return all(answer.getheader("X-Page-Cache") == "hit" for answer in answers)

            wait_until(is_kept)
            cluster.signal(signal.SIGSTOP)
            # More readers than threads ask for pages that are not kept.
            others = [
                threading.Thread(target=site.ask, args=[f"/blog/tags/?page={number}"])
                for number in range(8)
            ]
            for reader in others:
                reader.start()
            # `ask` fails where there is no answer within half a minute.
            health = site.ask("/health/ready")
            assert health.status == 503
            problems = {p["problem"] for p in json.loads(health.body)["problems"]}
            assert "database" in problems
            assert json.loads(health.body)["parts"]["publisher"]["status"] == "unknown"
            for reader in others:
                reader.join()
            assert site.ask("/blog/").getheader("X-Page-Cache") == "hit"
            page = site.ask("/blog/tags/")
            assert page.status == 503
            assert "The database does not answer." in page.body.decode()
            cluster.signal(signal.SIGCONT)
            wait_until(lambda: site.ask("/blog/tags/").status == 200)
            wait_until(lambda: site.ask("/health/ready").status == 200)
