"""Lambda: the control room. A call loads the routes of its own area, and none of the others."""

from vouchsafe.flow.serve import serve
from vouchsafe.pure.asking import Area

ROUTES = (
    Area("functions.api.register.routes.proposals", of=("proposals", "code-jobs")),
    Area("functions.api.register.routes.promotions", of=("campaigns", "promotions", "codes")),
    Area("functions.api.register.routes.accounts", of=("accounts",)),
    Area("functions.api.register.routes.segments", of=("segments",)),
    Area(
        "functions.api.register.routes.releases",
        of=("calendar", "calendar.ics", "expiring", "settings/fatigue"),
    ),
    Area("functions.api.register.routes.publications", of=("publications",)),
    Area("functions.api.register.routes.identities", of=("identities",)),
    Area("functions.api.register.routes.alarms", of=("alarms", "settings/escalation")),
    Area(
        "functions.api.register.routes.claims", of=("policy", "settings/claims-policy", "standings")
    ),
    Area("functions.api.register.routes.audit", of=("audit", "settings/naming")),
    Area("functions.api.register.routes.keys", of=("keys",)),
    Area("functions.api.register.routes.taxes", of=("settings/vat",)),
    Area("functions.api.register.routes.values", of=("values",)),
)

handle = serve("register", ROUTES)
