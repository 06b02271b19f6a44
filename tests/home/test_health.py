import datetime as dt

import pytest
from django.utils import timezone

from blog.models import Worker
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
