"""Pictures of the reports' rows: pure functions from frozen values to SVG, the same in a page and in a PDF."""
