"""Public instances with known values, read where they are."""
