# Varnish in front of Daybook, as FRONTEND_CACHE_URL names it: `varnishd -a 127.0.0.1:6081 -f …`.
#
# Where TLS ends, in nginx (deploy/nginx.conf with DAYBOOK_SITE=127.0.0.1:6081) or another proxy,
# X-Forwarded-Proto and X-Forwarded-For are set. PAGE_CACHE_FILES stays off.

vcl 4.1;

import std;

# Where granian listens.
backend site {
    .host = "127.0.0.1";
    .port = "8000";
}

# The machines on which the site runs: they may empty this cache.
acl machines {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "BAN") {
        # A proxy on the same machine forwards what anybody sends it. Varnish adds the client's
        # address to X-Forwarded-For before this, so that a comma tells a forwarded request.
        if (client.ip !~ machines || req.http.X-Forwarded-For ~ ",") {
            return (synth(403, "Forbidden"));
        }
        if (!req.http.X-Ban-Hosts || !std.ban("obj.http.X-Host ~ " + req.http.X-Ban-Hosts)) {
            return (synth(400, "X-Ban-Hosts is no regular expression of hosts"));
        }
        return (synth(200, "Banned"));
    }
    # The name of the session's cookie (SESSION_COOKIE_NAME), wherever it stands; several Cookie
    # headers are one.
    std.collect(req.http.Cookie, "; ");
    if ((req.method == "GET" || req.method == "HEAD") &&
        !req.http.Authorization &&
        req.http.Cookie !~ "sessionid" &&
        # A post in its other form, at the same address.
        req.http.Accept !~ "(?i)text/markdown") {
        set req.http.Host = req.http.Host.lower();
        return (hash);
    }
    if (req.method == "GET" || req.method == "HEAD") {
        return (pass);
    }
}

sub vcl_hash {
    # By http the site answers with a redirect to https.
    hash_data(req.http.X-Forwarded-Proto);
}

sub vcl_backend_response {
    set beresp.grace = 0s;
    # The site says of each answer whether it may be kept here.
    if (beresp.http.Cache-Control !~ "s-maxage") {
        set beresp.ttl = 120s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    set beresp.http.X-Host = bereq.http.Host;
    # Requests with a session never come this far, and no other cookie changes an answer.
    set beresp.http.Vary = "Accept-Encoding";
}

sub vcl_deliver {
    if (resp.http.X-Host) {
        unset resp.http.X-Host;
        # Nobody empties what is kept beyond this cache.
        set resp.http.Cache-Control = "no-cache";
        set resp.http.Vary = "Accept-Encoding, Cookie";
        if (obj.hits > 0) {
            set resp.http.X-Page-Cache = "front";
        }
    }
}
