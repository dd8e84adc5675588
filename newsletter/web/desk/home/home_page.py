"""The first page of the desk: what needs attention, what is being sent, what comes next, and what was sent last."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import Role, current_actor
from newsletter.first_run.first_steps import first_steps, own_publication
from newsletter.first_run.models import Example
from newsletter.first_run.remove_example import loaded_example
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.first_run.start_page import next_path
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.home.attention import attention
from newsletter.web.desk.home.current_issues import being_sent, next_up, recurring, results
from newsletter.web.desk.home.home_rows import SHOWN, path_to
from newsletter.web.desk.publication_choice import chosen_publication

ALL_SHOWN = 200


@desk("GET", "HEAD")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show Home."""
    return show_home(request)


def show_home(request: HttpRequest, form_error: FormError | None = None) -> HttpResponse:
    """Show Home, with an error of an act that somebody started there."""
    publication = chosen_publication(request)
    steps, sending = first_steps(), being_sent(publication)
    return show(
        request,
        "home/home",
        status=form_error.status if form_error else 200,
        attention=attention(
            publication, at_most=ALL_SHOWN if request.GET.get("attention") == "all" else SHOWN
        ),
        sending=sending,
        next_up=next_up(publication),
        recurring=recurring(publication),
        results=results(publication),
        steps=steps,
        next_path="" if steps.is_sent or not current_actor().may(Role.EDITOR) else next_path(steps),
        subscribers_path="" if steps.is_sent else _subscribers_path(),
        example=_example(),
        live=bool(sending),
        form_error=form_error,
    )


def _example() -> Example | None:
    """Return the example if it is loaded and the user may see it."""
    example = loaded_example()
    return example if example and current_actor().may_see(example.publication_id) else None


def _subscribers_path() -> str:
    """Return where somebody adds readers: the page of subscribers, or the page where people sign up."""
    if path := path_to("subscribers"):
        return path
    publication = own_publication()
    return reverse("subscribers:sign-up", args=[publication.mailing_list.slug]) if publication else ""
