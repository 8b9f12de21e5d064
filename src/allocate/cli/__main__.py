"""``python -m allocate.cli``."""

from allocate.cli import main

main()
