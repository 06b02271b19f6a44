import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import date_format

from blog.body import reading
from blog.importers import markdown, plain_text, writer
from blog.importers.imported import ArchiveError, Status
from blog.models import Author, BlogIndexPage

# How often a long import reports its progress, in seconds.
PROGRESS_INTERVAL = 2


def count(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Command(BaseCommand):
    help = "Import posts from an archive into a blog; a second time, only what is new or different."

    def add_arguments(self, parser):
        formats = parser.add_subparsers(dest="format", required=True, metavar="FORMAT")
        text = formats.add_parser(
            "plain_text", help="a file of dated posts, saved as plain text (UTF-8)"
        )
        text.add_argument("archive", metavar="FILE", type=Path)
        for option, meaning in (("--title", "a post's title"), ("--paragraph", "no title")):
            text.add_argument(
                option,
                metavar="LINE",
                type=int,
                action="append",
                default=[],
                help=f"this line is {meaning}; repeat it for several",
            )
        folder = formats.add_parser("markdown", help="a folder of Markdown files, one post a file")
        folder.add_argument("archive", metavar="FOLDER", type=Path)
        folder.add_argument(
            "--files",
            metavar="FOLDER",
            type=Path,
            action="append",
            default=[],
            help="where pictures and documents are, beside the posts; repeat it for several",
        )
        for format_ in (text, folder):
            format_.add_argument("--blog", metavar="SLUG", required=True, help="where they go")
            format_.add_argument(
                "--author", metavar="SLUG", help="who wrote the posts that name nobody"
            )
            format_.add_argument(
                "--dry-run", action="store_true", help="show what would be made, and change nothing"
            )

    def handle(self, *args, **options):
        blog = self.find(BlogIndexPage, "--blog", options["blog"])
        author = options["author"] and self.find(Author, "--author", options["author"])
        try:
            archive = self.read(**options)
        except (ArchiveError, OSError) as error:
            raise CommandError(f"{options['archive']}: {error} Nothing was imported.") from error
        for problem in archive.problems:
            self.stderr.write(self.style.WARNING(str(problem)))
        if options["dry_run"]:
            self.show(archive)
            return
        self.progressed = time.monotonic()
        report = writer.write(
            archive,
            blog,
            authors=(author.slug,) if author else (),
            progress=self.progress,
        )
        self.summarise(archive, report)

    def find(self, model, option, slug):
        found = model.objects.filter(slug=slug)
        if len(found) == 1:
            return found[0]
        there = ", ".join(model.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        problem = f"{len(found)} have" if found else "nothing has"
        raise CommandError(f"{option} {slug}: {problem} that slug. There are: {there}.")

    def read(self, format, archive, **options):
        zone = timezone.get_default_timezone()
        if format == "markdown":
            return markdown.read(archive, zone, folders=options["files"])
        return plain_text.read(
            archive.read_bytes(), zone, titles=options["title"], paragraphs=options["paragraph"]
        )

    def show(self, archive):
        """Write the posts that would be created, under their days."""
        posts = [*archive.posts, *archive.undecided]
        undecided = set(map(id, archive.undecided))
        day = None
        for post in sorted(posts, key=lambda post: (post.file, post.line)):
            moment = post.published_at or post.go_live_at
            heading = date_format(timezone.localtime(moment), "l, j F Y") if moment else "No date"
            if heading != day:
                self.stdout.write(heading)
                day = heading
            html = "".join(map(str, self.texts(post.body)))
            paragraphs, words = html.count("<p>"), len(reading.plain(html).split())
            mark = "? " if id(post) in undecided else "  "
            status = "" if post.status is Status.LIVE else f", {post.status}"
            counts = f"{count(paragraphs, 'paragraph')}, {count(words, 'word')}{status}"
            self.stdout.write(f"{mark}{post.title} ({counts})")
        certain = f"{count(len(archive.posts), 'post')} would be imported"
        rest = f", and {len(archive.undecided)} marked ? would not" if archive.undecided else ""
        self.stdout.write(
            f"{certain}{rest}; {count(len(archive.problems), 'problem')}. Nothing was changed."
        )

    def texts(self, value):
        if isinstance(value, str):
            yield value + " "
        elif isinstance(value, dict):
            for key, item in value.items():
                if key not in {"type", "level", "kind", "language", "anchor", "url", "embed"}:
                    yield from self.texts(item)
        elif isinstance(value, list | tuple):
            for item in value:
                yield from self.texts(item)

    def progress(self, done, total):
        if time.monotonic() - self.progressed > PROGRESS_INTERVAL:
            self.progressed = time.monotonic()
            self.stderr.write(f"{done} of {total} posts …")

    def summarise(self, archive, report):
        for note in report.notes:
            self.stderr.write(note)
        for outcome in report.left_alone:
            self.stderr.write(self.style.WARNING(f"Left alone: {self.describe(outcome)}"))
        for outcome in report.failed:
            self.stderr.write(self.style.ERROR(f"Failed: {self.describe(outcome)}"))
        counts = {
            "created": report.created,
            "brought up to date": report.updated,
            "unchanged": report.unchanged,
            "changed here and left alone": report.left_alone,
            "failed": report.failed,
            "held back": archive.undecided,
        }
        summary = ", ".join(f"{len(items)} {label}" for label, items in counts.items() if items)
        summary = f"Posts: {summary or 'none'}."
        if report.failed or archive.undecided or (archive.problems and not archive.posts):
            raise CommandError(summary)
        self.stdout.write(summary)

    @staticmethod
    def describe(outcome):
        post = outcome.post
        place = ", ".join(filter(None, (post.file, f"line {post.line}" if post.line else "")))
        return f"“{post.title}” ({place}): {outcome.reason}"
