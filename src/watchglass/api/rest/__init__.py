"""REST over the procedures: one path a procedure, described by an OpenAPI document."""
