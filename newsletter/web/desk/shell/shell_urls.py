"""The URLs of logging in and out, the activity page, the search, and the choice of a publication."""

from django.urls import path

from newsletter.web.desk.shell import activity_page, choose_publication, components_page, find_page, login

urlpatterns = [
    path("log-in/", login.LogIn.as_view(), name="log-in"),
    path("log-out/", login.LogOut.as_view(), name="log-out"),
    path("audit/", activity_page.audit, name="audit"),
    path("find/", find_page.find_page, name="find"),
    path("find/list/", find_page.find_list, name="find-list"),
    path("shortcuts/", find_page.shortcuts, name="shortcuts"),
    path("components/", components_page.components, name="components"),
    path("choose-publication/", choose_publication.choose, name="choose-publication"),
]
