import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from blog.models import Worker
from home import health
from home.health import FailedError

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sound(monkeypatch):
    """A deployment in which Django's own checks find nothing, and a publisher."""
    monkeypatch.setattr("django.core.checks.run_checks", lambda **options: [])
    now = timezone.now()
    Worker.objects.create(name="here:1", started_at=now, seen_at=now)


class DoctorTests:
    def test_each_part_is_told(self, capsys):
        call_command("doctor")
        told = capsys.readouterr().out
        assert all(name in told for name in health.PARTS)
        assert told.endswith("Nothing is to be mended.\n")

    def test_what_has_failed_is_told_with_what_to_do(self, monkeypatch):
        def failing():
            raise FailedError("The disk of DATA_DIR is nearly full.")

        monkeypatch.setitem(health.PARTS, "disk space", (failing, False))
        with pytest.raises(
            CommandError, match=r"disk space: The disk of DATA_DIR is nearly full\."
        ):
            call_command("doctor")

    def test_what_is_weak_is_told(self, monkeypatch, settings):
        monkeypatch.undo()
        settings.SECURE_HSTS_SECONDS = 0
        with pytest.raises(CommandError, match=r"security\.W004"):
            call_command("doctor")
