"""What all settings of the control room share: set over the version that was seen, and audited."""

from vouchsafe.pure import codec
from vouchsafe.pure.asking import Call
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.errors import Conflict, Invalid


def must_have_seen(call: Call, version: int) -> None:
    """Raises Invalid where the call names no version of what is set already, Conflict where it
    names another one."""
    if call.version is None and version:
        raise Invalid("If-Match", "is missing: it says which version was seen")
    if (call.version or 0) != version:
        raise Conflict(f"the setting is at version {version} by now: look at it again")


def deed_of(call: Call, setting: str, before: object, after: object) -> Deed:
    """The audit log's entry of a setting that was set."""
    return Deed(
        who=call.caller.id,
        at=call.now,
        what=f"{setting.replace('-', '_')}_set",
        subjects=(f"setting:{setting}",),
        before=codec.dumps(before),
        after=codec.dumps(after),
    )
