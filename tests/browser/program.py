"""The browser of the tests."""

import shutil

# Chromium without the windows and tabs of its own, which take two thirds of the time of a test.
PROGRAM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
