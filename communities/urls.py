"""Addresses of a community's working life."""

from django.urls import include, path

from communities.views import actions, communities, members, problems, recording, rhythm, search, sessions

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
    path("actions/", actions.ActionList.as_view(), name="action-list"),
    path("actions/<int:pk>/answer/", actions.AnswerAction.as_view(), name="answer-action"),
    path("problems/", problems.ProblemList.as_view(), name="problem-list"),
    path("problems/raise/", problems.RaiseProblem.as_view(), name="raise-problem"),
    path("problems/<int:pk>/", problems.ProblemPage.as_view(), name="problem"),
    path("problems/<int:pk>/locate/", problems.LocateProblem.as_view(), name="locate-problem"),
    path("problems/<int:pk>/move/", problems.MoveProblem.as_view(), name="move-problem"),
    path("problems/<int:pk>/settle/", problems.SettleProblem.as_view(), name="settle-problem"),
    path("members/", members.MemberList.as_view(), name="member-list"),
    path("members/add/", members.AddMember.as_view(), name="add-member"),
    path("members/<int:pk>/end/", members.EndMembership.as_view(), name="end-membership"),
]

urlpatterns = [
    path("search/", search.Search.as_view(), name="search"),
    path("communities/", communities.CommunityList.as_view(), name="community-list"),
    path("communities/<slug:slug>/", include(in_community)),
]
