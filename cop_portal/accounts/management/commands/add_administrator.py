"""`manage.py add_administrator`: the first account of a portal, or one more administrator."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from cop_portal.accounts.models import User
from cop_portal.accounts.services.users import create_user, find_user
from cop_portal.installation import clock


class Command(BaseCommand):
    """Makes an administrator, who then signs in by a code sent to the address and sets up an authenticator app."""

    help = "Makes an administrator: manage.py add_administrator 'Name' name@example.org"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        name, email = options["name"].strip(), options["email"].strip()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email!r} is not an email address. Nobody was added.") from None
        if find_user(email):
            raise CommandError(f"{email} already belongs to an account. Nobody was added.")
        create_user(name=name, email=email, role=User.Role.ADMINISTRATOR, by=None, now=clock.now())
        self.stdout.write(f"{name} is an administrator and signs in by a code sent to {email}.")
