"""Creates the renditions of photos before a reader requests them."""

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

# How often the watcher looks for new photos, in seconds.
PAUSE = 1
# libavif's speed, from 0 to 10. Pillow's default, 6, takes four times as long to save a hundredth
# of the bytes.
AVIF_SPEED = 8


def make(photo: Photo) -> None:
    """
    Create the missing renditions of a photo, unless another process is doing so.

    A photo that cannot be read is logged and not tried again. One on which the process dies is not
    tried again either.
    """
    due = Photo.objects.filter(pk=photo.pk, renditions_due_since=photo.renditions_due_since)
    if not due.update(renditions_due_since=None):
        return
    try:
        photo.get_renditions(*filter_specs())
    except Exception:
        logger.exception("The sizes of photo %s (“%s”) could not be made", photo.pk, photo)
    except BaseException:
        # The process was interrupted.
        Photo.objects.filter(pk=photo.pk).update(renditions_due_since=photo.renditions_due_since)
        raise


def make_due(progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """
    Create the renditions of all photos that were added or changed, and return their number.

    `progress` is called with how many photos are done, and how many there are.
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
    """Create the missing renditions of a page's photos after the transaction is committed."""

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
    A thread that starts a process to create renditions whenever photos were added or changed.

    In a process of its own, a picture that exhausts the memory or crashes a library does no harm.
    """

    def __init__(self) -> None:
        super().__init__(name="renditions", daemon=True)
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(PAUSE):
            try:
                due = Photo.objects.filter(renditions_due_since__isnull=False).exists()
            except DatabaseError:
                # The publisher, which runs beside it, logs this.
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
    """Save with `AVIF_SPEED`, which Wagtail cannot pass to Pillow."""
    image.encoderinfo.setdefault("speed", AVIF_SPEED)
    AvifImagePlugin._save(image, file, filename)


Image.register_save("AVIF", _save_as_avif)
