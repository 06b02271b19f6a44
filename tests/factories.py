"""Makes pages, people and photos, with only the fields a test is about."""

import datetime as dt

import factory
import wagtail_factories
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone
from factory.django import DjangoModelFactory
from wagtail.models import PageViewRestriction

from blog.models import Author, BlogIndexPage, Photo, PostPage, Series, Tag
from home.models import StandardPage


def moment(*parts):
    """A moment of the site's calendar: `moment(2014, 10, 18, 9, 30)`."""
    return dt.datetime(*parts, tzinfo=timezone.get_default_timezone())


def paragraph(text):
    return {"type": "paragraph", "value": f"<p>{text}</p>"}


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence("user{}".format)
    email = factory.LazyAttribute("{0.username}@example.org".format)
    password = factory.django.Password("password")

    @factory.post_generation
    def roles(user, create, names):
        user.groups.set(Group.objects.filter(name__in=names or []))


class PhotoFactory(wagtail_factories.ImageFactory):
    class Meta:
        model = Photo

    title = factory.Sequence("Photo {}".format)


class AuthorFactory(DjangoModelFactory):
    class Meta:
        model = Author

    name = factory.Sequence("Author {}".format)
    slug = factory.Sequence("author-{}".format)


class SeriesFactory(DjangoModelFactory):
    class Meta:
        model = Series

    title = factory.Sequence("Series {}".format)
    slug = factory.Sequence("series-{}".format)


class BlogIndexPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = BlogIndexPage

    title = factory.Sequence("Blog {}".format)


class StandardPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = StandardPage

    title = factory.Sequence("Page {}".format)
    body = factory.LazyFunction(lambda: [paragraph("What the page says.")])


class PostPageFactory(wagtail_factories.PageFactory):
    """
    A live post; `live=False` makes a draft.

    `tags` are names, `authors` are `Author`s; `private=True` asks readers for a password.
    """

    class Meta:
        model = PostPage
        skip_postgeneration_save = True

    title = factory.Sequence("Post {}".format)
    published_at = factory.Sequence(
        lambda number: moment(2014, 10, 1, 9) + dt.timedelta(hours=number)
    )
    body = factory.LazyFunction(lambda: [paragraph("What the post says.")])

    @factory.post_generation
    def tags(post, create, names):
        if names:
            # Made here, as pages with the same new tag would each make one of their own.
            for name in names:
                Tag.objects.get_or_create(name=name)
            post.tags.add(*names)
            post.save()

    @factory.post_generation
    def authors(post, create, authors):
        if authors:
            post.bylines = [post.bylines.model(author=author) for author in authors]
            post.save()

    @factory.post_generation
    def private(post, create, private):
        if private:
            PageViewRestriction.objects.create(
                page=post, restriction_type=PageViewRestriction.PASSWORD, password="open sesame"
            )
