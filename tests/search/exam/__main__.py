"""
Scores the reader's search: `python -m tests.search.exam [FILE …]`, or `make exam EXAM_ARGS="…"`.

The files are JSON lines with documents, queries and judgements; without files it is the project's
own exam. It works in a database and an index of its own.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

from tests import databases
from tests.search.exam.demo import demo_exam
from tests.search.exam.files import ExamError, read
from tests.search.exam.measures import score


def say(text):
    print(text, file=sys.stderr, flush=True)


def examine(exam, without_database):
    """Return the scores of each search."""
    from django.core.management import call_command

    from search.engine import reader_copy
    from search.models import Synonym
    from tests.search.exam import posts

    names = posts.publish(exam.documents)
    Synonym.objects.bulk_create(Synonym(words=words) for words in exam.synonyms)
    say("Building the index …")
    reader_copy().build()
    say("Asking the reader's search …")
    scores = [score("reader's search", posts.reader(names), exam.queries)]
    if not without_database:
        say("Asking Wagtail's database backend …")
        call_command("update_index", backend_name="default", verbosity=0)
        scores.append(score("Wagtail's database search", posts.database(names), exam.queries))
    return scores


def table(scores):
    """Return the figures of the searches side by side, and below them those of each kind."""
    rows = {score.name: score.row() for score in scores}
    lines = [" " * 12 + "".join(f"{name:>28}" for name in rows)]
    for figure in next(iter(rows.values())):
        values = "".join(f"{row[figure]:>28.3f}" for row in rows.values())
        lines.append(f"{figure:<12}{values}")
    if kinds := scores[0].by_kind():
        lines.append(f"\n{'kind':<12}{'queries':>9}{'nDCG@10':>9}{'success@3':>11}")
        for kind, row in kinds.items():
            lines.append(
                f"{kind:<12}{row['queries']:>9}{row['nDCG@10']:>9.3f}{row['success@3']:>11.3f}"
            )
    return "\n".join(lines)


def figures(scores):
    """Return all figures as JSON."""
    return json.dumps(
        {score.name: {**score.row(), "kinds": score.by_kind()} for score in scores}, indent=2
    )


def the_exam(files):
    """Return the exam of the files, or the project's own; raises ExamError for what is none."""
    exam = read(files) if files else demo_exam()
    for remark in exam.remarks:
        say(remark)
    if not exam.documents or not exam.queries:
        raise ExamError(
            f"The files have {len(exam.documents)} documents and {len(exam.queries)} queries"
            " that can be scored; an exam needs both."
        )
    say(f"{len(exam.documents)} documents, {len(exam.queries)} queries.")
    return exam


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n\n")[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument(
        "--without-database",
        action="store_true",
        help="leave out the comparison with Wagtail's database backend, which is slow",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--postgres", metavar="ADDRESS", help="of a database on whose server the exam is held"
    )
    options = parser.parse_args()
    try:
        exam = the_exam(options.files)
    except OSError as error:
        parser.error(f"{error.filename} cannot be read: {error.strerror}.")
    except ExamError as error:
        parser.error(str(error))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="daybook-exam-")))
        if options.postgres:
            own = databases.own_postgres(options.postgres, f"daybook_exam_{os.getpid()}")
            address = stack.enter_context(own)
        else:
            address = databases.copy_sqlite(folder / "daybook.sqlite3")
        os.environ.update(
            DJANGO_SETTINGS_MODULE="settings.dev",
            DATA_DIR=str(folder),
            DATABASE_URL=address,
            CACHE_URL="locmemcache://",
            PAGE_CACHE_SHARED="file",
            MACHINES="1",
            SEARCH_BACKEND="",
        )
        import django

        django.setup()
        scores = examine(exam, options.without_database)
    print(figures(scores) if options.json else table(scores))


if __name__ == "__main__":
    main()
