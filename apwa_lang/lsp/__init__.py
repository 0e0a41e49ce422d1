"""The language server: what an editor asks, answered from the one analysis. ``server`` alone knows the protocol."""
