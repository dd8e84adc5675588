"""Where the link that the server prints leads, and where the first run goes on when somebody comes back to it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from newsletter.accounts.first_account_link import why_not_set_up
from newsletter.first_run.first_steps import FirstSteps, Step, first_steps
from newsletter.issues.page_urls import desk_path
from newsletter.web.desk.desk_page import show
from newsletter.web.desk.first_run.account_step import show_account

SETTING_UP = "Setting up a newsletter"
NO_LINK = (
    "When the server starts, it prints a setup link. Open the latest one: it contains "
    "“/desk/start/?token=”. If you cannot find it, restart the server and it will print a new link."
)


@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Lead a person with an account to the next step, and one with the link to the page of their account."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_path(), status=303)
    if token := request.GET.get("token", ""):
        return show_account(request, token)
    if why_not_set_up():
        return HttpResponseRedirect(reverse("desk:log-in"), status=303)
    return show(request, "first_run/no_link", sentence=NO_LINK)


def next_path(steps: FirstSteps | None = None) -> str:
    """Return the path of the first step that is not done, or of Home if there is none."""
    step = (steps or first_steps()).next_step
    if step is None:
        return desk_path()
    return reverse("desk:start-articles" if step is Step.ISSUE else f"desk:start-{step}")
