import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])

TARGET = re.compile(r"\bmake ([a-z-]+)")
COMMAND = re.compile(r"manage\.py ([a-z_]+)((?: --[a-z-]+)*)")


def links(document):
    for token in MarkdownIt().parse(document.read_text()):
        for child in token.children or ():
            if address := child.attrGet("href") or child.attrGet("src"):
                yield address


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
class DocumentTests:
    def test_each_file_it_links_to_exists(self, document):
        for target in links(document):
            if not target.startswith(("http:", "https:", "mailto:", "#")):
                assert (document.parent / target.partition("#")[0]).exists(), target

    def test_each_make_target_it_names_exists(self, document):
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        code = "\n".join(re.findall(r"`+[^`]+`+", document.read_text()))
        assert set(TARGET.findall(code)) <= targets

    def test_each_management_command_it_names_exists(self, document):
        for command, _options in COMMAND.findall(document.read_text()):
            assert command in get_commands()
            load_command_class(get_commands()[command], command)


class ReadmeTests:
    def test_each_room_is_named(self):
        rooms = re.findall(r"^\| `(\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
        assert sorted(rooms) == sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))

    def test_each_block_is_named(self):
        from blog.blocks import BodyBlock

        text = (ROOT / "README.md").read_text().lower()
        for block in BodyBlock().child_blocks.values():
            assert str(block.label).lower() in text
