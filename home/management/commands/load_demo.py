from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from home.demo.site import load_demo


class Command(BaseCommand):
    help = "Fills a new site with the demo: an invented weblog, its pages, pictures and accounts."

    def add_arguments(self, parser):
        parser.add_argument(
            "--force",
            action="store_true",
            help="load it with production settings too; the accounts get random passwords",
        )

    def handle(self, *, force, **options):
        if not settings.DEMO_ACCOUNTS and not force:
            raise CommandError(
                "The demo belongs on a machine of one's own: its accounts have a password that"
                " everybody knows. Use settings.dev, or load it here with --force, which gives them"
                " random passwords."
            )
        load_demo(self.stdout.write, random_passwords=not settings.DEMO_ACCOUNTS)
