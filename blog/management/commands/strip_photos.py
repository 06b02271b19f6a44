from itertools import chain

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand
from wagtail.users.models import UserProfile

from blog.models import Photo
from blog.photos.metadata import without_metadata


class Command(BaseCommand):
    help = (
        "Removes from the photos of the library, and from profile pictures, what their files tell "
        "of place, person and camera."
    )

    def handle(self, **options):
        stripped = failed = 0
        photos = Photo.objects.order_by("pk").iterator()
        profiles = UserProfile.objects.exclude(avatar="").order_by("pk").iterator()
        for file in chain((p.file for p in photos), (p.avatar for p in profiles)):
            try:
                stripped += self.strip(file)
            except (OSError, ValueError) as error:
                failed += 1
                self.stderr.write(f"{file.name}: {error}")
        self.stdout.write(f"{stripped} stripped, {failed} could not be read.")

    def strip(self, file):
        """Strip a file and delete its renditions; return whether it had metadata."""
        with file.open("rb"):
            before = file.read()
        after = without_metadata(before)
        if after == before:
            return False
        old, owner = file.name, file.instance
        # With another name, as caches may have the old file.
        new = ContentFile(after, name=old.rpartition("/")[2])
        setattr(owner, file.field.name, new)
        if isinstance(owner, Photo):
            owner._set_image_file_metadata()
            for rendition in owner.renditions.all():
                rendition.file.delete(save=False)
                rendition.delete()
        owner.save()
        file.storage.delete(old)
        return True
