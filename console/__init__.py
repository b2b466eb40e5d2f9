"""Commands for the people who run the product."""

import sys
from pathlib import Path

# In Lambda the layer puts `vouchsafe` on the path; for a person's command this does.
_LAYER = str(Path(__file__).resolve().parent.parent / "layers" / "vouchsafe")
if _LAYER not in sys.path:
    sys.path.append(_LAYER)
