"""People's accounts. An e-mail address is a name to sign in by; all addresses live in allauth's EmailAddress."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import PermissionDenied
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
        """Whether a grants table lets this user do `perm` (to `obj`, usually a community)."""
        from django.contrib.auth import get_backends

        if not self.is_active:
            return False
        for backend in get_backends():
            try:
                if backend.has_perm(self, perm, obj):  # type: ignore[arg-type]
                    return True
            except PermissionDenied:
                return False
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
