"""The pages on which an administrator adds, confirms and removes the notices in the languages of readers."""

import pytest
from lxml import html

from newsletter.accounts.actor import acting_as
from newsletter.issues.models import AuditEntry, Issue, NoticeTranslation, TopicRule
from newsletter.issues.notice_translations import WantedText, change_notices_in, confirmed_texts
from newsletter.issues.topic_rules import WantedRule, change_topic_rules
from newsletter.scheduling.approval import approve
from tests.web.desk.test_topic_rules_and_reviews import text

HERE = "/desk/settings/publications/harbour-letter/topics/notices/"
POLISH = f"{HERE}pl/"
CALL, SUGGESTED = "In an emergency, call 999.", "W nagłym wypadku zadzwoń pod numer 999."
ASK = "Ask the harbour master."


@pytest.fixture
def ada(desk_of, publication, people):
    with acting_as(people["ada"]):
        change_topic_rules(publication, [WantedRule(topic="Tides", emergency_numbers="999", notice=ASK)])
    return desk_of("ada")


def form_of(client, path=POLISH):
    page = html.fromstring(client.get(path).content)
    [form] = [each for each in page.forms if (each.action or "").endswith(path) and each.method == "POST"]
    return dict(form.form_values())


def undo_of(answer):
    page = html.fromstring(answer.content)
    [form] = [each for each in page.forms if "Undo" in each.text_content()]
    return form.action, dict(form.form_values())


def test_a_language_is_chosen_and_its_texts_are_suggested_and_confirmed(ada, publication):
    assert "None yet." in text(ada.get(HERE))
    chosen = ada.get(HERE, {"language": "pl"})
    assert (chosen.status_code, chosen.headers["Location"]) == (303, POLISH)
    page = ada.get(POLISH)
    assert "suggested, not saved yet" in text(page)
    [first, second] = html.fromstring(page.content).findall(".//textarea")
    assert (first.value.strip(), first.get("lang"), first.get("dir")) == (SUGGESTED, "pl", "ltr")
    assert (second.value or "").strip() == ""
    saved = ada.post(POLISH, form_of(ada) | {"confirmed-1": "on", "text-2": "Zapytaj kapitana."}, follow=True)
    said = "The notices in Polish were saved. 1 text is not confirmed yet, so readers do not get it."
    assert said in text(saved)
    assert "1 of 2 notices are confirmed" in text(saved)
    assert confirmed_texts(publication) == {"pl": {CALL: SUGGESTED}}
    assert NoticeTranslation.objects.get(confirmed=False).text == "Zapytaj kapitana."
    saved = ada.post(POLISH, form_of(ada) | {"confirmed-2": "on"}, follow=True)
    assert "The notices in Polish were saved." in text(saved)
    assert "not confirmed yet" not in text(saved)
    assert "All notices are confirmed" in text(ada.get(HERE))


def test_a_suggestion_is_saved_without_a_confirmation_and_readers_do_not_get_it(ada, publication):
    saved = ada.post(POLISH, form_of(ada), follow=True)
    assert "1 text is not confirmed yet, so readers do not get it." in text(saved)
    assert "Polish" in text(ada.get(HERE))
    assert [each.text for each in NoticeTranslation.objects.all()] == [SUGGESTED]
    assert not any(confirmed_texts(publication).values())
    assert "not saved yet" not in text(ada.get(POLISH))
    assert "Nothing was changed." in text(ada.post(POLISH, form_of(ada), follow=True))


def test_a_form_that_is_saved_as_it_came_changes_nothing(ada, publication):
    ada.post(POLISH, form_of(ada) | {"confirmed-1": "on", "text-2": "Zapytaj kapitana."})
    before = list(NoticeTranslation.objects.values())
    assert "Nothing was changed." in text(ada.post(POLISH, form_of(ada), follow=True))
    assert list(NoticeTranslation.objects.values()) == before


def test_a_language_is_removed_and_the_removal_is_undone(ada, publication):
    ada.post(POLISH, form_of(ada) | {"confirmed-1": "on", "text-2": "Zapytaj kapitana."})
    stored = list(NoticeTranslation.objects.values_list("notice", "text", "confirmed"))
    removed = ada.post(f"{POLISH}remove/", follow=True)
    assert "The notices in Polish were removed." in text(removed)
    assert not NoticeTranslation.objects.exists()
    ada.post(*undo_of(removed))
    assert list(NoticeTranslation.objects.values_list("notice", "text", "confirmed")) == stored
    assert AuditEntry.objects.filter(act="topic-rules", sentence="Removed the notices in Polish.").exists()


def test_notices_that_a_colleague_changed_are_not_overwritten_unseen(ada, publication, people):
    form = form_of(ada) | {"text-1": "Zadzwoń pod 999.", "confirmed-1": "on"}
    with acting_as(people["ada"]):
        change_notices_in(publication, "pl", [WantedText(notice=CALL, text=SUGGESTED, confirmed=True)])
    refused = ada.post(POLISH, form)
    assert refused.status_code == 409
    assert "Saved now" in text(refused)
    assert "Zadzwoń pod 999." in refused.content.decode()
    assert confirmed_texts(publication) == {"pl": {CALL: SUGGESTED}}


def test_a_text_for_a_notice_that_changed_meanwhile_is_not_saved_and_stays_on_the_page(
    ada, publication, people
):
    form = form_of(ada) | {"confirmed-1": "on"}
    with acting_as(people["ada"]):
        change_topic_rules(publication, [WantedRule(topic="Tides", emergency_numbers="112", notice=ASK)])
    refused = ada.post(POLISH, form)
    assert refused.status_code == 409
    assert "has changed since you opened this page" in text(refused)
    assert SUGGESTED in refused.content.decode()
    assert not NoticeTranslation.objects.exists()


def test_what_is_wrong_with_a_text_is_said_beside_its_field(ada):
    refused = ada.post(POLISH, form_of(ada) | {"text-1": "Zadzwoń pod 998.", "confirmed-1": "on"})
    assert refused.status_code == 422
    assert "The notice contains the number 999, but this text does not. Add it." in text(refused)
    assert "Zadzwoń pod 998." in refused.content.decode()


def test_without_a_choice_no_language_is_opened(ada):
    refused = ada.get(HERE, {"language": ""})
    assert refused.status_code == 422
    assert "Choose a language." in text(refused)


@pytest.mark.parametrize("language", ["en", "en-GB", "nonsense!"])
def test_a_language_that_notices_cannot_have_is_refused(ada, language):
    refused = ada.get(HERE, {"language": language})
    assert refused.status_code == 422
    assert "language" in text(refused)
    assert ada.get(f"{HERE}{language}/").status_code == 422


def test_without_notices_there_is_nothing_to_translate(desk_of, publication):
    ada = desk_of("ada")
    TopicRule.objects.all().delete()
    for page in (HERE, POLISH):
        assert "This newsletter has no notices yet." in text(ada.get(page))


def test_the_page_says_which_issues_must_be_approved_again(ada, publication, ruths_draft, people):
    topic = next(each for item in ruths_draft.items.all() for each in item.article.topics)
    said = f"somebody must approve issue {ruths_draft.number} of"

    def approved():
        with acting_as(people["ada"]):
            approve(Issue.objects.get(pk=ruths_draft.pk))

    with acting_as(people["ada"]):
        change_topic_rules(publication, [WantedRule(topic=topic, emergency_numbers="999")])
    approved()
    assert said in text(ada.post(POLISH, form_of(ada) | {"confirmed-1": "on"}, follow=True))
    approved()
    assert said in text(ada.post(f"{POLISH}remove/", follow=True))
    approved()
    rules = HERE.removesuffix("notices/")
    unchanged = text(ada.post(rules, form_of(ada, rules), follow=True))
    assert "Nothing was changed." in unchanged
    assert said not in unchanged
    assert said in text(ada.post(rules, form_of(ada, rules) | {"emergency_numbers-1": "112"}, follow=True))
