"""The event table: what every stream and lane did in every cycle (docs/events.md)."""
