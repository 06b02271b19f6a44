"""
The project's own exam over the demo's posts: twelve queries of each kind, judged by hand.

Ten kinds mostly have one good answer; the eleventh, "several", has up to five, of several grades.
Four more, of fifteen queries, were drawn from the posts' words: joined, split, with two typos, and
spelt as in America. The search knows the synonyms that the demo's editors gave.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import frontmatter

from tests.search.exam.files import Exam, ExamDocument, document_of, read

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "home" / "demo"
QUERIES = Path(__file__).with_name("queries.jsonl")


def demo_documents() -> Iterator[ExamDocument]:
    """Read the demo's public posts with a fixed date."""
    for path in sorted((DEMO / "posts").glob("2*.md")):
        post = frontmatter.load(str(path))
        yield document_of(
            {
                "id": post["slug"],
                "title": post["title"],
                "text": f"{post.get('introduction', '')}\n{post.content}",
                "author": " and ".join(post.get("authors", [])).replace("-", " ").title(),
                "tags": post.get("tags", []),
                "date": f"{post['date']}",
            }
        )


def demo_exam() -> Exam:
    site = tomllib.loads((DEMO / "site.toml").read_text(encoding="utf-8"))
    return Exam(
        documents=list(demo_documents()),
        queries=read([QUERIES]).queries,
        synonyms=site["search"]["synonyms"],
    )
