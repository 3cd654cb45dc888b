from rest_framework import permissions


class IsSignedIn(permissions.IsAuthenticated):
    pass
