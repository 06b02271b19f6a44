import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r"\benv(?:\.(?!require)\w+)?\(\s*\"([A-Z_]+)\"")
ROW = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)


def read_variables():
    return {
        name for path in (ROOT / "settings").glob("*.py") for name in READ.findall(path.read_text())
    }


def django(*arguments, program="manage.py", **environment):
    """Run a management command with nothing but this environment."""
    return subprocess.run(
        [sys.executable, program, *arguments],
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
            "BASE_URL": "https://example.org",
            "EMAIL_URL": "smtp://127.0.0.1:25",
            "SECRET_KEY": "a-long-and-random-string-of-more-than-fifty-characters-0123456789",
        }

    @pytest.fixture
    def settings_in_process(self, monkeypatch):
        """Import the production settings anew in this process; returns why they refuse."""

        def read(**environment):
            names = [name for name in sys.modules if name.startswith("settings.")]
            for name in names:
                monkeypatch.delitem(sys.modules, name)
            monkeypatch.setattr(os, "environ", environment)
            monkeypatch.setattr(environ.Env, "ENVIRON", environment)
            try:
                importlib.import_module("settings.production")
            except ImproperlyConfigured as error:
                return str(error)
            finally:
                for name in [name for name in sys.modules if name.startswith("settings.")]:
                    del sys.modules[name]
            return ""

        return read

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

    def test_all_that_is_missing_is_named_in_one_message(self):
        done = django("check", DJANGO_SETTINGS_MODULE="settings.production", DATA_DIR="/proc/none")
        assert done.returncode != 0
        for name in ("SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "EMAIL_URL", "DATA_DIR"):
            assert f"- {name} " in done.stderr, name

    def test_all_that_cannot_be_read_is_named_in_one_message(self, environment):
        wrong = {
            "CACHE_URL": "mysterycache://somewhere",
            "DATABASE_URL": "mysterydb://user:password@somewhere",
            "LANGUAGE_CODE": "xx",
            "MACHINES": "two",
            "PAGE_CACHE_FILES": "perhaps",
            "PAGE_CACHE_MB": "-1",
            "PAGE_CACHE_SHARED": "memcached",
            "SEARCH_BACKEND": "mystery",
            "SEARCH_LANGUAGE": "klingon",
            "SECURE_HSTS_SECONDS": "a year",
            "TIME_ZONE": "Europe/Londn",
            "WEBSUB_HUB_URL": "hub.example",
        }
        done = django("check", **environment | wrong)
        assert done.returncode != 0
        for name in wrong:
            assert f"- {name} " in done.stderr, done.stderr
        assert "password" not in done.stderr

    def test_a_server_does_not_start_either(self, environment):
        code = "import settings.wsgi"
        environment["ALLOWED_HOSTS"] = ""
        done = django(code, program="-c", **environment)
        assert done.returncode != 0
        assert "- ALLOWED_HOSTS " in done.stderr

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SECRET_KEY", ""),
            ("SECRET_KEY", "x7" * 24),
            ("SECRET_KEY", "a" * 64),
            ("SECRET_KEY", "django-insecure-" + "q1w2e3r4t5" * 6),
            ("ALLOWED_HOSTS", "example.org,*"),
            ("ALLOWED_HOSTS", " , "),
            ("BASE_URL", "http://example.org"),
            ("BASE_URL", "https://"),
            ("EMAIL_URL", "consolemail://"),
            ("EMAIL_URL", ""),
            ("MACHINES", "2"),
            ("MACHINES", "0"),
            ("DEBUG", "True"),
        ],
    )
    def test_what_is_not_safe_stops_the_start_and_is_named(
        self, name, value, environment, settings_in_process
    ):
        message = settings_in_process(**environment | {name: value})
        if name == "DEBUG":
            # Not read in production.
            assert message == ""
        else:
            assert f"- {name} " in message

    @pytest.mark.parametrize(
        ("named", "changed"),
        [
            (True, {"MACHINES": "2"}),
            (True, {"MACHINES": "2", "CACHE_URL": "redis://127.0.0.1/0"}),
            (True, {"MACHINES": "2", "PAGE_CACHE_SHARED": "redis"}),
            (True, {"PAGE_CACHE_SHARED": "redis"}),
            (False, {"PAGE_CACHE_SHARED": "redis", "CACHE_URL": "redis://127.0.0.1/0"}),
            (False, {"MACHINES": "2", "PAGE_CACHE_MB": "0", "CACHE_URL": "redis://127.0.0.1/0"}),
        ],
    )
    def test_machines_that_do_not_hear_each_other_are_refused(
        self, named, changed, environment, settings_in_process
    ):
        message = settings_in_process(**environment | changed)
        assert any(f"- {name} " in message for name in changed) == named, message
