"""Lists of meeting tools, in the layouts that people have. Everyone on them is invented."""

import pytest

from communities.imports.attendance import read_attendance
from communities.imports.tables import FileNotReadable, FileTooLarge
from communities.services.sessions.attendance_lists import Attendee

TEAMS = """1. Summary
Meeting title\tSepsis community
Attended participants\t3
Start time\t24/11/2026, 12:28:11
End time\t24/11/2026, 13:31:09

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Amara Okafor\t24/11/2026, 12:30:02\t24/11/2026, 13:31:00\t58m 12s\tamara@example.org\tamara@example.org\tPresenter
Ben Adeyemi (Guest)\t24/11/2026, 12:40:00\t24/11/2026, 13:30:00\t50m\t\t\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Amara Okafor\t24/11/2026, 12:30:02\t24/11/2026, 12:50:00\t19m 58s\tamara@example.org\tPresenter
Amara Okafor\t24/11/2026, 12:52:00\t24/11/2026, 13:31:00\t39m\tamara@example.org\tPresenter
"""
TEAMS_BEFORE = """Meeting Summary
Total Number of Participants\t2
Meeting Title\tSepsis

Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)
Amara Okafor\t11/24/2026, 12:30:00 PM\t11/24/2026, 12:50:00 PM\t20m 0s\tamara@example.org\tPresenter\tamara@example.org
Amara Okafor\t11/24/2026, 12:55:00 PM\t11/24/2026, 1:25:00 PM\t30m 0s\tamara@example.org\tPresenter\tamara@example.org
"""
TEAMS_EVENTS = """Full Name\tUser Action\tTimestamp
Amara Okafor\tJoined\t24/11/2026, 12:30:00
Ben Adeyemi\tJoined before\t24/11/2026, 12:35:00
Amara Okafor\tLeft\t24/11/2026, 12:50:00
Amara Okafor\tJoined\t24/11/2026, 13:00:00
Amara Okafor\tLeft\t24/11/2026, 13:10:00
"""
ZOOM = """Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
912 345,Sepsis,11/24/2026 12:25:00 PM,11/24/2026 01:30:00 PM,host@example.org,65,3

Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest
"Okafor, Amara",amara@example.org,11/24/2026 12:30:00 PM,11/24/2026 12:50:00 PM,20,No
"Okafor, Amara",AMARA@example.org,11/24/2026 12:55:00 PM,11/24/2026 01:20:00 PM,25,No
ipad (Ben Adeyemi),,11/24/2026 12:55:00 PM,11/24/2026 01:20:00 PM,25,Yes
"""
WITHOUT_MINUTES = (
    "Attendee;Joined;Left\nZoë Núñez;24/11/2026 12:30;24/11/2026 13:15\nZoë Núñez;24/11/2026 13:20;24/11/2026 13:30\n"
)
NAMES_ONLY = "First name,Last name,Organisation\nAmara,Okafor,Trust A\nBen,Adeyemi,Trust B\n"
AMARA = Attendee("Amara Okafor", "amara@example.org", 58)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8", "utf-8-sig", "windows-1252"])
def test_teams_with_sections_is_read_in_any_encoding_and_nobody_is_counted_twice(encoding: str) -> None:
    found = read_attendance(TEAMS.encode(encoding), file_name="attendance.csv")
    assert found == [AMARA, Attendee("Ben Adeyemi", "", 50)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEAMS_BEFORE, [Attendee("Amara Okafor", "amara@example.org", 50)]),
        (TEAMS_EVENTS, [Attendee("Amara Okafor", "", 30), Attendee("Ben Adeyemi", "", 35)]),
        (ZOOM, [Attendee("Okafor, Amara", "amara@example.org", 45), Attendee("ipad", "", 25)]),
        (WITHOUT_MINUTES, [Attendee("Zoë Núñez", "", 55)]),
        (NAMES_ONLY, [Attendee("Amara Okafor"), Attendee("Ben Adeyemi")]),
    ],
    ids=["Teams before sections", "Teams comings and goings", "Zoom", "joined and left only", "names only"],
)
def test_other_layouts_give_each_person_once_with_their_minutes_in_all(text: str, expected: list[Attendee]) -> None:
    assert read_attendance(text.replace("\n", "\r\n").encode(), file_name="list.csv") == expected


def test_no_time_of_coming_or_going_leaves_the_reader() -> None:
    """What is handed on has a name, an address and minutes, and no place for anything else."""
    assert set(Attendee.__dataclass_fields__) == {"name", "email", "minutes"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xff\xfe", "file_empty"),
        (b"\n\n\n", "file_empty"),
        (b"Name\nAmara Okafor\n", "no_attendance_list"),
        (b"1. Summary\nMeeting title\tSepsis\n", "no_attendance_list"),
        (b"Name,Email,Duration\n", "list_empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + b"\x00\x01\x02" * 50, "not_a_table"),
    ],
)
def test_what_holds_no_list_is_refused_with_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(FileNotReadable) as refused:
        read_attendance(content, file_name="list.csv")
    assert refused.value.error_list[0].code == code


def test_a_zero_in_a_name_stays_out_and_a_list_has_an_end() -> None:
    (one,) = read_attendance(f"Name,Email\nAma\x00ra,{'a' * 99}@example.org\n".encode(), file_name="list.csv")
    assert "\x00" not in one.name
    many = "Name,Minutes\n" + "".join(f"Person {n},5\n" for n in range(501))
    with pytest.raises(FileTooLarge, match="more than 500 people"):
        read_attendance(many.encode(), file_name="list.csv")
