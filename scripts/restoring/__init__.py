"""The restore drill; see ``scripts/restore-drill`` and docs/growth.md."""
