"""One person: their roles, and whether they can log in."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import Role, current_actor
from newsletter.accounts.administer_accounts import (
    activate,
    change_roles,
    deactivate,
    roles_version,
    why_not_change_roles,
    why_not_deactivate,
    why_not_manage_people,
)
from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.accounts.role_assignments import publication_roles_assigned, roles_assigned
from newsletter.accounts.second_factor import reset_second_factor, why_not_reset
from newsletter.accounts.who_may_log_in_locally import is_single_sign_on_offered
from newsletter.errors import Invalid, NewsletterError, NotFound, Refused, refuse_if
from newsletter.single_sign_on.account_provider_link import unlink, why_not_unlink
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.settings.role_choices import (
    chosen_roles,
    chosen_single_roles,
    names_of_publications,
    publication_roles_in_words,
    role_choices,
    roles_by_publication,
)
from newsletter.web.desk.settings.user_list_page import words_of_grants
from subscribers.phrases import listed


@desk("GET", "HEAD", page="people")
def person(request: HttpRequest, person: int) -> HttpResponse:
    """Show one person, with the forms that change what they may do."""
    return _one(request, _user_at(person))


@desk("POST", page="person")
def roles(request: HttpRequest, person: int) -> HttpResponse:
    """Change the roles of a person."""
    user = _user_at(person)
    require_recent_sign_in(request)
    chosen, given = chosen_roles(request), publication_roles_assigned(user)
    single = chosen_single_roles(request, given)
    try:
        changed = change_roles(user.username, chosen, single, seen=request.POST.get("seen"))
    except Invalid as error:
        return _one(request, user, error=error, roles=chosen)
    except Refused as error:
        return _one(request, _user_at(person), error=error)
    now = given if single is None else single
    words = sorted(role.capitalize() for role in chosen)
    words += publication_roles_in_words(now, names_of_publications())
    has = f"now has the {'role' if len(words) == 1 else 'roles'} {listed(words)}"
    sentence = f"{user.username} {has}." if changed else "Nothing was changed."
    return done(request, sentence, reverse("desk:person", args=[user.pk]))


@desk("GET", "HEAD", "POST", page="person")
def deactivate_person(request: HttpRequest, person: int) -> HttpResponse:
    """Ask whether to deactivate a person, and deactivate them."""
    user = _user_at(person)
    if request.method != "POST":
        return show(request, "settings/deactivate", person=user, why_not=why_not_deactivate(user))
    undo = Undo(reverse("desk:activate-person", args=[user.pk]))
    sentence = f"{user.username} was deactivated and logged out everywhere."
    return _act(request, user, deactivate, sentence, undo=undo)


@desk("GET", "HEAD", "POST", page="person")
def reset_factor(request: HttpRequest, person: int) -> HttpResponse:
    """Ask whether to reset the second factor of a person, and reset it."""
    user = _user_at(person)
    if request.method != "POST":
        return show(request, "settings/reset_second_factor", person=user, why_not=why_not_reset(user))
    require_recent_sign_in(request)
    reset_second_factor(user.username)
    sentence = f"The second factor for {user.username} was reset. They can now set up a new one."
    return done(request, sentence, reverse("desk:person", args=[user.pk]))


@desk("POST", page="person")
def end_link(request: HttpRequest, person: int) -> HttpResponse:
    """End the link of a person's account with the provider of single sign-on."""
    user = _user_at(person)
    sentence = f"{user.username} is no longer linked to {settings.NEWSLETTER.oidc_name}."
    return _act(request, user, unlink, sentence)


@desk("POST", page="person")
def activate_person(request: HttpRequest, person: int) -> HttpResponse:
    """Activate a person."""
    user = _user_at(person)
    return _act(request, user, activate, f"{user.username} can log in again.")


def _act(
    request: HttpRequest, user: Any, act: Callable[[str], object], sentence: str, *, undo: Undo | None = None
) -> HttpResponse:
    require_recent_sign_in(request)
    act(user.username)
    return done(request, sentence, reverse("desk:person", args=[user.pk]), undo=undo)


def _one(
    request: HttpRequest,
    user: Any,
    *,
    error: NewsletterError | None = None,
    roles: list[Role] | None = None,
) -> HttpResponse:
    errors, form_error = _errors(error)
    given, names = roles_assigned(user), names_of_publications()
    return show(
        request,
        "settings/person",
        status=form_error.status if form_error else 200,
        person=user,
        is_me=user.pk == current_actor().account,
        roles=[role.value for role in (given if roles is None else roles)],
        role_words=words_of_grants(user, names),
        single=roles_by_publication(publication_roles_assigned(user), None if roles is None else request),
        choices=role_choices(),
        seen=roles_version(user),
        last_login=Dates(request).of(user.last_login) if user.last_login else None,
        why_not_roles=why_not_change_roles(user),
        why_not_deactivate=why_not_deactivate(user),
        why_not_reset=why_not_reset(user),
        provider=settings.NEWSLETTER.oidc_name if is_single_sign_on_offered() else "",
        why_not_unlink=why_not_unlink(user),
        form_error=form_error,
        errors={"roles": "", **errors},
        summary=list(errors.items()),
    )


def _errors(error: NewsletterError | None) -> tuple[dict[str, str], FormError | None]:
    if error is None:
        return {}, None
    fields = errors_by_field(error)
    return fields, FormError.of(error, "person", {})


def _user_at(person: int) -> Any:
    refuse_if(why_not_manage_people())
    user = get_user_model().objects.filter(pk=person).prefetch_related("role_grants").first()
    if user is None:
        raise NotFound("We could not find this person. Choose one on the People page.")
    return user
