import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.sqlite
def test_no_history_shows_a_stale_page_in_a_short_try():
    # `make stale` tries longer, and on several machines.
    tried = subprocess.run(
        [
            *(sys.executable, "-m", "tests.home.page_cache.staleness", "--examples", "1"),
            *("--steps", "5"),
        ],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert tried.returncode == 0, tried.stdout[-3000:] + tried.stderr[-6000:]
    assert "none was stale" in tried.stdout
