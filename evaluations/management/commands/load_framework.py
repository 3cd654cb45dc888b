from communities.imports.command import LoadDocumentCommand
from evaluations.imports.framework import FRAMEWORK_FILE, FRAMEWORK_SCHEMA, load_framework


class Command(LoadDocumentCommand):
    help = "Load the evaluation framework from the shipped file, or from another."
    file = FRAMEWORK_FILE
    schema = FRAMEWORK_SCHEMA
    load = staticmethod(load_framework)
