import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from blog.importers import markdown
from blog.importers.imported import (
    ArchiveError,
    ImportedCorrection,
    ImportedDocument,
    ImportedPhoto,
    PostLink,
    Status,
)

LONDON = ZoneInfo("Europe/London")


def read(text, file="a-post.md", folders=()):
    """The post of a file that can be read without a problem."""
    post, problems = markdown.read_post(text, LONDON, file=file, folders=folders)
    assert not problems
    return post


def refuse(text):
    """The line and the message with which a file is refused."""
    post, problems = markdown.read_post(text, LONDON, file="a-post.md")
    assert post is None
    return problems[-1].line, problems[-1].message


def blocks(text, **options):
    return [
        (block["type"], block["value"])
        for block in read(f"---\ntitle: A title\n---\n\n{text}", **options).body
    ]


class MetadataTests:
    def test_all_of_it_is_read(self):
        post = read(
            "---\n"
            'title: "One: the kettle"\n'
            "slug: the-kettle\n"
            "date: 2014-10-18 09:10\n"
            "introduction: On tea.\n"
            "authors: [ada, Bo Berg]\n"
            "tags: [Tea, Money]\n"
            "series: kettles\n"
            "status: scheduled\n"
            "go_live_at: 2030-01-02 08:00\n"
            "---\n\nText.\n"
        )
        assert (post.title, post.slug, post.source_id) == (
            "One: the kettle",
            "the-kettle",
            "markdown:the-kettle",
        )
        assert post.published_at == dt.datetime(2014, 10, 18, 9, 10, tzinfo=LONDON)
        assert post.introduction == "On tea."
        assert post.authors == ("ada", "Bo Berg")
        assert post.tags == ("Tea", "Money")
        assert post.series == "kettles"
        assert post.status is Status.SCHEDULED
        assert post.go_live_at == dt.datetime(2030, 1, 2, 8, tzinfo=LONDON)

    def test_a_title_alone_is_enough(self):
        post = read("---\ntitle: Tea\n---\nText.")
        assert (post.slug, post.status, post.published_at) == ("a-post", Status.LIVE, None)

    def test_a_file_without_metadata_has_its_title_and_date_elsewhere(self):
        post = read("# On tea\n\nText.\n", file="2014-10-18-tea.md")
        assert (post.title, post.slug) == ("On tea", "tea")
        assert post.published_at == dt.datetime(2014, 10, 18, 12, tzinfo=LONDON)
        assert [block["type"] for block in post.body] == ["paragraph"]

    def test_values_stay_as_they_are_written(self):
        post = read("---\ntitle: 2014\ntags: [yes, 007]\n---\nText.")
        assert (post.title, post.tags) == ("2014", ("yes", "007"))

    @pytest.mark.parametrize(
        "date",
        [
            "2014-10-18T09:10:00Z",
            "2014-10-18 10:10:00 +0100",
            "2014-10-18 10:10",
            "20141018T101000",
        ],
    )
    def test_moments_are_read_as_other_programs_write_them(self, date):
        post = read(f"---\ntitle: Tea\ndate: {date}\n---\nText.")
        assert post.published_at == dt.datetime(2014, 10, 18, 9, 10, tzinfo=dt.UTC)

    @pytest.mark.parametrize("key", ["draft: true", "published: false", "status: draft"])
    def test_drafts_are_drafts(self, key):
        assert read(f"---\ntitle: Tea\n{key}\n---\nText.").status is Status.DRAFT

    @pytest.mark.parametrize(
        ("text", "line", "message"),
        [
            ("Text only.", 1, "no title"),
            ("---\ntitle: Tea\nText.", 1, "do not end"),
            ("---\ntitle: One: the kettle\n---\nText.", 2, "cannot be read"),
            ("---\ntitle: Tea\ndate: Friday\n---\nText.", 3, "is no date"),
            ("---\ntitle: Tea\ndate: 0001-01-01\n---\nText.", 3, "between 1000 and 2999"),
            ("---\ntitle: Tea\nstatus: ready\n---\nText.", 3, "is none of live, draft"),
            ("---\ntitle: Tea\nstatus: scheduled\n---\nText.", 3, "needs “go_live_at”"),
            ("---\ntitle: [a, b]\n---\nText.", 2, "should be one value"),
            ("---\n- title\n---\nText.", 2, "key: value"),
            ("+++\ntitle = 'Tea'\n+++\nText.", 1, "YAML"),
            ("---\ntitle: Tea\n---\n\x07", 4, "U+0007"),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_its_line(self, text, line, message):
        found, said = refuse(text)
        assert found == line
        assert message in said

    def test_what_was_changed_since_is_read(self):
        post = read(
            "---\n"
            "title: A title\n"
            "updated: 2014-11-02 08:00\n"
            "gone: true\n"
            "corrections:\n"
            "  - date: 2014-11-02\n"
            "    text: It said *seven*; it was [eight](https://example.org/).\n"
            "---\n\nText.\n"
        )
        assert post.updated_at == dt.datetime(2014, 11, 2, 8, tzinfo=LONDON)
        assert post.gone
        text = '<p>It said <i>seven</i>; it was <a href="https://example.org/">eight</a>.</p>'
        assert post.corrections == (ImportedCorrection(dt.date(2014, 11, 2), text),)

    @pytest.mark.parametrize("note", ["text: No day.", "date: 2014-11-02", "date: x\n    text: y"])
    def test_a_correction_without_its_day_or_its_words_is_refused(self, note):
        line, _message = refuse(f"---\ntitle: A title\ncorrections:\n  - {note}\n---\n\nText.\n")
        assert line == 3

    def test_a_key_that_means_nothing_is_reported(self):
        post, problems = markdown.read_post("---\ntitle: Tea\nmood: good\n---\nText.", LONDON)
        assert post
        assert [(problem.line, "mood" in problem.message) for problem in problems] == [(3, True)]


class TextTests:
    def test_paragraphs_and_lists_that_stand_together_are_one_block(self):
        assert blocks(
            "One **bold** and *slanted*\nword.\n\n- a\n- b\n  1. c\n\n~~Out~~ `x < y`."
        ) == [
            (
                "paragraph",
                "<p>One <b>bold</b> and <i>slanted</i> word.</p>"
                "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>"
                "<p><s>Out</s> <code>x &lt; y</code>.</p>",
            )
        ]

    def test_links_lead_to_safe_places_only(self):
        assert blocks("[Here](https://example.org/?a=1&b=2) [x](javascript:x())") == [
            (
                "paragraph",
                '<p><a href="https://example.org/?a=1&amp;b=2">Here</a> [x](javascript:x())</p>',
            )
        ]

    def test_headings_have_two_levels(self):
        found = blocks("## One\n\n### Two\n\n#### Three")
        assert [(value["text"], value["level"]) for _type, value in found] == [
            ("One", "2"),
            ("Two", "3"),
            ("Three", "3"),
        ]

    @pytest.mark.parametrize(
        ("written", "source", "url"),
        [
            ("> Tea.\n>\n> — Ada", "Ada", ""),
            ("> Tea.\n> — Ada", "Ada", ""),
            ("> Tea.\n>\n> — [Ada](https://example.org/)", "Ada", "https://example.org/"),
            ("> Tea.", "", ""),
        ],
    )
    def test_a_quotation_has_its_source(self, written, source, url):
        assert blocks(written) == [("quote", {"text": "<p>Tea.</p>", "source": source, "url": url})]

    def test_code_keeps_every_space_and_has_a_known_language(self):
        assert blocks("```py\ndef a():\n    return '<b>'\n```\n\n```klingon\nQapla\n```") == [
            ("code", {"language": "python", "code": "def a():\n    return '<b>'", "caption": ""}),
            ("code", {"language": "text", "code": "Qapla", "caption": ""}),
        ]

    @pytest.mark.parametrize("written", ["{table}\nTable: Cups", "Table: Cups\n\n{table}"])
    def test_a_table_has_columns_of_text_figures_and_rich_text(self, written):
        table = "| Who | Cups | Why |\n|---|---:|---|\n| Ada | 12 | *thirst* |\n| Bo | 3 | |\n\n"
        ((kind, value),) = blocks(written.format(table=table))
        assert kind == "table"
        assert value["caption"] == "Cups"
        assert value["columns"] == [
            {"type": "text", "heading": "Who"},
            {"type": "number", "heading": "Cups"},
            {"type": "rich_text", "heading": "Why"},
        ]
        assert value["rows"] == [
            {"values": ["Ada", "12", "<p><i>thirst</i></p>"]},
            {"values": ["Bo", "3", ""]},
        ]

    def test_a_rule_is_a_divider(self):
        assert [kind for kind, _value in blocks("One.\n\n---\n\nTwo.")] == [
            "paragraph",
            "divider",
            "paragraph",
        ]

    def test_a_picture_alone_is_a_photo(self, tmp_path):
        (tmp_path / "a cup.png").write_bytes(b"")
        ((kind, value),) = blocks('![A cup](a%20cup.png "On a desk")', folders=[tmp_path])
        assert kind == "photo"
        assert value == {
            "image": {
                "image": ImportedPhoto("a cup.png", tmp_path / "a cup.png", "A cup"),
                "alt_text": "A cup",
                "decorative": False,
            },
            "caption": "On a desk",
        }

    def test_a_picture_without_a_description_is_decorative(self):
        ((_kind, value),) = blocks("![](cup.png)")
        assert value["image"]["decorative"] is True

    def test_files_outside_the_folders_are_not_taken(self, tmp_path):
        (tmp_path / "secret.png").write_bytes(b"")
        (tmp_path / "posts").mkdir()
        ((_kind, value),) = blocks("![Cup](../secret.png)", folders=[tmp_path / "posts"])
        assert value["image"]["image"].path is None

    def test_a_symbolic_link_does_not_lead_out_of_the_folders(self, tmp_path):
        (tmp_path / "secret.png").write_bytes(b"")
        (tmp_path / "posts").mkdir()
        (tmp_path / "posts" / "inside.png").write_bytes(b"")
        for name, target in {
            "out.png": tmp_path / "secret.png",
            "up": tmp_path,
            "circle.png": "circle.png",
            "in.png": "inside.png",
        }.items():
            (tmp_path / "posts" / name).symlink_to(target)
        for name, taken in {
            "out.png": False,
            "up/secret.png": False,
            "circle.png": False,
            "in.png": True,
        }.items():
            ((_kind, value),) = blocks(f"![Cup]({name})", folders=[tmp_path / "posts"])
            assert (value["image"]["image"].path is not None) is taken, name

    @pytest.mark.parametrize("name", ["a" * 300 + ".png", "%00.png", "a/" * 3000 + "b.png"])
    def test_a_name_that_no_file_can_have_is_not_found(self, name, tmp_path):
        ((_kind, value),) = blocks(f"![Cup]({name})", folders=[tmp_path])
        assert value["image"]["image"].path is None

    def test_notes_are_numbered_in_the_order_in_which_they_are_named(self):
        written = (
            "Tea[^cups] and milk[^2], again tea[^cups].^[Said *twice*.]\n\n"
            "[^2]: Whole.\n\n[^cups]: Two [cups](https://example.org/).\n"
        )
        assert blocks(written) == [
            ("paragraph", "<p>Tea[^1] and milk[^2], again tea[^1].[^3]</p>"),
            (
                "notes",
                [
                    '<p>Two <a href="https://example.org/">cups</a>.</p>',
                    "<p>Whole.</p>",
                    "<p>Said <i>twice</i>.</p>",
                ],
            ),
        ]

    def test_a_note_that_nothing_names_is_reported(self):
        text = "---\ntitle: A title\n---\n\nTea.\n\n[^cups]: Two.\n"
        _post, problems = markdown.read_post(text, LONDON)
        assert [problem.line for problem in problems] == [7]
        assert "[^cups]" in problems[0].message

    def test_html_keeps_what_is_styled_and_the_rest_is_reported(self):
        text = "# Tea\n\nH<sub>2</sub>O\n\n<marquee onclick=x()>Run</marquee><script>x()</script>\n"
        post, problems = markdown.read_post(text, LONDON)
        assert post.body[0]["value"] == "<p>H<sub>2</sub>O</p><p>Run</p>"
        assert [problem.line for problem in problems] == [5, 5]

    def test_a_picture_on_the_web_becomes_a_link_and_is_reported(self):
        text = "# Tea\n\n![A cup](https://example.org/cup.png)\n"
        post, problems = markdown.read_post(text, LONDON)
        assert post.body[0]["value"] == '<p><a href="https://example.org/cup.png">A cup</a></p>'
        assert [problem.line for problem in problems] == [3]


class FenceTests:
    def test_a_call_out(self):
        assert blocks('::: callout kind=key title="In short"\nMore *tea*.\n:::') == [
            ("callout", {"kind": "key", "title": "In short", "text": "<p>More <i>tea</i>.</p>"})
        ]

    def test_a_gallery(self):
        ((kind, value),) = blocks('::: gallery title="Cups"\n![A](a.png "First")\n![B](b.png)\n:::')
        assert (kind, value["title"]) == ("gallery", "Cups")
        assert [photo["caption"] for photo in value["photos"]] == ["First", ""]
        assert [photo["image"]["image"].name for photo in value["photos"]] == ["a.png", "b.png"]

    def test_an_embed(self):
        url = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"
        assert blocks(f"::: embed url={url} title='A film'\n:::") == [
            ("embed", {"embed": url, "title": "A film", "caption": ""})
        ]

    def test_a_document(self):
        ((kind, value),) = blocks('::: document file=cups.csv title="All cups"\n:::')
        assert (kind, value["title"]) == ("document", "All cups")
        assert value["document"] == ImportedDocument("cups.csv", None, "All cups")

    def test_related_posts(self):
        assert blocks('::: related title="Next"\n- one\n- two\n:::') == [
            ("related", {"title": "Next", "posts": [PostLink("one"), PostLink("two")]})
        ]

    @pytest.mark.parametrize(
        ("written", "message"),
        [
            ("::: callout\nText.", "not closed"),
            ("::: shout\nText.\n:::", "is none of"),
            ("::: callout kind=loud\nText.\n:::", "kind=loud"),
            ("::: callout kind key\nText.\n:::", "not of the form"),
            ("::: callout\n## A heading\n:::", "paragraphs and lists only"),
            ("::: gallery\nText.\n:::", "pictures only"),
            ("::: embed title=Film\n:::", "needs url"),
            ("::: document file=a.csv\nText.\n:::", "Nothing stands within"),
            ("::: related\nText.\n:::", "one list"),
            ("> ::: callout\n> Text.\n> :::", "within a list or a quotation"),
        ],
    )
    def test_a_fence_that_cannot_be_read_is_refused_with_its_line(self, written, message):
        line, said = refuse(f"---\ntitle: Tea\n---\n\nText.\n\n{written}\n")
        assert line in {7, 8}
        assert message in said


class FolderTests:
    def test_every_markdown_file_is_a_post(self, tmp_path):
        (tmp_path / "2014").mkdir()
        (tmp_path / "2014" / "b.markdown").write_text("# B\n\nText.")
        (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf# A\r\n\r\nText.")
        (tmp_path / "notes.txt").write_text("No post.")
        archive = markdown.read(tmp_path, LONDON)
        assert sorted((post.title, post.file) for post in archive.posts) == [
            ("A", "a.md"),
            ("B", "2014/b.markdown"),
        ]

    def test_one_bad_file_does_not_stop_the_others(self, tmp_path):
        (tmp_path / "a.md").write_text("# A\n\nText.")
        (tmp_path / "b.md").write_bytes(b"# \xa3")
        (tmp_path / "c.md").write_text("No title.")
        (tmp_path / "d.md").write_text("---\ntitle: D\nslug: a\n---\nText.")
        archive = markdown.read(tmp_path, LONDON)
        assert [post.title for post in archive.posts] == ["A"]
        assert [problem.file for problem in archive.problems] == ["b.md", "c.md", "d.md"]

    def test_what_is_no_file_of_the_folder_is_not_read(self, tmp_path):
        folder = tmp_path / "posts"
        (folder / "drafts.md").mkdir(parents=True)
        (folder / "drafts.md" / "a.md").write_text("# A\n\nText.")
        (tmp_path / "secret.md").write_text("# Secret\n\nText.")
        (folder / "b.md").symlink_to(tmp_path / "secret.md")
        (folder / "c.md").symlink_to("c.md")
        (folder / "d.md").symlink_to(tmp_path / "nowhere.md")
        (folder / "e").symlink_to(tmp_path)
        archive = markdown.read(folder, LONDON)
        assert [post.title for post in archive.posts] == ["A"]
        assert {problem.file for problem in archive.problems} >= {"b.md", "c.md", "d.md"}

    def test_a_folder_without_posts_is_refused(self, tmp_path):
        with pytest.raises(ArchiveError, match="no file that ends in"):
            markdown.read(tmp_path, LONDON)
        with pytest.raises(ArchiveError, match="is no folder"):
            markdown.read(tmp_path / "nowhere", LONDON)
