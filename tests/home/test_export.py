"""An administrator starts an export in the admin, watches it and downloads it."""

import datetime as dt
import os
import subprocess
import sys

import pytest
from django.conf import settings as configured

from home.transfer import views

NAME = "2026-11-29T090000-abc"


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


@pytest.fixture
def begun(monkeypatch):
    """What would have been started."""
    begun = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: begun.append(command))
    return begun


def leave(folder, told, archive=None, age=dt.timedelta()):
    log = folder / f"{NAME}.log"
    log.write_text(told)
    then = log.stat().st_mtime - age.total_seconds()
    os.utime(log, (then, then))
    if archive:
        (folder / f"{NAME}.tar").write_bytes(archive)


class ExportTests:
    def test_it_is_started_once(self, admin_client, folder, begun):
        admin_client.post("/admin/export/", {"start": "", "history": "on"})
        page = admin_client.post("/admin/export/", {"start": ""}, follow=True).content.decode()
        assert "An export is running already." in page
        [command] = begun
        assert command[:3] == [sys.executable, "manage.py", "export_site"]
        assert command[3].startswith(str(folder))
        assert command[4:] == ["--history"]
        assert (configured.BASE_DIR / "manage.py").is_file()

    def test_it_tells_how_far_it_is(self, admin_client, folder):
        leave(folder, "  10 files …\n  250 files …\n")
        page = admin_client.get("/admin/export/").content.decode()
        assert "is running. " in page
        assert "250 files …" in page
        assert 'http-equiv="refresh"' in page

    @pytest.mark.parametrize(
        ("told", "age"),
        [("CommandError: No space left", dt.timedelta()), ("10 files …", dt.timedelta(hours=1))],
    )
    def test_it_tells_that_it_has_failed(self, told, age, admin_client, folder):
        leave(folder, told, age=age)
        page = admin_client.get("/admin/export/").content.decode()
        assert f"has failed. {told}" in " ".join(page.split())
        assert 'http-equiv="refresh"' not in page

    def test_it_is_downloaded_for_a_day(self, admin_client, folder):
        leave(folder, "done", b"all of it", dt.timedelta(hours=23))
        address = f"/admin/export/{NAME}.tar/"
        assert address in admin_client.get("/admin/export/").content.decode()
        answer = admin_client.get(address)
        assert answer.getvalue() == b"all of it"
        assert "attachment" in answer["Content-Disposition"]
        leave(folder, "done", b"all of it", dt.timedelta(hours=25))
        assert admin_client.get(address).status_code == 404
        assert list(folder.iterdir()) == []

    @pytest.mark.parametrize("name", ["..", "../daybook.sqlite3", f"{NAME}.log", "daybook.sqlite3"])
    def test_nothing_else_is_downloaded(self, name, admin_client, folder):
        leave(folder, "done", b"all of it")
        (folder.parent / "daybook.sqlite3").write_bytes(b"secret")
        assert admin_client.get(f"/admin/export/{name}/").status_code == 404
        assert views.exports()
