from django.forms.renderers import DjangoTemplates


class NHSFormRenderer(DjangoTemplates):
    pass
