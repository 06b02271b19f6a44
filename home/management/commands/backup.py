import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from home.backup import BackupError, backup


class Command(BaseCommand):
    help = "Write the database and the media files into one archive in a folder."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)
        parser.add_argument("--verify", action="store_true", help="restore it beside the site")
        parser.add_argument("--keep", type=int, default=0, help="how many archives stay (0: all)")

    def handle(self, *args, folder, verify, keep, **options):
        try:
            path = backup(folder, keep=keep, verify=verify, progress=steps(self.stdout))
        except BackupError as error:
            raise CommandError(str(error)) from error
        proven = "verified" if verify else "not verified"
        self.stdout.write(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {proven}.")


def steps(stdout):
    """Return a function that writes the number of files, every two seconds."""
    written = time.monotonic()

    def progress(number):
        nonlocal written
        if time.monotonic() - written >= 2:
            written = time.monotonic()
            stdout.write(f"  {number} files …")
            stdout.flush()

    return progress
