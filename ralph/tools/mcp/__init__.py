"""The client of the Model Context Protocol: servers of tools, by the official SDK (extra `mcp`).

`servers` holds all servers, `server` one of them with its list and its connection. Only `connection`, `transports` and
`oauth` import the SDK, and `servers` imports those in a thread, when a server is first needed.
"""
