"""People's accounts. An e-mail address is a name to sign in by; all addresses live in allauth's EmailAddress."""

import uuid
from datetime import date
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


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

    objects: ClassVar[UserManager] = UserManager()

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


class SignIn(models.Model):
    """Someone signed in. Kept for a year, apart from the audit trail; never says from where."""

    class How(models.TextChoices):
        CODE = "code", "Code by email"
        PASSWORD = "password", "Password"
        DEMO = "demo", "Demo door"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    at = models.DateTimeField(db_index=True)
    how = models.CharField(max_length=10, choices=How.choices)
    with_second_factor = models.BooleanField(default=False)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(how__in=["code", "password", "demo"]), name="sign_in_how_is_known"
            ),
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
