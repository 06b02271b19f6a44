import json
import time
from argparse import SUPPRESS
from contextlib import nullcontext
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from blog.importers.imported import ArchiveError, Options
from blog.importers.run import run
from blog.importers.sources import FORMATS
from blog.models import ArchiveImport, Author, BlogIndexPage

# How often a long import reports its progress where there is no terminal, in seconds.
PROGRESS_INTERVAL = 5


class Command(BaseCommand):
    help = "Import a blog from an archive; a second time, only what is new or different."

    def add_arguments(self, parser):
        parser.add_argument("sources", metavar="SOURCE", type=Path, nargs="*")
        parser.add_argument("--blog", metavar="SLUG", help="where the posts go")
        parser.add_argument("--format", choices=FORMATS, default="", help="else recognised")
        parser.add_argument("--author", metavar="SLUG", help="who wrote posts that name nobody")
        parser.add_argument("--old-site", metavar="URL", default="", help="where the blog was")
        parser.add_argument("--report", metavar="FILE", type=Path, help="write a receipt as JSON")
        parser.add_argument("--dry-run", action="store_true", help="read it and change nothing")
        parser.add_argument("--no-fetch", action="store_true", help="fetch no pictures")
        parser.add_argument(
            "--files",
            metavar="FOLDER",
            type=Path,
            action="append",
            default=[],
            help="where pictures and documents are, beside the sources; repeat it for several",
        )
        for option, meaning in (("--title", "a post's title"), ("--paragraph", "no title")):
            parser.add_argument(
                option,
                metavar="LINE",
                type=int,
                action="append",
                default=[],
                help=f"in plain text, this line is {meaning}; repeat it for several",
            )

        # What was uploaded in the admin, which starts this command.
        parser.add_argument("--record", type=int, help=SUPPRESS)

    def handle(self, *args, sources, **options):
        if options["record"]:
            return self.import_record(ArchiveImport.objects.get(pk=options["record"]))
        if not sources or not options["blog"]:
            raise CommandError("Say what to import, and into which blog: SOURCE --blog SLUG.")
        blog = self.find(BlogIndexPage, "--blog", options["blog"])
        author = options["author"] and self.find(Author, "--author", options["author"])
        how = Options(
            timezone.get_default_timezone(),
            tuple(options["title"]),
            tuple(options["paragraph"]),
            options["old_site"],
        )
        on_terminal = self.stderr.isatty()
        bar = tqdm(unit=" posts", file=self.stderr, disable=None) if on_terminal else nullcontext()
        try:
            with bar as self.bar:
                self.progressed = time.monotonic()
                receipt = run(
                    sources,
                    blog,
                    how,
                    format=options["format"],
                    folders=options["files"],
                    authors=(author.slug,) if author else (),
                    writes=not options["dry_run"],
                    fetches=not options["no_fetch"],
                    progress=self.progress,
                )
        except (ArchiveError, OSError) as error:
            raise CommandError(f"{error} Nothing was imported.") from error
        if options["report"]:
            text = json.dumps(receipt.as_json(), ensure_ascii=False, indent=1)
            options["report"].write_text(text, encoding="utf-8")
        self.summarise(receipt, dry_run=options["dry_run"])

    def import_record(self, record):
        """Import what was uploaded in the admin, and keep there how far it is."""

        def progress(done, total):
            record.done, record.total = done, total
            record.save(update_fields=["done", "total", "seen_at"])

        try:
            receipt = run(
                [Path(record.file.path)],
                record.blog,
                Options(timezone.get_default_timezone(), old_site=record.old_site),
                user=record.user,
                writes=not record.is_trial,
                progress=progress,
            )
            record.receipt, record.error = receipt.as_json(), ""
            record.state = ArchiveImport.State.DONE
            if not record.is_trial and not receipt.outcomes["failed"]:
                # It may have the addresses of those who wrote comments.
                record.file.delete(save=False)
        except Exception as error:
            record.state, record.error = ArchiveImport.State.REFUSED, str(error)
            if not isinstance(error, ArchiveError | OSError):
                raise
        finally:
            record.save()

    def find(self, model, option, slug):
        found = model.objects.filter(slug=slug)
        if len(found) == 1:
            return found[0]
        there = ", ".join(model.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        problem = f"{len(found)} have" if found else "nothing has"
        raise CommandError(f"{option} {slug}: {problem} that slug. There are: {there}.")

    def progress(self, done, total):
        if self.bar is not None:
            self.bar.total = total
            self.bar.update(done - self.bar.n)
        elif time.monotonic() - self.progressed > PROGRESS_INTERVAL:
            self.progressed = time.monotonic()
            self.stderr.write(f"{done} of {total} posts …")

    def summarise(self, receipt, dry_run):
        for problem in receipt.problems:
            self.stderr.write(self.style.WARNING(str(problem)))
        for note in receipt.notes:
            self.stderr.write(note)
        for entry in receipt.entries:
            name = f"“{entry.title}” ({entry.file})" if entry.file else f"“{entry.title}”"
            for loss in entry.losses if entry.outcome != "unchanged" else ():
                self.stderr.write(f"{name}: {loss}")
            if entry.reason:
                self.stderr.write(self.style.ERROR(f"{name} {entry.outcome}: {entry.reason}"))
            if entry.missing:
                self.stderr.write(self.style.ERROR(f"{name} lacks: {entry.missing[:300]}"))
        if receipt.entries:
            self.stdout.write(f"{'':14}{'source':>12}{'written':>12}")
        for kind, (source, written) in receipt.totals().items():
            self.stdout.write(f"{kind:14}{source:12,}{written:12,}")
        for kind, number in receipt.left_out.items():
            self.stdout.write(f"Left out: {number} × {kind}.")
        if receipt.refused:
            self.stdout.write(f"Refused: {len(receipt.refused)}.")
        outcomes = ", ".join(f"{number} {name}" for name, number in receipt.outcomes.items())
        summary = f"Posts: {outcomes or 'none'}."
        if dry_run:
            summary = f"Posts that would be imported: {len(receipt.entries)}. Nothing was changed."
        if not receipt.is_whole:
            lacking = len(receipt.unaccounted)
            words = f" {lacking} lack words that no line explains." if lacking else ""
            raise CommandError(f"{summary} Not everything was imported.{words}")
        self.stdout.write(summary)
