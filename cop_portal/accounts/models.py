"""People's accounts. An e-mail address is a name to sign in by; all addresses live in allauth's EmailAddress."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from cop_portal.accounts.grants import CommunityRoles


class UserManager(BaseUserManager["User"]):
    """Makes users without a password: they sign in by a code until they want one."""

    def create_user(self, *, name: str, role: str = "") -> "User":
        user = self.model(name=name, role=role)
        user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Someone who can sign in. What they may do follows from their role here and their roles in communities."""

    class Role(models.TextChoices):
        NONE = "", "Member of the network"
        STAFF = "staff", "HIN staff"
        ADMINISTRATOR = "administrator", "Administrator"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=150)
    role = models.CharField(max_length=20, choices=Role.choices, blank=True, default=Role.NONE)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    # Their wish: mail about what is theirs to do, and about their account, and no other.
    only_own_mail = models.BooleanField(default=False)
    # Raised with every change to the name, the addresses or the affiliation, so that nobody overwrites what they have
    # not seen.
    version = models.PositiveIntegerField(default=1)
    # Part of what a session is checked against: raising it ends every session of this user.
    session_generation = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    # Filled by grants.py when first asked, for the length of a request.
    roles_by_community: "CommunityRoles | None" = None

    USERNAME_FIELD = "public_id"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=["", "staff", "administrator"]), name="user_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """Sessions end when this changes: with the password, or by "sign out everywhere"."""
        return self._session_hash(secret=None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret=secret)

    def _session_hash(self, secret: str | bytes | None) -> str:
        value = f"{self.session_generation}:{self.password}"
        return salted_hmac("cop_portal.accounts.session", value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_hin_staff(self) -> bool:
        return self.role in (self.Role.STAFF, self.Role.ADMINISTRATOR)

    @property
    def is_administrator(self) -> bool:
        return self.role == self.Role.ADMINISTRATOR

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this; only administrators come in."""
        return self.is_active and self.is_administrator

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether a grants table lets this user do `perm` (to `obj`: a community, or something in one)."""
        from cop_portal.accounts.grants import GrantsBackend

        # Asked directly: the other backends sign people in and know nothing of roles.
        return GrantsBackend().has_perm(self, perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class AddressClaimQuerySet(models.QuerySet["AddressClaim"]):
    def visible_to(self, user: User) -> Self:
        """One's own only, whatever one's role."""
        return self.filter(user=user)

    def asked_since(self, moment: datetime) -> Self:
        return self.filter(asked_at__gt=moment)

    def live(self, now: datetime) -> Self:
        """Those whose code can still be typed in."""
        return self.filter(ends_at__gt=now, is_used=False)


class AddressClaim(models.Model):
    """Someone says that a mail address is theirs and has been sent a code to prove it.

    Not an address yet: an unproven one beside the others could be taken for its owner's. The code is worked out from
    the nonce with a key outside the database, so that it is at rest nowhere.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="address_claims")
    email = models.EmailField(max_length=254)
    nonce = models.CharField(max_length=43, unique=True)
    asked_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    is_used = models.BooleanField(default=False)

    objects = AddressClaimQuerySet.as_manager()

    def __str__(self) -> str:
        return f"claim {self.pk}"


class SignIn(models.Model):
    """Someone signed in. Kept for a year, apart from the audit trail; never says from where."""

    class How(models.TextChoices):
        CODE = "code", "Code by email"
        PASSWORD = "password", "Password"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    at = models.DateTimeField(db_index=True)
    how = models.CharField(max_length=10, choices=How.choices)
    with_second_factor = models.BooleanField(default=False)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(how__in=["code", "password"]), name="sign_in_how_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} by {self.how}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: User) -> Self:
        """One's own only, whatever one's role."""
        return self.filter(user=user)

    def live(self, today: date) -> Self:
        return self.filter(revoked_at=None, ends_on__gt=today)


class ApiToken(models.Model):
    """A program's key to the API, with its owner's rights. Only its SHA-256 is kept: it is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField("what it is for", max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ends_on = models.DateField()
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return self.name
