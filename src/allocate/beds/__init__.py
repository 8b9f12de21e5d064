"""Winter beds: which to book ahead, and what comes of it in each possible winter."""
