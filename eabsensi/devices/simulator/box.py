"""Handlers of the commands about the box itself: options, version, sizes, clock, state, users, power."""

from __future__ import annotations

import struct

from eabsensi.devices import devtime
from eabsensi.devices.commands import Command
from eabsensi.devices.frames import Frame
from eabsensi.devices.simulator.sessions import Peer, session_of
from eabsensi.devices.simulator.state import OPERATION_DELETE_USER, State
from eabsensi.devices.simulator.trouble import Moment, Trouble
from eabsensi.devices.simulator.users import decode_user

_COUNT_FIELD = 32


def ok(peer: Peer, frame: Frame, payload: bytes = b"") -> list[Frame]:
    """Give the plain answer: ACK_OK with the session in field 3."""
    return [Frame(Command.ACK_OK, session_of(peer).session_id, frame.reply_id, payload)]


def error(peer: Peer, frame: Frame, code: int = Command.ACK_ERROR) -> list[Frame]:
    """Give a refusal."""
    return [Frame(code, session_of(peer).session_id, frame.reply_id)]


class BoxHandlers:
    """One ``handle_x`` per command that reads or changes the box, apart from bulk reads."""

    state: State
    trouble: Trouble

    def handle_options_read(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Answer ``name=value``; an unknown name is an error, or an empty text on some firmware."""
        name = frame.payload.split(b"\x00", 1)[0].decode("latin-1")
        value = self.state.serial if name == "~SerialNumber" else self.state.options.get(name)
        if value is None and not self.state.config.unknown_option_is_empty:
            return error(peer, frame)
        text = f"{name}={value}" if value is not None else ""
        return ok(peer, frame, text.encode(self.state.encoding) + b"\x00")

    def handle_options_write(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Store ``name=value``."""
        text = frame.payload.split(b"\x00", 1)[0].decode("latin-1")
        name, _, value = text.partition("=")
        self.state.options[name] = value
        return ok(peer, frame)

    def handle_version(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Answer the firmware's name and date."""
        return ok(peer, frame, self.state.config.firmware.encode() + b"\x00")

    def handle_free_sizes(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Answer the counters and capacities, as long as this model's reply is."""
        self.trouble.happen(Moment.BEFORE_SIZES)
        fields = self._told_sizes()
        if self.state.config.sizes_by_index and len(frame.payload) == 1:
            return ok(peer, frame, struct.pack("<i", fields.get(frame.payload[0] * 4, 0)))
        reply = bytearray(self.state.config.sizes_bytes)
        for offset, value in fields.items():
            if offset + 4 <= len(reply) and len(reply) > 4:
                struct.pack_into("<i", reply, offset, value)
        return ok(peer, frame, bytes(reply))

    def handle_time_read(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Answer the wall clock."""
        return ok(peer, frame, struct.pack("<I", devtime.encode(self.state.now())))

    def handle_time_write(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Set the wall clock."""
        self.state.set_clock(devtime.decode(int.from_bytes(frame.payload[:4], "little")))
        return ok(peer, frame)

    def handle_state(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Answer what the terminal is doing, in field 3."""
        session_of(peer)
        return [Frame(Command.ACK_OK, self.state.device_state, frame.reply_id)]

    def handle_pin_width(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Answer how many digits a pin has."""
        return ok(peer, frame, bytes((int(self.state.options["~PIN2Width"]),)))

    def handle_enable_device(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Let people punch."""
        self.state.enable()
        return ok(peer, frame)

    def handle_disable_device(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Lock the terminal; four bytes of payload are seconds after which it unlocks itself."""
        if self.state.config.disable_has_effect:
            seconds = int.from_bytes(frame.payload[:4], "little") if len(frame.payload) >= 4 else None
            self.state.disable(seconds)
        return ok(peer, frame)

    def handle_user_write(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Enrol or change a user."""
        if len(frame.payload) != self.state.config.effective_user_bytes:
            return error(peer, frame)
        self.state.put_user(decode_user(frame.payload, self.state.encoding))
        return ok(peer, frame)

    def handle_delete_user(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Remove a user by slot."""
        uid = int.from_bytes(frame.payload[:2], "little")
        if not self.state.remove_user(uid):
            return error(peer, frame)
        self.state.note_operation(OPERATION_DELETE_USER, uid)
        return ok(peer, frame)

    def handle_clear_attlog(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Empty the log: what other software does to a terminal."""
        self.state.clear_log()
        return ok(peer, frame)

    def handle_clear_data(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Empty everything."""
        self.state.clear_everything()
        return ok(peer, frame)

    def handle_nothing(self, peer: Peer, frame: Frame) -> list[Frame]:
        """Accept a command that changes nothing here: refreshes, the door, templates, the finger sensor."""
        return ok(peer, frame)

    def _told_sizes(self) -> dict[int, int]:
        fields = self.state.sizes()
        if self.trouble.sizes_count is not None:
            fields[_COUNT_FIELD] = self.trouble.sizes_count
        return fields
