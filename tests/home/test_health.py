import datetime as dt

import pytest
from django.utils import timezone

from blog.models import Worker
from home.page_cache import generation
from tests.blog.schedule.conftest import draft, schedule  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(db):
    now = timezone.now()
    return Worker.objects.create(name="here:1", started_at=now, seen_at=now)


class HealthTests:
    def problems(self, client, status):
        response = client.get("/health/ready")
        assert response.status_code == status
        return [problem["problem"] for problem in response.json()["problems"]]

    def test_the_process_is_live(self, client):
        assert client.get("/health/live").json() == {"status": "live"}

    def test_it_is_ready_when_a_worker_is_there_and_nothing_is_late(self, client, worker):
        assert self.problems(client, 200) == []

    def test_it_is_not_ready_without_a_worker(self, client):
        assert self.problems(client, 503) == ["no worker"]

    def test_it_is_not_ready_when_the_last_worker_fell_silent(self, client, worker):
        Worker.objects.update(seen_at=timezone.now() - dt.timedelta(minutes=2))
        assert self.problems(client, 503) == ["no worker"]

    def test_it_is_not_ready_when_a_post_is_late_by_more_than_a_minute(
        self,
        client,
        worker,
        draft,  # noqa: F811
    ):
        draft(seconds=-50)
        assert self.problems(client, 200) == []
        draft(seconds=-70)
        assert self.problems(client, 503) == ["overdue"]


class PageCacheTests:
    def told(self, client):
        return client.get("/health/ready").json()["page_cache"]

    def test_operators_are_told_what_says_that_kept_pages_are_old(self, client, db, settings):
        settings.PAGE_CACHE_MB = 8
        first = self.told(client)
        generation.bump()
        second = self.told(client)
        assert first["shared"] == second["shared"] == settings.PAGE_CACHE_SHARED
        assert second["generation"] == first["generation"] + 1

    def test_operators_are_told_that_nothing_is_kept(self, client, db, settings):
        settings.PAGE_CACHE_MB = 0
        assert self.told(client) == {"shared": "off", "generation": None}
