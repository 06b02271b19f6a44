"""docs/deploy.md, followed word for word in a throwaway prefix as far as it goes without root."""

import http.client
import os
import re
import secrets
import subprocess
import sys
import time

import pytest
from django.conf import settings

from tests import databases
from tests.deploy.production import wait_until
from tests.home.page_cache.staleness import free_port

pytestmark = pytest.mark.once

NAME = "daybook.example"
DEPLOY = settings.BASE_DIR / "deploy"


def variables(folder):
    """The sample of the variables, filled in as the page says."""
    text = (DEPLOY / "daybook.env").read_text()
    text = text.replace("SECRET_KEY=\n", f"SECRET_KEY={secrets.token_urlsafe(60)}\n")
    return text.replace("/var/lib/daybook", str(folder / "data"))


def commands(folder):
    """What is typed in the shell of the account."""
    page = (settings.BASE_DIR / "docs" / "deploy.md").read_text()
    block = re.search(r"```sh site\n(.*?)```", page, re.DOTALL)[1]
    block = block.replace("/srv/daybook", str(settings.BASE_DIR))
    block = block.replace("/etc/daybook.env", str(folder / "daybook.env"))
    return block.replace(".venv/bin/python", sys.executable)


@pytest.fixture
def machine(tmp_path):
    """A folder with the variables; a migrated database saves minutes of the first command."""
    (tmp_path / "daybook.env").write_text(variables(tmp_path))
    databases.copy_sqlite(tmp_path / "data" / "daybook.sqlite3", f"https://{NAME}")
    return tmp_path


class DeployTests:
    def test_a_site_that_was_begun_by_the_docs_answers_with_its_first_account(self, machine):
        clean = {"PATH": os.environ["PATH"], "HOME": str(machine)}
        account = {
            "DJANGO_SUPERUSER_USERNAME": "ada",
            "DJANGO_SUPERUSER_PASSWORD": "a-long-password-of-ada",
            "DJANGO_SUPERUSER_EMAIL": "ada@daybook.example",
        }
        typed = commands(machine).replace("createsuperuser", "createsuperuser --noinput")
        subprocess.run(["bash", "-euc", typed], env=clean | account, check=True)
        unit = (DEPLOY / "daybook.service").read_text()
        start = re.search(r"^ExecStart=/srv/daybook/\.venv/bin/python (.*)$", unit, re.M)[1]
        port = free_port()
        server = subprocess.Popen(
            [sys.executable, *start.replace("8000", str(port)).split()],
            cwd=settings.BASE_DIR,
            env=clean | dict(re.findall(r"^(\w+)=(.*)$", variables(machine), re.M)),
        )
        try:
            wait_until(lambda: ask(port, "/") == 200)
            assert ask(port, "/admin/login/") == 200
        finally:
            server.terminate()
            server.wait()


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": NAME, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status
    except OSError:
        return time.sleep(0.1)
    finally:
        connection.close()
