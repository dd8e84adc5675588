"""The URL of the desk's first page."""

from django.urls import path

from newsletter.web.desk.home import home_page

urlpatterns = [path("", home_page.dashboard, name="dashboard")]
