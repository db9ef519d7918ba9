"""The only place that speaks SQL: tables, migrations, ingest, queries."""
