"""How large photos may be, and how large they are made. No Django."""

SMALL, LARGE = 320, 1280  # pixels of the longer side of a small photo; a smaller one stays so
MOST_PIXELS = 50_000_000  # more than any phone's camera takes in its usual mode
MEGABYTES = 768  # of addresses, for one photo of that size and what reads it
