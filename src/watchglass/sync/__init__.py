"""Make the database equal to Temporal: one run, the newest runs of a namespace, and everything that is due."""
