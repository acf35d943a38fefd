"""Values of the model to what goes over the wire. Pure; for the procedures and `watchglass inspect`."""
