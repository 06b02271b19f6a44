"""The key of an answer: which requests get the same one."""

import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

Environ = dict[str, Any]

# Parameters that advertisers and mailing programs append to addresses. No page reads them.
TRACKING = re.compile(
    r"utm_\w+|_ga|_gl|_hs\w+|dclid|ef_id|epik|fb_\w+|fbclid|gad_source|gad_campaignid|gbraid|gclid"
    r"|gclsrc|igshid|li_fat_id|mc_[ce]id|mkt_tok|msclkid|mtm_\w+|oly_(?:anon|enc)_id|piwik_\w+"
    r"|pk_\w+|rb_clickid|s_cid|si|srsltid|ttclid|twclid|vero_\w+|wbraid|wickedid|yclid|ysclid"
)


class Key(NamedTuple):
    scheme: str
    host: str
    path: str
    query: str


@lru_cache(maxsize=4096)
def strip_tracking(query: str) -> str:
    """Return a query string without tracking parameters, in the same order."""
    if not query:
        return ""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return query
    kept = [(name, value) for name, value in pairs if not TRACKING.fullmatch(name)]
    return query if len(kept) == len(pairs) else urlencode(kept)


@lru_cache(maxsize=4096)
def accepted_encoding(header: str) -> str:
    """Return the encoding for an Accept-Encoding header (RFC 9110, 12.5.3): br, gzip or none."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        try:
            weights[name.strip()] = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            weights[name.strip()] = 0
    default = weights.get("*", 0)
    for name in ("br", "gzip"):
        if weights.get(name, default) > 0:
            return name
    return ""
