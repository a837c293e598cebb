"""The wiring: settings, store, providers, tools and sessions, put together for a face."""
