"""Who may do what: each app registers its grants table here, and one backend answers from them."""

from django.contrib.auth.backends import BaseBackend


class GrantsBackend(BaseBackend):
    pass
