"""nginx with deploy/nginx.conf, in front of a site or of what stands for it."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from string import Template

from django.conf import settings

from tests.home.page_cache.staleness import free_port


def start_nginx(folder, site, port, hsts="max-age=31536000", plain=None):
    """
    Run nginx on `port`; it finds pages in `folder` and passes on to the port `site`.

    `plain` is the port without TLS. Returns the process.
    """
    # The workers of nginx are nobody's, and look into the folder from its top.
    for each in (folder, *folder.parents):
        if each == Path(tempfile.gettempdir()):
            break
        each.chmod(0o755)
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", folder / "privkey.pem"),
            *("-out", folder / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    text = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
    values = {
        "DAYBOOK_DATA": folder,
        "DAYBOOK_SITE": f"127.0.0.1:{site}",
        "DAYBOOK_NAME": "127.0.0.1",
        "DAYBOOK_TLS": folder,
        "DAYBOOK_PORT": port,
        "DAYBOOK_HSTS": hsts,
    }
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", str(value))
    assert "${DAYBOOK" not in text
    text = text.replace("listen 80;", f"listen {plain or free_port()};")
    text = text.replace("/var/www/html", str(folder))
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        Template(
            "daemon off; pid $f/nginx.pid; error_log $f/error.log;\n"
            "events {} http { access_log off; $t\n$c }"
        ).substitute(f=folder, t=temporary, c=text)
    )
    return subprocess.Popen([shutil.which("nginx"), "-p", folder, "-c", folder / "nginx.conf"])
