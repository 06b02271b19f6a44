"""What a whole archive has, read once before anything is written."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from .addresses import host_of, key_of
from .imported import Attachment, ImportedPost, LeftOut, Problem, Subject
from .sources import Archive


@dataclass(frozen=True)
class Known:
    """What has to be known of a post before its turn: enough to make its page."""

    title: str
    slug: str
    is_page: bool


@dataclass
class Survey:
    """The posts by their source ids, and what they refer to. Everything here is small."""

    posts: dict[str, Known] = field(default_factory=dict)
    # Old addresses, and names of files, by which posts link to each other.
    addresses: dict[str, str] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    # The slugs of tags and authors, by their names.
    slugs: dict[str, str] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    children: dict[str, list[Attachment]] = field(default_factory=lambda: defaultdict(list))
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def source_of(self, address: str) -> str:
        """Return the source id of the post at an old address, or an empty string."""
        if address.endswith((".md", ".markdown")) and "://" not in address:
            return self.addresses.get(
                f"/post_url/{address.rpartition('/')[2].rpartition('.')[0]}", ""
            )
        host = host_of(address)
        is_known = host in self.hosts or (not self.hosts and host.endswith(".blogspot.com"))
        if host and not is_known:
            return ""
        return self.addresses.get(key_of(address.partition("#")[0]), "")


def take(archive: Archive) -> Survey:
    """Read an archive and return what it has. Raise ArchiveError if it cannot be read whole."""
    survey = Survey()
    if host := host_of(archive.options.old_site):
        survey.hosts.add(host)
    for item in archive.items():
        match item:
            case ImportedPost():
                survey.posts[item.source_id] = Known(item.title, item.slug, item.is_page)
                names = [f"/post_url/{item.file.rpartition('/')[2].rpartition('.')[0]}"]
                for address in [*item.addresses, *(names if item.folder else [])]:
                    if key := key_of(address):
                        survey.addresses.setdefault(key, item.source_id)
                    if host := host_of(address):
                        survey.hosts.add(host)
            case Attachment():
                survey.attachments[item.id] = item
                if item.parent:
                    survey.children[item.parent].append(item)
            case Subject():
                survey.slugs.setdefault(item.name, item.slug)
            case LeftOut():
                survey.left_out[item.kind] += 1
            case Problem():
                survey.problems.append(item)
    return survey
