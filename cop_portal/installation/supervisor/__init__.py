"""One process that starts the portal's others, restarts one that dies, and leaves none behind."""


class CannotStart(SystemExit):
    """Something is in the way. Ends the command with this one sentence and status 1, without a traceback."""
