"""What the project depends on: licences, and known vulnerabilities; see scripts/check."""
