"""nginx and Caddy before the portal, each with the example of the documentation as it stands."""

from __future__ import annotations

import re
from typing import Final

from scripts.booting.trial import ADDRESS, SITE, Trial, require

_EXAMPLES: Final = "/opt/eabsensi/systemd"
_CURL: Final = (
    f"curl --silent --show-error --insecure --include --resolve {SITE}:443:127.0.0.1 --resolve {SITE}:80:127.0.0.1"
)
_CLAIMED: Final = "203.0.113.66"
_HEADERS: Final = (
    "content-security-policy: default-src 'none'",
    "strict-transport-security: max-age=",
    "x-content-type-options: nosniff",
    "cache-control: no-store",
)


def nginx_serves(trial: Trial) -> str:
    """Put nginx before the portal."""
    trial.debian.run(
        "install -d -m 700 /etc/ssl/eabsensi && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN="
        + SITE
        + " -keyout /etc/ssl/eabsensi/privkey.pem -out /etc/ssl/eabsensi/fullchain.pem"
    )
    trial.debian.run(
        f"cp {_EXAMPLES}/nginx.example.conf /etc/nginx/conf.d/eabsensi.conf && nginx -t && systemctl start nginx"
    )
    seen = _visit(trial)
    trial.debian.run("systemctl stop nginx")
    return f"nginx -t; {seen}"


def caddy_serves(trial: Trial) -> str:
    """Put Caddy before the portal."""
    # No certificate authority is reached from here, so Caddy signs for itself; the rest is the example.
    caddyfile = f"{{\n\tlocal_certs\n\tskip_install_trust\n}}\nimport {_EXAMPLES}/Caddyfile.example\n"
    trial.debian.run("cat > /etc/caddy/Caddyfile", written=caddyfile)
    trial.debian.run("caddy validate --config /etc/caddy/Caddyfile && systemctl start caddy")
    seen = _visit(trial)
    trial.debian.run("systemctl stop caddy")
    return f"caddy validate; {seen}"


def _visit(trial: Trial) -> str:
    """Go in by HTTP, be sent to HTTPS, log in, look at a page, and see what the portal has noted."""
    plain = trial.debian.run(f"{_CURL} http://{SITE}/login")
    require(re.search(rf"(?i)^location: {ADDRESS}/login\r?$", plain, re.MULTILINE), "HTTP is not sent on to HTTPS")
    page = trial.debian.run(f"{_CURL} --retry 20 --retry-all-errors --retry-delay 1 {ADDRESS}/login").lower()
    require(not (missing := [name for name in _HEADERS if name not in page]), f"headers are missing: {missing}")
    require("server: uvicorn" not in page and "server: nginx/" not in page, "the server tells its version")
    answer = _log_in(trial, trial.password)
    found = re.search(r"(?i)^set-cookie: (__Host-eabsensi=([^;]+);.*)$", answer, re.MULTILINE)
    if found is None:
        return require(False, f"no session was opened: {answer[:300]}") or ""
    cookie = found[1].lower()
    require(
        "secure" in cookie and "httponly" in cookie and "samesite" in cookie, f"the cookie is {cookie.split(';')[1:]}"
    )
    trial.secrets[f"cookie {len(trial.secrets)}"] = found[2]
    inside = trial.debian.run(
        f"{_CURL} --location --config - {ADDRESS}/", written=f'header = "Cookie: __Host-eabsensi={found[2]}"\n'
    )
    require("Ani Kusuma" in inside, "the session shows no page of Ani's")
    _log_in(trial, "salah-sekali")
    addresses = trial.query(
        "SELECT json_agg(DISTINCT address) FROM trail WHERE action LIKE '%log%in%' OR action LIKE '%login%'"
    )
    require(addresses == ["127.0.0.1"], f"the trail holds the addresses {addresses}")
    return "HTTPS, headers, log-in, a claimed address counts for nothing"


def _log_in(trial: Trial, password: str) -> str:
    form = f"--header 'Sec-Fetch-Site: same-origin' --header 'X-Forwarded-For: {_CLAIMED}' --data @-"
    return trial.debian.run(f"{_CURL} {form} {ADDRESS}/login", written=f"username=ani&password={password}")
