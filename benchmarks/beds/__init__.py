"""Winters of Sefton with more and more samples; and mpi-sppy beside our decomposition."""
