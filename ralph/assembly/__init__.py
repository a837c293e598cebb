"""The wiring: it combines settings, store, providers, tools and sessions for a face."""
