from django.core.management.base import BaseCommand

from blog.photos import renditions
from blog.schedule.ledger import Attempt
from blog.schedule.publisher import Publisher, do_what_is_due


class Command(BaseCommand):
    help = "Publish and expire what is due, at its moment, until stopped."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="do what is due now, and stop")

    def handle(self, *args, once, **options):
        if not once:
            renditions.Watcher().start()
            Publisher().run()
            return
        rows = do_what_is_due()
        for row in rows:
            if row.outcome == Attempt.Outcome.FAILED:
                self.stderr.write(f"{row.title}: {row.reason}")
        failed = sum(row.outcome == Attempt.Outcome.FAILED for row in rows)
        self.stdout.write(f"{len(rows) - failed} done, {failed} failed.")
