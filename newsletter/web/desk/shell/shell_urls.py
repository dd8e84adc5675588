"""The URLs of logging in and out, the activity page, and the choice of a publication."""

from django.urls import path

from newsletter.web.desk.shell import activity_page, choose_publication, login

urlpatterns = [
    path("log-in/", login.LogIn.as_view(), name="log-in"),
    path("log-out/", login.LogOut.as_view(), name="log-out"),
    path("audit/", activity_page.audit, name="audit"),
    path("choose-publication/", choose_publication.choose, name="choose-publication"),
]
