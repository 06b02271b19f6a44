"""
Puts the headers of readers' pages to MDN's HTTP Observatory, and ends with 1 for less than A+.

    make headers

Each page is judged behind nginx with TLS: as the site answers it, and then from nginx's file.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.test")
django.setup()

from tests import databases  # noqa: E402
from tests.deploy.nginx import start_nginx  # noqa: E402
from tests.deploy.production import HOST, Production  # noqa: E402
from tests.home.page_cache.staleness import free_port  # noqa: E402

TOOL = Path(".tools/observatory/node_modules/@mdn/mdn-http-observatory/src/scan.js")
# It judges no page that is not found; tests/deploy/test_nginx.py compares the headers of errors.
PATHS = ("/", "/blog/", "/search/")


def judged(address, certificate):
    """Return what the Observatory says of an address, whose certificate it trusts."""
    done = subprocess.run(
        ["node", TOOL, address],
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(certificate)},
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def main():
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        host = f"127.0.0.1:{port}"
        address = f"https://{host}"
        (folder / "data").mkdir()
        database = databases.copy_sqlite(folder / "daybook.sqlite3", address)
        settings = {
            "ALLOWED_HOSTS": f"127.0.0.1,{HOST}",
            "BASE_URL": address,
            "PAGE_CACHE_FILES": "true",
        }
        with Production(folder, database, **settings) as site:
            nginx = start_nginx(folder / "data", site.port, port)
            try:
                for path in (*PATHS, *PATHS[:2]):
                    found = judged(host + path, folder / "data" / "fullchain.pem")
                    grade = found.get("scan", {}).get("grade")
                    print(path, grade, found.get("scan", {}).get("score"), flush=True)
                    if grade != "A+":
                        failed = True
                        print(json.dumps(found, indent=1))
            finally:
                nginx.terminate()
                nginx.wait()
    return failed


if __name__ == "__main__":
    sys.exit(main())
