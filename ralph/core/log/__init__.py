"""The log: events, their envelope, their JSON, and the protocols that record and read them."""
