"""The mail that communities send. Each is a row naming its occasion; its words are made just before it leaves."""

from communities.emails import welcome


def register() -> None:
    welcome.register()
