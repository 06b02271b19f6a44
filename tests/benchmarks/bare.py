"""
What Django itself needs for a page of BARE_BYTES: the ruler for a page that no cache answers.

A new project's middleware, and one view whose template writes a paragraph for each text of a list.
No database is asked.
"""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.shortcuts import render
from django.urls import path

TEMPLATE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><main><h1>{{ title }}</h1>{% for text in texts %}
<p>{{ text }}</p>{% endfor %}
</main></body>
</html>
"""


def make():
    text = "Nobody had asked why the threshold moved, and it was “not” the council's question. "
    texts = [text * 5] * max(1, int(os.environ["BARE_BYTES"]) // 425)

    def view(request):
        return render(request, "page.html", {"title": "A page", "texts": texts})

    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=type("urls", (), {"urlpatterns": [path("", view)]}),
        SECRET_KEY="bare",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ],
                    "loaders": [("django.template.loaders.locmem.Loader", {"page.html": TEMPLATE})],
                },
            }
        ],
    )
    return get_wsgi_application()


application = make()
