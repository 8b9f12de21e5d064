"""From a social care system's extract to a case: lines in, packages out, names nowhere."""
