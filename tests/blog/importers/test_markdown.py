import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from blog.importers import body, pictures
from blog.importers.imported import ImportedCorrection, Options, Problem, Status
from blog.importers.readers import markdown

LONDON = ZoneInfo("Europe/London")


class Everything(pictures.Library):
    """A library that has whatever is asked for."""

    def photo(self, picture):
        return picture.addresses[0]

    def document(self, address, title):
        return address

    def post(self, slug):
        return slug


def read(text, file="a-post.md"):
    """The post of a file that can be read without a problem."""
    post, problems = markdown.read_post(text, LONDON, file=file)
    assert not problems
    return post


def problem(text, file="a-post.md"):
    """The post of a file with a problem, and the line and message of the last."""
    post, problems = markdown.read_post(text, LONDON, file=file)
    return post, problems[-1].line, problems[-1].message


def blocks(text):
    found = body.read(read(f"---\ntitle: A title\n---\n\n{text}").html, Everything())
    assert not found.losses
    return [(block["type"], block["value"]) for block in found.blocks]


def items(folder):
    files = sorted(path for path in folder.rglob("*") if path.suffix in markdown.SUFFIXES)
    found = list(markdown.read(files, folder, Options(LONDON)))
    posts = [item for item in found if hasattr(item, "html")]
    return posts, [item for item in found if isinstance(item, Problem)]


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
        assert post.html.strip() == "<p>Text.</p>"

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
            *("2014/10/18 10:10", "18 October 2014 10:10", "October 18, 2014 10:10 am"),
            *("2014-10-18 09:10 UTC", "Sat, 18 Oct 2014 09:10:00 +0000", "18 Oct 2014 9:10 GMT"),
        ],
    )
    def test_moments_are_read_as_other_programs_write_them(self, date):
        post = read(f"---\ntitle: Tea\ndate: {date}\n---\nText.")
        assert post.published_at == dt.datetime(2014, 10, 18, 9, 10, tzinfo=dt.UTC)

    @pytest.mark.parametrize("date", ["2014-1-5", "2014/01/05", "5 January 2014", "Jan 5, 2014"])
    def test_a_day_alone_means_noon(self, date):
        post = read(f"---\ntitle: Tea\ndate: {date}\n---\nText.")
        assert post.published_at == dt.datetime(2014, 1, 5, 12, tzinfo=LONDON)

    @pytest.mark.parametrize(
        "written",
        [
            *("draft: true", "draft: yes", "draft: 1", "Draft: True", "draft: on"),
            *("published: false", "published: no", "publish: off", "status: draft"),
            *("status: hidden", "status: Pending", "private: true", "visibility: members"),
        ],
    )
    def test_what_its_writer_held_back_is_a_draft_in_every_spelling(self, written):
        for text in (f"---\ntitle: Tea\n{written}\n---\nText.", f"Title: Tea\n{written}\n\nText."):
            post, _problems = markdown.read_post(text, LONDON)
            assert post.status is Status.DRAFT

    def test_a_folder_of_drafts_has_drafts(self):
        assert read("---\ntitle: Tea\n---\nText.", "_drafts/tea.md").status is Status.DRAFT

    @pytest.mark.parametrize("written", ["draft: false", "draft: no", "published: true"])
    def test_what_was_published_is_published(self, written):
        assert read(f"---\ntitle: Tea\n{written}\n---\nText.").status is Status.LIVE

    @pytest.mark.parametrize(
        ("text", "line", "message"),
        [
            ("---\ntitle: Tea\nText.", 1, "do not end"),
            ("+++\ntitle = Tea\n+++\nText.", 2, "no TOML"),
            ("---\n- title\n---\nText.", 2, "key: value"),
            ("---\ntitle: Tea\n---\n\x07", 4, "U+0007"),
            ("# Tea\n\n<<<<<<< HEAD\nOne\n=======\nTwo\n>>>>>>> b\n", 3, "conflict marker"),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_its_line(self, text, line, message):
        post, found, said = problem(text)
        assert post is None
        assert found == line
        assert message in said

    @pytest.mark.parametrize(
        ("text", "line", "message"),
        [
            ("Text only.", 1, "no title"),
            ("---\ntitle: One: the kettle\n---\nText.", 2, "line by line"),
            ("---\ntitle: Tea\ndate: Friday\n---\nText.", 3, "is no date"),
            ("---\ntitle: Tea\ndate: 0001-01-01\n---\nText.", 3, "is no date"),
            ("---\ntitle: Tea\nstatus: ready\n---\nText.", 3, "is a draft"),
            ("---\ntitle: Tea\nstatus: scheduled\n---\nText.", 3, "needs “go_live_at”"),
        ],
    )
    def test_what_is_unclear_is_a_message_and_loses_no_post(self, text, line, message):
        post, found, said = problem(text)
        assert "Text" in post.html
        assert found == line
        assert message in said
        if "title" not in said and "line by line" not in said:
            assert post.status is Status.DRAFT

    def test_toml_and_bare_lines_are_read_as_well(self):
        toml = read(
            "+++\ntitle = 'Tea'\ndate = 2014-10-18T09:10:00Z\ndraft = true\ntags = ['a b']\n+++\nT."
        )
        assert (toml.title, toml.tags, toml.status) == ("Tea", ("a b",), Status.DRAFT)
        bare = read("Title: Tea\nDate: 2014-10-18 10:10\nTags: sea salt, tea\n\nText.")
        assert (bare.title, bare.tags, bare.published_at) == (
            "Tea",
            ("sea salt", "tea"),
            toml.published_at,
        )

    def test_tags_have_commas_or_as_in_jekyll_spaces(self):
        assert read("---\ntitle: Tea\ntags: sea salt\n---\nT.").tags == ("sea", "salt")
        assert read("---\ntitle: Tea\ntags: sea salt, tea\n---\nT.").tags == ("sea salt", "tea")

    def test_old_addresses_are_kept(self):
        text = "---\ntitle: Tea\naliases: [/a/, /b]\npermalink: /c/\n---\nText."
        assert read(text).addresses == ("/a/", "/b", "/c/")

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
        text = '<p>It said <em>seven</em>; it was <a href="https://example.org/">eight</a>.</p>\n'
        assert post.corrections == (ImportedCorrection(dt.date(2014, 11, 2), text),)

    @pytest.mark.parametrize("note", ["text: No day.", "date: 2014-11-02", "date: x\n    text: y"])
    def test_a_correction_without_its_day_or_its_words_is_refused(self, note):
        _post, line, _message = problem(
            f"---\ntitle: A title\ncorrections:\n  - {note}\n---\n\nText.\n"
        )
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

    def test_a_picture_alone_is_a_photo(self):
        ((kind, value),) = blocks('![A cup](a%20cup.png "On a desk")')
        assert kind == "photo"
        assert value == pictures.photo_value("a%20cup.png", "A cup", "On a desk")

    def test_a_picture_without_a_description_is_decorative(self):
        ((_kind, value),) = blocks("![](cup.png)")
        assert value["image"]["decorative"] is True

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

    def test_a_note_that_nothing_names_is_at_the_end_and_reported(self):
        post = read("---\ntitle: A title\n---\n\nTea.\n\n[^cups]: Two.\n")
        assert "<x-note><p>Two.</p>" in post.html
        assert "[^cups]" in post.losses[0]

    def test_html_keeps_what_is_styled_and_the_rest_is_reported(self):
        text = "# Tea\n\nH<sub>2</sub>O\n\n<marquee onclick=x()>Run</marquee><script>x()</script>\n"
        found = body.read(read(text).html)
        assert found.blocks[0]["value"] == "<p>H<sub>2</sub>O</p><p>Run</p>"
        assert len(found.losses) == 2

    def test_liquid_and_shortcodes_become_what_they_mean(self):
        text = (
            "{% highlight py %}\nx = '{{ y }}'\n{% endhighlight %}\n\n"
            '{{< figure src="/cup.png" caption="On a desk" >}}\n\n'
            "[Next]({% post_url 2014-01-05-tea %}) ![A]({{ site.baseurl }}/a.png)\n\n"
            "`{% raw %}` stays.\n"
        )
        found = blocks(text)
        assert found[0] == ("code", {"language": "python", "code": "x = '{{ y }}'", "caption": ""})
        assert found[1][1]["caption"] == "On a desk"
        assert '<a href="/post_url/2014-01-05-tea">Next</a>' in found[2][1]
        assert found[3][1]["image"]["image"] == "/a.png"
        assert "{% raw %}" in found[4][1]

    def test_what_has_no_meaning_here_is_left_out_and_reported(self):
        post = read("# Tea\n\nOne {% include ad.html %} two {{ page.mood }}\n")
        assert "{" not in post.html
        assert len(post.losses) == 2

    def test_code_in_a_list_stays_code_and_a_list_keeps_its_number(self):
        found = blocks("3. a\n\n       x = 1\n\n4. b\n")
        assert [kind for kind, _value in found] == ["paragraph", "code", "paragraph"]
        assert found[0][1] == '<ol start="3"><li>a</li></ol>'
        assert found[2][1] == '<ol start="4"><li>b</li></ol>'


class FenceTests:
    def test_a_call_out(self):
        assert blocks('::: callout kind=key title="In short"\nMore *tea*.\n:::') == [
            ("callout", {"kind": "key", "title": "In short", "text": "<p>More <i>tea</i>.</p>"})
        ]

    def test_a_gallery(self):
        ((kind, value),) = blocks('::: gallery title="Cups"\n![A](a.png "First")\n![B](b.png)\n:::')
        assert (kind, value["title"]) == ("gallery", "Cups")
        assert [photo["caption"] for photo in value["photos"]] == ["First", ""]
        assert [photo["image"]["image"] for photo in value["photos"]] == ["a.png", "b.png"]

    def test_an_embed(self):
        url = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"
        assert blocks(f"::: embed url={url} title='A film'\n:::") == [
            ("embed", {"embed": url, "title": "A film", "caption": ""})
        ]

    def test_a_document(self):
        ((kind, value),) = blocks('::: document file=cups.csv title="All cups"\n:::')
        assert (kind, value) == ("document", {"title": "All cups", "document": "cups.csv"})

    def test_related_posts(self):
        assert blocks('::: related title="Next"\n- one\n- two\n:::') == [
            ("related", {"title": "Next", "posts": ["one", "two"]})
        ]

    @pytest.mark.parametrize(
        ("written", "message"),
        [
            ("::: shout\nText.\n:::", "is none of"),
            ("::: callout kind key\nText.\n:::", "not of the form"),
            ("::: embed title=Film\nText.\n:::", "needs url"),
        ],
    )
    def test_a_fence_that_cannot_be_read_is_reported_and_its_text_stays(self, written, message):
        post, line, said = problem(f"---\ntitle: Tea\n---\n\nOne.\n\n{written}\n")
        assert line == 7
        assert message in said
        assert "Text." in post.html

    def test_a_call_out_of_more_than_paragraphs_falls_apart_and_says_so(self):
        found = body.read(read("# Tea\n\n::: callout\n## Head\n\nText.\n:::").html)
        assert [block["type"] for block in found.blocks] == ["heading", "paragraph"]
        assert found.losses


class FolderTests:
    def test_every_markdown_file_is_a_post(self, tmp_path):
        (tmp_path / "2014").mkdir()
        (tmp_path / "2014" / "b.markdown").write_text("# B\n\nText.")
        (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf# A\r\n\r\nText.")
        (tmp_path / "c.html").write_text("---\ntitle: C\n---\n<p>Text.</p>")
        posts, _problems = items(tmp_path)
        assert sorted((post.title, post.file) for post in posts) == [
            ("A", "a.md"),
            ("B", "2014/b.markdown"),
            ("C", "c.html"),
        ]

    def test_one_bad_file_does_not_stop_the_others(self, tmp_path):
        (tmp_path / "a.md").write_text("# A\n\nText.")
        (tmp_path / "b.md").write_bytes(b"# \xa3\n\nText.")
        (tmp_path / "c.md").write_text("---\ntitle: C\n")
        posts, problems = items(tmp_path)
        assert [post.title for post in posts] == ["A", "£"]
        assert [(problem.file, problem.is_loss) for problem in problems] == [
            ("b.md", False),
            ("c.md", True),
        ]

    def test_the_same_slug_in_two_years_makes_two_posts(self, tmp_path):
        for name in ("2013-01-05-tea.md", "2014-1-5-tea.md", "bundle/index.md"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("# Tea\n\nText.")
        posts, _problems = items(tmp_path)
        assert [post.slug for post in posts] == ["tea", "tea", "bundle"]
        assert len({post.source_id for post in posts}) == 3
        assert posts[1].published_at == dt.datetime(2014, 1, 5, 12, tzinfo=LONDON)

    def test_what_belongs_to_jekyll_is_no_post(self, tmp_path):
        for name, text in {
            "_posts/2014-01-05-tea.md": "---\ntitle: Tea\n---\nText.",
            "_layouts/post.html": "{{ content }}",
            "about.md": "---\ntitle: About\n---\nText.",
            "README.md": "# A blog",
            "_site/2014/tea.html": "<p>Text</p>",
        }.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        posts, problems = items(tmp_path)
        assert [(post.title, post.is_page) for post in posts] == [("Tea", False), ("About", True)]
        assert not problems

    def test_what_is_no_file_of_the_folder_is_not_read(self, tmp_path):
        folder = tmp_path / "posts"
        folder.mkdir()
        (tmp_path / "secret.md").write_text("# Secret\n\nText.")
        (folder / "a.md").write_text("# A\n\nText.")
        (folder / "b.md").symlink_to(tmp_path / "secret.md")
        (folder / "c.md").symlink_to("c.md")
        (folder / "d.md").symlink_to(tmp_path / "nowhere.md")
        posts, problems = items(folder)
        assert [post.title for post in posts] == ["A"]
        assert {problem.file for problem in problems} >= {"b.md", "c.md", "d.md"}
