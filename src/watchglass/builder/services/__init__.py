"""What nodes reach outside: HTTP services and PostgreSQL databases."""
