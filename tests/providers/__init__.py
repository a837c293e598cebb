"""The providers over the scripted loopback server."""
