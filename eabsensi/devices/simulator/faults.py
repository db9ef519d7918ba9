"""How to bring about each row of the fault list (protocol §3): what tests inject and what the docs show."""

from __future__ import annotations

from typing import Final, NamedTuple


class Fault(NamedTuple):
    """One row of the fault list.

    Attributes:
        symptom: what is seen, in a few words.
        verbs: methods of a terminal that bring it about.
        settings: fields of ``TerminalConfig`` that build a terminal so.
        note: how they are used, or why the device has no part in it.

    """

    symptom: str
    verbs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    note: str = ""


FAULTS: Final[dict[str, Fault]] = {
    "F01": Fault("another client holds the terminal", ("be_silent",), ("backlog",), "A second TCP client waits."),
    "F02": Fault(
        "a throw-away connection first", (), ("backlog",), "The client's own doing; clients are served in turn."
    ),
    "F03": Fault("ping is blocked", note="The client's own doing: nothing here needs ICMP."),
    "F04": Fault("only one transport works", ("go_offline", "come_back"), ("transport",)),
    "F05": Fault("2005 on everything, 2032", ("set_comm_key",), ("comm_key", "lockout_after")),
    "F06": Fault("6001 on CONNECT", ("secure_firmware",)),
    "F07": Fault("another protocol", ("speak_foreign",)),
    "F08": Fault("no reply to a valid command", ("menu_open", "menu_closed", "ignore_requests", "be_silent")),
    "F09": Fault("a reply in pieces", ("segments",), ("segment_bytes",)),
    "F10": Fault("a header split or glued to the tail before", ("segments",), ("segment_bytes",), "segments(1)"),
    "F11": Fault("the stream ends mid-body", ("cut_after", "reboot")),
    "F12": Fault("pipelined reads wedge the device", ("wedge_when_pipelined",)),
    "F13": Fault(
        "datagrams lost, doubled, out of order",
        ("lose_datagrams", "duplicate_datagrams", "reorder_datagrams", "drop_replies"),
    ),
    "F14": Fault("fewer records than announced", ("short_replies", "announce_wrong_total", "lie_about_sizes")),
    "F15": Fault("an empty log answers 2001", ("empty_log_answers_error",)),
    "F16": Fault("4989, or sizes say 0", ("attendance_disabled", "lie_about_sizes")),
    "F17": Fault("sizes of 4, 80, 92 or 112 bytes", (), ("sizes_bytes",)),
    "F18": Fault("records of 49 bytes", (), ("layout",), "Layout.FORTY_NINE"),
    "F19": Fault("packed 8-byte records", (), ("layout",), "Layout.EIGHT_PACKED"),
    "F20": Fault("records of 16 bytes", (), ("layout",), "Layout.SIXTEEN"),
    "F21": Fault("a punch during the reading", ("punch_before_read", "at")),
    "F22": Fault("8- and 4-byte records mixed", (), ("packed_short_records",)),
    "F23": Fault("direct read gives garbage", (), ("records",), "Command 13 always answers so."),
    "F24": Fault("impossible dates", ("corrupt_record", "lose_power"), (), "31 February, year 2000, year 2063"),
    "F25": Fault("times shifted by hours", ("set_clock",), ("timezone",)),
    "F26": Fault("time goes backwards", ("set_clock", "drift", "lose_power")),
    "F27": Fault("identical records", ("punch",), (), "Punch twice with the same time."),
    "F28": Fault("the count drops", ("clear_log", "clear_between_prepare_and_read", "delete_head")),
    "F29": Fault("the log is full", ("fill",), ("record_capacity", "when_full", "delete_when_full")),
    "F30": Fault("blank records", ("corrupt_record",), (), "kind blank, with a count"),
    "F31": Fault("garbage ids", ("corrupt_record",), (), "kind blank"),
    "F32": Fault("left disabled", ("disable",), (), "punch() gives None while it lasts."),
    "F33": Fault("disable has no effect", (), ("disable_has_effect", "connect_blocks_users")),
    "F34": Fault("hangs under frequent polling", ("hang_after", "reboot")),
    "F35": Fault("reset mid-read", ("cut_after", "hang_up"), (), "cut_after(n, hard=True)"),
    "F36": Fault("a slow PREPARE", ("delay", "packet_pause"), ("delay_seconds", "packet_pause_seconds")),
    "F37": Fault("an event instead of a reply", ("event_in_the_middle_of_next_reply",)),
    "F38": Fault("silent after a reboot", ("reboot_silently",)),
    "F39": Fault("events of other lengths", ("punch", "send_event"), ("event_bytes",)),
    "F40": Fault("an event that a loop cannot consume", ("event_in_the_middle_of_next_reply",), (), "noise=True"),
    "F41": Fault("alphanumeric ids", ("punch", "enrol"), ("users",)),
    "F42": Fault("slot and pin differ", ("enrol",), ("users",)),
    "F43": Fault("a user deleted but in the log", ("delete_user",)),
    "F44": Fault("names in another encoding", ("enrol",), ("encoding",), "gbk; long names are cut at the byte limit."),
    "F45": Fault("verify mode and state confused", ("punch",), ("layout",), "They change places between 16 and 40."),
    "F46": Fault("state always 0 or 255", ("punch",), (), "state=255"),
    "F47": Fault("the UDP session is gone, ids collide", ("drop_udp_session", "next_session")),
    "F48": Fault("a late reply", ("late_reply", "stale_reply")),
    "F49": Fault("other software empties the log", ("clear_log",)),
    "F50": Fault("another terminal at the address", ("swap_serial",)),
    "F51": Fault("an option is unknown or empty", ("set_option", "refuse"), ("unknown_option_is_empty",)),
    "F52": Fault("a lower reply id is dropped", (), ("strict_reply_ids",)),
    "F53": Fault("the head goes between PREPARE and READ", ("delete_head_between_prepare_and_read",)),
    "F54": Fault("a slow, lossy line", ("delay", "bandwidth", "lose_datagrams"), ("bytes_per_second",)),
    "F55": Fault("only new records are given", ("steal_new_log", "download_new_log")),
}


def as_markdown() -> str:
    """Give the table for the docs."""
    rows = [
        f"| {number} | {fault.symptom} | {', '.join(f'`{verb}()`' for verb in fault.verbs)} "
        f"| {', '.join(f'`{setting}`' for setting in fault.settings)} | {fault.note} |"
        for number, fault in FAULTS.items()
    ]
    return "\n".join(["| id | symptom | verbs | built with | note |", "|---|---|---|---|---|", *rows])
