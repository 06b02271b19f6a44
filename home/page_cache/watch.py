"""
Notices, in the database connection itself, every change that a reader could notice.

Signals would miss `QuerySet.update()`, bulk inserts and the raw SQL with which the page tree is
moved; a statement cannot be missed. The generation is bumped when its transaction commits.
"""

import re
from functools import cache
from typing import Any

from django.apps import apps
from django.db import transaction
from django.dispatch import Signal

from blog.unseen import is_unseen
from home.page_cache import generation

# Sent when a change is there for all to see and the page cache has forgotten what it kept.
committed = Signal()

# Every model of these applications is shown to readers …
SHOWN_APPS = ("blog", "home")
# … and these of Wagtail's …
SHOWN_MODELS = (
    "wagtailcore.Page",
    "wagtailcore.PageViewRestriction",
    "wagtailcore.Site",
    "wagtaildocs.Document",
    "wagtailredirects.Redirect",
)
# … but not these: accounts, and what the schedule notes about its own work.
UNSEEN_MODELS = ("blog.Attempt", "blog.Worker", "home.User")
# Made while a page is rendered, so that only their end is a change.
MADE_WHEN_RENDERED = ("blog.PhotoRendition",)
# What saving a draft or adding one below a page writes to the page's row, and what is noted of
# the work on a photo's sizes.
UNSEEN_COLUMNS = {
    "draft_title",
    "has_unpublished_changes",
    "latest_revision_created_at",
    "latest_revision_id",
    "live_revision_id",
    "locked",
    "locked_at",
    "locked_by_id",
    "numchild",
    "owner_id",
    "renditions_due_since",
}

WRITE = re.compile(
    r"\s*(?P<verb>INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+[\"`]?(?P<table>\w+)",
    re.IGNORECASE,
)
COLUMN = re.compile(r"[\"`]?(\w+)[\"`]?\s*=")
SET = re.compile(r"\sSET\s(?P<columns>.*?)(?:\sWHERE\s|$)", re.IGNORECASE | re.DOTALL)


@cache
def shown_tables() -> dict[str, bool]:
    """Each table whose rows readers see → whether new rows are a change, too."""
    models = {model for app in SHOWN_APPS for model in apps.get_app_config(app).get_models()}
    models |= {apps.get_model(name) for name in SHOWN_MODELS}
    models -= {apps.get_model(name) for name in UNSEEN_MODELS}
    rendered = {apps.get_model(name) for name in MADE_WHEN_RENDERED}
    return {model._meta.db_table: model not in rendered for model in models}


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
        return not columns or not columns <= UNSEEN_COLUMNS
    return True


def watch(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """An execute wrapper (django.db.backends.base) that bumps the generation on commit."""
    if not isinstance(sql, str) or is_unseen() or not is_noticeable(sql):
        return execute(sql, params, many, context)
    generation.begin()
    result = execute(sql, params, many, context)
    bump_on_commit(context["connection"])
    return result


def bump() -> None:
    """Forget what is kept here before others are told, who would ask for it again at once."""
    generation.bump()
    committed.send_robust(sender=None)


def bump_on_commit(connection: Any) -> None:
    """Bump when the transaction commits; at once where there is none."""
    waiting = connection.run_on_commit
    if (
        # One bump is enough, if no savepoint can roll it back without rolling this back.
        waiting and waiting[-1][1] is bump and waiting[-1][0] <= set(connection.savepoint_ids)
    ):
        return
    if connection.in_atomic_block or connection.get_autocommit():
        transaction.on_commit(bump, using=connection.alias)
    else:
        # Somebody commits by hand: there is no telling when.
        bump()


def install(connection: Any, **kwargs: Any) -> None:
    """Receives `connection_created`."""
    if watch not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, watch)
