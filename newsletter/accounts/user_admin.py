"""The admin site's pages about users. They only assign roles; change_users.py has the rules."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm as OwnPasswordForm
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    BaseUserCreationForm,
    UserChangeForm,
)
from django.contrib.auth.models import Group
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest  # noqa: TID251 - the administration is a door
from django.http.response import HttpResponseBase  # noqa: TID251 - the administration is a door
from django.urls import reverse

from newsletter.accounts import change_users, role_assignments, users
from newsletter.accounts.actor import Role, current_actor
from newsletter.accounts.reauthentication import require_recent_sign_in
from subscribers.admin_refusals import ShowsRefusals

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    PasswordForm = AdminPasswordChangeForm[User]
    CreationForm = BaseUserCreationForm[User]
    ChangeForm = UserChangeForm[User]
    UserBase = UserAdmin[User]
else:
    PasswordForm, CreationForm, ChangeForm = AdminPasswordChangeForm, BaseUserCreationForm, UserChangeForm
    UserBase = UserAdmin

ASSIGNABLE_ROLES = (Role.AUTHOR, Role.EDITOR, Role.APPROVER, Role.SENDER, Role.BOARD)


class RolesField(forms.MultipleChoiceField):
    """The roles that can be assigned in the browser. Administrators can only be added on the command line."""

    def __init__(self) -> None:
        super().__init__(
            choices=[(role.value, role.value.capitalize()) for role in ASSIGNABLE_ROLES],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text=(
                "For all publications. Authors write articles and edit the text of drafts. Editors also compose and "
                "schedule issues. Approvers approve issues. Senders send issues. The board answers readers’ questions "
                "about facts."
            ),
        )


class NewUserForm(CreationForm):
    roles = RolesField()

    class Meta(BaseUserCreationForm.Meta):
        fields = ("username", "email")


class UserForm(ChangeForm):
    roles = RolesField()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if "roles" in self.fields:
            self.fields["roles"].initial = [
                role.value for role in role_assignments.roles_assigned(self.instance)
            ]


class SetUserPasswordForm(PasswordForm):
    """Changes a user's password with the function that the command line uses."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in ("password1", "password2"):
            self.fields[name].required = True
        self.fields.pop("usable_password", None)

    def save(self, commit: bool = True) -> Any:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        """Save the new password."""
        users.change_password(self.user.get_username(), password=self.cleaned_data["password1"])
        self.user.refresh_from_db()
        return self.user


class ChangeOwnPasswordForm(OwnPasswordForm):
    """Lets people change their own password, and records the change in the audit log."""

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Save the new password."""
        user = super().save(commit)
        users.record_password(user)
        return user


class AccountAdmin(ShowsRefusals, UserBase):
    """Accounts, and whether each is an editor or an approver."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = SetUserPasswordForm
    list_display = ("username", "email", "is_active", "last_login")
    list_filter = ("is_active",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Access", {"fields": ("is_active", "roles")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "email", "password1", "password2", "roles")}),)
    readonly_fields = ("last_login", "date_joined")

    def changeform_view(self, request: Any, *arguments: Any, **named: Any) -> Any:
        """Show or save a user. Before it is saved, the person confirms who they are."""
        _ask_again(request)
        return super().changeform_view(request, *arguments, **named)

    def user_change_password(self, request: Any, *arguments: Any, **named: Any) -> Any:
        """Show the form for a new password, or save it. Before it is saved, the person confirms who they are."""
        _ask_again(request)
        return super().user_change_password(request, *arguments, **named)

    def delete_view(self, request: Any, *arguments: Any, **named: Any) -> Any:
        """Ask whether to remove a user, or remove them. Before that, the person confirms who they are."""
        _ask_again(request)
        return super().delete_view(request, *arguments, **named)

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """Return the groups of fields. An administrator has every role, so their form shows no roles."""
        if obj is not None and _is_administrator(obj):
            access = {"fields": ("is_active", "administrator")}
            return (*self.fieldsets[:2], ("Access", access), self.fieldsets[3])
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """Return the read-only fields. More fields are read-only for an administrator."""
        more = ("is_active", "administrator") if obj is not None and _is_administrator(obj) else ()
        return (*super().get_readonly_fields(request, obj), *more)

    @admin.display(description="Administrator", boolean=True)
    def administrator(self, user: Any) -> bool:
        """Return whether a user is an administrator."""
        return _is_administrator(user)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Save a user with the functions that the command line uses."""
        given = [Role(value) for value in form.cleaned_data.get("roles", [])]
        if change:
            change_users.save_account(obj, roles=[Role.ADMINISTRATOR] if _is_administrator(obj) else given)
            return
        password = form.cleaned_data["password1"]
        made = users.add_user(obj.username, password=password, address=obj.email, roles=given)
        obj.pk = made.pk
        obj.refresh_from_db()

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Do nothing: `save_model` has already saved the roles."""

    def delete_model(self, request: Any, obj: Any) -> None:  # noqa: ARG002 - Django's signature
        """Remove the account."""
        users.remove_user(obj.get_username())

    def has_module_permission(self, request: Any) -> bool:
        """Return whether a person can see the section about users."""
        return super().has_module_permission(request) and _may_manage_users()

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        """Return whether a person can see users: only administrators can."""
        return super().has_view_permission(request, obj) and _may_manage_users()

    def has_add_permission(self, request: Any) -> bool:
        """Return whether a person can add users: only administrators can."""
        return super().has_add_permission(request) and _may_manage_users()

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Return whether a person can change users: only administrators can."""
        return super().has_change_permission(request, obj) and _may_manage_users()

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """Return whether a person can remove a user: only administrators can, and never another administrator."""
        return (
            super().has_delete_permission(request, obj)
            and _may_manage_users()
            and not (obj and _is_administrator(obj))
        )


def change_own_password(request: HttpRequest) -> HttpResponseBase:
    """Let the signed-in person change their own password, as Django's page does."""
    change = PasswordChangeView.as_view(
        form_class=ChangeOwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return change(request)


def _ask_again(request: Any) -> None:
    if request.method == "POST" and _may_manage_users():
        require_recent_sign_in(request)


def _is_administrator(user: Any) -> bool:
    return Role.ADMINISTRATOR in role_assignments.roles_assigned(user)


def _may_manage_users() -> bool:
    return current_actor().may(Role.ADMINISTRATOR)


admin.site.unregister(get_user_model())
admin.site.register(get_user_model(), AccountAdmin)
# Roles are given by change_users.py, and need no groups.
admin.site.unregister(Group)
