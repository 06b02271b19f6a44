"""
The security headers of every answer.

deploy/nginx.conf repeats those of readers' pages, and a test compares them.
"""

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.utils import build_policy

# The players that a reader may load into a page, after consent.
EMBED_ORIGINS = [
    "https://www.youtube-nocookie.com",
    "https://player.vimeo.com",
    "https://w.soundcloud.com",
    "https://open.spotify.com",
    "https://embed.ted.com",
]
# Where browsers report what they refused.
CSP_REPORT_PATH = "/csp-report"

# For readers' pages.
READER_DIRECTIVES = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "frame-src": EMBED_ORIGINS,
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "report-uri": [CSP_REPORT_PATH],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": READER_DIRECTIVES}
# For pages and previews with Wagtail's user bar, whose checker compiles the checks of blog.editing.
CSP_EDITOR = {
    **READER_DIRECTIVES,
    "script-src": [SELF, UNSAFE_EVAL],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [SELF],
}
# For Wagtail's admin, whose choosers and date fields are set up by inline scripts.
CSP_ADMIN = {
    **READER_DIRECTIVES,
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF],
    "frame-src": [SELF, *EMBED_ORIGINS],
}
# For uploaded files.
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"

# What no page uses, nor anything in it.
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "hid",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
    )
}
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"


def ordered(policy: str) -> str:
    """Return a policy with its directives in alphabetical order; django-csp has none."""
    return "; ".join(sorted(policy.split("; ")))


# Each page has exactly these, and nginx sends them with what it answers by itself.
PAGE_HEADERS = {
    "content-security-policy": ordered(build_policy(READER_DIRECTIVES)),
    "cross-origin-opener-policy": SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "permissions-policy": ", ".join(f"{feature}=()" for feature in sorted(PERMISSIONS_POLICY)),
    "referrer-policy": SECURE_REFERRER_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": X_FRAME_OPTIONS,
}
