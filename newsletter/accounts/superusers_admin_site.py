"""Django's administration pages, which only superusers can open: a role at the desk is not enough."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest  # noqa: TID251 - the administration is a door


class SuperusersSite(AdminSite):
    """The administration, for superusers. A superuser is made on the machine; see `set_superuser`."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody can open the administration. Raises PermissionDenied for other signed-in people.

        They would be led to the log-in page otherwise, as visitors are.
        """
        user = request.user
        if user.is_authenticated and not user.is_superuser:
            raise PermissionDenied
        return bool(user.is_active and user.is_superuser)
