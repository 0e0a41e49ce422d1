"""The manager: a model that proposes how a table falls apart, and what verifies it."""
