"""The URLs of logging in and out, the activity page, the search, and the choice of a publication."""

from django.urls import path

from newsletter.accounts.login_by_host_site import has_own_sign_in
from newsletter.web.desk.shell import (
    activity_page,
    components_page,
    desk_search_page,
    host_login,
    login_pages,
    publication_switcher,
)

log_in = login_pages.LogIn.as_view() if has_own_sign_in() else host_login.log_in
log_out = login_pages.LogOut.as_view() if has_own_sign_in() else host_login.log_out

urlpatterns = [
    path("log-in/", log_in, name="log-in"),
    path("log-out/", log_out, name="log-out"),
    path("audit/", activity_page.audit, name="audit"),
    path("find/", desk_search_page.find_page, name="find"),
    path("find/list/", desk_search_page.find_list, name="find-list"),
    path("shortcuts/", desk_search_page.shortcuts, name="shortcuts"),
    path("components/", components_page.components, name="components"),
    path("choose-publication/", publication_switcher.choose, name="choose-publication"),
]
