"""Public instances with known answers, one module a family: read, solved, recounted."""
