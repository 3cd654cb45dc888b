"""The mail that communities send. Each is a row naming its occasion; its words are made just before it leaves."""

from communities.emails import actions, appointed, erasure, joining, left, merged, minutes, problems, sessions, welcome


def register() -> None:
    joining.register()
    appointed.register()
    actions.register()
    welcome.register()
    problems.register()
    sessions.register()
    erasure.register()
    left.register()
    merged.register()
    minutes.register()
