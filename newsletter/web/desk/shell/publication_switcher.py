"""The publication switcher in the navigation."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import publication_at
from newsletter.web.desk.publication_choice import choose_publication


@desk("POST", page="dashboard")
def choose(request: HttpRequest) -> HttpResponse:
    """Look at one publication, or at all of them if none is named."""
    slug = request.POST.get("publication", "")
    choose_publication(request, publication_at(slug) if slug else None)
    return HttpResponseRedirect(reverse("desk:dashboard"), status=303)
