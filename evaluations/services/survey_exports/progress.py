"""How far the making of an export has come. Kept outside the database, as with imports: losing it costs a number."""

from contextlib import AbstractContextManager

from communities.services.imports import progress
from communities.services.imports.progress import Progress, Tell
from evaluations.models import SurveyExport

__all__ = ["Progress", "Tell", "forget_progress", "held", "progress_of", "teller"]


def teller(export: SurveyExport) -> Tell:
    """`tell(percent, words)`."""
    return progress.teller(_name(export))


def progress_of(export: SurveyExport) -> Progress:
    """The last that was told; the whole of it once there is nothing left to do."""
    return progress.progress_of(_name(export)) if export.is_waiting else Progress(100, export.get_state_display())


def forget_progress(export: SurveyExport) -> None:
    progress.forget_progress(_name(export))


def held(export: SurveyExport) -> AbstractContextManager[bool]:
    """True for the one worker that makes it now."""
    return progress.held(_name(export))


def _name(export: SurveyExport) -> str:
    return f"survey-export-{export.pk}"
