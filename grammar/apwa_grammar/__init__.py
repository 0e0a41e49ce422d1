"""What the language looks like: the Lark grammar."""
