# Varnish in front of Daybook, at the address in FRONTEND_CACHE_URL:
# `varnishd -a 127.0.0.1:6081 -f …`.
#
# The proxy where TLS ends, such as nginx (deploy/nginx.conf with DAYBOOK_SITE=127.0.0.1:6081), must
# set X-Forwarded-Proto and X-Forwarded-For. Leave PAGE_CACHE_FILES off.

vcl 4.1;

import std;

# The address on which granian listens.
backend site {
    .host = "127.0.0.1";
    .port = "8000";
}

# The machines of the site, which may empty this cache.
acl machines {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "BAN") {
        # A proxy on the same machine may have forwarded the request of a stranger. Varnish has
        # added the client's address to X-Forwarded-For, so a comma shows that it was forwarded.
        if (client.ip !~ machines || req.http.X-Forwarded-For ~ ",") {
            return (synth(403, "Forbidden"));
        }
        if (!req.http.X-Ban-Hosts || !std.ban("obj.http.X-Host ~ " + req.http.X-Ban-Hosts)) {
            return (synth(400, "X-Ban-Hosts is no regular expression of hosts"));
        }
        return (synth(200, "Banned"));
    }
    # Look for the session cookie (SESSION_COOKIE_NAME) in all Cookie headers, joined to one.
    std.collect(req.http.Cookie, "; ");
    if ((req.method == "GET" || req.method == "HEAD") &&
        !req.http.Authorization &&
        req.http.Cookie !~ "sessionid" &&
        # Posts are also available as Markdown at the same address.
        req.http.Accept !~ "(?i)text/markdown") {
        set req.http.Host = req.http.Host.lower();
        return (hash);
    }
    if (req.method == "GET" || req.method == "HEAD") {
        return (pass);
    }
}

sub vcl_hash {
    # The site redirects http to https, so their answers differ.
    hash_data(req.http.X-Forwarded-Proto);
}

sub vcl_backend_response {
    set beresp.grace = 0s;
    # The site marks each answer that may be kept here.
    if (beresp.http.Cache-Control !~ "s-maxage") {
        set beresp.ttl = 120s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    set beresp.http.X-Host = bereq.http.Host;
    # Requests with a session are passed on above, and no other cookie changes an answer.
    set beresp.http.Vary = "Accept-Encoding";
}

sub vcl_deliver {
    if (resp.http.X-Host) {
        unset resp.http.X-Host;
        # Caches behind this one are not emptied after a change.
        set resp.http.Cache-Control = "no-cache";
        set resp.http.Vary = "Accept-Encoding, Cookie";
        if (obj.hits > 0) {
            set resp.http.X-Page-Cache = "front";
        }
    }
}
