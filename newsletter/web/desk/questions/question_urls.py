"""The URLs of the review board's queue."""

from django.urls import path

from newsletter.web.desk.questions import question_page, questions_page

urlpatterns = [
    path("questions/", questions_page.questions, name="questions"),
    path("questions/<int:case>/", question_page.question, name="question"),
    path("questions/<int:case>/acknowledge/", question_page.acknowledge_case, name="acknowledge-question"),
    path("questions/<int:case>/decide/", question_page.decide_case, name="decide-question"),
    path("questions/<int:case>/hand-over/", question_page.hand_over_case, name="hand-over-question"),
    path("questions/<int:case>/junk/", question_page.junk_case, name="junk-question"),
    path("questions/<int:case>/restore/", question_page.restore_case, name="restore-question"),
    path("questions/<int:case>/erase/", question_page.erase, name="erase-question"),
]
