"""What WordPress and Squarespace write arrives, in the words of each peculiarity."""

import pytest
from PIL import Image

from blog.importers.imported import ArchiveError, LeftOut, Problem, Status
from blog.models import ArchivedComment, Photo, PostPage

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
    ' xmlns:excerpt="https://wordpress.org/export/1.2/excerpt/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="https://wordpress.org/export/1.2/">'
    "<channel><wp:base_blog_url>https://old.example/blog</wp:base_blog_url>"
)


def item(text="Words.", title="Tea", inner="", **fields):
    values = {
        "post_id": "42",
        "post_date_gmt": "2014-05-06 07:08:09",
        "post_name": "tea",
        "status": "publish",
        "post_type": "post",
        **fields,
    }
    rows = "".join(f"<wp:{name}>{value}</wp:{name}>" for name, value in values.items())
    return (
        f"<item><title>{title}</title><link>https://old.example/blog/2014/05/tea/</link>"
        f"<content:encoded><![CDATA[{text}]]></content:encoded>{rows}{inner}</item>"
    )


def attachment(id, name, caption=""):
    url = f"https://old.example/blog/wp-content/uploads/2014/05/{name}"
    excerpt = f"<excerpt:encoded>{caption}</excerpt:encoded>"
    fields = f"<wp:attachment_url>{url}</wp:attachment_url><wp:post_parent>42</wp:post_parent>"
    return item("", name, excerpt + fields, post_id=id, post_type="attachment", status="inherit")


@pytest.fixture
def export(tmp_path):
    """Write an export with these items, and pictures beside it; returns its folder."""

    def export(*items, head=HEAD, pictures=()):
        for name in pictures:
            Image.new("RGB", (8, 8), (len(name) * 9, 90, 90)).save(tmp_path / name)
        text = f"{head}{''.join(items)}</channel></rss>"
        (tmp_path / "old.xml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return export


class TextTests:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("One.\n\nTwo\nlines.", "<p>One.</p><p>Two<br/>lines.</p>"),
            ("He wrote [sic] and a[0] = 1", "<p>He wrote [sic] and a[0] = 1</p>"),
            ("a]]]]><![CDATA[>b", "<p>a]]&gt;b</p>"),
            ("[[gallery]] is shown", "<p>[gallery] is shown</p>"),
            ("One<!--more-->\n\nTwo<!--nextpage-->Three", "<p>One</p><p>TwoThree</p>"),
            ("<ul>\n\t<li>a</li>\n\t<li>b</li>\n</ul>", "<ul><li>a</li><li>b</li></ul>"),
            (
                "<!-- wp:columns --><div><!-- wp:paragraph --><p>In\na column</p>"
                "<!-- /wp:paragraph --></div><!-- /wp:columns -->",
                "<p>In a column</p>",
            ),
        ],
    )
    def test_paragraphs(self, export, body, text, expected):
        found, _losses = body(export(item(text)))
        assert found == [("paragraph", expected)]

    def test_code_in_a_shortcode_is_code_with_its_markup(self, export, body):
        text = '[sourcecode lang="php"]<?php if($a<3) echo "[b]"; ?>[/sourcecode]'
        found, losses = body(export(item(text)))
        assert found[0][1] == {
            "language": "php",
            "code": '<?php if($a<3) echo "[b]"; ?>',
            "caption": "",
        }
        assert not losses

    def test_a_caption_belongs_to_its_picture_and_the_original_is_taken(self, export, body):
        text = (
            '[caption width="9"]<a href="https://old.example/blog/wp-content/uploads/f.png">'
            '<img src="https://old.example/blog/wp-content/uploads/f-9x9.png"/></a>'
            " By <em>me</em>[/caption]"
        )
        found, _losses = body(export(item(text), pictures=["f.png", "f-9x9.png"]))
        ((kind, value),) = found
        assert (kind, value["caption"], value["link"]) == ("photo", "By me", "")
        assert Photo.objects.get().title == "F"

    def test_a_gallery_by_ids_names_the_one_that_is_unknown(self, export, body):
        files = [attachment("7", "quay.png", "Quay"), attachment("8", "boat.png")]
        folder = export(item('[gallery ids="7,8,999"]'), *files, pictures=["quay.png", "boat.png"])
        found, losses = body(folder)
        ((kind, value),) = found
        assert kind == "gallery"
        assert [photo["value"]["caption"] for photo in value["photos"]] == ["Quay", ""]
        assert "999" in losses[0]

    @pytest.mark.parametrize(
        "text",
        [
            "https://www.youtube.com/watch?v=aqz-KE-bpKQ",
            "[embed]https://www.youtube.com/watch?v=aqz-KE-bpKQ[/embed]",
            "[youtube aqz-KE-bpKQ]",
            '<!-- wp:embed {"url":"x"} --><figure class="wp-block-embed"><div'
            ' class="wp-block-embed__wrapper">\nhttps://www.youtube.com/watch?v=aqz-KE-bpKQ\n</div>'
            "</figure><!-- /wp:embed -->",
        ],
    )
    def test_films_are_embedded(self, export, body, text):
        found, _losses = body(export(item(text)))
        assert [kind for kind, _value in found] == ["embed"]
        assert found[0][1]["embed"] == "https://www.youtube.com/watch?v=aqz-KE-bpKQ"

    def test_footnotes_come_from_beside_the_post(self, export, body):
        note = '[{"id":"k1","content":"A <em>note</em>"}]'
        meta = (
            "<wp:postmeta><wp:meta_key>footnotes</wp:meta_key>"
            f"<wp:meta_value><![CDATA[{note}]]></wp:meta_value></wp:postmeta>"
        )
        text = '<p>Tea<sup data-fn="k1" class="fn"><a href="#k1">1</a></sup>.</p>'
        found, _losses = body(export(item(f"{text}<!-- wp:footnotes /-->", inner=meta)))
        assert found[0] == ("paragraph", "<p>Tea[^1].</p>")
        assert found[1][1][0]["value"] == "<p>A <i>note</i></p>"

    def test_what_a_plug_in_filled_in_is_a_line(self, export, body):
        text = 'Words.[contact-form-7 id="1"]<!-- wp:latest-posts {"n":3} /-->'
        found, losses = body(export(item(text)))
        assert found == [("paragraph", "<p>Words.</p>")]
        assert len(losses) == 2

    def test_nested_blocks_with_words_and_media_all_arrive(self, export, body):
        text = (
            '<!-- wp:group --><div><!-- wp:image {"id":7} --><figure><a href="https://e.org/">'
            '<img src="quay.png" class="wp-image-7"/></a><figcaption>Cap</figcaption></figure>'
            "<!-- /wp:image --><!-- wp:quote --><blockquote><p>Said</p><cite>Ada</cite>"
            "</blockquote><!-- /wp:quote --><!-- wp:details --><details><summary>S</summary>D"
            '</details><!-- /wp:details --><!-- wp:verse --><pre class="wp-block-verse">A\nB</pre>'
            "<!-- /wp:verse --><!-- wp:table --><figure><table><tr><td>1<td>2</tr></table>"
            "<figcaption>T</figcaption></figure><!-- /wp:table --></div><!-- /wp:group -->"
        )
        found, _losses = body(
            export(item(text), attachment("7", "quay.png"), pictures=["quay.png"])
        )
        assert [kind for kind, _value in found] == [
            *("photo", "quote", "paragraph", "table", "paragraph"),
        ]
        assert found[0][1]["link"] == "https://e.org/"
        assert found[1][1]["source"] == "Ada"
        assert found[2][1] == "<p><b>S</b></p><p>D</p><p>A<br/>B</p>"


class ItemTests:
    def test_space_round_every_value_is_no_part_of_it(self, export, posts):
        found = posts(
            export(item(post_type="\n  post\n ", status="\n publish \n", post_id="\n7\n"))
        )
        assert found["tea"].source_id == "wordpress:old.example/blog:7"
        assert found["tea"].status is Status.LIVE

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"status": "draft", "post_date_gmt": "0000-00-00 00:00:00"}, Status.DRAFT),
            ({"status": "pending"}, Status.DRAFT),
            ({"status": "future", "post_date_gmt": "2031-05-06 07:08:09"}, Status.SCHEDULED),
            ({"status": "private"}, Status.PRIVATE),
            ({"post_password": "milk"}, Status.PRIVATE),
            ({"post_type": "portfolio"}, Status.DRAFT),
        ],
    )
    def test_the_state_of_a_post(self, export, posts, fields, status):
        assert posts(export(item(**fields)))["tea"].status is status

    def test_what_is_no_writing_is_counted(self, export, items):
        others = [
            item(post_type="revision"),
            item(post_type="nav_menu_item"),
            item(status="trash"),
            item(status="auto-draft"),
        ]
        assert all(isinstance(found, LeftOut) for found in items(export(*others)))

    def test_the_name_of_an_author_is_shown_and_never_an_address(self, export, posts):
        login = "<dc:creator>bo@secret.example</dc:creator>"
        author = (
            "<wp:author><wp:author_login>bo@secret.example</wp:author_login>"
            "<wp:author_display_name>Bo Berg</wp:author_display_name></wp:author>"
        )
        assert posts(export(author, item(inner=login)))["tea"].authors == ("Bo Berg",)
        assert posts(export(item(inner=login)))["tea"].authors == ("Bo",)

    def test_a_slug_of_squarespace_is_its_last_part(self, export, posts):
        (post,) = posts(export(item(post_name="2012/12/x"))).values()
        assert post.slug == "x"

    def test_a_title_is_text(self, export, posts):
        found = posts(export(item(title="A &amp; B <i>c</i>")))
        assert found["tea"].title == "A & B c"

    def test_a_post_without_a_title_gets_its_first_words(self, export, bring):
        bring(export(item(title="")))
        assert PostPage.objects.get().title == "Words."

    def test_categories_and_tags_are_tags_with_their_old_ends(self, export, bring, client):
        terms = (
            '<category domain="category" nicename="sea">Sea &amp; shore</category>'
            '<category domain="category" nicename="uncategorized">Uncategorized</category>'
        )
        bring(export(item(inner=terms)))
        (tag,) = PostPage.objects.get().tags.all()
        assert (tag.name, tag.slug) == ("Sea & shore", "sea")
        assert client.get("/category/sea/")["Location"] == "/blog/tags/sea/"


class CommentTests:
    def comment(self, id, text, parent="0", approved="1", kind="", name="Ada"):
        return (
            f"<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author>{name}"
            "</wp:comment_author><wp:comment_author_email>a@secret.example"
            "</wp:comment_author_email><wp:comment_author_IP>10.1.2.3</wp:comment_author_IP>"
            f"<wp:comment_content>{text}</wp:comment_content><wp:comment_approved>{approved}"
            f"</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type><wp:comment_parent>"
            f"{parent}</wp:comment_parent></wp:comment>"
        )

    def test_replies_come_before_their_parent_or_without_it(self, export, bring, client):
        inner = "".join(
            [
                self.comment(2, "A reply", parent=1),
                self.comment(1, "A parent"),
                self.comment(3, "An orphan", parent=99),
                self.comment(4, "Unapproved", approved="0"),
                self.comment(5, "A ping", kind="pingback"),
                self.comment(6, "Spam", approved="spam"),
            ]
        )
        receipt = bring(export(item(inner=inner)))
        assert receipt.totals()["comments"] == (4, 4)
        assert receipt.left_out == {"pingbacks": 1, "comments: spam": 1}
        reply = ArchivedComment.objects.get(text__contains="A reply")
        assert "A parent" in reply.parent.text
        page = client.get("/blog/tea/").content.decode()
        assert "An orphan" in page
        assert "Unapproved" not in page
        assert "secret" not in str(list(ArchivedComment.objects.values()))


class StrictTests:
    def test_three_things_are_repaired_and_named(self, export, items, tmp_path):
        folder = export("<atom:link/>", item("A\x0bB \x92 caf\xe9"))
        data = (folder / "old.xml").read_bytes()
        (folder / "old.xml").write_bytes(data.replace(b"\xc2\x92", b"\x92"))
        found = items(folder)
        repairs = [str(one) for one in found if isinstance(one, Problem)]
        assert len(repairs) == 3
        assert "AB ’ café" in found[-1].html

    @pytest.mark.parametrize(
        "text",
        ["<title>a &nbsp; b</title>", "<item>", "<<<<<<< HEAD", "<a>&undefined;</a>"],
    )
    def test_anything_else_is_refused_with_line_and_column(self, export, bring, text):
        with pytest.raises(ArchiveError, match=r"line 1, column \d+"):
            bring(export(item(), text))
        assert not PostPage.objects.exists()

    def test_entities_are_refused(self, export, bring):
        bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        with pytest.raises(ArchiveError, match="document type or entities"):
            bring(export(item("&b;"), head=bomb + HEAD.partition("?>")[2]))

    @pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
    def test_a_truncated_file_is_refused_and_nothing_is_written(self, export, bring, share):
        folder = export(*(item(post_id=n, post_name=f"tea-{n}") for n in range(9)))
        data = (folder / "old.xml").read_bytes()
        (folder / "old.xml").write_bytes(data[: int(len(data) * share)])
        with pytest.raises(ArchiveError):
            bring(folder)
        assert not PostPage.objects.exists()


class AddressTests:
    @pytest.mark.parametrize(
        "address",
        [
            "/blog/2014/05/tea/",
            "/blog/2014/05/tea",
            "/blog/index.php/2014/05/tea/",
            "/?p=42",
            "/?p=42&m=1",
            "/?page_id=42",
            "/?attachment_id=7",
            "/blog/2014/05/tea/?utm_source=x",
        ],
    )
    def test_each_old_address_leads_there_with_one_redirect(self, export, bring, client, address):
        bring(export(item(), attachment("7", "quay.png")))
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (301, "/blog/tea/")
        assert client.get("/blog/tea/").status_code == 200

    @pytest.mark.parametrize("slug", ["%d8%b9", "%D8%B9"])
    def test_percent_signs_may_be_written_in_both_cases(self, export, bring, client, slug):
        text = item(post_name="%d8%b9").replace("/2014/05/tea/", "/a/%d8%b9/")
        bring(export(text))
        response = client.get(f"/blog/a/{slug}/")
        assert (response.status_code, response["Location"]) == (301, "/blog/%D8%B9/")

    def test_a_draft_is_not_led_to(self, export, bring, client):
        bring(export(item(status="draft")))
        assert client.get("/blog/2014/05/tea/").status_code == 404

    @pytest.mark.parametrize(
        ("address", "to"),
        [
            ("/2014/", "/blog/2014/"),
            ("/2014/05/", "/blog/2014/05/"),
            ("/2014_05_01_archive.html", "/blog/2014/05/"),
            ("/?m=201405", "/blog/2014/05/"),
            ("/feed/", "/blog/feed/"),
            ("/feeds/posts/default", "/blog/feed/"),
            ("/rss/", "/blog/feed/"),
            ("/index.xml", "/blog/feed/"),
            ("/?feed=rss2", "/blog/feed/"),
            ("/page/3/", "/blog/"),
            ("/search/label/Green%20tea", "/blog/tags/green/"),
            ("/tag/green/page/2/", "/blog/tags/green/"),
            ("/tag/green/feed/", "/blog/tags/green/feed/"),
            ("/category/drinks/green/", "/blog/tags/green/"),
            ("/tags/green/", "/blog/tags/green/"),
            ("/author/ada/", "/blog/authors/ada/"),
        ],
    )
    def test_lists_and_feeds_of_each_platform_lead_to_ours(
        self, export, bring, client, address, to
    ):
        inner = '<category domain="post_tag" nicename="green">Green tea</category>'
        inner += "<dc:creator>Ada</dc:creator>"
        bring(export(item(inner=inner)))
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (301, to)
        assert client.get(to).status_code == 200

    @pytest.mark.parametrize("address", ["/1999/", "/tag/none/", "/2014/13/", "/nonsense/"])
    def test_a_list_that_is_not_there_is_not_found(self, export, bring, client, address):
        bring(export(item()))
        assert client.get(address).status_code == 404


class AgainTests:
    def test_a_second_run_changes_nothing_and_one_that_was_killed_is_finished(
        self, export, bring, monkeypatch
    ):
        many = [item(post_id=n, post_name=f"tea-{n}", title=f"Tea {n}") for n in range(50)]
        folder = export(*many)

        class Killed(BaseException):
            """As SIGKILL, nothing catches it."""

        def die(done, total):
            raise Killed

        with pytest.raises(Killed):
            bring(folder, progress=die)
        assert PostPage.objects.count() == 20
        receipt = bring(folder)
        assert receipt.outcomes == {"unchanged": 20, "created": 30}
        assert bring(folder).outcomes == {"unchanged": 50}
        assert PostPage.objects.count() == 50
