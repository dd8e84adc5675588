"""The browser forgets what was typed into a form once the server has it.

Otherwise the next page would say that this text is not saved yet.
"""

import pytest

from tests.web.desk import valid_forms
from tests.web.desk.second_factors import just_now
from tests.web.desk.test_permissions import ALL, ask, browser, own, parts_of, path_in, sent_and_sending

__all__ = ["own", "sent_and_sending"]
# These answer a script, or show what was typed on a page that saves it.
STORE_NOTHING = {
    "desk/sources/list/",
    f"{valid_forms.ISSUE}field/",
    f"{valid_forms.ISSUE}texts/",
}
ROUTES = sorted(set(valid_forms.FORMS) - valid_forms.WITHOUT_SUCCESS - STORE_NOTHING)


@pytest.mark.usefixtures("sent_and_sending")
def test_every_form_that_was_stored_is_named_in_a_cookie_by_which_the_browser_forgets_it(own):
    client, forgotten = browser(ALL), []
    just_now(client)
    for route in ROUTES:

        def form(route=route):
            return {**valid_forms.FORMS[route](), "kept_as": "k3ptname"}

        def path(fields, route=route):
            return path_in(route, own, **parts_of(route, fields))

        answer, _body = ask(client, "POST", path, form)
        if "desk-stored" in answer.cookies:
            forgotten.append(route)
    assert forgotten == ROUTES
