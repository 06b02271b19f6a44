from django.urls import re_path

from blog import views

urlpatterns = [
    re_path(r"^(?P<path>(?:[\w-]+/)*[\w-]+)\.(?P<form>md|png)$", views.other_form, name="post_form")
]
