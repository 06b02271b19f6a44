"""Adds the pictures and documents of an import to the library, each once."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.documents import get_document_model
from wagtail.utils.file import hash_filelike

from blog.models import Photo
from blog.photos.metadata import stripped
from blog.photos.uploads import PhotoField

from .imported import ImportedDocument, ImportedPhoto


class MissingFileError(Exception):
    """A file that an archive names does not exist or is not valid."""


def find_or_add_photo(imported: ImportedPhoto, user=None):
    """
    Return the photo of the library that has the content of a file. Add it if there is none.

    Equal photos from different web addresses are not merged, as their credits may differ. Raise
    MissingFileError if the file does not exist or is no picture that an editor could upload.
    """
    path = _existing(imported)
    try:
        file = PhotoField().clean(SimpleUploadedFile(path.name, path.read_bytes()))
    except ValidationError as error:
        raise MissingFileError(f"{imported.name}: {' '.join(error.messages)}") from error
    photos = Photo.objects.filter(file_hash=hash_filelike(stripped(file)))
    if imported.source_url:
        photos = photos.filter(source_url=imported.source_url)
    if photo := photos.order_by("pk").first():
        return photo
    photo = Photo(
        title=_title(path),
        description=imported.description[:255],
        credit=imported.credit,
        source_url=imported.source_url,
        uploaded_by_user=user,
    )
    typed = {"title", "credit", "source_url"}
    photo.clean_fields(exclude={field.name for field in Photo._meta.fields} - typed)
    photo.file = file
    photo._set_image_file_metadata()
    photo.save()
    return photo


def find_or_add_document(imported: ImportedDocument, user=None):
    """Return the document of the library that has the content of a file, like a photo."""
    path = _existing(imported)
    model = get_document_model()
    with path.open("rb") as file:
        documents = model.objects.filter(file_hash=hash_filelike(file))
    if document := documents.order_by("pk").first():
        return document
    document = model(title=imported.title or _title(path), uploaded_by_user=user)
    with path.open("rb") as file:
        document.file = File(file, name=path.name)
        try:
            document.full_clean()
        except ValidationError as error:
            raise MissingFileError(f"{imported.name}: {' '.join(error.messages)}") from error
        document._set_document_file_metadata()
        document.save()
    return document


def _existing(imported: ImportedPhoto | ImportedDocument) -> Path:
    if imported.path is None or not imported.path.is_file():
        raise MissingFileError(f"The file “{imported.name}” was not found.")
    return imported.path


def _title(path: Path) -> str:
    return path.stem.replace("-", " ").replace("_", " ").capitalize()
