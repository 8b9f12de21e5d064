"""Generated cases, public instances, and what every method makes of them in the same time."""
