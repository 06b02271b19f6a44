import datetime as dt
import json
import shutil
from collections import namedtuple

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from blog.models import Worker
from home import backup, health
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

    def test_the_process_is_live(self, client, monkeypatch):
        monkeypatch.setattr(connection, "cursor", lost)
        assert client.get("/health/live").json() == {"status": "live"}

    def test_it_answers_by_any_name_and_without_tls(self, settings, worker):
        settings.ALLOWED_HOSTS = ["daybook.example"]
        settings.SECURE_SSL_REDIRECT = True
        settings.SECURE_REDIRECT_EXEMPT = [r"^health/"]
        for host in ("127.0.0.1:8000", "localhost", "10.0.0.7", "_"):
            for path in ("/health/live", "/health/ready"):
                response = Client().get(path, headers={"host": host})
                assert response.status_code == 200, (host, path, response.content)
                assert "no-store" in response["Cache-Control"]
        assert Client().get("/", headers={"host": "localhost"}).status_code == 400

    def test_the_last_backup_is_told_with_its_age_and_size(
        self, client, worker, settings, tmp_path
    ):
        settings.DATA_DIR = tmp_path
        report = {"made_at": timezone.now().isoformat(), "bytes": 9, "verified": True}
        told = self.last_backup(client, report)
        assert (told["status"], told["bytes"]) == ("ok", 9)
        old = (timezone.now() - dt.timedelta(hours=27)).isoformat()
        assert "too old" in self.last_backup(client, {**report, "made_at": old})["detail"]
        assert "--verify" in self.last_backup(client, {**report, "verified": False})["detail"]

    def last_backup(self, client, report):
        (backup.note_file()).write_text(json.dumps(report))
        response = client.get("/health/ready")
        # What is old is no reason to send readers elsewhere.
        assert response.status_code == 200
        return response.json()["parts"]["last backup"]

    def test_each_part_is_named_and_timed(self, client, worker):
        parts = client.get("/health/ready").json()["parts"]
        assert list(parts) == [
            "database",
            "migrations",
            "cache",
            "generation",
            "search index",
            "media storage",
            "disk space",
            "static manifest",
            "publisher",
            "backlog",
            "mail queue",
            "last backup",
            "cache in front",
        ]
        assert all(part["ms"] >= 0 for part in parts.values())
        for name in ("mail queue", "last backup", "cache in front"):
            assert parts[name]["status"] == "none"

    def test_it_is_ready_when_a_worker_is_there_and_nothing_is_late(self, client, worker):
        assert self.problems(client, 200) == []

    def test_it_is_not_ready_without_a_worker(self, client):
        assert self.problems(client, 503) == ["publisher"]

    def test_it_is_not_ready_when_the_last_worker_fell_silent(self, client, worker):
        Worker.objects.update(seen_at=timezone.now() - dt.timedelta(minutes=2))
        assert self.problems(client, 503) == ["publisher"]

    def test_it_is_not_ready_when_a_post_is_late_by_more_than_a_minute(
        self,
        client,
        worker,
        draft,  # noqa: F811
    ):
        draft(seconds=-50)
        assert self.problems(client, 200) == []
        draft(seconds=-70)
        assert self.problems(client, 503) == ["backlog"]


def lost(*_):
    raise OperationalError("connection refused")


class PartTests:
    def failed(self, client):
        response = client.get("/health/ready")
        problems = response.json()["problems"]
        assert response.status_code == (503 if problems else 200)
        return {problem["problem"]: problem["detail"] for problem in problems}

    def test_without_a_database_what_it_knows_is_unknown(self, client, worker, monkeypatch):
        monkeypatch.setattr(connection, "cursor", lost)
        response = client.get("/health/ready")
        assert response.status_code == 503
        assert [problem["problem"] for problem in response.json()["problems"]] == ["database"]
        assert response.json()["parts"]["publisher"]["status"] == "unknown"

    def test_a_migration_that_was_not_run_is_named(self, client, worker):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'blog' AND name LIKE '0002%'")
        response = client.get("/health/ready")
        assert response.json()["parts"]["migrations"]["missing"] == ["blog.0002_index_expiry"]
        assert "migrate" in self.failed(client)["migrations"]

    def test_a_cache_that_is_away(self, client, worker, settings):
        settings.CACHES = {
            **settings.CACHES,
            "default": {"BACKEND": "home.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"},
        }
        assert "“default” keeps nothing" in self.failed(client)["cache"]

    def test_nobody_knows_whether_kept_pages_are_true(self, client, worker, monkeypatch):
        monkeypatch.setattr(generation, "current", lambda: None)
        assert list(self.failed(client)) == ["generation"]

    def test_the_number_that_others_would_read_is_another(self, client, worker, settings):
        settings.PAGE_CACHE_SHARED = "file"
        assert self.failed(client) == {}
        counter = generation.shared()
        counter.path.unlink()
        try:
            assert "restart" in self.failed(client)["generation"]
        finally:
            generation.generation_for.cache_clear()

    def test_media_that_cannot_be_written(self, client, worker, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(health.default_storage, "save", full)
        assert list(self.failed(client)) == ["media storage"]

    def test_a_disk_that_is_full_or_gone(self, client, worker, monkeypatch, settings, tmp_path):
        monkeypatch.setattr(
            shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(health.FREE_BYTES - 1)
        )
        assert "nearly full" in self.failed(client)["disk space"]
        monkeypatch.undo()
        settings.PAGE_CACHE_MB = 0
        settings.DATA_DIR = tmp_path / "gone"
        assert "No such file" in self.failed(client)["disk space"]

    def test_static_files_that_were_not_collected(self, client, worker, settings, tmp_path):
        settings.STATIC_ROOT = tmp_path
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
        }
        assert "collectstatic" in self.failed(client)["static manifest"]

    def test_a_beat_from_the_future_is_no_life(self, client, worker):
        Worker.objects.update(seen_at=timezone.now() + dt.timedelta(hours=1))
        assert "clocks" in self.failed(client)["publisher"]

    def test_what_fails_unexpectedly_is_a_failed_part_and_no_500(self, client, worker, monkeypatch):
        monkeypatch.setitem(health.PARTS, "cache in front", (lambda: 1 / 0, False))
        assert self.failed(client) == {
            "cache in front": "It could not be asked (ZeroDivisionError)."
        }

    def test_operators_are_told_which_number_holds(self, client, worker, settings):
        settings.PAGE_CACHE_MB = 8
        first = client.get("/health/ready").json()["parts"]["generation"]
        generation.bump()
        second = client.get("/health/ready").json()["parts"]["generation"]
        assert first["shared"] == second["shared"] == settings.PAGE_CACHE_SHARED
        assert second["number"] == first["number"] + 1

    def test_operators_are_told_that_nothing_is_kept(self, client, worker, settings):
        settings.PAGE_CACHE_MB = 0
        assert client.get("/health/ready").json()["parts"]["generation"]["status"] == "none"
