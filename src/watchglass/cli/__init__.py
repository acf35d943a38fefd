"""The door: one file per command; `main` registers them, `up` wires everything once."""
