import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from home.server import AddressInUseError, claim


class Command(BaseCommand):
    help = "Serve the site and publish what is due, until Ctrl-C."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2, help="processes that answer requests")

    def handle(self, *args, host, port, workers, **options):
        try:
            claim(host, port)
        except AddressInUseError as error:
            raise CommandError(
                f"Port {port} of {host} is taken by another program. "
                f"Stop it, or choose another port: make demo PORT={port + 1}"
            ) from error
        os.chdir(settings.BASE_DIR)
        os.execv(  # noqa: S606
            sys.executable,
            [sys.executable, "-m", "home.server", host, str(port), str(workers)],
        )
