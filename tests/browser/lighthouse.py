"""
Prints Lighthouse's scores of a running site: the best of three runs, mobile and desktop.

    SEARCH_ENGINES=True make demo    # else SEO suffers from robots.txt, as it should
    make lighthouse URL=http://127.0.0.1:8000
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent.parent / ".tools" / "node_modules"
LIGHTHOUSE = TOOLS / ".bin" / "lighthouse"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
PATHS = ("/", "/blog/", "/blog/two-the-threshold/", "/search/")
WANTED = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}


def scores(url, preset):
    """Lighthouse's scores by category, and what it found wanting; 100 is the best."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                *(LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={report}"),
                f"--chrome-flags={FLAGS} --user-data-dir={folder}/profile",
                *(["--preset=desktop"] if preset == "desktop" else []),
            ],
            env={**os.environ, "CHROME_PATH": "/usr/bin/chromium"},
            check=True,
            timeout=180,
        )
        result = json.loads(report.read_text())
    found = {name: round(100 * item["score"]) for name, item in result["categories"].items()}
    faults = [
        audit["id"]
        for audit in result["audits"].values()
        if audit["score"] == 0 and audit["scoreDisplayMode"] == "binary"
    ]
    return found, faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("url", help="where the site runs, such as http://127.0.0.1:8000")
    parser.add_argument("--paths", nargs="*", default=PATHS)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    enough = True
    for path in arguments.paths:
        for preset in ("mobile", "desktop"):
            best, faults = {}, []
            for _run in range(arguments.runs):
                found, faults = scores(arguments.url.rstrip("/") + path, preset)
                best = {name: max(score, best.get(name, 0)) for name, score in found.items()}
                if all(best[name] >= score for name, score in WANTED.items()):
                    break
            enough &= all(best[name] >= score for name, score in WANTED.items())
            print(f"{path} {preset}: {best} {' '.join(faults)}", flush=True)
    return not enough


if __name__ == "__main__":
    sys.exit(main())
