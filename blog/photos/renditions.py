"""Makes the sizes and formats of photos before a reader asks for them."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, close_old_connections, transaction
from PIL import AvifImagePlugin, Image
from wagtail.models import ReferenceIndex

from blog.models import Photo
from blog.models.photo import filter_specs

logger = logging.getLogger(__name__)

# How often a look is taken at what is due, in seconds.
PAUSE = 1
# libavif's effort, from 0 to 10. At Pillow's own choice of 6 it takes four times as long and
# saves a hundredth of the bytes.
AVIF_SPEED = 8


def make(photo: Photo) -> None:
    """
    Make what is missing of a photo's renditions, unless somebody else is at it.

    A photo that cannot be read is logged and not tried again, so that it holds up no other;
    neither is one on which the process dies.
    """
    due = Photo.objects.filter(pk=photo.pk, renditions_due_since=photo.renditions_due_since)
    if not due.update(renditions_due_since=None):
        return
    try:
        photo.get_renditions(*filter_specs())
    except Exception:
        logger.exception("The sizes of photo %s (“%s”) could not be made", photo.pk, photo)
    except BaseException:
        # Stopped from outside.
        Photo.objects.filter(pk=photo.pk).update(renditions_due_since=photo.renditions_due_since)
        raise


def make_due(progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """
    Make the renditions of all photos that were added or changed; returns how many photos.

    `progress` hears how many of how many are done.
    """
    photos = Photo.objects.filter(renditions_due_since__isnull=False)
    total = photos.count()
    done = 0
    for photo in photos.order_by("renditions_due_since", "pk").iterator():
        make(photo)
        done += 1
        progress(done, total)
    return done


def make_for_page(page) -> None:
    """Make what is missing for the photos that a page shows, once it is in the database."""

    def make_missing():
        shown = ReferenceIndex.get_references_for_object(page).filter(
            to_content_type=ContentType.objects.get_for_model(Photo)
        )
        keys = [int(key) for key in shown.values_list("to_object_id", flat=True)]
        for photo in Photo.objects.filter(pk__in=keys, renditions_due_since__isnull=False):
            make(photo)

    transaction.on_commit(make_missing, robust=True)


class Watcher(threading.Thread):
    """
    Sees to it, in a thread of its own, that what is due is made in a process of its own.

    A picture that takes all memory, or a library that crashes, costs no other work.
    """

    def __init__(self) -> None:
        super().__init__(name="renditions", daemon=True)
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(PAUSE):
            try:
                due = Photo.objects.filter(renditions_due_since__isnull=False).exists()
            except DatabaseError:
                # The publisher, whose database it is too, says so.
                due = False
            finally:
                close_old_connections()
            if due:
                subprocess.run(  # noqa: S603
                    [sys.executable, settings.BASE_DIR / "manage.py", "make_renditions"],
                    preexec_fn=lambda: os.nice(10),
                    check=False,
                )


def _save_as_avif(image, file, filename):
    """Pillow's handler of the format, at `AVIF_SPEED`, of which Willow and Wagtail know nothing."""
    image.encoderinfo.setdefault("speed", AVIF_SPEED)
    AvifImagePlugin._save(image, file, filename)


Image.register_save("AVIF", _save_as_avif)
