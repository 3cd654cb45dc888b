from communities.imports.command import LoadDocumentCommand
from communities.imports.reference import REFERENCE_FILE, REFERENCE_SCHEMA, load_reference


class Command(LoadDocumentCommand):
    help = "Load communities, professional groups and organisations from the shipped file, or from another."
    file = REFERENCE_FILE
    schema = REFERENCE_SCHEMA
    load = staticmethod(load_reference)
