"""Use case: what people bring as files (spreadsheets, USB dumps) goes into the store, good rows first."""
