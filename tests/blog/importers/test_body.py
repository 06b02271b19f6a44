import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.importers import body
from blog.importers.imported import ImportedPhoto


def find_photo(source, description):
    return None if source.startswith("https:") else ImportedPhoto(source)


def read(source):
    return [(block["type"], block["value"]) for block in body.read(source, find_photo).blocks]


class BodyTests:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("Loose words", "<p>Loose words</p>"),
            ("<div><div>Deep <span>words</span></div></div>", "<p>Deep words</p>"),
            ("<p>One<br>two</p>", "<p>One<br/>two</p>"),
            (
                "<p><strong>B</strong> <em>I</em> <del>S</del></p>",
                "<p><b>B</b> <i>I</i> <s>S</s></p>",
            ),
            ("<p>£3 &amp; “more”  &lt;b&gt;…</p>", "<p>£3 &amp; “more”  &lt;b&gt;…</p>"),
            ("<ul><li><p>One</p><p>two</p></li></ul>", "<ul><li>One<br/>two</li></ul>"),
            ('<p style="color:red" onclick="x()">Red</p>', "<p>Red</p>"),
            ('<a href="javascript:x()">Click</a>', "<p>Click</p>"),
            ("<script>x()</script><style>p{}</style><!-- no -->Words", "<p>Words</p>"),
            ("<p> </p><p></p>Words", "<p>Words</p>"),
        ],
    )
    def test_rich_text_is_what_the_editor_would_store(self, source, expected):
        assert read(source) == [("paragraph", expected)]

    def test_blocks_keep_their_order(self):
        source = (
            "<h1>One</h1>text<blockquote>Said</blockquote><hr>"
            '<figure><img src="a.png" alt="A"><figcaption>Cap</figcaption></figure>'
            '<pre><code class="language-python">x = 1\n</code></pre>'
            "<table><tr><td>1</td></tr></table>"
            '<iframe src="//www.youtube.com/embed/aqz-KE-bpKQ" title="Film"></iframe>'
        )
        found = read(source)
        assert [kind for kind, _value in found] == [
            *("heading", "paragraph", "quote", "divider"),
            *("photo", "code", "table", "embed"),
        ]
        values = dict(found)
        assert values["photo"]["caption"] == "Cap"
        assert values["code"] == {"language": "python", "code": "x = 1", "caption": ""}
        assert values["embed"]["embed"] == "https://www.youtube.com/embed/aqz-KE-bpKQ"

    def test_a_picture_within_a_paragraph_stands_after_it(self):
        found = body.read('<p>Before <img src="a.png" alt="A"> after</p>', find_photo)
        assert [block["type"] for block in found.blocks] == ["paragraph", "photo"]
        assert found.losses

    def test_a_picture_or_film_that_cannot_be_had_leaves_a_link(self):
        source = '<img src="https://example.org/a.png"><iframe src="https://example.org/"></iframe>'
        found = body.read(source, find_photo)
        assert found.blocks[0]["value"] == (
            '<p><a href="https://example.org/a.png">https://example.org/a.png</a></p>'
            '<p><a href="https://example.org/">example.org</a></p>'
        )
        assert len(found.losses) == 2

    def test_rows_of_unequal_length_make_a_whole_table(self):
        ((_kind, value),) = read("<table><tr><th>A</th></tr><tr><td>1</td><td>2</td></tr></table>")
        assert [column["heading"] for column in value["columns"]] == ["A", ""]
        assert value["rows"] == [{"values": ["1", "2"]}]


TAGS = st.sampled_from(sorted(body.KNOWN | {"script", "font"}))


@settings(deadline=None)
@given(st.lists(st.tuples(TAGS, st.booleans(), st.sampled_from(["", "a", " — b ", "\n"]))))
def test_no_tangle_of_tags_makes_it_stumble_or_lets_a_script_through(parts):
    source = "".join(f"<{'/' if close else ''}{tag}>{text}" for tag, close, text in parts)
    assert "<script" not in str(body.read(source, find_photo).blocks)
