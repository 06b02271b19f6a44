"""What the style sheet weighs, and that it keeps to its layers."""

import gzip
import re
from pathlib import Path

SHEET = Path("home/static/css/site.css")
LAYERS = ["tokens", "elements", "layout", "components"]


class StyleSheetTests:
    def test_it_is_light_and_the_only_one_of_a_page(self, blog, client):
        assert 1_000 < len(gzip.compress(SHEET.read_bytes(), mtime=0)) < 12_000
        assert client.get("/blog/").text.count('<link rel="stylesheet"') == 1

    def test_only_the_tokens_name_colours(self):
        _tokens, others = SHEET.read_text().split("@layer elements {")
        screen = others.partition("@media print")[0]
        named = set(re.findall(r"#[0-9a-f]{3,6}\b|rgba?\([^)]*\)", screen))
        # White on black, over which photos are looked at in either theme.
        assert named <= {"#fff", "rgb(0 0 0 / 0.88)", "rgb(0 0 0 / 0.6)"}

    def test_every_rule_is_in_a_layer(self):
        css = re.sub(r"(?s)/\*.*?\*/", "", SHEET.read_text())
        outside = [line for line in css.splitlines() if line[:1] not in {"", " ", "}"}]
        assert outside == [f"@layer {', '.join(LAYERS)};", *(f"@layer {n} {{" for n in LAYERS)]
