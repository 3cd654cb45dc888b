"""The API's addresses of drafts and scales. Included by evaluations/api/routes.py."""

from django.urls import path

from evaluations.api import drafts, scales

DRAFT = "instrument-drafts/<int:pk>/"
SECTION = f"{DRAFT}sections/<int:section>/"
QUESTION = f"{DRAFT}questions/<slug:code>/"

urlpatterns = [
    path("instrument-drafts/", drafts.DraftList.as_view(), name="draft-list"),
    path(DRAFT, drafts.DraftDetail.as_view(), name="draft"),
    path(f"{DRAFT}offer/", drafts.OfferDraft.as_view(), name="draft-offer"),
    path(f"{DRAFT}publish/", drafts.PublishDraft.as_view(), name="draft-publish"),
    path(f"{DRAFT}put-back/", drafts.PutBack.as_view(), name="draft-put-back"),
    path(f"{DRAFT}sections/", drafts.DraftSections.as_view(), name="draft-section-list"),
    path(SECTION, drafts.DraftSection.as_view(), name="draft-section"),
    path(f"{SECTION}move/", drafts.MoveSection.as_view(), name="draft-section-move"),
    path(f"{SECTION}questions/", drafts.SectionQuestions.as_view(), name="draft-question-list"),
    path(QUESTION, drafts.DraftQuestion.as_view(), name="draft-question"),
    path(f"{QUESTION}move/", drafts.MoveQuestion.as_view(), name="draft-question-move"),
    path(f"{QUESTION}asked/", drafts.AskedOfQuestion.as_view(), name="draft-question-asked"),
    path("scales/", scales.ScaleList.as_view(), name="scale-list"),
    path("scales/<slug:code>/", scales.ScaleDetail.as_view(), name="scale"),
]
