"""Bodies from elsewhere become blocks of ours, with every word in its place."""

import html
import re

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.blocks import BodyBlock
from blog.importers import body, pictures, receipt
from blog.importers.rich_text import KNOWN_INLINE

pytestmark = pytest.mark.once


class SomePhotos(pictures.Library):
    """A library that lacks the pictures whose name begins with no."""

    def photo(self, picture):
        return None if picture.addresses[0].startswith("no") else picture.addresses[0]


def read(source):
    found = body.read(source, SomePhotos()).blocks
    return [(block["type"], block["value"]) for block in found]


class ParagraphTests:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("Loose words", "<p>Loose words</p>"),
            ("<div><div>Deep <span>words</span></div></div>", "<p>Deep words</p>"),
            ("<p>One<br>two</p>", "<p>One<br/>two</p>"),
            ("one<br /><br />two<div><br></div>three", "<p>one</p><p>two</p><p>three</p>"),
            (
                "<p><strong>B</strong> <em>I</em> <del>S</del></p>",
                "<p><b>B</b> <i>I</i> <s>S</s></p>",
            ),
            ('<span style="font-weight:700">x</span>', "<p><b>x</b></p>"),
            ("<b><p>x</p></b>", "<p><b>x</b></p>"),
            ("<p>£3 &amp; “more”  &lt;b&gt;…</p>", "<p>£3 &amp; “more”  &lt;b&gt;…</p>"),
            ('<p style="color:red" onclick="x()">Red</p>', "<p>Red</p>"),
            ('<a href="javascript:x()">Click</a>', "<p>Click</p>"),
            ("<script>x()</script><style>p{}</style><!-- no -->Words", "<p>Words</p>"),
            ("<p> </p><p>&nbsp;</p>Words", "<p>Words</p>"),
            ("<dl><dt>Tea</dt><dd>A drink</dd></dl>", "<p><b>Tea</b></p><p>A drink</p>"),
            (
                "<details><summary>More</summary>Words</details>",
                "<p><b>More</b></p><p>Words</p>",
            ),
            ("<math><mi>x</mi><mo>+</mo></math><svg><text>y</text></svg>", "<p>x+y</p>"),
            (
                "<p dir=rtl>مرحبا <b>بك</b></p><p>日本語。</p>",
                "<p>مرحبا <b>بك</b></p><p>日本語。</p>",
            ),
        ],
    )
    def test_rich_text_is_what_the_editor_would_store(self, source, expected):
        assert read(source) == [("paragraph", expected)]

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("<ul><li><p>One</p><p>two</p></li></ul>", "<ul><li>One<br/>two</li></ul>"),
            (
                "<ul><li>a</li><ul><li>b</li></ul></ul>",
                "<ul><li>a<ul><li>b</li></ul></li></ul>",
            ),
            (
                "<ol>first<p>second</p><li>x</li></ol>",
                "<p>first</p><p>second</p><ol><li>x</li></ol>",
            ),
            (
                "<ul><li>a<ul><li>b</li></ul>tail</li></ul>",
                "<ul><li>a<ul><li>b</li></ul></li><li>tail</li></ul>",
            ),
            ("<ol start=5><li>a</li></ol>", '<ol start="5"><li>a</li></ol>'),
        ],
    )
    def test_lists_keep_their_nesting_their_order_and_their_number(self, source, expected):
        assert read(source) == [("paragraph", expected)]

    def test_code_in_an_item_stays_code_and_the_numbers_go_on(self):
        found = read("<ol><li>a<pre>x\ny</pre></li><li>b</li></ol>")
        assert [kind for kind, _value in found] == ["paragraph", "code", "paragraph"]
        assert found[1][1]["code"] == "x\ny"
        assert found[2][1] == '<ol start="2"><li>b</li></ol>'


class BlockTests:
    def test_blocks_keep_their_order(self):
        source = (
            "<h1>One</h1>text<blockquote>Said</blockquote><hr>"
            '<figure><img src="a.png" alt="A"><figcaption>Cap</figcaption></figure>'
            '<pre><code class="language-python">x = 1\n</code></pre>'
            "<table><tr><td>1</td><td>2</td></tr></table>"
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

    def test_a_picture_within_a_line_of_text_stands_after_it(self):
        found = read('<p>Before <img src="a.png" alt="A"> after</p>')
        assert [kind for kind, _value in found] == ["paragraph", "photo"]

    def test_the_link_round_a_picture_stays_unless_it_leads_to_a_larger_copy(self):
        found = read(
            '<a href="https://e.org/"><img src="a.png"></a><a href="b.jpg"><img src="s.jpg"></a>'
        )
        assert [value["link"] for _kind, value in found] == ["https://e.org/", ""]
        assert found[1][1]["image"]["image"] == "b.jpg"

    def test_a_picture_that_cannot_be_had_leaves_a_link_and_its_caption(self):
        found = body.read(
            '<figure><img src="no.jpg" alt="A"><figcaption>B</figcaption></figure>', SomePhotos()
        )
        assert found.blocks[0]["value"] == '<p><a href="no.jpg">A</a></p><p>B</p>'
        assert found.losses

    @pytest.mark.parametrize(
        "source",
        [
            '<iframe src="https://example.org/a"></iframe>',
            '<video src="https://example.org/a"></video>',
            '<audio><source src="https://example.org/a"></audio>',
            '<embed src="https://example.org/a">',
        ],
    )
    def test_what_cannot_be_embedded_leaves_a_link(self, source):
        found = body.read(source)
        assert 'href="https://example.org/a"' in found.blocks[0]["value"]
        assert found.losses

    def test_a_line_end_in_code_may_be_written_as_br(self):
        ((_kind, value),) = read("<pre>if x:<br>  y</pre>")
        assert value["code"] == "if x:\n  y"

    def test_rows_of_unequal_length_make_a_whole_table(self):
        ((_kind, value),) = read("<table><tr><th>A</th></tr><tr><td>1</td><td>2</td></tr></table>")
        assert [column["heading"] for column in value["columns"]] == ["A", ""]
        assert value["rows"] == [{"values": ["1", "2"]}]

    def test_paragraphs_and_a_table_in_a_cell_are_its_paragraphs(self):
        cell = "<td><p>c</p><p>d</p><table><tr><td>e</td></tr></table></td>"
        ((_kind, value),) = read(f"<table><tr><td>1</td>{cell}</tr></table>")
        assert value["rows"] == [{"values": ["1", "<p>c</p><p>d</p><p>e</p>"]}]

    def test_a_quotation_has_its_source_and_is_divided_by_what_it_cannot_hold(self):
        found = read("<blockquote><p>a</p><pre>x</pre><p>b</p><cite>Ada</cite></blockquote>")
        assert [kind for kind, _value in found] == ["quote", "code", "quote"]
        assert found[2][1] == {"text": "<p>b</p>", "source": "Ada", "url": ""}

    def test_elements_nested_a_thousand_deep_lose_no_word(self):
        assert "deep" in str(read("<div><span>" * 2000 + "deep"))


INLINE = ["b", "i", "em", "a", "code", "span", "sup", "u", "cite", "foo", "svg", "text", "math"]
BLOCKS = [
    *("p", "div", "h1", "h4", "blockquote", "ul", "ol", "li", "pre", "table", "tr", "td", "th"),
    *("caption", "figure", "figcaption", "dl", "dt", "dd", "details", "summary", "video"),
    *("section", "footer", "x-callout", "x-gallery", "object", "select", "option", "tbody"),
]
ALONE = ["<br>", "<hr>", '<img src="a.png">', '<img src="no.png">', "<!-- c -->"]
ALONE += ['<iframe src="https://x.org/"></iframe>']
TEXTS = [
    "alpha",
    "beta gamma",
    "— dash",
    "x &amp; y",
    "\n",
    "  ",
    "日本",
    "a[0]",
    "\n\nword",
    "&nbsp;",
]
ATTRIBUTES = {"a": ' href="https://e.org/"', "span": ' style="font-weight:bold"'}
NAMES = st.sampled_from(INLINE + BLOCKS)
LEAVES = st.sampled_from(TEXTS + ALONE)


def opening(name):
    return f"<{name}{ATTRIBUTES.get(name, '')}>"


TREES = st.recursive(
    LEAVES,
    lambda inner: st.tuples(NAMES, st.lists(inner, max_size=4)).map(
        lambda tree: f"{opening(tree[0])}{''.join(tree[1])}</{tree[0]}>"
    ),
    max_leaves=25,
)
TANGLES = st.lists(LEAVES | NAMES.map(opening) | NAMES.map("</{}>".format), max_size=20)
SOURCES = st.lists(TREES, max_size=4).map("".join) | TANGLES.map("".join)


def bounds(text):
    """The letters of a text, and the places before which there is a space or a line end."""
    letters, places, is_apart = "", set(), False
    for letter in text:
        if receipt.UNCOUNTED.fullmatch(letter):
            is_apart = is_apart or letter.isspace()
            continue
        if is_apart:
            places.add(len(letters))
        letters += letter
        is_apart = False
    return letters, places


def shown(source):
    """The text of HTML as a browser shows it: html5lib parses it, and blocks stand apart."""

    def walk(node):
        yield node.text or ""
        for child in node:
            name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""
            is_inline = name in KNOWN_INLINE or name in {*INLINE, "img", "iframe", ""}
            yield "" if is_inline else "\n"
            yield from walk(child) if name not in {"", "iframe"} else ()
            yield ("" if is_inline else "\n") + (child.tail or "")

    return bounds("".join(walk(html5lib.parseFragment(source, treebuilder="etree"))))


def written(blocks):
    """The text of blocks, whose parts stand apart."""
    parts = []
    for block in blocks:
        for text, is_rich in receipt._texts(block["value"], block["type"]):
            parts.append(html.unescape(receipt.TAG.sub(" ", text)) if is_rich else text)
    return bounds(" ".join(parts))


@settings(deadline=None, max_examples=150)
@given(SOURCES)
def test_no_word_is_lost_or_moved_and_nothing_but_our_blocks_comes_out(source):
    found = body.read(source, SomePhotos())
    text, _counts = receipt.of_source(source)
    arrived, _counts = receipt.of_blocks(found.blocks)
    assert receipt.missing(text, arrived) == ""
    assert {block["type"] for block in found.blocks} <= BodyBlock().child_blocks.keys()
    rich = " ".join(b["value"] for b in found.blocks if b["type"] == "paragraph")
    tags = set(re.findall(r"</?(\w+)", html.unescape(rich)))
    assert tags <= {"p", "br", "a", "b", "i", "s", "code", "sup", "sub", "ul", "ol", "li"}


@settings(deadline=None, max_examples=100)
@given(SOURCES)
def test_no_two_words_are_glued(source):
    text, apart = shown(source)
    arrived, still_apart = written(body.read(source, SomePhotos()).blocks)
    if text == arrived:
        assert apart - {0} <= still_apart
