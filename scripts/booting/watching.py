"""Looking for the planted secrets wherever somebody else could find them."""

from __future__ import annotations

from typing import Final

from scripts.booting.trial import Trial, require

#: Where secrets belong: files of root alone, and what systemd hands to one service; both folders have this name.
_BUT: Final = "--exclude-dir=credentials"
#: The database, the journal, reports, crash dumps, settings, temporary files.
_FOLDERS: Final = "/etc /var /tmp /run /srv /home /root"


def no_secret_anywhere(trial: Trial) -> str:
    """Search the journal, every process' arguments and environment, and every file but the credentials themselves."""
    for name, secret in {**trial.secrets, "bait": "eabsensi_collector"}.items():
        expected = name == "bait"  # what is surely there has to be found, or the search would prove nothing
        places = [place for place, command in _SEARCHES.items() if _finds(trial, command, secret)]
        require(
            bool(places) == expected,
            f"the {name} stands in {', '.join(places)}" if places else "the search finds nothing",
        )
    return f"{len(trial.secrets)} secrets, searched for in {', '.join(_SEARCHES)}"


# The secret is told on standard input: on a command line it would be found there.
_SEARCHES: Final = {
    "the journal": "journalctl --no-pager --all --output=export | grep -qwF -f <(told)",
    "arguments": "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -qwF -f <(told)",
    "environments": "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -qwF -f <(told)",
    "files": f"grep -rqwaF --devices=skip {_BUT} -f <(told) {_FOLDERS}",
}


def _finds(trial: Trial, command: str, secret: str) -> bool:
    command = f"read -r secret\ntold() {{ printf '%s' \"$secret\"; }}\n{command}"
    return trial.debian.try_run(command, written=f"{secret}\n").returncode == 0
