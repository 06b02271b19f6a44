from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from home.management.commands.backup import steps
from home.transfer.places import TransferError
from home.transfer.site_export import export_site


class Command(BaseCommand):
    help = "Write the whole site as Markdown, JSON and files into a folder, or a file NAME.tar."

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path)
        parser.add_argument("--history", action="store_true", help="with all revisions and the log")

    def handle(self, *args, path, history, **options):
        try:
            export_site(path, history=history, progress=steps(self.stdout))
        except TransferError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{path} has the whole site.")
