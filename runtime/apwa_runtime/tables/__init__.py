"""Tables: reading, validating and writing them."""
