"""The lawful basis on which one person gets the emails of a list: its proof, and the form to record another."""

from django.http import HttpRequest, HttpResponse

from newsletter.accounts import role_checked_subscriber_acts
from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.errors import NotFound, refuse_if
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.subscribers.basis_form import basis_of_form
from newsletter.web.desk.subscribers.person_acts import asked
from newsletter.web.desk.subscribers.person_page import subscriber_at
from subscribers.models import Basis
from subscribers.proof_of_basis import proof_as_facts
from subscribers.views import own_data


@desk("GET", "HEAD", "POST", page="subscriber")
def basis(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Show the proof of a person's lawful basis, download it, or record another basis."""
    person = subscriber_at(subscriber)
    slug = request.POST.get("list", "") or request.GET.get("list", "")
    subscription = person.subscriptions.select_related("list", "subscriber").filter(list__slug=slug).first()
    if subscription is None:
        raise NotFound("This person is not on this list.")
    if request.POST.get("act") == "download":
        refuse_if(role_checked_subscriber_acts.why_not_export())
        require_recent_sign_in(request)
        text = role_checked_subscriber_acts.export_proof(subscription)
        return own_data.as_file(text, "text/plain; charset=utf-8", f"lawful-basis-{subscription.pk}.txt")

    def act() -> str:
        said = basis_of_form(request.POST, default="")
        role_checked_subscriber_acts.record_basis(
            subscription, said, statement=request.POST.get("consent", "")
        )
        return f"The lawful basis for {subscription.list.name} is now: {said.basis.label}."

    return asked(
        request,
        person,
        "basis",
        act,
        mailing_list=subscription.list,
        stored=subscription.basis,
        bases=Basis.choices,
        facts=proof_as_facts(subscription),
        why_not_export=role_checked_subscriber_acts.why_not_export(),
    )
