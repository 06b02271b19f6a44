from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from home.management.commands.backup import steps
from home.transfer.places import TransferError
from home.transfer.site_import import import_site


class Command(BaseCommand):
    help = "Fill an empty site with what `export_site` has written."

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path)

    def handle(self, *args, path, **options):
        try:
            import_site(path, progress=steps(self.stdout))
        except TransferError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Imported. Create an account with `manage.py createsuperuser`.")
