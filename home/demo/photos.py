"""The drawn pictures as photos of the library."""

from pathlib import Path

from django.core.files.images import ImageFile
from wagtail.models import Collection

from blog.models import Photo

PICTURES = Path(__file__).parent / "pictures"


def create_photos(descriptions, credit):
    """Put each picture into the library; returns the photos by the names of their files."""
    root = Collection.get_first_root_node()
    collection = root.get_children().filter(name="Demo").first() or root.add_child(name="Demo")
    photos = {}
    for name, description in descriptions.items():
        with (PICTURES / name).open("rb") as file:
            photo = Photo(
                title=name.removesuffix(".webp").replace("-", " ").capitalize(),
                description=description,
                credit=credit,
                collection=collection,
                file=ImageFile(file, name=name),
            )
            photo.save()
            # By which an import finds that it has the picture already.
            photo.get_file_hash()
        photos[name] = photo
    return photos
