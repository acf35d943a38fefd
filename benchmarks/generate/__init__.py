"""A database full of executions of many tenants, of very different sizes: `python -m benchmarks.generate`."""
