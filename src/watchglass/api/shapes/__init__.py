"""What goes over the wire: one model per input and output, camelCase in JSON, one file a noun."""
