from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand

from blog.models import Photo
from blog.photos.metadata import without_metadata


class Command(BaseCommand):
    help = (
        "Removes from the photos of the library what their files tell of place, person and camera."
    )

    def handle(self, **options):
        stripped = failed = 0
        for photo in Photo.objects.order_by("pk").iterator():
            try:
                stripped += self.strip(photo)
            except (OSError, ValueError) as error:
                failed += 1
                self.stderr.write(f"{photo.file.name}: {error}")
        self.stdout.write(f"{stripped} stripped, {failed} could not be read.")

    def strip(self, photo):
        """Strip the file of a photo and delete its renditions; return whether it had metadata."""
        with photo.open_file() as file:
            before = file.read()
        after = without_metadata(before)
        if after == before:
            return False
        storage, old = photo.file.storage, photo.file.name
        # With another name, as caches may have the old file.
        photo.file = ContentFile(after, name=old.rpartition("/")[2])
        photo._set_image_file_metadata()
        photo.save()
        for rendition in photo.renditions.all():
            rendition.file.delete(save=False)
            rendition.delete()
        storage.delete(old)
        return True
