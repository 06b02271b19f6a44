import datetime as dt
import functools

from django.core.cache import caches
from django.core.paginator import InvalidPage
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.contrib.routable_page.models import RoutablePageMixin, path

from blog.archives import calendar, converters  # noqa: F401  registers <yyyy:…>, <mm:…> and <dd:…>
from blog.archives.listing import Crumb, Listing, LongPaginator
from blog.body import reading
from blog.outgoing import structured_data
from blog.outgoing.feeds import PostFeed
from blog.queries import period

from .author import Author
from .photo import sizes
from .series import Series
from .tag import Tag

# How many parts a date has → the format of its heading, which other languages write otherwise.
DATE_HEADINGS = {1: "Y", 2: "F Y", 3: gettext_lazy("l, j F Y")}


@functools.lru_cache(maxsize=10_000)
def reverse_route(model, name, *args, **kwargs):
    """
    Return the path of a route below its page.

    Return that of the page itself if an argument, such as a slug, fits in no address. The paths
    are cached, as a list of posts shows a hundred of them.
    """
    resolver = model.get_resolver()
    try:
        return resolver.reverse(name, *args, **kwargs)
    except NoReverseMatch:
        if name not in resolver.reverse_dict:
            raise
        return ""


class ArchiveRoutes(RoutablePageMixin):
    """The addresses below a blog. A route chooses the posts, and `list_posts` shows them."""

    posts_per_page = 20

    def reverse_subpage(self, name, args=None, kwargs=None):
        return reverse_route(type(self), name, *(args or ()), **(kwargs or {}))

    def get_route_paths(self):
        """Return the paths below the blog at which readers find something, for redirects."""
        posts = self.posts.order_by()
        subjects = {
            "tag": Tag.objects.filter(tagged_posts__content_object__in=posts),
            "author": Author.objects.filter(bylines__post__in=posts),
            "series": Series.objects.filter(posts__in=posts),
        }
        lists = ("index", "archive", "follow", "tags", "authors", "series_list")
        routes = [(name, ()) for name in lists]
        feeds = self.get_feed_paths("feed")
        for name, found in subjects.items():
            slugs = found.order_by().values_list("slug", flat=True).distinct()
            routes += [(name, (slug,)) for slug in slugs]
            for slug in slugs:
                feeds += self.get_feed_paths(f"{name}_feed", slug)
        zone = timezone.get_default_timezone()
        moments = posts.filter(published_at__isnull=False).values_list("published_at", flat=True)
        days = {timezone.localdate(moment, zone) for moment in moments}
        for number, name in enumerate(("year", "month", "day"), start=1):
            dates = {(day.year, day.month, day.day)[:number] for day in days}
            routes += [(name, date) for date in sorted(dates)]
        paths = [self.reverse_subpage(name, args) for name, args in routes]
        return [f"/{path}" for path in paths + feeds]

    def get_feed_paths(self, route, *args):
        """Return the paths below the blog of a feed in each of its formats."""
        others = [self.reverse_subpage(f"{route}_as", [*args, kind]) for kind in ("rss", "json")]
        return [self.reverse_subpage(route, args), *others]

    def get_listing(self, request, title, *, below=None, **fields):
        """
        Return the metadata of a list, with its breadcrumbs.

        `below` is the name of the route and the title of the list that it is part of.
        """
        page = Crumb(self.title, self.get_full_url(request))
        crumbs = [page]
        if below:
            name, list_title = below
            crumbs.append(Crumb(list_title, page.url + self.reverse_subpage(name)))
        url = self.url_of_original(request) + request.path.removeprefix(self.get_url(request))
        return Listing(title, url, crumbs, **fields)

    def url_of_original(self, request):
        """Return the absolute address of the blog, or of the one that it is an alias of."""
        return self.original.get_full_url(request)

    def list_posts(self, request, posts, metadata=None, *, allow_empty=False, **context):
        """
        Return a response with one page of posts under their days.

        `posts` is a queryset, newest first. `metadata` is that of the list, or None if these are
        all posts of the blog. Raise Http404 for a page that does not exist, and for an empty list
        unless `allow_empty` is true.
        """
        heading = metadata.title if metadata else ""
        paginator = LongPaginator(
            posts.for_cards(),
            self.posts_per_page,
            key=f"{self.order_key} at {request.path}" if metadata else self.order_key,
            allow_empty_first_page=allow_empty,
        )
        try:
            page = paginator.page(request.GET.get("page", 1))
        except InvalidPage as error:
            raise Http404(str(error)) from error
        if page.number > 1:
            metadata = metadata or self.get_listing(request, self.title)
            numbered = {"title": metadata.title, "number": page.number}
            metadata.title = _("%(title)s, page %(number)d") % numbered
            metadata.url += f"?page={page.number}"
        if metadata:
            metadata.posts = page.object_list
            context["metadata"] = metadata
        return self.render(
            request, context_overrides={"posts": page, "heading": heading, **context}
        )

    def show(self, request, template, heading, **context):
        """Return a response with a page of the blog other than a list of posts."""
        context |= {"heading": heading, "metadata": self.get_listing(request, heading)}
        return self.render(request, template=f"blog/{template}.html", context_overrides=context)

    def list_subjects(self, request, subjects, heading, route):
        """Return a response that lists tags, authors or series, each with its `count` of posts."""
        return self.show(request, "subjects", heading, subjects=subjects, route=route)

    def list_dated(self, request, *date):
        """Return a response with the posts of a year, a month or a day."""
        try:
            posts = self.posts.dated(*date)
            start, end = period(*date)
        except ValueError as error:
            raise Http404(_("There is no such day.")) from error
        first = dt.date(*date, *(1,) * (3 - len(date)))
        heading = date_format(first, str(DATE_HEADINGS[len(date)]))
        metadata = self.get_listing(
            request,
            heading,
            below=("archive", _("All months")),
            description=_("Posts of %(date)s") % {"date": heading},
        )
        months = [year.months for year in self.years if (year.year,) == date]
        return self.list_posts(
            request,
            posts,
            metadata,
            is_day=len(date) == 3,
            months=months[0] if months else None,
            earlier=self.dated_link(self.posts.filter(published_at__lt=start).first(), len(date)),
            later=self.dated_link(
                self.posts.filter(published_at__gte=end).order_by("published_at", "pk").first(),
                len(date),
            ),
        )

    @property
    def years(self):
        """The years that have posts, newest first, with their months."""
        return caches["until_change"].get_or_set(
            f"years of {self.pk}", lambda: calendar.years(self.posts.month_counts())
        )

    def dated_link(self, post, parts):
        """Return a link to the year (1 part), month (2) or day (3) of a post; None without one."""
        if post is None:
            return None
        date = post.published_on
        arguments = [date.year, date.month, date.day][:parts]
        route = ("year", "month", "day")[parts - 1]
        return Crumb(
            date_format(date, str(DATE_HEADINGS[parts])),
            self.url + self.reverse_subpage(route, args=arguments),
        )

    @path("", name="index")
    def index(self, request):
        return self.list_posts(request, self.posts, allow_empty=True)

    @path("<yyyy:year>/", name="year")
    def year(self, request, year):
        return self.list_dated(request, year)

    @path("<yyyy:year>/<mm:month>/", name="month")
    def month(self, request, year, month):
        return self.list_dated(request, year, month)

    @path("<yyyy:year>/<mm:month>/<dd:day>/", name="day")
    def day(self, request, year, month, day):
        return self.list_dated(request, year, month, day)

    @path("archive/", name="archive")
    def archive(self, request):
        return self.show(request, "archive", _("All months"), years=self.years)

    @path("tags/", name="tags")
    def tags(self, request):
        return self.list_subjects(request, self.subjects, _("Tags"), "tag")

    @path("tags/<str:slug>/", name="tag")
    def tag(self, request, slug):
        tag = get_object_or_404(Tag, slug=slug)
        heading = _("Posts tagged “%(tag)s”") % {"tag": tag.name}
        metadata = self.get_listing(request, heading, below=("tags", _("Tags")))
        return self.list_posts(request, self.posts.tagged(slug), metadata, tag=tag)

    @property
    def all_authors(self):
        """The authors of its posts, each with the `count` of posts."""

        def read():
            authors = Author.objects.filter(bylines__post__in=self.posts.order_by())
            authors = authors.annotate(count=Count("bylines")).select_related("portrait")
            authors = authors.prefetch_related(sizes("small_portrait", of="portrait"))
            # Django does not order counted rows by itself.
            return list(authors.order_by("name", "pk"))

        return caches["until_change"].get_or_set(f"authors {self.pk}", read)

    @property
    def all_series(self):
        """The series of its posts, each with the `count` of posts."""

        def read():
            series = Series.objects.filter(posts__in=self.posts.order_by())
            return list(series.annotate(count=Count("posts")).order_by("title", "pk"))

        return caches["until_change"].get_or_set(f"series {self.pk}", read)

    @path("follow/", name="follow")
    def follow(self, request):
        """Explain the feeds of the blog, its tags, authors and series, and where else it is."""
        feed_url = self.get_full_url(request) + self.reverse_subpage("feed")
        return self.show(request, "follow", _("Follow"), feed_url=feed_url)

    @path("authors/", name="authors")
    def authors(self, request):
        return self.list_subjects(request, self.all_authors, _("Authors"), "author")

    @path("authors/<str:slug>/", name="author")
    def author(self, request, slug):
        author = get_object_or_404(
            Author.objects.select_related("portrait").prefetch_related("links"), slug=slug
        )
        biography = reading.plain(author.biography)
        person = structured_data.person(
            author.name,
            self.url_of_original(request) + self.reverse_subpage("author", args=[author.slug]),
            description=biography,
            same_as=[link.url for link in author.links.all()],
        )
        metadata = self.get_listing(
            request,
            author.name,
            below=("authors", _("Authors")),
            description=biography,
            person=person,
        )
        posts = self.posts.by(author)
        return self.list_posts(request, posts, metadata, allow_empty=True, author=author)

    @path("series/", name="series_list")
    def series_list(self, request):
        return self.list_subjects(request, self.all_series, _("Series"), "series")

    @path("series/<str:slug>/", name="series")
    def series(self, request, slug):
        series = get_object_or_404(Series, slug=slug)
        metadata = self.get_listing(
            request,
            series.title,
            below=("series_list", _("Series")),
            description=reading.plain(series.introduction),
        )
        response = self.list_posts(request, self.posts.in_series(series), metadata, series=series)
        page = response.context_data["posts"]
        for part, post in enumerate(page, start=page.start_index()):
            post.part = part
        return response

    @path("feed/", name="feed")
    @path("feed/<feed_kind:kind>/", name="feed_as")
    def feed(self, request, kind="atom"):
        return PostFeed(self, kind)(request)

    @path("tags/<str:slug>/feed/", name="tag_feed")
    @path("tags/<str:slug>/feed/<feed_kind:kind>/", name="tag_feed_as")
    def tag_feed(self, request, slug, kind="atom"):
        tag = get_object_or_404(Tag, slug=slug)
        heading = _("Posts tagged “%(tag)s”") % {"tag": tag.name}
        return self.feed_below(request, "tag", tag, self.posts.tagged(slug), kind, heading)

    @path("authors/<str:slug>/feed/", name="author_feed")
    @path("authors/<str:slug>/feed/<feed_kind:kind>/", name="author_feed_as")
    def author_feed(self, request, slug, kind="atom"):
        author = get_object_or_404(Author, slug=slug)
        biography = reading.plain(author.biography)
        return self.feed_below(request, "author", author, self.posts.by(author), kind, biography)

    @path("series/<str:slug>/feed/", name="series_feed")
    @path("series/<str:slug>/feed/<feed_kind:kind>/", name="series_feed_as")
    def series_feed(self, request, slug, kind="atom"):
        series = get_object_or_404(Series, slug=slug)
        posts, introduction = self.posts.in_series(series), reading.plain(series.introduction)
        return self.feed_below(request, "series", series, posts, kind, introduction)

    def feed_below(self, request, route, subject, posts, kind, description):
        """Return a response with the feed of a tag, an author or a series."""
        feed = PostFeed(
            self,
            kind,
            posts=posts,
            title=str(subject),
            description=description,
            page_url=self.url + self.reverse_subpage(route, args=[subject.slug]),
        )
        return feed(request)
