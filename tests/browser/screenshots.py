"""
Photographs every kind of page, so that a person can look at all of them.

    .venv/bin/python -m tests.browser.screenshots /tmp/screenshots [--only post] [--url http://…]

Without `--url` it starts the demo, with posts that no design expects. One PNG for each kind of page
at three widths in two themes, and some printed, from right to left and at 400 %.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import extremes
from tests.browser.server import Server, free_port

PAGES = {
    "front": "/",
    "list": "/blog/",
    "list-2": "/blog/?page=2",
    "year": "/blog/2023/",
    "month": "/blog/2014/10/",
    "day": "/blog/2014/10/18/",
    "archive": "/blog/archive/",
    "tags": "/blog/tags/",
    "tag": "/blog/tags/foster-care/",
    "authors": "/blog/authors/",
    "author": "/blog/authors/margaret-ashdown/",
    "series-list": "/blog/series/",
    "series": "/blog/series/the-life-of-a-referral/",
    "post-long": "/blog/blame-is-not-a-method/",
    "post-cover": "/blog/two-the-threshold/",
    "post-short": "/blog/set-the-recorder/",
    "post-table": "/blog/how-many-social-workers-does-a-county-need/",
    "post-embed": "/blog/ask-first/",
    "post-gallery": "/blog/the-county-leaves-home/",
    "standard": "/about/",
    "search": "/search/?q=child",
    "search-empty": "/search/?q=zzzzqqq",
    "not-found": "/there-is-no-such-page/",
    "password": "/blog/a-page-for-foster-carers/",
    **{f"x-{path.split('/')[2]}": path for path in extremes.PATHS.values()},
}
WIDTHS = (360, 768, 1440)
PRINTED = ("post-long", "post-cover", "list")
RIGHT_TO_LEFT = ("front", "post-long", "x-arabic")
# A window of 1280 pixels at 400 % is as wide as one of 320.
MAGNIFIED = ("front", "post-long", "search")


def photograph(browser, url, folder, only):
    def shoot(name, path, suffix, *, script="", media=None, **options):
        context = browser.new_context(reduced_motion="reduce", **options)
        page = context.new_page()
        page.goto(url + path)
        if script:
            page.evaluate(script)
        if media:
            page.emulate_media(media=media)
        # Pictures wait until they are come to; here all are wanted.
        page.evaluate("for (const i of document.images) i.loading = 'eager'")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}-{suffix}.png", full_page=True)
        context.close()

    for name, path in PAGES.items():
        if only and not any(word in name for word in only):
            continue
        for width in WIDTHS:
            for theme in ("light", "dark"):
                size = {"width": width, "height": 900}
                shoot(name, path, f"{width}-{theme}", viewport=size, color_scheme=theme)
        if name in PRINTED:
            shoot(name, path, "print", media="print", viewport={"width": 720, "height": 1000})
        if name in RIGHT_TO_LEFT:
            turned = "document.documentElement.dir = 'rtl'"
            shoot(name, path, "rtl", script=turned, viewport={"width": 1440, "height": 900})
        if name in MAGNIFIED:
            size = {"width": 320, "height": 256}
            shoot(name, path, "400", viewport=size, device_scale_factor=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", help="a site that runs, such as http://127.0.0.1:8000")
    parser.add_argument("--only", nargs="*", help="parts of the names of the wanted kinds")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    server = None
    if not arguments.url:
        server = Server(Path(tempfile.mkdtemp()), free_port())
        server.load_demo()
        server.run(extremes.SCRIPT)
        server.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            url = (arguments.url or server.address).rstrip("/")
            photograph(browser, url, arguments.folder, arguments.only)
            browser.close()
    finally:
        if server:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
