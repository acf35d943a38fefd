"""The one room that speaks SQL: pools, tenant scope, tables, migrations and queries."""
