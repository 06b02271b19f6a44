"""The pictures of the demo as photos in the library."""

from pathlib import Path

from django.core.files.images import ImageFile
from wagtail.models import Collection

from blog.models import Photo

PICTURES = Path(__file__).parent / "pictures"


def create_photos(descriptions, credit):
    """Add each picture to the library. Return the photos by file name."""
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
            # By this hash an import finds a picture that is in the library already.
            photo.get_file_hash()
        photos[name] = photo
    return photos
