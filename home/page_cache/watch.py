"""
Watch the statements of the database connection for changes that a reader could notice.

Signals are not sent for `QuerySet.update()`, bulk inserts, and the raw SQL with which the page tree
is moved. When a transaction with such a statement commits, the generation is bumped.
"""

import re
from functools import cache
from typing import Any

from django.apps import apps
from django.db import transaction
from django.dispatch import Signal

from blog.unseen import DRAFT_FIELDS, is_unseen
from home.page_cache import generation

# Sent when a change was committed and the generation was bumped.
committed = Signal()

# Readers see the rows of all models of these applications, and of these models of Wagtail.
SHOWN_APPS = ("blog", "home")
SHOWN_MODELS = (
    "wagtailcore.Page",
    "wagtailcore.PageViewRestriction",
    "wagtailcore.Site",
    "wagtaildocs.Document",
    "wagtailredirects.Redirect",
)
# The exceptions, which readers do not see: accounts, and the records of the schedule.
UNSEEN_MODELS = ("blog.ArchiveImport", "blog.Attempt", "blog.Worker", "home.User")
# Rows are inserted while a page is rendered, so that only updates and deletions are changes.
CREATED_ON_RENDER = ("blog.PhotoRendition",)
# Columns that change without a reader noticing, when a page is added below another, and when the
# renditions of a photo are made.
UNSEEN_COLUMNS = {"numchild", "owner_id", "renditions_due_since"}

WRITE = re.compile(
    r"\s*(?P<verb>INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+[\"`]?(?P<table>\w+)",
    re.IGNORECASE,
)
COLUMN = re.compile(r"[\"`]?(\w+)[\"`]?\s*=")
SET = re.compile(r"\sSET\s(?P<columns>.*?)(?:\sWHERE\s|$)", re.IGNORECASE | re.DOTALL)


@cache
def shown_tables() -> dict[str, bool]:
    """Return the tables whose rows readers see, each with whether an insert is a change."""
    models = {model for app in SHOWN_APPS for model in apps.get_app_config(app).get_models()}
    models |= {apps.get_model(name) for name in SHOWN_MODELS}
    models -= {apps.get_model(name) for name in UNSEEN_MODELS}
    rendered = {apps.get_model(name) for name in CREATED_ON_RENDER}
    return {model._meta.db_table: model not in rendered for model in models}


@cache
def unseen_columns() -> set[str]:
    """Return the columns that may change without a reader noticing."""
    page = apps.get_model("wagtailcore.Page")
    return UNSEEN_COLUMNS | {page._meta.get_field(name).column for name in DRAFT_FIELDS}


def is_noticeable(sql: str) -> bool:
    """Return whether a reader could notice what the statement changes."""
    write = WRITE.match(sql)
    rows_count = write and shown_tables().get(write["table"])
    if write is None or rows_count is None:
        return False
    verb = write["verb"][0].upper()
    if verb == "I":
        return rows_count
    if verb == "U" and (assignments := SET.search(sql)):
        columns = set(COLUMN.findall(assignments["columns"]))
        return not columns or not columns <= unseen_columns()
    return True


def watch(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Bump the generation on commit. An execute wrapper of a database connection."""
    if not isinstance(sql, str) or is_unseen() or not is_noticeable(sql):
        return execute(sql, params, many, context)
    generation.begin_change()
    result = execute(sql, params, many, context)
    bump_on_commit(context["connection"])
    return result


def bump() -> None:
    """Bump the generation, then send `committed`: its receivers may ask for pages at once."""
    generation.bump()
    committed.send_robust(sender=None)


def bump_on_commit(connection: Any) -> None:
    """Bump when the transaction commits, or at once outside a transaction."""
    waiting = connection.run_on_commit
    if (
        # One bump is enough, unless a savepoint can roll it back without this change.
        waiting and waiting[-1][1] is bump and waiting[-1][0] <= set(connection.savepoint_ids)
    ):
        return
    if connection.in_atomic_block or connection.get_autocommit():
        transaction.on_commit(bump, using=connection.alias)
    else:
        # Autocommit was turned off, so that the moment of the commit is not known.
        bump()


def install(connection: Any, **kwargs: Any) -> None:
    """Add the wrapper to a new connection. A receiver of `connection_created`."""
    if watch not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, watch)
