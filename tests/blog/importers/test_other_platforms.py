"""What Blogger, Ghost, Medium and Substack export arrives."""

import json

import pytest

from blog.importers import body as bodies
from blog.importers import dialects
from blog.importers.imported import ArchiveError, LeftOut, Status, Subject
from blog.models import ArchivedComment, PostPage

from .conftest import SAMPLES


def blocks(post):
    source, losses = dialects.translate(post, {}, list)
    found = bodies.read(source)
    return [(block["type"], block["value"]) for block in found.blocks], [*losses, *found.losses]


class BloggerTests:
    def test_posts_pages_and_comments_of_one_file_are_told_apart(self, items, posts, comments):
        path = SAMPLES / "blogger_classic.xml"
        found = posts(path)
        assert list(found) == ["what-tide-left", "rope", "about-beach"]
        assert found["about-beach"].is_page
        assert found["rope"].status is Status.DRAFT
        assert found["what-tide-left"].tags == ("Sea glass",)
        assert [comment.parent for comment in comments(path)] == [
            *("blogger:comment:21", "", "blogger:comment:99"),
        ]
        assert len([item for item in items(path) if isinstance(item, LeftOut)]) == 2

    def test_a_table_of_a_picture_and_its_caption_is_a_figure(self, posts):
        post = posts(SAMPLES / "blogger_classic.xml")["what-tide-left"]
        source, _losses = dialects.translate(post, {}, list)
        assert "<figcaption>The quay</figcaption></figure>" in source
        assert "<table" not in source

    def test_comments_are_threads_and_links_lead_to_pages(self, bring, client):
        receipt = bring(SAMPLES / "blogger_classic.xml")
        assert not receipt.unaccounted
        assert receipt.totals()["comments"] == (3, 3)
        reply = ArchivedComment.objects.get(source_id="blogger:comment:22")
        assert reply.parent.source_id == "blogger:comment:21"
        response = client.get("/2011/03/what-tide-left.html?m=1")
        assert (response.status_code, response["Location"]) == (301, "/blog/what-tide-left/")
        assert client.get("/p/about-beach.html")["Location"] == "/about-beach/"

    def test_the_traps_of_takeout(self, posts, comments):
        path = SAMPLES / "takeout_feed.atom"
        found = posts(path)
        assert found["what-tide-left"].addresses == ("/2011/03/what-tide-left.html",)
        assert found["what-tide-left"].tags == ("Sea glass",)
        (draft,) = [post for slug, post in found.items() if slug != "what-tide-left"]
        assert (draft.status, draft.source_id) == (Status.DRAFT, "blogger:12")
        (comment,) = comments(path)
        assert comment.post == "blogger:11"


class GhostTests:
    def test_html_with_its_cards(self, posts):
        post = posts(SAMPLES / "ghost.json")["mill-race"]
        found, losses = blocks(post)
        assert [kind for kind, _value in found] == ["paragraph", "callout", "paragraph"]
        assert "Mills" in found[0][1]
        assert "All of them" in found[0][1]
        assert found[1][1]["text"] == "<p>! Mind the gap</p>"
        assert len(losses) == 1

    def test_tags_authors_and_what_stands_above_a_post(self, posts):
        post = posts(SAMPLES / "ghost.json", old_site="https://mill.example/")["mill-race"]
        assert (post.tags, post.authors) == (("Rivers",), ("Mo Miller",))
        assert post.introduction == "On water."
        assert post.cover == "https://mill.example/content/images/2020/05/mill.jpg"
        assert post.addresses == ("https://mill.example/mill-race/",)

    def test_lexical_where_there_is_no_html(self, posts):
        found, _losses = blocks(posts(SAMPLES / "ghost.json")["sluice"])
        assert found[0][1].startswith("<p><i><b>One<br/></b></i>")
        assert '<ol start="3"><li>three</li></ol>' in found[0][1]
        assert found[1][1]["code"] == "x < 1"

    def test_mobiledoc_where_there_is_no_html(self, posts):
        found, _losses = blocks(posts(SAMPLES / "ghost.json")["mobiledoc"])
        text = found[0][1]
        for part in ("<b>bold", ">linked</a>", "<li>item</li>", "<i>md</i>", "<p>Cap</p>"):
            assert part in text

    @pytest.mark.parametrize("slug", ["for-friends", "a-letter"])
    def test_what_was_paid_or_sent_by_mail_is_a_draft_with_a_line(self, posts, slug):
        post = posts(SAMPLES / "ghost.json")[slug]
        assert post.status is Status.DRAFT
        assert post.losses

    def test_nothing_private_is_read(self, items):
        found = items(SAMPLES / "ghost.json")
        assert "secret" not in repr(found)
        assert [item.name for item in found if isinstance(item, Subject)] == ["Mo Miller", "Rivers"]

    def test_moments_of_version_0_are_milliseconds(self, tmp_path, posts):
        row = {"id": 1, "title": "Old", "slug": "old", "markdown": "*md*", "html": "<p>md</p>"}
        row |= {"status": "published", "published_at": 1414141414000, "page": 1}
        (tmp_path / "old.json").write_text(json.dumps({"data": {"posts": [row]}, "meta": {}}))
        post = posts(tmp_path / "old.json")["old"]
        assert (post.published_at.year, post.is_page) == (2014, True)

    def test_json_that_ends_too_early_is_refused(self, bring, tmp_path):
        data = (SAMPLES / "ghost.json").read_bytes()
        (tmp_path / "ghost.json").write_bytes(data[:2500])
        with pytest.raises(ArchiveError, match="no whole JSON"):
            bring(tmp_path / "ghost.json")
        assert not PostPage.objects.exists()


MEDIUM = """<!DOCTYPE html><title>Low water</title><article class="h-entry">
<header><h1 class="p-name">Low water</h1></header>
<section data-field="subtitle" class="p-summary">What is left.</section>
<section data-field="body" class="e-content"><section><div class="section-divider"><hr></div>
<div><h3 class="graf graf--h3 graf--title">Low water</h3>
<p class="graf">Sand <em>everywhere</em>.</p>
<pre class="graf graf--pre">x = 1<br>y = 2</pre></div></section></section>
<footer><p>By <a class="p-author h-card" href="https://medium.com/@ida">Ida</a> on
<a href="https://medium.com/p/abc123def456">
<time class="dt-published" datetime="2019-02-03T04:05:06.000Z">February 3, 2019</time></a>.</p><p>
<a class="p-canonical" href="https://medium.com/@ida/low-abc123def456">Link</a></p></footer></article>"""


class MediumTests:
    def test_a_title_that_is_repeated_appears_once(self, tmp_path, posts):
        (tmp_path / "posts").mkdir()
        (tmp_path / "posts" / "2019-02-03_Low-water-abc123def456.html").write_text(MEDIUM)
        post = posts(tmp_path)["low-water"]
        found, _losses = blocks(post)
        assert found[0] == ("paragraph", "<p>Sand <i>everywhere</i>.</p>")
        assert found[1][1]["code"] == "x = 1\ny = 2"
        assert (post.title, post.introduction) == ("Low water", "What is left.")
        assert (post.authors, post.published_at.year) == (("Ida",), 2019)
        assert post.addresses[0] == "https://medium.com/@ida/low-abc123def456"

    def test_a_draft_is_a_draft(self, tmp_path, posts):
        (tmp_path / "draft_Low-water-abc123def456.html").write_text(MEDIUM)
        assert posts(tmp_path)["low-water"].status is Status.DRAFT


SUBSTACK = """<h3>A letter</h3><p>Dear all<a class="footnote-anchor" href="#footnote-1">1</a>.</p>
<div class="subscription-widget-wrap"><p>Thanks for reading! Subscribe.</p></div>
<div class="captioned-image-container"><figure>
<a class="image-link" href="https://substackcdn.com/a.png">
<img src="https://substackcdn.com/b.png" alt="A"></a><figcaption>Cap</figcaption></figure></div>
<div class="footnote"><a class="footnote-number" href="#">1</a>
<div class="footnote-content"><p>Note.</p></div></div>"""


class SubstackTests:
    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / "posts").mkdir()
        (tmp_path / "posts" / "7.a-letter.html").write_text(SUBSTACK)
        (tmp_path / "posts.csv").write_text(
            "post_id,post_date,is_published,email_sent_at,audience,type,title,subtitle,x\n"
            "7.a-letter,2021-02-03T04:05:06.000Z,true,,everyone,newsletter,A letter,On us,\n"
            "8.lost,2021-02-03T04:05:06.000Z,true,,only_paid,newsletter,Lost,,\n"
        )
        (tmp_path / "email_list.subscribers.csv").write_text("email\na@secret.example\n")
        return tmp_path

    def test_a_letter_without_its_widgets(self, folder, posts):
        post = posts(folder)["a-letter"]
        found, losses = blocks(post)
        assert "Dear all[^1]." in found[0][1]
        assert "A letter" not in found[0][1]
        assert found[-1] == ("notes", ["<p>Note.</p>"])
        assert "Thanks for reading" in post.losses[0]
        assert losses
        assert (post.introduction, post.status) == ("On us", Status.LIVE)

    def test_a_text_that_is_not_there_is_a_loss(self, folder, bring):
        receipt = bring(folder)
        assert [problem.is_loss for problem in receipt.problems] == [True]
        assert not receipt.is_whole

    def test_lists_of_subscribers_are_never_opened(self, folder, items):
        assert "secret" not in repr(items(folder))
