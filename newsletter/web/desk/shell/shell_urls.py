"""The URLs of logging in and out, the activity page, the search, and the choice of a publication."""

from django.urls import path

from newsletter.accounts.own_sign_in import has_own_sign_in
from newsletter.web.desk.shell import (
    activity_page,
    choose_publication,
    components_page,
    find_page,
    host_login,
    login,
)

log_in = login.LogIn.as_view() if has_own_sign_in() else host_login.log_in
log_out = login.LogOut.as_view() if has_own_sign_in() else host_login.log_out

urlpatterns = [
    path("log-in/", log_in, name="log-in"),
    path("log-out/", log_out, name="log-out"),
    path("audit/", activity_page.audit, name="audit"),
    path("find/", find_page.find_page, name="find"),
    path("find/list/", find_page.find_list, name="find-list"),
    path("shortcuts/", find_page.shortcuts, name="shortcuts"),
    path("components/", components_page.components, name="components"),
    path("choose-publication/", choose_publication.choose, name="choose-publication"),
]
