"""Say which service failed, if an error is not a defect of the site itself."""

import errno

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import gettext as _
from psycopg import errors as postgresql

FULL = (errno.ENOSPC, errno.EDQUOT)
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
# SQLite's messages. Python's module does not give an error number for all of them.
FULL_WORDS = ("disk is full", "No space left on device")
READ_ONLY_WORDS = ("readonly database", "unable to open database file")


def chain(error: BaseException | None) -> list[BaseException]:
    """Return the error, its cause, the cause of that, and so on."""
    errors: list[BaseException] = []
    while error is not None and error not in errors:
        errors.append(error)
        error = error.__cause__ or error.__context__
    return errors


def reason(error: BaseException | None) -> str | None:
    """Return what is wrong with the machine or a service, or None for any other error."""
    for each in chain(error):
        words = str(each)
        number = each.errno if isinstance(each, OSError) else None
        is_database = isinstance(each, DatabaseError)
        if (
            number in FULL
            or isinstance(each, postgresql.DiskFull)
            or (is_database and any(word in words for word in FULL_WORDS))
        ):
            return _("The disk of the site is full.")
        if (
            number in READ_ONLY
            or isinstance(each, postgresql.ReadOnlySqlTransaction)
            or (is_database and any(word in words for word in READ_ONLY_WORDS))
        ):
            return _("The site may not write to its disk or its database at present.")
        if isinstance(each, OperationalError | InterfaceError) and "locked" in words:
            return _("The database is busy.")
    # SQLite raises the same class if a table or column is missing, which is a defect of the site.
    if isinstance(error, OperationalError | InterfaceError) and "no such" not in str(error):
        return _("The database does not answer.")
    return None
