from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_LINE = 120


def templates():
    """Yield the templates of HTML and XML: in plain text, where a line ends is seen by readers."""
    for folder in ("jinja2", "templates"):
        for kind in ("html", "xml"):
            yield from ROOT.glob(f"*/{folder}/**/*.{kind}")


def test_no_line_of_a_template_is_too_long_to_read():
    too_long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in templates()
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]
    assert too_long == [], f"Break these lines after at most {LONGEST_LINE} characters."


def test_the_templates_are_found():
    rooms = {path.relative_to(ROOT).parts[0] for path in templates()}
    assert rooms >= {"blog", "home", "search"}
