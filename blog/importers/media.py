"""The pictures and documents of an import: found in its folders or fetched, and added once each."""

import base64
import binascii
import io
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urljoin

import requests
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.utils.file import hash_filelike

from blog.fetching import fetch
from blog.models import Photo
from blog.photos.metadata import stripped
from blog.photos.uploads import PhotoField

from .imported import Attachment, ImportedPost
from .pictures import Library, Picture
from .rich_text import urlsplit_safe

LARGEST = 20 * 1024 * 1024  # bytes
# How often a picture is asked for, and after how many failures in a row a host no more.
TRIES = 2
PATIENCE = 8
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp", "AVIF": ".avif"}


class MissingFileError(Exception):
    """A file that an archive names does not exist or is not valid."""


def add_photo(name: str, data: bytes, *, description="", credit="", source_url="", user=None):
    """
    Return the photo of the library that has this content. Add it if there is none.

    Equal photos from different web addresses are not merged, as their credits may differ. Raise
    MissingFileError if it is no picture that an editor could upload.
    """
    try:
        file = PhotoField().clean(SimpleUploadedFile(_true_name(name, data), data))
    except ValidationError as error:
        raise MissingFileError(f"{name}: {' '.join(error.messages)}") from error
    photos = Photo.objects.filter(file_hash=hash_filelike(stripped(file)))
    if source_url:
        photos = photos.filter(source_url=source_url)
    if photo := photos.order_by("pk").first():
        return photo
    photo = Photo(
        title=_title(name),
        description=description[:255],
        credit=credit,
        source_url=source_url,
        uploaded_by_user=user,
    )
    typed = {"title", "credit", "source_url"}
    photo.clean_fields(exclude={field.name for field in Photo._meta.fields} - typed)
    photo.file = file
    photo._set_image_file_metadata()
    photo.save()
    return photo


def add_document(path: Path, title: str = "", user=None):
    """Return the document of the library that has the content of a file, like a photo."""
    model = get_document_model()
    with path.open("rb") as file:
        documents = model.objects.filter(file_hash=hash_filelike(file))
    if document := documents.order_by("pk").first():
        return document
    document = model(title=title or _title(path.name), uploaded_by_user=user)
    with path.open("rb") as file:
        document.file = File(file, name=path.name)
        try:
            document.full_clean()
        except ValidationError as error:
            raise MissingFileError(f"{path.name}: {' '.join(error.messages)}") from error
        document._set_document_file_metadata()
        document.save()
    return document


def _title(name: str) -> str:
    return Path(name).stem.replace("-", " ").replace("_", " ").capitalize()[:255] or "Picture"


def _true_name(name: str, data: bytes) -> str:
    """Return the name of a picture with the ending that fits its content."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            suffix = SUFFIXES.get(image.format or "", "")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return name
    path = Path(name)
    same = path.suffix.lower() in {suffix, ".jpeg" if suffix == ".jpg" else suffix}
    return name if not suffix or same else f"{path.stem or 'picture'}{suffix}"


class Files:
    """The files of some folders by their names. None lies outside, also not by a link."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = [folder.resolve() for folder in folders]
        self.by_name: dict[str, list[Path]] = defaultdict(list)
        for folder in self.folders:
            for root, _folders, names in os.walk(folder):
                for name in names:
                    self.by_name[name.lower()].append(Path(root, name))

    def find(self, address: str, beside: Path | None = None) -> Path | None:
        """Return the file that an address names: beside a post, or the most alike."""
        parts = urlsplit_safe(address)
        named = [unquote(part) for part in parts.path.split("/") if part not in {"", ".", ".."}]
        if not named:
            return None
        near = _real(beside / unquote(parts.path)) if beside and _is_name(parts.path) else None
        best: tuple[int, Path] | None = None
        for path in self.by_name.get(named[-1].lower(), ()):
            real = _real(path)
            if real is None or not any(real.is_relative_to(folder) for folder in self.folders):
                continue
            if real == near:
                return path
            score = 0
            for one, other in zip(reversed(path.parts), reversed(named), strict=False):
                if one.lower() != other.lower():
                    break
                score += 1
            if best is None or score > best[0]:
                best = score, path
        return best[1] if best else None


def _real(path: Path) -> Path | None:
    """Return a file without links on the way to it, or None if there is none."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        # Links may form a loop, and names may be invalid.
        return None
    return real if real.is_file() else None


def _is_name(path: str) -> bool:
    return not path.startswith("/") and "\x00" not in unquote(path) and len(path) < 1000


class MediaLibrary(Library):
    """
    What posts refer to, as keys of the database.

    `fetches` says whether pictures that are in no folder are fetched from the web, each address
    once. Without `adds`, for a dry run, nothing is added and the addresses stand for the keys.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        *,
        attachments: Mapping[str, Attachment] | None = None,
        find_post: Callable[[str], Any] = lambda slug: None,
        user: Any = None,
        fetches: bool = True,
        adds: bool = True,
        old_site: str = "",
    ) -> None:
        self.files = Files(folders)
        self.attachments = attachments or {}
        self.find_post = find_post
        self.user = user
        self.fetches = fetches
        self.adds = adds
        self.old_site = old_site
        self.beside: Path | None = None
        self.base = old_site
        self.known: dict[str, Any] = {}
        self.failures: Counter[str] = Counter()
        self.missing: list[str] = []

    def begin(self, post: ImportedPost) -> None:
        """Look for what this post refers to: beside it first, and below its own address."""
        self.beside = post.folder
        self.base = next((a for a in post.addresses if "://" in a), self.old_site)
        self.missing = []

    def post(self, slug: str) -> Any:
        found = self.find_post(slug)
        if found is None:
            self.missing.append(slug)
        return found

    def document(self, address: str, title: str) -> Any:
        path = self.files.find(address, self.beside)
        if path is None:
            return None
        try:
            return add_document(path, title, self.user).pk if self.adds else address
        except MissingFileError:
            return None

    def photo(self, picture: Picture) -> Any:
        attachment = self.attachments.get(picture.id)
        addresses = [*([attachment.url] if attachment else []), *picture.addresses]
        description = picture.description or (attachment.description if attachment else "")
        for address in addresses:
            path = None if address.startswith("data:") else self.files.find(address, self.beside)
            if path and (found := self._once(str(path), path.read_bytes, path.name, description)):
                return found
        for address in addresses:
            if address.startswith("data:"):
                name, data = _data_of(address)
                return self._once(address, lambda data=data: data, name, description)
            url = urljoin(self.base, address) if self.base else address
            is_web = urlsplit_safe(url).scheme in {"http", "https"}
            if is_web and (found := self._fetched(url, description)):
                return found
        self.missing.append(addresses[-1])
        return None

    def _once(
        self, key: str, load: Callable[[], bytes], name: str, description: str, source_url=""
    ):
        if key not in self.known:
            try:
                self.known[key] = (
                    add_photo(
                        name,
                        load(),
                        description=description,
                        source_url=source_url[:2000],
                        user=self.user,
                    ).pk
                    if self.adds
                    else key[:200]
                )
            except (MissingFileError, OSError, ValidationError):
                self.known[key] = None
        return self.known[key]

    def _fetched(self, url: str, description: str) -> Any:
        if url in self.known:
            return self.known[url]
        if found := Photo.objects.filter(source_url=url).order_by("pk").first():
            self.known[url] = found.pk
            return found.pk
        host = urlsplit_safe(url).netloc
        if not self.adds:
            return url
        if not self.fetches or self.failures[host] >= PATIENCE:
            return None
        name = Path(unquote(urlsplit_safe(url).path)).name or "picture"
        return self._once(url, lambda: self._load(url, host), name, description, url)

    def _load(self, url: str, host: str) -> bytes:
        for attempt in range(TRIES):
            time.sleep(attempt)
            try:
                answer = fetch("GET", url, kind="image/", largest=LARGEST)
            except requests.RequestException:
                continue
            self.failures[host] = 0
            if answer.status_code < 500:
                break
        else:
            self.failures[host] += 1
            raise MissingFileError(f"{url} does not answer.")
        if not answer.ok:
            raise MissingFileError(f"{url} answers with {answer.status_code}.")
        return answer.content


def _data_of(address: str) -> tuple[str, bytes]:
    """Return a name for the picture in a data: address, and its bytes."""
    head, _, data = address.partition(",")
    try:
        raw = unquote_to_bytes(data)
        content = base64.b64decode(raw) if ";base64" in head else raw
    except (binascii.Error, ValueError):
        content = b""
    kind = head.removeprefix("data:image/").partition(";")[0].replace("jpeg", "jpg")
    return f"picture.{kind if kind.isalnum() else 'png'}", content
