"""The URLs of the pages about people, and the page that an invited person opens."""

from django.urls import path

from newsletter.web.desk.settings import invitation_page, invite_pages, user_account_pages, user_list_page

urlpatterns = [
    path("settings/people/", user_list_page.people, name="people"),
    path("settings/people/invite/", invite_pages.invite_person, name="invite"),
    path("settings/people/<int:person>/", user_account_pages.person, name="person"),
    path("settings/people/<int:person>/roles/", user_account_pages.roles, name="change-roles"),
    path(
        "settings/people/<int:person>/deactivate/",
        user_account_pages.deactivate_person,
        name="deactivate-person",
    ),
    path(
        "settings/people/<int:person>/reset-second-factor/",
        user_account_pages.reset_factor,
        name="reset-second-factor",
    ),
    path("settings/people/<int:person>/unlink/", user_account_pages.end_link, name="unlink-person"),
    path(
        "settings/people/<int:person>/activate/", user_account_pages.activate_person, name="activate-person"
    ),
    path(
        "settings/people/invitations/<int:invitation>/again/",
        invite_pages.send_invitation_again,
        name="send-invitation-again",
    ),
    path(
        "settings/people/invitations/<int:invitation>/withdraw/",
        invite_pages.withdraw_invitation,
        name="withdraw-invitation",
    ),
    path("invitation/", invitation_page.invitation, name="invitation"),
]
