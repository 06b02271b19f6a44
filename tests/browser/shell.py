"""
Runs scripts in a site for as long as its standard input is open: `python -m tests.browser.shell`.

Each line of the input is a script in JSON; the answer is a line with what the script printed and
its traceback. Starting Django for each script would take seconds.
"""

import contextlib
import io
import json
import sys
import traceback

import django


def run(script):
    output, problem = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(output):
            exec(script, {})  # noqa: S102  a test's own
    except Exception:
        problem = traceback.format_exc()
    return [output.getvalue(), problem]


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
