"""Routes: the audit log, and how things are named."""

from functions.api.register import audit_words, auditing
from functions.api.register.parameters import PAGE
from vouchsafe.pure.asking import Route

ROUTES = (
    Route(
        method="GET",
        path="/register/audit",
        name="readAudit",
        summary="Reads the audit log, the newest first.",
        right="read",
        handle=auditing.log,
        answers=audit_words.AuditTold,
        query={**PAGE, "subject": "only of this one, as kind:id"},
    ),
    Route(
        method="GET",
        path="/register/settings/naming",
        name="readNaming",
        summary="Tells how things are to be named.",
        right="read",
        handle=auditing.names,
        answers=audit_words.NamingSaid,
    ),
    Route(
        method="PUT",
        path="/register/settings/naming",
        name="setNaming",
        summary="Sets how things are to be named.",
        right="administer",
        handle=auditing.set_names,
        asks=audit_words.NamingSaid,
        answers=audit_words.NamingSaid,
        problems=(409,),
    ),
)
