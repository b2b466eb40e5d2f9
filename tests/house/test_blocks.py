"""The parts of template.yaml that all platforms share are as `make blocks` writes them."""

from local.source.rooms import rooms
from local.source.template import TEMPLATE, renewed


def test_every_platforms_block_is_written_by_one_hand() -> None:
    text = TEMPLATE.read_text()

    assert renewed(text, rooms()) == text
