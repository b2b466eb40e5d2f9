"""What tests of the register share."""

from tests.edge.conftest import stream_image

__all__ = ["stream_image"]
