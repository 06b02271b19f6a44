"""What the style sheets weigh, and that they keep to their layers."""

import gzip
import re
from pathlib import Path

SHEETS = [*Path("home/static/css").glob("*.css"), Path("search/static/search/search.css")]
PAGE = [path for path in SHEETS if path.name != "feed.css"]


class StyleSheetTests:
    def test_all_together_are_light(self):
        compressed = [len(gzip.compress(path.read_bytes(), mtime=0)) for path in PAGE]
        assert 1_000 < sum(compressed) < 20_000

    def test_only_the_tokens_name_colours(self):
        for path in PAGE:
            if path.name == "tokens.css":
                continue
            screen = path.read_text().partition("@media print")[0]
            named = set(re.findall(r"#[0-9a-f]{3,6}\b|rgba?\([^)]*\)", screen))
            # White on black, over which photos are looked at in either theme.
            assert named <= {"#fff", "rgb(0 0 0 / 0.88)", "rgb(0 0 0 / 0.6)"}, path

    def test_every_sheet_keeps_to_its_layer(self):
        for path in PAGE:
            outside = re.sub(r"(?s)/\*.*?\*/|@layer [\w, ]+;", "", path.read_text()).strip()
            layer = "components" if path.stem == "search" else path.stem
            assert outside.startswith(f"@layer {layer} {{")
            assert outside.endswith("}")
