import pytest

from subscribers import consent, suppression
from subscribers.models import ConsentEntry, Subscription
from tests.subscribers.conftest import EDITOR, EMAIL


@pytest.fixture
def history(ada):
    consent.unsubscribe(ada, EMAIL, reason="Moved")
    suppression.suppress("ada@example.org", "manual", EDITOR)
    return ada


@pytest.mark.parametrize("model", ["list", "subscriber", "consententry", "suppression", "wording"])
def test_editors_look_at_every_table(admin_client, history, model):
    assert admin_client.get(f"/admin/subscribers/{model}/").status_code == 200


def test_a_persons_page_has_their_history(admin_client, history):
    page = admin_client.get(f"/admin/subscribers/subscriber/{history.subscriber_id}/change/").content.decode()
    for expected in ("ada@example.org", "Form at the open day", "Moved", "The News"):
        assert expected in page


def test_consent_is_only_read_there(admin_client, history):
    entry = ConsentEntry.objects.first()
    for page in (
        f"consententry/{entry.pk}/change/",
        f"consententry/{entry.pk}/delete/",
        "consententry/add/",
        f"subscriber/{history.subscriber_id}/delete/",
        "subscriber/add/",
    ):
        assert (
            admin_client.post(f"/admin/subscribers/{page}", {"act": "left", "post": "yes"}).status_code == 403
        )
    assert ConsentEntry.objects.count() == 3
    assert Subscription.objects.count() == 1


def test_a_list_and_its_topics_are_edited_there(admin_client, news):
    form = admin_client.get(f"/admin/subscribers/list/{news.pk}/change/").context["adminform"].form
    topics = {"topics-TOTAL_FORMS": 0, "topics-INITIAL_FORMS": 0}
    data = {name: value for name, value in form.initial.items() if value not in (None, False)}
    response = admin_client.post(
        f"/admin/subscribers/list/{news.pk}/change/", {**data, **topics, "name": "Renamed"}
    )
    assert response.status_code == 302
    news.refresh_from_db()
    assert news.name == "Renamed"
    assert "“Renamed”" in news.wordings.latest("version").text
