"""Home care cases to measure by: generated ones, and the scenarios that are shipped."""
