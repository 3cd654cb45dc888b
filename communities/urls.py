"""Addresses of a community's working life."""

from django.urls import include, path

from communities.views import (
    actions,
    affiliations,
    briefs,
    communities,
    erasures,
    escalations,
    me,
    members,
    minutes,
    network_problems,
    organisations,
    people,
    problem_changes,
    problems,
    recording,
    reply_to_problem,
    rhythm,
    search,
    sessions,
)

app_name = "communities"

in_community = [
    path("", communities.CommunityPage.as_view(), name="community"),
    path("rhythm/", rhythm.RhythmPage.as_view(), name="rhythm"),
    path("rhythm/<slug:figure>/", rhythm.RhythmRecords.as_view(), name="rhythm-records"),
    path("sessions/", sessions.SessionList.as_view(), name="session-list"),
    path("sessions/plan/", sessions.PlanSession.as_view(), name="plan-session"),
    path("sessions/past/", sessions.EnterPastSession.as_view(), name="enter-past-session"),
    path("sessions/<int:pk>/", sessions.SessionPage.as_view(), name="session"),
    path("sessions/<int:pk>/record/", recording.RecordSession.as_view(), name="record-session"),
    path("sessions/<int:pk>/cancel/", sessions.CancelSession.as_view(), name="cancel-session"),
    path("sessions/<int:pk>/minutes/", minutes.MinutesPage.as_view(), name="minutes"),
    path("sessions/<int:pk>/minutes/docx/", minutes.MinutesDocx.as_view(), name="minutes-docx"),
    path("sessions/<int:pk>/minutes/full/", minutes.FullMinutes.as_view(), name="full-minutes"),
    path("sessions/<int:pk>/minutes/full/docx/", minutes.FullMinutesDocx.as_view(), name="full-minutes-docx"),
    path("sessions/<int:pk>/minutes/edit/", minutes.EditMinutes.as_view(), name="edit-minutes"),
    path("sessions/<int:pk>/minutes/share/", minutes.ShareMinutes.as_view(), name="share-minutes"),
    path("sessions/<int:pk>/minutes/take-back/", minutes.TakeBackMinutes.as_view(), name="take-back-minutes"),
    path("actions/", actions.ActionList.as_view(), name="action-list"),
    path("actions/<int:pk>/answer/", actions.AnswerAction.as_view(), name="answer-action"),
    path("problems/", problems.ProblemList.as_view(), name="problem-list"),
    path("problems/raise/", problem_changes.RaiseProblem.as_view(), name="raise-problem"),
    path("problems/<int:pk>/", problems.ProblemPage.as_view(), name="problem"),
    path("problems/<int:pk>/edit/", problem_changes.EditProblem.as_view(), name="edit-problem"),
    path("problems/<int:pk>/links/", problem_changes.LinkProblem.as_view(), name="link-problem"),
    path("problems/<int:pk>/brief/", briefs.WriteBrief.as_view(), name="write-brief"),
    path("problems/<int:pk>/brief/send/", briefs.SendBrief.as_view(), name="send-brief"),
    path("problems/<int:pk>/brief/discard/", briefs.DiscardBrief.as_view(), name="discard-brief"),
    path("problems/<int:pk>/asked/<int:escalation>/", escalations.EscalationPage.as_view(), name="escalation"),
    path(
        "problems/<int:pk>/asked/<int:escalation>/answer/", escalations.RecordAnswer.as_view(), name="record-answer"
    ),
    path(
        "problems/<int:pk>/asked/<int:escalation>/send-again/",
        escalations.SendLinkAgain.as_view(),
        name="send-link-again",
    ),
    path(
        "problems/<int:pk>/asked/<int:escalation>/withdraw/",
        escalations.WithdrawEscalation.as_view(),
        name="withdraw-escalation",
    ),
    path("problems/<int:pk>/locate/", problem_changes.LocateProblem.as_view(), name="locate-problem"),
    path("problems/<int:pk>/move/", problem_changes.MoveProblem.as_view(), name="move-problem"),
    path("problems/<int:pk>/settle/", problem_changes.SettleProblem.as_view(), name="settle-problem"),
    path("came-of-it/", problems.CameOfIt.as_view(), name="came-of-it"),
    path("members/", members.MemberList.as_view(), name="member-list"),
    path("members/add/", members.AddMember.as_view(), name="add-member"),
    path("members/<int:pk>/affiliation/", affiliations.MoveMember.as_view(), name="move-member"),
    path("leave/", me.LeaveCommunity.as_view(), name="leave-community"),
    path("members/<int:pk>/end/", members.EndMembership.as_view(), name="end-membership"),
]

about_people = [
    path("me/affiliation/", affiliations.MyAffiliation.as_view(), name="my-affiliation"),
    path("me/participation/", me.MyParticipation.as_view(), name="my-participation"),
    path("me/data/erase/", me.AskForErasure.as_view(), name="ask-for-erasure"),
    path("me/data/erase/withdraw/", me.WithdrawErasure.as_view(), name="withdraw-erasure"),
    path("network/people/", people.PeopleList.as_view(), name="people"),
    path("network/people/<int:pk>/", people.PersonPage.as_view(), name="person"),
    path("network/people/<int:pk>/merge/", people.FindOtherRecord.as_view(), name="find-other-record"),
    path("network/people/<int:pk>/merge/<int:other>/", people.MergePeople.as_view(), name="merge-people"),
    path("network/people/<int:pk>/hold/", erasures.PlaceHold.as_view(), name="place-hold"),
    path("network/people/<int:pk>/hold/<int:hold>/lift/", erasures.LiftHold.as_view(), name="lift-hold"),
    path("network/people/<int:pk>/erase/", erasures.AskForPerson.as_view(), name="ask-for-person"),
    path("network/merges/", people.MergeList.as_view(), name="merge-list"),
    path("network/merges/<int:pk>/undo/", people.UndoMerge.as_view(), name="undo-merge"),
    path("network/erasures/", erasures.ErasureList.as_view(), name="erasure-list"),
    path("network/erasures/<int:pk>/", erasures.DecideErasure.as_view(), name="decide-erasure"),
    path("network/organisations/", organisations.OrganisationList.as_view(), name="organisation-list"),
    path("network/organisations/<int:pk>/", organisations.OrganisationPage.as_view(), name="organisation"),
]

urlpatterns = [
    *about_people,
    path("search/", search.Search.as_view(), name="search"),
    path("communities/", communities.CommunityList.as_view(), name="community-list"),
    path("communities/<slug:slug>/", include(in_community)),
    path("network/problems/", network_problems.NetworkProblems.as_view(), name="network-problems"),
    # Behind a link. One cut short by its last slash is answered too: a redirect would be kept by the browser.
    path("e/<str:token>/", reply_to_problem.ReplyToProblem.as_view(), name="reply-to-problem"),
    path("e/<str:token>", reply_to_problem.ReplyToProblem.as_view()),
    path("e/<str:token>/not-me/", reply_to_problem.NotMyAnswer.as_view(), name="not-my-answer"),
]
