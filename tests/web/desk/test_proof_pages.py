"""The page “Comments and signatures”, the refusal of an approval, and the signatures that a publication demands."""

import re
from html import unescape

import pytest

from newsletter.accounts.account_mails import AccountMail
from newsletter.articles.models import Article, list_articles
from newsletter.issues.models import Approval, AuditEntry, Issue
from newsletter.proof.comments import WrittenComment, comment_by_link
from newsletter.proof.models import ERASED, ProofComment, ProofLink, Signature
from newsletter.proof.parts_now import parts_now
from newsletter.proof.proof_links import make_proof_link
from newsletter.proof.sentences import sentences_of
from newsletter.proof.signatures import sign_by_link
from newsletter.scheduling.refuse_approval import open_refusal

HERE = "/desk/issues/harbour-letter/1/"
PROOF = f"{HERE}review/proof/"
DEMANDS = "/desk/settings/publications/harbour-letter/signatures/"
OKAFOR = {"topic-1": "tides", "name-1": "Dr Okafor", "address-1": "okafor@example.org"}


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def hidden(answer, name):
    return unescape(re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())[1])


@pytest.fixture
def issue(ruths_draft):
    return Issue.objects.get()


@pytest.fixture
def link(issue):
    return make_proof_link(issue, "Dr Okafor").link


@pytest.fixture
def suggestion(issue, link):
    """Dr Okafor suggests another subject."""
    [quote] = sentences_of(issue.subject)
    written = WrittenComment(
        text="", part="first-lines", field="subject", quote=quote, suggestion="High water"
    )
    return comment_by_link(link.token, written, network="192.0.2.7")


def test_a_link_without_an_address_is_shown_once_and_kept_nowhere(desk_of, issue):
    ruth = desk_of("ruth")
    form = {"name": "Dr Okafor", "days": "7", "form_key": hidden(ruth.get(PROOF), "form_key")}
    made = ruth.post(f"{PROOF}links/", form)
    assert made.status_code == 200
    token = ProofLink.objects.get().token
    assert f"/proof/{token}/" in text(made)
    assert "no-store" in made["Cache-Control"]
    again = ruth.post(f"{PROOF}links/", form, follow=True)
    assert "already made" in text(again)
    assert token not in text(again)
    assert ProofLink.objects.count() == 1
    assert token not in str(dict(ruth.session))


def test_a_link_with_an_address_is_emailed_and_not_shown(desk_of, issue):
    form = {"name": "Dr Okafor", "address": "okafor@example.org", "days": "14", "ends_with_change": "on"}
    answer = desk_of("ruth").post(f"{PROOF}links/", form, follow=True)
    link = ProofLink.objects.get()
    assert link.content
    assert link.token not in text(answer)
    assert AccountMail.objects.get().proof_link == link


def test_what_is_wrong_with_a_link_is_said_beside_its_field_and_the_rest_stays(desk_of, issue):
    answer = desk_of("ruth").post(f"{PROOF}links/", {"name": "", "address": "okafor", "days": "7"})
    assert answer.status_code == 422
    assert "Enter the name of the person" in text(answer)
    assert 'value="okafor"' in answer.content.decode()


@pytest.mark.parametrize("days", ["", "one", "9" * 30, "-7", "365"])
def test_only_the_offered_periods_are_taken(desk_of, issue, days):
    answer = desk_of("ruth").post(f"{PROOF}links/", {"name": "Max", "days": days})
    assert answer.status_code == 422
    assert not ProofLink.objects.exists()


def test_a_link_is_revoked_and_a_reviewer_erased(desk_of, link):
    desk_of("ruth").post(f"{PROOF}links/{link.pk}/", {"act": "revoke"})
    link.refresh_from_db()
    assert link.revoked_at
    assert desk_of("ruth").post(f"{PROOF}links/{link.pk}/", {"act": "erase"}).status_code == 409
    desk_of("ada").post(f"{PROOF}links/{link.pk}/", {"act": "erase"})
    link.refresh_from_db()
    assert link.name == ERASED


def test_suggested_words_are_used_with_one_click_and_can_be_undone(desk_of, suggestion):
    ruth = desk_of("ruth")
    assert "Use these words" in text(ruth.get(PROOF))
    assert ruth.post(f"{PROOF}comments/{suggestion.pk}/", {"act": "use"}).status_code == 303
    assert Issue.objects.get().subject == "High water"
    again = ruth.post(f"{PROOF}comments/{suggestion.pk}/", {"act": "use"})
    assert again.status_code == 409
    assert "already been used" in text(again)
    version = Issue.objects.get().versions.count()
    ruth.post(f"{HERE}versions/{version}/undo/")
    assert Issue.objects.get().subject == suggestion.quote


def test_using_words_offers_to_undo_it_and_leads_back_to_the_comments(desk_of, suggestion):
    ruth = desk_of("ruth")
    used = ruth.post(f"{PROOF}comments/{suggestion.pk}/", {"act": "use"}, follow=True).content.decode()
    [path] = re.findall(rf'action="({HERE}versions/\d+/undo/)"', used)
    reviewers = f"/proof/{suggestion.link.token}/"
    assert "The suggested words are now in the email." in text(ruth.get(reviewers))
    undone = ruth.post(path, {"page": "proof", "anchor": "comments"})
    assert undone["Location"] == f"{PROOF}#comments"
    assert Issue.objects.get().subject == suggestion.quote
    assert "The suggested words were used, and the text was changed again later." in text(ruth.get(reviewers))
    assert "Used, then changed" in text(ruth.get(PROOF))
    assert ruth.post(f"{PROOF}comments/{suggestion.pk}/", {"act": "use"}).status_code == 303
    assert Issue.objects.get().subject == "High water"


def test_the_introduction_is_shown_as_readers_read_it(desk_of, issue, link):
    opening = "Dear {{ first_name }},\n\nhere is [how it\nworks](https://example.org/a), *today*."
    Issue.objects.update(opening=opening)
    ruth = desk_of("ruth")
    assert "Introduction Dear Sam, here is how it works, today." in text(ruth.get(f"/proof/{link.token}/"))
    assert "Dear Sam, here is how it works, today." in text(ruth.get(HERE))
    asked = ruth.get(f"/proof/{link.token}/?part=opening&field=opening&sentence=2").content.decode()
    form = {
        name: unescape(re.search(rf'name="{name}" value="([^"]*)"', asked)[1])
        for name in ("form_key", "quote")
    }
    assert form["quote"] == "here is how it works, today."
    suggested = {**form, "part": "opening", "field": "opening", "suggestion": "Here is how it works, today."}
    ruth.post(f"/proof/{link.token}/", {**suggested, "act": "comment"})
    ruth.post(f"{PROOF}comments/{ProofComment.objects.get().pk}/", {"act": "use"})
    assert Issue.objects.get().opening == opening.replace("here", "Here")


def test_all_comments_of_one_link_are_resolved_at_once(desk_of, issue, link, suggestion):
    other = make_proof_link(issue, "Max").link
    for text_ in ("One.", "Two."):
        comment_by_link(link.token, WrittenComment(text=text_, part="email"), network="192.0.2.7")
    comment_by_link(other.token, WrittenComment(text="Three.", part="email"), network="192.0.2.7")
    ruth = desk_of("ruth")
    assert "Resolve 3 open comments" in text(ruth.get(PROOF))
    said = text(ruth.post(f"{PROOF}links/{link.pk}/", {"act": "resolve"}, follow=True))
    assert "3 comments were resolved." in said
    resolved = [each for each in ProofComment.objects.all() if each.resolved_at]
    assert f"{len(resolved)} resolved comments" in text(ruth.get(PROOF))
    assert ProofComment.objects.get(resolved_at=None).link == other
    assert (
        AuditEntry.objects.filter(act="comment", sentence__contains="Resolved 3 comments made").count() == 1
    )


def test_revoking_can_resolve_the_comments_and_a_revoked_link_is_not_offered_to_be_revoked(
    desk_of, issue, link, suggestion
):
    ruth = desk_of("ruth")
    sign_by_link(link.token, "email", seen=parts_now(issue).digest("email"), network="192.0.2.7")
    ruth.post(f"{PROOF}links/{link.pk}/", {"act": "revoke", "resolve_comments": "on"})
    suggestion.refresh_from_db()
    assert suggestion.resolved_at
    assert Signature.objects.exists()
    page = ruth.get(PROOF).content.decode()
    assert ">Revoke<" not in page
    assert ">Remove the signatures<" in page
    ruth.post(f"{PROOF}links/{link.pk}/", {"act": "revoke", "without_signatures": "on"})
    assert not Signature.objects.exists()
    assert "Remove the signatures" not in text(ruth.get(PROOF))


def test_home_says_how_many_comments_are_open_and_leads_to_them(desk_of, link, suggestion):
    ruth = desk_of("ruth")
    home = ruth.get("/desk/").content.decode()
    assert f'<a href="{PROOF}">1 comment is open' in home
    ruth.post(f"{PROOF}comments/{suggestion.pk}/", {"act": "resolve"})
    assert "is open" not in text(ruth.get("/desk/"))


def test_words_for_what_changed_are_not_offered(desk_of, issue, suggestion):
    Issue.objects.update(subject="Something else")
    page = text(desk_of("ruth").get(PROOF))
    assert "The sentence has changed since these words were suggested" in page
    assert "Use these words" not in page


def test_using_words_asks_before_it_ends_an_approval(desk_of, suggestion):
    amir = desk_of("amir")
    amir.post(f"{HERE}approve/")
    asked = amir.post(f"{PROOF}comments/{suggestion.pk}/", {"act": "use"})
    assert asked.status_code == 409
    assert "If you make this change" in text(asked)
    assert Approval.objects.get().withdrawn_at is None


def test_the_desk_comments_on_a_sentence_and_replies_once(desk_of, issue):
    ruth = desk_of("ruth")
    page = ruth.get(PROOF)
    about = unescape(re.search(r'<option value="(first-lines\nsubject\n[^"]*)"', page.content.decode())[1])
    form = {"about": about.replace("\n", "\r\n"), "text": "Is it?", "form_key": hidden(page, "form_key")}
    for _ in range(2):
        assert ruth.post(f"{PROOF}comments/", form).status_code == 303
    row = ProofComment.objects.get()
    assert (row.author, row.field, row.quote) == ("ruth", "subject", issue.subject)
    desk_of("amir").post(f"{PROOF}comments/", {"reply_to": row.pk, "text": "It is."})
    assert row.replies.get().author == "amir"


@pytest.mark.parametrize("number", ["999999999", "9" * 40, "x", "-1"])
def test_a_reply_to_nothing_is_not_found(desk_of, issue, number):
    answer = desk_of("ruth").post(f"{PROOF}comments/", {"reply_to": number, "text": "Hm"})
    assert answer.status_code == 404


def test_scripts_in_names_and_comments_are_text(desk_of, issue):
    hostile = "<script>alert(1)</script>"
    link = make_proof_link(issue, hostile).link
    comment_by_link(link.token, WrittenComment(text=hostile, part="email"), network="192.0.2.7")
    for page in (PROOF, f"{HERE}review/", f"/proof/{link.token}/"):
        assert hostile not in desk_of("ruth").get(page).content.decode()


def test_open_comments_are_seen_in_the_review_and_beside_the_approval(desk_of, issue, suggestion):
    assert "1 comment is open." in text(desk_of("ruth").get(f"{HERE}review/"))
    assert "1 comment is open." in text(desk_of("amir").get(f"{HERE}send/"))
    desk_of("ruth").post(f"{PROOF}comments/{suggestion.pk}/", {"act": "resolve"})
    assert "There are no open comments." in text(desk_of("ruth").get(f"{HERE}review/"))
    assert "open. Read the comments" not in text(desk_of("amir").get(f"{HERE}send/"))


def test_a_part_is_signed_and_the_signature_withdrawn(desk_of, issue):
    ruth = desk_of("ruth")
    value = re.search(r'<option value="(email [0-9a-f]{64})"', ruth.get(PROOF).content.decode())[1]
    ruth.post(f"{PROOF}sign/", {"part": value, "act": "sign"})
    assert Signature.objects.get().author == "ruth"
    assert "1 signature is valid." in text(ruth.get(f"{HERE}review/"))
    Issue.objects.update(subject="Something else")
    assert "1 signature is no longer valid because the text changed." in text(ruth.get(f"{HERE}review/"))
    assert ruth.post(f"{PROOF}sign/", {"part": value, "act": "sign"}).status_code == 409
    ruth.post(f"{PROOF}sign/", {"part": "email", "act": "withdraw"})
    assert not Signature.objects.exists()


def test_an_approver_refuses_and_the_reason_comes_back_to_the_author(desk_of, issue):
    refused = desk_of("amir").post(f"{HERE}approve/refuse/", {"reason": " "})
    assert refused.status_code == 422
    assert "what has to change" in text(refused)
    desk_of("amir").post(f"{HERE}approve/refuse/", {"reason": "The tide table is last year’s."})
    ruth = desk_of("ruth")
    for page in ("/desk/", HERE, f"{HERE}details/", f"{HERE}review/", f"{HERE}send/"):
        assert "The tide table is last year’s." in text(ruth.get(page)), page
    ruth.post(f"{HERE}approve/ask/")
    assert open_refusal(Issue.objects.get()) is None
    for page in ("/desk/", HERE, f"{HERE}send/"):
        assert "did not approve" not in text(ruth.get(page)), page
    assert AuditEntry.objects.filter(act="ask-approval", actor="ruth").exists()


def test_editors_do_not_refuse(desk_of, issue):
    assert desk_of("ruth").post(f"{HERE}approve/refuse/", {"reason": "No."}).status_code == 409
    assert "Do not approve this issue" not in text(desk_of("ruth").get(f"{HERE}send/"))


def test_a_demanded_signature_is_seen_where_it_is_missing(desk_of, issue):
    ada = desk_of("ada")
    seen = hidden(ada.get(DEMANDS), "seen")
    assert ada.post(DEMANDS, {**OKAFOR, "seen": seen}).status_code == 303
    lead = issue.items.get(lead=True).article_id
    Article.objects.filter(pk=lead).update(topics=["Tides"])
    refused = desk_of("amir").post(f"{HERE}approve/")
    assert "needs the signature of Dr Okafor" in text(refused)
    page = desk_of("ruth").get(PROOF)
    assert "Signatures needed before approval" in text(page)
    address = re.search(r'href="(\?for=\d+)#new-link"', page.content.decode())[1]
    assert 'value="okafor@example.org"' in desk_of("ruth").get(PROOF + address).content.decode()


def test_a_topic_that_no_article_has_is_named_and_the_known_ones_are_offered(desk_of, issue):
    lead = issue.items.get(lead=True).article_id
    Article.objects.filter(pk=lead).update(topics=["Tides", "Harbour-seals"])
    list_articles(Article.objects.filter(pk=lead))
    ada = desk_of("ada")
    page = ada.get(DEMANDS).content.decode()
    assert '<option value="Harbour-seals">' in page
    saved = ada.post(
        DEMANDS, {**OKAFOR, "topic-1": "tidse", "seen": hidden(ada.get(DEMANDS), "seen")}, follow=True
    )
    assert "The required signatures were saved. No article has the topic “tidse” yet." in text(saved)
    assert "No article has the topic “tidse” yet. Check the spelling." in text(ada.get(DEMANDS))
    form = {**OKAFOR, "topic-1": "harbour seals", "seen": hidden(ada.get(DEMANDS), "seen")}
    assert "No article has" not in text(ada.post(DEMANDS, form, follow=True))
    assert "needs the signature of Dr Okafor" in text(desk_of("amir").post(f"{HERE}approve/"))


def test_signatures_that_a_colleague_changed_are_not_overwritten_unseen(desk_of, issue):
    ada = desk_of("ada")
    seen = hidden(ada.get(DEMANDS), "seen")
    ada.post(DEMANDS, {**OKAFOR, "seen": seen})
    refused = ada.post(DEMANDS, {**OKAFOR, "name-1": "Max", "seen": seen})
    assert refused.status_code == 409
    assert "Saved now" in text(refused)
    assert "Dr Okafor" in text(refused)
    assert 'value="Max"' in refused.content.decode()


def test_what_is_wrong_with_a_demanded_signature_is_said_beside_its_field(desk_of, issue):
    refused = desk_of("ada").post(DEMANDS, {"topic-1": "tides"})
    assert refused.status_code == 422
    for sentence in ("Enter the person’s name", "Enter the person’s email address."):
        assert sentence in text(refused)


def test_only_administrators_see_and_change_the_demands(desk_of, issue):
    assert desk_of("ruth").get(DEMANDS).status_code in {403, 404, 409}
    assert desk_of("ruth").post(DEMANDS, OKAFOR).status_code in {403, 404, 409}
