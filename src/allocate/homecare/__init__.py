"""Home care: who delivers each package, and who leads each area."""
