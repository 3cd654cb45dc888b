"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop_portal.settings")

application = get_wsgi_application()

from cop_portal.installation import facts, logs  # noqa: E402 (needs the apps loaded)

# Also when somebody starts gunicorn by hand: a demo database never serves in earnest, nor the other way round.
facts.insist()
logs.keep_requests_out_of_the_servers_log()
