"""The checks, in their order: each does one thing as the documentation says, and tells in a few words what it saw."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Final

from scripts.booting.container import until
from scripts.booting.proxies import caddy_serves, nginx_serves
from scripts.booting.terminals import COMM_KEY, HOSTS, SERIALS
from scripts.booting.trial import OPERATIONS, PORTAL, Trial, require
from scripts.booting.watching import no_secret_anywhere

COLLECTOR: Final = "eabsensi-collector"
_PEOPLE: Final = 20
_STOP_SECONDS: Final = 10.0
#: Much less than a lease lasts: who waits for one to run out takes 90 s.
_TAKEN_UP_SECONDS: Final = 45.0


def boots(trial: Trial) -> str:
    """Start the Debian; no unit of it may fail."""
    began = time.monotonic()
    trial.debian.boot()
    failed = trial.debian.run("systemctl --failed --plain --no-legend")
    require(not failed, f"units failed: {failed}")
    return f"systemd {trial.debian.run('systemctl --version').split()[1]}, up in {time.monotonic() - began:.0f} s"


def database_is_made(trial: Trial) -> str:
    """Make the roles and the database."""
    trial.run_block(OPERATIONS, "sudo -u postgres psql <<'SQL'")
    return trial.debian.run("sudo -u postgres psql --version").strip()


def units_are_installed(trial: Trial) -> str:
    """Install the units with their credentials; systemd accepts them."""
    trial.run_block(OPERATIONS, "sudo /opt/eabsensi/scripts/install")
    trial.run_block(OPERATIONS, "sudo bash -e <<'SH'")
    trial.debian.run("umask 077; cat > /etc/eabsensi/credentials/comm-key-lobi", written=f"{COMM_KEY}\n")
    trial.run_line(OPERATIONS, "sudo /opt/eabsensi/scripts/install")
    units = trial.debian.run("cd /etc/systemd/system && ls eabsensi-*.service eabsensi-*.timer").split()
    told = trial.debian.try_run(f"systemd-analyze verify {' '.join(units)}").stderr
    require(not [line for line in told.splitlines() if "eabsensi" in line], told)
    for line in trial.debian.run("cat /etc/eabsensi/credentials/database-url*").splitlines():
        user, _, password = line.removeprefix("postgresql://").partition("@")[0].partition(":")
        trial.secrets[f"database password of {user}"] = password
    return f"{len(units)} units"


def city_is_registered(trial: Trial) -> str:
    """Make the tables, import units and people, register the terminals."""
    trial.run_line(OPERATIONS, "sudo eabsensi db upgrade")
    tables = {
        "units.csv": "code,name,pattern\nKOTA,Kota Muaro,5-day\nDINKES,Dinas Kesehatan,5-day\n",
        "staff.csv": "nip,name,kind,unit,since\n"
        + "".join(f"1985031720100120{pin:02},Pegawai {pin},PNS,DINKES,2020-01-01\n" for pin in range(1, _PEOPLE + 1)),
        "pins-dinkes.csv": "serial,pin,nip,from\n"
        + "".join(f"*,{pin},1985031720100120{pin:02},2020-01-01\n" for pin in range(1, _PEOPLE + 1)),
    }
    for name, rows in tables.items():
        trial.debian.run(f"cat > /root/{name}", written=rows)
    trial.run_line(OPERATIONS, "sudo eabsensi unit import units.csv", instead={"units": "/root/units"})
    trial.run_line(OPERATIONS, "sudo eabsensi employee import staff.xlsx", instead={"staff.xlsx": "/root/staff.csv"})
    add = 'sudo eabsensi device add 10.20.3.4 --unit DINKES --name "Dinas Kesehatan, lobi"'
    trial.run_line(OPERATIONS, add, instead={"10.20.3.4": HOSTS[0], "add ": "add --comm-key lobi "}, written="y\n")
    entries = (
        f"  - {{serial: {serial}, unit: DINKES, name: Lobi {serial}, host: {host}, live: {str(at == 1).lower()}}}\n"
        for at, (serial, host) in enumerate(zip(SERIALS, HOSTS, strict=True))
        if 0 < at < len(SERIALS) - 1
    )
    trial.debian.run("cat >> /etc/eabsensi/devices.yaml", written="".join(entries))
    enrol = "sudo eabsensi enrolment import pins-dinkes.csv"
    trial.run_line(OPERATIONS, enrol, instead={"pins": "/root/pins"})
    return f"{_PEOPLE} people, {len(SERIALS) - 1} terminals, one with a comm key"


def collector_is_ready(trial: Trial) -> str:
    """Start the collector, and wait for its READY."""
    timers = "eabsensi-upkeep.timer eabsensi-verify.timer"
    trial.run_line(OPERATIONS, f"sudo systemctl enable --now eabsensi-collector {timers}")
    require(trial.debian.show(COLLECTOR, "ActiveState") == "active", "READY was not heard")
    return trial.debian.show(COLLECTOR, "StatusText")


def collector_is_nobody(trial: Trial) -> str:
    """Look at what its process may do, and as whom it is logged in."""
    pid = trial.debian.show(COLLECTOR, "MainPID")
    status = dict(line.split(":", 1) for line in trial.debian.run(f"cat /proc/{pid}/status").splitlines())
    uid = status["Uid"].split()[0]
    require(int(uid) >= 61184, f"it runs as {uid}, which is no dynamic user")
    require(int(status["CapEff"], 16) == 0, "it has capabilities")
    logins = trial.query(
        "SELECT json_agg(DISTINCT usename) FROM pg_stat_activity WHERE datname = 'eabsensi' AND pid <> pg_backend_pid()"
    )
    require(logins == ["eabsensi_collector"], f"it is logged in as {logins}")
    inside = f"nsenter --target {pid} --mount -- touch /etc/eabsensi/devices.yaml"
    require(trial.debian.try_run(inside).returncode != 0, "it could write into /etc")
    return f"uid {uid}, no capabilities, logged in as {logins[0]}, /etc read-only"


def credentials_are_used(trial: Trial) -> str:
    """Look at what systemd has handed over, and read the terminal that asks for a comm key."""
    folder = f"/run/credentials/{COLLECTOR}.service"
    names = trial.debian.run(f"ls {folder}").split()
    require(names == ["comm-key-lobi", "database-url"], f"credentials are {names}")
    until(lambda: trial.query(_OUTCOMES_OF.format(SERIALS[0])) == "ok", 60, "the terminal with a comm key is read")
    return ", ".join(names)


_OUTCOMES_OF: Final = """
    SELECT to_json(outcome) FROM poll JOIN device ON device.id = device_id WHERE serial = '{}'
    ORDER BY poll.id DESC LIMIT 1
"""


def reload_takes_a_terminal_over(trial: Trial) -> str:
    """Add a terminal to devices.yaml, and reload."""
    pid = trial.debian.show(COLLECTOR, "MainPID")
    entry = f"  - {{serial: {SERIALS[-1]}, unit: DINKES, name: Baru, host: {HOSTS[-1]}}}\n"
    trial.debian.run("cat >> /etc/eabsensi/devices.yaml", written=entry)
    trial.run_line(OPERATIONS, "sudo systemctl reload eabsensi-collector")
    said = f"{len(SERIALS)} terminals"
    until(lambda: said in trial.debian.show(COLLECTOR, "StatusText"), 30, f"its status says {said}")
    require(trial.debian.show(COLLECTOR, "MainPID") == pid, "it was restarted, not reloaded")
    return f"{said}, the same process"


def everything_is_stored(trial: Trial) -> str:
    """Compare what is stored with what was ever punched."""
    return f"{len(SERIALS)} terminals, {trial.wait_until_stored(120)}"


def watchdog_restarts(trial: Trial) -> str:
    """Stop the process from moving, and see systemd restart it."""
    drop_in = f"/etc/systemd/system/{COLLECTOR}.service.d/watchdog.conf"
    trial.debian.run(f"cat > {drop_in}; systemctl daemon-reload; systemctl restart {COLLECTOR}", written=_WATCHED)
    pid = trial.debian.show(COLLECTOR, "MainPID")
    trial.debian.run(f"kill -STOP {pid}")
    until(lambda: trial.debian.show(COLLECTOR, "NRestarts") == "1", 60, "systemd has restarted it")
    until(lambda: trial.debian.show(COLLECTOR, "ActiveState") == "active", 60, "it is ready again")
    told = [str(entry.get("MESSAGE")) for entry in trial.journal(f"{COLLECTOR}.service")]
    require(any("Watchdog timeout" in line for line in told), "the journal knows of no watchdog")
    require(trial.debian.show(COLLECTOR, "MainPID") != pid, "it is the same process")
    trial.debian.run(f"rm {drop_in}; systemctl daemon-reload; systemctl restart {COLLECTOR}")
    return "stood still, was killed, is ready again"


_WATCHED: Final = "[Service]\nWatchdogSec=8\n"


def stop_gives_everything_back(trial: Trial) -> str:
    """Stop it within ten seconds: no terminal is left with a session or a lease, and all can be taken up at once."""
    until(lambda: trial.terminals.order("sessions")[1] == 1, 60, "the live session is held")
    require(trial.holders(), "no lease is held")
    began = time.monotonic()
    trial.debian.run(f"systemctl stop {COLLECTOR}")
    seconds = time.monotonic() - began
    require(seconds <= _STOP_SECONDS, f"it took {seconds:.1f} s")
    require(trial.debian.show(COLLECTOR, "Result") == "success", "it did not end well")
    sessions = trial.terminals.order("sessions")
    require(not any(sessions), f"sessions were left open: {sessions}")
    require(not trial.holders(), "leases were left")
    trial.debian.run(f"systemctl start {COLLECTOR}")
    until(lambda: trial.terminals.order("sessions")[1] == 1, _TAKEN_UP_SECONDS, "the live session is held again")
    return f"{seconds:.1f} s, no session and no lease left; taken up again at once"


def portal_is_ready(trial: Trial) -> str:
    """Start the portal, and make an account and a token."""
    trial.run_block(PORTAL, "echo 'portal_address")
    require(trial.run_line(PORTAL, "curl http://127.0.0.1:8370/healthz").strip() == "ok", "it is not well")
    add = 'sudo eabsensi account add ani --role hr --name "Ani Kusuma"'
    trial.run_line(PORTAL, add, instead={"--role": "--stdin --role"}, written=f"{trial.password}\n")
    told = trial.run_line(PORTAL, "sudo eabsensi account token add payroll --role hr --days 365")
    trial.secrets |= {"password of ani": trial.password, "API token": max(told.split(), key=len)}
    uids = trial.debian.run(
        "stat --format=%u /proc/$(systemctl show --property=MainPID --value eabsensi-portal)/status; "
        f"stat --format=%u /proc/$(systemctl show --property=MainPID --value {COLLECTOR})/status"
    )
    require(len(set(uids.split())) == 2, "portal and collector are the same user")
    users = trial.query(
        "SELECT json_agg(DISTINCT usename ORDER BY usename) FROM pg_stat_activity WHERE usename LIKE 'eabsensi%'"
    )
    require(users == ["eabsensi_collector", "eabsensi_portal"], f"logged in are {users}")
    return f"{trial.debian.show('eabsensi-portal', 'StatusText')}, logged in as eabsensi_portal"


def night_writes_reports(trial: Trial) -> str:
    """Write the night's reports now; the timers wait for their time."""
    trial.run_line(PORTAL, "sudo systemctl start eabsensi-nightly")
    files = trial.debian.run("find /var/lib/eabsensi/reports/ -type f -printf '%f '").split()
    require({name.rpartition(".")[2] for name in files} == {"pdf", "xlsx"}, f"it wrote {files}")
    timers = trial.debian.run("systemctl list-timers --plain --no-legend 'eabsensi-*'")
    require(timers.count(".timer") == 3, f"timers that wait: {timers}")
    return f"{len(files)} files; 3 timers wait"


def upkeep_makes_months(trial: Trial) -> str:
    """Make the months ahead, as the owner of the tables."""
    trial.debian.run("systemctl start eabsensi-upkeep")
    told = [str(entry.get("MESSAGE")) for entry in trial.journal("eabsensi-upkeep.service")]
    line = next((line for line in told if "month" in line and "eabsensi:" not in line), "")
    require(line, f"it said {told}")
    return line


def evidence_is_proved(trial: Trial) -> str:
    """Hold the evidence against its chain as the weekly unit does, with the collector's rights."""
    trial.debian.run("eabsensi audit seal")  # the collector does so every minute, and may not have yet
    trial.debian.run("systemctl start eabsensi-verify")
    told = [str(entry.get("MESSAGE")) for entry in trial.journal("eabsensi-verify.service")]
    line = next((line for line in told if line.startswith("Nothing was touched")), "")
    require(line, f"it said {told}")
    return line


def journal_is_json(trial: Trial) -> str:
    """Read what the services have logged: JSON, one event a line, and no traceback."""
    counts, everything = {}, [str(entry.get("MESSAGE")) for entry in trial.journal()]
    require(
        not [line for line in everything if "Traceback" in line], "something has crashed: the journal has a traceback"
    )
    for name in (COLLECTOR, "eabsensi-portal"):
        own = [entry for entry in trial.journal(f"{name}.service") if entry.get("_TRANSPORT") == "stdout"]
        lines = [str(entry["MESSAGE"]) for entry in own]
        others = [line for line in lines if not line.startswith("{") and "listens at" not in line]
        require(not others, f"a line of {name} is no JSON: {others[:1]}")
        parsed = [json.loads(line) for line in lines if line.startswith("{")]
        require(all("event" in line and "timestamp" in line for line in parsed), f"a line of {name} tells no event")
        counts[name] = len(parsed)
    require(counts[COLLECTOR] > 0, "the collector has logged nothing")
    return f"{counts[COLLECTOR]} lines of the collector, {counts['eabsensi-portal']} of the portal"


def reboot_loses_nothing(trial: Trial) -> str:
    """Reboot while a sweep is under way: no lease is left behind, and what was punched meanwhile is stored at once."""
    trial.terminals.order("touch", 40)
    trial.terminals.order("slow", 0.15)
    trial.debian.run(f"systemctl restart {COLLECTOR}")  # it reads everything at its start
    until(lambda: sum(trial.terminals.order("sessions")) > 2, 60, "a sweep is under way")
    polls, before = trial.query("SELECT count(*) FROM poll"), trial.holders()
    require(before, "no lease is held")
    trial.debian.go_down()
    sessions = trial.terminals.order("sessions")
    require(not any(sessions), f"sessions were left open: {sessions}")
    trial.terminals.order("slow", 0)
    trial.terminals.order("touch", 5)  # before it is up again: afterwards, they might just miss their turn
    trial.debian.boot()
    left = before & trial.holders()
    require(not left, f"leases were left behind by {left}")
    for name in (COLLECTOR, "eabsensi-portal"):
        until(lambda name=name: trial.debian.show(name, "ActiveState") == "active", 60, f"{name} came up by itself")
    return f"in the middle of poll {polls + 1}, no lease left; {trial.wait_until_stored(_TAKEN_UP_SECONDS)}"


CHECKS: Final[dict[str, Callable[[Trial], str]]] = {
    "a Debian boots": boots,
    "database and roles": database_is_made,
    "scripts/install": units_are_installed,
    "a city is registered": city_is_registered,
    "collector: READY": collector_is_ready,
    "collector: user and rights": collector_is_nobody,
    "collector: credentials": credentials_are_used,
    "collector: reload": reload_takes_a_terminal_over,
    "stored = ever punched": everything_is_stored,
    "portal: READY": portal_is_ready,
    "nginx before it": nginx_serves,
    "Caddy before it": caddy_serves,
    "collector: stop": stop_gives_everything_back,
    "nightly reports": night_writes_reports,
    "upkeep": upkeep_makes_months,
    "weekly proof": evidence_is_proved,
    "reboot in a sweep": reboot_loses_nothing,
    "collector: watchdog": watchdog_restarts,  # who is killed leaves leases, for which no check waits after this
    "journal: JSON lines": journal_is_json,
    "no secret anywhere": no_secret_anywhere,
}
