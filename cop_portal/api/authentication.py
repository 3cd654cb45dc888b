from rest_framework import authentication


class SessionAuthentication(authentication.SessionAuthentication):
    pass


class TokenAuthentication(authentication.TokenAuthentication):
    pass
