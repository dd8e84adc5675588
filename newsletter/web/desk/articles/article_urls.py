"""The URLs of articles and sources."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
