from communities.imports.command import LoadDocumentCommand
from communities.imports.documents import Document, LoadReport
from cop_portal.installation import clock
from evaluations.imports.instruments import INSTRUMENTS_FILE, INSTRUMENTS_SCHEMA, load_instruments


def load(document: Document) -> LoadReport:
    return load_instruments(document, now=clock.now())


class Command(LoadDocumentCommand):
    help = "Publish the instruments of the shipped file, or of another. Load the framework first."
    file = INSTRUMENTS_FILE
    schema = INSTRUMENTS_SCHEMA
    load = staticmethod(load)
