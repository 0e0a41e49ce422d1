"""Claims about shared state, the rules that decide them, and the automata behind the rules."""
