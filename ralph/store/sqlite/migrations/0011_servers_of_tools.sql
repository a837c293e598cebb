-- What servers of the Model Context Protocol listed, and the definitions of their tools that a person has seen.

CREATE TABLE mcp_lists (
    server TEXT NOT NULL,          -- sha256 of the server's configuration
    revision TEXT NOT NULL,        -- of the protocol; empty if the server did not answer
    at REAL NOT NULL,              -- seconds since 1970
    ttl_s REAL NOT NULL,
    data TEXT NOT NULL,            -- JSON
    PRIMARY KEY (server, revision)
) WITHOUT ROWID;

CREATE TABLE mcp_pins (
    server TEXT NOT NULL,          -- its name in the configuration
    tool TEXT NOT NULL,            -- its own name
    sha256 TEXT NOT NULL,
    definition TEXT NOT NULL,      -- JSON
    PRIMARY KEY (server, tool)
) WITHOUT ROWID;
