"""Programs with one seeded mistake each, and what checkers say of them."""
