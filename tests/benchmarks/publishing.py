"""Publishes a post of the site at each line that comes in, and then prints its new title."""

import subprocess
import sys


class Publisher:
    """A process of the site that publishes the post of a slug when it is told to."""

    def __init__(self, site, path):
        import os

        from tests.benchmarks.servers import ROOT

        slug = path.strip("/").split("/")[-1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.publishing", slug],
            cwd=ROOT,
            env={**os.environ, **site.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def publish(self):
        """Publish the post; returns its title once that is committed."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        title = self.process.stdout.readline().strip()
        if not title:
            raise SystemExit("The benchmark's publisher ended.")
        return title

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def main(slug):
    import django

    django.setup()
    from django.utils import timezone

    from blog.models import PostPage

    for _line in sys.stdin:
        post = PostPage.objects.get(slug=slug)
        post.title = f"Published at {timezone.now():%H:%M:%S.%f}"
        post.save_revision().publish()
        print(post.title, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
