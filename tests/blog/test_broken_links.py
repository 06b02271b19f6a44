import pytest
from django.urls import reverse

from tests.factories import paragraph

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(client, editor):
    client.force_login(editor)
    return lambda: client.get(reverse("broken_links")).text


def link_to(page):
    return paragraph(f'See <a linktype="page" id="{page.pk}">there</a>.')


class BrokenLinksTests:
    def test_it_names_what_leads_to_a_page_that_is_hidden(self, write, report):
        whole, hidden = write("Whole"), write("Hidden")
        write("Leads to all", body=[link_to(page) for page in (whole, hidden)])
        write("Chooses one", body=[{"type": "related", "value": {"posts": [hidden.pk]}}])
        write("Leads to the whole", body=[link_to(whole)])
        hidden.unpublish()
        page = report()
        assert "Leads to all" in page
        assert "Chooses one" in page
        assert "“Hidden”, which is not live" in page
        assert "Leads to the whole" not in page

    def test_drafts_and_the_posts_of_others_are_left_out(self, write, client, author):
        hidden = write("Hidden", live=False)
        write("A draft", live=False, body=[link_to(hidden)])
        write("Another's", body=[link_to(hidden)])
        client.force_login(author)
        page = client.get(reverse("broken_links")).text
        assert "A draft" not in page
        assert "Another&#x27;s" not in page

    def test_it_is_exported(self, write, client, editor):
        hidden = write("Hidden", live=False)
        write("Leads there", body=[link_to(hidden)])
        client.force_login(editor)
        export = client.get(reverse("broken_links") + "?export=csv")
        assert "Leads there,“Hidden”, which is not live" in export.getvalue().decode().replace(
            '"', ""
        )
