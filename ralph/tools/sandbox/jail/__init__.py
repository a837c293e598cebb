"""The process between ralph and a program: it confines the program, watches it, and ends it together with ralph.

It runs as `python -S -E -I` with a description on a descriptor, and imports nothing of ralph but this package, so that
it starts in a few milliseconds. It is a process of its own, because what has to happen between fork and exec cannot be
done safely in a process with threads.
"""
