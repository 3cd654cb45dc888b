"""What the pages behind a link say in each privacy mode: before, at and after sending."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.formats import date_format

from evaluations.models import PrivacyMode, Survey

OWN_WORDS = "Your own words may still show who you are."
RECORDED_UNDER_PSEUDONYM = (
    "We record that you answered, so that reminders stop. What you answered is kept under a pseudonym, not with your "
    f"name. {OWN_WORDS}"
)


@dataclass(frozen=True)
class ModeWords:
    """The sentences of one survey's mode. `first_line` stands above everything else; empty where nothing must."""

    first_line: str
    kept: str
    recorded: str
    later_heading: str
    later: str
    why_reminders: str
    stored: str
    before_sending: str
    after_sending: str


def mode_words(survey: Survey, *, is_place: bool = False) -> ModeWords:
    """`is_place`: it is answered at a place in a room, which is nobody's."""
    match PrivacyMode(survey.mode):
        case PrivacyMode.ANONYMOUS:
            return _anonymous(is_place=is_place)
        case PrivacyMode.CONFIDENTIAL:
            return _confidential(survey)
        case _:
            return NAMED_WORDS


def _anonymous(*, is_place: bool) -> ModeWords:
    noted = "this place was used" if is_place else "you answered, so that reminders stop"
    recorded = f"We record that {noted}; never what you answered. {OWN_WORDS}"
    return ModeWords(
        first_line="",
        kept="This is anonymous: we keep your answers and your words. We do not keep your name, when you answered, or "
        "from where.",
        recorded=recorded,
        later_heading="What you can change later",
        later=(
            "Nothing that is stored links a person to an answer: not a name, not a time, not an order. Because nothing "
            "links an answer to you, your answers cannot be found, shown to you, changed or erased once you have sent "
            "them. Until then you can change or clear them."
        ),
        why_reminders="It does not know which answers came through it.",
        stored="Exactly this is stored, sealed until the survey closes, and nothing else of what you did here.",
        before_sending=f"{recorded} Once sent, your answers cannot be found, changed or erased.",
        after_sending="Nobody, the portal included, can tell which answers are yours.",
    )


def _confidential(survey: Survey) -> ModeWords:
    ends_on = date_format(survey.pseudonym_key.ends_on) if survey.pseudonym_key else ""
    recorded = RECORDED_UNDER_PSEUDONYM
    until = f"From the close until {ends_on} you can see, correct and erase your answers, signed in to this portal."
    return ModeWords(
        first_line="",
        kept="This is confidential: we keep your answers and your words under a pseudonym. We do not keep when you "
        "answered, or from where.",
        recorded=recorded,
        later_heading="What you can change later",
        later=(
            "Until the survey closes your answers are sealed, with the number of your record in the portal, which the "
            "key turns into the pseudonym when it closes. No page shows one person’s answers to anyone else. "
            f"{until} On that day the key is destroyed, and nobody can tell any more which are yours, we included. If "
            "a legal hold delays it, we tell you. Once sent they cannot be changed before the close."
        ),
        why_reminders="It cannot read what came through it before the close.",
        stored="Exactly this is sealed until the survey closes; then the pseudonym takes the place of the number of "
        "your record (“subject”). Nothing else of what you did here is stored.",
        before_sending=f"{recorded} Once sent, your answers cannot be changed until the survey closes. {until}",
        after_sending=until,
    )


NAMED_WORDS = ModeWords(
    first_line="This is not anonymous: your answers are kept with your name.",
    kept="After the close the facilitators and HIN staff can read what you answered, with your name. They can see "
    "whether you have answered. We do not keep when you answered, or from where.",
    recorded="We record that you answered, and what.",
    later_heading="What you can change later",
    later=(
        "You can change your answers through the same link until the survey closes. Only the last that you send are "
        "kept. After the close they stay as they are; you can ask for them to be erased."
    ),
    why_reminders="The facilitators can see the same.",
    stored="Exactly this is stored, and nothing else of what you did here.",
    before_sending="These answers are kept with your name. You can change them until the survey closes.",
    after_sending="You can change your answers until the survey closes: open the link in your mail again.",
)


def who_sees(mode: str, shared_with: str = Survey.SharedWith.MEMBERS) -> tuple[str, ...]:
    """Who will see what, as the first page of a survey and the page that opens it say it."""
    if mode == PrivacyMode.NAMED:
        before = "Nobody sees any answer before it closes. The facilitators and HIN staff see who has answered."
    else:
        before = "Nobody sees any answer before it closes. How many answered is counted nightly, for the facilitators."
    return (before, *after_the_close(mode, shared_with))


def after_the_close(mode: str, shared_with: str) -> tuple[str, ...]:
    """Who sees what once it has closed."""
    is_for_members = shared_with == Survey.SharedWith.MEMBERS
    figures = f"figures, and only of {settings.MINIMUM_BASE} answers or more."
    shared = "Members see the results once the facilitator has shared them."
    others = "The sponsor and members see"
    if not is_for_members:
        shared, others = "The results are not shared with members.", "The sponsor sees"
    if mode == PrivacyMode.NAMED:
        return (
            "After that the facilitators and HIN staff see each person’s answers, with the name.",
            f"{others} {figures} Your own words are not among them.",
            shared,
        )
    rows = (
        "For research, HIN staff can take away rows of answers without pseudonym, community or your own words, only "
        f"where there are {settings.CONFIDENTIAL_ROWS_FROM} or more, and each time it is noted why."
    )
    return (
        f"After that the facilitators, the sponsor and HIN staff see {figures}",
        "Your own words are kept apart from your other answers, and shown only once a second reader releases them.",
        *([rows] if mode == PrivacyMode.CONFIDENTIAL else []),
        shared,
    )
