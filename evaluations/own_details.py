"""What a person reads about their mail at /me/."""

from cop_portal.accounts.own_details import OwnLink

OWN_LINKS = (
    OwnLink("me", "Your mail: what is planned, and how to stop it", "evaluations:my-mail"),
    OwnLink("me", "Your answers: see, correct or erase them", "evaluations:own-answers"),
)
