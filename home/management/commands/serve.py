from django.core.management.base import BaseCommand, CommandError

from home.server import AddressInUseError, StoppedAtOnceError, serve


class Command(BaseCommand):
    help = "Serve the site and publish what is due, until Ctrl-C."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1, help="processes that answer requests")

    def handle(self, *args, host, port, workers, **options):
        def announce():
            address = f"http://{host}:{port}"
            self.stdout.write(f"\nThe site:   {address}/\nThe editor: {address}/admin/\n")
            self.stdout.write("Ctrl-C stops the server and the publisher.\n")
            self.stdout.flush()

        try:
            serve(host, port, workers, announce)
        except AddressInUseError as error:
            raise CommandError(
                f"Port {port} of {host} is taken by another program. "
                f"Stop it, or choose another port: make demo PORT={port + 1}"
            ) from error
        except StoppedAtOnceError as error:
            raise CommandError(f"This ended at once, for the reason above: {error}") from error
