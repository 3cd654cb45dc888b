"""The nouns of asking and judging. No inbox or response name is re-exported: docs/adr/0004 says why."""

from evaluations.models.exports import SurveyExport
from evaluations.models.framework import (
    EvaluationQuestion,
    Framework,
    MaturityDimension,
    MaturityLevel,
    MaturityStatement,
)
from evaluations.models.heard import Heard
from evaluations.models.instrument import (
    Instrument,
    InstrumentVersion,
    Item,
    PrivacyMode,
    Question,
    Section,
    ValueCycle,
)
from evaluations.models.instrument_file import InstrumentFile
from evaluations.models.pseudonym_key import PseudonymKey
from evaluations.models.pulse import PulseRoom, RoomPlace
from evaluations.models.release import Release, WaveSummary
from evaluations.models.scale import Scale
from evaluations.models.survey import Invitation, PlannedRequest, Survey, Wave

__all__ = [
    "EvaluationQuestion", "Framework", "Heard", "Instrument", "InstrumentFile", "InstrumentVersion", "Invitation",
    "Item", "MaturityDimension", "MaturityLevel", "MaturityStatement", "PlannedRequest", "PrivacyMode",
    "PseudonymKey", "PulseRoom", "Question", "Release", "RoomPlace", "Scale", "Section", "Survey", "SurveyExport",
    "ValueCycle", "Wave", "WaveSummary",
]  # fmt: skip
