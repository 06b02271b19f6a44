import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.test.utils import override_settings
from wagtail.search.backends import get_search_backend

from blog.models import PostPage
from search import exam
from search.queries import Search


@contextmanager
def apart(folder: Path) -> Iterator[None]:
    """Work with an index, a cache and a number of the last change that are not the site's."""
    backends = {
        name: params | {"AUTO_UPDATE": False}
        for name, params in settings.WAGTAILSEARCH_BACKENDS.items()
    }
    backends["reader"]["PATH"] = folder / "search_index"
    cache = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    with override_settings(
        DATA_DIR=folder,
        WAGTAILSEARCH_BACKENDS=backends,
        CACHES=dict.fromkeys(settings.CACHES, cache),
        PAGE_CACHE_SHARED="file",
        PAGE_CACHE_FILES=False,
    ):
        yield


class Command(BaseCommand):
    help = (
        "Scores the reader's search on documents, queries and judgements in JSON lines. Works in a"
        " scratch database and index; the site's own are not touched."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--without-database",
            action="store_true",
            help="Leave out the comparison with Wagtail's database backend, which is slow.",
        )
        parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")

    def handle(self, *, files, without_database, verbosity, **options):
        try:
            found = exam.read(files)
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except exam.ExamError as error:
            raise CommandError(str(error)) from error
        for remark in found.remarks:
            self.progress(remark)
        if not found.documents or not found.queries:
            raise CommandError(
                f"The files have {len(found.documents)} documents and {len(found.queries)} queries"
                " that can be scored; an exam needs both."
            )
        self.progress(f"{len(found.documents)} documents, {len(found.queries)} queries.")
        with tempfile.TemporaryDirectory(prefix="daybook-exam-") as name, apart(Path(name)):
            self.progress("Preparing a scratch database …")
            with exam.scratch_database():
                tables = self.examine(found, without_database)
        self.show(tables, options["json"])

    def progress(self, text):
        self.stderr.write(text)

    def examine(self, found, without_database):
        names = exam.publish(found.documents)
        self.progress("Building the index …")
        backend = get_search_backend("reader")
        backend.rebuild_all()

        def reader(query):
            return [names[page] for page in Search(backend).pages(query, exam.DEPTH)]

        self.progress("Asking the reader's search …")
        scores = [exam.score("reader's search", reader, found.queries)]
        if not without_database:
            self.progress("Asking Wagtail's database backend …")
            call_command("update_index", backend_name="default", verbosity=0)

            def database(query):
                posts = PostPage.objects.published().search(query, operator="or")
                return [names[post.pk] for post in posts[: exam.DEPTH]]

            scores.append(exam.score("Wagtail's database search", database, found.queries))
        return scores

    def show(self, scores, as_json):
        rows = {score.name: score.row() for score in scores}
        if as_json:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        figures = list(next(iter(rows.values())))
        self.stdout.write(" " * 12 + "".join(f"{name:>28}" for name in rows))
        for figure in figures:
            values = "".join(f"{row[figure]:>28.3f}" for row in rows.values())
            self.stdout.write(f"{figure:<12}{values}")
