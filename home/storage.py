from contextlib import suppress

from django.core.files.storage import FileSystemStorage


class MediaStorage(FileSystemStorage):
    """Uploads in a folder. A file that could not be written completely is deleted."""

    def _save(self, name, content):
        is_new = not self.exists(name)
        try:
            return super()._save(name, content)
        except OSError:
            if is_new:
                with suppress(OSError):
                    self.delete(name)
            raise
