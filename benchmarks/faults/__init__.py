"""A campaign of faults: programs are killed at random moments and resumed, and must end as if nothing had happened."""
