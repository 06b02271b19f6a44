import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
@pytest.mark.sqlite
def test_no_history_shows_a_stale_page_in_a_short_try():
    # It begins with a copy of the empty site's SQLite file; `make stale` tries longer.
    tried = subprocess.run(
        [
            *(sys.executable, "-m", "tests.home.page_cache.staleness", "--examples", "1"),
            *("--steps", "5", "--database", connection.settings_dict["NAME"]),
        ],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert tried.returncode == 0, tried.stdout[-3000:] + tried.stderr[-6000:]
    assert "none was stale" in tried.stdout
