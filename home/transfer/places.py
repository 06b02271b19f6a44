"""
Where the files of a site lie: in a folder, or in a tar file.

The last of them, `manifest.json`, has the checksum of each.
"""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase, BytesIO
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
FORMAT = 1
PIECE = 1 << 20

Files = Iterator[tuple[str, BufferedIOBase]]


class TransferError(Exception):
    """A site cannot be written or read. The message says why and what to do."""


class Target:
    """A place that is being written. `files` has the checksum of each file so far."""

    def __init__(self, part: Path) -> None:
        self.part = part
        self.files: dict[str, str] = {}

    def add(self, name: str, file: BufferedIOBase, size: int) -> None:
        raise NotImplementedError

    def add_text(self, name: str, text: str) -> None:
        data = text.encode()
        self.add(name, BytesIO(data), len(data))
        self.files[name] = hashlib.sha256(data).hexdigest()

    def add_file(self, name: str, file: BufferedIOBase, size: int) -> None:
        self.files[name] = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        self.add(name, file, size)


class TarTarget(Target):
    def __init__(self, part: Path) -> None:
        super().__init__(part)
        self.archive = tarfile.open(part, "w")  # noqa: SIM115

    def add(self, name: str, file: BufferedIOBase, size: int) -> None:
        # Without a moment or an owner, so that equal sites make equal archives.
        member = tarfile.TarInfo(name)
        member.size = size
        self.archive.addfile(member, file)
        forget_members(self.archive)


def forget_members(archive: tarfile.TarFile) -> None:
    """Let an archive not remember all that was in it, which may be a million files."""
    archive.members.clear()  # type: ignore[attr-defined]


class FolderTarget(Target):
    def add(self, name: str, file: BufferedIOBase, size: int) -> None:
        place = self.part / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as copy:
            shutil.copyfileobj(file, copy, PIECE)


@contextmanager
def writing(path: Path) -> Iterator[Target]:
    """
    Yield a place that becomes a tar file or a folder when all is written, and nothing before.

    An earlier export is replaced; what a folder has besides, such as `.git`, stays. Raise
    TransferError if the folder holds something else, or the disk refuses.
    """
    part = path.with_name(f"{path.name}.part")
    is_tar = path.suffix == ".tar"
    if not is_tar and path.is_dir() and any(path.iterdir()) and not (path / MANIFEST).exists():
        raise TransferError(f"{path} is no export: name an empty folder, or one that is.")
    try:
        remove(part)
        part.parent.mkdir(parents=True, exist_ok=True)
        target = TarTarget(part) if is_tar else FolderTarget(part)
        yield target
        if isinstance(target, TarTarget):
            target.archive.close()
            part.replace(path)
        else:
            replace_folder(part, path)
    except OSError as error:
        raise TransferError(f"The export could not be written to {path}: {error}.") from error
    finally:
        remove(part)


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def replace_folder(part: Path, path: Path) -> None:
    """Put one folder in the place of another, with the hidden files that the other has."""
    older = path.with_name(f"{path.name}.old")
    remove(older)
    if path.exists():
        path.rename(older)
    part.rename(path)
    if older.exists():
        for hidden in older.glob(".*"):
            hidden.rename(path / hidden.name)
        remove(older)


def reading(path: Path) -> Files:
    """Yield the name and the content of each file, in order. Raise TransferError at a link."""
    if path.is_dir():
        for place in sorted(path.rglob("*")):
            name = str(place.relative_to(path))
            if place.is_symlink():
                raise TransferError(f"{path} is no export: {name} is a link.")
            if name.startswith(".") or place.is_dir():
                continue
            with place.open("rb") as file:
                yield name, file
        return
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if not isinstance(content, BufferedIOBase):
                raise TransferError(f"{path} is no export: {member.name} is no file.")
            yield member.name, content
            forget_members(archive)


def check(path: Path) -> dict[str, Any]:
    """Read all of an export and return its manifest. Raise TransferError if it is damaged."""
    found, text = {}, b""
    try:
        for name, file in reading(path):
            if name == MANIFEST:
                text = file.read()
            else:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise TransferError(f"{path} is damaged, or no export: {error}.") from error
    try:
        manifest = json.loads(text)
        version, files, seal = manifest["format"], manifest["files"], manifest.pop("seal")
    except (ValueError, KeyError, TypeError) as error:
        problem = f"{path} is no whole export: {MANIFEST} is missing or damaged."
        raise TransferError(problem) from error
    if version > FORMAT:
        raise TransferError(f"{path} was made by a newer Daybook: bring the code up to date.")
    if seal != seal_of(manifest):
        raise TransferError(f"{path} is damaged: {MANIFEST} is not what was written.")
    for name in sorted({*files, *found}):
        if files.get(name) != found.get(name):
            raise TransferError(f"{path} is damaged: {name} is not what was written.")
    return manifest


def seal_of(manifest: dict[str, Any]) -> str:
    """Return the checksum of a manifest."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
