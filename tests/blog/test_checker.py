import pytest
from wagtail.admin.userbar import AccessibilityItem, ContentCheckerItem

from blog.wagtail_hooks import use_post_checker


class CheckerTests:
    @pytest.mark.parametrize("in_editor", [True, False])
    def test_the_editor_and_the_page_are_checked_by_the_same_rules(self, rf, in_editor):
        # The panel of the editor brings an heir of Wagtail's item.
        items = [AccessibilityItem(in_editor=True) if in_editor else ContentCheckerItem()]
        use_post_checker(rf.get("/"), items, None)
        [item] = items
        assert item.in_editor is in_editor
        found = item.get_axe_configuration(rf.get("/"))
        for rule in found["spec"]["rules"]:
            assert rule["id"] in found["options"]["runOnly"]
            assert found["messages"][rule["id"]]["help_text"]
            assert rule["any"][0] in [check["id"] for check in found["spec"]["checks"]]
