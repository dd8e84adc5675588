"""The URLs of the first run."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
