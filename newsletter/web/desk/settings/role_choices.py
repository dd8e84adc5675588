"""The roles as forms offer them."""

from django.http import HttpRequest

from newsletter.accounts.actor import Role

WHAT_ROLES_DO = {
    Role.AUTHOR: "writes articles and the texts of drafts",
    Role.EDITOR: "also composes and schedules issues",
    Role.APPROVER: "approves issues",
    Role.SENDER: "sends issues that are approved",
    Role.ADMINISTRATOR: "does all of this, and manages people, sources and settings",
}


def role_choices() -> list[tuple[str, str]]:
    """Return each role with a label that says what it lets a person do."""
    return [(role.value, f"{role.value.capitalize()} – {what}") for role, what in WHAT_ROLES_DO.items()]


def chosen_roles(request: HttpRequest) -> list[Role]:
    """Return the roles that were chosen in a form. What is not a role is left out."""
    return [role for role in Role if role.value in request.POST.getlist("roles")]
