"""MCP servers as tools of agents, asked through the official client; that is imported only where a server is asked."""
