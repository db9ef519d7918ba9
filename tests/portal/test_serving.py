"""How the portal's door is hung."""

from __future__ import annotations

import socket

from eabsensi.portal.serving import open_door


def test_the_body_of_an_answer_does_not_wait_for_the_receipt_of_its_headers():
    with open_door("127.0.0.1", 0) as door, socket.create_connection(door.getsockname(), 10):
        came, _ = door.accept()
        with came:
            assert came.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
