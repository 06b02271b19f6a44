import signal

from django.core.management.base import BaseCommand

from blog.photos import renditions


class Command(BaseCommand):
    help = "Make the sizes and formats of photos that were added or changed."

    def handle(self, *args, **options):
        def report(done, total):
            if done == total or done % 10 == 0:
                self.stdout.write(f"{done} of {total} photos")

        # Raise KeyboardInterrupt, so that the current photo is marked as not done.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            renditions.make_due(report)
        except KeyboardInterrupt:
            self.stderr.write("Stopped; the rest is made the next time.")
