"""Addresses of a community's working life."""

from django.urls import include, path, register_converter

from communities.views.community import editing as community_editing
from communities.views.community import exports, history, resources, rhythm, search
from communities.views.community import reading as communities
from communities.views.community import states as community_states
from communities.views.imports import steps as import_steps
from communities.views.imports import uploading as imports
from communities.views.joining import behind_links, invitations, join_links, join_requests
from communities.views.people import (
    affiliations,
    edit_organisation,
    erasures,
    me,
    members,
    organisations,
    roles,
)
from communities.views.people import records as people
from communities.views.problems import briefs, escalations
from communities.views.problems import changing as problem_changes
from communities.views.problems import network as network_problems
from communities.views.problems import register as problems
from communities.views.problems import reply as reply_to_problem
from communities.views.promises import action_answers, actions, commitments, decisions, spread, tests_of_change
from communities.views.sessions import (
    agenda,
    attendance,
    calendars,
    check_in,
    check_in_link,
    minutes,
    planning,
    recording,
    replies,
    series,
    versions,
)
from communities.views.sessions import reading as sessions

app_name = "communities"
register_converter(behind_links.JoinCode, "joincode")
register_converter(check_in_link.CheckInCode, "checkincode")

in_community = [
    path("", communities.CommunityPage.as_view(), name="community"),
    path("edit/", community_editing.EditCommunity.as_view(), name="edit-community"),
    path("pause/", community_states.PauseCommunity.as_view(), name="pause-community"),
    path("look-again/", community_states.LookAgainLater.as_view(), name="look-again-later"),
    path("resume/", community_states.ResumeCommunity.as_view(), name="resume-community"),
    path("close/", community_states.CloseCommunity.as_view(), name="close-community"),
    path("reopen/", community_states.ReopenCommunity.as_view(), name="reopen-community"),
    path("history/", history.CommunityHistory.as_view(), name="community-history"),
    path("ask/", join_requests.AskToJoin.as_view(), name="ask-to-join"),
    path("rhythm/", rhythm.RhythmPage.as_view(), name="rhythm"),
    path("rhythm/<slug:figure>/", rhythm.RhythmRecords.as_view(), name="rhythm-records"),
    path("sessions/", sessions.SessionList.as_view(), name="session-list"),
    path("sessions/plan/", planning.PlanSession.as_view(), name="plan-session"),
    path("sessions/plan-series/", series.PlanSeries.as_view(), name="plan-series"),
    path("sessions/past/", planning.EnterPastSession.as_view(), name="enter-past-session"),
    path("sessions/<int:pk>/", sessions.SessionPage.as_view(), name="session"),
    path("sessions/<int:pk>/record/", recording.RecordSession.as_view(), name="record-session"),
    path("sessions/<int:pk>/check-in/", check_in.CheckInPage.as_view(), name="check-in"),
    path("sessions/<int:pk>/check-in/now/", check_in.CheckInNow.as_view(), name="check-in-now"),
    path("sessions/<int:pk>/check-in/close/", check_in.CloseCheckIn.as_view(), name="close-check-in"),
    path("sessions/<int:pk>/check-in/claims/", check_in.CheckInClaims.as_view(), name="check-in-claims"),
    path("sessions/<int:pk>/attendance/import/", attendance.ImportAttendance.as_view(), name="import-attendance"),
    path(
        "sessions/<int:pk>/attendance/import/confirm/",
        attendance.ConfirmAttendance.as_view(),
        name="confirm-attendance",
    ),
    path("resources/", resources.ResourceList.as_view(), name="resource-list"),
    path("resources/add-link/", resources.AddLink.as_view(), name="add-link"),
    path("resources/add-file/", resources.AddFile.as_view(), name="add-file"),
    path("resources/<int:pk>/edit/", resources.EditResource.as_view(), name="edit-resource"),
    path("resources/<int:pk>/remove/", resources.RemoveResource.as_view(), name="remove-resource"),
    path("resources/<int:pk>/download/", resources.DownloadResource.as_view(), name="download-resource"),
    path("sessions/<int:pk>/versions/", versions.VersionList.as_view(), name="session-versions"),
    path("sessions/<int:pk>/versions/<int:number>/", versions.VersionPage.as_view(), name="session-version"),
    path("sessions/<int:pk>/versions/<int:number>/restore/", versions.RestoreVersion.as_view(), name="restore-version"),
    path("sessions/<int:pk>/move/", planning.MoveSession.as_view(), name="move-session"),
    path("sessions/<int:pk>/edit/", planning.EditSession.as_view(), name="edit-session"),
    path("sessions/<int:pk>/cancel/", planning.CancelSession.as_view(), name="cancel-session"),
    path("sessions/<int:pk>/reply/", replies.ReplyToSession.as_view(), name="reply-to-session"),
    path("sessions/<int:pk>/agenda/", agenda.SessionAgenda.as_view(), name="session-agenda"),
    path("sessions/<int:pk>/session.ics", calendars.SessionEntry.as_view(), name="session-calendar"),
    path("agenda/", agenda.AgendaBacklog.as_view(), name="agenda-backlog"),
    path("agenda/propose/", agenda.ProposeAgendaItem.as_view(), name="propose-agenda-item"),
    path("agenda/<int:pk>/", agenda.ArrangeAgendaItem.as_view(), name="arrange-agenda-item"),
    path("agenda/<int:pk>/move/", agenda.MoveAgendaItem.as_view(), name="move-agenda-item"),
    path("agenda/<int:pk>/take-back/", agenda.WithdrawAgendaItem.as_view(), name="withdraw-agenda-item"),
    path("sessions/<int:pk>/minutes/", minutes.MinutesPage.as_view(), name="minutes"),
    path("sessions/<int:pk>/minutes/docx/", minutes.MinutesDocx.as_view(), name="minutes-docx"),
    path("sessions/<int:pk>/minutes/full/", minutes.FullMinutes.as_view(), name="full-minutes"),
    path("sessions/<int:pk>/minutes/full/docx/", minutes.FullMinutesDocx.as_view(), name="full-minutes-docx"),
    path("sessions/<int:pk>/minutes/edit/", minutes.EditMinutes.as_view(), name="edit-minutes"),
    path("sessions/<int:pk>/minutes/share/", minutes.ShareMinutes.as_view(), name="share-minutes"),
    path("sessions/<int:pk>/minutes/take-back/", minutes.TakeBackMinutes.as_view(), name="take-back-minutes"),
    path("actions/", actions.ActionList.as_view(), name="action-list"),
    path("actions/agree/", actions.AgreeAction.as_view(), name="agree-action"),
    path("actions/<int:pk>/", actions.ActionPage.as_view(), name="action"),
    path("actions/<int:pk>/answer/", action_answers.AnswerAction.as_view(), name="answer-action"),
    path("actions/<int:pk>/edit/", actions.EditAction.as_view(), name="edit-action"),
    path("actions/<int:pk>/hand-over/", actions.HandOverAction.as_view(), name="hand-over-action"),
    path("actions/<int:pk>/reopen/", action_answers.ReopenAction.as_view(), name="reopen-action"),
    path("decisions/", decisions.DecisionList.as_view(), name="decision-list"),
    path("decisions/note/", decisions.NoteDecision.as_view(), name="note-decision"),
    path("decisions/<int:pk>/edit/", decisions.EditDecision.as_view(), name="edit-decision"),
    path("decisions/<int:pk>/judge/", decisions.JudgeDecision.as_view(), name="judge-decision"),
    path("decisions/<int:pk>/take-back/", decisions.TakeVerdictBack.as_view(), name="take-verdict-back"),
    path("commitments/", commitments.CommitmentList.as_view(), name="commitment-list"),
    path("commitments/<int:pk>/answer/", commitments.AnswerCommitment.as_view(), name="answer-commitment"),
    path("commitments/<int:pk>/reopen/", commitments.ReopenCommitment.as_view(), name="reopen-commitment"),
    path("tests/", tests_of_change.TestOfChangeList.as_view(), name="test-of-change-list"),
    path("tests/log/", tests_of_change.LogTestOfChange.as_view(), name="log-test-of-change"),
    path("tests/<int:pk>/", tests_of_change.TestOfChangePage.as_view(), name="test-of-change"),
    path("tests/<int:pk>/edit/", tests_of_change.EditTestOfChange.as_view(), name="edit-test-of-change"),
    path("tests/<int:pk>/measures/", spread.NoteMeasures.as_view(), name="note-measures"),
    path("tests/<int:pk>/measures/<int:measure>/remove/", spread.RemoveMeasure.as_view(), name="remove-measure"),
    path("tests/<int:pk>/adoptions/", spread.NoteAdoption.as_view(), name="note-adoption"),
    path("tests/<int:pk>/adoptions/<int:adoption>/remove/", spread.RemoveAdoption.as_view(), name="remove-adoption"),
    path("problems/", problems.ProblemList.as_view(), name="problem-list"),
    path("problems/raise/", problem_changes.RaiseProblem.as_view(), name="raise-problem"),
    path("problems/<int:pk>/", problems.ProblemPage.as_view(), name="problem"),
    path("problems/<int:pk>/edit/", problem_changes.EditProblem.as_view(), name="edit-problem"),
    path("problems/<int:pk>/links/", problem_changes.LinkProblem.as_view(), name="link-problem"),
    path("problems/<int:pk>/brief/", briefs.WriteBrief.as_view(), name="write-brief"),
    path("problems/<int:pk>/brief/send/", briefs.SendBrief.as_view(), name="send-brief"),
    path("problems/<int:pk>/brief/discard/", briefs.DiscardBrief.as_view(), name="discard-brief"),
    path("problems/<int:pk>/asked/<int:asked>/", escalations.EscalationPage.as_view(), name="escalation"),
    path("problems/<int:pk>/asked/<int:asked>/answer/", escalations.RecordAnswer.as_view(), name="record-answer"),
    path(
        "problems/<int:pk>/asked/<int:asked>/send-again/",
        escalations.SendLinkAgain.as_view(),
        name="send-link-again",
    ),
    path(
        "problems/<int:pk>/asked/<int:asked>/withdraw/",
        escalations.WithdrawEscalation.as_view(),
        name="withdraw-escalation",
    ),
    path("problems/<int:pk>/locate/", problem_changes.LocateProblem.as_view(), name="locate-problem"),
    path("problems/<int:pk>/move/", problem_changes.MoveProblem.as_view(), name="move-problem"),
    path("problems/<int:pk>/settle/", problem_changes.SettleProblem.as_view(), name="settle-problem"),
    path("came-of-it/", problems.CameOfIt.as_view(), name="came-of-it"),
    path("members/", members.MemberList.as_view(), name="member-list"),
    path("members/roles/", roles.RoleList.as_view(), name="role-list"),
    path("members/roles/appoint/", roles.Appoint.as_view(), name="appoint"),
    path("members/roles/<int:pk>/end/", roles.EndTerm.as_view(), name="end-term"),
    path("members/invitations/", invitations.InvitationList.as_view(), name="invitation-list"),
    path("members/invite/", invitations.InviteMembers.as_view(), name="invite-members"),
    path(
        "members/invitations/<int:pk>/withdraw/",
        invitations.WithdrawInvitation.as_view(),
        name="withdraw-invitation",
    ),
    path(
        "members/invitations/<int:pk>/send-again/",
        invitations.SendInvitationAgain.as_view(),
        name="send-invitation-again",
    ),
    path("members/requests/", join_requests.JoinRequestList.as_view(), name="join-requests"),
    path("members/requests/<int:pk>/", join_requests.DecideRequest.as_view(), name="decide-request"),
    path("sessions/<int:pk>/join-link/", join_links.JoinLinkPage.as_view(), name="join-link"),
    path("sessions/<int:pk>/join-link/code.svg", join_links.JoinLinkCode.as_view(), name="join-link-code"),
    path("sessions/<int:pk>/join-link/stop/", join_links.StopJoinLink.as_view(), name="stop-join-link"),
    path("members/import/", imports.ImportMembers.as_view(), name="import-members"),
    path("export/", exports.ExportCommunity.as_view(), name="export"),
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

bringing_in = [
    path("network/import/", imports.ImportNetwork.as_view(), name="import-network"),
    path("network/export/", exports.ExportNetwork.as_view(), name="export-network"),
    path("network/organisations/import/", imports.ImportOrganisations.as_view(), name="import-organisations"),
    path(
        "network/organisations/<int:pk>/edit/", edit_organisation.EditOrganisation.as_view(), name="edit-organisation"
    ),
    path("imports/<int:pk>/", import_steps.ImportPage.as_view(), name="import"),
    path("imports/<int:pk>/columns/", import_steps.ImportColumns.as_view(), name="import-columns"),
    path("imports/<int:pk>/decide/", import_steps.ImportDecisions.as_view(), name="decide-import"),
    path("imports/<int:pk>/decide/again/", import_steps.ForgetDecisions.as_view(), name="forget-decisions"),
    path("imports/<int:pk>/run/", import_steps.RunImport.as_view(), name="run-import"),
    path("imports/<int:pk>/progress/", import_steps.ImportProgress.as_view(), name="import-progress"),
    path("imports/<int:pk>/undo/", import_steps.UndoImport.as_view(), name="undo-import"),
    path("imports/<int:pk>/discard/", import_steps.DiscardImport.as_view(), name="discard-import"),
    path("imports/<int:pk>/rows-not-imported.csv", import_steps.RejectedRows.as_view(), name="rejected-rows"),
]

urlpatterns = [
    *bringing_in,
    path("x/<str:token>/", action_answers.ActionLink.as_view(), name="action-link"),
    *about_people,
    path("search/", search.Search.as_view(), name="search"),
    path("communities/", communities.CommunityList.as_view(), name="community-list"),
    # Before the communities themselves: none of them has such an address (services/communities.py).
    path("communities/new/", community_editing.CreateCommunity.as_view(), name="create-community"),
    path("communities/join/", join_requests.OpenCommunities.as_view(), name="open-communities"),
    path("communities/join/<int:pk>/withdraw/", join_requests.WithdrawRequest.as_view(), name="withdraw-request"),
    path("communities/<slug:slug>/", include(in_community)),
    path("me/calendar/", calendars.MyCalendar.as_view(), name="my-calendar"),
    path("me/calendar/make/", calendars.MakeFeed.as_view(), name="make-feed"),
    path("me/calendar/revoke/", calendars.RevokeFeed.as_view(), name="revoke-feed"),
    path("calendar/<str:token>.ics", calendars.Feed.as_view(), name="calendar-feed"),
    # Behind the code on the screen of a session, which gives a pass of ten minutes.
    path("c/", check_in_link.TypeCheckInCode.as_view(), name="type-check-in-code"),
    path("c/name/", check_in_link.FindName.as_view(), name="find-name"),
    path("c/here/", check_in_link.ClaimPresence.as_view(), name="claim-presence"),
    path("c/guest/", check_in_link.ClaimAsGuest.as_view(), name="check-in-as-guest"),
    path("c/<checkincode:code>/", check_in_link.OpenCheckIn.as_view(), name="check-in-code"),
    # One cut short by its last slash is answered too: a redirect would be kept by the browser.
    path("c/<checkincode:code>", check_in_link.OpenCheckIn.as_view()),
    path("r/<str:token>/", replies.ReplyByLink.as_view(), name="reply-by-link"),
    # Behind a link: the code of a session's join link, and the token of an invitation, which is longer.
    path("j/", behind_links.TypeCode.as_view(), name="type-code"),
    path("j/<joincode:code>/", behind_links.AskByLink.as_view(), name="ask-by-link"),
    path("j/<str:token>/", behind_links.AnswerInvitation.as_view(), name="answer-invitation"),
    # One cut short by its last slash is answered too: a redirect would be kept by the browser.
    path("j/<joincode:code>", behind_links.AskByLink.as_view()),
    path("j/<str:token>", behind_links.AnswerInvitation.as_view()),
    path("network/problems/", network_problems.NetworkProblems.as_view(), name="network-problems"),
    # Behind a link. One cut short by its last slash is answered too: a redirect would be kept by the browser.
    path("e/<str:token>/", reply_to_problem.ReplyToProblem.as_view(), name="reply-to-problem"),
    path("e/<str:token>", reply_to_problem.ReplyToProblem.as_view()),
    path("e/<str:token>/not-me/", reply_to_problem.NotMyAnswer.as_view(), name="not-my-answer"),
]
