"""What each event type means: one handler per type number, grouped by the thing the events are about."""
