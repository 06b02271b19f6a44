"""Opens what people bring: files, folders, and the archives that they are packed in."""

import contextlib
import gzip
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import ModuleType

from .imported import ArchiveError, Item, Options, Problem
from .readers import blogger, ghost, markdown, medium, plain_text, substack, wordpress

# In the order in which they are asked. The last ones take almost any file.
READERS: tuple[ModuleType, ...] = (
    substack,
    medium,
    wordpress,
    blogger,
    ghost,
    plain_text,
    markdown,
)
FORMATS = {reader.NAME: reader for reader in READERS}
# Files with other endings are pictures and the like, and are not looked into.
TEXTS = {".xml", ".atom", ".rss", ".json", ".txt", ".text", ".csv", "", *markdown.SUFFIXES}
# Languages of text that nobody here reads.
UNREAD = {".rst", ".adoc", ".asciidoc", ".org", ".textile", ".wiki", ".docx", ".odt", ".ipynb"}
HEAD = 64 * 1024
# How many bytes an archive may unpack to.
LARGEST = 50 * 1024**3
MOST_FILES = 500_000


@dataclass
class Archive:
    """An archive of one format. Its items can be read several times."""

    reader: ModuleType
    files: list[Path]
    root: Path
    options: Options
    folders: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)

    def items(self) -> Iterator[Item]:
        for path in self.unread:
            message = f"Nothing here reads {path.suffix}; export it as Markdown or HTML."
            yield Problem(0, message, path.name, is_loss=True)
        yield from self.reader.read(self.files, self.root, self.options)


@contextlib.contextmanager
def opened(
    sources: Sequence[Path], options: Options, name: str = "", folders: Sequence[Path] = ()
) -> Iterator[Archive]:
    """
    Open sources as an archive of the format `name`, or of the one that they look like.

    Raise ArchiveError if they are none.
    """
    with tempfile.TemporaryDirectory(prefix="import-") as temporary:
        roots = []
        for number, source in enumerate(sources):
            if not source.exists():
                raise ArchiveError(f"{source} does not exist.")
            roots.append(_unpacked(source, Path(temporary, str(number))))
        files = [path for root in roots for path in _files(root)]
        heads = {path: _head(path) for path in files if path.suffix.lower() in TEXTS}
        for reader in [FORMATS[name]] if name else READERS:
            found = [path for path, head in heads.items() if reader.claims(path, head)]
            if not found and name:
                found = [root for root in roots if root.is_file()]
            if found:
                root = roots[0] if roots[0].is_dir() else roots[0].parent
                around = [root if root.is_dir() else root.parent for root in roots]
                unread = [path for path in files if path.suffix.lower() in UNREAD]
                unread = unread if reader is markdown else []
                yield Archive(reader, found, root, options, [*folders, *around], unread)
                return
        kinds = ", ".join(FORMATS)
        raise ArchiveError(
            f"{', '.join(map(str, sources))} is no archive that can be read: none of {kinds}."
        )


def _files(root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    return sorted(path for path in root.rglob("*") if path.is_symlink() or path.is_file())


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""


def _unpacked(source: Path, folder: Path) -> Path:
    """Return a source, or what is in it if it is a .zip or .gz."""
    head = _head(source)[:4] if source.is_file() else b""
    try:
        if head.startswith(b"PK\x03\x04"):
            folder.mkdir()
            _unzip(source, folder)
            return folder
        if head.startswith(b"\x1f\x8b"):
            folder.mkdir()
            target = folder / source.name.removesuffix(".gz")
            with gzip.open(source) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file)
            return target
    except (
        zipfile.BadZipFile,
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
        NotImplementedError,
    ) as error:
        raise ArchiveError(f"{source} is damaged and cannot be unpacked: {error}.") from error
    return source


def _unzip(source: Path, folder: Path) -> None:
    with zipfile.ZipFile(source) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST:
            raise ArchiveError(f"{source} unpacks to more than a site could be.")
        for entry in entries:
            path = PurePosixPath(entry.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts:
                raise ArchiveError(f"{source}: “{entry.filename}” leads out of the archive.")
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise ArchiveError(f"{source}: “{entry.filename}” is a link, not a file.")
            if entry.flag_bits & 1:
                raise ArchiveError(f"{source}: “{entry.filename}” is encrypted.")
            archive.extract(entry, folder)
