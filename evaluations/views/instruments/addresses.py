"""Addresses of what is asked: questionnaires as they are read and as they are written. For evaluations/urls.py."""

from django.urls import path

from evaluations.views.instruments import conditions, drafts, questions, reading, scales, sections

DRAFT = "instruments/drafts/<int:pk>/"
SECTION = f"{DRAFT}sections/<int:section>/"
QUESTION = f"{DRAFT}questions/<slug:code>/"

urlpatterns = [
    path("framework/", reading.FrameworkPage.as_view(), name="framework"),
    path("instruments/", reading.InstrumentList.as_view(), name="instrument-list"),
    path("instruments/new/", drafts.BeginQuestionnaire.as_view(), name="begin-questionnaire"),
    path("instruments/scales/", scales.ScaleList.as_view(), name="scale-list"),
    path("instruments/scales/add/", scales.AddScale.as_view(), name="add-scale"),
    path("instruments/scales/<slug:code>/change/", scales.EditScale.as_view(), name="edit-scale"),
    path("instruments/scales/<slug:code>/delete/", scales.DeleteScale.as_view(), name="delete-scale"),
    path(DRAFT, drafts.DraftPage.as_view(), name="draft"),
    path(f"{DRAFT}headings/", drafts.EditHeadings.as_view(), name="draft-headings"),
    path(f"{DRAFT}offer/", drafts.OfferDraft.as_view(), name="offer-draft"),
    path(f"{DRAFT}publish/", drafts.PublishDraft.as_view(), name="publish-draft"),
    path(f"{DRAFT}put-back/", drafts.PutBack.as_view(), name="put-back"),
    path(f"{DRAFT}delete/", drafts.DeleteDraft.as_view(), name="delete-draft"),
    path(f"{DRAFT}sections/add/", sections.AddSection.as_view(), name="add-section"),
    path(f"{SECTION}name/", sections.NameSection.as_view(), name="name-section"),
    path(f"{SECTION}move/", sections.MoveSection.as_view(), name="move-section"),
    path(f"{SECTION}remove/", sections.RemoveSection.as_view(), name="remove-section"),
    path(f"{SECTION}add/", questions.ChooseKind.as_view(), name="draft-choose-kind"),
    path(f"{SECTION}add/<slug:kind>/", questions.AddQuestion.as_view(), name="draft-add-question"),
    path(f"{SECTION}known/", questions.AddKnownQuestion.as_view(), name="draft-known-question"),
    path(QUESTION, questions.EditQuestion.as_view(), name="draft-question"),
    path(f"{QUESTION}asked/", conditions.AskedOf.as_view(), name="draft-asked-of"),
    path(f"{QUESTION}asked/<slug:of>/", conditions.AskedOnly.as_view(), name="draft-asked-only"),
    path(f"{QUESTION}move/", questions.MoveQuestion.as_view(), name="move-question"),
    path(f"{QUESTION}remove/", questions.RemoveQuestion.as_view(), name="remove-question"),
    path("instruments/<slug:code>/", reading.InstrumentPage.as_view(), name="instrument"),
    path("instruments/<slug:code>/versions/<int:number>/", reading.InstrumentPage.as_view(), name="instrument-version"),
    path(
        "instruments/<slug:code>/versions/<int:number>/draft/",
        drafts.CopyQuestionnaire.as_view(),
        name="copy-questionnaire",
    ),
]
