"""A scripted loopback server that speaks the wires of the vendors, and their faults."""
