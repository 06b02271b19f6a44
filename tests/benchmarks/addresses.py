"""Prints the paths of each kind of page, in a process of the site: `… addresses 4000`."""

import json
import sys


def pictured(posts, most):
    """Posts with a cover and two photos."""
    found = []
    for post in posts.exclude(cover=None).iterator(chunk_size=500):
        if [block["type"] for block in post.body.raw_data].count("photo") == 2:
            found.append(post)
            if len(found) == most:
                break
    return found


def addresses(most):
    """One path of each kind; under "posts" and "lists" so many that none is asked for twice."""
    from blog.models import Author, BlogIndexPage, Tag

    blog = BlogIndexPage.objects.first()
    number = blog.posts.count()
    # One in the middle, with tags and neighbours; in the small blog, too, its month is whole.
    middle = blog.posts.filter(tagged_items__isnull=False, series=None)[number // 2]
    day = middle.published_on
    tag = Tag.objects.order_by("pk").first().slug
    author = Author.objects.order_by("pk").first().slug
    pages = number // blog.posts_per_page
    posts = pictured(blog.posts, most)
    return {
        "front page": blog.get_parent().url,
        "list": blog.url,
        "list, last whole page": f"{blog.url}?page={pages}",
        "post": min(posts, key=lambda post: abs(post.pk - middle.pk)).url,
        "tag": f"{blog.url}tags/{tag}/",
        "author": f"{blog.url}authors/{author}/",
        "year": f"{blog.url}{day.year}/",
        "month": f"{blog.url}{day:%Y/%m}/",
        "day": f"{blog.url}{day:%Y/%m/%d}/",
        "feed": f"{blog.url}feed/",
        "tag's feed": f"{blog.url}tags/{tag}/feed/",
        "sitemap's index": "/sitemap.xml",
        "posts": [post.url for post in posts],
        "lists": [f"{blog.url}?page={page}" for page in range(1, min(pages, 500) + 1)],
    }


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(addresses(int(sys.argv[1]))))
