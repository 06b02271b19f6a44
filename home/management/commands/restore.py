from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from home.backup import BackupError, restore
from home.management.commands.backup import steps


class Command(BaseCommand):
    help = "Bring back the site of an archive that `backup` has written."
    # The database may be empty.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("archive", type=Path)
        parser.add_argument(
            "--overwrite", action="store_true", help="replace the site that is there"
        )

    def handle(self, *args, archive, overwrite, **options):
        try:
            restore(archive, overwrite=overwrite, progress=steps(self.stdout))
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Restored. Restart the servers and the publisher.")
