import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r"\benv(?:\.\w+)?\(\s*\"([A-Z_]+)\"")
ROW = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)


def read_variables():
    return {
        name for path in (ROOT / "settings").glob("*.py") for name in READ.findall(path.read_text())
    }


def django(*arguments, **environment):
    """Run a management command with nothing but this environment."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        text=True,
        capture_output=True,
    )


class DocumentationTests:
    def test_each_variable_that_settings_read_has_a_row_and_the_reverse(self):
        rows = ROW.findall((ROOT / "docs/configuration.md").read_text())
        assert read_variables()
        assert sorted(rows) == sorted(read_variables())


class ProductionTests:
    @pytest.fixture
    def environment(self, tmp_path):
        return {
            "DJANGO_SETTINGS_MODULE": "settings.production",
            "DATA_DIR": str(tmp_path),
            "ALLOWED_HOSTS": "example.org",
            "SECRET_KEY": "a-long-and-random-string-of-more-than-fifty-characters-0123456789",
        }

    def test_it_starts_with_what_it_needs(self, environment):
        done = django("check", "--deploy", "--fail-level", "WARNING", **environment)
        assert done.returncode == 0, done.stderr

    def test_other_sites_of_the_domain_are_left_alone_unless_it_is_asked(self, environment):
        code = (
            "from django.http import HttpResponse; from django.test import RequestFactory;"
            "from django.middleware.security import SecurityMiddleware;"
            "answer = SecurityMiddleware(lambda request: HttpResponse());"
            "request = RequestFactory().get('/', secure=True);"
            "print(answer(request)['Strict-Transport-Security'])"
        )
        assert django("shell", "-v", "0", "-c", code, **environment).stdout == "max-age=31536000\n"
        asked = {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "1", "SECURE_HSTS_PRELOAD": "1"}
        answer = django("shell", "-v", "0", "-c", code, **environment, **asked).stdout
        assert answer == "max-age=31536000; includeSubDomains; preload\n"

    @pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
    def test_what_is_missing_stops_the_start_and_is_named(self, name, environment):
        del environment[name]
        done = django("check", **environment)
        assert done.returncode != 0
        assert name in done.stderr

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SECURE_HSTS_SECONDS", "a year"),
            ("TIME_ZONE", "Europe/Londn"),
            ("DATABASE_URL", "mysterydb://somewhere"),
        ],
    )
    def test_what_cannot_be_read_stops_the_start_and_is_named(self, name, value, environment):
        done = django("check", **environment, **{name: value})
        assert done.returncode != 0
        assert name in done.stderr
