"""Rows of a report, and their renderings: table, CSV, JSON, XLSX, PDF. Decides nothing."""
