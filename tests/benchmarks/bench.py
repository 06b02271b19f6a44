"""
Measures the site against nginx and against Django: `make bench`.

Two tables. The first has requests per second of one page as ratios, so that a slow machine says
the same as a fast one: what is compared is measured in turn, in the same run, and the medians of
the rounds are shown. The second has milliseconds and queries of each kind of page, with one
connection and no page cache, at three numbers of posts, which are asked in turn as well.

The databases are generated once and kept below the folder given with --data; `--quick` is done
within five minutes when they are there. Needs nginx and wrk.
"""

import argparse
import contextlib
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from home.server import granian as granian_arguments
from tests.home.page_cache.staleness import free_port

ROOT = Path(__file__).resolve().parents[2]
# How many posts a day has, at every size, so that pages of one kind show as many.
A_DAY = 14
SIZES = (100, 10_000, 100_000)
HOST = "127.0.0.1"
# So many posts are asked for in turn, more than a process holds parts of.
MANY = 5000


class Server:
    """A server process on a port of its own; `ask` reads one page of it."""

    def __init__(self, command, port, environ=None):
        self.port = port
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(environ or {})})
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                self.ask("/robots.txt")
                break
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"This did not start: {' '.join(map(str, command))}")
            time.sleep(0.1)

    def ask(self, path):
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        connection.request("GET", path, headers={"Host": HOST})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, body

    def stop(self):
        self.process.terminate()
        self.process.wait()


def granian(application, workers, environ):
    port = free_port()
    command = [sys.executable, *granian_arguments(HOST, port, workers, application)]
    return Server(command, port, environ)


def nginx(folder, body):
    """The nginx of this machine with one server block, as many workers as cores."""
    port = free_port()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes auto; pid {folder}/nginx.pid; error_log {folder}/error.log;"
        f"events {{ worker_connections 1024; }} http {{ access_log off; {temporary}\n"
        f"{body(port)}\n}}\n"
    )
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    user = ["-g", "user root;"] if os.getuid() == 0 else []
    return Server([program, "-p", folder, "-c", folder / "nginx.conf", *user], port)


def static(folder, body):
    """nginx with one file, of these bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_bytes(body)
    return nginx(
        folder,
        lambda port: (
            f"server {{ listen {HOST}:{port}; sendfile on; root {folder}; "
            "default_type text/html; }"
        ),
    )


def front(folder, site, data):
    """deploy/nginx.conf in front of a site, without TLS, as the file of `static` has none."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (ROOT / "deploy" / "nginx.conf").read_text()

    def configured(port):
        found = re.sub(r"listen [^;]*;", f"listen {HOST}:{port};", text)
        found = re.sub(r"\n *(?:ssl_|http2)[^;]*;", "", found)
        values = {"DAYBOOK_DATA": data, "DAYBOOK_SITE": f"{HOST}:{site}", "DAYBOOK_NAME": HOST}
        for name, value in values.items():
            found = found.replace(f"${{{name}}}", str(value))
        return found

    return nginx(folder, configured)


def wrk(server, path, seconds, connections=16, script=None):
    """
    Requests per second, and the 99th percentile of their time in milliseconds.

    `script` is a file in Lua that says which addresses are asked for.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", f"-HHost: {HOST}"]
    command += ["-s", str(script)] if script else []
    told = subprocess.run(
        [*command, f"http://{HOST}:{server.port}{path}"], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in told:
        raise SystemExit(f"Not every answer was a page: {path}\n{told}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", told).groups()
    latency = float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]), latency


def environment(data):
    """Of the site whose database is in the folder `data`."""
    return {
        "DJANGO_SETTINGS_MODULE": "settings.dev",
        "DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data}/daybook.sqlite3",
        "PAGE_CACHE_FILES": "true",
        "ALLOWED_HOSTS": HOST,
        "BASE_URL": f"http://{HOST}",
        "PYTHONPATH": str(ROOT),
    }


def generate(data, count):
    """Make a database of so many posts, unless it is there and its tables are those of now."""
    migrations = sorted(path.name for path in ROOT.glob("*/migrations/0*.py"))
    whole = data / "whole"
    if whole.exists() and whole.read_text() == repr(migrations):
        return
    print(f"Generating {count:,} posts …", flush=True)
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.benchmarks.posts", str(count)]
    command += ["--days", str(max(1, count / A_DAY))]
    environ = {**os.environ, **environment(data)}
    subprocess.run(command, cwd=ROOT, env=environ, check=True, stderr=subprocess.DEVNULL)
    whole.write_text(repr(migrations))


def pages(data):
    """The address of each kind of page, of a site whose database is in the folder `data`."""
    script = "import django; django.setup(); from tests.benchmarks.bench import addresses; "
    script += "print(*addresses(), sep='\\n')"
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **environment(data)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = dict(line.split("\t") for line in told.splitlines())
    many = [found.pop(f"post {number}") for number in range(MANY) if f"post {number}" in found]
    return found, many


def in_turn(file, paths):
    """Write a script for wrk that asks for these addresses, one after the other."""
    listed = ",".join(json.dumps(path) for path in paths)
    file.write_text(
        f"local paths = {{{listed}}}\nlocal n = 0\n"
        "request = function() n = n % #paths + 1 return wrk.format('GET', paths[n]) end\n"
    )
    return file


def addresses():
    from blog import rendering
    from blog.models import Author, BlogIndexPage, Tag

    blog = BlogIndexPage.objects.first()
    number = blog.posts.count()
    # One in the middle, with tags and neighbours; in the small blog, too, its month is whole.
    post = blog.posts.filter(tagged_items__isnull=False, series=None)[number // 2]
    day = post.published_on
    yield f"front page\t{blog.get_parent().url}"
    yield f"list\t{blog.url}"
    yield f"list, last whole page\t{blog.url}?page={number // blog.posts_per_page}"
    yield f"post\t{post.url}"
    yield f"tag\t{blog.url}tags/{Tag.objects.order_by('pk').first().slug}/"
    yield f"author\t{blog.url}authors/{Author.objects.order_by('pk').first().slug}/"
    yield f"year\t{blog.url}{day.year}/"
    yield f"month\t{blog.url}{day:%Y/%m}/"
    yield f"day\t{blog.url}{day:%Y/%m/%d}/"
    yield f"feed\t{blog.url}feed/"
    yield f"tag's feed\t{blog.url}tags/{Tag.objects.order_by('pk').first().slug}/feed/"
    yield "sitemap's index\t/sitemap.xml"
    many = list(blog.posts.exclude(pk=post.pk)[:MANY])
    # As publishing them does, which the generator leaves out.
    for start in range(0, len(many), 500):
        rendering.prepare([other.pk for other in many[start : start + 500]])
    for number, other in enumerate(many):
        yield f"post {number}\t{other.url}"


def compare(data, work, rounds, seconds, stack):
    """The first table."""
    where, many = pages(data)
    environ = environment(data)
    cores = os.cpu_count() or 1
    site = granian("settings.wsgi:application", cores, environ)
    uncached = granian("tests.benchmarks.uncached:application", cores, environ)
    stack += [site, uncached]
    for path in ("/", "/blog/", where["post"], where["feed"]):
        for _ in range(30):
            site.ask(path), uncached.ask(path)
    kinds = {"post": where["post"], "list": where["list"], "feed": where["feed"]}
    bodies = {kind: site.ask(path)[1] for kind, path in kinds.items()}
    ahead = front(work / "front", site.port, data)
    stack.append(ahead)
    rows, rulers = [], {}
    for kind, path in kinds.items():
        rulers[kind] = static(work / f"static-{kind}", bodies[kind])
        stack.append(rulers[kind])
        rows.append((f"{kind}, kept, straight from granian", site, path, kind, 0.45, 0.55))
        rows.append((f"{kind}, kept, through nginx", ahead, path, kind, 0.70, 0.90))
    for kind, must, aim in (("post", 0.25, 0.40), ("list", 0.20, 0.30)):
        bare = environ | {"BARE_BYTES": str(len(bodies[kind]))}
        rulers[f"bare {kind}"] = granian("tests.benchmarks.bare:application", cores, bare)
        stack.append(rulers[f"bare {kind}"])
        rows.append((f"{kind}, not kept", uncached, kinds[kind], f"bare {kind}", must, aim))
    script = in_turn(work / "posts.lua", many)
    rows.append(("post, not kept, each time another", uncached, script, "bare post", 0.25, 0.40))
    rates = {}
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds} …", flush=True)
        for name, server, path, ruler, *_ in rows:
            # One right after the other, as the machine's speed changes from minute to minute.
            own = "/" if ruler.startswith("bare") else "/page.html"
            rates.setdefault((name, ruler), []).append(wrk(rulers[ruler], own, seconds)[0])
            script = path if isinstance(path, Path) else None
            asked = "/" if script else path
            rates.setdefault(name, []).append(wrk(server, asked, seconds, script=script)[0])
    print("\n| page | bytes | requests/s | measured against | requests/s | ratio | must | aim |")
    print("|---|---|---|---|---|---|---|---|")
    for name, _server, _path, ruler, must, aim in rows:
        ratio = statistics.median(
            own / other for own, other in zip(rates[name], rates[name, ruler], strict=True)
        )
        kind = ruler.split()[-1]
        against = "bare Django" if ruler.startswith("bare") else "nginx, a file"
        own, other = statistics.median(rates[name]), statistics.median(rates[name, ruler])
        sign = "✓" if ratio >= must else "✗"
        print(
            f"| {name} | {len(bodies[kind]):,} | {own:,.0f} | {against} | {other:,.0f} "
            f"| **{ratio:.2f}** {sign} | {must:.2f} | {aim:.2f} |"
        )
    return site, where


def publish_under_load(data, site, path, publishes, rounds, seconds):
    """How many of so many publishes were not seen by the next reader; p99 before and after."""
    os.environ.update(environment(data))
    import django

    django.setup()
    from blog.models import PostPage

    print("\nPublishing under load …", flush=True)
    slug = path.strip("/").split("/")[-1]
    stale = 0
    load = subprocess.Popen(
        ["wrk", "-t1", "-c8", "-d3600s", f"-HHost: {HOST}", f"http://{HOST}:{site.port}{path}"],
        stdout=subprocess.DEVNULL,
    )
    try:
        for number in range(publishes):
            post = PostPage.objects.get(slug=slug)
            post.title = f"Published {number} times"
            post.save_revision().publish()
            for place in (path, "/blog/feed/") if number % 10 == 0 else (path,):
                body = site.ask(place)[1].decode()
                if place == path and post.title not in body:
                    stale += 1
    finally:
        load.terminate()
        load.wait()
    before, after = [], []
    for number in range(rounds):
        before.append(wrk(site, path, seconds)[1])
        post = PostPage.objects.get(slug=slug)
        post.title = f"Published in round {number}"
        post.save_revision().publish()
        after.append(wrk(site, path, seconds)[1])
    ratio = statistics.median(a / b for a, b in zip(after, before, strict=True))
    print(f"Stale answers after {publishes} publishes under load: {stale} (must: 0)")
    print(
        f"p99 of a kept page under load, ms: {statistics.median(before):.2f} before a publish, "
        f"{statistics.median(after):.2f} after it: {ratio:.2f} times (must: at most 5)"
    )


def grow(folders, rounds, repeats, stack):
    """The second table."""
    servers, where = {}, {}
    for size, data in folders.items():
        servers[size] = granian("tests.benchmarks.uncached:application", 1, environment(data))
        stack.append(servers[size])
        where[size], _ = pages(data)
    kinds = list(where[min(folders)])
    times, queries, first = {}, {}, {}
    for size, server in servers.items():
        for kind in kinds:
            started = time.perf_counter()
            server.ask(where[size][kind])
            first[size, kind] = (time.perf_counter() - started) * 1000
            # Bodies and pictures that nobody had asked for are made now.
            response, _ = server.ask(where[size][kind])
            queries[size, kind] = response.headers["X-Queries"]
    for _ in range(rounds):
        for kind in kinds:
            for _repeat in range(repeats):
                for size, server in servers.items():
                    connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
                    connection.connect()
                    started = time.perf_counter()
                    connection.request("GET", where[size][kind], headers={"Host": HOST})
                    answer = connection.getresponse().read()
                    times.setdefault((size, kind), []).append(time.perf_counter() - started)
                    connection.close()
                    if not answer:
                        raise SystemExit(f"Nothing came from {where[size][kind]}")
    sizes = list(folders)
    print("\nMilliseconds (and queries) with one connection, nothing kept")
    print("\n| page | " + " | ".join(f"{size:,} posts" for size in sizes) + " | growth |")
    print("|---|" + "---|" * (len(sizes) + 1))
    for kind in kinds:
        medians = [statistics.median(times[size, kind]) * 1000 for size in sizes]
        growth = medians[-1] / medians[0]
        cells = [f"{m:.1f} ({queries[s, kind]})" for m, s in zip(medians, sizes, strict=True)]
        sign = "✓" if growth <= 1.5 else "✗"
        print(f"| {kind} | " + " | ".join(cells) + f" | **{growth:.2f}** {sign} |")
    print("\nThe first of each kind after a start, ms, which reads what is then remembered:")
    for kind in kinds:
        told = ", ".join(f"{first[size, kind]:.0f}" for size in sizes)
        print(f"  {kind}: {told}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement")
    parser.add_argument("--publishes", type=int, default=500)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of posts")
    parser.add_argument("--quick", action="store_true", help="shorter measurements")
    parser.add_argument("--only", choices=["compare", "publish", "grow"])
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.publishes = 2, 100
    path = os.environ["PATH"] + ":/usr/sbin"
    if missing := [name for name in ("nginx", "wrk") if not shutil.which(name, path=path)]:
        raise SystemExit(
            f"The benchmark needs {' and '.join(missing)}: apt-get install {' '.join(missing)}"
        )
    data = options.data.resolve()
    folders = {int(size): data / size for size in options.sizes.split(",")}
    for size, folder in folders.items():
        generate(folder, size)
    middle = sorted(folders)[len(folders) // 2]
    stack: list[Server] = []
    try:
        if options.only in (None, "compare"):
            compare(folders[middle], data / "nginx", options.rounds, options.seconds, stack)
            for server in stack:
                server.stop()
            stack.clear()
        if options.only in (None, "grow"):
            grow(folders, options.rounds, 5 if options.quick else 15, stack)
            for server in stack:
                server.stop()
            stack.clear()
        if options.only in (None, "publish"):
            workers = os.cpu_count() or 1
            environ = environment(folders[middle])
            stack.append(granian("settings.wsgi:application", workers, environ))
            post = pages(folders[middle])[0]["post"]
            publish_under_load(
                *(folders[middle], stack[0], post),
                *(options.publishes, options.rounds, options.seconds),
            )
    finally:
        for server in stack:
            server.stop()


if __name__ == "__main__":
    main()
