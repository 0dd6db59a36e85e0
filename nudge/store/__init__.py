"""The store: tables, migrations, hash-chained event log and audit."""
